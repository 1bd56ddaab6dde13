"""``shinline analyze``: the engine on a recording, every frame of it, as fast as it goes."""

from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.text import Text

from shinline import __version__
from shinline.app.body.runner import InTurn
from shinline.app.calibrations import from_file
from shinline.app.clock import utc_from_sensor
from shinline.app.detectors import make_body, make_detector, make_watch
from shinline.app.recording import NoPlateError, Progress, look_through
from shinline.app.report import counted, print_reps
from shinline.app.words import with_words
from shinline.config import Config
from shinline.engine import Engine
from shinline.journal.record import DEFINITIONS
from shinline.motion.kalman_kernels import lateness_s
from shinline.motion.smooth import smooth
from shinline.sources.video import VideoFile
from shinline.types import (
    NS_PER_S,
    BodySight,
    CameraEvent,
    CameraIdentity,
    CueEvent,
    Event,
    Rep,
    RepEvent,
    RepKind,
    Role,
    Rows,
    SetEvent,
)
from shinline.wire.encode import finished_rep, set_summary

SCHEMA: Final = 1
MAX_GAP_S: Final = 0.5
"""The path is not drawn across longer gaps."""


@dataclass(slots=True)
class Analysis:
    """What was found in a recording. ``problem`` says why nothing, or not all, could be found.

    ``sights`` tells, by ``t_ns``, what pictures showed of a lifter without stickers.
    """

    clip: Path
    config: Config
    rate_hz: float
    frames: int = 0
    frames_tracked: int = 0
    scale_m_per_px: float | None = None
    facing: str = "unknown"
    reps: list[Rep] = field(default_factory=list)
    voids: list[tuple[float, str]] = field(default_factory=list)
    cues: list[CueEvent] = field(default_factory=list)
    camera: list[CameraEvent] = field(default_factory=list)
    sets: list[SetEvent] = field(default_factory=list)
    path: list[dict[str, Any]] = field(default_factory=list)
    sights: dict[int, BodySight] = field(default_factory=dict)
    problem: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the document of ``--json``; times in seconds from the clip's first frame."""
        marker = self.config.marker
        return {
            "schema": SCHEMA,
            "definitions": DEFINITIONS,
            "version": __version__,
            "source": self.clip.name,
            "rate_hz": self.rate_hz,
            "frames": self.frames,
            "frames_tracked": self.frames_tracked,
            "marker": marker.kind,
            "scale_m_per_px": self.scale_m_per_px,
            "facing": self.facing,
            "problem": self.problem or None,
            "reps": [self._rep(rep) for rep in self.reps],
            "sets": [set_summary(event, self.config) for event in self.sets],
            "voids": [{"t_s": t_s, "reason": reason} for t_s, reason in self.voids],
            "camera_events": [_camera(event) for event in self.camera],
            "path": self.path,
        }

    def _rep(self, rep: Rep) -> dict[str, Any]:
        floor_s = None if rep.floor_ns is None else rep.floor_ns / NS_PER_S
        return {
            **finished_rep(rep, self.config, clip_time),
            "liftoff_s": rep.start_ns / NS_PER_S,
            "lockout_s": rep.lockout_ns / NS_PER_S,
            "floor_s": floor_s,
        }


def _camera(event: CameraEvent) -> dict[str, Any]:
    fields = {"changed": [*event.changed], "text": event.text, "evidence": dict(event.evidence)}
    return {"t_s": event.t_ns / NS_PER_S, **fields}


clip_time: Final = utc_from_sensor(0, 0)
"""ISO time of an instant of a recording, whose first frame counts as 1970-01-01T00:00Z."""


@dataclass(slots=True)
class _Samples:
    """Measured positions, frame by frame."""

    t_ns: list[int] = field(default_factory=list)
    x_px: list[float] = field(default_factory=list)
    y_px: list[float] = field(default_factory=list)
    r_px: list[float] = field(default_factory=list)
    var_px2: list[float] = field(default_factory=list)
    late_s: list[float] = field(default_factory=list)
    scene_px: list[tuple[float, float]] = field(default_factory=list)

    def add(self, t_ns: int, row: np.void | None, scene_px: tuple[float, float]) -> None:
        self.t_ns.append(t_ns)
        self.scene_px.append(scene_px)
        self.late_s.append(0.0 if row is None else lateness_s(int(row["t_ns"]), t_ns))
        self.x_px.append(np.nan if row is None else float(row["x_px"]))
        self.y_px.append(np.nan if row is None else float(row["y_px"]))
        self.r_px.append(np.nan if row is None else float(row["r_px"]))
        self.var_px2.append(
            np.inf if row is None else max(float(row["var_x_px2"]), float(row["var_y_px2"]))
        )


def analyze(
    clip: Path, config: Config, progress: Progress, rig_path: Path | None = None
) -> Analysis:
    """Track a recording from end to end; with a rig file, through the camera as it stood.

    Raises
    ------
    VideoError
        The file is no recording.
    ConfigError
        The rig file cannot be read, or is of another mode; the table of words or the body source
        cannot be used.

    """
    config = with_words(config)
    video = VideoFile(clip)
    with closing(InTurn(config, video.info.rate_hz)) as body:
        return _analyzed(video, config, progress, rig_path, body)


