"""A scenario laid out in time: segments end to end, from standing to the tail."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from shinline.sim.curves import (
    Curve,
    Descent,
    Flight,
    Hump,
    Raised,
    Rest,
    chain_with_mean,
    pull_with_mean,
    smooth_rise,
)
from shinline.sim.faults import shape_of
from shinline.sim.planning import HANG, endings, set_up_rad, speeds_mps, stations_m
from shinline.sim.pose import Body
from shinline.sim.scenario import FalseStart, Incident, Loading, RepPlan, Roll, Scenario
from shinline.sim.shapes import PullShape
from shinline.sim.stickers import standing_gap_m
from shinline.sim.timeline import Segment, Timeline, evaluate
from shinline.types import Phase

Sizes = Sequence[Mapping[str, float]]

_RESTITUTION: Final = 0.34  # of rubber plates on a rubber floor
_LAST_BOUNCE_MPS: Final = 0.12
_SOFT_IMPACT_MPS: Final = 0.35  # a bar that is set down
_TOUCH_IMPACT_MPS: Final = 0.60  # a bar that is lowered into the next rep
_BOUNCE_IMPACT_MPS: Final = 1.20
_FAST_LOWERING: Final = 1.9  # duration of a fast lowering, in range of motion / impact speed
_SLACK_S: Final = 0.35
_ROLL_S: Final = 0.40
_STEP_S: Final = 0.8
_SAME_PLACE_M: Final = 1e-9
_WITHOUT_SLACK: Final = ("touch_and_go", "bounce", "hang")
_REBOUNDS: Final = ("bounce",)
_REACH_S: Final = 1.3
_HELD_AT_MPS: Final = 0.33  # mean velocity from which on hips shoot up earlier
_EARLIEST: Final = 0.15
_SPIN_RADPS: Final = 0.12  # plates turn a little while the bar hangs


class _Builder:
    """Lays segments end to end; knows where the bar, the hands and the plates are by then."""

    def __init__(self, scenario: Scenario, body: Body, sizes: Sizes) -> None:
        self._scenario = scenario
        self._body = body
        self._shapes = [shape_of(given) for given in sizes]
        self._endings = endings(scenario)
        self._speeds_mps = speeds_mps(scenario)
        self._segments: list[Segment] = []
        self._t_s = 0.0
        self._x_m = 0.0
        self._floor_x_m = 0.0
        self._turn_rad = 0.3
        self._plates = 1
        self._foot_m = self._foot_of(0) if self._shapes else 0.0
        self._set_up = (0.0, 0.0, 0.0)
        self._stand_for(0)

    @property
    def _standing(self) -> tuple[float, float]:
        """Where the hands are when the lifter stands."""
        return self._foot_m - self._body.shape.back_m, self._body.rom_m

    def _foot_of(self, index: int) -> float:
        """Return where the feet stand for a rep, 0 being the usual place."""
        if index > 0 and self._endings[index - 1][0] == "hang":
            return self._foot_m
        gap_m = self._shapes[index].gap_m
        return 0.0 if gap_m is None else self._x_m + standing_gap_m(self._body) - gap_m

    def _stand_for(self, index: int) -> None:
        """Take the set position of a rep from here on; the last one's stays."""
        if index < len(self._shapes):
            self._set_up = set_up_rad(self._body, self._shapes[index].set_up)

    def build(self) -> Timeline:
        """Walk through the scenario once."""
        self._stand(self._scenario.lead_s)
        ready = False
        for number, rep in enumerate(self._scenario.reps, start=1):
            ready = self._before(rep.before, ready)
            foot_m = self._foot_of(number - 1)
            if not ready:
                self._reach(foot_m)
            elif abs(foot_m - self._foot_m) > _SAME_PLACE_M:
                self._shuffle(number, foot_m)
            ready = self._rep(number, rep)
        self._after(ready)
        return Timeline(self._body, tuple(self._segments))

    def _add(self, segment: Segment) -> None:
        if segment.curve.duration_s > 0.0:
            self._segments.append(segment)
            self._t_s = segment.end_s

    def _segment(self, phase: Phase, curve: Curve, rep: int = 0) -> Segment:
        """Return a segment that starts now and leaves everything but the height alone."""
        return Segment(
            start_s=self._t_s,
            phase=phase,
            curve=curve,
            rep=rep,
            x_from=self._x_m,
            x_to=self._x_m,
            turn_from=self._turn_rad,
            plates=self._plates,
            set_up=self._set_up,
            foot_from=self._foot_m,
            foot_to=self._foot_m,
        )

    # --- without the bar

    def _stand(self, duration_s: float) -> None:
        segment = self._segment(Phase.IDLE, Rest(0.0, duration_s))
        self._add(replace(segment, hand_from=self._standing, hand_to=self._standing))

    def _reach(self, foot_m: float | None = None) -> None:
        """Step to the bar, bend down, take it, be still."""
        segment = self._segment(Phase.IDLE, Rest(0.0, _REACH_S))
        segment = replace(segment, hand_from=self._standing, hand_to=(self._x_m, 0.0))
        self._foot_m = self._foot_m if foot_m is None else foot_m
        self._add(replace(segment, foot_to=self._foot_m))
        self._add(self._segment(Phase.READY, Rest(0.0, self._scenario.settle_s)))

    def _shuffle(self, number: int, foot_m: float) -> None:
        """Step to another place with the hands on the bar, and be still."""
        if self._endings[number - 2][0] in _WITHOUT_SLACK:
            raise ValueError(
                f"fault setup_gap: rep {number}: expected the gap of the rep before,"
                " which leaves no time to step, or a stop between them"
            )
        segment = self._segment(Phase.READY, Rest(0.0, _STEP_S))
        self._foot_m = foot_m
        self._add(replace(segment, foot_to=foot_m))
        self._add(self._segment(Phase.READY, Rest(0.0, self._scenario.settle_s)))

    def _rise(self) -> None:
        segment = self._segment(Phase.IDLE, Rest(0.0, _REACH_S))
        self._add(replace(segment, hand_from=(self._x_m, 0.0), hand_to=self._standing))

    def _after(self, ready: bool) -> None:
        held = self._scenario.reps and self._scenario.reps[-1].then == "hold"
        if ready:
            self._add(self._segment(Phase.FLOOR, Rest(0.0, 0.5)))
            self._rise()
        if not held:
            self._stand(self._scenario.tail_s)

    # --- incidents

    def _before(self, incidents: tuple[Incident, ...], ready: bool) -> bool:
        for incident in incidents:
            ready = self._incident(incident, ready)
        return ready

    def _incident(self, incident: Incident, ready: bool) -> bool:
        """Let it happen; return whether the hands are on the bar afterwards."""
        match incident:
            case Roll():
                self._roll(incident, ready)
                return ready
            case FalseStart():
                if not ready:
                    self._reach()
                self._add(self._segment(Phase.SLACK, Rest(0.0, _SLACK_S)))
                up = Hump(0.0, incident.height_m, incident.duration_s)
                self._add(self._segment(Phase.SLACK, up))
                self._add(self._segment(Phase.READY, Rest(0.0, 0.6)))
                return True
            case Loading():
                if ready:
                    self._rise()
                self._load(incident)
                return False

    def _roll(self, roll: Roll, ready: bool) -> None:
        phase = Phase.FLOOR if ready else Phase.IDLE
        segment = self._segment(phase, Rest(0.0, roll.duration_s))
        segment = replace(segment, x_to=self._x_m + roll.dx_m, rolls=True)
        if not ready:
            segment = replace(segment, hand_from=self._standing, hand_to=self._standing)
        self._add(segment)
        self._take_over(segment)

    def _load(self, loading: Loading) -> None:
        """Somebody comes (35 % of the time), lifts the end and slides a plate on, and goes."""
        part_s = loading.duration_s / 10.0
        up = Hump(0.0, loading.lift_m, 3.0 * part_s)
        for curve, moved_m, plates in (
            (Rest(0.0, 3.5 * part_s), 0.0, 1),
            (up, loading.nudge_m, 2),
            (Rest(0.0, 3.5 * part_s), 0.0, 2),
        ):
            self._plates = plates
            segment = replace(
                self._segment(Phase.IDLE, curve),
                x_to=self._x_m + moved_m,
                rolls=True,
                helper=True,
                hand_from=self._standing,
                hand_to=self._standing,
            )
            self._add(segment)
            self._take_over(segment)

    # --- repetitions

    def _rep(self, number: int, plan: RepPlan) -> bool:
        """Lay out one rep; return whether the hands are still on the bar afterwards."""
        shape = self._shapes[number - 1]
        before = self._endings[number - 2][0] if number > 1 else "lower"
        if shape.roll_m > 0.0:
            self._roll_away(number, before, shape.roll_m)
        if before not in _WITHOUT_SLACK or plan.before:
            self._add(self._segment(Phase.SLACK, Rest(0.0, _SLACK_S)))
        top_m = self._pull(number, plan, shape, before)
        held = self._segment(Phase.LOCKOUT, Rest(top_m, plan.lockout_s), number)
        self._add(replace(held, shape=shape))
        if self._endings[number - 1][0] != "hold":
            self._stand_for(number)
        ending, rest_s = self._endings[number - 1]
        return self._ENDINGS[ending](self, number, plan, shape, top_m, rest_s)

    def _roll_away(self, number: int, before: str, roll_m: float) -> None:
        if before in _WITHOUT_SLACK:
            raise ValueError(f"fault bar_rolled: rep {number}: expected a stop before the pull")
        segment = self._segment(Phase.SLACK, Rest(0.0, _ROLL_S))
        segment = replace(segment, x_to=self._x_m + roll_m, rolls=True)
        self._add(segment)
        self._take_over(segment)

    def _pull(self, number: int, plan: RepPlan, shape: PullShape, before: str) -> float:
        """Pull; return where the bar ends."""
        base_m = HANG * self._body.rom_m if before == "hang" else 0.0
        rom_m = self._body.rom_m - shape.short_m - base_m
        given_mps = _RESTITUTION * _BOUNCE_IMPACT_MPS if before in _REBOUNDS else 0.0
        mean_mps = self._speeds_mps[number - 1]
        shape = replace(shape, drop_share=_drop_share(mean_mps))

        def rising(share: float) -> Curve:
            extra = (given_mps, shape.spike_mps, share)
            if shape.dip_m > 0.0 or shape.stops > 0:
                return chain_with_mean(stations_m(shape, rom_m), mean_mps, *extra)
            return pull_with_mean(rom_m, mean_mps, plan.sticking, *extra)

        smooth = self._scenario.smooth_start and "yank" not in plan.faults
        curve = smooth_rise(rising) if smooth else rising(shape.rise_share)
        if base_m == 0.0:
            self._floor_x_m = self._x_m
        segment = replace(
            self._segment(Phase.PULL, Raised(curve, base_m) if base_m else curve, number),
            x_from=self._floor_x_m,
            x_to=self._standing[0],
            by_height=True,
            shape=shape,
            spin_radps=_SPIN_RADPS,
            hinged=base_m > 0.0,
            low_m=base_m,
        )
        self._add(segment)
        self._take_over(segment)
        return base_m + rom_m

    def _lower(
        self, number: int, plan: RepPlan, shape: PullShape, top_m: float, rest_s: float
    ) -> bool:
        impact_mps = shape.impact_mps or _SOFT_IMPACT_MPS
        self._descend(number, plan, shape, impact_mps, top_m)
        self._bounce_out(impact_mps, on_hands=True)
        self._add(self._segment(Phase.FLOOR, Rest(0.0, rest_s)))
        return True

    def _touch(
        self, number: int, plan: RepPlan, shape: PullShape, top_m: float, rest_s: float
    ) -> bool:
        self._descend(number, plan, shape, shape.impact_mps or _TOUCH_IMPACT_MPS, top_m)
        self._add(self._segment(Phase.FLOOR, Rest(0.0, rest_s)))
        return True

    def _bounce(
        self, number: int, plan: RepPlan, shape: PullShape, top_m: float, rest_s: float
    ) -> bool:
        self._descend(number, plan, shape, shape.impact_mps or _BOUNCE_IMPACT_MPS, top_m)
        self._add(self._segment(Phase.FLOOR, Rest(0.0, rest_s)))
        return True

    def _hang(
        self, number: int, plan: RepPlan, shape: PullShape, top_m: float, rest_s: float
    ) -> bool:
        """Lower the bar to below the knee and turn there."""
        del rest_s
        self._descend(number, plan, shape, 0.0, top_m, HANG * self._body.rom_m)
        return True

    def _drop(
        self, number: int, plan: RepPlan, shape: PullShape, top_m: float, rest_s: float
    ) -> bool:
        fall = Flight(top_m, 0.0)
        self._falling(number, fall, shape)
        self._bounce_out(fall.impact_mps, on_hands=False)
        self._stand(rest_s)
        return False

    def _hold(
        self, number: int, plan: RepPlan, shape: PullShape, top_m: float, rest_s: float
    ) -> bool:
        segment = self._segment(Phase.LOCKOUT, Rest(top_m, self._scenario.tail_s), number)
        self._add(replace(segment, shape=shape))
        return False

    _ENDINGS: Final[
        dict[str, Callable[["_Builder", int, RepPlan, PullShape, float, float], bool]]
    ] = {
        "lower": _lower,
        "touch_and_go": _touch,
        "bounce": _bounce,
        "drop": _drop,
        "hold": _hold,
        "hang": _hang,
    }

    def _descend(
        self,
        number: int,
        plan: RepPlan,
        shape: PullShape,
        impact_mps: float,
        top_m: float,
        low_m: float = 0.0,
    ) -> None:
        way_m = top_m - low_m
        lower_s = plan.lower_s
        if impact_mps > 0.0:
            lower_s = min(lower_s, _FAST_LOWERING * way_m / impact_mps)
        down = Descent(way_m, impact_mps, lower_s)
        segment = replace(
            self._segment(Phase.LOWERING, Raised(down, low_m) if low_m else down, number),
            x_from=self._floor_x_m,
            x_to=self._standing[0],
            by_height=True,
            shape=PullShape(lean_deg=shape.lean_deg, short_m=shape.short_m),
            spin_radps=-_SPIN_RADPS,
            hinged=low_m > 0.0,
            low_m=low_m,
        )
        self._add(segment)
        self._take_over(segment)

    def _falling(self, number: int, flight: Flight, shape: PullShape) -> None:
        segment = self._segment(Phase.LOWERING, flight, number)
        hand = (self._x_m, flight.y_m)
        segment = replace(segment, shape=replace(PullShape(), lean_deg=shape.lean_deg))
        self._add(replace(segment, hand_from=hand, hand_to=self._standing))

    def _bounce_out(self, impact_mps: float, on_hands: bool) -> None:
        """Let the bar hop until it lies, back where it was; hands that hold it go along."""
        speed_mps = _RESTITUTION * impact_mps
        while speed_mps > _LAST_BOUNCE_MPS:
            segment = self._segment(Phase.FLOOR, Flight(0.0, speed_mps))
            segment = replace(segment, x_to=self._floor_x_m)
            if not on_hands:
                segment = replace(segment, hand_from=self._standing, hand_to=self._standing)
            self._add(segment)
            self._take_over(segment)
            speed_mps *= _RESTITUTION

    def _take_over(self, segment: Segment) -> None:
        """Leave bar and plates where the segment leaves them."""
        end = evaluate(segment, self._body, np.array([segment.end_s]))[:, 0]
        self._x_m, self._turn_rad = float(end[0]), float(end[3])


def _drop_share(mean_mps: float) -> float:
    """Return how early the trunk loses its angle: it is to be held for 0.1 s of the first part."""
    return max(_EARLIEST, min(1.0, (_HELD_AT_MPS / mean_mps) ** 2))


def lay_out_once(scenario: Scenario, body: Body, sizes: Sizes) -> Timeline:
    """Turn a scenario into a timeline, with the sizes of each rep's faults as they are given."""
    return _Builder(scenario, body, sizes).build()
