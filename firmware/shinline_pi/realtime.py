"""The loop's thread, its memory and its interpreter, so that a frame waits for nobody.

Priority and memory are taken only where the limits of the process offer them, as those of a service
do: root in a shell may do anything, and a program that keeps a core for itself is not always
wanted. Whatever is not to be had is left as it is and told: never an error, for a bar is tracked
without it as well, only less evenly.
"""

import ctypes
import gc
import os
import resource
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

FIFO_PRIORITY: Final = 20
"""Above all ordinary programs, below the kernel's own threads (50)."""

CORES_FEWEST: Final = 3
"""On fewer cores the loop would be locked in with what it is to be kept apart from."""

SWITCH_S: Final = 0.0005
"""How long another thread may go on with Python when the loop has a frame: the default is 5 ms."""

ARENAS: Final = 2
"""Heaps of the C library: it would make one for each thread, and each keeps what was freed."""

GARBAGE_MOST: Final = 20_000
"""Objects since the last look through them, from which on it is done in mid-lift, too."""

_RESET_ON_FORK: Final = getattr(os, "SCHED_RESET_ON_FORK", 0x40000000)
_MCL_CURRENT, _MCL_FUTURE, _MCL_ONFAULT = 1, 2, 4
_M_ARENA_MAX: Final = -8
_MADV_DONTNEED, _MADV_PAGEOUT = 4, 21
_COMPILER: Final = "libllvmlite"
_MAPS: Final = Path("/proc/self/maps")
_TASKS: Final = Path("/proc/self/task")


class RealTime:
    """Prepares the calling thread, which is the loop's, and gives it back as it was."""

    def __init__(self) -> None:
        self._cores = _affinity()
        self._policy: tuple[int, int] | None = None
        self._locked = ""
        self._switch_s = sys.getswitchinterval()
        self._collects = gc.isenabled()

    def begin(self) -> tuple[str, ...]:
        """Prepare; return what was done and what could not be, a line each."""
        if not self._locked:
            _few_arenas()
            lay_compiler_aside()
            self._locked = _lock_memory()
        sys.setswitchinterval(SWITCH_S)
        gc.collect()
        gc.freeze()  # what is there now stays: it need not be looked through again
        gc.disable()
        return self._pin(), self._go_first(), self._locked

    def part(self) -> None:
        """Move threads that came later off the loop's core."""
        if len(self._cores) >= CORES_FEWEST:
            _move(self._others(), self._cores - {self._core})

    def collect(self, anyway: bool) -> None:
        """Look for garbage in a quiet moment, or ``anyway``; else only if there may be much."""
        if anyway or gc.get_count()[0] > GARBAGE_MOST:
            gc.collect()

    def rest(self) -> None:
        """Give the thread back: what it starts now is not to inherit its place."""
        if self._policy is not None:
            policy, priority = self._policy
            with suppress(OSError):
                os.sched_setscheduler(0, policy, os.sched_param(priority))
            self._policy = None
        _move([0], self._cores)
        gc.unfreeze()  # the session that is over is garbage from now on, and was there at its begin
        gc.collect()

    def close(self) -> None:
        """Give everything back. Closing twice does no harm."""
        self.rest()
        _move(self._others(), self._cores)
        sys.setswitchinterval(self._switch_s)
        if self._collects:
            gc.enable()

    @property
    def _core(self) -> int:
        return max(self._cores)

    def _pin(self) -> str:
        if len(self._cores) < CORES_FEWEST:
            return f"cores: all {len(self._cores)} shared, too few to keep one for the loop"
        if not _move([0], {self._core}):
            return "cores: shared, the system does not let us choose"
        self.part()
        return f"cores: the loop has core {self._core}, the other threads have the other ones"

    def _others(self) -> list[int]:
        own = threading.get_native_id()
        with suppress(OSError):
            return [tid for task in _TASKS.iterdir() if (tid := int(task.name)) != own]
        return []

    def _go_first(self) -> str:
        if not hasattr(os, "sched_setscheduler"):
            return "priority: ordinary, this system has no other"
        before = os.sched_getscheduler(0), os.sched_getparam(0).sched_priority
        if before[0] & ~_RESET_ON_FORK == os.SCHED_FIFO:
            return f"priority: FIFO {before[1]}, as we were started"
        if not _offers(resource.RLIMIT_RTPRIO, FIFO_PRIORITY):
            return f"priority: ordinary (FIFO needs LimitRTPRIO={FIFO_PRIORITY})"
        try:
            param = os.sched_param(FIFO_PRIORITY)
            os.sched_setscheduler(0, os.SCHED_FIFO | _RESET_ON_FORK, param)
        except OSError as problem:
            return f"priority: ordinary ({problem.strerror})"
        self._policy = before
        return f"priority: FIFO {FIFO_PRIORITY}"


def _affinity() -> set[int]:
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set()


def _move(threads: Iterable[int], cores: set[int]) -> bool:
    """Let threads (0: ours) run on these cores only; tell whether all could be moved."""
    moved = True
    for thread in threads:
        try:
            os.sched_setaffinity(thread, cores)
        except (OSError, ValueError, AttributeError):  # ended meanwhile, or not to be chosen here
            moved = False
    return moved


def _few_arenas() -> None:
    with suppress(AttributeError, OSError):  # another library than glibc
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS)


def lay_compiler_aside() -> None:
    """Give back the memory of the compiler, of which nothing is needed once the kernels are warm.

    Its pages are those of a file: should it be needed after all, they are read again. Code is let
    go of whoever else has it in memory; nothing ever wrote to it, so that nothing can be lost.
    """
    with suppress(AttributeError, OSError, ValueError):
        advise = ctypes.CDLL(None).madvise
        advise.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
        for line in _MAPS.read_text(encoding="utf-8", errors="replace").splitlines():
            place, access, *_ = line.split()
            if _COMPILER in line and "w" not in access:
                first, end = (int(part, 16) for part in place.split("-"))
                advise(first, end - first, _MADV_DONTNEED if "x" in access else _MADV_PAGEOUT)


def _lock_memory() -> str:
    """Keep in memory what is in memory, now and later, so that no frame waits for a disk.

    Pages are locked as they are touched: locking all that is mapped would fill the memory with
    parts of libraries that nobody uses. Without a limit only: under a limit the next allocation
    beyond it would fail, and that is far worse than waiting.
    """
    if not _offers(resource.RLIMIT_MEMLOCK):
        return "memory: not locked, there is a limit (locking needs LimitMEMLOCK=infinity)"
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        failed = libc.mlockall(_MCL_CURRENT | _MCL_FUTURE | _MCL_ONFAULT)
    except (AttributeError, OSError):
        return "memory: not locked, this system cannot"
    if failed:
        return f"memory: not locked ({os.strerror(ctypes.get_errno())})"
    return "memory: locked"


def _offers(limit: int, amount: int | None = None) -> bool:
    """Tell whether a limit of this process allows so much; None: without end."""
    soft, _hard = resource.getrlimit(limit)
    return soft == resource.RLIM_INFINITY or (amount is not None and soft >= amount)