def _analyzed(
    video: VideoFile, config: Config, progress: Progress, rig_path: Path | None, body: InTurn
) -> Analysis:
    clip = video.path
    if rig_path is not None:
        camera = CameraIdentity("", "", video.info.width_px, video.info.height_px)
        config = from_file(rig_path, config, camera)
    result = Analysis(clip, config, video.info.rate_hz)
    try:
        prior = look_through(video, config, progress)
    except NoPlateError as problem:
        result.frames = sum(1 for _ in video.frames())
        result.problem = f"no plate to follow: {problem}"
        return result
    detector = make_detector(config, prior)
    engine = Engine(config, clip.stem, prior, detector, make_watch(prior), make_body())
    samples = _Samples()
    events: list[Event] = []
    for frame in video.frames():
        head, rows = engine.look(frame)
        events += engine.advance(head, body.join(frame, head, rows))
        result.sights.update((sight.t_ns, sight) for sight in engine.sights())
        bar = next((row for row in engine.detections if row["role"] == Role.BAR), None)
        samples.add(frame.t_ns, bar, engine.scene_px)
        progress("tracking the bar", min(1.0, len(samples.t_ns) / video.info.frames_estimate))
    events += engine.finish()
    _collect(result, events, engine, samples)
    if video.problem:
        result.problem = f"{result.problem}; {video.problem}" if result.problem else video.problem
    return result


def print_analysis(console: Console, result: Analysis) -> None:
    """Print the reps and what was judged of them, and below it what the recording was like."""
    title = f"{result.clip.name}: {counted(len(result.reps))}"
    print_reps(console, result.reps, title, camera=result.camera)
    for advice in (advice for event in result.sets for advice in event.advice):
        console.print(Text(f"to try: {advice.text} ({advice.reason})"))
    console.print(
        f"bar seen in {result.frames_tracked} of {result.frames} pictures, "
        f"lifter faces {result.facing}"
    )
    for t_s, reason in result.voids:
        console.print(Text(f"not a rep, at {t_s:.2f} s: {reason}", style="dim"))


def _collect(result: Analysis, events: list[Event], engine: Engine, samples: _Samples) -> None:
    result.frames = len(samples.t_ns)
    result.frames_tracked = int(np.isfinite(samples.x_px).sum())
    result.facing = engine.facing.value
    for event in events:
        if isinstance(event, CueEvent):
            result.cues.append(event)
        elif isinstance(event, CameraEvent):
            result.camera.append(event)
        elif isinstance(event, SetEvent):
            result.sets.append(event)
        elif isinstance(event, RepEvent) and event.kind is RepKind.END and event.rep is not None:
            result.reps.append(event.rep)
        elif isinstance(event, RepEvent) and event.kind is RepKind.VOID:
            result.voids.append((event.t_ns / NS_PER_S, event.reason))
    if engine.plane is None:
        what = "plate" if result.config.marker.kind == "plate" else "ring marker"
        result.problem = (
            f"the {what} was seen in {result.frames_tracked} of {result.frames} pictures, "
            "never long enough to fix the scale"
        )
        return
    result.scale_m_per_px = engine.plane.scale_m_per_px
    result.path = _path(samples, engine)


def _path(samples: _Samples, engine: Engine) -> list[dict[str, Any]]:
    """Smooth the whole track, piece by piece between long gaps."""
    assert engine.plane is not None  # noqa: S101  (checked by the caller)
    plane = engine.plane
    t_ns = np.array(samples.t_ns, np.int64)
    seen = np.isfinite(samples.x_px)
    world = np.array(
        [
            plane.plane_from_image(x - scene[0], y - scene[1]) if ok else (0.0, 0.0)
            for x, y, scene, ok in zip(
                samples.x_px, samples.y_px, samples.scene_px, seen, strict=True
            )
        ]
    ).reshape(-1, 2)
    variance = np.array(samples.var_px2) * plane.scale_m_per_px**2
    rows: list[dict[str, Any]] = []
    for piece in _pieces(t_ns, seen):
        x_m, y_m = world[piece].T
        late_s = np.array(samples.late_s[piece])
        path = smooth(t_ns[piece], x_m, y_m, variance[piece], seen[piece], late_s)
        rows += _path_rows(path, np.array(samples.r_px)[piece], samples.scene_px[piece], engine)
    return rows


def _pieces(t_ns: Any, seen: Any) -> list[slice]:
    """Cut at gaps longer than MAX_GAP_S; each piece begins and ends with a sighting."""
    where = np.flatnonzero(seen)
    if not where.size:
        return []
    cuts = np.flatnonzero(np.diff(t_ns[where]) > MAX_GAP_S * NS_PER_S)
    first = [int(where[0]), *(int(where[i + 1]) for i in cuts)]
    last = [*(int(where[i]) for i in cuts), int(where[-1])]
    return [slice(a, b + 1) for a, b in zip(first, last, strict=True)]


def _path_rows(
    path: Rows, r_px: Any, scene_px: list[tuple[float, float]], engine: Engine
) -> list[dict[str, Any]]:
    """Make the JSON rows: pixels as in the picture, metres with the camera's motion taken out."""
    assert engine.plane is not None  # noqa: S101
    rows = []
    radius = float(r_px[0])
    for row, r, scene in zip(path, r_px, scene_px, strict=True):
        radius = float(r) if np.isfinite(r) else radius
        x_px, y_px = engine.plane.image_from_plane(float(row["x_m"]), float(row["y_m"]))
        rows.append(
            {
                "t_s": int(row["t_ns"]) / NS_PER_S,
                "x_px": round(x_px + scene[0], 3),
                "y_px": round(y_px + scene[1], 3),
                "r_px": round(radius, 3),
                "x_m": round(float(row["x_m"]), 5),
                "y_m": round(float(row["y_m"]), 5),
                "vy_mps": round(float(row["vy_mps"]), 4),
                "coasting": bool(row["coasting"]),
            }
        )
    return rows
