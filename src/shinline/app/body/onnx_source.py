"""Pose networks in ONNX files, run by onnxruntime: the entry point ``onnx``."""

import importlib
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from shinline.app.body.letterbox import F32Array
from shinline.app.body.network import InputTensor, NetworkSource, Sizes, model_file
from shinline.config import Config, ConfigError
from shinline.types import FrameSource

TYPES: Final = {
    "tensor(float)": "float32",
    "tensor(float16)": "float16",
    "tensor(uint8)": "uint8",
    "tensor(int8)": "int8",
    "tensor(int32)": "int32",
}
ERRORS_ONLY: Final = 3


def open_body(config: Config, _source: FrameSource | None) -> NetworkSource:
    """Load the configured model: the entry point ``onnx``.

    Raises
    ------
    ConfigError
        onnxruntime is not installed, or the model is missing, damaged or no pose network.

    """
    path = model_file(config)
    try:
        runtime = importlib.import_module("onnxruntime")
    except ImportError as problem:
        raise ConfigError(
            f"body.source 'onnx' needs onnxruntime ({problem}): pip install 'shinline[body-onnx]'"
        ) from None
    return NetworkSource(OnnxNetwork(runtime, path), config)


class OnnxNetwork:
    """An ONNX file in memory. It is run on one core, so that it takes no more from the loop."""

    def __init__(self, runtime: Any, path: Path) -> None:
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = ERRORS_ONLY
        try:
            session = runtime.InferenceSession(
                str(path), sess_options=options, providers=["CPUExecutionProvider"]
            )
        except Exception as problem:  # noqa: BLE001  (its errors have no base of their own)
            raise ConfigError(f"body.model: {path}: cannot be loaded: {problem}") from None
        inputs = session.get_inputs()
        if len(inputs) != 1:
            names = ", ".join(each.name for each in inputs)
            raise ConfigError(f"body.model: {path}: has {len(inputs)} inputs ({names}); expected 1")
        self._session = session
        self._name = inputs[0].name
        self.takes = InputTensor(_sizes(inputs[0].shape), TYPES.get(inputs[0].type, inputs[0].type))
        self.answers = [_sizes(each.shape) for each in session.get_outputs()]

    def run(self, tensor: NDArray[Any]) -> list[F32Array]:
        """Return what it answers."""
        return [
            np.asarray(answer, np.float32)
            for answer in self._session.run(None, {self._name: tensor})
        ]


def _sizes(shape: list[Any] | None) -> Sizes:
    """Return a shape with None for what varies, which ONNX gives a name or nothing."""
    return tuple(size if isinstance(size, int) and size > 0 else None for size in shape or ())
