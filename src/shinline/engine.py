"""The straight pipeline: detections in, events out. Owns all state; no I/O, no clock.

``feed`` takes a picture, ``advance`` takes what was seen in one. Live and replay meet in
``advance``: everything that comes after detection is a function of the recorded rows,
the configuration, the session's id and the prior, and so it gives the same events again, exactly.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from shinline.coach.assemble import RepInput, assemble
from shinline.coach.floor import Floor
from shinline.coach.segment import Mark, MarkKind, Segmenter
from shinline.coach.tally import Tally
from shinline.config import Config
from shinline.geometry.plane import Plane
from shinline.geometry.scale import SCALE_FRAMES, Sight, fix_scale
from shinline.geometry.shutter import date_rows, late_by_s
from shinline.motion.history import History
from shinline.motion.track import REBOUND_SHARE, AxisPair
from shinline.types import (
    DETECTION,
    FRAME,
    MARKERS,
    NS_PER_S,
    STATE,
    WINDOW,
    BarPrior,
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
)

MAX_DETECTIONS: Final = 8
MARGIN_NS: Final = NS_PER_S
BODY_MARGIN_NS: Final = 2 * NS_PER_S
MIN_REACH_RADII: Final = {"ring": 0.8, "plate": 0.15}
REACH_ACCELERATION_MPS2: Final = 60.0
HIPS_BEHIND_M: Final = 0.10
LOST_GATED: Final = 4
"""So many sightings in a row outside the gate: the bar really is elsewhere."""

CLOCK_FRAMES: Final = 5
"""So many pictures in a row from the past: the clock was set back, and time begins anew."""

JUMP_M: Final = 0.35
"""No bar gets so far within those pictures: what is followed now is something else."""


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
        Needed by ``feed`` only; a replay has none.
    """

    def __init__(
        self,
        config: Config,
        session_id: str,
        prior: BarPrior | None = None,
        detector: Detector | None = None,
    ) -> None:
        self.config = config
        self.session_id = session_id
        self.prior = prior
        self.plane: Plane | None = None
        self.states = np.zeros(len(MARKERS), STATE)
        self.states["role"], self.states["coasting"] = MARKERS, True
        self.scene_px = (0.0, 0.0)  # how far a hand-held camera's picture has moved
        self.detections: Rows = np.zeros(0, DETECTION)
        self._detector = detector
        self._sight: Sight | None = None
        self._tracks = [AxisPair() for _ in MARKERS]
        self._radius_px = np.zeros(len(MARKERS))
        self._gated = [0 for _ in MARKERS]
        self._jumped = False
        self._history = History()
        self._segmenter = Segmenter(config.reps.min_rom_m)
        self._floor = Floor()
        self._tally = Tally(config, session_id, self._floor)
        self._waiting: list[tuple[np.void, Rows]] = []
        self._phase = Phase.IDLE
        self._facing = _facing(config, prior)
        self._rows = np.zeros(MAX_DETECTIONS, DETECTION)
        self._windows = np.zeros(len(MARKERS), WINDOW)
        self._head = np.zeros(1, FRAME)
        self._now_ns = 0
        self._refused = 0
        self._refused_ns = 0

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
        head: np.void = self._head[0]
        head["seq"], head["t_ns"] = frame.seq, frame.t_ns
        head["exposure_us"], head["detections"] = frame.exposure_us, count
        return head, self._rows[:count]

    def windows(self, t_ns: int) -> Rows:
        """Return where each marker is expected at ``t_ns``: WINDOW rows, in pixels."""
        count = 0
        if self.plane is None:
            return self._windows[:0]
        for role in MARKERS:
            track = self._tracks[role]
            if not track.alive:
                continue
            dt = max(0.0, (t_ns - track.t_ns) / NS_PER_S)
            gap = max(0.0, (t_ns - track.seen_ns) / NS_PER_S)
            x, y = (float(m[0] + dt * m[1] + 0.5 * dt * dt * m[2]) for m in track.mean)
            row = self._windows[count]
            row["role"] = role
            x_px, y_px = self.plane.image_from_plane(x, y)
            row["x_px"], row["y_px"] = x_px + self.scene_px[0], y_px + self.scene_px[1]
            row["r_px"] = self._radius_px[role]
            fall_mps = max(0.0, -float(track.mean[1, 1] + dt * track.mean[1, 2]))
            reach_m = 0.5 * REACH_ACCELERATION_MPS2 * gap * gap
            reach_m += (1.0 + REBOUND_SHARE) * fall_mps * gap  # it may strike the floor meanwhile
            reach = reach_m / self.plane.scale_m_per_px
            row["reach_px"] = reach + MIN_REACH_RADII[self.config.marker.kind] * row["r_px"]
            count += 1
        return self._windows[:count]

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
        for mark in self._segmenter.lose(self._now_ns, "the recording ended"):
            events += self._on_mark(mark)
        events += self._phase_event(self._now_ns)
        return events + self._tally.finish(self._now_ns)

    def _fix_scale(self, t_ns: int) -> list[Event]:
        """Fix scale, origin and facing on the first sightings that agree."""
        bars = [row for _, rows in self._waiting for row in rows if row["role"] == Role.BAR]
        self._sight = fix_scale(bars, self.config, self.prior, self._facing.sign)
        if self._sight is None:
            return []
        plane = self.plane = self._sight.plane
        sd = self._sight.scale_rel_sd
        return [
            ScaleEvent(t_ns, plane.scale_m_per_px, sd, plane.origin_x_px, plane.origin_y_px),
        ]

    @property
    def rep_number(self) -> int:
        """The rep that is under way, or the last one, within its set; 0 before the first."""
        return self._tally.rep_number

    @property
    def facing(self) -> Facing:
        """Which way the lifter faces, as far as it is known."""
        return self._facing

    def _step(self, t_ns: int, detections: Rows) -> list[Event]:
        if not self._history.begin_frame(t_ns):
            return self._refuse(t_ns)
        self._refused = 0
        self._now_ns = t_ns
        events: list[Event] = []
        best = _best_by_role(detections)
        scene = best.get(Role.SCENE)
        if scene is not None:
            self.scene_px = float(scene["x_px"]), float(scene["y_px"])
        for role, track in zip(MARKERS, self._tracks, strict=True):
            row = best.get(role)
            if row is not None or track.alive:
                events += self._track(role, t_ns, row)
        bar = self._tracks[Role.BAR]
        y, vy = (float(v) for v in bar.mean[1, :2])
        if bar.alive and bar.seen_ns == t_ns and self._floor.update(t_ns, y):
            events += self._tally.release(t_ns)
        marks = self._segmenter.lose(t_ns, "the track jumped") if self._jumped else []
        self._jumped = False
        for mark in (*marks, *self._segmenter.update(t_ns, y, vy, bar.alive)):
            events += self._on_mark(mark)
        events += self._phase_event(t_ns)
        if not self._segmenter.in_rep:
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
        for role, track in zip(MARKERS, self._tracks, strict=True):
            if track.alive:
                track.alive = False
                events.append(MarkerEvent(self._now_ns, role, seen=False))
        self._history.clear()
        self._floor.forget()
        self._tally.set_back(t_ns)
        self._refused, self._now_ns = 0, t_ns
        return events

    def _track(self, role: Role, t_ns: int, row: np.void | None) -> list[Event]:
        """Advance one marker's filter and its STATE row."""
        assert self.plane is not None  # noqa: S101  (only called with a plane)
        track = self._tracks[role]
        was_alive = track.alive
        if track.alive:
            track.predict(t_ns)
        if row is not None:
            self._measure(role, track, t_ns, row)
        state = self.states[role]
        state["t_ns"], state["role"] = t_ns, role
        state["x_m"], state["vx_mps"], state["ax_mps2"] = track.mean[0]
        state["y_m"], state["vy_mps"], state["ay_mps2"] = track.mean[1]
        state["var_x_m2"], state["var_y_m2"] = track.cov[0, 0, 0], track.cov[1, 0, 0]
        state["var_vy_m2ps2"] = track.cov[1, 1, 1]
        state["innovation"], state["coasting"] = track.innovation, track.seen_ns != t_ns
        if track.alive == was_alive:
            return []
        if role is Role.BAR and not track.alive:
            self._floor.forget()
        return [MarkerEvent(t_ns, role, track.alive)]

    def _measure(self, role: Role, track: AxisPair, t_ns: int, row: np.void) -> None:
        assert self.plane is not None  # noqa: S101
        scale2 = self.plane.scale_m_per_px**2
        x, y = self.plane.plane_from_image(
            float(row["x_px"]) - self.scene_px[0], float(row["y_px"]) - self.scene_px[1]
        )
        var_x, var_y = float(row["var_x_px2"]) * scale2, float(row["var_y_px2"]) * scale2
        if track.alive and not track.update(x, y, var_x, var_y):
            self._gated[role] += 1
            if self._gated[role] < LOST_GATED:
                return
            away_m = float(np.hypot(x - track.mean[0, 0], y - track.mean[1, 0]))
            self._jumped = self._jumped or (role is Role.BAR and away_m > JUMP_M)
            track.alive = False
        if not track.alive:
            track.start(t_ns, x, y, max(var_x, var_y))
        self._gated[role] = 0
        self._radius_px[role] = float(row["r_px"])
        late_s = late_by_s(row, t_ns)
        if late_s != 0.0:  # the live estimate, for phases and windows, does without this
            x, y = (float(z - late_s * v) for z, v in zip((x, y), track.mean[:, 1], strict=True))
        self._history.put(role, x, y, max(var_x, var_y))

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
        return []

    def _face_by_body(self) -> None:
        """Learn the facing at lift-off, when the hips are well behind the bar, if it is unknown."""
        hip, bar = self._tracks[Role.HIP], self._tracks[Role.BAR]
        if self._facing is not Facing.UNKNOWN or not hip.alive or self.plane is None:
            return
        ahead_m = float(bar.mean[0, 0] - hip.mean[0, 0])
        if abs(ahead_m) < HIPS_BEHIND_M:
            return
        self._facing = Facing.RIGHT if ahead_m > 0.0 else Facing.LEFT
        if self._facing is Facing.LEFT:  # until now x was toward the picture's right
            self.plane = replace(self.plane, forward=self._facing.sign)
            self._history.mirror()
            for track in self._tracks:
                track.mean[0] *= -1.0

    def _end_rep(self, mark: Mark) -> list[Event]:
        tally, lift = self._tally, self._tally.lift
        assert lift is not None  # noqa: S101  (an END follows a LIFT)
        assert self._sight is not None  # noqa: S101  (nor is there one without a scale)
        window = self._history.window(lift.bottom_ns - BODY_MARGIN_NS, self._now_ns)
        bar = self._history.smoothed(Role.BAR, window)
        given = RepInput(
            id=tally.lift_id,
            set=tally.set_number,
            number=tally.rep_number,
            bottom_ns=lift.bottom_ns,
            floor_ns=mark.t_ns if mark.on_floor else None,
            in_air=lift.in_air or (not lift.rested and self._floor.is_below(lift.bottom_m)),
            previous_floor_ns=tally.last_floor_ns,
            facing_known=self._facing is not Facing.UNKNOWN,
            bar=bar,
            hip=self._history.smoothed(Role.HIP, window),
            shoulder=self._history.smoothed(Role.SHOULDER, window),
            jumps=self._history.jumps(Role.BAR, window),
            handheld=self.prior is not None and self.prior.handheld,
            roms_m=tally.roms_m,
            scale_rel_sd=self._sight.scale_rel_sd,
            tilt=self._sight.tilt,
        )
        rep = assemble(given, self.config)
        if isinstance(rep, str):
            return tally.void(self._now_ns, rep)
        path = bar[bar["t_ns"] >= lift.bottom_ns - MARGIN_NS].copy()
        touched_m = (float(bar["y_m"][-1]),) if mark.on_floor else ()
        return tally.end(self._now_ns, rep, path, (lift.bottom_m, *touched_m))


def _best_by_role(detections: Rows) -> dict[int, np.void]:
    """Return each role's detection of the highest quality."""
    best: dict[int, np.void] = {}
    quality: dict[int, float] = {}
    seen = zip(detections["role"].tolist(), detections["quality"].tolist(), strict=True)
    for i, (role, value) in enumerate(seen):
        if role not in best or value > quality[role]:
            best[role], quality[role] = detections[i], value
    return best


def _facing(config: Config, prior: BarPrior | None) -> Facing:
    if config.marker.facing != "auto":
        return Facing(config.marker.facing)
    return prior.facing if prior is not None else Facing.UNKNOWN
