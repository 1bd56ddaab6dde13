"""``shinline bench``: what each stage costs, in medians, beside named peers in the same run.

One thread, one process, frames decoded beforehand. Times are this machine's; the ratios carry
over better than the times do.
"""

import platform
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import cv2
import numba
import numpy as np
from rich.console import Console
from rich.table import Table

from shinline import __version__
from shinline.app.bench_kernels import read_once
from shinline.app.detectors import make_detector, warm_up
from shinline.app.openers import DEMO
from shinline.config import Config, Marker
from shinline.engine import Engine
from shinline.journal.record import SessionRecord
from shinline.journal.writer import JournalSink
from shinline.motion.history import History
from shinline.sources.video import VideoFile
from shinline.types import DETECTION, WINDOW, Frame, Role, U8Image
from shinline.wire.encode import finished_rep
from shinline.wire.live import LiveBatcher

FRAMES: Final = 300
PEER_FRAMES: Final = 40
REPEATS: Final = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One measured stage."""

    name: str
    median_us: float
    p95_us: float


def run_bench(clip: Path | None, console: Console) -> None:
    """Measure and print the tables.

    Raises
    ------
    VideoError
        ``clip`` is no recording.

    """
    cv2.setNumThreads(1)
    config = Config(marker=Marker(kind="plate" if clip else "ring"))
    with console.status("compiling and decoding"):
        warm_up(config)
        frames = list(islice(VideoFile(clip or DEMO).frames(), FRAMES))
    height, width = frames[0].luma.shape
    console.print(
        f"shinline {__version__}, {platform.machine()}, Python {platform.python_version()}, "
        f"numba {numba.__version__}, OpenCV {cv2.__version__}; {width} x {height}, "
        f"{len(frames)} frames"
    )
    limit = _read_time(frames)
    lines = [limit, *_stages(frames, config)]
    console.print(_table("Per frame", lines, limit.median_us))
    console.print(_table("Peers on the same frames", _peers(frames), limit.median_us))


def _table(title: str, lines: list[Line], limit_us: float) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in ("stage", "median us", "p95 us", "x reading the frame"):
        table.add_column(heading, justify="left" if heading == "stage" else "right")
    for line in lines:
        ratio = line.median_us / limit_us
        table.add_row(line.name, f"{line.median_us:.1f}", f"{line.p95_us:.1f}", f"{ratio:.2f}")
    return table


def _line(name: str, spent_ns: list[int]) -> Line:
    return Line(name, float(np.median(spent_ns)) / 1e3, float(np.percentile(spent_ns, 95)) / 1e3)


def _timed(call: Callable[[], Any]) -> int:
    began = time.perf_counter_ns()
    call()
    return time.perf_counter_ns() - began


def _read_time(frames: list[Frame]) -> Line:
    words = [f.luma.reshape(-1)[: f.luma.size // 8 * 8].view(np.int64) for f in frames]
    read_once(words[0])
    return _line("read the frame once", [_timed(lambda w=w: read_once(w)) for w in words])  # type: ignore[misc]


def _stages(frames: list[Frame], config: Config) -> list[Line]:
    """Time the loop's stages over the frames, as ``run`` does them."""
    engine = Engine(config, "bench", None, make_detector(config, None))
    batcher = LiveBatcher(str)
    spent: dict[str, list[int]] = {"detect": [], "advance": [], "journal": [], "live message": []}
    with tempfile.TemporaryDirectory() as folder:
        journal = _journal(Path(folder) / "bench.sqlite3", config, frames)
        for frame in frames:
            t0 = time.perf_counter_ns()
            head, rows = engine.look(frame)
            t1 = time.perf_counter_ns()
            engine.advance(head, rows)
            t2 = time.perf_counter_ns()
            journal.frame(head, rows)
            t3 = time.perf_counter_ns()
            batcher.add(engine.states)
            t4 = time.perf_counter_ns()
            for name, ns in zip(spent, (t1 - t0, t2 - t1, t3 - t2, t4 - t3), strict=True):
                spent[name].append(ns)
        journal.close("finished")
    whole = [sum(parts) for parts in zip(*spent.values(), strict=True)]
    rows_ = [
        _line(f"{name} ({config.marker.kind}, tracked)" if name == "detect" else name, ns)
        for name, ns in spent.items()
    ]
    return [*rows_, _line("the whole loop", whole), _acquire(frames, config), _smooth()]


def _journal(path: Path, config: Config, frames: list[Frame]) -> JournalSink:
    height, width = frames[0].luma.shape
    record = SessionRecord(
        id="bench",
        started_utc_ns=0,
        t0_sensor_ns=0,
        source="bench",
        config=config,
        width_px=width,
        height_px=height,
        rate_hz=60.0,
    )
    return JournalSink(
        path, record, rep_json=lambda rep: finished_rep(rep, config, str), on_problem=print
    )


def _acquire(frames: list[Frame], config: Config) -> Line:
    """A full search of the frame, as after a loss."""
    out = np.zeros(len(Role), DETECTION)
    nothing = np.zeros(0, WINDOW)
    spent = []
    for frame in frames[:PEER_FRAMES]:
        detector = make_detector(config, None)
        detector.detect(frame.luma, 0, nothing, out)  # allocates its buffers
        spent.append(_timed(lambda d=detector, f=frame: d.detect(f.luma, 0, nothing, out)))  # type: ignore[misc]
    return _line(f"find anywhere ({config.marker.kind})", spent)


def _smooth() -> Line:
    """Smoothing a rep of ten seconds at 60 Hz when it has ended (once per rep, not per frame)."""
    history = History()
    for i in range(600):
        history.begin_frame(i * 16_666_667)
        history.put(Role.BAR, 0.0, 0.5 * (i / 600.0), 1e-7)
    window = history.window(0, 10**12)
    history.smoothed(Role.BAR, window)
    spent = [_timed(lambda: history.smoothed(Role.BAR, window)) for _ in range(REPEATS)]
    return _line("smooth a 10-s rep", spent)


def _peers(frames: list[Frame]) -> list[Line]:
    """General-purpose detectors of OpenCV, one thread, on the same frames."""
    blob = cv2.SimpleBlobDetector.create()
    dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
    aruco = cv2.aruco.ArucoDetector(dictionary)

    def hough(luma: U8Image) -> Any:
        quarter = cv2.resize(luma, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
        return cv2.HoughCircles(quarter, cv2.HOUGH_GRADIENT, 1.5, 40.0)

    peers: dict[str, Callable[[U8Image], Any]] = {
        "OpenCV ArUco": aruco.detectMarkers,
        "OpenCV SimpleBlob": blob.detect,
        "OpenCV HoughCircles, quarter size": hough,
    }
    lines = []
    for name, call in peers.items():
        call(frames[0].luma)
        spent = [_timed(lambda c=call, f=f: c(f.luma)) for f in frames[:PEER_FRAMES]]  # type: ignore[misc]
        lines.append(_line(name, spent))
    return lines
