"""How well the loop keeps up: rate, drops, latency and time per stage, over the last seconds."""

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from shinline.types import NS_PER_S
from shinline.wire.payloads import Stats

WINDOW_NS: Final = 5 * NS_PER_S
STAGES: Final = ("detect", "advance", "hand_over")


@dataclass(frozen=True, slots=True)
class _Lap:
    t_ns: int
    seen: bool
    latency_ns: int
    stage_ns: tuple[int, ...]


class Meter:
    """Collect one lap per frame; a lap ends when the frame's results were handed over."""

    def __init__(self) -> None:
        self._laps: deque[_Lap] = deque()
        self.frames = 0
        self.seen = 0

    def add(self, t_ns: int, seen: bool, latency_ns: int, stage_ns: tuple[int, ...]) -> None:
        """Take in a frame: sensor time, marker seen or not, capture to hand-over, each stage."""
        self._laps.append(_Lap(t_ns, seen, latency_ns, stage_ns))
        self.frames += 1
        self.seen += seen
        while t_ns - self._laps[0].t_ns > WINDOW_NS:
            self._laps.popleft()

    def latency_ms(self, percentile: float) -> float | None:
        """Return a percentile of capture-to-hand-over over the window."""
        if not self._laps:
            return None
        return float(np.percentile([lap.latency_ns for lap in self._laps], percentile)) / 1e6

    def stats(self, dropped: int) -> Stats:
        """Sum the window up for the ``stats`` topic."""
        laps = list(self._laps)
        span_s = (laps[-1].t_ns - laps[0].t_ns) / NS_PER_S if len(laps) > 1 else 0.0
        stages = (
            [float(v) / 1000.0 for v in np.median([lap.stage_ns for lap in laps], axis=0)]
            if laps
            else []
        )
        return Stats(
            rate_hz=(len(laps) - 1) / span_s if span_s > 0.0 else 0.0,
            dropped=dropped,
            tracked_ratio=sum(lap.seen for lap in laps) / len(laps) if laps else None,
            latency_p50_ms=self.latency_ms(50.0),
            latency_p95_ms=self.latency_ms(95.0),
            stage_us=dict(zip(STAGES, (round(us, 1) for us in stages), strict=False)),
        )
