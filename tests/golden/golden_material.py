"""The bundled recording, as an x86-64 machine saw it: what every machine is held against.

``python tests/golden/golden_material.py --write`` records it anew; do that only where a change of
detections or events is meant, and say in the change what moved.
"""

import platform
import sys
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from shinline.app.detectors import make_detector, make_watch
from shinline.app.openers import DEMO, demo_config
from shinline.config import Config
from shinline.engine import Engine
from shinline.journal.record import SessionRecord
from shinline.journal.writer import JournalSink
from shinline.sources.video import VideoFile
from shinline.types import Rows
from shinline.wire.encode import finished_rep

JOURNAL: Final = Path(__file__).parent / "demo.sqlite3"
SESSION: Final = "20261126T000000-90de"
CONFIG: Final = demo_config(Config())
STARTED_UTC_NS: Final = 1_795_651_200_000_000_000

Seen = list[tuple[np.void, Rows]]


def look(frames: int | None = None) -> Seen:
    """Detect in the bundled recording, with the windows of an engine that follows."""
    engine = Engine(CONFIG, SESSION, None, make_detector(CONFIG, None), make_watch(None))
    seen = []
    for frame in islice(VideoFile(DEMO).frames(), frames):
        head, rows = engine.look(frame)
        seen.append((head.copy(), rows.copy()))
        engine.advance(head, rows)
    return seen


def record(path: Path) -> None:
    """Run the whole recording and keep what was detected and what came of it."""
    video = VideoFile(DEMO)
    session = SessionRecord(
        id=SESSION,
        started_utc_ns=STARTED_UTC_NS,
        t0_sensor_ns=0,
        source=f"{DEMO.name} on {platform.machine()}",
        config=CONFIG,
        width_px=video.info.width_px,
        height_px=video.info.height_px,
        rate_hz=video.info.rate_hz,
    )
    engine = Engine(CONFIG, SESSION, None, make_detector(CONFIG, None), make_watch(None))
    sink = JournalSink(
        path,
        session,
        rep_json=lambda rep: finished_rep(rep, CONFIG, lambda t_ns: STARTED_UTC_NS + t_ns),
        on_problem=sys.exit,
    )
    for frame in video.frames():
        head, rows = engine.look(frame)
        events = engine.advance(head, rows)
        sink.frame(head, rows)
        for event in events:
            sink.event(event)
    for event in engine.finish():
        sink.event(event)
    sink.close("finished")


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(__doc__)
    JOURNAL.unlink(missing_ok=True)
    record(JOURNAL)
