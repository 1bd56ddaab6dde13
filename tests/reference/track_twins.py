"""The live filter of one marker, said again with library filters and plain NumPy."""

from dataclasses import dataclass, field

import motion_twins as twins
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
S = 1_000_000_000


@dataclass
class Track:
    """Two axes; ``away_m`` is how far the published place is from the estimate."""

    q: float
    mean: Array = field(default_factory=lambda: np.zeros((2, 3)))
    cov: Array = field(default_factory=lambda: np.zeros((2, 3, 3)))
    away_m: Array = field(default_factory=lambda: np.zeros(2))
    now_ns: int = 0
    seen_ns: int = 0
    alive: bool = False
    refused: int = 0

    def frame(self, t_ns: int, seen: Array | None, variance: Array, late_s: float) -> None:
        """Go on to a frame in which the marker was ``seen`` (metres) or not."""
        hidden = self.seen_ns < self.now_ns
        if self.alive:
            dt_s = (t_ns - self.now_ns) / S
            for axis in range(2):
                self.mean[axis], self.cov[axis] = twins.predict(
                    self.mean[axis], self.cov[axis], dt_s, self.q
                )
            self.away_m = self.away_m * 0.08 / (0.08 + dt_s)
            self.now_ns = t_ns
            self.alive = t_ns - self.seen_ns <= 0.5 * S
        if seen is not None:
            self._sight(t_ns, seen, variance, late_s, hidden)

    def published_m(self) -> Array:
        """Where the marker is said to be."""
        return np.asarray(self.mean[:, 0] + self.away_m)

    def _sight(self, t_ns: int, seen: Array, variance: Array, late_s: float, hidden: bool) -> None:
        shown = self.published_m()
        if self.alive and self._fits(seen, variance, late_s):
            if hidden:
                self.away_m = shown - self.mean[:, 0]
        else:
            self.refused += self.alive
            if self.alive and self.refused < 4:
                return
            was_there = self.alive and np.hypot(*(seen - self.mean[:, 0])) <= 0.35
            self.mean = np.array([[seen[0], 0.0, 0.0], [seen[1], 0.0, 0.0]])
            self.cov = np.array([np.diag([variance.max(), 1.0, 25.0])] * 2)
            self.away_m = shown - seen if was_there else np.zeros(2)
        self.alive, self.refused = True, 0
        self.now_ns = self.seen_ns = t_ns

    def _fits(self, seen: Array, variance: Array, late_s: float) -> bool:
        row = twins.sight(late_s)[0]
        gap_s = (self.now_ns - self.seen_ns) / S
        sd = np.sqrt(np.einsum("i,aij,j->a", row, self.cov, row) + variance)
        miss = seen - self.mean @ row
        free_m = np.full(2, 75.0 * gap_s**2)
        if miss[1] > 0.0:
            free_m[1] += 1.5 * max(0.0, -float(self.mean[1, 1])) * gap_s
        if np.any(np.abs(miss) > 5.0 * sd + free_m):
            return False
        surprised = np.max(np.abs(miss) / sd) > 3.0
        for axis in range(2):
            if surprised:
                self._shake(axis, float(miss[axis]), gap_s)
            self.mean[axis], self.cov[axis] = twins.update(
                self.mean[axis], self.cov[axis], float(seen[axis]), float(variance[axis]), late_s
            )
        return True

    def _shake(self, axis: int, miss_m: float, gap_s: float) -> None:
        """The acceleration is anyone's guess, and the speed may have jumped."""
        self.mean[axis, 2] = 0.0
        self.cov[axis, 2, :] = self.cov[axis, :, 2] = 0.0
        self.cov[axis] += twins.jolt_noise(gap_s, (miss_m / gap_s) ** 2, 400.0)
