"""How long from switching on until the first frame is handled: measured where it can be."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Final

import msgspec

from shinline.app.warming import missing

UNIT: Final = "shinline.service"
CHILD_TIMEOUT_S: Final = 900.0

_CHILD: Final = """
from time import perf_counter
began = perf_counter()
import json
import shinline.cli, shinline.app.openers, shinline.app.run
imported = perf_counter()
from shinline.app.detectors import warm_up
from shinline.app.warming import missing
from shinline.config import Config
left = len(missing())
checked = perf_counter()
warm_up(Config())
print(json.dumps([imported - began, checked - imported, perf_counter() - checked]))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Startup:
    """The parts of a start.

    ``boot_s`` is from the kernel's start until systemd started the service in this boot, None
    where there is no such service. ``camera_s`` is not among them: only a camera shows it.
    """

    boot_s: float | None
    interpreter_s: float
    imports_s: float
    check_s: float
    kernels_s: float
    kernels_missing: int

    @property
    def program_s(self) -> float:
        """Return the seconds from the start of the process until it can take a frame."""
        return self.interpreter_s + self.imports_s + self.check_s + self.kernels_s

    @property
    def ready_s(self) -> float | None:
        """Return the seconds from power until it can take a frame, without the camera's start."""
        return None if self.boot_s is None else self.boot_s + self.program_s


def startup_estimate() -> Startup:
    """Start the program once more beside this one, up to where it would open the camera.

    Takes as long as such a start; with kernels missing it compiles them, which may take minutes:
    look at :func:`shinline.app.warming.missing` first.

    Raises
    ------
    OSError
        The process cannot be started, or fails.

    """
    left = len(missing())
    began = perf_counter()
    try:
        child = subprocess.run(  # noqa: S603  (this program itself)
            [sys.executable, "-c", _CHILD],
            capture_output=True,
            text=True,
            timeout=CHILD_TIMEOUT_S,
            check=True,
        )
    except subprocess.SubprocessError as problem:
        raise OSError(f"a start for measurement failed: {problem}") from problem
    whole = perf_counter() - began
    imports, check, kernels = msgspec.json.decode(child.stdout, type=tuple[float, float, float])
    return Startup(
        boot_s=boot_s(),
        interpreter_s=max(whole - imports - check - kernels, 0.0),
        imports_s=imports,
        check_s=check,
        kernels_s=kernels,
        kernels_missing=left,
    )


def boot_s(ask: Callable[[], str] | None = None) -> float | None:
    """Return when in this boot systemd started the service, in seconds since the kernel's start."""
    try:
        said = (ask or _ask_systemd)()
    except (OSError, subprocess.SubprocessError):
        return None
    microseconds = said.partition("=")[2].strip()
    return int(microseconds) / 1e6 if microseconds.isdecimal() and int(microseconds) else None


def _ask_systemd() -> str:
    command = ["systemctl", "show", UNIT, "--property=ExecMainStartTimestampMonotonic"]
    done = subprocess.run(  # noqa: S603  (fixed words)
        command, capture_output=True, text=True, timeout=10.0, check=True
    )
    return done.stdout
