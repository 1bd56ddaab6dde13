"""Run a command that dies with the program that started it, however that one ends.

``python -m shinline.wire.leash PARENT_PID COMMAND…`` asks the kernel for a signal at the parent's
death and then *becomes* the command, so nothing is left running in between. Where the kernel
cannot do that (it is a Linux feature) the command runs without a leash.

The kernel looks at the *thread* that started the child: start it from one that lasts.
"""

import ctypes
import os
import signal
import sys
from typing import Final

PYTHON: Final = (sys.executable, "-P")
"""-P: the present folder is somebody else's, and nothing in it is a module of ours."""

PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h


def leashed(command: list[str]) -> list[str]:
    """Return the command line that runs ``command`` on a leash held by this process."""
    return [*PYTHON, "-m", __name__, str(os.getpid()), *command]


def main(arguments: list[str]) -> None:
    """Ask to die with the parent, then become the command."""
    parent_pid, command = int(arguments[0]), arguments[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent_pid:  # it died before the kernel knew whom to watch
            return
    os.execv(command[0], command)  # noqa: S606  (no shell: that is the point)


if __name__ == "__main__":
    main(sys.argv[1:])
