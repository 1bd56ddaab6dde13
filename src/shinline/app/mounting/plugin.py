"""The calibrator, which others bring along: an entry point of the group ``shinline.calibrators``.

The product does not import its calibration tools. The entry point named ``rig`` is a function
``make(config, identity, folder)`` that returns a :class:`Calibrator`; ``folder`` is where rig files
are kept. Without one the assistant shows everything but the steps of a calibration.
"""

import logging
from datetime import date
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Final, Protocol

from shinline.config import Config, Lens, Rig
from shinline.types import CameraIdentity, Frame, U8Image

_LOG = logging.getLogger(__name__)

GROUP: Final = "shinline.calibrators"
NAME: Final = "rig"


class Calibrator(Protocol):
    """Takes a lifter through the calibration, step by step, while frames are coming in."""

    @property
    def step_ready(self) -> bool:
        """Whether all that is needed for ``save`` is there."""
        ...

    stale: tuple[str, ...]
    """What moved since it was calibrated."""

    rig: Rig | None
    lens: Lens | None
    """In force; None: there is none."""

    room: U8Image | None
    """The room as it looked then, (H, W)."""

    version: int
    """Goes up when another one is in force: a new session is to begin."""

    problem: str
    """Why no rig file is in force, in plain words."""

    @property
    def made_on(self) -> date | None:
        """The day of the calibration in force."""
        ...

    @property
    def residual_px(self) -> float | None:
        """RMS misfit of the calibration in force, of its worst observation; None: not known."""
        ...

    def applied(self, config: Config) -> Config:
        """Return a configuration with the calibration in force, if there is one."""
        ...

    def steps(self) -> list[dict[str, Any]]:
        """Return the steps, with the fields of :class:`shinline.wire.mount.Step`."""
        ...

    def offer(self, frame: Frame) -> None:
        """Take in a frame, which is borrowed; cheap when no step is active."""
        ...

    def command(self, action: str, step: str, values: dict[str, float]) -> dict[str, Any]:
        """Do what was asked; ValueError says in plain words why it cannot be done."""
        ...

    def cancel(self) -> None:
        """Leave the active step."""
        ...

    def moved(self, changed: tuple[str, ...]) -> None:
        """Take in what a moved camera changed; empty: all agrees again."""
        ...

    def close(self) -> None:
        """End what runs in the background."""
        ...


def load_calibrator(
    config: Config, identity: CameraIdentity | None, folder: Path
) -> Calibrator | None:
    """Make the calibrator, if there is one. One that cannot be made harms nobody, and is logged."""
    for point in entry_points(group=GROUP, name=NAME):
        try:
            calibrator: Calibrator = point.load()(config, identity, folder)
        except (ImportError, AttributeError, TypeError, ValueError, OSError) as problem:
            _LOG.warning("calibrator %s cannot be used: %s", point.value, problem)
            return None
        return calibrator
    return None
