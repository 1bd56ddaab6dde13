"""``shinline doctor`` on how soon the device is ready: a start is timed, and the last one told."""

from typing import TYPE_CHECKING, Final

from shinline.app.doctor_check import Check

if TYPE_CHECKING:
    from shinline.app.startup import Startup

READY_S: Final = 20.0
"""From the kernel's start to the first picture, on a Raspberry Pi 4."""


def starts(camera_s: float | None) -> list[Check]:
    """Start the program once more beside this one, and look up how the service's last start went.

    ``camera_s`` is how long a camera took to its first picture, None where none was tried. Imports
    the program only now: where it cannot be loaded, that is what is told.
    """
    try:
        from shinline.app import startup, warming

        left = len(warming.missing())
        found = [uncompiled(left) if left else estimated(startup.startup_estimate(), camera_s)]
        last = startup.last_start()
    except (ImportError, OSError) as problem:
        return [Check("start", False, f"the program fails: {problem}", "install it again")]
    if last is not None:
        found.append(told(last.took_s, last.ready_s))
    return found


def uncompiled(kernels: int) -> Check:
    """Tell why no start was timed."""
    detail = f"not timed: {kernels} kernels are not compiled yet, the next start does it in minutes"
    return Check("start", True, f"{detail} (or now: shinline warm)")


def estimated(start: "Startup", camera_s: float | None) -> Check:
    """Add up how long it takes from the kernel's start to the first picture.

    The firmware's seconds before the kernel are in no clock of the system.
    """
    parts = f"loading {start.interpreter_s + start.imports_s:.1f}"
    parts += f", kernels {start.check_s + start.kernels_s:.1f}"
    ours = f"program {start.program_s:.1f} s ({parts})"
    ours += ", camera not tried" if camera_s is None else f", camera {camera_s:.1f} s"
    if start.boot_s is None or start.ready_s is None:
        return Check("start", True, f"{ours}; what the system needs before is not known")
    total_s = start.ready_s + (camera_s or 0.0)
    detail = f"about {total_s:.0f} s after the kernel: system {start.boot_s:.1f} s, {ours}"
    if total_s <= READY_S:
        return Check("start", True, detail)
    return Check("start", False, detail, ADVICE)


def told(took_s: float, ready_s: float | None) -> Check:
    """Tell how long the service's last start took, and when that was if it began with the boot."""
    detail = f"measured: the service's first picture came {took_s:.1f} s after its program began"
    if ready_s is None:
        return Check("last start", True, detail)
    detail += f", {ready_s:.1f} s after the kernel"
    if ready_s <= READY_S:
        return Check("last start", True, detail)
    return Check("last start", False, detail, ADVICE)


ADVICE: Final = (
    f"{READY_S:.0f} s is the aim: systemd-analyze critical-chain shinline.service names who waits"
)
