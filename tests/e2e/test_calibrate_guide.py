"""``shinline calibrate rig --source``: the steps on the terminal, with a simulated camera."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shinline.app import openers
from shinline.cli import main
from shinline.sim import rehearsal
from shinline.sources.simulation import open_source
from shinline.types import BarPrior, FrameSource
from shinline_cal import rig as rigs


def _open(rounds: int) -> tuple[FrameSource, BarPrior | None]:
    """Open the simulated camera at the reader's own pace."""
    camera = rehearsal.CAMERA
    source = open_source(
        rehearsal.rehearse(rounds),
        camera.width_px,
        camera.height_px,
        camera.rate_hz,
        realtime=False,
        identity=rehearsal.IDENTITY,
    )
    return source, None


def _guide(monkeypatch: pytest.MonkeyPatch, out: Path, rounds: int) -> Result:
    monkeypatch.setattr(openers, "opener", lambda *_: lambda: _open(rounds))
    words = ["calibrate", "rig", "--source", "rehearsal", "--out", str(out)]
    return CliRunner().invoke(main, words, input="\n\ns\ns\n")


def test_a_person_is_led_through_the_steps_and_the_result_is_in_force(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    result = _guide(monkeypatch, tmp_path, rounds=2)
    assert result.exit_code == 0, result.output
    assert "Bar on the floor" in result.output and "Saved." in result.output
    rig = rigs.load(tmp_path / "rigs" / "simulated.toml")
    assert abs(rig.roll_deg + rehearsal.CAMERA.roll_deg) < 3.0 * rig.roll_sd_deg
    assert (rig.lens_source, rig.camera) == ("none", "simulated")


def test_a_camera_that_ends_in_the_middle_is_told_and_nothing_is_put_in_force(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    result = _guide(monkeypatch, tmp_path, rounds=0)
    assert (
        result.exit_code == 1 and "has ended in the middle of 'Bar on the floor'" in result.output
    )
    assert not (tmp_path / "rigs" / "simulated.toml").exists()
