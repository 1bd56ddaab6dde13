"""What a judge may look at, what it may answer, and its card."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from math import hypot
from typing import Final, Protocol

import numpy as np

from shinline.coach.body import Body, Point
from shinline.coach.bounds import Bounds
from shinline.coach.legs import Legs
from shinline.coach.numbers import Numbers
from shinline.coach.past import Past
from shinline.config import Coach
from shinline.geometry.middle import median
from shinline.types import NS_PER_S, FloatArray, HipNumbers, Role, Rows, Severity

MAX_SD_SHARE: Final = 0.2
TOP_SHARE: Final = 0.97
"""From so much of its highest place on the bar is at the top."""

ASIDE_REL_SD: Final = 0.012
"""What 8 degrees to the side take off a length, where that is not known."""

GOES_MPS: Final = -0.05
LEAVES_M: Final = 0.015
"""The bar leaves the top when it is so much below it and goes down."""


class When(IntEnum):
    """When in a repetition a fault can be decided; each is after the one before."""

    LIFT = 0
    """It is certain that the bar has left the floor."""

    OFF = 1
    """0.15 s after it did."""

    EARLY = 2
    """The bar has risen 120 mm, or a quarter of the range of motion."""

    KNEE = 3
    PAST_KNEE = 4
    """50 mm above the knee."""

    TOP = 5
    DOWN = 6
    """The bar begins to go down."""

    FLOOR = 7


class Circumstances(Protocol):
    """What levels depend on."""

    @property
    def coach(self) -> Coach:
        """The thresholds of the lift."""
        ...

    @property
    def past(self) -> Past:
        """What is known of the lifter."""
        ...


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a repetition, up to a moment ``now`` of it.

    ``bounds`` and ``numbers`` are final at the end; before, the lift seems to end where it has come
    to. ``rom_m`` is the range of motion, expected or measured. ``quiet`` are the rows of the set
    position, None when there was none.
    """

    now: When
    bar: Rows
    bounds: Bounds
    rom_m: float
    numbers: Numbers
    body: Body
    quiet: slice | None
    hips: HipNumbers | str
    legs: Legs
    past: Past
    facing_known: bool
    bounced: bool
    coach: Coach

    @property
    def pull(self) -> slice:
        """The rows from lift-off to lockout, or to now."""
        return slice(self.bounds.first, self.bounds.last + 1)

    @property
    def scale_rel_sd(self) -> float:
        """How unsure lengths along the floor are: the scale, and where a camera looks from."""
        return hypot(self.numbers.rom_sd_m / self.rom_m, 0.0 if self.body.placed else ASIDE_REL_SD)

    def bar_point(self, window: slice) -> Point:
        """Return the bar's mean place over a window."""
        rows = self.bar[window]
        noise_m = median(rows["sd_m"])
        return Point(float(rows["x_m"].mean()), float(rows["y_m"].mean()), noise_m)

    def time_s(self, window: slice) -> FloatArray:
        """Return the times of a window, from lift-off."""
        since: FloatArray = (self.bar["t_ns"][window] - self.bounds.start_ns) / NS_PER_S
        return since

    def rise_m(self, window: slice) -> FloatArray:
        """Return the bar's height over lift-off in a window."""
        rise: FloatArray = self.bar["y_m"][window] - self.bounds.start_m
        return rise

    def below_top(self) -> slice:
        """Return the rows from lift-off until the bar first comes near its height at lockout.

        What it does from there on is not the pull: a fast bar swings over the top and settles.
        """
        pull = self.pull
        rise = self.rise_m(pull)
        stop = int(np.argmax(rise >= TOP_SHARE * float(rise[-1])))
        return slice(pull.start, pull.start + stop + 1)

    def standing(self) -> slice:
        """Return the rows in which the bar is at the top, until it begins to go down."""
        begin = self.bounds.last
        rise = self.rise_m(slice(begin, self.bounds.end + 1))
        high_m = float(rise.max())
        high = np.flatnonzero(rise >= TOP_SHARE * high_m)
        first, last = begin + int(high[0]), begin + int(high[-1])
        v_mps = self.bar["vy_mps"][first : last + 1]
        below = rise[int(high[0]) : int(high[-1]) + 1] < high_m - LEAVES_M
        goes = np.flatnonzero(below & (v_mps < GOES_MPS))
        return slice(first, first + int(goes[0]) if goes.size else last + 1)

    def until(self, rise_m: float) -> slice:
        """Return the rows from lift-off to the first at a height, or to now if it is not there."""
        pull = self.pull
        above = np.flatnonzero(self.rise_m(pull) >= rise_m)
        return slice(pull.start, pull.start + int(above[0]) + 1) if above.size else pull


@dataclass(frozen=True, slots=True)
class Finding:
    """A value with its standard deviation, in the unit of the card.

    ``coverage`` is the share of the window in which what is needed was seen.
    """

    value: float
    sd: float
    coverage: float = 1.0
    sd_share: float = MAX_SD_SHARE
    """The standard deviation may be at most so much of the way to the threshold."""

    noisy: str = ""
    """What to say when it is more; empty: what the card says."""

    details: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Levels:
    """From where on a value is worth mentioning, a fault, a severe one.

    ``nominal`` is where nothing is wrong: a value is bad by its distance from there, on the side
    of the thresholds. None: there is no such level.
    """

    nominal: float
    warn: float | None
    fault: float | None
    severe: float | None = None

    @property
    def threshold(self) -> float:
        """The level that decides: of a fault, or of a mention where a fault is not known."""
        level = self.fault if self.fault is not None else self.warn
        assert level is not None  # noqa: S101  (no card has neither)
        return level


Grade = Callable[[Circumstances, Finding, Levels], Severity]


@dataclass(frozen=True, slots=True)
class Card:
    """One fault.

    ``measure`` returns the reason in words where the evidence is missing. ``levels`` may look at
    the value, because a gap can be too small or too large. ``grade`` replaces the plain comparison
    where a fault takes more than one number. ``noisy`` says what to do when the value is too
    unsure.
    """

    code: str
    title: str
    unit: str
    when: When
    markers: tuple[Role, ...]
    measure: Callable[[Evidence], Finding | str]
    levels: Callable[[Circumstances, Finding | None], Levels]
    noisy: str
    grade: Grade | None = None
    faces: bool = False
    """Whether it must be known which way the lifter faces."""

    own: bool = True
    """Whether a lifter's baseline moves the levels as for most; else ``levels`` looks at it."""

    seen_otherwise: bool = False
    """Whether what the markers tell can be told without them, less surely."""

    growing: bool = False
    """Whether growth over a set is told as form that decays."""
