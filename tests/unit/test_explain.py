"""What ``detect --explain`` draws: every guess, and each target found."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from numba import config
from ring_scene import Target, scene

from shinline.app.explain import CROP_PX
from shinline.cli import main

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow without compiled kernels")


def explained(tmp_path: Path, targets: list[Target]) -> np.ndarray:
    image = tmp_path / "frame.png"
    cv2.imwrite(str(image), scene(targets, (240, 560), 3.0))
    run = CliRunner().invoke(main, ["detect", str(image), "--explain", str(tmp_path / "out")])
    assert run.exit_code == 0, run.output
    drawn = cv2.imread(str(tmp_path / "out" / "frame-explained.png"))
    assert drawn is not None
    return drawn


def test_each_target_is_enlarged_below_the_frame(tmp_path: Path) -> None:
    bar, grey = Target(100.0, 100.0, 40.0), Target(250.0, 100.0, 40.0, core=110.0)
    drawn = explained(tmp_path, [bar, grey])
    assert drawn.shape == (240 + CROP_PX, 560, 3)
    around = np.s_[60:140]
    green = (drawn[..., 1].astype(int) - drawn[..., 2]) > 100
    red = (drawn[..., 2].astype(int) - drawn[..., 1]) > 100
    assert green[around, 70:130].any()
    assert red[around, 220:340].any()


def test_a_frame_without_targets_stays_as_large_as_it_is(tmp_path: Path) -> None:
    assert explained(tmp_path, []).shape == (240, 560, 3)


def test_a_folder_that_is_a_file_is_a_clear_error(tmp_path: Path) -> None:
    image = tmp_path / "frame.png"
    cv2.imwrite(str(image), np.zeros((40, 40), np.uint8))
    run = CliRunner().invoke(main, ["detect", str(image), "--explain", str(image)])
    assert run.exit_code == 1
    assert "frame.png" in run.output
