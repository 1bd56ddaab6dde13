"""``shinline doctor`` on the program: what it needs is there, and compiled for this processor."""

import importlib
import io
import os
import pickle
import platform
import sys
from contextlib import suppress
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from shinline.app.doctor_check import Check
from shinline.app.doctor_disk import write_problem
from shinline.app.indicators import GROUP
from shinline.config import Config
from shinline.kernel import cache_dir

PACKAGE: Final = Path(__file__).parent.parent
DEMO: Final = PACKAGE / "assets" / "demo.mp4"
GPIO: Final = Path("/dev/gpiochip0")
SPI: Final = Path("/dev/spidev0.0")


def python(_config: Config, _journal: Path) -> Check:
    """Check the interpreter."""
    wide = sys.maxsize > 2**32
    detail = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    advice = "" if wide else "install a 64-bit system: the compiler has no 32-bit version"
    return Check("Python", wide, detail, advice)


def kernel_cache(_config: Config, _journal: Path) -> Check:
    """Check where compiled kernels are kept, and for which processors."""
    folder = Path(os.environ.get("NUMBA_CACHE_DIR") or cache_dir())
    problem = write_problem(folder)
    if problem:
        advice = "make it writable, or set XDG_CACHE_HOME to a folder that is"
        return Check("compiled code", False, f"{folder}: {problem}", advice)
    return Check("compiled code", True, f"kept in {folder}: {_warmth(folder)}")


def _warmth(folder: Path) -> str:
    """Return for which processors kernels are kept; Numba takes only those of its own."""
    try:
        here = _this_processor()
    except (ImportError, AttributeError) as problem:
        return f"for which processor is not known ({problem})"
    kept = [_processors(index) for each in _folders(folder) for index in each.glob("*.nbi")]
    warm = sum(here in names for names in kept)
    if warm:
        return f"{warm} kernels for {here[1]}"
    others = sorted({name[1] for names in kept for name in names})
    told = f"none for {here[1]}, only for {', '.join(others)}" if others else "nothing yet"
    return f"{told}; the first start compiles, some minutes on a small board"


def _this_processor() -> tuple[str, ...]:
    registry = importlib.import_module("numba.core.registry")
    name: tuple[str, ...] = registry.cpu_target.target_context.codegen().magic_tuple()
    return name


def _folders(folder: Path) -> set[Path]:
    """Return where Numba keeps the kernels of this installation; others may be beside them."""
    caching = importlib.import_module("numba.core.caching")
    subpath = caching._CacheLocator.get_suitable_cache_subpath
    return {folder / subpath(str(file)) for file in PACKAGE.rglob("*.py")}


def _processors(index: Path) -> set[tuple[str, ...]]:
    """Return for which processors a kernel is kept; an index that cannot be read is of none.

    The index is pickled, and read from the same folder that every start executes code from.
    """
    with suppress(Exception), index.open("rb") as file:  # whatever a damaged file makes it raise
        pickle.load(file)  # noqa: S301  (Numba's version)
        _stamp, kept = pickle.load(io.BytesIO(file.read()))  # noqa: S301
        return {key[1] for key in kept}
    return set()


def recording(_config: Config, _journal: Path) -> Check:
    """Check that the bundled recording is there."""
    if DEMO.is_file() and DEMO.stat().st_size > 0:
        return Check("bundled recording", True, str(DEMO))
    return Check("bundled recording", False, f"{DEMO} is missing", "install the package again")


def decoder(_config: Config, _journal: Path) -> Check:
    """Check that recordings can be decoded."""
    name, advice = "video decoder", "install PyAV from its wheel: pip install --force-reinstall av"
    try:
        av = importlib.import_module("av")
        codec = av.codec.Codec("h264", "r")
    except (ImportError, ValueError) as problem:
        return Check(name, False, f"H.264 cannot be decoded: {problem}", advice)
    return Check(name, True, f"PyAV {av.__version__}: {codec.long_name}")


def sources(_config: Config, _journal: Path) -> Check:
    """Check that every registered frame source loads."""
    loaded, broken = [], []
    for point in entry_points(group="shinline.sources"):
        try:
            point.load()
            loaded.append(point.name)
        except Exception as problem:  # noqa: BLE001  (a stranger's package may raise anything)
            broken.append(f"{point.name} does not load: {problem}")
    detail = ", ".join(sorted(loaded)) or "none is registered"
    if broken or not loaded:
        advice = "install the package that brings it again, or remove it"
        return Check("frame sources", False, "; ".join([detail, *broken]), advice)
    return Check("frame sources", True, detail)


def indicators(config: Config, _journal: Path) -> Check:
    """Check that what is configured beside the phones can be driven; nothing is switched on."""
    wired = config.indicators
    name = "light and button"
    if not wired.device:
        return Check(name, True, "none is configured (indicators.device)")
    known = {point.name for point in entry_points(group=GROUP)}
    if wired.device not in known:
        advice = f"set indicators.device to one of: {', '.join(sorted(known))}"
        return Check(name, False, f"nothing is named {wired.device!r}", advice)
    if wired.device != "gpio":
        return Check(name, True, wired.device)
    return _gpio(name, wired.light == "strip")


def _gpio(name: str, is_strip: bool) -> Check:
    if os.environ.get("GPIOZERO_PIN_FACTORY") == "mock":
        return Check(name, True, "gpio, with simulated pins")
    for package in ("gpiozero", "lgpio"):
        if find_spec(package) is None:
            advice = "sudo apt install python3-gpiozero python3-lgpio"
            return Check(name, False, f"{package} is not installed", advice)
    for device, group, advice in (
        (GPIO, "gpio", "this is no Raspberry Pi, or its pins are switched off"),
        *([(SPI, "spi", "add dtparam=spi=on to config.txt and restart")] if is_strip else []),
    ):
        if not device.exists():
            return Check(name, False, f"{device} is missing", advice)
        if not os.access(device, os.R_OK | os.W_OK):
            joined = f"sudo usermod -aG {group} {os.environ.get('USER', 'USER')}, and log in again"
            return Check(name, False, f"{device} cannot be opened", joined)
    return Check(name, True, "gpio; its pins can be opened")
