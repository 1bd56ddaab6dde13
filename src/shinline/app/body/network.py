"""A pose network as a body source: what is common to all that run one on the processor."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from shinline.app.body.decode import decode, find_head
from shinline.app.body.joints import NearSide, body_points
from shinline.app.body.layouts import LAYOUTS
from shinline.app.body.letterbox import F32Array, lay_in, normalised
from shinline.config import Config, ConfigError
from shinline.types import BodyPicture, BodyPoints

TYPES: Final = ("float32", "float16", "uint8", "int8", "int32")
"""Of inputs that can be filled."""

Sizes = tuple[int | None, ...]
"""A tensor's shape; None: a size that varies."""


@dataclass(frozen=True, slots=True)
class InputTensor:
    """What a network takes in. Whole numbers stand for ``scale`` (number - ``zero``), if not 0."""

    shape: Sizes
    dtype: str
    scale: float = 0.0
    zero: int = 0


class Network(Protocol):
    """A loaded network with one input."""

    takes: InputTensor
    answers: list[Sizes]

    def run(self, tensor: NDArray[Any]) -> list[F32Array]:
        """Return what it answers, as real numbers."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """How a picture is laid into a network's input."""

    input_px: tuple[int, int]
    channels: int
    first: bool
    values: str
    takes: InputTensor

    def filled(self, grey: NDArray[np.uint8]) -> NDArray[Any]:
        """Return the input's tensor for a laid-in picture."""
        tensor = normalised(grey, self.values, self.channels, self.first)
        dtype = np.dtype(self.takes.dtype)
        if dtype.kind == "f":
            real: NDArray[Any] = tensor.astype(dtype)
            return real
        if self.values == "0..255":
            plain: NDArray[Any] = (tensor - (128.0 if dtype == np.int8 else 0.0)).astype(dtype)
            return plain
        bounds = np.iinfo(dtype)
        whole = (np.rint(tensor / self.takes.scale) + self.takes.zero).clip(bounds.min, bounds.max)
        quantised: NDArray[Any] = whole.astype(dtype)
        return quantised


def entry_of(takes: InputTensor, order: str, values: str, where: str) -> Entry:
    """Return how to fill an input.

    Raises
    ------
    ConfigError
        It is no picture of one fixed size, or is not of the order or the values that are
        configured.

    """
    shape = takes.shape
    sizes: Sizes = shape[1:] if len(shape) == 4 and shape[0] in (1, None) else ()
    colours = {"nchw": sizes[0], "nhwc": sizes[-1]} if sizes else {}
    fits = [name for name in ("nhwc", "nchw") if colours.get(name) in (1, 3)]
    fits = fits if order == "auto" else [name for name in fits if name == order]
    shown = f"takes in {[size if size else '?' for size in shape]} of {takes.dtype}"
    if not fits or None in sizes:
        wanted = {"nhwc": "[1, height, width, 3]", "nchw": "[1, 3, height, width]"}
        expected = " or ".join(wanted.values()) if order == "auto" else wanted[order]
        raise ConfigError(f"{where}: {shown}; expected {expected} (or 1 channel) of one fixed size")
    if takes.dtype not in TYPES:
        raise ConfigError(f"{where}: {shown}; expected one of {', '.join(TYPES)}")
    whole = np.dtype(takes.dtype).kind != "f"
    if values == "auto":
        values = "0..255" if whole else "0..1"
    if whole and values != "0..255" and takes.scale <= 0.0:
        raise ConfigError(f"{where}: {shown}, without a scale; expected body.values = '0..255'")
    first = fits[0] == "nchw"
    channels, height, width = sizes if first else (sizes[-1], *sizes[:2])
    return Entry((int(height or 0), int(width or 0)), int(channels or 0), first, values, takes)


class NetworkSource:
    """Shows a network each picture it is given; a :class:`~shinline.types.BodySource`.

    Raises
    ------
    ConfigError
        From the constructor: the network is no pose network that can be used.

    """

    def __init__(self, network: Network, config: Config) -> None:
        body = config.body
        layout = LAYOUTS[body.layout]
        self._network = network
        self._entry = entry_of(network.takes, body.input, body.values, body.model)
        self._head = find_head(network.answers, layout.count, body.points, body.model)
        self._side = NearSide(config.marker.facing, layout)

    def look(self, picture: BodyPicture) -> BodyPoints | None:
        """Return the joints of the near side; None when hip or shoulder is not seen."""
        entry = self._entry
        laid, box = lay_in(picture, entry.input_px)
        answer = self._network.run(entry.filled(laid))[self._head.number]
        table = decode(answer, self._head.kind, entry.input_px)
        return body_points(table, self._side.of(table), box, picture.t_ns)

    def close(self) -> None:
        """Nothing is held that would not go by itself."""


def model_file(config: Config) -> Path:
    """Return the configured model.

    Raises
    ------
    ConfigError
        None is configured, or there is no such file.

    """
    body = config.body
    if not body.model:
        raise ConfigError(
            f"body.source '{body.source}' needs a pose network of yours: set body.model to its "
            "file (none is brought along or downloaded, see docs/body.md)"
        )
    path = Path(body.model).expanduser()
    if not path.is_file():
        raise ConfigError(f"body.model: {path}: no such file")
    return path
