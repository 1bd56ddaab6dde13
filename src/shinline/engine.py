"""The straight pipeline: detections in, events out. Owns all state; no I/O, no clock.

``feed`` takes a picture, ``advance`` takes what was seen in one. Live and replay meet in
``advance``: everything that comes after detection is a function of the recorded rows,
the configuration, the session's id and the prior, and so it gives the same events again, exactly.
"""

from dataclasses import replace
from math import hypot
from typing import Final

import numpy as np

from shinline.coach.asking import NOTED, UNDER_WAY, VERBS, Values, label, load_kg, planned, switch
from shinline.coach.floor import Floor
from shinline.coach.gauge import Gauge
from shinline.coach.moments import Moments
from shinline.coach.outline import ahead_of_hips_m
from shinline.coach.rest import as_set_up
from shinline.coach.segment import Mark, MarkKind, Segmenter
from shinline.coach.tally import Tally
from shinline.config import Config
from shinline.eye import Eye
from shinline.geometry.plane import Plane
from shinline.geometry.scale import SCALE_FRAMES, fix_scale
from shinline.motion.bank import Bank
from shinline.motion.history import History
from shinline.motion.kalman_kernels import JUMP_M, sound
from shinline.referee import Referee, Scene
from shinline.types import (
    DETECTION,
    MARKERS,
    NS_PER_S,
    AskError,
    AskEvent,
    BarPrior,
    BodyWatch,
    Detector,
    Event,
    Facing,
    Frame,
    MarkerEvent,
    Phase,
    PhaseEvent,
    Plan,
    Role,
    Rows,
    ScaleEvent,
    Watch,
)

LOOK_NS: Final = NS_PER_S // 10
"""How often the set-up is looked at."""

