"""The straight pipeline: detections in, events out. Owns all state; no I/O, no clock.

``feed`` takes a picture, ``advance`` takes what was seen in one. Live and replay meet in
``advance``: everything that comes after detection is a function of the recorded rows,
the configuration, the session's id and the prior, and so it gives the same events again, exactly.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from shinline.coach import cues
from shinline.coach.assemble import RepInput, assemble
from shinline.coach.floor import Floor
from shinline.coach.segment import Mark, MarkKind, Segmenter
from shinline.coach.sets import summarise
from shinline.config import Config
from shinline.geometry.plane import Plane
from shinline.motion.history import History
from shinline.motion.track import AxisPair
from shinline.types import (
    DETECTION,
    FRAME,
    MARKERS,
    NS_PER_S,
    STATE,
    WINDOW,
    BarPrior,
    CueEvent,
    Detector,
    Event,
    Facing,
    Frame,
    MarkerEvent,
    Moment,
    Phase,
    PhaseEvent,
    Rep,
    RepEvent,
    RepKind,
    Role,
    Rows,
    ScaleEvent,
)

MAX_DETECTIONS: Final = 8
SCALE_FRAMES: Final = 8
SCALE_SPREAD: Final = 0.03
"""The scale is fixed on so many sightings in a row whose radii agree within so much."""

MARGIN_NS: Final = NS_PER_S
BODY_MARGIN_NS: Final = 2 * NS_PER_S
MIN_REACH_RADII: Final = {"ring": 0.8, "plate": 0.15}
REACH_ACCELERATION_MPS2: Final = 60.0
LOST_GATED: Final = 4
"""So many sightings in a row outside the gate: the bar really is elsewhere."""


@dataclass(slots=True)
class _Pending:
    """A finished rep that waits for evidence of a floor."""

    event: RepEvent
    levels_m: tuple[float, ...]


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
        self.scene_px = (0.0, 0.0)  # how far a hand-held camera's picture has moved
        self.detections: Rows = np.zeros(0, DETECTION)
        self.rep_number = 0
        self.set_number = 1
        self._detector = detector
        self._tracks = [AxisPair() for _ in MARKERS]
        self._radius_px = np.zeros(len(MARKERS))
        self._gated = [0 for _ in MARKERS]
        self._history = History()
        self._segmenter = Segmenter(config.reps.min_rom_m)
        self._floor = Floor()
        self._waiting: list[tuple[np.void, Rows]] = []
        self._pending: list[_Pending] = []
        self._reps: list[Rep] = []
        self._lift: Mark | None = None
        self._lift_id = ""
        self._born = 0
        self._phase = Phase.IDLE
        self._clean = 0
        self._last_floor_ns: int | None = None
        self._last_end_ns = 0
        self._facing = _facing(config, prior)
        self._rows = np.zeros(MAX_DETECTIONS, DETECTION)
        self._windows = np.zeros(len(MARKERS), WINDOW)
        self._head = np.zeros(1, FRAME)
        self._now_ns = 0

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
            reach = 0.5 * REACH_ACCELERATION_MPS2 * gap * gap / self.plane.scale_m_per_px
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
        for pending in self._pending:
            reason = "the bar was never seen lying on, or striking, a floor below this lift"
            events.append(_void(pending.event, self._now_ns, reason))
        self._pending.clear()
        events += self._phase_event(self._now_ns)
        return events + self._end_set(self._now_ns)

    def _fix_scale(self, t_ns: int) -> list[Event]:
        """Fix scale, origin and facing on the first sightings that agree."""
        bars = [row for _, rows in self._waiting for row in rows if row["role"] == Role.BAR]
        needed = 1 if self.prior is not None else SCALE_FRAMES
        if len(bars) < needed:
            return []
        recent = bars[-needed:]
        radii = np.array([row["r_px"] for row in recent])
        if float(radii.max() / radii.min()) - 1.0 > SCALE_SPREAD:
            return []
        radius = self.prior.r_px if self.prior is not None else float(np.median(radii))
        marker = self.config.marker
        diameter = marker.diameter_m if marker.kind == "ring" else marker.plate_diameter_m
        if self._facing is Facing.UNKNOWN:
            self._facing = _facing_from_body([rows for _, rows in self._waiting])
        first = bars[0]
        self.plane = Plane(
            scale_m_per_px=diameter / (2.0 * radius),
            origin_x_px=float(first["x_px"]),
            origin_y_px=float(first["y_px"]),
            roll_rad=float(np.radians(self.config.rig.roll_deg)),
            forward=self._facing.sign,
        )
        return [
            ScaleEvent(
                t_ns=t_ns,
                scale_m_per_px=self.plane.scale_m_per_px,
                scale_rel_sd=self.config.rig.scale_rel_sd,
                origin_x_px=self.plane.origin_x_px,
                origin_y_px=self.plane.origin_y_px,
            )
        ]

    @property
    def facing(self) -> Facing:
        """Which way the lifter faces, as far as it is known."""
        return self._facing

    def _step(self, t_ns: int, detections: Rows) -> list[Event]:
        if not self._history.begin_frame(t_ns):
            return []
        self._now_ns = t_ns
        events: list[Event] = []
        scene = _best(detections, Role.SCENE)
        if scene is not None:
            self.scene_px = float(scene["x_px"]), float(scene["y_px"])
        for role in MARKERS:
            events += self._track(role, t_ns, detections)
        bar = self._tracks[Role.BAR]
        y, vy = (float(v) for v in bar.mean[1, :2])
        if bar.alive and bar.seen_ns == t_ns and self._floor.update(t_ns, y):
            events += self._release(t_ns)
        for mark in self._segmenter.update(t_ns, y, vy, bar.alive):
            events += self._on_mark(mark)
        events += self._phase_event(t_ns)
        if self._reps and not self._segmenter.in_rep:
            gap_s = (t_ns - self._last_end_ns) / NS_PER_S
            if gap_s > self.config.reps.set_gap_s:
                events += self._end_set(t_ns)
        return events

    def _track(self, role: Role, t_ns: int, detections: Rows) -> list[Event]:
        """Advance one marker's filter and its STATE row."""
        assert self.plane is not None  # noqa: S101  (only called with a plane)
        track = self._tracks[role]
        was_alive = track.alive
        if track.alive:
            track.predict(t_ns)
        row = _best(detections, role)
        if row is None and not was_alive:
            return []
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
            track.alive = False
        if not track.alive:
            track.start(t_ns, x, y, max(var_x, var_y))
        self._gated[role] = 0
        self._radius_px[role] = float(row["r_px"])
        self._history.put(role, x, y, max(var_x, var_y))

    # --- reps -------------------------------------------------------------------------------

    def _phase_event(self, t_ns: int) -> list[Event]:
        if self._segmenter.phase is self._phase:
            return []
        self._phase = self._segmenter.phase
        return [PhaseEvent(t_ns, self._phase, self.set_number, self.rep_number)]

    def _on_mark(self, mark: Mark) -> list[Event]:
        if mark.kind is MarkKind.LIFT:
            self._lift, self._born = mark, self._born + 1
            self._lift_id = f"{self.session_id}-{self._born:04d}"
            self.rep_number = len(self._reps) + len(self._pending) + 1
            return [self._rep_event(RepKind.NEW, mark.t_ns)]
        if mark.kind is MarkKind.TOP:
            return [self._rep_event(RepKind.UPDATE, mark.t_ns)]
        if mark.kind is MarkKind.END:
            return self._end_rep(mark)
        if mark.kind is MarkKind.VOID:
            self.rep_number = len(self._reps) + len(self._pending)
            return [self._rep_event(RepKind.VOID, mark.t_ns, mark.reason)]
        return []

    def _rep_event(self, kind: RepKind, t_ns: int, reason: str = "") -> RepEvent:
        number = max(1, self.rep_number)
        return RepEvent(t_ns, kind, self._lift_id, self.set_number, number, reason=reason)

    def _end_rep(self, mark: Mark) -> list[Event]:
        assert self._lift is not None  # noqa: S101  (an END follows a LIFT)
        lift = self._lift
        window = self._history.window(lift.bottom_ns - BODY_MARGIN_NS, self._now_ns)
        bar = self._history.smoothed(Role.BAR, window)
        given = RepInput(
            id=self._lift_id,
            set=self.set_number,
            number=self.rep_number,
            bottom_ns=lift.bottom_ns,
            floor_ns=mark.t_ns if mark.on_floor else None,
            in_air=lift.in_air,
            previous_floor_ns=self._last_floor_ns,
            facing_known=self._facing is not Facing.UNKNOWN,
            bar=bar,
            hip=self._history.smoothed(Role.HIP, window),
            shoulder=self._history.smoothed(Role.SHOULDER, window),
            handheld=self.prior is not None and self.prior.handheld,
        )
        rep = assemble(given, self.config)
        if isinstance(rep, str):
            self.rep_number = len(self._reps) + len(self._pending)
            return [self._rep_event(RepKind.VOID, self._now_ns, rep)]
        self._last_floor_ns = mark.t_ns if mark.on_floor else None
        path = bar[bar["t_ns"] >= lift.bottom_ns - MARGIN_NS]
        event = RepEvent(
            self._now_ns, RepKind.END, rep.id, rep.set, rep.rep, rep=rep, path=path.copy()
        )
        end_m = (float(bar["y_m"][-1]),) if mark.on_floor else ()
        self._pending.append(_Pending(event, (lift.bottom_m, *end_m)))
        return self._release(self._now_ns)

    def _release(self, t_ns: int) -> list[Event]:
        """Let finished reps out, in order, as far as a floor is known for them."""
        events: list[Event] = []
        for pending in list(self._pending):
            if not any(self._floor.supports(level) for level in pending.levels_m):
                continue
            self._pending.remove(pending)
            events += self._publish(pending.event, t_ns)
        return events

    def _publish(self, event: RepEvent, t_ns: int) -> list[Event]:
        rep = event.rep
        assert rep is not None  # noqa: S101  (only finished reps are pending)
        self._reps.append(rep)
        self._last_end_ns = t_ns
        self._clean = self._clean + 1 if cues.is_clean(rep.faults) else 0
        choice = cues.choose(rep.faults, self._clean)
        if choice is None:
            return [event]
        return [event, self._cue(choice, rep, t_ns)]

    def _cue(self, choice: cues.Choice, rep: Rep, t_ns: int) -> CueEvent:
        evidence: dict[str, float | str] = {}
        if choice.verdict is not None:
            verdict = choice.verdict
            evidence = {"threshold": verdict.threshold, "unit": verdict.unit}
            evidence |= {"value": verdict.value or 0.0, "sd": verdict.sd or 0.0}
            evidence["confidence"] = verdict.confidence
        return CueEvent(
            t_ns=t_ns,
            id=f"{rep.id}-cue",
            code=choice.code,
            severity=choice.severity,
            moment=Moment.AFTER,
            text=choice.text,
            rep_id=rep.id,
            ttl_ms=self.config.coach.cue_ttl_ms,
            evidence=evidence,
        )

    def _end_set(self, t_ns: int) -> list[Event]:
        if not self._reps:
            return []
        event = summarise(self._reps, self.set_number, t_ns)
        self._reps.clear()
        self.set_number += 1
        self.rep_number, self._clean, self._last_floor_ns = 0, 0, None
        return [event]


def _void(event: RepEvent, t_ns: int, reason: str) -> RepEvent:
    return RepEvent(t_ns, RepKind.VOID, event.id, event.set, event.number, reason=reason)


def _best(detections: Rows, role: Role) -> np.void | None:
    """Return the role's detection of the highest quality, if any."""
    mine = [row for row in detections if row["role"] == role]
    return max(mine, key=lambda row: float(row["quality"]), default=None)


def _facing(config: Config, prior: BarPrior | None) -> Facing:
    if config.marker.facing != "auto":
        return Facing(config.marker.facing)
    return prior.facing if prior is not None else Facing.UNKNOWN


def _facing_from_body(frames: list[Rows]) -> Facing:
    """The hips are behind the bar: toes point from the hip marker to the bar."""
    sides = []
    for rows in frames:
        bar, hip = _best(rows, Role.BAR), _best(rows, Role.HIP)
        if bar is not None and hip is not None:
            sides.append(float(bar["x_px"] - hip["x_px"]))
    if not sides:
        return Facing.UNKNOWN
    return Facing.RIGHT if float(np.median(sides)) > 0.0 else Facing.LEFT
