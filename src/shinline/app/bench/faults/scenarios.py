"""Sets of three repetitions in which one fault is planted, each time in a size of its own."""

from dataclasses import dataclass
from typing import Final

from shinline.app.bench.faults.codes import ABOVE, BELOW, CODES, Code
from shinline.app.bench.faults.ranges import Dice, Ranges
from shinline.sim.body import rom_m
from shinline.sim.faults import FAULTS
from shinline.sim.scenario import MarkerSetup, RepPlan, Scenario, Style

REPS: Final = 3
SURE: Final = 0.4
"""Share of the repetitions at each of the two sizes that prove something; the others are in
between, below and above, and show where the judge turns."""

PLANTABLE: Final = tuple(code for code in CODES if code in FAULTS)
LEAST_WARN: Final = 0.02


@dataclass(frozen=True, slots=True)
class Plan:
    """A scenario without its camera, and what was planted in each repetition, in thresholds."""

    scenario: Scenario
    sizes: tuple[float | None, ...]


def draw_size(code: Code, r: Ranges, dice: Dice) -> float:
    """Return how large a fault shall be, 1 at its threshold."""
    which = dice.rng.random()
    if which < SURE:
        return min(ABOVE, code.most)
    return BELOW if which < 2.0 * SURE else min(dice(r.free_size), code.most)


def plan(code: Code, r: Ranges, dice: Dice) -> Plan:
    """Choose a lifter, how the set goes, and the sizes of the fault."""
    styles = [style for style in code.styles if style == "conventional" or dice.chance(r.sumo)]
    style: Style = styles[-1]
    stature_m = dice(r.stature_m)
    limit = int(dice.rng.integers(len(code.limits)))
    speed_mps = dice(r.speed_mps)
    sizes: list[float | None] = []
    reps = []
    for number in range(REPS):
        size = None if code.fresh and number == 0 else draw_size(code, r, dice)
        sizes.append(size)
        value = None if size is None else code.value(size, limit, rom_m(stature_m, style))
        faults = {} if value is None else {code.name: value}
        reps.append(
            RepPlan(
                mean_velocity_mps=speed_mps * (1.0 + dice.normal(LEAST_WARN)),
                sticking=dice(r.sticking),
                lockout_s=dice(r.lockout_s),
                lower_s=dice(r.lower_s),
                rest_s=dice(r.rest_s),
                faults=faults,
            )
        )
    scenario = Scenario(
        stature_m=stature_m,
        style=style,
        facing="right" if dice.chance(0.5) else "left",
        reps=tuple(reps),
        lead_s=1.2,
        settle_s=dice(r.settle_s),
        tail_s=1.0,
        sleeve_m=dice(r.sleeve_m),
        markers=MarkerSetup(body_diameter_m=float(dice.rng.choice(r.sticker_m))),
        seed=int(dice.rng.integers(2**31)),
    )
    return Plan(scenario, tuple(sizes))
