"""The steps of a rig's calibration: what each asks for, and what it makes of what was seen.

A step keeps the sightings it was made of, so that it can be taken up again after a power cut, and
made again by a later version.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

import numpy as np

from shinline.types import DETECTION, NS_PER_S, Rows
from shinline_cal.rigging.evidence import Fall, ObservationError, Plumb, Rest, Roll, Swing
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
    title: str
    task: str
    watch_s: float
    observe: Callable[[Rows, float], Observation]
    optional: bool = False


def _rest(rows: Rows, _diameter_m: float) -> Rest:
    return rest(_latest(rows, 2.0))


def _vertical(rows: Rows, diameter_m: float) -> Observation:
    """Take a swing, else places on one string, else a fall: whatever was done."""
    told = ""
    ways: tuple[Callable[[Rows, float], Observation], ...] = (swing, plumb, fall)
    for way in ways:
        try:
            return way(rows, diameter_m)
        except ObservationError as problem:
            told = told or str(problem)
    raise ObservationError(told)


def _rolled(rows: Rows, diameter_m: float) -> Roll:
    return rolled(rows, diameter_m)


def _latest(rows: Rows, s: float) -> Rows:
    """Return the rows of the last seconds: what moved before it lay still does not matter."""
    return rows[rows["t_ns"] > rows["t_ns"][-1] - round(s * NS_PER_S)] if rows.size else rows


KINDS: Final = (
    Kind(
        "rest",
        "Bar on the floor",
        "Lay the bar where you lift, its marker toward the camera, and step out of the picture.",
        2.5,
        _rest,
    ),
    Kind(
        "plumb",
        "Straight up and down",
        "Hang a marker with a small weight under it on a string, close to where the bar's end goes "
        "up. Push it a little along the picture and let it swing alone.",
        8.0,
        _vertical,
    ),
    Kind(
        "again",
        "Once more, elsewhere",
        "Only before a bare wall, without a rack or a door frame: hang the string half a metre to "
        "the side and let it swing again. Two that agree make it sure.",
        8.0,
        _vertical,
        optional=True,
    ),
    Kind(
        "roll",
        "Along the floor",
        "Roll the bar half a metre toward you, and back again.",
        4.0,
        _rolled,
        optional=True,
    ),
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
    text: str = ""
    progress: float = 0.0
    done_at: str | None = None
    found: Observation | None = None
    rows: Rows = field(default_factory=lambda: np.zeros(0, DETECTION))

    def begin(self) -> None:
        """Start, or start again."""
        self.state, self.text, self.progress = "active", self.kind.task, 0.0
        self.rows = np.zeros(0, DETECTION)

    def finish(self, found: Observation, rows: Rows, done_at: str | None = None) -> None:
        """Take the result."""
        self.found, self.rows, self.state, self.progress = found, rows, "done", 1.0
        self.text = words(found)
        self.done_at = done_at or datetime.now(UTC).isoformat(timespec="seconds")

    def fail(self, text: str) -> None:
        """Give up; an earlier result stays."""
        self.state, self.text, self.progress = "failed", text, 0.0

    def leave(self) -> None:
        """Go back to how it was before it was begun."""
        self.state = "done" if self.found is not None else "todo"
        self.text = words(self.found) if self.found is not None else ""
        self.progress = 1.0 if self.found is not None else 0.0

    def told(self) -> dict[str, Any]:
        """Return it as the phone shows it."""
        return {
            "id": self.kind.id,
            "state": self.state,
            "title": self.kind.title,
            "text": self.text or self.kind.task,
            "progress": round(self.progress, 2),
            "optional": self.kind.optional,
            "done_at": self.done_at,
        }


def words(found: Observation) -> str:
    """Say what was found, for a lifter."""
    if isinstance(found, Swing):
        swings = (found.t_s[-1] - found.t_s[0]) / found.period_s
        return f"Seen swinging {swings:.0f} times to and fro, {found.period_s:.2f} s each."
    if isinstance(found, Plumb):
        return f"Seen hanging still at {len(found.places)} heights."
    if isinstance(found, Fall):
        return f"Seen falling for {found.t_s[-1] - found.t_s[0]:.2f} s."
    if isinstance(found, Roll):
        way_px = float(np.hypot(np.ptp(found.x_px), np.ptp(found.y_px)))
        return f"Seen rolling over {way_px:.0f} pixels."
    return f"Seen lying still; its marker is {2.0 * found.r_px:.0f} pixels wide."
