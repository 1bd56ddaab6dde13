"""Pose networks: loaded, shown a picture, taken apart to places between the pixels."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from body_material import (
    HIP,
    JOINTS,
    SHOULDER,
    SIDE,
    blob,
    configured,
    fixed_model,
    heatmap_model,
    picture,
)

from shinline.app.body.decode import decode, find_head
from shinline.app.body.joints import SPREAD, NearSide
from shinline.app.body.layouts import LAYOUTS
from shinline.app.body.letterbox import Letterbox, lay_in, small_copy
from shinline.app.body.network import InputTensor, entry_of
from shinline.app.body.onnx_source import open_body
from shinline.app.body.opening import open_body as open_named
from shinline.config import Body, Config, ConfigError
from shinline.types import Frame


@pytest.mark.parametrize("nhwc", [False, True])
@pytest.mark.parametrize("at", [(20.3, 17.6), (40.0, 30.0), (31.5, 25.25)])
def test_a_blob_is_found_between_the_pixels(
    tmp_path: Path, nhwc: bool, at: tuple[float, float]
) -> None:
    source = open_body(configured(heatmap_model(tmp_path / "m.onnx", nhwc)), None)
    points = source.look(picture(blob(*at), t_ns=5, step=4))
    assert points is not None
    assert points.t_ns == 5
    assert points.hip is not None
    wanted = [4 * (v + 0.5) - 0.5 for v in at]
    assert [points.hip.x_px, points.hip.y_px] == pytest.approx(wanted, abs=0.1)
    assert points.knee is not None  # a half as sure, and still above the least
    assert points.hip.confidence > 0.6 > points.knee.confidence


def test_nobody_is_seen_in_the_dark(tmp_path: Path) -> None:
    source = open_body(configured(heatmap_model(tmp_path / "m.onnx")), None)
    assert source.look(picture(np.zeros((48, 64), np.uint8))) is None


def _told(**at: tuple[float, float, float]) -> np.ndarray[Any, Any]:
    table = np.zeros((JOINTS, 3))
    for name, row in at.items():
        table[{"hip": HIP, "shoulder": SHOULDER, "left_hip": 11, "left_shoulder": 5}[name]] = row
    return table


def test_movenet_writes_shares_of_the_input_down_first(tmp_path: Path) -> None:
    answer = _told(hip=(0.75, 0.5, 0.9), shoulder=(0.5, 0.25, 0.8))[None, None]
    source = open_body(configured(fixed_model(tmp_path / "m.onnx", answer)), None)
    points = source.look(picture(np.zeros((64, 64), np.uint8), step=4))
    assert points is not None and points.hip is not None and points.shoulder is not None
    assert (points.hip.x_px, points.hip.y_px) == pytest.approx((127.5, 191.5), abs=1e-3)
    assert (points.shoulder.x_px, points.shoulder.y_px) == pytest.approx((63.5, 127.5), abs=1e-3)
    assert points.hip.confidence == pytest.approx(0.9)
    assert points.knee is points.ankle is None


def test_coordinates_without_a_word_are_pixels_of_the_input(tmp_path: Path) -> None:
    answer = _told(hip=(32.0, 48.0, 0.9), shoulder=(16.0, 32.0, 0.8))[None]
    source = open_body(configured(fixed_model(tmp_path / "m.onnx", answer)), None)
    points = source.look(picture(np.zeros((32, 64), np.uint8), step=2))
    assert points is not None and points.hip is not None
    # 16 rows of black lie above the picture; a pixel of the input is two of the full picture.
    assert (points.hip.x_px, points.hip.y_px) == pytest.approx((64.5, 64.5), abs=1e-3)


def test_the_spread_is_that_of_people_who_mark_joints_and_grows_with_the_body(
    tmp_path: Path,
) -> None:
    answer = _told(hip=(30.0, 50.0, 0.9), shoulder=(30.0, 20.0, 0.8))[None]
    source = open_body(configured(fixed_model(tmp_path / "m.onnx", answer)), None)
    points = source.look(picture(np.zeros((64, 64), np.uint8), step=4))
    assert points is not None and points.hip is not None and points.shoulder is not None
    assert points.hip.sd_px == pytest.approx(120.0 * 1.6 * SPREAD["hip"], rel=0.01)
    assert points.hip.sd_px > points.shoulder.sd_px > points.shoulder.grain_px > 0.0


def test_numbers_that_are_none_are_nobody(tmp_path: Path) -> None:
    answer = _told(hip=(np.nan, 48.0, 0.9), shoulder=(16.0, 32.0, 0.8))[None]
    source = open_body(configured(fixed_model(tmp_path / "m.onnx", answer)), None)
    assert source.look(picture(np.zeros((64, 64), np.uint8))) is None


def test_the_near_side_follows_the_facing_or_the_surer_side() -> None:
    layout = LAYOUTS["coco17"]
    left_surer = np.zeros((JOINTS, 4))
    left_surer[[layout.left.hip, layout.left.shoulder], 2] = 0.9
    right_surer = np.zeros((JOINTS, 4))
    right_surer[[layout.right.hip, layout.right.shoulder], 2] = 0.9
    assert NearSide("right", layout).of(left_surer) is layout.right
    assert NearSide("left", layout).of(right_surer) is layout.left
    auto = NearSide("auto", layout)
    assert [auto.of(left_surer) for _ in range(5)][-1] is layout.left
    assert auto.of(right_surer) is layout.left  # one picture does not turn the lifter round
    assert [auto.of(right_surer) for _ in range(20)][-1] is layout.right


def test_blazepose_is_read_from_its_flat_answer() -> None:
    flat = np.zeros((39, 5), np.float32)
    flat[24] = (128.0, 64.0, 3.0, 4.0, 0.0)
    head = find_head([(1, 1), (1, 195)], 33, "auto", "m")
    assert (head.number, head.kind) == (1, "blazepose")
    table = decode(flat.reshape(1, -1), head.kind, (256, 256))
    assert table.shape == (33, 4)
    assert table[24, :3] == pytest.approx((127.5, 63.5, 1.0 / (1.0 + np.exp(-4.0))))


def test_a_place_in_the_input_is_taken_back_to_the_full_picture() -> None:
    luma = np.zeros((272, 364), np.uint8)
    luma[100:104, 200:204] = 255
    laid, box = lay_in(picture(luma, step=4), (192, 256))
    assert laid.shape == (192, 256)
    rows, columns = np.nonzero(laid > 10)
    weight = laid[rows, columns].astype(float)
    x, y = np.average(columns, weights=weight), np.average(rows, weights=weight)
    assert box.x_px(float(x)) == pytest.approx(4 * 202 - 0.5, abs=1.0)
    assert box.y_px(float(y)) == pytest.approx(4 * 102 - 0.5, abs=1.0)


def test_a_small_copy_keeps_nothing_of_the_borrowed_picture() -> None:
    luma = np.arange(1088 * 1456, dtype=np.uint32).reshape(1088, 1456).astype(np.uint8)
    small = small_copy(Frame(0, 9, 0, luma))
    assert (small.t_ns, small.step, small.luma.shape) == (9, 4, (272, 364))
    assert not np.shares_memory(small.luma, luma)
    tiny = small_copy(Frame(0, 9, 0, luma[:120, :160]))
    assert (tiny.step, tiny.luma.shape) == (1, (120, 160))
    assert not np.shares_memory(tiny.luma, luma)
    assert Letterbox(0, 0, 4.0, 4.0).x_px(0.0) == 1.5


@pytest.mark.parametrize(
    ("values", "black", "white"),
    [("auto", 0, 1), ("0..255", 0, 255), ("-1..1", -1, 1), ("imagenet", -2.118, 2.249)],
)
def test_black_and_white_are_what_the_network_expects(
    values: str, black: float, white: float
) -> None:
    entry = entry_of(InputTensor((1, 3, 2, 4), "float32"), "auto", values, "m")
    tensor = entry.filled(np.array([[0, 255, 0, 255], [0, 0, 0, 0]], np.uint8))
    assert tensor.shape == (1, 3, 2, 4)
    assert tensor[0, 0, 0, :2] == pytest.approx((black, white), abs=1e-3)


def test_whole_numbers_stand_for_the_values_they_are_scaled_to() -> None:
    grey = np.array([[0, 255]], np.uint8)
    plain = entry_of(InputTensor((1, 1, 2, 3), "uint8", 0.0, 0), "auto", "auto", "m").filled(grey)
    assert plain[0, 0].tolist() == [[0, 0, 0], [255, 255, 255]]
    signed = entry_of(InputTensor((1, 1, 2, 3), "int8", 1 / 255, -128), "auto", "0..1", "m")
    assert signed.filled(grey)[0, 0, :, 0].tolist() == [-128, 127]
    simple = entry_of(InputTensor((1, 1, 2, 3), "int8"), "auto", "auto", "m")
    assert simple.filled(grey)[0, 0, :, 0].tolist() == [-128, 127]


@pytest.mark.parametrize(
    ("shape", "dtype", "body", "said"),
    [
        ((1, 3, None, None), "float32", {}, "of one fixed size"),
        ((1, 7, 64, 64), "float32", {}, "[1, 3, height, width]"),
        ((2, 3, 64, 64), "float32", {}, "takes in [2, 3, 64, 64]"),
        ((1, 64), "float32", {}, "takes in [1, 64]"),
        ((1, 3, 64, 64), "float32", {"input": "nhwc"}, "expected [1, height, width, 3]"),
        ((1, 3, 64, 64), "float64", {}, "expected one of float32"),
        ((1, 3, 64, 64), "uint8", {"values": "-1..1"}, "body.values = '0..255'"),
    ],
)
def test_an_input_that_is_no_picture_is_refused(
    shape: tuple[int | None, ...], dtype: str, body: dict[str, Any], said: str
) -> None:
    wanted = Body(**body)
    with pytest.raises(ConfigError) as caught:
        entry_of(InputTensor(shape, dtype), wanted.input, wanted.values, "mine.onnx")
    assert said in str(caught.value)
    assert "mine.onnx" in str(caught.value)


def test_answers_that_are_no_joints_are_listed_with_what_was_expected(tmp_path: Path) -> None:
    model = fixed_model(tmp_path / "m.onnx", np.zeros((1, 84, 20)))
    with pytest.raises(ConfigError, match=r"answers with \[1, 84, 20\]; expected heat maps"):
        open_body(configured(model), None)
    with pytest.raises(ConfigError, match="joints = 33"):
        open_body(configured(heatmap_model(model), layout="blazepose33"), None)


def test_a_model_that_is_missing_or_damaged_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"set body\.model to its file"):
        open_body(Config(body=Body(source="onnx")), None)
    with pytest.raises(ConfigError, match=r"gone\.onnx: no such file"):
        open_body(configured(tmp_path / "gone.onnx"), None)
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no network")
    with pytest.raises(ConfigError, match=r"broken\.onnx: cannot be loaded"):
        open_body(configured(broken), None)


def test_what_to_install_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = heatmap_model(tmp_path / "m.onnx")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ConfigError, match=r"pip install 'shinline\[body-onnx\]'"):
        open_body(configured(model), None)


def test_a_source_nobody_brings_is_named_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"no source named 'magic'; there are: .*none, onnx"):
        open_named(Config(body=Body(source="magic")), None)
    assert open_named(Config(), None) is None


def test_sides_of_the_input_are_told_apart(tmp_path: Path) -> None:
    """The same place comes out whether the picture is high or wide."""
    source = open_body(configured(heatmap_model(tmp_path / "m.onnx")), None)
    tall = source.look(picture(blob(20.0, 40.0, (SIDE, 32))))
    assert tall is not None and tall.hip is not None
    assert (tall.hip.x_px, tall.hip.y_px) == pytest.approx((20.0, 40.0), abs=0.05)
