"""From a lift that goes on, or has ended, to what is said of it: the engine's eye on one lift.

Takes the smoothed paths out of the history, asks the gauge whether the camera still stands where it
stood, and hands everything to the coach. Owns nothing: its parts are the engine's.
"""

from collections import deque
from dataclasses import dataclass, field, replace
from math import hypot, radians
from typing import Final

import numpy as np

from shinline.coach.assemble import TOO_FEW, RepInput, assemble, judge_so_far
from shinline.coach.body import Body, Point, trunk_of
from shinline.coach.bounds import bottom, find_bounds
from shinline.coach.faults.card import When
from shinline.coach.faults.table import CARDS
from shinline.coach.floor import Floor
from shinline.coach.gauge import Gauge
from shinline.coach.lifts import LIFTS
from shinline.coach.outline import Sightings
from shinline.coach.past import Past
from shinline.coach.rest import REST_S, Rest, read_rest
from shinline.coach.segment import Mark
from shinline.coach.setup import BENT_DEG, LIES_M, SET_MOVED_M, Around, Seen, SetupWatch
from shinline.coach.stance import Stances
from shinline.coach.tally import Tally
from shinline.config import SPREAD, Config
from shinline.geometry.middle import median
from shinline.geometry.plane import Plane
from shinline.geometry.scale import Sight
from shinline.motion.history import RADIUS, History, X, Y
from shinline.motion.smooth import rescaled
from shinline.steps import Pending, Steps, done
from shinline.types import (
    MARKERS,
    NS_PER_S,
    CueEvent,
    Event,
    FaultEvent,
    FaultVerdict,
    Rep,
    Role,
    Rows,
    SetupEvent,
    Severity,
)

MARGIN_NS: Final = NS_PER_S
BODY_MARGIN_NS: Final = 2 * NS_PER_S
BOTTOM_M: Final = 0.1
"""A bar that rested so far from the bottom of a lift rested in somebody's hands."""

LAID_LATER_NS: Final = NS_PER_S // 2
"""A bar that lay so long after it was lifted was not being lifted then."""

AFTER_NS: Final = 3 * NS_PER_S
"""A bar that lies so soon after a repetition lies where it came down."""

MOMENT_NS: Final = 3 * NS_PER_S // 10
SLOW_M: Final = 0.01
LEAST_ARM_ROWS: Final = 10
_SET_UP: Final = (Role.HIP, Role.SHOULDER)
"""Who is looked at to know the set position."""

BODY: Final = tuple(role for role in MARKERS if role is not Role.BAR)


@dataclass(slots=True)
class Scene:
    """How the camera sees the lift, as far as it is known; one for all who look."""

    sight: Sight
    plane: Plane
    gauge: Gauge
    facing_known: bool
    handheld: bool


