"""What can be asked of the engine, and what it makes of it: plans that change."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from shinline.coach.lifts import LIFTS
from shinline.config import MODES
from shinline.types import AskError, Plan

Values = dict[str, str | int | float | bool | None]

VERBS: Final = (
    "start_set",
    "end_set",
    "set_load",
    "label_rep",
    "rate_set",
    "report_soreness",
    "feedback_now",
    "mute",
)
UNDER_WAY: Final = "expected the bar on the floor; a repetition is under way"
LABELS: Final = ("good", "bad", "false", "failed")
PLACES: Final = (
    "low_back",
    "upper_back",
    "hips",
    "hamstrings",
    "quads",
    "knees",
    "shoulders",
    "arms",
    "elsewhere",
)
KINDS: Final = ("soreness", "pain")
MOST_KG: Final = 600.0
MOST_REPS: Final = 100


def planned(plan: Plan, values: Values) -> Plan:
    """Return the plan of a new set; what is not given stays. A target RPE of None takes it back.

    Raises
    ------
    AskError
        A value is none of those that are possible.
    """
    given = {name: v for name, v in values.items() if v is not None or name == "target_rpe"}
    unknown = set(given) - set(_CHECKS)
    if unknown:
        raise AskError(f"start_set: unknown {sorted(unknown)[0]!r}; expected {', '.join(_CHECKS)}")
    checked: dict[str, Any] = {name: _CHECKS[name](value) for name, value in given.items()}
    return replace(plan, **checked)


def load_kg(value: object) -> float:
    """Return a load, or refuse it."""
    return _number(value, 0.0, MOST_KG, "a load in kg")


def label(values: Values) -> tuple[str, str]:
    """Return a repetition's id and its label, or refuse them."""
    rep_id, said = values.get("rep_id"), values.get("label")
    if not isinstance(rep_id, str) or not rep_id:
        raise AskError("label_rep: expected rep_id, the id of a repetition")
    return rep_id, _one_of(said, LABELS, "a label")


def rpe(value: object) -> float:
    """Return a rating of perceived exertion, or refuse it."""
    return _number(value, 1.0, 10.0, "an RPE")


def soreness(values: Values) -> None:
    """Refuse a report of what is sore that nobody could read later."""
    _one_of(values.get("place"), PLACES, "a place")
    _one_of(values.get("kind", KINDS[0]), KINDS, "a kind")
    _number(values.get("level"), 0.0, 10.0, "a level")


def switch(value: object) -> bool:
    """Return whether something is to be on, or refuse it."""
    if not isinstance(value, bool):
        raise AskError(f"expected on: true or false, got {value!r}")
    return value


NOTED: Final[dict[str, Callable[[Values], object]]] = {
    "rate_set": lambda values: rpe(values.get("rpe")),
    "report_soreness": soreness,
}
"""What is only written down, with what refuses it: nothing follows from it while one lifts."""


def _number(value: object, least: float, most: float, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise AskError(f"expected {what} from {least:g} to {most:g}, got {value!r}")
    return float(value)


def _one_of(value: object, known: tuple[str, ...], what: str) -> str:
    if value not in known:
        raise AskError(f"expected {what}, one of {', '.join(known)}, got {value!r}")
    return str(value)


def _name(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 64:
        raise AskError("expected a lifter's name of 1 to 64 characters")
    return value


_CHECKS: Final[dict[str, Callable[[object], Any]]] = {
    "lifter": _name,
    "lift": lambda value: _one_of(value, tuple(LIFTS), "a lift"),
    "load_kg": load_kg,
    "target_reps": lambda value: int(_number(value, 0, MOST_REPS, "a number of repetitions")),
    "target_rpe": lambda value: None if value is None else rpe(value),
    "mode": lambda value: _one_of(value, MODES, "a mode"),
}
