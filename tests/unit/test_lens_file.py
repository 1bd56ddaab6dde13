"""A lens file says exactly what was measured, survives a failed write, and is not misapplied."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shinline import config as configuration
from shinline.geometry.lens import Lens
from shinline_cal.lens import file as lens_files
from shinline_cal.lens.file import LensError, LensFile

LENS = LensFile(
    serial="front-rack",
    camera="imx708_wide",
    width_px=1536,
    height_px=864,
    date=date(2025, 5, 31),
    source="calibrated",
    fx_px=982.4,
    fy_px=983.0,
    cx_px=770.2,
    cy_px=429.9,
    k1=0.005,
    k2=-0.026,
    p1=0.0003,
    p2=-0.0002,
    k3=0.001,
    focal_rel_sd=0.0004,
    centre_sd_px=0.6,
    k1_sd=0.0009,
    worst_px=0.2,
    rms_px=0.04,
    held_out_px=0.05,
    views=22,
    coverage=0.98,
    mode="1536x864-10",
    lens_position=0.4,
    notes="sheet on a board",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lenses")


@given(
    fx_px=st.floats(1.0, 1e5),
    k1=st.floats(-10.0, 10.0),
    position=st.none() | st.floats(0.0, 100.0),
    notes=st.text(st.characters(codec="utf-8"), max_size=200),
)
def test_what_was_saved_is_loaded_again_to_the_last_bit(
    folder: Path, fx_px: float, k1: float, position: float | None, notes: str
) -> None:
    lens = msgspec.structs.replace(LENS, fx_px=fx_px, k1=k1, lens_position=position, notes=notes)
    lens_files.save(folder / "lens.toml", lens)
    assert lens_files.load(folder / "lens.toml") == lens


def test_the_file_is_ordinary_toml(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "front-rack.toml"
    lens_files.save(path, LENS)
    assert tomllib.loads(path.read_text(encoding="utf-8")) == msgspec.structs.asdict(LENS)
    assert list(path.parent.iterdir()) == [path]


def test_the_lens_is_the_one_that_the_product_uses() -> None:
    assert LENS.lens == Lens(982.4, 983.0, 770.2, 429.9, 0.005, -0.026, 0.0003, -0.0002, 0.001)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"fx_px": float("nan")}, "fx_px"),
        ({"fx_px": -1.0}, "fx_px"),
        ({"k1": 11.0}, "k1"),
        ({"focal_rel_sd": float("inf")}, "focal_rel_sd"),
        ({"source": "guessed"}, "source"),
        ({"serial": "../elsewhere"}, "serial"),
        ({"lens_position": -1.0}, "lens_position"),
    ],
)
def test_a_refused_save_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    path = tmp_path / "lens.toml"
    lens_files.save(path, LENS)
    with pytest.raises(LensError, match=f"^{path}: .*{told}"):
        lens_files.save(path, msgspec.structs.replace(LENS, **changes))
    assert lens_files.load(path) == LENS
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("text", ["", "serial = 3", 'focal = "long"\n', "\udcff"])
def test_another_kind_of_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "lens.toml"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(LensError, match=r"lens\.toml: "):
        lens_files.load(path)


def test_the_section_of_the_configuration_has_all_numbers() -> None:
    section = lens_files.to_config(
        LENS, 1536, 864, "imx708_wide", 0.45, "front-rack", "1536x864-10"
    )
    assert section == configuration.Lens(
        fx_px=982.4,
        fy_px=983.0,
        cx_px=770.2,
        cy_px=429.9,
        k1=0.005,
        k2=-0.026,
        p1=0.0003,
        p2=-0.0002,
        k3=0.001,
        focal_rel_sd=0.0004,
        centre_sd_px=0.6,
        k1_sd=0.0009,
    )


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ((2304, 1296), "made at 1536 x 864 pixels, and the camera delivers 2304 x 1296"),
        ((1536, 864, "imx708"), "of a camera imx708_wide, and this one is a imx708"),
        ((1536, 864, "", 2.0), "focus at 0.40 dioptres, and it now stands at 2.00"),
        ((1536, 864, "", None, "side"), "not this camera's, which is side"),
        ((1536, 864, "", None, "", "2304x1296-10"), "mode 1536x864-10, and the camera is in 2304"),
    ],
)
def test_a_file_of_another_camera_mode_or_focus_is_refused(now: tuple[Any, ...], told: str) -> None:
    with pytest.raises(LensError, match=told):
        lens_files.to_config(LENS, *now)


def test_what_is_not_known_of_the_camera_is_no_reason_to_refuse() -> None:
    fixed = msgspec.structs.replace(LENS, lens_position=None)
    assert lens_files.to_config(fixed, 1536, 864, lens_position=2.0).fx_px == LENS.fx_px
    assert lens_files.to_config(LENS, 1536, 864).fx_px == LENS.fx_px
    anywhere = msgspec.structs.replace(LENS, mode="")
    assert lens_files.to_config(anywhere, 1536, 864, mode="2304x1296-10").fx_px == LENS.fx_px