@dataclass(slots=True)
class Referee:
    """Judge the lifts of one session."""

    config: Config
    history: History
    tally: Tally
    floor: Floor
    watch: SetupWatch = field(default_factory=SetupWatch)
    sightings: Sightings = field(default_factory=Sightings)
    stances: Stances = field(default_factory=Stances)
    scene: Scene | None = None
    elsewhere_ns: int = 0
    """Before that the bar was where no motion leads from."""

    arm_m: float = 0.0
    """Distance of shoulder and bar in a pull, 0 while it is not known."""

    _begun: deque[tuple[When, int, Pending[list[FaultVerdict]]]] = field(default_factory=deque)

    def face(self, plane: Plane) -> None:
        """It has become known which way the lifter faces."""
        if self.scene is not None:
            self.scene.plane, self.scene.facing_known = plane, True
        begun = [(now, t_ns) for now, t_ns, _ in self._begun]
        self.break_off()  # what was begun has taken x the other way
        for now, t_ns in begun:
            self.look(now, t_ns)

    def take(self, rows: Rows) -> bool:
        """Take in what was seen of the lifter without stickers; tell whether it was in a pull."""
        self.stances.take(rows)
        return self.sightings.take(rows)

    def set_back(self, t_ns: int) -> None:
        """The clock was set back to ``t_ns``."""
        self.elsewhere_ns = t_ns
        self.watch.forget()
        self.sightings.clear()
        self.stances.clear()
        self.break_off()

    def expected_rom_m(self) -> tuple[float, bool]:
        """Return the range of motion to expect of a lift, and whether it is the lifter's own."""
        own_m = self._past().own_rom_m()
        return (self.tally.model_rom_m(), False) if own_m is None else (own_m, True)

    def _past(self) -> Past:
        past = self.tally.past(self.watch.standing, self.watch.rested_x_m)
        return replace(past, legs=self.watch.lengths.complete(past.legs))

    # --- before it ----------------------------------------------------------------------------

    def is_bent(self, t_ns: int) -> bool:
        """Tell whether the lifter is seen bent down, where facing is not known yet."""
        if self.scene is None or self.scene.facing_known:
            return False
        seen = self._seen(t_ns)
        hip, shoulder = seen.points.get(Role.HIP), seen.points.get(Role.SHOULDER)
        return hip is not None and shoulder is not None and trunk_of(hip, shoulder) < BENT_DEG

    def look_at_setup(self, t_ns: int) -> list[SetupEvent]:
        """Look at the lifter before the pull."""
        scene, tally = self.scene, self.tally
        if scene is None:
            return []
        coach = tally.rules.coach(self.config.coach)
        around = Around(coach, self._past())
        seen = self._seen(t_ns)
        events = self.watch.update(t_ns, seen, around, tally.rules, scene.facing_known, self.arm_m)
        if self.watch.stands:
            tally.foot_moved()
        return events

    def _seen(self, t_ns: int) -> Seen:
        """Return where everything is now that holds a place for a moment."""
        scene = self.scene
        assert scene is not None  # noqa: S101  (looked at before)
        plane, radius_m = scene.plane, 0.5 * self.config.marker.body_diameter_m
        points: dict[Role, Point] = {}
        still = bar_still = slow = True
        away_m: list[float] = []
        for role, place in self.history.places(t_ns - MOMENT_NS, t_ns, plane, radius_m).items():
            depth_m = place.rel_sd * (place.x_m - plane.lens_m[0]) if place.rel_sd else 0.0
            points[role] = Point(place.x_m, place.y_m, hypot(place.noise_m, depth_m), place.noise_m)
            moves = place.moved_m > SET_MOVED_M
            if role is Role.BAR:
                bar_still = place.moved_m < LIES_M
            else:
                still = still and not moves
                slow = slow and place.moved_m < SLOW_M
                away_m.append(place.away_m)
        roll_sd_deg, aside_sd_m = self.config.rig.roll_sd_deg, self._aside_sd_m(away_m)
        stance = self.stances.now(t_ns)
        return Seen(
            points,
            still,
            slow,
            bar_still,
            self._placed,
            roll_sd_deg,
            aside_sd_m,
            None if stance is None else stance.posture,
        )

    def _aside_sd_m(self, away_m: list[float]) -> float:
        """Return how far aside of the bar everything behind it may be, by where the camera is."""
        rig = self.config.rig
        turn = SPREAD.index("azimuth_deg")
        sd_deg = hypot(*(way[turn] for way in rig.spread)) if rig.spread else rig.azimuth_sd_deg
        return max(away_m, default=0.0) * radians(sd_deg)

    # --- while it goes on ---------------------------------------------------------------------

    def look(self, now: When, t_ns: int) -> None:
        """Begin to judge what can be decided at a moment of the lift that goes on."""
        self._begun.append((now, t_ns, Pending(self._judge(now, t_ns))))

    def go_on(self, t_ns: int) -> list[Event]:
        """Go on with what was begun, as far as a frame has time for; tell what is not good."""
        if not self._begun or not self._begun[0][-1].go_on(t_ns):
            return []
        verdicts = self._begun.popleft()[-1].result or []
        return [self._fault(verdict, t_ns) for verdict in verdicts]

    @property
    def judging(self) -> bool:
        """Whether something was begun of which more steps are due."""
        return bool(self._begun)

    def break_off(self) -> None:
        """Leave what was begun: the lift is over, and is judged as a whole."""
        self._begun.clear()

    def _judge(self, now: When, t_ns: int) -> Steps[list[FaultVerdict]]:
        tally, lift, scene = self.tally, self.tally.lift, self.scene
        if lift is None or scene is None:
            return []
        there = self.history.seen_in(self._window(lift, t_ns))
        seen_otherwise = not there.issuperset(_SET_UP) and self.sightings.last() is not None
        due = [
            card
            for card in CARDS
            if card.when is now
            and card.code not in tally.rules.off
            and (there.issuperset(card.markers) or (card.seen_otherwise and seen_otherwise))
        ]
        if not due:
            return []
        window = self._window(lift, t_ns)
        bar = yield from self.history.smoothing(Role.BAR, window, lift.bottom_m)
        if not len(bar):
            return []
        yield
        roles = {role for card in due for role in card.markers}
        body = yield from self._followed(lift, t_ns, (*_SET_UP, *roles) if roles else ())
        low = bottom(bar, lift.bottom_ns, None)
        given = self._given(lift, self._window(lift, t_ns), bar, low, body)
        yield
        expected_m, _ = self.expected_rom_m()
        verdicts = yield from judge_so_far(given, now, expected_m, self.config)
        return [
            verdict
            for verdict in verdicts
            if verdict.assessed and verdict.severity in (Severity.WARN, Severity.FAULT)
        ]

    def _fault(self, verdict: FaultVerdict, t_ns: int) -> FaultEvent:
        tally = self.tally
        return FaultEvent(t_ns, tally.lift_id, tally.set_number, tally.rep_number, verdict)

    # --- when it has ended --------------------------------------------------------------------

    def end(self, mark: Mark, now_ns: int) -> list[Event]:
        """Measure and judge a lift that has ended."""
        tally, lift, scene = self.tally, self.tally.lift, self.scene
        assert lift is not None  # noqa: S101  (an END follows a LIFT)
        assert scene is not None  # noqa: S101  (nor without a scale)
        window = self._window(lift, now_ns)
        floor_ns = mark.t_ns if mark.on_floor else None
        bar = self.history.smoothed(Role.BAR, window, lift.bottom_m)
        if not len(bar):
            return tally.void(now_ns, TOO_FEW)
        low, rest = self._where_it_lay(lift, bar, floor_ns)
        depth = scene.gauge.depth(rest)
        elsewhere = self._came_elsewhere(mark, rest, bar, now_ns)
        events = scene.gauge.judge(rest, now_ns, plates_known=False)
        body = done(self._followed(lift, now_ns, BODY))
        given = self._given(lift, window, rescaled(bar, depth.factor), low, body)
        given = replace(
            given,
            floor_ns=floor_ns,
            lost=mark.lost,
            moved=scene.gauge.moved or elsewhere,
            body=replace(body, placed=body.placed and not elsewhere),
            scale_rel_sd=hypot(scene.sight.scale_rel_sd, depth.rel_sd),
        )
        made = assemble(given, self.config)
        if isinstance(made, str):
            return events + tally.void(now_ns, made)
        rep, legs = made
        self._learn_arm(given, rep)
        path = given.bar[given.bar["t_ns"] >= given.bottom_ns - MARGIN_NS].copy()
        touched_m = (float(given.bar["y_m"][-1]),) if mark.on_floor else ()
        levels_m = (lift.bottom_m, *touched_m)
        said = any(isinstance(event, CueEvent) for event in events)
        return events + tally.end(now_ns, rep, path, levels_m, said, legs)

    def lies_again(self, t_ns: int) -> list[Event]:
        """Look at the bar where it came to rest after a repetition, still on the same plates."""
        down_ns = self.tally.last_floor_ns
        if down_ns is None or t_ns - down_ns > AFTER_NS or self.scene is None:
            return []
        return self.scene.gauge.judge(self._rest(t_ns), t_ns, plates_known=True)

    # --- evidence -----------------------------------------------------------------------------

    def _given(self, lift: Mark, window: slice, bar: Rows, low: int, body: Body) -> RepInput:
        """Gather what is known of a lift at any moment of it; ``low`` is where it began."""
        tally, scene, plan = self.tally, self.scene, self.tally.begun_under
        assert scene is not None  # noqa: S101  (looked at before)
        bottom_ns = int(bar["t_ns"][low])
        laid = bottom_ns > lift.bottom_ns + LAID_LATER_NS
        above_floor = self.floor.is_below(float(bar["y_m"][low])) and not LIFTS[plan.lift].hangs
        return RepInput(
            id=tally.lift_id,
            set=tally.set_number,
            number=tally.rep_number,
            bottom_ns=bottom_ns,
            floor_ns=None,
            in_air=not laid and (lift.in_air or (not lift.rested and above_floor)),
            previous_floor_ns=tally.last_floor_ns,
            facing_known=scene.facing_known,
            bar=bar,
            body=body,
            jumps=self.history.jumps(Role.BAR, window),
            handheld=scene.handheld,
            moved=scene.gauge.moved,
            scale_rel_sd=scene.sight.scale_rel_sd,
            tilt=scene.sight.tilt,
            plane=scene.plane,
            past=self._past(),
            lift=LIFTS[plan.lift],
            plan=plan,
            sightings=self.sightings.between(
                bottom_ns - BODY_MARGIN_NS, int(bar["t_ns"][-1]) if len(bar) else bottom_ns
            ),
            stances=self.stances.between(bottom_ns - BODY_MARGIN_NS, bottom_ns + BODY_MARGIN_NS),
        )

    def _window(self, lift: Mark, until_ns: int) -> slice:
        since_ns = max(lift.bottom_ns - BODY_MARGIN_NS, self.elsewhere_ns)
        return self.history.window(since_ns, until_ns)

    def _followed(self, lift: Mark, until_ns: int, roles: tuple[Role, ...]) -> Steps[Body]:
        """Smooth the paths of those roles that were seen, one in each step."""
        scene = self.scene
        assert scene is not None  # noqa: S101  (looked at before)
        plane, radius_m = scene.plane, 0.5 * self.config.marker.body_diameter_m
        paths: dict[Role, Rows] = {}
        rel_sd: dict[Role, float] = {}
        away_m: list[float] = []
        for role in dict.fromkeys(roles):
            window = self._window(lift, until_ns)  # anew: the oldest may have been let go of
            followed = self.history.body(role, window, plane, radius_m)
            if not followed.path["coasting"].all():
                paths[role], rel_sd[role] = followed.path, followed.rel_sd
                away_m.append(followed.away_m)
            yield
        axis_m, aside_sd_m = plane.lens_m[:2], self._aside_sd_m(away_m)
        return Body(paths, self._placed, rel_sd, axis_m, aside_sd_m)

    @property
    def _placed(self) -> bool:
        """Whether it is known where the camera stands: it was calibrated, and not moved since."""
        scene = self.scene
        return scene is not None and scene.plane.view is not None and not scene.gauge.moved

    def _learn_arm(self, given: RepInput, rep: Rep) -> None:
        """Learn how far the shoulder is from the bar while it hangs from straight arms."""
        shoulder = given.body.paths.get(Role.SHOULDER)
        if shoulder is None or not given.body.placed:
            return
        t_ns = given.bar["t_ns"]
        rows = (t_ns >= rep.start_ns) & (t_ns <= rep.lockout_ns) & ~shoulder["coasting"]
        if int(rows.sum()) >= LEAST_ARM_ROWS:
            apart = np.hypot(shoulder["x_m"] - given.bar["x_m"], shoulder["y_m"] - given.bar["y_m"])
            self.arm_m = median(apart[rows])

    def _rest(self, until_ns: int) -> Rest | None:
        """Look at the bar as it lay until then."""
        t_ns, seen = self.history.seen(Role.BAR, until_ns - round(REST_S * NS_PER_S), until_ns)
        return read_rest(t_ns, seen[X], seen[Y], *seen[RADIUS:])

    def _where_it_lay(self, lift: Mark, bar: Rows, floor_ns: int | None) -> tuple[int, Rest | None]:
        """Return the row of the path at which a lift began, and how the bar looked before it."""
        low = bottom(bar, lift.bottom_ns, floor_ns)
        bounds = find_bounds(bar, low, floor_ns)
        rest = self._rest(int(bar["t_ns"][low]) if bounds is None else bounds.start_ns)
        whole = int(bar["t_ns"][0]) <= lift.bottom_ns  # else there was a hole in time
        if rest is None or not whole or abs(rest.y_m - bar["y_m"][low]) > BOTTOM_M:
            return low, None
        return low, rest

    def _came_elsewhere(self, mark: Mark, rest: Rest | None, bar: Rows, now_ns: int) -> bool:
        """Tell whether the camera must have moved in the lift, by where the bar came down."""
        if not mark.on_floor or mark.turned or self.scene is None or rest is None:
            return False
        down = bar[(bar["t_ns"] >= mark.t_ns) & ~bar["coasting"]]
        _, seen = self.history.seen(Role.BAR, mark.t_ns, now_ns)
        return self.scene.gauge.moved_meanwhile(rest, down["y_m"], seen[RADIUS])
