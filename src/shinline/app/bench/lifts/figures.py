"""Errors of the numbers, beside the goals and the best that was published."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from shinline.app.bench.lifts.motion import TrueRep
from shinline.app.bench.lifts.population import Outcome
from shinline.types import FloatArray, Rep

Pairs = Sequence[tuple[TrueRep, Rep]]
SDS: Final = ("mean_velocity_sd_mps", "drift_sd_m")
MOVED_M: Final = 0.005
"""Drift that is not there has an error of one sign only: it says nothing of an sd."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: what it is, how good it should be, how good it is.

    ``within`` are the bounds of the goal, None where there is none for this condition.
    """

    name: str
    unit: str
    value: float
    goal: str
    within: tuple[float, float] | None
    published: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        return None if self.within is None else self.within[0] <= self.value <= self.within[1]


def column(pairs: Pairs, of_rep: Callable[[Rep], float | None],
           of_truth: Callable[[TrueRep], float]) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """Return true values and errors (n,) of the repetitions whose number was assessed."""
    rows = [(of_truth(true), of_rep(rep)) for true, rep in pairs]
    both = np.array([(t, value - t) for t, value in rows if value is not None]).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def mean_velocity(pairs: Pairs) -> tuple[FloatArray, FloatArray]:
    """Return true mean velocities and their errors, m/s."""
    return column(pairs, lambda r: r.mean_velocity_mps, lambda t: t.mean_velocity_mps)


def drift(pairs: Pairs) -> tuple[FloatArray, FloatArray]:
    """Return true drifts and their errors, m: both directions, forward first."""
    forward = column(pairs, lambda r: r.drift_forward_m, lambda t: t.drift_forward_m)
    backward = column(pairs, lambda r: r.drift_backward_m, lambda t: t.drift_backward_m)
    return np.concatenate([forward[0], backward[0]]), np.concatenate([forward[1], backward[1]])


def scaled(pairs: Pairs, name: str) -> FloatArray:
    """Return errors (n,) in units of the standard deviation that was published with them.

    That of the drift is the sd of the larger of the two, as published.
    """
    if name == "mean_velocity_sd_mps":
        rows = [
            (r.mean_velocity_mps, t.mean_velocity_mps, r.mean_velocity_sd_mps) for t, r in pairs
        ]
    else:
        rows = [_larger_drift(true, rep) for true, rep in pairs]
    known = [
        (value - true) / sd
        for value, true, sd in rows
        if value is not None and sd and (name == "mean_velocity_sd_mps" or value > MOVED_M)
    ]
    return np.array(known)


def _larger_drift(true: TrueRep, rep: Rep) -> tuple[float | None, float, float | None]:
    forward, backward = rep.drift_forward_m, rep.drift_backward_m
    if forward is None or backward is None or forward >= backward:
        return forward, true.drift_forward_m, rep.drift_sd_m
    return backward, true.drift_backward_m, rep.drift_sd_m


def figures(outcome: Outcome) -> list[Figure]:
    """Return the table of one condition."""
    pairs = outcome.found
    _, peak = column(pairs, lambda r: r.peak_velocity_mps, lambda t: t.peak_velocity_mps)
    _, rom = column(pairs, lambda r: r.rom_m, lambda t: t.rom_m)
    true_mps, mean = mean_velocity(pairs)
    calibrated = outcome.condition.name != "unlevelled"
    least = 0.005 if outcome.condition.name == "plane" else 0.010
    _, side = drift(pairs)
    slope = float(np.polyfit(true_mps, true_mps + mean, 1)[0]) if len(mean) > 2 else float("nan")

    def goal(low: float, high: float) -> tuple[float, float] | None:
        return (low, high) if calibrated else None

    lines = [
        Figure("mean velocity, RMSE", "m/s", rms(mean), f"<= {least}", goal(0, least),
               "0.01-0.04"),
        Figure("mean velocity, bias", "m/s", float(np.mean(mean)), "+- 0.002",
               goal(-0.002, 0.002), "LoA +- 0.03"),
        Figure("mean velocity, slope", "", slope, "0.99-1.01", goal(0.99, 1.01)),
        Figure("peak velocity, RMSE", "m/s", rms(peak), "<= 0.02", goal(0, 0.02), "0.06"),
        Figure("ROM, bias", "mm", 1e3 * float(np.mean(rom)), "+- 1", goal(-1, 1), "+- 1"),
        Figure("ROM, 95 % within", "mm", 1e3 * most(rom), "4", goal(0, 4), "50 (phone)"),
        Figure("drift, bias", "mm", 1e3 * float(np.mean(side)), "+- 1", goal(-1, 1)),
        Figure("drift, 95 % within", "mm", 1e3 * most(side), "3", goal(0, 3)),
        Figure("two cameras, CV of mean velocity", "%", 100 * two_cameras_cv(outcome), "<= 1",
               goal(0, 1), "13.3 (phone)"),
        Figure("repetitions, F1", "", outcome.whole.f1, ">= 0.999", (0.999, 1.0), "0.997"),
        Figure("wrong numbers called valid", "", float(outcome.whole.wrong), "0", (0, 0)),
        Figure("false camera alarms", "", float(outcome.whole.false_alarms), "0", (0, 0)),
    ]  # fmt: skip
    if outcome.whole.nudges:
        noticed = 100.0 * outcome.whole.noticed / outcome.whole.nudges
        lines.append(Figure("moved cameras noticed", "%", noticed, "100", (100, 100)))
    for name in SDS:
        off = np.abs(scaled(pairs, name))
        for k, share, slack in ((1, 68.0, 4.0), (2, 95.0, 2.0)):
            inside = 100.0 * float(np.mean(off <= k))
            bounds = (share - slack, share + slack)
            lines.append(
                Figure(f"within {k} {name}", "%", inside, f"{share:.0f} +- {slack:.0f}", bounds)
            )
    return lines


def rms(values: FloatArray) -> float:
    """Return the root of the mean square."""
    return float(np.sqrt(np.mean(values**2)))


def most(values: FloatArray) -> float:
    """Return what 95 % of the absolute values stay below."""
    return float(np.percentile(np.abs(values), 95.0))


def two_cameras_cv(outcome: Outcome) -> float:
    """Return the within-pair coefficient of variation of the mean velocity, as a share."""
    both = [(a.mean_velocity_mps, b.mean_velocity_mps) for a, b in outcome.twins]
    table = np.array([pair for pair in both if None not in pair], float).reshape(-1, 2)
    if not len(table):
        return float("nan")
    return float(np.sqrt(np.mean(np.diff(table, axis=1) ** 2) / 2.0) / np.mean(table))
