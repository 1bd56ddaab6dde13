"""What JSON allows and nobody means: a key given twice, and text that is not what it seems."""

import json
import unicodedata
from typing import Any, Final

_DIRECTION: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
"""Characters that turn the reading direction: with them a text can look like another."""

_UNSEEN: Final = frozenset(("Cc", "Cs", "Zl", "Zp"))
"""Unicode's categories of controls, halves of pairs, and separators of lines and paragraphs."""


def check_object(payload: bytes) -> None:
    """Look through a JSON object that is known to be well formed.

    Raises
    ------
    ValueError
        A key is given twice, in it or in an object inside, or a text has a character that cannot
        be shown or that changes how the others are shown.

    """
    _check_texts(json.loads(payload, object_pairs_hook=_once_each))


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"key given twice: {twice!r}")
    return found


def _check_texts(value: Any) -> None:
    if isinstance(value, str):
        wrong = next((sign for sign in value if _is_wrong(sign)), None)
        if wrong is not None:
            raise ValueError(f"a character that cannot be shown: U+{ord(wrong):04X}")
    elif isinstance(value, dict):
        for inner in value.values():
            _check_texts(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_texts(inner)


def _is_wrong(sign: str) -> bool:
    return sign in _DIRECTION or unicodedata.category(sign) in _UNSEEN
