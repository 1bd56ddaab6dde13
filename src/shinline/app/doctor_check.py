"""What one look of ``shinline doctor`` found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """What one look found; ``advice`` is empty where nothing needs to be done."""

    name: str
    ok: bool
    detail: str
    advice: str = ""
