"""Small pose networks made on the spot: each marks the picture's brightest blob for every joint."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from shinline.config import Body, Config, Marker
from shinline.types import BodyPicture, U8Image

JOINTS = 17
SIDE = 64
"""Of the input, a square."""

BLUR = 6
"""Even, so that its middle is that of a cell of the map."""

HIP, SHOULDER = 12, 6


def blob(x: float, y: float, size: tuple[int, int] = (48, 64), sigma: float = 2.0) -> U8Image:
    """Draw a bright Gaussian blob on black."""
    rows, columns = np.mgrid[0 : size[0], 0 : size[1]]
    glow = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2.0 * sigma**2))
    return np.rint(255.0 * glow).astype(np.uint8)


def picture(luma: U8Image, t_ns: int = 7, step: int = 1) -> BodyPicture:
    return BodyPicture(t_ns, luma, step)


def configured(path: Path, source: str = "onnx", facing: Any = "right", **body: Any) -> Config:
    return Config(marker=Marker(facing=facing), body=Body(source=source, model=str(path), **body))


def gaussian() -> np.ndarray[Any, Any]:
    """Return a (6, 6) kernel that sums to one."""
    at = np.arange(BLUR) - (BLUR - 1) / 2
    line = np.exp(-(at**2) / 2.0)
    return (np.outer(line, line) / line.sum() ** 2).astype(np.float32)


def heatmap_model(path: Path, nhwc: bool = False, stride: int = 2) -> Path:
    """Write a network whose map for each joint is the blurred picture, a ``stride``-th as large.

    The right hip (12 in COCO's order) sees red only, all others the mean of the colours, which is
    the same for a grey picture; every joint but it and the right shoulder sees half of it.
    """
    weights = np.zeros((JOINTS, 3, BLUR, BLUR), np.float32)
    for joint in range(JOINTS):
        share = 1.0 if joint in (HIP, SHOULDER) else 0.5
        weights[joint] = share * gaussian() / 3.0
    weights[HIP] = 0.0
    weights[HIP, 0] = gaussian()
    nodes = []
    seen = "image"
    if nhwc:
        nodes.append(helper.make_node("Transpose", ["image"], ["planes"], perm=[0, 3, 1, 2]))
        seen = "planes"
    maps = "maps" if nhwc else "heat"
    nodes.append(
        helper.make_node(
            "Conv", [seen, "w"], [maps], strides=[stride, stride], pads=[2, 2, 2, 2], name="blur"
        )
    )
    if nhwc:
        nodes.append(helper.make_node("Transpose", ["maps"], ["heat"], perm=[0, 2, 3, 1]))
    small = SIDE // stride
    shape = [1, SIDE, SIDE, 3] if nhwc else [1, 3, SIDE, SIDE]
    answer = [1, small, small, JOINTS] if nhwc else [1, JOINTS, small, small]
    return _write(path, nodes, shape, answer, [numpy_helper.from_array(weights, "w")])


def fixed_model(path: Path, answer: np.ndarray[Any, Any]) -> Path:
    """Write a network that answers the same coordinates to every picture."""
    nodes = [
        helper.make_node("ReduceMean", ["image"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
        helper.make_node("Add", ["nothing", "told"], ["heat"]),
    ]
    kept = [
        numpy_helper.from_array(answer.astype(np.float32), "told"),
        numpy_helper.from_array(np.zeros((), np.float32), "zero"),
    ]
    return _write(path, nodes, [1, 3, SIDE, SIDE], list(answer.shape), kept)


def _write(path: Path, nodes: Any, takes: list[Any], answers: list[Any], kept: Any) -> Path:
    graph = helper.make_graph(
        nodes,
        "pose",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, takes)],
        [helper.make_tensor_value_info("heat", TensorProto.FLOAT, answers)],
        kept,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    return path
