"""The one JIT decorator: every Numba flag of the project lives here.

``fastmath`` stays off because it breaks bit-exact replay, and ``parallel`` because no kernel
here is long enough to pay for waking a second core. The on-disk cache is kept per release and
interpreter: Numba does not notice when a helper in another file has changed.
"""

import os
import sys
from collections.abc import Callable, Iterable
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
from numba.core.dispatcher import Dispatcher  # noqa: E402
from numba.core.types import IntEnumMember, unliteral  # noqa: E402

# Whoever imported Numba before us made it read its settings too early.
numba.config.CACHE_DIR = os.environ["NUMBA_CACHE_DIR"]  # type: ignore[attr-defined]


def _plain(kind: Any) -> Any:
    """Return the type of the argument without the value that it is known to have."""
    return kind.dtype if isinstance(kind, IntEnumMember) else unliteral(kind)  # type: ignore[no-untyped-call]


def kernel(function: _F) -> _F:
    """Compile a scalar or array kernel: nogil, cached, IEEE arithmetic, no bounds checks.

    A constant in a call is an ordinary argument here. Numba would compile the callee, and all it
    calls, again for each constant: a third of all compilation.
    """
    njit: Any = numba.njit
    compiled = njit(
        cache=True, nogil=True, fastmath=False, error_model="numpy", no_cfunc_wrapper=True
    )(function)
    if isinstance(compiled, Dispatcher):  # not where compilation is switched off
        _forget_constants(compiled)
    return cast(_F, compiled)


def _forget_constants(compiled: Any) -> None:
    template = compiled.get_call_template

    def get_call_template(args: Iterable[Any], kws: Any) -> Any:
        plain = {name: _plain(kind) for name, kind in dict(kws).items()}
        return template(tuple(_plain(kind) for kind in args), plain)

    compiled.get_call_template = get_call_template


def is_cached(function: Any, signature: tuple[Any, ...]) -> bool:
    """Tell whether a kernel has been compiled for these types and for this processor.

    The index on disk names the processor and its features beside the types, so that a card which
    is moved to another computer neither runs foreign code nor loses its own. What cannot be read,
    as after a cut of power, is deleted and counts as missing. Numba has no public question for
    this.
    """
    if not isinstance(function, Dispatcher):
        return True  # compilation is switched off
    compiled: Any = function
    cache = compiled._cache
    stored = cache._cache_file
    key = cache._index_key(signature, compiled.targetctx.codegen())
    try:
        name = stored._load_index().get(key)
        return name is not None and bool(stored._load_data(name))
    except Exception:  # noqa: BLE001  (half a pickle may raise anything)
        Path(stored._index_path).unlink(missing_ok=True)
        return False
