"""A rig file says exactly what was measured, survives a failed write, and is not misapplied."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shinline import config as configuration
from shinline.config import Config, ConfigError
from shinline_cal import rig as rigs
from shinline_cal.rig import Rig, RigError

RIG = Rig(
    serial="front-rack",
    camera="imx708",
    width_px=1536,
    height_px=864,
    date=date(2025, 5, 31),
    roll_deg=-0.35,
    roll_sd_deg=0.1,
    scale_rel_sd=0.005,
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
    assert tomllib.loads(path.read_text(encoding="utf-8")) == msgspec.structs.asdict(RIG)
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


def test_residuals_and_notes_may_be_left_out(tmp_path: Path) -> None:
    rig = rigs.load(written(tmp_path / "rig.toml", {}))
    assert rig == msgspec.structs.replace(RIG, residuals_px={}, notes="")


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


def test_apply_changes_the_rig_section_and_nothing_else() -> None:
    config = Config(platform="rack2", lift=configuration.Lift(load_kg=180.0))
    applied = rigs.apply(RIG, config, 1536, 864)
    pose = configuration.Rig(roll_deg=-0.35, roll_sd_deg=0.1, scale_rel_sd=0.005)
    assert applied == msgspec.structs.replace(config, rig=pose)
    assert config.rig == configuration.Rig()


@pytest.mark.parametrize(("width_px", "height_px"), [(864, 1536), (1536, 862), (1280, 720)])
def test_another_mode_is_refused_and_both_modes_are_told(width_px: int, height_px: int) -> None:
    with pytest.raises(RigError, match=rf"1536 x 864 .* {width_px} x {height_px}"):
        rigs.apply(RIG, Config(), width_px, height_px)


@pytest.mark.parametrize("name", ["roll_deg", "roll_sd_deg", "scale_rel_sd"])
def test_whatever_a_rig_may_say_the_configuration_may_hold(name: str) -> None:
    rig_type = get_type_hints(Rig, include_extras=True)[name]
    assert rig_type == get_type_hints(configuration.Rig, include_extras=True)[name]