BEFORE_ALL: Final = -1
"""In place of a frame's number: before the first."""

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
        camera still looks where it looked, and ``body``, which follows a lifter without stickers.
    """

    def __init__(
        self,
        config: Config,
        session_id: str,
        prior: BarPrior | None = None,
        detector: Detector | None = None,
        watch: Watch | None = None,
        body: BodyWatch | None = None,
    ) -> None:
        self.config = config
        self.session_id = session_id
        self.prior = prior
        self.plane: Plane | None = None
        self._bank = Bank()
        self.states = self._bank.states
        self.detections: Rows = np.zeros(0, DETECTION)
        self._eye = Eye(config, prior, detector, watch, body)
        self.sights = self._eye.sights  # of a lifter without stickers, to be drawn
        self.busy = False  # whether the last frame had more to be done than most
        self._history = History()
        self._segmenter = Segmenter(config.reps.min_rom_m)
        self._floor = Floor()
        self._tally = Tally(config, session_id, self._floor)
        self._referee = Referee(config, self._history, self._tally, self._floor)
        self._moments = Moments()
        self._segmenter.hangs = self._tally.rules.hangs
        self._waiting: list[tuple[np.void, Rows]] = []
        self._phase = Phase.IDLE
        self._facing = _facing(config, prior)
        self._now_ns = 0
        self._refused = 0
        self._refused_ns = 0
        self._seq = BEFORE_ALL
        self._looked_ns = 0

    # --- pictures ---------------------------------------------------------------------------

    def feed(self, frame: Frame) -> list[Event]:
        """Look at a picture and go on."""
        head, rows = self.look(frame)
        return self.advance(head, rows)

    def look(self, frame: Frame) -> tuple[np.void, Rows]:
        """Detect the markers of a picture: its FRAME row and DETECTION rows, for ``advance``.

        Both are the engine's own and are overwritten by the next call.
        """
        resting = not self._segmenter.in_rep
        return self._eye.look(frame, self.windows(frame.t_ns), self.plane, self._facing, resting)

    def windows(self, t_ns: int) -> Rows:
        """Return where each marker is expected at ``t_ns``: WINDOW rows, in pixels."""
        return self._bank.windows(t_ns, MIN_REACH_RADII[self.config.marker.kind])

    # --- detections -------------------------------------------------------------------------

    def advance(self, head: np.void, detections: Rows) -> list[Event]:
        """Take in what was seen in one frame (a FRAME row and its DETECTION rows)."""
        self.detections = detections
        t_ns = int(head["t_ns"])
        self._seq = int(head["seq"])
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
        sight = fix_scale(bars, self.config, self.prior, self._facing.sign)
        if sight is None:
            return []
        plane = self.plane = sight.plane
        self._bank.look_through(plane)
        gauge = Gauge(
            self.session_id,
            self.config.rig,
            plane.scale_m_per_px,
            sight.radius_px,
            sight.scatter,
            sized=self.config.marker.kind == "ring",
            fixed=not self._handheld,
            reference=as_set_up(self.config.rig, plane, plane.scale_m_per_px * sight.radius_px),
            words=self.config.words,
        )
        faces = self._facing is not Facing.UNKNOWN
        self._referee.scene = Scene(sight, plane, gauge, faces, self._handheld)
        sd = hypot(sight.scale_rel_sd, sight.scatter)
        return [ScaleEvent(t_ns, plane.scale_m_per_px, sd, plane.origin_x_px, plane.origin_y_px)]

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
        self.busy = self._referee.judging or self._eye.searched
        changed, bar, y, vy, jumped_m, camera = self._bank.step(t_ns, detections, self._history)
        if self._referee.take(detections):
            self._face_by_outline(detections)
        events: list[Event] = self._marker_events(t_ns, changed) if changed else []
        if bar == SEEN and self._floor.update(t_ns, y):
            events += self._tally.release(t_ns)
        scene = self._referee.scene
        if camera >= 0 and scene is not None:
            events += scene.gauge.judge_picture(detections[camera], t_ns)
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
        if segmenter.in_rep:
            return events + self._in_lift(t_ns, y, vy) if bar == SEEN else events
        self._moments.rest(t_ns, vy)
        if t_ns - self._looked_ns >= LOOK_NS:
            self._looked_ns = t_ns
            self.busy = True
            events += self._before_lift(t_ns)
        return events + self._tally.rest(t_ns)

    def _in_lift(self, t_ns: int, y_m: float, vy_mps: float) -> list[Event]:
        """Judge what can be decided with this frame of a lift that goes on."""
        for now in self._moments.update(t_ns, y_m, vy_mps):
            self._referee.look(now, t_ns)
        return self._referee.go_on(t_ns)

    def _before_lift(self, t_ns: int) -> list[Event]:
        """Look at the set-up, and say the one thing that can still be acted on."""
        referee = self._referee
        if referee.is_bent(t_ns):
            self._face_by_body()
        self._face(HIPS_BEHIND_M * referee.stances.facing(t_ns))
        setups = referee.look_at_setup(t_ns)
        events: list[Event] = [*setups]
        for event in setups[:1]:
            cue = self._tally.speaker.before(event.checks, t_ns, self._tally.plan)
            events += [] if cue is None else [cue]
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
        events += [MarkerEvent(self._now_ns, role, seen=False) for role in self._bank.lose_all()]
        self._history.clear()
        self._floor.forget()
        self._tally.set_back(t_ns)
        self._referee.set_back(t_ns)
        self._moments.end()
        self._refused, self._now_ns, self._looked_ns = 0, t_ns, t_ns
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
            return self._lift(mark)
        if mark.kind is MarkKind.TOP:
            return self._tally.top(mark)
        if mark.kind in (MarkKind.END, MarkKind.VOID):
            self._moments.end()
            self._referee.break_off()
        if mark.kind is MarkKind.END:
            return self._referee.end(mark, self._now_ns)
        if mark.kind is MarkKind.VOID:
            return self._tally.void(mark.t_ns, mark.reason)
        if mark.kind is MarkKind.STILL:
            return self._referee.lies_again(mark.t_ns)
        if mark.kind is MarkKind.ELSEWHERE:
            self._referee.elsewhere_ns = mark.t_ns
        return []

    def _lift(self, mark: Mark) -> list[Event]:
        self._face_by_body()
        events = self._tally.begin(mark)
        self._moments.begin(mark.bottom_m, *self._referee.expected_rom_m())
        return [*events, *self._referee.watch.pulls(mark.t_ns)]

    # --- requests ---------------------------------------------------------------------------

    def ask(self, verb: str, values: Values) -> list[Event]:
        """Take a request between two frames: the AskEvent itself, then what it caused.

        Raises
        ------
        AskError
            It cannot be done; the message says what was expected. Nothing has changed then.
        """
        asked = AskEvent(self._now_ns, self._seq, verb, dict(values))
        return [asked, *self._answer(verb, values)]

    def _answer(self, verb: str, values: Values) -> list[Event]:
        tally, t_ns = self._tally, self._now_ns
        if verb in ("start_set", "end_set") and self._segmenter.in_rep:
            raise AskError(f"{verb}: {UNDER_WAY}")
        if verb == "start_set":
            planned(tally.plan, values)  # refused before anything has changed
            ended = tally.end_set(t_ns)
            return ended + self._follow(planned(tally.plan, values))
        if verb == "end_set":
            return tally.end_set(t_ns)
        if verb == "set_load":
            return self._follow(replace(tally.plan, load_kg=load_kg(values.get("load_kg"))))
        if verb == "mute":
            return self._follow(replace(tally.plan, muted=switch(values.get("on"))))
        if verb == "label_rep":
            tally.label(*label(values))
            return []
        if verb in NOTED:
            NOTED[verb](values)
            return []
        if verb == "feedback_now":
            return [tally.speaker.now(rep, t_ns)] if (rep := tally.last_rep) is not None else []
        raise AskError(f"unknown request {verb!r}; expected one of {', '.join(VERBS)}")

    def _follow(self, plan: Plan) -> list[Event]:
        """Follow another plan; another lifter's set-up is not this one's."""
        if plan.lifter != self._tally.plan.lifter:
            self._referee.watch.forget()
        events = self._tally.change_plan(plan, self._now_ns)
        self._segmenter.hangs = self._tally.rules.hangs
        return events

    def _face_by_body(self) -> None:
        """Learn the facing at lift-off, when the hips are well behind the bar, if it is unknown."""
        if self._bank.alive(Role.HIP):
            self._face(self._bank.x_m(Role.BAR) - self._bank.x_m(Role.HIP))

    def _face_by_outline(self, rows: Rows) -> None:
        """Learn it in the pull, from the first picture with an outline."""
        if self._segmenter.in_rep and self.plane is not None:
            self._face(ahead_of_hips_m(rows, self.plane))

    def _face(self, ahead_m: float) -> None:
        """Take the bar to be ahead of the hips, where it is far enough and facing is unknown."""
        if self._facing is not Facing.UNKNOWN or self.plane is None or abs(ahead_m) < HIPS_BEHIND_M:
            return
        self._facing = Facing.RIGHT if ahead_m > 0.0 else Facing.LEFT
        if self._facing is Facing.LEFT:  # until now x was toward the picture's right
            self.plane = replace(self.plane, forward=self._facing.sign)
            self._history.mirror()
            self._referee.watch.mirror()
            self._bank.mirror()
        self._referee.face(self.plane)


def _facing(config: Config, prior: BarPrior | None) -> Facing:
    if config.marker.facing != "auto":
        return Facing(config.marker.facing)
    return prior.facing if prior is not None else Facing.UNKNOWN
