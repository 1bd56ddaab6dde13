"""How well each test of ``shinline verify`` can tell: ``python tests/e2e/verify_power.py``.

Simulated paths of known physics at 60 pictures a second: half the width of the 95 % interval,
median of 20 seeds. Prints the table of docs/verify.md.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).parents[1] / "unit"))

from falling import G, View, drop, swing, to_and_fro

from shinline_cal.verify import drop as falls
from shinline_cal.verify import pendulum, ruler
from shinline_cal.verify.fit import Known, interval
from shinline_cal.verify.gravity import gravity
from shinline_cal.verify.report import DASH

SEEDS = range(20)
NOISES_M = (0.0003, 0.001)
HERE = Known(G, gravity(50.0).sd)
STRING = Known(1.0, 0.002)
RULER = Known(0.5, 0.0005)

Halves = tuple[float, ...]


def half(known: Known, dof: float) -> float:
    """Return half of the 95 % interval."""
    low, high = interval(known, dof)
    return 0.5 * (high - low)


def by_drop(noise_m: float, seed: int, height_m: float, count: int) -> Halves:
    """Return what drops tell: scale, lean, nothing of the clock."""
    d = falls.measure(drop(View(noise_m=noise_m, seed=seed), (height_m,) * count), HERE)
    return half(d.scale, d.dof), half(d.lean_deg, d.dof), np.nan


def by_swing(noise_m: float, seed: int) -> Halves:
    """Return what a pendulum tells: scale, lean, clock."""
    s = pendulum.measure(swing(View(noise_m=noise_m, seed=seed)), STRING, HERE)
    return half(s.scale, s.dof), half(s.lean_deg, s.dof), half(s.time_ratio, s.dof)


def by_ruler(noise_m: float, seed: int, moves: int) -> Halves:
    """Return what a ruler tells: scale only."""
    r = ruler.measure(to_and_fro(View(noise_m=noise_m, seed=seed), moves=moves), RULER)
    return half(r.scale, r.dof), np.nan, np.nan


TESTS: dict[str, Callable[[float, int], Halves]] = {
    "drop from 0.5 m, once": lambda noise, seed: by_drop(noise, seed, 0.5, 1),
    "drop from 1 m, once": lambda noise, seed: by_drop(noise, seed, 1.0, 1),
    "drop from 1 m, five times": lambda noise, seed: by_drop(noise, seed, 1.0, 5),
    "pendulum of 1 m, 20 s, string known to 2 mm": by_swing,
    "ruler 0.5 m, known to 0.5 mm, five moves": lambda noise, seed: by_ruler(noise, seed, 5),
}


def table() -> list[str]:
    """Return the rows of the table."""
    rows = []
    for name, test in TESTS.items():
        for noise in NOISES_M:
            scale, lean, clock = np.median([test(noise, seed) for seed in SEEDS], axis=0)
            cells = [
                f"± {100 * scale:.2f} %",
                DASH if np.isnan(lean) else f"± {lean:.2f}°",
                DASH if np.isnan(clock) else f"± {100 * clock:.2f} %",
            ]
            rows.append(f"| {name} | {1000 * noise:.1f} mm | {' | '.join(cells)} |")
    return rows


if __name__ == "__main__":
    print("| test | noise of a picture | scale | plumb line | clock |\n|---|---|---|---|---|")
    print("\n".join(table()))
