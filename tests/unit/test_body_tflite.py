"""A TensorFlow Lite network, put together here and run by the real interpreter."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from body_material import BLUR, HIP, JOINTS, SHOULDER, SIDE, blob, configured, gaussian, picture

from shinline.app.body.tflite_source import open_body
from shinline.config import ConfigError

schema: Any = pytest.importorskip(
    "ai_edge_litert.schema_py_generated", reason="LiteRT has no wheel for this system"
)
flatbuffers: Any = pytest.importorskip("flatbuffers")

IMAGE, REAL, WEIGHTS, BIAS, HEAT, TOLD = range(6)
STRIDE = 2
BYTE = 1.0 / 255.0


def _tensor(name: str, shape: list[int], kind: int, buffer: int, scale: float = 0.0) -> Any:
    made = schema.TensorT()
    made.name, made.shape, made.type, made.buffer = name, shape, kind, buffer
    if scale:
        made.quantization = schema.QuantizationParametersT()
        made.quantization.scale, made.quantization.zeroPoint = [scale], [0]
    return made


def _operator(code: int, takes: list[int], gives: int) -> Any:
    made = schema.OperatorT()
    made.opcodeIndex, made.inputs, made.outputs = code, takes, [gives]
    return made


def _conv(takes: int) -> Any:
    made = _operator(0, [takes, WEIGHTS, BIAS], HEAT)
    made.builtinOptionsType = schema.BuiltinOptions.Conv2DOptions
    options = made.builtinOptions = schema.Conv2DOptionsT()
    options.padding = schema.Padding.SAME
    options.strideW = options.strideH = STRIDE
    options.dilationWFactor = options.dilationHFactor = 1
    return made


def _code(code: int) -> Any:
    made = schema.OperatorCodeT()
    made.builtinCode = made.deprecatedBuiltinCode = code
    made.version = 1
    return made


def _buffer(data: np.ndarray[Any, Any] | None) -> Any:
    made = schema.BufferT()
    made.data = None if data is None else np.frombuffer(data.tobytes(), np.uint8)
    return made


def tflite_model(path: Path, whole: bool) -> Path:
    """Write a network whose heat maps are the blurred picture; ``whole``: in and out in bytes."""
    weights = np.zeros((JOINTS, BLUR, BLUR, 3), np.float32)
    weights[[HIP, SHOULDER]] = gaussian()[..., None] / 3.0
    real, byte, small = schema.TensorType.FLOAT32, schema.TensorType.UINT8, SIDE // STRIDE
    kind, scale = (byte, BYTE) if whole else (real, 0.0)
    graph = schema.SubGraphT()
    graph.tensors = [
        _tensor("image", [1, SIDE, SIDE, 3], kind, 0, scale),
        _tensor("real", [1, SIDE, SIDE, 3], real, 0),
        _tensor("weights", list(weights.shape), real, 1),
        _tensor("bias", [JOINTS], real, 2),
        _tensor("heat", [1, small, small, JOINTS], real, 0),
        _tensor("told", [1, small, small, JOINTS], byte, 0, BYTE),
    ]
    graph.operators = [_conv(REAL if whole else IMAGE)]
    if whole:
        before, after = _operator(1, [IMAGE], REAL), _operator(2, [HEAT], TOLD)
        graph.operators = [before, *graph.operators, after]
    graph.inputs, graph.outputs = [IMAGE], [TOLD if whole else HEAT]
    model = schema.ModelT()
    model.version = 3
    codes = schema.BuiltinOperator
    model.operatorCodes = [_code(c) for c in (codes.CONV_2D, codes.DEQUANTIZE, codes.QUANTIZE)]
    model.buffers = [_buffer(None), _buffer(weights), _buffer(np.zeros(JOINTS, np.float32))]
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(4096)
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(builder.Output())
    return path


@pytest.mark.parametrize("whole", [False, True], ids=["real numbers", "bytes"])
def test_a_blob_is_found_between_the_pixels(tmp_path: Path, whole: bool) -> None:
    model = tflite_model(tmp_path / "m.tflite", whole)
    source = open_body(configured(model, "tflite"), None)
    points = source.look(picture(blob(40.3, 17.6), t_ns=5, step=4))
    assert points is not None and points.hip is not None
    wanted = [4 * (v + 0.5) - 0.5 for v in (40.3, 17.6)]
    assert [points.hip.x_px, points.hip.y_px] == pytest.approx(wanted, abs=0.2)
    assert 0.5 < points.hip.confidence < 1.0
    assert points.t_ns == 5


def test_a_file_that_is_no_network_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.tflite"
    broken.write_bytes(b"no network at all, but long enough to be looked at")
    with pytest.raises(ConfigError, match=r"broken\.tflite: cannot be loaded"):
        open_body(configured(broken, "tflite"), None)


def test_what_to_install_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tflite_model(tmp_path / "m.tflite", whole=False)
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    monkeypatch.setitem(sys.modules, "tflite_runtime.interpreter", None)
    with pytest.raises(ConfigError, match=r"pip install 'shinline\[body-tflite\]'"):
        open_body(configured(model, "tflite"), None)
