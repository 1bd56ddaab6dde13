"""What the answers say: the ``data`` of each request's response, when its status is ``ok``."""

from typing import Final

import msgspec

from shinline.wire.mount import Level, Verdict


class Data(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing more than that it was done."""


class Showing(Data, frozen=True):
    """Pictures come, or no longer."""

    on: bool
    for_s: int


class Done(Data, frozen=True):
    """What to do next, in words; after ``save`` also how the camera stands."""

    text: str
    steps: tuple[str, ...] = ()
    roll_deg: float | None = None
    roll_sd_deg: float | None = None


class Health(Data, frozen=True):
    """How the camera stands, in a line."""

    verdict: Verdict
    headline: str


class Plan(Data, frozen=True):
    """All that is planned now."""

    lifter: str
    lift: str
    load_kg: float
    target_reps: int
    target_rpe: float | None
    mode: str
    muted: bool


class Planned(Data, frozen=True):
    """The set that was begun, or changed; ``null`` where nothing is new."""

    set: int | None
    plan: Plan


class Ended(Data, frozen=True):
    """The set that has ended; ``null`` where there was none."""

    set: int | None
    reps: int
    reason: str


class Labelled(Data, frozen=True):
    """What was noted."""

    rep_id: str
    label: str


class Rated(Data, frozen=True):
    """What was noted."""

    rpe: float


class Feedback(Data, frozen=True):
    """What is said, and about which repetition; ``null`` where there is nothing."""

    code: str | None
    text: str | None
    rep_id: str
    reason: str


class Noted(Data, frozen=True):
    """What was noted, in the lifter's own words; nothing is concluded from it."""

    place: str
    level: float
    kind: str | None = None
    lifter: str | None = None
    note: str | None = None


class Muted(Data, frozen=True):
    """Whether no cues are given."""

    on: bool


ANSWERS: Final[dict[str, type[msgspec.Struct]]] = {
    "preview": Showing,
    "level": Level,
    "calibrate": Done,
    "cancel": Data,
    "health_check": Health,
    "start_set": Planned,
    "end_set": Ended,
    "set_load": Planned,
    "label_rep": Labelled,
    "rate_set": Rated,
    "feedback_now": Feedback,
    "mute": Muted,
    "report_soreness": Noted,
}
"""By verb. A request that is answered only when it is refused is not in it."""
