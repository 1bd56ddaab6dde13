"""What a look at the trunk may cost: no step that takes long shares a look with another one."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numba import config

from shinline.app.bench.trunk import TURN_RADPM, Look, scenes
from shinline.types import DETECTION, Role
from shinline.vision import trunk_kernels as k
from shinline.vision import trunk_watch
from shinline.vision.trunk import NOISE
from shinline.vision.trunk_watch import DONE_M, LEAST_PATCHES, TrunkWatch

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow without compiled kernels")


@pytest.fixture(scope="module")
def looks() -> list[Look]:
    return list(scenes())


def test_choosing_and_choosing_again_have_a_look_each(
    looks: list[Look], monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def noted(name: str) -> Callable[..., Any]:
        step = getattr(trunk_watch, name)
        return lambda *given: done.append(name) or step(*given)

    for name in ("begin", "everything", "agreeing"):
        monkeypatch.setattr(trunk_watch, name, noted(name))
    watch, out = TrunkWatch(), np.zeros(12, DETECTION)
    steps = []
    for look in looks:
        done.clear()
        watch.look(*look, out)
        if done:
            steps.append([*done])
    assert steps[-3:] == [["begin"], ["everything"], ["agreeing"]]


def test_what_is_seen_can_be_looked_at_and_is_what_is_told(looks: list[Look]) -> None:
    watch, out = TrunkWatch(), np.zeros(12, DETECTION)
    told = 0
    for luma, t_ns, bar in looks:
        rows = out[: watch.look(luma, t_ns, bar, out)]
        sights = [sight for sight in watch.sights() if sight.holds]
        for role, end in ((Role.HIP_OUTLINE, 0), (Role.SHOULDER_OUTLINE, -1)):
            of_role = rows[rows["role"] == role]
            assert of_role["t_ns"].tolist() == [sight.t_ns for sight in sights]
            places = np.array([sight.back_px[end] for sight in sights]).reshape(-1, 2)
            np.testing.assert_allclose(of_role["x_px"], places[:, 0], atol=1e-6)
            np.testing.assert_allclose(of_role["y_px"], places[:, 1], atol=1e-6)
        for sight in sights:
            told += 1
            assert len(sight.patches_px) >= LEAST_PATCHES
            assert sight.bar_rise_px * bar.m_per_px < DONE_M
            turn_rad = TURN_RADPM * max(0.0, sight.bar_rise_px * bar.m_per_px)
            assert abs(sight.flatter_rad - turn_rad) < np.radians(0.6)
    assert told > 10
    assert watch.sights() == ()  # the bar is higher than the trunk is followed


def test_a_patch_fits_where_it_was_as_it_fits_at_no_motion() -> None:
    rng = np.random.default_rng(4)
    before, now = (rng.integers(0, 255, (40, 51)).astype(np.uint8) for _ in range(2))
    now[:, :25] = before[:, :25]
    places = np.array([[x, y] for y in range(4, 36, 3) for x in range(4, 47, 3)])
    n, p = len(places), (2 * k.HALF + 1) ** 2
    levels, slopes, form = np.zeros((n, p)), np.zeros((n, p, 2)), np.zeros((n, 4))
    k.prepare(before, places, levels, slopes, form)
    weights, pose, axis = np.ones(n), np.zeros(k.POSE), np.array([25.0, 20, 1, 0, 20, 0])
    weights[::7] = -1.0
    pull, expected, got = np.zeros((n, 2)), np.full(n, 5.0), np.full(n, 5.0)
    k.misfits(now, places, levels, slopes, form, weights, pose, axis, NOISE, pull, expected)
    k.at_home(now, places, levels, form, weights, NOISE, got)
    np.testing.assert_allclose(got, expected, atol=1e-12)
    assert {5.0, 9.0} < set(got)
    assert (got < 1e-12).any()
