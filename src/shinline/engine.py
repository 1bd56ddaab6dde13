"""The straight pipeline: detections in, events out. Owns all state; no I/O, no clock.

``feed`` takes a picture, ``advance`` takes what was seen in one. Live and replay meet in
``advance``: everything that comes after detection is a function of the recorded rows,
the configuration, the session's id and the prior, and so it gives the same events again, exactly.
"""

from dataclasses import replace
from math import hypot
from typing import Final

import numpy as np

from shinline.coach.assemble import TOO_FEW, RepInput, assemble
from shinline.coach.bounds import bottom, find_bounds
from shinline.coach.floor import Floor
from shinline.coach.gauge import Gauge
from shinline.coach.rest import REST_S, Rest, as_set_up, read_rest
from shinline.coach.segment import Mark, MarkKind, Segmenter
from shinline.coach.tally import Tally
from shinline.config import Config
from shinline.geometry.plane import Plane
from shinline.geometry.scale import SCALE_FRAMES, Sight, fix_scale
from shinline.geometry.shutter import date_rows
from shinline.motion.bank import Bank
from shinline.motion.history import RADIUS, History, X, Y
from shinline.motion.kalman_kernels import JUMP_M, sound
from shinline.motion.smooth import rescaled
from shinline.types import (
    DETECTION,
    FRAME,
    MARKERS,
    NS_PER_S,
    BarPrior,
    CueEvent,
    Detector,
    Event,
    Facing,
    Frame,
    MarkerEvent,
    Phase,
    PhaseEvent,
    Role,
    Rows,
    ScaleEvent,
    Watch,
)

MAX_DETECTIONS: Final = 10
MARGIN_NS: Final = NS_PER_S
BODY_MARGIN_NS: Final = 2 * NS_PER_S
BOTTOM_M: Final = 0.1
"""A bar that rested so far from the bottom of a lift rested in somebody's hands."""

LAID_LATER_NS: Final = NS_PER_S // 2
"""A bar that lay so long after it was lifted was not being lifted then."""

AFTER_NS: Final = 3 * NS_PER_S
"""A bar that lies so soon after a repetition lies where it came down."""

MIN_REACH_RADII: Final = {"ring": 0.8, "plate": 0.15}
HIPS_BEHIND_M: Final = 0.10
COASTING, SEEN = 1, 2
"""The bar in the bank's answer; 0 when it is lost."""

CLOCK_FRAMES: Final = 5
"""So many pictures in a row from the past: the clock was set back, and time begins anew."""


