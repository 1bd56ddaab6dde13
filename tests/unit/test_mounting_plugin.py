"""A calibrator of another package is found by name, and a broken one harms nobody."""

from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest
from mounting_desk import Script

from shinline.app.mounting import plugin
from shinline.app.mounting.plugin import GROUP, load_calibrator
from shinline.config import Config
from shinline.types import CameraIdentity

IDENTITY = CameraIdentity("imx296", "0815", 1456, 1088)


def make(config: Config, identity: CameraIdentity | None, folder: Path) -> Script:
    script = Script()
    script.made_with = (config, identity, folder)
    return script


def refuse(_config: Config, _identity: CameraIdentity | None, _folder: Path) -> Script:
    raise OSError("the folder cannot be read")


def plug(monkeypatch: pytest.MonkeyPatch, **points: str) -> None:
    known = EntryPoints(EntryPoint(name, value, GROUP) for name, value in points.items())
    monkeypatch.setattr(plugin, "entry_points", lambda **wanted: known.select(**wanted))


def test_it_is_made_for_the_camera_that_is_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plug(monkeypatch, rig=f"{__name__}:make", other="no_such_module:make")
    made = load_calibrator(Config(), IDENTITY, tmp_path)
    assert isinstance(made, Script)
    assert made.made_with == (Config(), IDENTITY, tmp_path)


def test_without_one_there_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plug(monkeypatch, lens=f"{__name__}:make")
    assert load_calibrator(Config(), None, tmp_path) is None


@pytest.mark.parametrize(
    "value", ["no_such_module:make", f"{__name__}:nothing", f"{__name__}:refuse"]
)
def test_a_broken_one_is_logged_and_left_out(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    value: str,
) -> None:
    plug(monkeypatch, rig=value)
    assert load_calibrator(Config(), IDENTITY, tmp_path) is None
    assert f"calibrator {value} cannot be used" in caplog.text
