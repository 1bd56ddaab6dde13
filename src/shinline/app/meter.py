"""How well the loop keeps up: rate, drops, latency and time per stage.

Of the last seconds for the ``stats`` topic, of the whole session for a report. A lap is a few
stores into arrays that are there already.
"""

from array import array
from typing import Final

import numpy as np

from shinline.app.histogram import Histogram
from shinline.types import NS_PER_S, IntArray
from shinline.wire.payloads import Stats

WINDOW_NS: Final = 5 * NS_PER_S
STAGES: Final = ("detect", "advance", "hand_over")
INTERVAL, LATENCY, BUSY = "interval", "latency", "busy"
"""From one frame's capture to the next one's; from capture to hand-over; the loop's own time."""

_LAPS: Final = 2048
"""More than a window has at 240 frames a second; of a faster source the newest count."""

_T, _SEEN, _LATENCY, _STAGES = 0, 1, 2, 3
_WIDE: Final = _STAGES + len(STAGES)


class Meter:
    """Collect one lap per frame; a lap ends when the frame's results were handed over."""

    def __init__(self) -> None:
        self._laps = array("q", bytes(8 * _LAPS * _WIDE))
        self._table: IntArray = np.frombuffer(self._laps, np.int64).reshape(_LAPS, _WIDE)
        self.frames = 0
        self.seen = 0
        self.histograms = {name: Histogram() for name in (*STAGES, INTERVAL, LATENCY, BUSY)}
        """Of the whole session, by name of the stage or one of the names above."""
        self._adders = [self.histograms[name].add for name in STAGES]
        self._last_ns = 0

    def add(self, t_ns: int, seen: bool, latency_ns: int, stage_ns: tuple[int, int, int]) -> None:
        """Take in a frame: sensor time, marker seen or not, capture to hand-over, each stage."""
        laps, at = self._laps, self.frames % _LAPS * _WIDE
        detect, advance, hand_over = stage_ns
        laps[at], laps[at + 1], laps[at + 2] = t_ns, seen, latency_ns
        laps[at + 3], laps[at + 4], laps[at + 5] = stage_ns
        histograms = self.histograms
        if self.frames:
            histograms[INTERVAL].add(t_ns - self._last_ns)
        histograms[LATENCY].add(latency_ns)
        histograms[BUSY].add(detect + advance + hand_over)
        add_detect, add_advance, add_hand_over = self._adders
        add_detect(detect)
        add_advance(advance)
        add_hand_over(hand_over)
        self._last_ns = t_ns
        self.frames += 1
        self.seen += seen

    def latency_ms(self, percentile: float) -> float | None:
        """Return a percentile of capture-to-hand-over over the window."""
        laps = self._window()
        return float(np.percentile(laps[:, _LATENCY], percentile)) / 1e6 if len(laps) else None

    def busy_ms(self, percentile: float) -> float:
        """Return a percentile of the time that the loop spent on a frame, over the window."""
        laps = self._window()
        if not len(laps):
            return 0.0
        return float(np.percentile(laps[:, _STAGES:].sum(axis=1), percentile)) / 1e6

    def stats(self, dropped: int) -> Stats:
        """Sum the window up for the ``stats`` topic."""
        laps = self._window()
        if not len(laps):
            return Stats(rate_hz=0.0, dropped=dropped)
        span_s = float(laps[:, _T].max() - laps[:, _T].min()) / NS_PER_S
        latency_ms = np.percentile(laps[:, _LATENCY], (50.0, 95.0)) / 1e6
        stages_us = np.median(laps[:, _STAGES:], axis=0).round(-2) / 1e3
        return Stats(
            rate_hz=(len(laps) - 1) / span_s if span_s > 0.0 else 0.0,
            dropped=dropped,
            tracked_ratio=float(laps[:, _SEEN].mean()),
            latency_p50_ms=float(latency_ms[0]),
            latency_p95_ms=float(latency_ms[1]),
            stage_us=dict(zip(STAGES, map(float, stages_us), strict=True)),
        )

    def _window(self) -> IntArray:
        """Return the laps of the last seconds, in no order; none before the first."""
        laps = self._table[: min(self.frames, _LAPS)]
        ages_ns = self._last_ns - laps[:, _T]
        return laps[(ages_ns <= WINDOW_NS) & (ages_ns >= 0)]
