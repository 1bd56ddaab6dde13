"""Measure calls: one core, cold frames, medians."""

import gc
import math
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import cv2
import numpy as np

from shinline.app.bench.yardstick_kernels import compare_bytes, read_once
from shinline.types import Role, U8Image

T = TypeVar("T")

LAST_CACHE: Final = Path("/sys/devices/system/cpu/cpu0/cache/index3/size")
USUAL_CACHE_BYTES: Final = 32 << 20
MOST_BYTES: Final = 512 << 20


@dataclass(frozen=True, slots=True)
class Line:
    """One measured stage."""

    name: str
    median_us: float
    p95_us: float


def line(name: str, spent_ns: Sequence[int]) -> Line:
    """Return a stage's median and 95th percentile; no numbers where nothing was measured."""
    if not spent_ns:
        return Line(name, math.nan, math.nan)
    return Line(name, float(np.median(spent_ns)) / 1e3, float(np.percentile(spent_ns, 95)) / 1e3)


def timed(call: Callable[[], Any]) -> int:
    """Return how many nanoseconds a call takes."""
    began = time.perf_counter_ns()
    call()
    return time.perf_counter_ns() - began


def spent(name: str, call: Callable[[T], Any], inputs: Iterable[T]) -> Line:
    """Measure a call on each input, in their order."""
    clock = time.perf_counter_ns
    times = []
    for each in inputs:
        began = clock()
        call(each)
        times.append(clock() - began)
    return line(name, times)


def in_turn(
    calls: Mapping[str, Callable[[int], object]], inputs: range, block: int = 1
) -> list[Line]:
    """Measure calls that are to be compared, in turn, a ``block`` of the inputs each.

    What else the machine does then slows all of them.
    """
    clock = time.perf_counter_ns
    times: dict[str, list[int]] = {name: [] for name in calls}
    for first in range(0, len(inputs), block):
        for name, call in calls.items():
            for i in inputs[first : first + block]:
                began = clock()
                call(i)
                times[name].append(clock() - began)
    return [line(name, ns) for name, ns in times.items()]


def without_nan(value: Any) -> Any:
    """Return the same in JSON's types, null for numbers that are none."""
    if isinstance(value, dict):
        return {_key(key): without_nan(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _key(key: Any) -> str:
    if isinstance(key, Role):
        return key.name.lower()
    return "none" if key is None else str(key)


@contextmanager
def one_core() -> Iterator[None]:
    """Stay on one core, with one thread in OpenCV and no garbage collection."""
    threads = cv2.getNumThreads()
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    collecting = gc.isenabled()
    cv2.setNumThreads(1)
    gc.disable()
    with suppress(OSError):
        if cores:
            os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        with suppress(OSError):
            if cores:
                os.sched_setaffinity(0, cores)
        cv2.setNumThreads(threads)
        if collecting:
            gc.enable()


def rounds_when_cold(frame_bytes: int, frames: int) -> int:
    """Return how many copies of a set of frames exceed the last cache twice over."""
    cache = USUAL_CACHE_BYTES
    with suppress(OSError, ValueError):
        cache = int(LAST_CACHE.read_text().strip().removesuffix("K")) << 10
    needed = min(2 * cache, MOST_BYTES)
    return max(1, -(-needed // (frame_bytes * frames)))


def cold(frames: Sequence[U8Image]) -> list[U8Image]:
    """Return the frames, again and again, each time in memory of their own."""
    rounds = rounds_when_cold(frames[0].nbytes, len(frames))
    return [frame.copy() for _ in range(rounds) for frame in frames]


def read_time(frames: Sequence[U8Image]) -> Line:
    """Measure the limit: reading each frame once."""
    words = [frame.reshape(-1)[: frame.size // 8 * 8].view(np.int64) for frame in frames]
    read_once(words[0])
    return spent("read the frame once", read_once, words)


def comparing_ns() -> float:
    """Return the time to compare 16 bytes with eight others each, in the first cache."""
    row = np.random.default_rng(0).integers(0, 255, 4096 + 16, dtype=np.uint8)
    best = np.zeros(4096, np.uint8)
    compare_bytes(row, 1, best)
    times = [timed(lambda: compare_bytes(row, 100, best)) for _ in range(30)]
    return float(np.median(times)) / 100 / (best.size / 16)
