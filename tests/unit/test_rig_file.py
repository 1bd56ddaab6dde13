"""A rig file says exactly what was measured, survives a failed write, and is not misapplied."""

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shinline import config as configuration
from shinline.config import Config, ConfigError, Lens, Rest
from shinline.types import CameraIdentity
from shinline_cal import rig as rigs
from shinline_cal.rig import Rig, RigError

WAY = [0.1, -0.2, 0.3, 0.001, 1.5, -2.5, 0.0004]
RIG = Rig(
    serial="front-rack",
    camera="imx708",
    width_px=1536,
    height_px=864,
    date=date(2025, 5, 31),
    roll_deg=-0.35,
    roll_sd_deg=0.1,
    scale_rel_sd=0.005,
    mode="1536x864-10",
    lens_position=0.4,
    pitch_deg=-3.5,
    azimuth_deg=4.0,
    distance_m=2.4,
    camera_height_m=0.9,
    marker_diameter_m=0.0776,
    off_axis_m=0.004,
    spread=(tuple(WAY),),
    lens_source="calibrated",
    lens=Lens(fx_px=1105.0, fy_px=1104.0, cx_px=770.0, cy_px=430.0, k1=-0.05),
    rest=Rest(x_px=700.0, y_px=800.0, r_px=19.5, axis_ratio=0.998, contrast=170.0),
    residuals_px={"plumb_line": 0.21},
    notes='2.4 m away, "level" by eye\nsecond line: 45° \\ \x7f',
)

ENCODABLE = st.characters(codec="utf-8")
RIGS = st.builds(
    Rig,
    serial=st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True),
    camera=st.text(ENCODABLE, min_size=1, max_size=64),
    width_px=st.integers(16, 16384),
    height_px=st.integers(16, 16384),
    date=st.dates(),
    roll_deg=st.floats(-45.0, 45.0),
    roll_sd_deg=st.floats(0.0, 45.0),
    scale_rel_sd=st.floats(0.0, 0.5),
    mode=st.text(ENCODABLE, max_size=64),
    lens_position=st.floats(-1.0, 100.0),
    pitch_deg=st.floats(-45.0, 45.0),
    spread=st.lists(st.tuples(*[st.floats(-5.0, 5.0)] * 7), max_size=7).map(tuple),
    lens=st.builds(Lens, fx_px=st.floats(0.0, 1e5), k1=st.floats(-10.0, 10.0)),
    rest=st.builds(Rest, x_px=st.floats(-1e5, 1e5), r_px=st.floats(0.0, 5000.0)),
    residuals_px=st.dictionaries(st.text(ENCODABLE), st.floats(0.0, 100.0), max_size=4),
    notes=st.text(ENCODABLE, max_size=200),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rigs")


@given(rig=RIGS)
def test_what_was_saved_is_loaded_again_to_the_last_bit(folder: Path, rig: Rig) -> None:
    path = folder / "rig.toml"
    rigs.save(path, rig)
    assert rigs.load(path) == rig


def test_the_file_is_ordinary_toml_that_others_may_read(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "front-rack.toml"
    rigs.save(path, RIG)
    expected = msgspec.to_builtins(RIG, builtin_types=(date,))
    assert tomllib.loads(path.read_text(encoding="utf-8")) == {**expected, "spread": [WAY]}
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(path.parent.iterdir()) == [path]


GOOD: dict[str, str] = {
    "serial": '"front-rack"',
    "camera": '"imx708"',
    "width_px": "1536",
    "height_px": "864",
    "date": "2025-05-31",
    "roll_deg": "-0.35",
    "roll_sd_deg": "0.1",
    "scale_rel_sd": "0.005",
}


def written(path: Path, changes: dict[str, str | None]) -> Path:
    fields = {name: value for name, value in (GOOD | changes).items() if value is not None}
    path.write_text("".join(f"{name} = {value}\n" for name, value in fields.items()))
    return path


def test_what_is_not_known_may_be_left_out(tmp_path: Path) -> None:
    """Files of earlier versions, which knew of a roll only, are still files."""
    rig = rigs.load(written(tmp_path / "rig.toml", {}))
    bare = {name: getattr(RIG, name) for name in GOOD}
    assert rig == Rig(**bare)
    assert (rig.lens, rig.lens_source, rig.rest.r_px) == (Lens(), "none", 0.0)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"roll_deg": "nan"}, "roll_deg"),
        ({"roll_deg": "inf"}, "roll_deg"),
        ({"roll_deg": "-45.1"}, "roll_deg"),
        ({"roll_deg": '"level"'}, "roll_deg"),
        ({"roll_sd_deg": "nan"}, "roll_sd_deg"),
        ({"roll_sd_deg": "-0.1"}, "roll_sd_deg"),
        ({"scale_rel_sd": "0.6"}, "scale_rel_sd"),
        ({"scale_rel_sd": "nan"}, "scale_rel_sd"),
        ({"width_px": "0"}, "width_px"),
        ({"height_px": "864.5"}, "height_px"),
        ({"date": '"last week"'}, "date"),
        ({"date": "2025-05-31T10:00:00"}, "date"),
        ({"serial": '"../elsewhere"'}, "serial"),
        ({"serial": '"two\\nlines"'}, "serial"),
        ({"serial": '"front-rack\\n"'}, "serial"),
        ({"serial": None}, "serial"),
        ({"role_deg": "1.0"}, "role_deg"),
        ({"residuals_px": "{ plumb_line = nan }"}, "residuals_px"),
        ({"residuals_px": "{ plumb_line = -1.0 }"}, "residuals_px"),
        ({"notes": '"unfinished'}, ""),
    ],
)
def test_a_bad_value_is_refused_by_its_name(
    tmp_path: Path, changes: dict[str, str | None], told: str
) -> None:
    path = written(tmp_path / "rig.toml", changes)
    with pytest.raises(RigError, match=f"^{path}: .*{told}"):
        rigs.load(path)


