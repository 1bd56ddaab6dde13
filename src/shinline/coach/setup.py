"""The set-up before a pull, while something can still be done about it.

Looked at about ten times a second while the bar lies: where the stickers are says whether the
lifter stands, bends, or is set; five steps are confirmed by what is measured where it can be, and
left to the lifter where it cannot; the checks are those of the fault cards, by the same formulas.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import hypot
from statistics import median
from typing import Final

from shinline.coach.body import Point, Points, behind_deg, line_sd_deg, trunk_of
from shinline.coach.faults import (
    bar_rolled,
    elbows_to_knees,
    hips_high_start,
    hips_low_start,
    setup_gap,
)
from shinline.coach.faults.card import Card, Finding
from shinline.coach.faults.elbows_to_knees import arm_ahead_m
from shinline.coach.faults.hips_high_start import start_numbers, start_sd_deg
from shinline.coach.faults.hips_low_start import behind_m
from shinline.coach.faults.verdict import decide
from shinline.coach.legs import Legs, Lengths, gap_at, gap_sd_m
from shinline.coach.lifts import Lift
from shinline.coach.past import Past, Standing
from shinline.config import Coach
from shinline.types import (
    NS_PER_S,
    FaultVerdict,
    Posture,
    Role,
    SetupEvent,
    SetupStep,
    Severity,
    StepState,
)

STANDS_DEG: Final = 72.0
BENT_DEG: Final = 60.0
SET_MOVED_M: Final = 0.0075
"""A sticker that goes less far between the halves of 0.3 s is slower than 50 mm/s."""

SET_S: Final = 0.3
RESTED_S: Final = 0.5
LOOKS: Final = 20
"""Of the lifter standing, the newest: two seconds."""

ROLLED_AWAY_M: Final = 0.10
TOUCHES_M: Final = 0.012
ARM_M: Final = 0.03
LIES_M: Final = 0.002
BACK_DEG: Final = 17.0
"""The line from a sticker on the back to the shoulder is flatter than the trunk by so much."""

TRUNK: Final = (Role.CREST, Role.HIP, Role.MID_BACK)
"""Places of the trunk, the best first, of which the line to the shoulder shows how it leans."""

HYSTERESIS: Final = 0.7
"""A check that was at fault is one until it is within so much of the way to the threshold."""

MUST_BE_RIGHT: Final = frozenset({"setup_gap", "hips_high_start", "hips_low_start"})
"""Of these one at least must have been seen: the others are never more than a mention."""

STEPS: Final = ("bend", "grab", "shins", "chest", "pull")


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen at one moment: places of the bar and the stickers.

    ``still``: all stickers hold still; ``slow``: none moves much.

    ``placed``: at their own depths, by a calibrated camera, of which the roll is unsure by
    ``roll_sd_deg`` and all stickers together by ``aside_sd_m`` to the side of the bar.
    """

    points: Mapping[Role, Point]
    still: bool
    slow: bool
    bar_still: bool
    placed: bool
    roll_sd_deg: float = 0.0
    aside_sd_m: float = 0.0
    posture: Posture | None = None
    """What the silhouette does, where no stickers tell; None: not known."""


@dataclass(frozen=True, slots=True)
class Around:
    """What the levels of the checks depend on."""

    coach: Coach
    past: Past


