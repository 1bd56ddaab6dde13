"""Which kernels the loop calls, and with which arguments: what is compiled ahead.

``NUMBA_CACHE_DIR=$(mktemp -d) python -m shinline.app.kernel_list --write`` writes the list anew,
from a run of both kinds of marker that compiles everything; the tests find a list that is no
longer complete.
"""

import argparse
import dis
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any, Final, Literal

import numba
import numpy as np
from numba.core.dispatcher import Dispatcher

from shinline import dtypes
from shinline.config import Config, Marker
from shinline.vision.ring_kernels import Work

STAGES: Final = (
    "shinline.coach.floor_kernels",
    "shinline.motion.kalman_kernels",
    "shinline.vision.plate_kernels",
    "shinline.vision.ring_kernels",
    "shinline.vision.steady_kernels",
    "shinline.vision.trunk_kernels",
)

_STRIDED: Final = "~"  # a column: not contiguous

Signature = tuple[Any, ...]
"""Numba's types of a kernel's arguments."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A kernel and the kinds of its arguments, as written in the list."""

    module: str
    name: str
    arguments: tuple[str, ...]

    @property
    def line(self) -> str:
        """Return the line of the list."""
        return f"{self.module} {self.name} {' '.join(self.arguments)}".rstrip()

    @property
    def kernel(self) -> Any:
        """Return the kernel itself."""
        return getattr(import_module(self.module), self.name)

    @property
    def signature(self) -> Signature:
        """Return the types to compile it for."""
        return tuple(_type_of(argument) for argument in self.arguments)


def listed() -> list[Listed]:
    """Read the list; its first line says what :class:`Work` is made of."""
    _, *rows = _rows()
    return [Listed(module, name, tuple(arguments)) for module, name, *arguments in rows]


def _rows() -> list[list[str]]:
    return [line.split() for line in _path().read_text(encoding="ascii").splitlines()]


def compiled() -> list[Listed]:
    """Return what this process has compiled or loaded so far, in the order of the list."""
    found = []
    for module, name, kernel in _kernels():
        for signature in kernel.signatures:
            found.append(Listed(module, name, tuple(_text_of(kind) for kind in signature)))
    return sorted(found, key=lambda each: each.line)


def called_by(kernel: Any) -> set[str]:
    """Return the names of the kernels which a kernel calls; attributes may have the same names."""
    known = kernel.py_func.__globals__
    steps = dis.get_instructions(kernel.py_func)
    names = {step.argval for step in steps if step.opname == "LOAD_GLOBAL"}
    return {name for name in names if isinstance(known.get(name), Dispatcher)}


def _kernels() -> Iterator[tuple[str, str, Any]]:
    for module in STAGES:
        for name, thing in vars(import_module(module)).items():
            if isinstance(thing, Dispatcher) and thing.py_func.__module__ == module:
                yield module, name, thing


@cache
def _rows_named() -> dict[str, Any]:
    """Return the types of one row of each dtype."""
    rows = {n: d for n, d in vars(dtypes).items() if isinstance(d, np.dtype)}
    return {name: numba.from_dtype(dtype) for name, dtype in rows.items()}


@cache
def _work() -> Any:
    """Return the type of the ring detector's working memory."""
    (_, *fields), *_ = _rows()
    types: Any = numba.types
    return types.NamedTuple([_type_of(field) for field in fields], Work)


def _text_of(kind: Any) -> str:
    """Write a type down: ``float64``, ``uint8[2]`` (two dimensions), ``DETECTION[1]``, ``Work``."""
    if isinstance(kind, numba.types.Array):
        strided = "" if kind.layout == "C" else _STRIDED
        return f"{_text_of(kind.dtype)}[{kind.ndim}{strided}]"
    if isinstance(kind, numba.types.NamedTuple):
        return Work.__name__
    return next((name for name, row in _rows_named().items() if row == kind), str(kind))


def _type_of(text: str) -> Any:
    """Read what :func:`_text_of` wrote."""
    base, _, dimensions = text.rstrip("]").partition("[")
    if base == Work.__name__:
        return _work()
    row = _rows_named().get(base)
    kind = numba.from_dtype(np.dtype(base)) if row is None else row
    if not dimensions:
        return kind
    layout: Literal["A", "C"] = "A" if dimensions.endswith(_STRIDED) else "C"
    aligned = row is None  # our rows are packed
    return numba.types.Array(kind, int(dimensions.rstrip(_STRIDED)), layout, aligned=aligned)


def _path() -> Any:
    return files("shinline") / "assets" / "kernels.txt"


def run_both() -> None:
    """Run the loop with both kinds of marker, which compiles or loads all it needs."""
    from shinline.app.detectors import warm_up

    for kind in ("ring", "plate"):
        warm_up(Config(marker=Marker(kind=kind)))


def main(arguments: list[str]) -> None:
    """Print the list, or write it into the package."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="into the package")
    write = parser.parse_args(arguments).write
    run_both()
    if any(kernel.stats.cache_hits for _, _, kernel in _kernels()):
        sys.exit("a kernel was loaded, not compiled: set NUMBA_CACHE_DIR to an empty folder")
    (work,) = {kind for _, _, kernel in _kernels() for kind in _works(kernel)}
    head = " ".join([Work.__name__, *(_text_of(field) for field in work.types)])
    text = "".join(f"{line}\n" for line in [head, *(each.line for each in compiled())])
    if write:
        _path().write_text(text, encoding="ascii")
    else:
        sys.stdout.write(text)


def _works(kernel: Any) -> Iterator[Any]:
    for signature in kernel.signatures:
        yield from (kind for kind in signature if isinstance(kind, numba.types.NamedTuple))


if __name__ == "__main__":
    main(sys.argv[1:])
