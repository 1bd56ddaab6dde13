"""What the camera chooses at its start and then keeps: mode, gain, and how its rows are dated."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from picamera_material import ALL_CONTROLS, MS, SIZE, Module, at, following, opened

from shinline.app.cameras import tell_silence, with_readout
from shinline.config import Config, Rig
from shinline.sim import Scenario, build
from shinline.sources.simulation import open_source
from shinline_pi import gain, shutter
from shinline_pi.kept_modes import KeptModes
from shinline_pi.modes import Mode
from shinline_pi.silence import CameraError

SPAN = (1.0, 16.0)
FRAMES = [at(n * 10 * MS) for n in range(1, 80)]


def adjustable(light: float, *script: Any) -> Module:
    """Return a camera with a gain, in a room of so much light."""
    module = Module(*(script or FRAMES))
    module.camera_controls = ALL_CONTROLS | {"AnalogueGain": (*SPAN, 1.0)}
    module.light = light
    return module


# --- the gain ---------------------------------------------------------------------------------


@pytest.mark.parametrize("light", [15.0, 30.0, 60.0, 100.0])
def test_the_gain_brings_white_paper_near_the_wanted_level(light: float) -> None:
    module = adjustable(light)
    source = opened(module)
    assert source.gain is not None
    assert SPAN[0] <= source.gain <= SPAN[1]
    assert light * source.gain == pytest.approx(gain.WANTED, rel=gain.NEAR - 1.0)
    assert module.gain == source.gain
    assert source.advice == ""
    assert following(source).seq == 0, "pictures that were measured are not dropped ones"
    assert source.dropped == 0


def test_a_room_that_is_too_dark_is_told_with_what_to_do() -> None:
    source = opened(adjustable(2.0))
    assert source.gain == SPAN[1]
    assert "too dark" in source.advice
    assert "light the bar" in source.advice


def test_a_room_that_is_too_bright_gets_the_lowest_gain() -> None:
    source = opened(adjustable(300.0))
    assert source.gain == SPAN[0]
    assert source.advice == ""


def test_the_gain_is_chosen_once_and_not_in_the_middle_of_a_set() -> None:
    module = adjustable(20.0, *FRAMES[:30])
    source = opened(module)
    chosen = source.gain
    while source.reopened == 0:
        module.light = 90.0  # somebody has put a lamp on
        if not module.script:
            module.script.extend([TimeoutError("silent"), *FRAMES[40:60]])
        following(source)
    assert source.gain == chosen
    assert module.configuration["controls"]["AnalogueGain"] == chosen


def test_a_camera_that_is_silent_at_the_start_is_opened_without_a_gain() -> None:
    module = adjustable(20.0, TimeoutError("silent"))
    assert opened(module).gain is None


def test_every_picture_that_was_measured_goes_back_to_the_camera() -> None:
    module = adjustable(20.0)
    opened(module)
    assert module.log.count("release") == module.log.count("capture") > 0


def test_a_camera_without_a_range_of_gains_is_left_as_it_is() -> None:
    assert gain.limits({}) is None
    assert gain.limits({"AnalogueGain": (0.0, 0.0, 0.0)}) is None
    assert gain.limits({"AnalogueGain": (*SPAN, 1.0)}) == SPAN


def test_the_bright_level_is_not_that_of_a_single_lamp() -> None:
    luma = np.full((400, 640), 60, np.uint8)
    luma[:40, :100] = 255
    assert gain.bright_level(luma) == 60.0


# --- the mode -----------------------------------------------------------------------------------


def test_the_mode_is_remembered_so_that_the_camera_is_set_up_once(tmp_path: Path) -> None:
    kept = KeptModes("0.7.1", tmp_path / "cache" / "modes.json")
    opened(Module(), kept)
    second = Module()
    source = opened(second, kept)
    assert second.log == ["open", "configure", "start"]
    assert (source.width_px, source.height_px) == SIZE


def test_another_libcamera_or_another_camera_chooses_anew(tmp_path: Path) -> None:
    path = tmp_path / "modes.json"
    KeptModes("0.7.1", path).put("imx708", Mode(1536, 864, 10, 120.0))
    assert KeptModes("0.7.1", path).get("imx708") == Mode(1536, 864, 10, 120.0)
    assert KeptModes("0.8.0", path).get("imx708") is None
    assert KeptModes("0.7.1", path).get("imx477") is None


def test_a_remembered_mode_with_which_nothing_starts_is_forgotten(tmp_path: Path) -> None:
    kept = KeptModes("0.7.1", tmp_path / "modes.json")
    kept.put("imx708", Mode(9, 9, 10, 120.0))
    module = Module()
    module.faults = [True]
    with pytest.raises(CameraError, match="cannot be started"):
        opened(module, kept)
    assert kept.get("imx708") is None


@pytest.mark.parametrize("content", [b"", b"[]", b'{"imx708": 3}'])
def test_a_damaged_file_is_no_hindrance(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "modes.json"
    path.write_bytes(content)
    kept = KeptModes("0.7.1", path)
    assert kept.get("imx708") is None
    kept.put("imx708", Mode(9, 9, 10, 120.0))
    assert kept.get("imx708") == Mode(9, 9, 10, 120.0)


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept = KeptModes("0.7.1", tmp_path / "file" / "modes.json")
    kept.put("imx708", Mode(9, 9, 10, 120.0))
    assert kept.get("imx708") is None


# --- rows -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "mode", "expected_ms"),
    [
        ("imx708_wide_noir", Mode(1536, 864, 10, 120.0), 7.95),
        ("imx708", Mode(2304, 1296, 10, 56.03), 17.30),
        ("imx477", Mode(1332, 990, 10, 120.0), 7.85),
        ("imx219", Mode(1640, 1232, 10, 41.85), 23.27),
        ("imx219", Mode(640, 480, 10, 120.0), 0.0),  # an old driver, whose lines are shorter
        ("imx296", Mode(1456, 1088, 10, 60.38), 0.0),
        ("ov9281", Mode(1280, 800, 8, 120.0), 0.0),
        ("nobody", Mode(1280, 800, 8, 120.0), 0.0),
    ],
)
def test_the_readout_of_a_known_sensor(model: str, mode: Mode, expected_ms: float) -> None:
    assert shutter.readout_ms(model, mode, 0.0) == pytest.approx(expected_ms, abs=0.01)
    assert shutter.readout_ms(model, mode, 0.0) < 1e3 / mode.rate_hz


def test_a_configured_readout_goes_before_the_table_but_for_a_global_shutter() -> None:
    assert shutter.readout_ms("imx708", Mode(1536, 864, 10, 120.0), 9.0) == 9.0
    assert shutter.readout_ms("imx296", Mode(1456, 1088, 10, 60.0), 9.0) == 0.0


def test_a_frame_is_dated_at_its_middle_row() -> None:
    """The stamp is the end of the first row's exposure; the middle row's is half a readout on."""
    source = opened(Module(at(500 * MS)), configured_readout_ms=8.0)
    assert source.readout_ms == 8.0
    assert following(source).t_ns == 500 * MS - MS // 2 + 4 * MS


def test_the_rows_are_dated_by_the_number_that_dated_the_frame() -> None:
    source = opened(Module(), configured_readout_ms=8.0)
    assert with_readout(Config(), source).rig.readout_ms == 8.0
    flat = opened(Module())
    assert with_readout(Config(rig=Rig(readout_ms=5.0)), flat).rig.readout_ms == flat.readout_ms


def test_a_source_that_knows_no_shutter_leaves_the_configuration_alone() -> None:
    recording = build(Scenario())
    source = open_source(recording.frames(), 960, 720, 60.0, realtime=False)
    config = Config(rig=Rig(readout_ms=5.0))
    assert with_readout(config, source) is config
    tell_silence(source, None)  # type: ignore[arg-type]  # nobody is told, for nobody can be silent


# --- pictures that stop -------------------------------------------------------------------------


def test_a_camera_that_delivers_the_same_picture_for_ever_is_opened_again() -> None:
    module = Module(at(10 * MS), *[at(10 * MS)] * 30, at(50 * MS), at(60 * MS))
    source = opened(module)
    told: list[bool] = []
    source.on_silence = told.append
    assert [following(source).t_ns for _ in range(3)] == [
        stamp * MS - MS // 2 for stamp in (10, 50, 60)
    ]
    assert source.reopened == 1
    assert told == [True, False]


# --- the sensor's own HDR -------------------------------------------------------------------------


@pytest.mark.parametrize("problem", [ImportError, AttributeError, OSError, RuntimeError])
def test_a_sensor_whose_hdr_cannot_be_switched_off_is_opened_all_the_same(
    problem: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str) -> None:
        assert name == "picamera2.devices.imx708"
        raise problem("not here")

    monkeypatch.setattr("shinline_pi.settings.importlib.import_module", refuse)
    assert opened(Module(at(MS))).read() is not None