class Engine:
    """Follow one bar through one session.

    Parameters
    ----------
    config
        Frozen; part of the session's record.
    session_id
        Prefix of the reps' ids.
    prior
        What a look through the recording found; None for a live camera.
    detector
        Needed by ``feed`` only; a replay has none. So with ``watch``, which tells whether the
        camera still looks where it looked.
    """

    def __init__(
        self,
        config: Config,
        session_id: str,
        prior: BarPrior | None = None,
        detector: Detector | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.config = config
        self.session_id = session_id
        self.prior = prior
        self.plane: Plane | None = None
        self._bank = Bank()
        self.states = self._bank.states
        self.detections: Rows = np.zeros(0, DETECTION)
        self._detector = detector
        self._watch = watch
        self._sight: Sight | None = None
        self._gauge: Gauge | None = None
        self._history = History()
        self._segmenter = Segmenter(config.reps.min_rom_m)
        self._floor = Floor()
        self._tally = Tally(config, session_id, self._floor)
        self._waiting: list[tuple[np.void, Rows]] = []
        self._phase = Phase.IDLE
        self._facing = _facing(config, prior)
        self._rows = np.zeros(MAX_DETECTIONS, DETECTION)
        self._head = np.zeros(1, FRAME)
        self._now_ns = 0
        self._refused = 0
        self._refused_ns = 0
        self._elsewhere_ns = 0
        """Before that the bar was where no motion leads from."""

    # --- pictures ---------------------------------------------------------------------------

    def feed(self, frame: Frame) -> list[Event]:
        """Look at a picture and go on."""
        head, rows = self.look(frame)
        return self.advance(head, rows)

    def look(self, frame: Frame) -> tuple[np.void, Rows]:
        """Detect the markers of a picture: its FRAME row and DETECTION rows, for ``advance``.

        Both are the engine's own and are overwritten by the next call.
        """
        if self._detector is None:
            raise ValueError("an engine without a detector can only be fed detections")
        windows = self.windows(frame.t_ns)
        count = self._detector.detect(frame.luma, frame.t_ns, windows, self._rows)
        date_rows(self._rows[:count], frame.luma.shape[0], self.config.rig.readout_ms)
        if self._watch is not None and not self._segmenter.in_rep:
            count += self._watch.look(frame.luma, frame.t_ns, self._rows[count:])
        head: np.void = self._head[0]
        head["seq"], head["t_ns"] = frame.seq, frame.t_ns
        head["exposure_us"], head["detections"] = frame.exposure_us, count
        return head, self._rows[:count]

    def windows(self, t_ns: int) -> Rows:
        """Return where each marker is expected at ``t_ns``: WINDOW rows, in pixels."""
        return self._bank.windows(t_ns, MIN_REACH_RADII[self.config.marker.kind])

    # --- detections -------------------------------------------------------------------------

    def advance(self, head: np.void, detections: Rows) -> list[Event]:
        """Take in what was seen in one frame (a FRAME row and its DETECTION rows)."""
        self.detections = detections
        t_ns = int(head["t_ns"])
        if self.plane is not None:
            return self._step(t_ns, detections)
        self._waiting.append((head.copy(), detections.copy()))
        events = self._fix_scale(t_ns)
        if self.plane is not None:
            for earlier, rows in self._waiting:
                events += self._step(int(earlier["t_ns"]), rows)
            self._waiting.clear()
        elif len(self._waiting) > 4 * SCALE_FRAMES:
            del self._waiting[0]
        return events

    def finish(self) -> list[Event]:
        """End the session: what is under way ends, what waits for a floor is void."""
        events: list[Event] = []
        for mark in self._segmenter.lose(self._now_ns, "the recording ended", over=True):
            events += self._on_mark(mark)
        events += self._phase_event(self._now_ns)
        return events + self._tally.finish(self._now_ns)

    def _fix_scale(self, t_ns: int) -> list[Event]:
        """Fix scale, origin and facing on the first sightings that agree."""
        bars = [
            row
            for _, rows in self._waiting
            for row in rows
            if row["role"] == Role.BAR and sound(row) and row["r_px"] > 0.0
        ]
        self._sight = fix_scale(bars, self.config, self.prior, self._facing.sign)
        if self._sight is None:
            return []
        plane = self.plane = self._sight.plane
        self._bank.look_through(plane)
        sight = self._sight
        self._gauge = Gauge(
            self.session_id,
            self.config.rig,
            plane.scale_m_per_px,
            sight.radius_px,
            sight.scatter,
            sized=self.config.marker.kind == "ring",
            fixed=not self._handheld,
            reference=as_set_up(self.config.rig, plane, plane.scale_m_per_px * sight.radius_px),
        )
        sd = hypot(sight.scale_rel_sd, sight.scatter)
        return [
            ScaleEvent(t_ns, plane.scale_m_per_px, sd, plane.origin_x_px, plane.origin_y_px),
        ]

    @property
    def rep_number(self) -> int:
        """The rep that is under way, or the last one, within its set; 0 before the first."""
        return self._tally.rep_number

    @property
    def scene_px(self) -> tuple[float, float]:
        """How far a hand-held camera's picture has moved."""
        return self._bank.scene_px

    @property
    def _handheld(self) -> bool:
        return self.prior is not None and self.prior.handheld

    @property
    def facing(self) -> Facing:
        """Which way the lifter faces, as far as it is known."""
        return self._facing

    def _step(self, t_ns: int, detections: Rows) -> list[Event]:
        if not self._history.begin_frame(t_ns):
            return self._refuse(t_ns)
        self._refused = 0
        self._now_ns = t_ns
        changed, bar, y, vy, jumped_m, camera = self._bank.step(t_ns, detections, self._history)
        events: list[Event] = self._marker_events(t_ns, changed) if changed else []
        if bar == SEEN and self._floor.update(t_ns, y):
            events += self._tally.release(t_ns)
        if camera >= 0 and self._gauge is not None:
            events += self._gauge.judge_picture(detections[camera], t_ns)
        segmenter = self._segmenter
        marks: list[Mark] = []
        if jumped_m > JUMP_M:
            marks = segmenter.lose(t_ns, "the track jumped")
        elif jumped_m > 0.0 and not segmenter.in_rep:
            marks = segmenter.restart(t_ns, y)
        if bar != COASTING:  # what was not seen ends no lift
            marks += segmenter.update(t_ns, y, vy, bar == SEEN)
        for mark in marks:
            events += self._on_mark(mark)
        if segmenter.phase is not self._phase:
            events += self._phase_event(t_ns)
        if not segmenter.in_rep:
            events += self._tally.rest(t_ns)
        return events

    def _refuse(self, t_ns: int) -> list[Event]:
        """Skip a picture whose time does not go forward; begin anew when the clock was set back."""
        self._refused = self._refused + 1 if self._refused and t_ns > self._refused_ns else 1
        self._refused_ns = t_ns
        if self._refused < CLOCK_FRAMES:
            return []
        events: list[Event] = []
        for mark in self._segmenter.lose(self._now_ns, "the time stamps went back"):
            events += self._on_mark(mark)
        events += self._phase_event(self._now_ns)
        lost = self._bank.lose_all()
        events += [MarkerEvent(self._now_ns, role, seen=False) for role in lost]
        self._history.clear()
        self._floor.forget()
        self._tally.set_back(t_ns)
        self._refused, self._now_ns, self._elsewhere_ns = 0, t_ns, t_ns
        return events

    def _marker_events(self, t_ns: int, changed: int) -> list[Event]:
        """Say which markers were found or lost."""
        roles = [role for role in MARKERS if changed >> role & 1]
        if Role.BAR in roles and not self._bank.alive(Role.BAR):
            self._floor.forget()
        return [MarkerEvent(t_ns, role, self._bank.alive(role)) for role in roles]

    # --- reps -------------------------------------------------------------------------------

    def _phase_event(self, t_ns: int) -> list[Event]:
        if self._segmenter.phase is self._phase:
            return []
        self._phase = self._segmenter.phase
        return [PhaseEvent(t_ns, self._phase, self._tally.set_number, self._tally.rep_number)]

    def _on_mark(self, mark: Mark) -> list[Event]:
        if mark.kind is MarkKind.LIFT:
            self._face_by_body()
            return self._tally.begin(mark)
        if mark.kind is MarkKind.TOP:
            return self._tally.top(mark)
        if mark.kind is MarkKind.END:
            return self._end_rep(mark)
        if mark.kind is MarkKind.VOID:
            return self._tally.void(mark.t_ns, mark.reason)
        if mark.kind is MarkKind.STILL:
            return self._lies_again(mark.t_ns)
        if mark.kind is MarkKind.ELSEWHERE:
            self._elsewhere_ns = mark.t_ns
        return []

    def _lies_again(self, t_ns: int) -> list[Event]:
        """Look at the bar where it came to rest after a repetition, still on the same plates."""
        down_ns = self._tally.last_floor_ns
        if down_ns is None or t_ns - down_ns > AFTER_NS or self._gauge is None:
            return []
        return self._gauge.judge(self._rest(t_ns), t_ns, plates_known=True)

    def _rest(self, until_ns: int) -> Rest | None:
        """Look at the bar as it lay until then."""
        t_ns, seen = self._history.seen(Role.BAR, until_ns - round(REST_S * NS_PER_S), until_ns)
        return read_rest(t_ns, seen[X], seen[Y], *seen[RADIUS:])

    def _face_by_body(self) -> None:
        """Learn the facing at lift-off, when the hips are well behind the bar, if it is unknown."""
        bank = self._bank
        if self._facing is not Facing.UNKNOWN or not bank.alive(Role.HIP) or self.plane is None:
            return
        ahead_m = bank.x_m(Role.BAR) - bank.x_m(Role.HIP)
        if abs(ahead_m) < HIPS_BEHIND_M:
            return
        self._facing = Facing.RIGHT if ahead_m > 0.0 else Facing.LEFT
        if self._facing is Facing.LEFT:  # until now x was toward the picture's right
            self.plane = replace(self.plane, forward=self._facing.sign)
            self._history.mirror()
            bank.mirror()

    def _where_it_lay(self, lift: Mark, bar: Rows, floor_ns: int | None) -> tuple[int, Rest | None]:
        """Return the row of the path at which a lift began, and how the bar looked before it."""
        low = bottom(bar, lift.bottom_ns, floor_ns)
        bounds = find_bounds(bar, low, floor_ns)
        rest = self._rest(int(bar["t_ns"][low]) if bounds is None else bounds.start_ns)
        whole = int(bar["t_ns"][0]) <= lift.bottom_ns  # else there was a hole in time
        if rest is None or not whole or abs(rest.y_m - bar["y_m"][low]) > BOTTOM_M:
            return low, None
        return low, rest

    def _came_elsewhere(self, mark: Mark, rest: Rest | None, bar: Rows) -> bool:
        """Tell whether the camera must have moved in the lift, by where the bar came down."""
        if not mark.on_floor or mark.turned or self._gauge is None or rest is None:
            return False
        down = bar[(bar["t_ns"] >= mark.t_ns) & ~bar["coasting"]]
        _, seen = self._history.seen(Role.BAR, mark.t_ns, self._now_ns)
        return self._gauge.moved_meanwhile(rest, down["y_m"], seen[RADIUS])

    def _end_rep(self, mark: Mark) -> list[Event]:
        tally, lift, gauge = self._tally, self._tally.lift, self._gauge
        assert lift is not None  # noqa: S101  (an END follows a LIFT)
        assert self._sight is not None and gauge is not None  # noqa: S101  (nor without a scale)
        assert self.plane is not None  # noqa: S101
        plane, body_radius_m = self.plane, 0.5 * self.config.marker.body_diameter_m
        since_ns = max(lift.bottom_ns - BODY_MARGIN_NS, self._elsewhere_ns)
        window = self._history.window(since_ns, self._now_ns)
        floor_ns = mark.t_ns if mark.on_floor else None
        bar = self._history.smoothed(Role.BAR, window, lift.bottom_m)
        if not len(bar):
            return tally.void(self._now_ns, TOO_FEW)
        low, rest = self._where_it_lay(lift, bar, floor_ns)
        bottom_ns = int(bar["t_ns"][low])
        laid = bottom_ns > lift.bottom_ns + LAID_LATER_NS
        above_floor = self._floor.is_below(float(bar["y_m"][low]))
        depth = gauge.depth(rest)
        elsewhere = self._came_elsewhere(mark, rest, bar)
        bar = rescaled(bar, depth.factor)
        events = gauge.judge(rest, self._now_ns, plates_known=False)
        given = RepInput(
            id=tally.lift_id,
            set=tally.set_number,
            number=tally.rep_number,
            bottom_ns=bottom_ns,
            floor_ns=floor_ns,
            in_air=not laid and (lift.in_air or (not lift.rested and above_floor)),
            previous_floor_ns=tally.last_floor_ns,
            facing_known=self._facing is not Facing.UNKNOWN,
            bar=bar,
            hip=self._history.body(Role.HIP, window, plane, body_radius_m),
            shoulder=self._history.body(Role.SHOULDER, window, plane, body_radius_m),
            jumps=self._history.jumps(Role.BAR, window),
            handheld=self._handheld,
            lost=mark.lost,
            moved=gauge.moved or elsewhere,
            roms_m=tally.roms_m,
            scale_rel_sd=hypot(self._sight.scale_rel_sd, depth.rel_sd),
            tilt=self._sight.tilt,
            plane=plane,
        )
        rep = assemble(given, self.config)
        if isinstance(rep, str):
            return events + tally.void(self._now_ns, rep)
        path = bar[bar["t_ns"] >= bottom_ns - MARGIN_NS].copy()
        touched_m = (float(bar["y_m"][-1]),) if mark.on_floor else ()
        levels_m = (lift.bottom_m, *touched_m)
        said = any(isinstance(event, CueEvent) for event in events)
        return events + tally.end(self._now_ns, rep, path, levels_m, quiet=said)


def _facing(config: Config, prior: BarPrior | None) -> Facing:
    if config.marker.facing != "auto":
        return Facing(config.marker.facing)
    return prior.facing if prior is not None else Facing.UNKNOWN
