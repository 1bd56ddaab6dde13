"""What happens when: the scenario laid out as segments, each an exact function of time."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shinline.sim.body import BACK_TRAVEL_M, PLATE_RADIUS_M, Body, trunk_rad
from shinline.sim.curves import Curve, Descent, Flight, Hump, Pull, Rest, pull_with_mean
from shinline.sim.faults import PullShape, shape_of, smooth
from shinline.sim.scenario import FalseStart, Incident, Loading, RepPlan, Roll, Scenario
from shinline.types import FloatArray, Phase

_RESTITUTION: Final = 0.34  # of rubber plates on a rubber floor
_LAST_BOUNCE_MPS: Final = 0.12
_SOFT_IMPACT_MPS: Final = 0.35  # a bar that is set down
_TOUCH_IMPACT_MPS: Final = 0.60  # a bar that is lowered into the next rep
_BOUNCE_IMPACT_MPS: Final = 1.20
_FAST_LOWERING: Final = 1.9  # duration of a fast lowering, in range of motion / impact speed
_SLACK_S: Final = 0.35
_WITHOUT_SLACK: Final = ("touch_and_go", "bounce")
_REACH_S: Final = 1.3
_BACK_FROM: Final = 0.30  # fraction of the range from where the bar follows the legs back
_DROP_WINDOW_M: Final = 0.12
_DROP_OVER: Final = 0.80  # fraction of the range at which the trunk has its angle back
_SPIN_RADPS: Final = 0.12  # plates turn a little while the bar hangs


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of time with one rule of motion.

    ``x_from`` .. ``x_to`` is passed over the segment's time, or over the height between
    ``_BACK_FROM`` of the range and the top when ``by_height``. ``hand_from`` .. ``hand_to`` moves
    the hands by themselves; without them they hold the bar. ``rep`` counts from 1, 0 belongs to
    none. ``helper`` tells whether somebody else stands at the bar, ``plates`` how many there are.
    """

    start_s: float
    phase: Phase
    curve: Curve
    rep: int = 0
    x_from: float = 0.0
    x_to: float = 0.0
    by_height: bool = False
    shape: PullShape = field(default_factory=PullShape)
    turn_from: float = 0.0
    spin_radps: float = 0.0
    rolls: bool = False
    hand_from: tuple[float, float] | None = None
    hand_to: tuple[float, float] | None = None
    helper: bool = False
    plates: int = 1

    @property
    def end_s(self) -> float:
        """When the next segment takes over."""
        return self.start_s + self.curve.duration_s


