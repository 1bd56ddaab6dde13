"""Where a marker was, as raw as it can be had: from a clip, the journal, or a table of positions.

In these paths x is to the right *in the picture* whoever faces where, so that a lean has the sign
of ``rig.roll_deg``: positive when a plumb line leans to the right at its upper end.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from math import cos, radians, sin
from pathlib import Path
from typing import Any, Final

import numpy as np

from shinline.app.detectors import make_detector
from shinline.app.recording import Progress, look_through
from shinline.config import Config
from shinline.engine import Engine
from shinline.geometry.plane import Plane
from shinline.journal.reader import Catalogue
from shinline.sources.video import VideoFile
from shinline.types import NS_PER_S, FloatArray, Role, Rows, ScaleEvent
from shinline_cal.verify.devices import UNITS, split_unit
from shinline_cal.verify.tables import Table, TableError, read_table

FEWEST: Final = 12
STRAY_M: Final = 0.15
"""A sighting so far from its neighbours is of something else."""

TABLES: Final = (".csv", ".txt", ".tsv")


@dataclass(frozen=True, slots=True)
class MarkerPath:
    """Positions of one marker, sightings only, in the order of time.

    Attributes
    ----------
    t_s, x_m, y_m
        (n,) seconds strictly increasing; metres, x to the right in the picture, y up.
    source
        What it was read from, for the page.
    raw
        True for single sightings; False for a path that was smoothed before, whose noise is lower
        and whose sudden changes are rounded.
    vy_mps
        (n,) vertical speed as the source published it, if it did.
    roll_deg
        The roll that is already taken out.
    seen_ratio
        Sightings over pictures; None if unknown.
    mm_per_px
        Scale, if known.

    """

    t_s: FloatArray
    x_m: FloatArray
    y_m: FloatArray
    source: str
    raw: bool = True
    vy_mps: FloatArray | None = None
    roll_deg: float = 0.0
    seen_ratio: float | None = None
    mm_per_px: float | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def rate_hz(self) -> float:
        """Pictures per second, from the median interval."""
        return 1.0 / float(np.median(np.diff(self.t_s)))


def read_path(target: str, config: Config, journal: Path, progress: Progress) -> MarkerPath:
    """Read a table or a clip (an existing file), or a session of the journal (anything else).

    Raises
    ------
    TableError
        There is no path in it; the message says what was expected.
    VideoError, NoPlateError, JournalError, OSError
        The recording or the session cannot be read.

    """
    path = Path(target)
    suffix = path.suffix.lower()
    if path.is_file() and suffix in TABLES:
        return checked(_from_table(read_table(path)))
    if path.is_file() and suffix == ".json":
        return checked(_from_json(path))
    if path.is_file() or suffix:
        return checked(_from_clip(path, config, progress))
    return checked(_from_session(target, journal))


def checked(path: MarkerPath) -> MarkerPath:
    """Return the path in strict order of time, without sightings of something else.

    Raises
    ------
    TableError
        It has too few samples, or its times do not increase.

    """
    if path.t_s.size < FEWEST:
        raise TableError(
            f"{path.source}: the marker was seen {path.t_s.size} times; at least {FEWEST} sightings"
            " are needed. Is the whole marker in the picture, and is --marker right?"
        )
    steps = np.diff(path.t_s)
    if (steps <= 0.0).any():
        where = int(np.argmax(steps <= 0.0)) + 1
        raise TableError(
            f"{path.source}: times must increase; sample {where + 1} at {path.t_s[where]:g} s comes"
            f" after {path.t_s[where - 1]:g} s"
        )
    return _without_strays(path)


def _without_strays(path: MarkerPath) -> MarkerPath:
    """Leave out sightings far from both sides of their neighbourhood; a note says how many.

    A steady motion passes through the median of the five sightings around each, however fast; only
    an impact leaves it, and by less than :data:`STRAY_M`.
    """
    windows = np.lib.stride_tricks.sliding_window_view
    away = np.zeros(path.t_s.size)
    for values in (path.x_m, path.y_m):
        middle = np.median(
            windows(np.pad(values, 2, mode="reflect", reflect_type="odd"), 5), axis=1
        )
        away = np.maximum(away, np.abs(values - middle))
    keep = away < STRAY_M
    if keep.all():
        return path
    note = f"{int((~keep).sum())} of {keep.size} sightings were far from the others and left out."
    return replace(
        path,
        t_s=path.t_s[keep],
        x_m=path.x_m[keep],
        y_m=path.y_m[keep],
        vy_mps=None if path.vy_mps is None else path.vy_mps[keep],
        notes=[*path.notes, note],
    )


@dataclass(slots=True)
class _Sightings:
    """Collects the bar's sightings in pixels, with a hand-held camera's motion taken out."""

    t_ns: list[int] = field(default_factory=list)
    x_px: list[float] = field(default_factory=list)
    y_px: list[float] = field(default_factory=list)
    frames: int = 0
    scene_px: tuple[float, float] = (0.0, 0.0)

    def add(self, t_ns: int, detections: Rows) -> None:
        self.frames += 1
        scene = detections[detections["role"] == Role.SCENE]
        if len(scene):
            self.scene_px = float(scene[0]["x_px"]), float(scene[0]["y_px"])
        bars = detections[detections["role"] == Role.BAR]
        if len(bars):
            best = bars[int(np.argmax(bars["quality"]))]
            self.t_ns.append(t_ns)
            self.x_px.append(float(best["x_px"]) - self.scene_px[0])
            self.y_px.append(float(best["y_px"]) - self.scene_px[1])

    def path(self, plane: Plane, source: str, roll_deg: float) -> MarkerPath:
        upright = replace(plane, forward=1.0)
        world = np.array(
            [upright.plane_from_image(x, y) for x, y in zip(self.x_px, self.y_px, strict=True)]
        ).reshape(-1, 2)
        t_ns = np.array(self.t_ns, np.int64)
        return MarkerPath(
            t_s=(t_ns - (t_ns[0] if t_ns.size else 0)) / NS_PER_S,
            x_m=world[:, 0],
            y_m=world[:, 1],
            source=source,
            roll_deg=roll_deg,
            seen_ratio=len(self.t_ns) / self.frames if self.frames else None,
            mm_per_px=1000.0 * plane.scale_m_per_px,
        )


def _from_clip(path: Path, config: Config, progress: Progress) -> MarkerPath:
    video = VideoFile(path)
    prior = look_through(video, config, progress)
    engine = Engine(config, path.stem, prior, make_detector(config, prior))
    sightings = _Sightings()
    for frame in video.frames():
        engine.feed(frame)
        sightings.add(frame.t_ns, engine.detections)
        progress("following the marker", min(1.0, sightings.frames / video.info.frames_estimate))
    if engine.plane is None:
        raise TableError(_never_fixed(path.name, sightings, config.marker.kind))
    return sightings.path(engine.plane, path.name, config.rig.roll_deg)


def _from_session(target: str, journal: Path) -> MarkerPath:
    catalogue = Catalogue(journal)
    session = catalogue.resolve(target)
    record = catalogue.record(session)
    scale = next((e for e in catalogue.events(session) if isinstance(e, ScaleEvent)), None)
    recorded = catalogue.recorded(session)
    sightings = _Sightings()
    for head, detections in recorded:
        sightings.add(int(head["t_ns"]), detections)
    if scale is None:
        raise TableError(_never_fixed(f"session {session}", sightings, record.config.marker.kind))
    roll_deg = record.config.rig.roll_deg
    plane = Plane(
        scale.scale_m_per_px, scale.origin_x_px, scale.origin_y_px, float(np.radians(roll_deg))
    )
    path = sightings.path(plane, f"session {session}", roll_deg)
    path.notes.extend(recorded.problems)
    return path


def _never_fixed(name: str, sightings: _Sightings, kind: str) -> str:
    return (
        f"{name}: the {kind} was seen in {len(sightings.t_ns)} of {sightings.frames} pictures,"
        " never long enough to fix the scale. Start with the marker at rest and in full view"
    )


def _from_json(path: Path) -> MarkerPath:
    expected = "expected what 'shinline analyze --json' writes, with a 'path'"
    try:
        document: Any = json.loads(path.read_text(encoding="utf-8-sig"))
        rows = [row for row in document["path"] if not row.get("coasting")]
        columns = {
            name: np.array([float(row[name]) for row in rows], float)
            for name in ("t_s", "x_m", "y_m", "vy_mps")
        }
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise TableError(f"{path}: {expected} ({problem!r})") from None
    mirrored = -1.0 if document.get("facing") == "left" else 1.0
    scale = document.get("scale_m_per_px")
    return MarkerPath(
        t_s=columns["t_s"],
        x_m=mirrored * columns["x_m"],
        y_m=columns["y_m"],
        source=path.name,
        raw=False,
        vy_mps=columns["vy_mps"],
        seen_ratio=document.get("frames_tracked", 0) / max(1, document.get("frames", 1)),
        mm_per_px=None if scale is None else 1000.0 * scale,
    )


_NAMES: Final = {
    "t": ("t", "time", "t s", "time s", "zeit", "temps", "tiempo"),
    "x": ("x", "x m", "pos x", "position x", "horizontal"),
    "y": ("y", "y m", "pos y", "position y", "vertical", "height"),
    "vy": ("vy", "v y", "vy mps", "velocity y"),
}


def _from_table(table: Table) -> MarkerPath:
    """Read columns t, x, y (their unit in the header, else s and m) and perhaps vy in m/s."""
    found: dict[str, FloatArray] = {}
    keep = np.ones(len(table.rows), bool)
    for name, kind in (("t", "time"), ("x", "length"), ("y", "length"), ("vy", "speed")):
        index = _find(table, _NAMES[name])
        if index is None:
            continue
        unit = split_unit(table.header[index])[1]
        values = [np.nan if v is None else v for v in table.numbers(index)]
        found[name] = np.array(values, float) * UNITS[kind].get(unit, 1.0)
        keep &= np.isfinite(found[name])
    if not {"t", "x", "y"} <= found.keys():
        raise TableError(
            f"{table.file}: expected columns t_s, x_m and y_m (time, right, up; another unit in"
            f" brackets); found {', '.join(table.header)}"
        )
    if "coasting" in table.header:
        index = table.header.index("coasting")
        keep &= np.array(
            [text.strip().lower() not in ("true", "1") for text in table.column(index)]
        )
    vy = found.get("vy")
    return MarkerPath(
        found["t"][keep],
        found["x"][keep],
        found["y"][keep],
        table.file,
        raw=vy is None,
        vy_mps=None if vy is None else vy[keep],
    )


def _find(table: Table, names: Iterable[str]) -> int | None:
    bare = [split_unit(title)[0] for title in table.header]
    return next((bare.index(name) for name in names if name in bare), None)


def turned(x_m: FloatArray, y_m: FloatArray, deg: float) -> tuple[FloatArray, FloatArray]:
    """Turn a path so that what leant to the right by ``deg`` stands upright."""
    c, s = cos(radians(deg)), sin(radians(deg))
    return c * x_m - s * y_m, s * x_m + c * y_m
