"""What each stage of the loop costs on a recording, its frames decoded beforehand."""

import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from shinline.app.bench.measure import Line, line, read_time, timed
from shinline.app.detectors import make_detector, warm_up
from shinline.app.openers import DEMO
from shinline.config import Config, Marker
from shinline.engine import Engine
from shinline.journal.record import SessionRecord
from shinline.journal.writer import JournalSink
from shinline.motion.history import History
from shinline.sources.video import VideoFile
from shinline.types import DETECTION, WINDOW, Frame, Role
from shinline.vision.watch import EVERY_NS, CameraWatch
from shinline.wire.encode import finished_rep
from shinline.wire.live import LiveBatcher

FRAMES: Final = 300
SEARCHED: Final = 40
REPEATS: Final = 20


def measure_stages(clip: Path | None) -> tuple[str, list[Line]]:
    """Measure the loop on the bundled recording (ring) or on ``clip`` (plate).

    Returns what was measured on, and the lines; the first one is the limit.

    Raises
    ------
    VideoError
        ``clip`` is no recording.

    """
    config = Config(marker=Marker(kind="plate" if clip else "ring"))
    warm_up(config)
    frames = list(islice(VideoFile(clip or DEMO).frames(), FRAMES))
    height, width = frames[0].luma.shape
    limit = read_time([frame.luma for frame in frames])
    lines = [limit, *_stages(frames, config)]
    return f"{width} x {height}, {len(frames)} frames", lines


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
    named = [
        line(f"{name} ({config.marker.kind}, tracked)" if name == "detect" else name, ns)
        for name, ns in spent.items()
    ]
    return [
        *named,
        line("the whole loop", whole),
        _acquire(frames, config),
        _watch(frames),
        _smooth(),
    ]


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
    for frame in frames[:SEARCHED]:
        detector = make_detector(config, None)
        detector.detect(frame.luma, 0, nothing, out)  # allocates its buffers
        spent.append(timed(lambda d=detector, f=frame: d.detect(f.luma, 0, nothing, out)))  # type: ignore[misc]
    return line(f"find anywhere ({config.marker.kind})", spent)


def _watch(frames: list[Frame]) -> Line:
    """A step of a look at the room, whether the camera stands as it stood: twice a second, nine."""
    watch, out = CameraWatch(), np.zeros(1, DETECTION)
    spent = []
    for i, f in enumerate(frames[:SEARCHED]):
        spent.append(timed(lambda i=i, f=f: watch.look(f.luma, i * EVERY_NS, out)))  # type: ignore[misc]
        while watch.looking:
            spent.append(timed(lambda f=f: watch.look(f.luma, 0, out)))  # type: ignore[misc]
    return line("look at the room, a step (18 a second)", spent)


def _smooth() -> Line:
    """Smoothing a rep of ten seconds at 60 Hz when it has ended (once per rep, not per frame)."""
    history = History()
    for i in range(600):
        history.begin_frame(i * 16_666_667)
        history.put(Role.BAR, 0.0, 0.5 * (i / 600.0), 1e-7)
    window = history.window(0, 10**12)
    history.smoothed(Role.BAR, window)
    spent = [timed(lambda: history.smoothed(Role.BAR, window)) for _ in range(REPEATS)]
    return line("smooth a 10-s rep", spent)
