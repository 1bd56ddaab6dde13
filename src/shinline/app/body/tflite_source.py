"""Pose networks in TensorFlow Lite files, run by LiteRT: the entry point ``tflite``."""

import importlib
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from shinline.app.body.letterbox import F32Array
from shinline.app.body.network import InputTensor, NetworkSource, Sizes, model_file
from shinline.config import Config, ConfigError
from shinline.types import FrameSource

RUNTIMES: Final = ("ai_edge_litert.interpreter", "tflite_runtime.interpreter")
"""Where the interpreter is found, today's package first."""


def open_body(config: Config, _source: FrameSource | None) -> NetworkSource:
    """Load the configured model: the entry point ``tflite``.

    Raises
    ------
    ConfigError
        No interpreter is installed, or the model is missing, damaged or no pose network.

    """
    path = model_file(config)
    return NetworkSource(TfliteNetwork(_interpreter(), path), config)


def _interpreter() -> Any:
    problems = []
    for name in RUNTIMES:
        try:
            return importlib.import_module(name).Interpreter
        except ImportError as problem:
            problems.append(str(problem))
    raise ConfigError(
        f"body.source 'tflite' needs LiteRT ({'; '.join(problems)}): "
        "pip install 'shinline[body-tflite]'"
    )


class TfliteNetwork:
    """A TensorFlow Lite file in memory, run on one core."""

    def __init__(self, interpreter: Any, path: Path) -> None:
        try:
            self._lite = interpreter(model_path=str(path), num_threads=1)
            self._lite.allocate_tensors()
        except (ValueError, RuntimeError, OSError) as problem:
            raise ConfigError(f"body.model: {path}: cannot be loaded: {problem}") from None
        inputs, self._outputs = self._lite.get_input_details(), self._lite.get_output_details()
        if len(inputs) != 1:
            raise ConfigError(f"body.model: {path}: has {len(inputs)} inputs; expected 1")
        self._index = inputs[0]["index"]
        scale, zero = inputs[0]["quantization"]
        dtype = np.dtype(inputs[0]["dtype"]).name
        self.takes = InputTensor(_sizes(inputs[0]), dtype, float(scale), int(zero))
        self.answers = [_sizes(each) for each in self._outputs]

    def run(self, tensor: NDArray[Any]) -> list[F32Array]:
        """Return what it answers, whole numbers as the real ones they stand for."""
        self._lite.set_tensor(self._index, tensor)
        self._lite.invoke()
        return [self._real(each) for each in self._outputs]

    def _real(self, details: dict[str, Any]) -> F32Array:
        answer: F32Array = np.asarray(self._lite.get_tensor(details["index"]), np.float32)
        scale, zero = details["quantization"]
        return answer if scale == 0.0 else (answer - np.float32(zero)) * np.float32(scale)


def _sizes(details: dict[str, Any]) -> Sizes:
    """Return a tensor's shape with None for what varies, which the signature has as -1."""
    stated = details.get("shape_signature")
    shape = details["shape"] if stated is None or not len(stated) else stated
    return tuple(int(size) if size > 0 else None for size in shape)
