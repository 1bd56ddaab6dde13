"""Poses before a pull, and somebody who looks at them ten times a second."""

import numpy as np

from shinline.coach.body import Point
from shinline.coach.lifts import LIFTS
from shinline.coach.past import Past
from shinline.coach.setup import Around, Seen, SetupWatch
from shinline.config import Coach
from shinline.types import NS_PER_S, FaultVerdict, Role, SetupEvent, StepState

SD_M = 0.001
LOOK_S = 0.1
ARM_M = 0.55
NOW, DONE, WAITING, SELF = (
    StepState.NOW,
    StepState.DONE,
    StepState.WAITING,
    StepState.CHECK_YOURSELF,
)
Places = dict[Role, tuple[float, float]]

BAR: Places = {Role.BAR: (0.0, 0.0)}
FOOT_X_M = -0.0375 - 0.059
"""The middle of the good band, and half a shaft and a shin behind the bar's axis."""

LEG: Places = {Role.ANKLE: (FOOT_X_M, -0.12), Role.KNEE: (FOOT_X_M, 0.30)}
STANDING: Places = BAR | LEG | {Role.HIP: (-0.10, 0.72), Role.SHOULDER: (-0.10, 1.22)}
BENDING: Places = BAR | LEG | {Role.HIP: (-0.40, 0.50), Role.SHOULDER: (0.02, 0.85)}
GRABBING: Places = BAR | LEG | {Role.HIP: (-0.40, 0.33), Role.SHOULDER: (0.03, ARM_M)}
SHINS_AT_BAR: Places = GRABBING | {Role.KNEE: (0.05, 0.28)}
"""The shank's line is 14 mm of shaft and 45 mm of shin behind the bar, or less."""

SET = SHINS_AT_BAR


def trunk(deg: float) -> Places:
    """The set position with the trunk at this angle."""
    x, y = 0.03 - 0.5 * np.cos(np.radians(deg)), ARM_M - 0.5 * np.sin(np.radians(deg))
    return SET | {Role.HIP: (float(x), float(y))}


def gap(gap_m: float) -> Places:
    """The set position with bar, hips and shoulders so far ahead of the foot."""
    by_m = gap_m - 0.0375
    moved = {role: (x + by_m, y) for role, (x, y) in SET.items() if role not in LEG}
    return SET | moved


class Watch:
    """Look ten times a second."""

    def __init__(self, lift: str = "conventional", past: Past | None = None) -> None:
        self.watch = SetupWatch()
        self.lift = LIFTS[lift]
        self.around = Around(self.lift.coach(Coach()), past or Past())
        self.t_ns = NS_PER_S
        self.events: list[SetupEvent] = []

    def see(
        self,
        places: Places,
        for_s: float = LOOK_S,
        moving: bool = False,
        bar_moving: bool = False,
        placed: bool = True,
        facing: bool = True,
        arm_m: float = ARM_M,
    ) -> "Watch":
        points = {role: Point(x, y, SD_M) for role, (x, y) in places.items()}
        seen = Seen(points, not moving, not moving, not bar_moving, placed)
        for _ in range(round(for_s / LOOK_S)):
            self.t_ns += round(LOOK_S * NS_PER_S)
            self.events += self.watch.update(self.t_ns, seen, self.around, self.lift, facing, arm_m)
        return self

    @property
    def last(self) -> SetupEvent:
        return self.events[-1]

    @property
    def states(self) -> list[StepState]:
        return [step.state for step in self.last.steps]

    def check(self, code: str) -> FaultVerdict | None:
        return next((check for check in self.last.checks if check.code == code), None)


def line() -> tuple[Point, Point]:
    ankle, knee = LEG[Role.ANKLE], LEG[Role.KNEE]
    return Point(*ankle, SD_M), Point(*knee, SD_M)
