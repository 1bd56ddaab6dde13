"""A rolling shutter exposes each row at its own time, and the numbers are those of the motion."""

import numpy as np
import pytest
from lifts import ORIGIN_Y_PX, SCALE_M_PER_PX, Camera, Script, film, play, single, truth

from shinline.geometry.shutter import date_rows
from shinline.types import DETECTION, NS_PER_S, Rows

HEIGHT_PX = 1001
READOUT_MS = 30.0


def _rolled(script: Script, told: bool) -> list[tuple[np.void, Rows]]:
    """Film with a rolling shutter: each row shows the bar when that row was exposed."""
    frames = film(script, Camera(noise_px=0.02))
    for head, rows in frames:
        now_s = (int(head["t_ns"]) - Camera().t0_ns) / NS_PER_S
        late_s = 0.0
        for _ in range(5):  # where the bar is when the row is read in which it is then
            y_m = float(script.at(np.array([now_s + late_s]))[1][0])
            late_s = (
                ((ORIGIN_Y_PX - y_m / SCALE_M_PER_PX) / (HEIGHT_PX - 1) - 0.5) * READOUT_MS / 1e3
            )
        there_m = float(script.at(np.array([now_s]))[1][0])
        rows["y_px"] -= (y_m - there_m) / SCALE_M_PER_PX
        if told:
            date_rows(rows, HEIGHT_PX, READOUT_MS)
    return frames


def test_rows_are_dated_by_their_place_in_the_picture() -> None:
    rows = np.zeros(3, DETECTION)
    rows["t_ns"], rows["y_px"] = 7 * NS_PER_S, (0.0, 500.0, 1000.0)
    date_rows(rows, HEIGHT_PX, READOUT_MS)
    assert (rows["t_ns"] - 7 * NS_PER_S).tolist() == [-15_000_000, 0, 15_000_000]


def test_a_global_shutter_leaves_them_alone() -> None:
    rows = np.zeros(1, DETECTION)
    rows["t_ns"], rows["y_px"] = 5, 900.0
    date_rows(rows, HEIGHT_PX, 0.0)
    assert rows["t_ns"][0] == 5


def test_dated_rows_give_the_motions_own_speed_and_undated_ones_do_not() -> None:
    """260 px up are 8 ms of a 30 ms readout: 0.6 % of this pull."""
    script = single(up_s=1.3)
    true = truth(script, 1.0, 3.5)
    speeds = [play(_rolled(script, told)).reps[0].mean_velocity_mps for told in (True, False)]
    assert speeds[0] == pytest.approx(true.mean_mps, abs=0.0012)
    assert abs((speeds[1] or 0.0) - true.mean_mps) > 0.002


def test_a_row_without_a_time_of_its_own_has_the_pictures() -> None:
    frames = film(single(), Camera())
    whole = play(frames).reps
    for _, rows in frames:
        rows["t_ns"] = 0
    assert play(frames).reps == whole
