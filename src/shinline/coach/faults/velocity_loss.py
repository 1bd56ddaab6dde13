"""The bar is slower than in the fastest repetition of the set.

Formula: 1 - mean velocity / the fastest mean velocity of the set so far; the second repetition is
the fastest more often than the first. Window: lift-off to lockout. Markers: bar only.
Threshold: mention at 10 %, "set done" at 20 %, a usual limit for strength work; a choice of the
programme, not a fault of form.
"""

from math import hypot
from typing import Final

from shinline.coach.faults.card import Card, Circumstances, Evidence, Finding, Levels, When


def measure(e: Evidence) -> Finding | str:
    """Measure the loss."""
    speeds = [
        (rep.mean_velocity_mps, rep.mean_velocity_sd_mps or 0.0)
        for rep in e.past.of_set
        if rep.mean_velocity_mps is not None
    ]
    if not speeds:
        return "the first repetition of the set"
    best, best_sd = max(speeds)
    now, now_sd = e.numbers.mean_velocity_mps, e.numbers.mean_velocity_sd_mps
    if now >= best:
        return Finding(0.0, hypot(now_sd, best_sd) / now)
    share = now / best
    return Finding(1.0 - share, share * hypot(now_sd / now, best_sd / best))


def levels(e: Circumstances, found: Finding | None) -> Levels:
    """Return the levels."""
    return Levels(0.0, e.coach.velocity_loss_warn, e.coach.velocity_loss_fault)


CARD: Final = Card(
    "velocity_loss",
    "Slower than the fastest",
    "ratio",
    When.FLOOR,
    (),
    measure,
    levels,
    "the velocities are not known well enough",
)
