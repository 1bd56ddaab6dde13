"""Body sources by name: entry points of the group ``shinline.body``.

An entry point is a function ``open_body(config, source)`` that returns a
:class:`~shinline.types.BodySource` or a :class:`~shinline.types.BodySensor`, or raises a
:class:`~shinline.config.ConfigError` that says what is missing. ``source`` is the open camera, for
what comes with its frames; None where a recording is gone through.
"""

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Final

from shinline.config import Config, ConfigError
from shinline.types import BodySensor, BodySource, FrameSource

GROUP: Final = "shinline.body"
NONE: Final = "none"

Opener = Callable[[Config, FrameSource | None], BodySource | BodySensor]


def open_body(config: Config, source: FrameSource | None) -> BodySource | BodySensor | None:
    """Open the configured source; None when none is wanted.

    Raises
    ------
    ConfigError
        There is no such source, or it cannot be used.

    """
    name = config.body.source
    if name == NONE:
        return None
    known = {point.name: point for point in entry_points(group=GROUP)}
    if name not in known:
        names = ", ".join(sorted({NONE, *known}))
        raise ConfigError(f"body.source: no source named {name!r}; there are: {names}")
    try:
        opener: Opener = known[name].load()
    except (ImportError, AttributeError) as problem:
        reason = f"(from {known[name].value}) cannot be used: {problem}"
        raise ConfigError(f"body.source: {name} {reason}") from None
    return opener(config, source)
