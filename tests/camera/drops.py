"""How many pictures are lost, and what a picture costs: a figure for this machine, not a test.

``tests/camera/root.sh run python tests/camera/drops.py [MINUTES] [RATE_HZ]``, on one core with
``taskset -c 0`` before ``python``. Bars of 1280 x 800 come at the sensor's pace, and the loop does
with each what the program does with it: the engine, and a journal on disk.
"""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

import virtual_camera
from camera_scene import show_bars

from shinline.app.detectors import make_detector, make_watch, warm_up
from shinline.config import Config
from shinline.engine import Engine
from shinline.journal.record import SessionRecord
from shinline.journal.writer import JournalSink
from shinline_pi.camera import PiCamera

SIZE = (1280, 800)


def main(minutes: float, rate_hz: float) -> None:
    """Run, and print one line of figures."""
    show_bars("bars", SIZE)
    config = Config()
    warm_up(config)
    camera = PiCamera(virtual_camera.install(rate_hz))
    sensor = camera._camera.camera
    engine = Engine(config, "drops", None, make_detector(config, None), make_watch(None))
    record = SessionRecord(
        id="drops",
        started_utc_ns=0,
        t0_sensor_ns=0,
        source=camera.name,
        config=config,
        width_px=camera.width_px,
        height_px=camera.height_px,
        rate_hz=rate_hz,
    )
    waits, works, frames = [], [], 0
    with TemporaryDirectory() as folder:
        journal = JournalSink(
            Path(folder) / "journal.sqlite3", record, rep_json=lambda _rep: {}, on_problem=print
        )
        camera.read()
        ticks, lost, dropped = sensor.ticks, sensor.lost, camera.dropped
        end_s = time.monotonic() + 60.0 * minutes
        while time.monotonic() < end_s:
            asked = time.thread_time_ns()
            frame = camera.read()
            got = time.thread_time_ns()
            head, rows = engine.look(frame)
            engine.advance(head, rows)
            journal.frame(head, rows)
            works.append(time.thread_time_ns() - got)
            waits.append(got - asked)
            frames += 1
            del frame
        ticks, lost = sensor.ticks - ticks, sensor.lost - lost
        journal.close("finished")
    period_us = 1e6 / rate_hz
    unread = max(0, ticks - lost - frames)
    print(
        f"{minutes:g} min at {rate_hz:g} Hz, {SIZE[0]}x{SIZE[1]}: {ticks} exposures, {frames} "
        f"handled; {lost} found no free buffer, {unread} were not read "
        f"({(lost + unread) / ticks:.4%} lost; {camera.dropped - dropped} by the time stamps)"
    )
    for name, spans in (("source", waits), ("engine and journal", works)):
        p50, p99 = np.percentile(spans, [50, 99]) / 1e3
        print(
            f"  {name}: {p50:.0f} us p50, {p99:.0f} us p99 of the loop's CPU per frame "
            f"({p50 / period_us:.3f} and {p99 / period_us:.3f} of the period)"
        )
    camera.close()


if __name__ == "__main__":
    given = [float(word) for word in sys.argv[1:]]
    main(*(given + [2.0, 120.0][len(given) :]))
