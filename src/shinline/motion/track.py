"""The live estimate: one constant-acceleration filter per marker, metres, real time intervals.

Live values are for phases and windows. They lag and overshoot (peak velocity by 0.03 to 0.05 m/s),
so nothing of a finished rep is published from them; see :mod:`shinline.motion.smooth`.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from shinline.motion import kalman_kernels as k
from shinline.types import NS_PER_S, FloatArray

JERK_DENSITY: Final = 15.0
"""m^2/s^5: a white jerk of 30 m/s^3 per step at 60 Hz, a strong but unhurried lifter."""

GATE_SIGMAS: Final = 5.0
SHOCK_MPS2: Final = 150.0
"""A plate striking the floor stops within a frame: such a jump is motion and not an error."""

REBOUND_SHARE: Final = 0.5
"""A bar that strikes the floor leaves it with at most so much of the speed of its fall."""

SURPRISE_SIGMAS: Final = 3.0
SURPRISE_ACCELERATION_VAR: Final = 400.0
"""The acceleration's variance (m^2/s^4) after a surprise, so that the filter catches up."""

MAX_COAST_S: Final = 0.5
"""After so long without a measurement the prediction is worth nothing and the track is lost."""


@dataclass(slots=True)
class AxisPair:
    """The filter of one marker: two independent axes."""

    mean: FloatArray = field(default_factory=lambda: np.zeros((2, 3)))
    cov: FloatArray = field(default_factory=lambda: np.zeros((2, 3, 3)))
    t_ns: int = 0
    seen_ns: int = 0
    innovation: float = 0.0
    alive: bool = False

    def start(self, t_ns: int, x_m: float, y_m: float, variance_m2: float) -> None:
        """Begin at rest at a measured position, with velocity unknown within 1 m/s."""
        for axis, value in enumerate((x_m, y_m)):
            self.mean[axis] = value, 0.0, 0.0
            self.cov[axis] = np.diag([variance_m2, 1.0, 25.0])
        self.t_ns = self.seen_ns = t_ns
        self.innovation, self.alive = 0.0, True

    def predict(self, t_ns: int) -> None:
        """Move the estimate to ``t_ns``. Time that stands still or goes back changes nothing."""
        dt_s = (t_ns - self.t_ns) / NS_PER_S
        if dt_s <= 0.0:
            return
        for axis in range(2):
            k.predict(self.mean[axis], self.cov[axis], dt_s, JERK_DENSITY)
        self.t_ns = t_ns
        if (t_ns - self.seen_ns) > MAX_COAST_S * NS_PER_S:
            self.alive = False

    def update(self, x_m: float, y_m: float, var_x_m2: float, var_y_m2: float) -> bool:
        """Take in a measurement at the present time; False when it was gated out.

        The gate is ``GATE_SIGMAS`` plus the distance that a shock of ``SHOCK_MPS2`` could make
        since the last accepted measurement. Upward it is wider for a falling bar, which may have
        struck the floor and left it again.
        """
        dt_s = (self.t_ns - self.seen_ns) / NS_PER_S
        shock_m = 0.5 * SHOCK_MPS2 * dt_s * dt_s
        strike_m = (1.0 + REBOUND_SHARE) * max(0.0, -float(self.mean[1, 1])) * dt_s
        worst = 0.0
        axes = ((x_m, var_x_m2, shock_m), (y_m, var_y_m2, shock_m + strike_m))
        for axis, (value, var, above_m) in enumerate(axes):
            sigma = float(np.sqrt(self.cov[axis, 0, 0] + var))
            miss = value - float(self.mean[axis, 0])
            allowed_m = above_m if miss > 0.0 else shock_m
            if abs(miss) > GATE_SIGMAS * sigma + allowed_m:
                return False
            worst = max(worst, abs(miss) / sigma)
        for axis, (value, var, _) in enumerate(axes):
            if worst > SURPRISE_SIGMAS:
                self._admit_blow(axis, value, dt_s)
            k.update(self.mean[axis], self.cov[axis], value, var)
        self.seen_ns, self.innovation = self.t_ns, worst
        return True

    def _admit_blow(self, axis: int, value: float, dt_s: float) -> None:
        """Let the speed jump at an unknown instant of the last interval, as much as is seen.

        The jump is spread evenly over the interval, hence the thirds and halves. What the
        acceleration was before says nothing of what it is after.
        """
        jump_var = ((value - float(self.mean[axis, 0])) / dt_s) ** 2 if dt_s > 0.0 else 0.0
        cov = self.cov[axis]
        cov[2, :] = cov[:, 2] = 0.0
        cov[2, 2] = SURPRISE_ACCELERATION_VAR
        self.mean[axis, 2] = 0.0
        cov[1, 1] += jump_var
        cov[0, 1] += jump_var * dt_s / 2.0
        cov[1, 0] = cov[0, 1]
        cov[0, 0] += jump_var * dt_s * dt_s / 3.0
