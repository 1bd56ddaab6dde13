"""Options that refuse what is out of their range, however they are written."""

import functools
import typing
from typing import Any

import msgspec


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind, include_extras=True)


class Checked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of all parts of a scenario: a value out of its range never gets inside."""

    def __post_init__(self) -> None:
        for name, hint in _hints(type(self)).items():
            try:
                msgspec.convert(getattr(self, name), hint)
            except msgspec.ValidationError as problem:
                message = str(problem).replace("`", "'").replace("Expected", "expected")
                raise ValueError(f"{name}: {message}, got {getattr(self, name)!r}") from None
