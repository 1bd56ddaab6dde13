"""All filters stepped by one kernel call do what one filter does, written out with filterpy."""

import numpy as np
import pytest
import track_twins
from hypothesis import given, settings
from hypothesis import strategies as st

from shinline.geometry.plane import Plane
from shinline.motion.bank import Bank
from shinline.motion.history import History
from shinline.motion.kalman_kernels import JERK_DENSITY
from shinline.types import DETECTION, MARKERS, NS_PER_S, Rows

PLANE = Plane(0.002, 640.0, 500.0, roll_rad=0.1, forward=-1.0)
ROLES = (0, 1, 4)


def _rows(random: np.random.Generator, t_ns: int, t_s: float) -> Rows:
    """Return what is seen: mostly every role once, at times a worse decoy, at times wildly off."""
    rows = np.zeros(len(ROLES) + 1, DETECTION)
    for row, role in zip(rows, (*ROLES, ROLES[0]), strict=True):
        row["role"], row["quality"] = role, 0.9
        row["x_px"], row["y_px"] = PLANE.image_from_plane(
            0.1 * role + 0.05 * np.sin(3.0 * t_s), 0.3 * np.sin(2.0 * t_s + role)
        )
        row["var_x_px2"], row["var_y_px2"] = 0.01, 0.02
        row["t_ns"] = t_ns + random.integers(-8_000_000, 8_000_000)
        row["r_px"] = 20.0 + role
    rows["x_px"] += random.normal(0.0, 0.1, rows.size)
    rows["x_px"] += 150.0 * (random.random(rows.size) < 0.03)
    rows[-1]["quality"], rows[-1]["x_px"] = 0.4, 50.0
    return rows[random.random(rows.size) < 0.85]


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_bank_is_one_plain_filter_per_marker(seed: int) -> None:
    random = np.random.default_rng(seed)
    bank, history = Bank(), History()
    bank.look_through(PLANE)
    plain = {role: track_twins.Track(JERK_DENSITY) for role in ROLES}
    hole = random.integers(10, 40)
    t_ns = 0
    for i in range(60):
        t_ns += int(random.integers(5_000_000, 40_000_000))
        rows = _rows(random, t_ns, t_ns / NS_PER_S)
        if hole <= i < hole + 12:
            rows = rows[rows["role"] != ROLES[1]]
        history.begin_frame(t_ns)
        changed, *_ = bank.step(t_ns, rows, history)
        for role, track in plain.items():
            was_alive = track.alive
            mine = sorted(rows[rows["role"] == role], key=lambda row: -float(row["quality"]))
            seen = (
                np.array(PLANE.plane_from_image(*map(float, mine[0].tolist()[2:4])))
                if mine
                else None
            )
            late_s = (int(mine[0]["t_ns"]) - t_ns) / NS_PER_S if mine else 0.0
            track.frame(t_ns, seen, np.array([0.01, 0.02]) * PLANE.scale_m_per_px**2, late_s)
            assert bank.alive(MARKERS[role]) == track.alive
            assert bool(changed >> role & 1) == (was_alive != track.alive)
            if track.alive:
                state = bank.states[role]
                np.testing.assert_allclose(
                    [state["x_m"], state["y_m"]], track.published_m(), rtol=0.0, atol=1e-7
                )
                np.testing.assert_allclose(
                    [state["vx_mps"], state["vy_mps"]], track.mean[:, 1], rtol=1e-5, atol=1e-5
                )
                assert bool(state["coasting"]) == (track.seen_ns != t_ns)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_windows_are_where_the_markers_go(seed: int) -> None:
    """Through the plane and back: the kernel's way to pixels is that of the plane."""
    random = np.random.default_rng(seed)
    bank, history = Bank(), History()
    bank.look_through(PLANE)
    for i in range(20):
        t_s = i / 60.0
        rows = np.zeros(1, DETECTION)
        rows["t_ns"] = round(t_s * NS_PER_S)
        rows["x_px"], rows["y_px"] = PLANE.image_from_plane(0.4 * t_s, 0.3 + 0.5 * t_s)
        rows["var_x_px2"] = rows["var_y_px2"] = 0.01
        rows["r_px"], rows["quality"] = 25.0, 1.0
        history.begin_frame(int(rows["t_ns"][0]))
        bank.step(int(rows["t_ns"][0]), rows, history)
    ahead_s = float(random.uniform(0.001, 0.1))
    (window,) = bank.windows(round((t_s + ahead_s) * NS_PER_S), 0.8)
    there = PLANE.image_from_plane(0.4 * (t_s + ahead_s), 0.3 + 0.5 * (t_s + ahead_s))
    assert (window["x_px"], window["y_px"]) == pytest.approx(there, abs=0.5 + 20.0 * ahead_s)
    assert window["reach_px"] == pytest.approx(20.0 + 30.0 * ahead_s**2 / 0.002, rel=1e-6)