class SetupWatch:
    """Follow the lifter up to the pull."""

    def __init__(self) -> None:
        self.standing = Standing()
        self.stands = False
        """Whether the lifter stood, without the bar, at the last look."""

        self.rested_x_m: float | None = None
        self.lengths = Lengths()
        self._leans: dict[Role, deque[float]] = {}
        self._foot: tuple[Point, Point] | None = None
        self._last: SetupEvent | None = None
        self._set_ns: int | None = None
        self._rest_ns: int | None = None
        self._bent = False
        self._faulty: frozenset[str] = frozenset()
        self._lay_x_m = 0.0

    def forget(self) -> None:
        """Somebody else lifts, or the clock was set back."""
        self.standing, self._foot, self.rested_x_m = Standing(), None, None
        self._leans.clear()
        self._set_ns = self._rest_ns = None
        self.lengths.forget()
        self._bent, self._faulty = False, frozenset()

    def mirror(self) -> None:
        """Turn the x axis round: it has become known which way the lifter faces."""
        self._lay_x_m = -self._lay_x_m
        if self.rested_x_m is not None:
            self.rested_x_m = -self.rested_x_m
        self._leans = {r: deque((-lean for lean in each), LOOKS) for r, each in self._leans.items()}
        leans = {role: -lean for role, lean in self.standing.lean_deg.items()}
        self.standing = replace(self.standing, lean_deg=leans)
        if self._foot is not None:
            ankle, knee = self._foot
            self._foot = replace(ankle, x_m=-ankle.x_m), replace(knee, x_m=-knee.x_m)

    def pulls(self, t_ns: int) -> list[SetupEvent]:
        """The bar was lifted: all steps are done that were not left to the lifter."""
        self._set_ns, self._bent, self._faulty = None, False, frozenset()
        last = self._last
        if last is None or all(s.state is not StepState.NOW for s in last.steps):
            return []
        steps = tuple(
            s if s.state is StepState.CHECK_YOURSELF else replace(s, state=StepState.DONE)
            for s in last.steps
        )
        self._last = SetupEvent(t_ns, steps, None, last.checks)
        return [self._last]

    def update(
        self, t_ns: int, seen: Seen, around: Around, lift: Lift, facing_known: bool, arm_m: float
    ) -> list[SetupEvent]:
        """Look at one moment; ``arm_m`` is the distance of shoulder and bar in a pull, 0 unknown.

        Returns an event when anything of it changed.
        """
        self._watch_bar(t_ns, seen)
        if seen.placed and seen.slow:
            self.lengths.look(seen.points)
        trunk = _trunk_deg(seen.points)
        self.stands = trunk is not None and trunk > STANDS_DEG
        if self.stands:
            self._stand(seen)
        self._bent = trunk is not None and trunk < BENT_DEG
        settled = self._bent and seen.still
        self._set_ns = (self._set_ns or t_ns) if settled else None
        is_set = self._set_ns is not None and t_ns - self._set_ns >= SET_S * NS_PER_S
        checks = self._checks(seen, around, lift, is_set, facing_known)
        ready = None
        if is_set and any(c.code in MUST_BE_RIGHT for c in checks):
            ready = all(c.severity is not Severity.FAULT for c in checks)
        steps = self._steps(seen, trunk, is_set, checks, facing_known, arm_m)
        return self._say(SetupEvent(t_ns, steps, ready, checks))

    def _say(self, event: SetupEvent) -> list[SetupEvent]:
        if self._last is not None and _outline(self._last) == _outline(event):
            return []
        self._last = event
        return [event]

    def _watch_bar(self, t_ns: int, seen: Seen) -> None:
        """Note where the bar lay before anybody touched it."""
        bar = seen.points.get(Role.BAR)
        if bar is None:
            return
        if not seen.bar_still or abs(bar.x_m - self._lay_x_m) > LIES_M:
            self._rest_ns, self._lay_x_m = None, bar.x_m
            return
        self._rest_ns = self._rest_ns or t_ns
        if t_ns - self._rest_ns >= RESTED_S * NS_PER_S:
            self.rested_x_m = bar.x_m

    def _stand(self, seen: Seen) -> None:
        """Learn how the lifter stands; a lifter who stands may have moved the feet."""
        points = seen.points
        self._foot = None
        if not seen.still:
            return
        ankle, knee = points.get(Role.ANKLE), points.get(Role.KNEE)
        if seen.placed and ankle is not None and knee is not None:
            self._foot = ankle, knee
        shoulder = points[Role.SHOULDER]
        lower = [role for role in TRUNK if role in points]
        if not lower:
            return
        for role in lower:
            leans = self._leans.setdefault(role, deque(maxlen=LOOKS))
            leans.append(behind_deg(points[role], shoulder))
        usual: dict[Role, float] = {
            role: median(self._leans[role]) for role in TRUNK if role in self._leans
        }
        best = next(iter(usual))
        wavers_deg = 1.48 * median(abs(lean - usual[best]) for lean in self._leans[best])
        noise = (replace(p, sd_m=p.noise_m) for p in (points[lower[0]], shoulder))
        self.standing = Standing(usual, hypot(line_sd_deg(*noise), wavers_deg))

    def _line(self, legs: Legs) -> tuple[Point, Point] | None:
        """Return ankle and knee of the lifter as he stands over this bar."""
        return self._foot or legs.standing

    def _checks(
        self, seen: Seen, around: Around, lift: Lift, is_set: bool, facing_known: bool
    ) -> tuple[FaultVerdict, ...]:
        found: list[tuple[Card, Finding]] = []
        points = dict(seen.points)
        line = self._line(around.past.legs)
        bar = points.get(Role.BAR)
        if bar is None:
            return ()
        if line is not None and seen.placed and facing_known:
            sd_m = hypot(gap_sd_m(line, bar.y_m), seen.aside_sd_m, bar.sd_m)
            gap = Finding(gap_at(line, bar.x_m, bar.y_m), sd_m)
            found.append((setup_gap.CARD, gap))
        if is_set and self.rested_x_m is not None:
            rolled = abs(bar.x_m - self.rested_x_m)
            if rolled < ROLLED_AWAY_M:
                found.append((bar_rolled.CARD, Finding(rolled, 1.5 * bar.sd_m)))
        if is_set:
            found += self._at_set(seen, around, facing_known)
        verdicts = tuple(
            self._held(verdict, card.levels(around, finding).nominal)
            for card, finding in found
            if card.code not in lift.off and (verdict := decide(card, finding, around)).assessed
        )
        self._faulty = frozenset(v.code for v in verdicts if v.severity is Severity.FAULT)
        return verdicts

    def _at_set(self, seen: Seen, around: Around, facing_known: bool) -> list[tuple[Card, Finding]]:
        found: list[tuple[Card, Finding]] = []
        points, placed = seen.points, seen.placed and facing_known
        if Role.HIP not in points:
            return found
        trunk, sd, details = start_numbers(points, around.past.legs.ankle)
        sd = start_sd_deg(sd, seen.roll_sd_deg, seen.placed)
        knee_only = around.coach.start_trunk_deg <= hips_high_start.NO_TRUNK_DEG
        if not knee_only or "knee_deg" in details:
            found.append((hips_high_start.CARD, Finding(trunk, sd, details=details)))
        if placed:
            value, sd = behind_m(points)
            sd = hypot(sd, seen.aside_sd_m)
            found.append((hips_low_start.CARD, Finding(value, sd, details={"hip_rise_m": 0.0})))
            if Role.KNEE in points:
                value, sd = arm_ahead_m(points)
                found.append((elbows_to_knees.CARD, Finding(value, hypot(sd, seen.aside_sd_m))))
        return found

    def _held(self, verdict: FaultVerdict, nominal: float) -> FaultVerdict:
        """Keep a fault until it is well below its threshold, so that the light does not flicker."""
        if verdict.code not in self._faulty or verdict.value is None:
            return verdict
        share = (verdict.value - nominal) / (verdict.threshold - nominal)
        return replace(verdict, severity=Severity.FAULT) if share > HYSTERESIS else verdict

    def _steps(
        self,
        seen: Seen,
        trunk: float | None,
        is_set: bool,
        checks: tuple[FaultVerdict, ...],
        facing_known: bool,
        arm_m: float,
    ) -> tuple[SetupStep, ...]:
        """Tell how far each step is; None: it cannot be seen."""
        done: dict[str, bool | None] = {
            "bend": _bends(seen, trunk),
            "grab": self._grabs(seen, arm_m),
            "shins": self._touches(seen, facing_known),
            "chest": self._chest(is_set, checks) if trunk is not None else None,
            "pull": False,
        }
        states: list[SetupStep] = []
        for code in STEPS:
            state = StepState.CHECK_YOURSELF if done[code] is None else StepState.WAITING
            if done[code]:
                state = StepState.DONE
            elif state is StepState.WAITING and not any(
                s.state in (StepState.NOW, StepState.WAITING) for s in states
            ):
                state = StepState.NOW
            states.append(SetupStep(code, state))
        return tuple(states)

    def _grabs(self, seen: Seen, arm_m: float) -> bool | None:
        bar, shoulder = seen.points.get(Role.BAR), seen.points.get(Role.SHOULDER)
        if bar is None or shoulder is None or arm_m <= 0.0 or not seen.placed:
            return None
        return abs(hypot(shoulder.x_m - bar.x_m, shoulder.y_m - bar.y_m) - arm_m) < ARM_M

    def _touches(self, seen: Seen, facing_known: bool) -> bool | None:
        """Tell whether the shin is at the bar now."""
        bar, knee = seen.points.get(Role.BAR), seen.points.get(Role.KNEE)
        ankle = seen.points.get(Role.ANKLE) or (self._foot[0] if self._foot else None)
        if bar is None or knee is None or ankle is None or not (seen.placed and facing_known):
            return None
        return gap_at((ankle, knee), bar.x_m, bar.y_m) < TOUCHES_M

    @staticmethod
    def _chest(is_set: bool, checks: tuple[FaultVerdict, ...]) -> bool | None:
        """Tell whether the start is as it should be; what cannot be judged is not confirmed."""
        judged = [c for c in checks if c.code in ("hips_high_start", "hips_low_start")]
        if is_set and not judged:
            return None
        return is_set and all(c.severity is not Severity.FAULT for c in judged)


def _bends(seen: Seen, trunk: float | None) -> bool | None:
    """Tell whether the lifter is bent down, by stickers or else by the silhouette."""
    if trunk is not None:
        return trunk < BENT_DEG
    return None if seen.posture is None else seen.posture is Posture.BENDS


def _trunk_deg(points: Points) -> float | None:
    """Return the trunk's angle above the horizontal by whatever of it is seen."""
    shoulder = points.get(Role.SHOULDER)
    if shoulder is None:
        return None
    lower = points.get(Role.HIP) or points.get(Role.CREST)
    if lower is not None:
        return trunk_of(lower, shoulder)
    middle = points.get(Role.MID_BACK)
    return None if middle is None else trunk_of(middle, shoulder) + BACK_DEG


def _outline(event: SetupEvent) -> object:
    """What of an event makes it another one: not its numbers."""
    return event.steps, event.ready, tuple((c.code, c.severity) for c in event.checks)
