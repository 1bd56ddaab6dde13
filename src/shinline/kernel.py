"""The one JIT decorator: every Numba flag of the project lives here.

``fastmath`` stays off because it breaks bit-exact replay, and ``parallel`` because no kernel
here is long enough to pay for waking a second core. The on-disk cache is kept per release and
interpreter: Numba does not notice when a helper in another file has changed.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from shinline import __version__

_F = TypeVar("_F", bound=Callable[..., Any])


def cache_dir() -> Path:
    """Return the folder of compiled kernels: one for each release and Python version."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    tag = f"{__version__}-py{sys.version_info.major}{sys.version_info.minor}"
    return Path(base) / "shinline" / "kernels" / tag


os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_dir()))

import numba  # noqa: E402  (the cache folder must be known before Numba reads its settings)

# Whoever imported Numba before us made it read its settings too early.
numba.config.CACHE_DIR = os.environ["NUMBA_CACHE_DIR"]  # type: ignore[attr-defined]


def kernel(function: _F) -> _F:
    """Compile a scalar or array kernel: nogil, cached, IEEE arithmetic, no bounds checks."""
    jit = numba.njit(cache=True, nogil=True, fastmath=False, error_model="numpy")
    return cast(_F, jit(function))
