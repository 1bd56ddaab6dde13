"""The bar's path in short batches of evenly spaced samples, while a rep is being done."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

from shinline.types import NS_PER_S, STATE, Phase, Role, Rows
from shinline.wire.encode import UtcFromSensor
from shinline.wire.payloads import Live

ACTIVE_PHASES: Final = frozenset({Phase.SLACK, Phase.PULL, Phase.LOCKOUT, Phase.LOWERING})

BATCH_NS: Final = 45_000_000
"""Least time between two batches: 20 Hz from 60 or 120 frames a second, 12 Hz from 24."""

PRE_ROLL_NS: Final = 300_000_000
"""Path kept while nothing moves. The phase changes after the bar did, and the page wants both."""

UNEVEN: Final = 0.25
"""How far, relative to the spacing, a batch may misplace a sample; beyond, a new one begins."""


@dataclass(frozen=True, slots=True)
class _Sample:
    """One state of the bar, numbers rounded to what a screen can show (0.01 mm, 1 mm/s)."""

    t_ns: int
    x_m: float
    y_m: float
    vy_mps: float
    sd_m: float
    coasting: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """A finished batch and the sensor time of its newest sample."""

    t_ns: int
    live: Live


_BAR: Final = int(Role.BAR)
_T: Final = (STATE.names or ()).index("t_ns")


class LiveBatcher:
    """Collects the bar's states and cuts them into batches.

    Where samples were left out a batch ends, so that one ``dt_ms`` is true of all of it; likewise
    where coasting begins or ends.
    """

    def __init__(self, utc: UtcFromSensor) -> None:
        self._utc = utc
        self._active = False
        self._samples: deque[tuple[Any, ...]] = deque()
        """STATE rows as they are: most are thrown away."""

        self._sent_ns = -NS_PER_S

    def phase(self, phase: Phase) -> list[Batch]:
        """Follow the phase; the end of a rep gives what is left of its path."""
        was_active, self._active = self._active, phase in ACTIVE_PHASES
        return self._cut() if was_active and not self._active else []

    def add(self, states: Rows) -> list[Batch]:
        """Take the STATE rows of one frame (those of the bar count); give what became ready."""
        self._samples += states[states["role"] == _BAR].tolist()
        if not self._samples:
            return []
        now_ns = self._samples[-1][_T]
        if self._active:
            return [] if 0 <= now_ns - self._sent_ns < BATCH_NS else self._cut()
        while not 0 <= now_ns - self._samples[0][_T] <= PRE_ROLL_NS:
            self._samples.popleft()
        return []

    def _cut(self) -> list[Batch]:
        if not self._samples:
            return []
        runs = _even_runs(_sample(row) for row in self._samples)
        self._samples.clear()
        self._sent_ns = runs[-1][-1].t_ns
        return [Batch(t_ns=run[-1].t_ns, live=_live(run, self._utc)) for run in runs]


def _even_runs(samples: Iterable[_Sample]) -> list[list[_Sample]]:
    """Split into runs which one spacing describes and in which all or none are coasting."""
    runs: list[list[_Sample]] = [[]]
    for sample in samples:
        if runs[-1] and not _continues(runs[-1], sample):
            runs.append([])
        runs[-1].append(sample)
    return runs


def _continues(run: list[_Sample], sample: _Sample) -> bool:
    same_kind = sample.coasting == run[-1].coasting and sample.t_ns > run[-1].t_ns
    return same_kind and _is_even([s.t_ns for s in run] + [sample.t_ns])


def _sample(row: tuple[Any, ...]) -> _Sample:
    state = dict(zip(STATE.names or (), row, strict=True))
    return _Sample(
        t_ns=state["t_ns"],
        x_m=round(state["x_m"], 5),
        y_m=round(state["y_m"], 5),
        vy_mps=round(state["vy_mps"], 3),
        sd_m=round(sqrt(max(state["var_x_m2"], state["var_y_m2"])), 5),
        coasting=state["coasting"],
    )


def _is_even(times_ns: list[int]) -> bool:
    """Tell whether one spacing describes all these times."""
    spacing_ns = (times_ns[-1] - times_ns[0]) / (len(times_ns) - 1)
    told_ns = (times_ns[0] + i * spacing_ns for i in range(len(times_ns)))
    worst_ns = max(abs(told - t) for told, t in zip(told_ns, times_ns, strict=True))
    return worst_ns <= UNEVEN * spacing_ns


def _live(samples: list[_Sample], utc: UtcFromSensor) -> Live:
    spaces = max(len(samples) - 1, 1)
    return Live(
        t0=utc(samples[0].t_ns),
        dt_ms=round((samples[-1].t_ns - samples[0].t_ns) / spaces / 1e6, 3),
        x_m=tuple(s.x_m for s in samples),
        y_m=tuple(s.y_m for s in samples),
        vy_mps=tuple(s.vy_mps for s in samples),
        sd_m=max(s.sd_m for s in samples),
        coasting=samples[0].coasting,
    )