@pytest.mark.parametrize(
    ("name", "told"), [("missing.toml", "No such file"), ("latin1.toml", "utf-8"), (".", "Is a")]
)
def test_an_unreadable_file_is_a_configuration_error(tmp_path: Path, name: str, told: str) -> None:
    (tmp_path / "latin1.toml").write_bytes(b'notes = "45\xb0"\n')
    with pytest.raises(ConfigError, match=told):
        rigs.load(tmp_path / name)


@pytest.mark.parametrize(
    "changes",
    [
        {"roll_deg": float("nan")},
        {"roll_sd_deg": float("inf")},
        {"scale_rel_sd": -0.1},
        {"serial": "a/b"},
        {"residuals_px": {"plumb_line": float("nan")}},
        {"notes": "\ud800"},
    ],
)
def test_a_refused_save_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    path = tmp_path / "rig.toml"
    rigs.save(path, RIG)
    with pytest.raises(RigError, match=f"^{path}: "):
        rigs.save(path, msgspec.structs.replace(RIG, **changes))
    assert rigs.load(path) == RIG
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rig.toml"
    rigs.save(path, RIG)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(RigError, match="No space left"):
        rigs.save(path, msgspec.structs.replace(RIG, roll_deg=1.0))
    assert rigs.load(path) == RIG
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RigError, match=r"rig\.toml: "):
        rigs.save(tmp_path / "file" / "rig.toml", RIG)


CAMERA = CameraIdentity("imx708", "front-rack", 1536, 864, "1536x864-10", 0.41)


def test_apply_changes_what_the_rig_knows_and_nothing_else() -> None:
    config = Config(
        platform="rack2",
        lift=configuration.Lift(load_kg=180.0),
        rig=configuration.Rig(readout_ms=8.0),
    )
    applied = rigs.apply(RIG, config, CAMERA)
    names = ("roll_deg", "roll_sd_deg", "pitch_deg", "pitch_sd_deg", "azimuth_deg")
    names += ("azimuth_sd_deg", "scale_rel_sd", "off_axis_m", "spread", "rest")
    for name in names:
        assert getattr(applied.rig, name) == getattr(RIG, name)
    assert (applied.rig.name, applied.rig.readout_ms) == ("front-rack, 2025-05-31", 8.0)
    assert applied.lens == RIG.lens
    assert applied.marker.diameter_m == 0.0776
    before = msgspec.structs.replace(
        applied, rig=config.rig, lens=config.lens, marker=config.marker
    )
    assert before == config
    assert configuration.from_json(configuration.to_json(applied)) == applied


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"width_px": 864, "height_px": 1536}, "1536 x 864 .* 864 x 1536"),
        ({"height_px": 862}, "1536 x 864 .* 1536 x 862"),
        ({"serial": "back-rack"}, "another camera; this one is back-rack"),
        ({"model": "imx477"}, "with a camera imx708, and this is a imx477"),
        ({"mode": "2304x1296-10"}, "mode 1536x864-10, and it runs in 2304x1296-10"),
        ({"lens_position": 0.46}, "focused at 0.40 dioptres, and it stands at 0.46"),
    ],
)
def test_another_camera_mode_or_focus_is_refused_and_both_are_told(
    changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(RigError, match=rf"front-rack \(2025-05-31\).*{told}"):
        rigs.apply(RIG, Config(), replace(CAMERA, **changes))


def test_the_measured_size_of_another_marker_is_not_taken() -> None:
    config = Config(marker=configuration.Marker(diameter_m=0.12))
    assert rigs.apply(RIG, config, CAMERA).marker.diameter_m == 0.12
    unmeasured = msgspec.structs.replace(RIG, marker_diameter_m=0.0)
    assert rigs.apply(unmeasured, Config(), CAMERA).marker.diameter_m == 0.08


def test_a_camera_that_does_not_say_is_believed() -> None:
    camera = CameraIdentity("", "", 1536, 864)
    assert rigs.misfit(RIG, camera) == ""
    fixed = msgspec.structs.replace(RIG, lens_position=rigs.FIXED_FOCUS)
    assert rigs.misfit(fixed, replace(CAMERA, lens_position=3.0)) == ""


@pytest.mark.parametrize("name", ["roll_deg", "roll_sd_deg", "scale_rel_sd"])
def test_whatever_a_rig_may_say_the_configuration_may_hold(name: str) -> None:
    rig_type = get_type_hints(Rig, include_extras=True)[name]
    assert rig_type == get_type_hints(configuration.Rig, include_extras=True)[name]
