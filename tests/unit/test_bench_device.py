"""The report of a device says what was measured, and what was not because it was simulated."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from shinline.app.bench.device import main as device
from shinline.app.bench.device.camera import (
    BAR_D_PX,
    BUFFERS,
    PERIOD_S,
    PLACES,
    PX_PER_M,
    StoredLift,
    open_stored,
    rise,
)
from shinline.app.bench.device.main import Measured, TimedSource, measure_device
from shinline.app.bench.device.report import curve, report
from shinline.app.bench.device.watcher import Look
from shinline.app.machine import Health
from shinline.app.meter import Meter
from shinline.app.plugins import CommandError
from shinline.config import Config
from shinline.types import Role
from shinline.vision.ring import detect_image

MS = 1_000_000


@pytest.fixture(scope="module")
def lift() -> StoredLift:
    return StoredLift(rate_hz=5.0)


def test_every_marker_is_where_the_stored_lift_says(lift: StoredLift) -> None:
    looked = 0
    for _ in range(2 * round(PERIOD_S * 5.0) + BUFFERS):
        frame = lift.take()
        if frame.seq % 9:
            continue
        looked += 1
        found = {Role(int(row["role"])): row for row in detect_image(frame.luma)}
        share = rise(frame.t_ns / 1e9)
        for role, (x_px, y_px, rise_m) in PLACES.items():
            assert found[role]["x_px"] == pytest.approx(x_px, abs=0.1)
            assert found[role]["y_px"] == pytest.approx(y_px - share * rise_m * PX_PER_M, abs=0.1)
        assert 2.0 * found[Role.BAR]["r_px"] == pytest.approx(BAR_D_PX, rel=0.01)
    assert looked > 5


def test_a_stored_lift_is_the_same_picture_a_lift_later_in_whichever_buffer() -> None:
    lift = StoredLift(rate_hz=5.0)
    per_lift = round(PERIOD_S * 5.0)
    assert per_lift % BUFFERS
    frames = [lift.take().luma.copy() for _ in range(per_lift + 1)]
    assert np.array_equal(frames[0], frames[per_lift])
    assert not np.array_equal(frames[0], frames[per_lift - 10])


def test_a_bar_that_nobody_lifts_lies() -> None:
    lift = StoredLift(5.0, lifted=False)
    frames = [lift.take().luma.copy() for _ in range(40)]
    assert all(np.array_equal(frames[0], each) for each in frames)


def test_a_timed_source_ends_and_hands_everything_else_through(lift: StoredLift) -> None:
    source = TimedSource(open_stored(lift), minutes=0.0)
    assert source.read() is None
    assert (source.rate_hz, source.dropped, source.name) == (5.0, 0, "stored lift")
    assert source.slow_to(2.5) == source.rate_hz == 2.5


def measured() -> Measured:
    meter = Meter()
    for i in range(1200):
        late = 3 * MS if i % 100 else 12 * MS
        meter.add(round(i * 1e9 / 120.0), True, 9 * MS, (MS, MS // 2, late))
    looks = [
        Look(5.0 * i, Health(50.0 + i, 0x50000 if i > 2 else 0x0), 200.0 + i, 0.5 * i, 120.0, i)
        for i in range(5)
    ]
    return Measured(
        camera="imx708",
        simulated=False,
        idle=False,
        width_px=1536,
        height_px=864,
        full_hz=120.0,
        minutes=10.0 / 60.0,
        began=datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
        frames=1200,
        seen=1190,
        dropped=4,
        reps=2,
        problem="",
        meter=meter,
        looks=looks,
        own_mb=0.0,
        restart_s=2.5,
        said=["priority: FIFO 20"],
    )


def test_a_camera_s_report_has_every_figure() -> None:
    text = report(measured())
    for figure in (
        "camera imx708, 1536 x 864, 120 frames a second",
        "1200, 120.00 a second",
        "4 of 1204, 0.332 %",
        "0.97 to 1.03    100.000 %",
        "204 MB at the end, 204 at most",
        "10.0 %, second half 10.0 % (all threads)",
        "2.5 s to the next program's first frame",
        "50.0 to 54.0 °C, most 54.0",
        "under-voltage since the start, was throttled since the start (0x50000)",
        "priority: FIFO 20",
        "All figures are of this machine, with its camera.",
    ):
        assert figure in text
    assert "simulated" not in text.lower()


def test_the_tail_of_a_stage_is_in_its_row() -> None:
    (row,) = [line for line in report(measured()).splitlines() if "hand over" in line]
    cells = [float(cell) for cell in row.replace("hand over", "").replace(",", "").split()]
    assert cells[0] == pytest.approx(3.0, rel=0.07)
    assert cells[3:5] == pytest.approx([12.0, 12.0], rel=0.07)
    assert cells[5] == pytest.approx(0.36, rel=0.07)


def test_a_simulated_camera_s_report_says_what_it_did_not_measure() -> None:
    text = report(replace(measured(), simulated=True, camera="stored lift", own_mb=19.0))
    assert "SIMULATED camera" in text
    assert "NOT measured, because the camera was simulated: sensor" in text
    assert "19 MB are the simulated camera's pictures" in text


def test_what_a_machine_does_not_tell_is_not_made_up() -> None:
    looks = [replace(look, health=Health()) for look in measured().looks]
    text = report(replace(measured(), looks=looks))
    assert text.count("this machine does not tell") == 2
    assert "no complaint" not in text


def test_a_slowed_camera_is_told() -> None:
    looks = [replace(look, rate_hz=120.0 if i < 2 else 60.0) for i, look in
             enumerate(measured().looks)]  # fmt: skip
    assert "slowed to        60 a second" in report(replace(measured(), looks=looks))


def test_a_curve_goes_from_its_least_to_its_greatest() -> None:
    assert curve([40.0, 44.0, 48.0]) == "▁▅█"
    assert len(curve(range(1000))) <= 60
    assert curve([50.0, 50.0]) == "▁▁"


def test_a_source_that_nobody_brought_is_refused_with_those_there_are() -> None:
    with pytest.raises(CommandError, match=r"no source named 'kodak'; there are: .*simulated"):
        measure_device(Config(), "kodak", 1.0)


def test_the_whole_program_is_run_and_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "RATE_HZ", 20.0)
    monkeypatch.setattr(device, "restart_s", lambda source: 1.5 if source == "simulation" else 0.0)
    result = measure_device(Config(), "simulated", 0.04)
    assert result.simulated
    assert result.frames + result.dropped > 20
    assert result.seen > 0
    assert result.restart_s == 1.5
    assert result.meter.histograms["busy"].total == result.frames
    assert len(result.looks) >= 2
    assert [line.split(":")[0] for line in result.said][:3] == ["cores", "priority", "memory"]
    assert "SIMULATED camera" in report(result)
