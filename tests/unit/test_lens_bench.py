"""The benchmark gives the same pictures to both, and tells true errors."""

import io

import numpy as np
import pytest
from lens_material import NARROW, pictures
from rich.console import Console

from shinline_cal.lens import bench, model


@pytest.fixture(scope="module")
def found() -> bench.Figures:
    return bench.measure(runs=1, seed=2, pictures=14)


def test_the_lens_is_nearer_to_the_true_one_than_the_peers(found: bench.Figures) -> None:
    assert found.refused == []
    assert found.ours.true_px[0] < found.peer.true_px[0]
    assert found.ours.exact_px[0] < found.peer.exact_px[0]
    assert found.ours.held_out_px[0] < found.peer.held_out_px[0]


def test_the_peer_is_opencv_and_finds_the_lens_when_nothing_is_spoiled() -> None:
    theta = bench.peer(pictures(NARROW, 14, seed=6))
    away = model.displacement_px(NARROW.theta, theta, model.grid(*NARROW.size_px))
    assert theta[:2] == pytest.approx(NARROW.theta[:2], rel=0.005)
    assert np.hypot(*away.T).max() < 3.0


def test_the_tables_show_both_and_what_was_stated(found: bench.Figures) -> None:
    console = Console(file=io.StringIO(), width=120)
    console.print(bench.table(found, "one camera"), bench.stated(found))
    told = console.file.getvalue()  # type: ignore[attr-defined]
    assert "true error over the picture, px" in told
    assert f"{found.ours.true_px[0]:.3f}" in told
    assert all(name in told for name in bench.QUANTITIES)
