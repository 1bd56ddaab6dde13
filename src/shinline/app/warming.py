"""Kernels compiled ahead into the cache on disk: leaf first, on every core.

Numba compiles in one thread of one process, callees before callers. Here the order is taken from
the code, and several processes share the work: a kernel is compiled once all that it calls can be
loaded. No kernel is compiled by two processes at once, because Numba does not lock its cache.
"""

import os
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import Final

from rich.console import Console

from shinline.app.detectors import warm_up
from shinline.app.kernel_list import Listed, called_by, listed
from shinline.app.progress import progress_bars
from shinline.config import Config
from shinline.kernel import is_cached

PROCESS_MB: Final = 450
"""What a process needs that compiles half of all kernels; see docs/pi-performance.md."""

SCARCE_TASKS: Final = 6
"""Kernels to a process where there is less: compiled code is never given back otherwise."""

ALONE: Final = 8  # so few kernels are compiled sooner than processes start

Progress = Callable[[str, float], None]
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Warmed:
    """How many kernels were missing, and how long they took with how many processes."""

    compiled: int
    processes: int
    duration_s: float


def missing() -> list[Listed]:
    """Return what the cache on disk does not have for this processor; takes some milliseconds."""
    return [each for each in listed() if not is_cached(each.kernel, each.signature)]


def prepare(config: Config, console: Console) -> None:
    """Have every kernel of the loop loaded, before the first frame is due."""
    with progress_bars(console) as progress:
        warm(progress)
    with console.status("preparing"):
        warm_up(config)


def warm(progress: Progress, processes: int | None = None, start: str = "spawn") -> Warmed:
    """Compile what is missing.

    Parameters
    ----------
    progress
        Told what is done and which share of it.
    processes
        How many; as many as there are cores and memory for, where nothing is said.
    start
        How :mod:`multiprocessing` starts them.

    """
    began = perf_counter()
    todo = missing()
    count = processes if processes is not None else _processes()
    scarce = start != "fork" and _available_mb() < 2 * PROCESS_MB  # forked ones cannot be renewed
    count = 1 if len(todo) <= ALONE else min(count, len(todo))
    if count > 1 or (scarce and len(todo) > ALONE):
        _share(todo, count, start, progress, SCARCE_TASKS if scarce and count == 1 else None)
    else:
        for n, each in enumerate(todo):
            progress("compiling", n / len(todo))
            each.kernel.compile(each.signature)
    return Warmed(len(todo), count, perf_counter() - began)


def _share(
    todo: list[Listed], count: int, start: str, progress: Progress, tasks: int | None
) -> None:
    """Give each process the kernel on which most still depends, of those that can be compiled."""
    open_callees = {_key(each): _callees(each) & {_key(other) for other in todo} for each in todo}
    rank = _ranks(todo)
    waiting = sorted(todo, key=lambda each: -rank[_key(each)])
    running: dict[Future[None], Listed] = {}
    done: set[Key] = set()
    with ProcessPoolExecutor(
        count, mp_context=get_context(start), max_tasks_per_child=tasks
    ) as pool:
        while waiting or running:
            for each in [each for each in waiting if open_callees[_key(each)] <= done]:
                if len(running) == count:
                    break
                waiting.remove(each)
                running[pool.submit(_compile, each)] = each
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                future.result()
                done.add(_key(running.pop(future)))
            progress("compiling (the first start of a release)", len(done) / len(todo))


def _compile(each: Listed) -> None:
    each.kernel.compile(each.signature)


def _key(each: Listed) -> Key:
    return each.module, each.name


def _callees(each: Listed) -> set[Key]:
    """Return what a kernel calls; a stage's kernels share one file."""
    return {(each.module, name) for name in called_by(each.kernel)}


def _ranks(todo: list[Listed]) -> dict[Key, int]:
    """Return for each kernel the lines of it and of the longest chain of callers above it."""
    callers: dict[Key, list[Key]] = {_key(each): [] for each in todo}
    for each in todo:
        for callee in _callees(each) & callers.keys():
            callers[callee].append(_key(each))
    lines = {_key(each): _lines(each) for each in todo}
    ranks: dict[Key, int] = {}

    def rank(key: Key) -> int:
        if key not in ranks:
            ranks[key] = lines[key] + max((rank(caller) for caller in callers[key]), default=0)
        return ranks[key]

    return {key: rank(key) for key in callers}


def _lines(each: Listed) -> int:
    numbers: list[int] = [
        line for *_, line in each.kernel.py_func.__code__.co_lines() if line is not None
    ]
    return max(numbers) - min(numbers) + 1


def _processes() -> int:
    """Return how many processes this machine has cores and free memory for."""
    cores = len(os.sched_getaffinity(0))
    return max(1, min(cores, _available_mb() // PROCESS_MB))


def _available_mb(path: Path = Path("/proc/meminfo")) -> int:
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except OSError:
        return PROCESS_MB
    kb = next((int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")), 0)
    return kb // 1024
