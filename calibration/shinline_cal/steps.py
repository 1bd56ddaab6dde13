"""The steps of a rig's calibration: what each asks for, and what it makes of what was seen.

A step keeps the sightings it was made of, so that it can be taken up again after a power cut, and
made again by a later version.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

import numpy as np

from shinline.app.words import tell
from shinline.config import Words
from shinline.types import DETECTION, NS_PER_S, Rows
from shinline.wire.mount import Said, Sentences
from shinline_cal.rigging.evidence import Fall, ObservationError, Plumb, Rest, Roll, Swing, say
from shinline_cal.rigging.moving import fall, swing
from shinline_cal.rigging.still import plumb, rest
from shinline_cal.rigging.turning import rolled

Observation = Rest | Plumb | Swing | Fall | Roll
State = Literal["todo", "active", "done", "failed", "skipped"]

TIMEOUT_S: Final = 90.0
"""A step that has seen nothing fit for so long is given up, and says what was missing."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of step.

    ``watch_s`` is for how long is looked before anything is made of it. ``observe`` takes the
    DETECTION rows of the bar's marker and the marker's diameter (m).
    """

    id: str
    task: Sentences
    watch_s: float
    observe: Callable[[Rows, float], Observation]
    optional: bool = False

    @property
    def title(self) -> Said:
        """What it is called."""
        return say(f"title_{self.id}")


def _rest(rows: Rows, _diameter_m: float) -> Rest:
    return rest(_latest(rows, 2.0))


def _vertical(rows: Rows, diameter_m: float) -> Observation:
    """Take a swing, else places on one string, else a fall: whatever was done."""
    told: Sentences = ()
    ways: tuple[Callable[[Rows, float], Observation], ...] = (swing, plumb, fall)
    for way in ways:
        try:
            return way(rows, diameter_m)
        except ObservationError as problem:
            told = told or problem.said
    raise ObservationError(*told)


def _rolled(rows: Rows, diameter_m: float) -> Roll:
    return rolled(rows, diameter_m)


def _latest(rows: Rows, s: float) -> Rows:
    """Return the rows of the last seconds: what moved before it lay still does not matter."""
    return rows[rows["t_ns"] > rows["t_ns"][-1] - round(s * NS_PER_S)] if rows.size else rows


KINDS: Final = (
    Kind("rest", (say("task_rest"),), 2.5, _rest),
    Kind("plumb", (say("task_plumb"), say("task_swing")), 8.0, _vertical),
    Kind("again", (say("task_again"), say("task_agree")), 8.0, _vertical, optional=True),
    Kind("roll", (say("task_roll"),), 4.0, _rolled, optional=True),
)
HUNG: Final = ("plumb", "again")
"""Steps with a marker on a string."""


REDO: Final = {
    "height": ("rest", "plumb", "again"),
    "distance": ("rest",),
    "tilt": ("rest", "roll"),
    "roll": ("rest", "plumb", "again"),
    "direction": ("rest", "plumb", "again"),
}
"""Which steps a camera that has moved makes worthless, by what was seen of its move."""


@dataclass(slots=True)
class Step:
    """One step, and how far it has come."""

    kind: Kind
    state: State = "todo"
    said: Sentences = ()
    progress: float = 0.0
    done_at: str | None = None
    found: Observation | None = None
    rows: Rows = field(default_factory=lambda: np.zeros(0, DETECTION))

    def begin(self) -> None:
        """Start, or start again."""
        self.state, self.said, self.progress = "active", self.kind.task, 0.0
        self.rows = np.zeros(0, DETECTION)

    def finish(self, found: Observation, rows: Rows, done_at: str | None = None) -> None:
        """Take the result."""
        self.found, self.rows, self.state, self.progress = found, rows, "done", 1.0
        self.said = (words(found),)
        self.done_at = done_at or datetime.now(UTC).isoformat(timespec="seconds")

    def fail(self, *said: Said) -> None:
        """Give up; an earlier result stays."""
        self.state, self.said, self.progress = "failed", said, 0.0

    def leave(self) -> None:
        """Go back to how it was before it was begun."""
        self.state = "done" if self.found is not None else "todo"
        self.said = (words(self.found),) if self.found is not None else ()
        self.progress = 1.0 if self.found is not None else 0.0

    def told(self, words: Words) -> dict[str, Any]:
        """Return it as the phone shows it, in words and by the keys of its sentences."""
        said = self.said or self.kind.task
        return {
            "id": self.kind.id,
            "state": self.state,
            "title": tell((self.kind.title,), words),
            "text": tell(said, words),
            "said": said,
            "progress": round(self.progress, 2),
            "optional": self.kind.optional,
            "done_at": self.done_at,
        }


def words(found: Observation) -> Said:
    """Say what was found, for a lifter."""
    if isinstance(found, Swing):
        swings = (found.t_s[-1] - found.t_s[0]) / found.period_s
        return say("found_swing", n=f"{swings:.0f}", s=f"{found.period_s:.2f}")
    if isinstance(found, Plumb):
        return say("found_plumb", n=f"{len(found.places)}")
    if isinstance(found, Fall):
        return say("found_fall", s=f"{found.t_s[-1] - found.t_s[0]:.2f}")
    if isinstance(found, Roll):
        way_px = float(np.hypot(np.ptp(found.x_px), np.ptp(found.y_px)))
        return say("found_roll", px=f"{way_px:.0f}")
    return say("found_rest", px=f"{2.0 * found.r_px:.0f}")
