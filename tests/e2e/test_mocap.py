"""Bar paths that were measured in a gym, as numbers, through the engine.

Like the recordings, they are not part of the project: ``../shared/mocap`` beside it, or the folder
that ``SHINLINE_MOCAP`` names.
"""

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import savgol_filter

from shinline.config import Config, Marker
from shinline.engine import Engine
from shinline.types import DETECTION, FRAME, NS_PER_S, Event, Rep, RepEvent, RepKind, Role

DEFAULT = Path(__file__).parents[2] / ".." / "shared" / "mocap"
MOCAP = Path(os.environ.get("SHINLINE_MOCAP") or DEFAULT)
RING = Config(marker=Marker(kind="ring", diameter_m=0.08, facing="right"))
R_PX = 20.0
M_PER_PX = 0.08 / (2.0 * R_PX)
NOISE_PX = 0.1

pytestmark = [
    pytest.mark.clips,
    pytest.mark.skipif(
        not MOCAP.is_dir(), reason=f"no bar paths in {MOCAP}; set SHINLINE_MOCAP to their folder"
    ),
]


def _table(name: str) -> NDArray[np.float64]:
    """Return t_s, x_m and y_m, (n, 3)."""
    lines = (MOCAP / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    body = [line for line in lines if not line.startswith("#")][1:]
    table = np.array([[float(v) for v in line.split(",")[:3]] for line in body])
    return np.asarray(table[np.isfinite(table).all(axis=1)])


def _reps(table: NDArray[np.float64]) -> list[Rep]:
    """Look at a path through a camera without distortion, and count."""
    random = np.random.default_rng(1)
    engine = Engine(RING, "m")
    events: list[Event] = []
    head, row = np.zeros(1, FRAME)[0], np.zeros(1, DETECTION)
    for t_s, x_m, y_m in table:
        noise = NOISE_PX * random.normal(size=2)
        head["t_ns"] = row["t_ns"] = round(t_s * NS_PER_S)
        row["role"], row["r_px"], row["quality"] = Role.BAR, R_PX, 1.0
        row["x_px"] = 500.0 + x_m / M_PER_PX + noise[0]
        row["y_px"] = 800.0 - y_m / M_PER_PX + noise[1]
        row["var_x_px2"] = row["var_y_px2"] = NOISE_PX**2
        events += engine.advance(head, row)
    events += engine.finish()
    ends = [e for e in events if isinstance(e, RepEvent) and e.kind is RepKind.END]
    return [end.rep for end in ends if end.rep is not None]


def _speeds(table: NDArray[np.float64], rep: Rep) -> tuple[float, float]:
    """Mean and peak speed between the bounds, from local polynomials through the raw path."""
    t_s, y_m = table[:, 0], table[:, 2]
    bounds_s = rep.start_ns / NS_PER_S, rep.lockout_ns / NS_PER_S
    low_m, high_m = np.interp(bounds_s, t_s, savgol_filter(y_m, 7, 2))
    speed = savgol_filter(y_m, 7, 3, deriv=1, delta=float(np.median(np.diff(t_s))))
    inside = (t_s >= bounds_s[0]) & (t_s <= bounds_s[1])
    return float((high_m - low_m) / (bounds_s[1] - bounds_s[0])), float(speed[inside].max())


@pytest.mark.parametrize(
    ("name", "count"), [("plate-stickers-6-reps", 6), ("plate-stickers-3-reps", 3)]
)
def test_a_good_tracker_gives_every_rep_with_its_numbers(name: str, count: int) -> None:
    table = _table(name)
    reps = _reps(table)
    assert len(reps) == count
    for rep in reps:
        mean_mps, peak_mps = _speeds(table, rep)
        assert rep.valid
        assert 0.48 < rep.rom_m < 0.53
        assert rep.mean_velocity_mps == pytest.approx(mean_mps, abs=0.01)
        assert rep.peak_velocity_mps == pytest.approx(peak_mps, abs=0.04)
        assert rep.drift_forward_m is not None
        assert rep.drift_backward_m is not None
        assert rep.drift_forward_m + rep.drift_backward_m < 0.05


def test_a_poor_tracker_gives_every_rep_and_no_absurd_number() -> None:
    reps = _reps(_table("poor-tracker-6-reps"))
    assert len(reps) == 6
    for rep in reps:
        assert rep.peak_velocity_mps is None or rep.peak_velocity_mps < 1.3
        assert rep.rom_m < 0.85
