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
BEFORE: Final = "network.target"
"""After which the service is started: its ``After=``."""

ANSWER_S: Final = 10.0
CHILD_TIMEOUT_S: Final = 900.0

FIRST_S: Final = 10.0
"""A service that began so soon after it could was started by the boot, and by nobody since."""

ASKED: Final = ("Type", "ExecMainStartTimestampMonotonic", "ActiveEnterTimestampMonotonic")

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

    ``boot_s`` is from the kernel's start until systemd was about to start the service in this boot,
    None where there is no systemd. The camera is not among them: only a camera shows it.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LastStart:
    """When the service was last ready, which it says with its first frame.

    ``took_s`` counts from the start of its process; ``ready_s`` from the kernel's start, None if
    it was started again since, by anybody.
    """

    took_s: float
    ready_s: float | None


Ask = Callable[[str], str]
"""Answers what ``systemctl show`` says of a unit's times and restarts, a line each."""


def boot_s(ask: Ask | None = None) -> float | None:
    """Return when in this boot the service could start, in seconds since the kernel's start."""
    return _seconds(_shown(BEFORE, ask), "ActiveEnterTimestampMonotonic")


def last_start(ask: Ask | None = None) -> LastStart | None:
    """Return how the service's last start went; None where it runs not, or says not when ready."""
    shown = _shown(UNIT, ask)
    began_s = _seconds(shown, "ExecMainStartTimestampMonotonic")
    ready_s = _seconds(shown, "ActiveEnterTimestampMonotonic")
    if shown.get("Type") != "notify" or began_s is None or ready_s is None or ready_s < began_s:
        return None
    could_s = boot_s(ask)
    is_first = could_s is not None and began_s - could_s < FIRST_S
    return LastStart(took_s=ready_s - began_s, ready_s=ready_s if is_first else None)


def _seconds(shown: dict[str, str], name: str) -> float | None:
    text = shown.get(name, "")
    return int(text) / 1e6 if text.isdecimal() and int(text) else None


def _shown(unit: str, ask: Ask | None) -> dict[str, str]:
    try:
        said = (ask or _ask_systemd)(unit)
    except (OSError, subprocess.SubprocessError):
        return {}
    return dict(line.split("=", 1) for line in said.splitlines() if "=" in line)


def _ask_systemd(unit: str) -> str:
    command = ["systemctl", "show", unit, f"--property={','.join(ASKED)}"]
    done = subprocess.run(  # noqa: S603  (fixed words)
        command, capture_output=True, text=True, timeout=ANSWER_S, check=True
    )
    return done.stdout