@dataclass(frozen=True, slots=True)
class Sample:
    """What moves, at n instants: metres, m/s, radians; each (n,) but ``hand_xy`` (n, 2)."""

    t_s: FloatArray
    x_m: FloatArray
    y_m: FloatArray
    vy_mps: FloatArray
    turn_rad: FloatArray
    hand_xy: FloatArray
    trunk_drop_rad: FloatArray
    segment: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Segments without gaps, from 0 to ``duration_s``."""

    body: Body
    segments: tuple[Segment, ...]

    @property
    def duration_s(self) -> float:
        """How long the recording lasts."""
        return self.segments[-1].end_s

    def of_rep(self, rep: int) -> tuple[Segment, ...]:
        """Return the segments of one rep: its pull, lockout, and what follows down to the floor."""
        return tuple(s for s in self.segments if s.rep == rep)

    def helper_span_s(self, index: int) -> tuple[float, float] | None:
        """Return from when to when the helper seen in a segment is about; None: nobody is."""
        if not self.segments[index].helper:
            return None
        first = last = index
        while first > 0 and self.segments[first - 1].helper:
            first -= 1
        while last + 1 < len(self.segments) and self.segments[last + 1].helper:
            last += 1
        return self.segments[first].start_s, self.segments[last].end_s

    def sample(self, t_s: FloatArray) -> Sample:
        """Return the state at any instants; those outside the recording get its nearer end."""
        t_s = np.clip(t_s, 0.0, self.duration_s)
        starts_s = np.array([s.start_s for s in self.segments])
        index = np.searchsorted(starts_s, t_s, side="right") - 1
        rows = np.zeros((7, len(t_s)))
        for number in np.unique(index):
            chosen = index == number
            rows[:, chosen] = _evaluate(self.segments[number], self.body, t_s[chosen])
        x_m, y_m, vy_mps, turn_rad = rows[:4]
        return Sample(t_s, x_m, y_m, vy_mps, turn_rad, rows[4:6].T, rows[6], index)


def _evaluate(segment: Segment, body: Body, t_s: FloatArray) -> FloatArray:
    """Return x, y, vy, turn, hand x, hand y and trunk drop as rows."""
    local_s = t_s - segment.start_s
    y_m, vy_mps = segment.curve.at(local_s)
    done = local_s / segment.curve.duration_s
    progress = y_m / body.rom_m
    ease = (progress - _BACK_FROM) / (1.0 - _BACK_FROM) if segment.by_height else done
    x_m = segment.x_from + (segment.x_to - segment.x_from) * smooth(ease)
    for bulge in segment.shape.bulges:
        x_m = x_m + bulge.at(progress)
    turn_rad = segment.turn_from + segment.spin_radps * local_s
    if segment.rolls:
        turn_rad = turn_rad - (x_m - segment.x_from) / PLATE_RADIUS_M
    hand = _hand(segment, x_m, y_m, done)
    return np.stack([x_m, y_m, vy_mps, turn_rad, *hand, _trunk_drop_rad(segment, body, y_m)])


def _hand(
    segment: Segment, x_m: FloatArray, y_m: FloatArray, done: FloatArray
) -> tuple[FloatArray, FloatArray]:
    if segment.hand_from is None or segment.hand_to is None:
        return x_m, y_m
    ease = smooth(done)
    (x0, y0), (x1, y1) = segment.hand_from, segment.hand_to
    return x0 + (x1 - x0) * ease, y0 + (y1 - y0) * ease


def _trunk_drop_rad(segment: Segment, body: Body, y_m: FloatArray) -> FloatArray:
    """Return how much flatter the trunk is than a good pull's at this height.

    The size of the fault counts from the trunk's angle at the start, so what a good pull has
    gained by then is taken off as well.
    """
    if segment.shape.trunk_drop_deg == 0.0:
        return np.zeros(y_m.shape)
    lost_by_m = min(_DROP_WINDOW_M, 0.25 * body.rom_m)
    gone = smooth((y_m - _DROP_WINDOW_M) / (_DROP_OVER * body.rom_m - _DROP_WINDOW_M))
    window = smooth(y_m / lost_by_m) * (1.0 - gone)
    gained_rad = trunk_rad(body, y_m) - body.shape.trunk_rad
    lost_rad = float(np.deg2rad(segment.shape.trunk_drop_deg))
    return np.asarray(window * (lost_rad + gained_rad))


class _Builder:
    """Lays segments end to end; knows where the bar, the hands and the plates are by then."""

    def __init__(self, scenario: Scenario, body: Body) -> None:
        self._scenario = scenario
        self._body = body
        self._segments: list[Segment] = []
        self._t_s = 0.0
        self._x_m = 0.0
        self._floor_x_m = 0.0
        self._turn_rad = 0.3
        self._plates = 1
        self._standing = (-BACK_TRAVEL_M, body.rom_m)

    def build(self) -> Timeline:
        """Walk through the scenario once."""
        self._stand(self._scenario.lead_s)
        ready = False
        for number, rep in enumerate(self._scenario.reps, start=1):
            ready = self._before(rep.before, ready)
            if not ready:
                self._reach()
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
        )

    # --- without the bar

    def _stand(self, duration_s: float) -> None:
        segment = self._segment(Phase.IDLE, Rest(0.0, duration_s))
        self._add(replace(segment, hand_from=self._standing, hand_to=self._standing))

    def _reach(self) -> None:
        """Bend down, take the bar, be still."""
        segment = self._segment(Phase.IDLE, Rest(0.0, _REACH_S))
        self._add(replace(segment, hand_from=self._standing, hand_to=(self._x_m, 0.0)))
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
        shape = shape_of(plan.faults)
        before = self._scenario.reps[number - 2].then if number > 1 else "lower"
        if before not in _WITHOUT_SLACK or plan.before:
            self._add(self._segment(Phase.SLACK, Rest(0.0, _SLACK_S)))
        given_mps = _RESTITUTION * _BOUNCE_IMPACT_MPS if before == "bounce" else 0.0
        pull = self._pull(number, plan, shape, given_mps)
        self._add(self._segment(Phase.LOCKOUT, Rest(pull.rom_m, plan.lockout_s), number))
        return self._ENDINGS[plan.then](self, number, plan, shape, pull.rom_m)

    def _pull(self, number: int, plan: RepPlan, shape: PullShape, given_mps: float) -> Pull:
        rom_m = self._body.rom_m - shape.short_m
        pull = pull_with_mean(rom_m, plan.mean_velocity_mps, plan.sticking, given_mps)
        self._floor_x_m = self._x_m
        segment = replace(
            self._segment(Phase.PULL, pull, number),
            x_to=-BACK_TRAVEL_M,
            by_height=True,
            shape=shape,
            spin_radps=_SPIN_RADPS,
        )
        self._add(segment)
        self._take_over(segment)
        return pull

    def _lower(self, number: int, plan: RepPlan, shape: PullShape, top_m: float) -> bool:
        self._descend(number, plan, shape.impact_mps or _SOFT_IMPACT_MPS, top_m)
        self._bounce_out(shape.impact_mps or _SOFT_IMPACT_MPS, on_hands=True)
        self._add(self._segment(Phase.FLOOR, Rest(0.0, plan.rest_s)))
        return True

    def _touch(self, number: int, plan: RepPlan, shape: PullShape, top_m: float) -> bool:
        self._descend(number, plan, shape.impact_mps or _TOUCH_IMPACT_MPS, top_m)
        self._add(self._segment(Phase.FLOOR, Rest(0.0, plan.rest_s)))
        return True

    def _bounce(self, number: int, plan: RepPlan, shape: PullShape, top_m: float) -> bool:
        self._descend(number, plan, _BOUNCE_IMPACT_MPS, top_m)
        return True

    def _drop(self, number: int, plan: RepPlan, shape: PullShape, top_m: float) -> bool:
        fall = Flight(top_m, 0.0)
        self._falling(number, fall)
        self._bounce_out(fall.impact_mps, on_hands=False)
        self._stand(plan.rest_s)
        return False

    def _hold(self, number: int, plan: RepPlan, shape: PullShape, top_m: float) -> bool:
        self._add(self._segment(Phase.LOCKOUT, Rest(top_m, self._scenario.tail_s), number))
        return False

    _ENDINGS: Final[dict[str, Callable[["_Builder", int, RepPlan, PullShape, float], bool]]] = {
        "lower": _lower,
        "touch_and_go": _touch,
        "bounce": _bounce,
        "drop": _drop,
        "hold": _hold,
    }

    def _descend(self, number: int, plan: RepPlan, impact_mps: float, top_m: float) -> None:
        longest_s = _FAST_LOWERING * top_m / impact_mps
        down = Descent(top_m, impact_mps, min(plan.lower_s, longest_s))
        segment = replace(
            self._segment(Phase.LOWERING, down, number),
            x_from=self._floor_x_m,
            x_to=-BACK_TRAVEL_M,
            by_height=True,
            spin_radps=-_SPIN_RADPS,
        )
        self._add(segment)
        self._take_over(segment)

    def _falling(self, number: int, flight: Flight) -> None:
        segment = self._segment(Phase.LOWERING, flight, number)
        hand = (self._x_m, flight.y_m)
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
        end = _evaluate(segment, self._body, np.array([segment.end_s]))[:, 0]
        self._x_m, self._turn_rad = float(end[0]), float(end[3])


def lay_out(scenario: Scenario, body: Body) -> Timeline:
    """Turn a scenario into a timeline.

    Raises
    ------
    ValueError
        The scenario lasts no time at all, or asks for a bounce that the pull cannot follow.

    """
    timeline = _Builder(scenario, body).build()
    if not timeline.segments:
        raise ValueError("scenario: expected a rep, or some lead_s or tail_s, got neither")
    return timeline
