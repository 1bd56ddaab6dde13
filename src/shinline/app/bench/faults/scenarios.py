"""Sets of a few repetitions in which one fault is planted, each time in a size of its own."""

from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from shinline.app.bench.faults.codes import ABOVE, BELOW, CODES, Code
from shinline.app.bench.faults.ranges import Dice, Ranges
from shinline.sim.faults import FAULTS
from shinline.sim.lifter import body_of
from shinline.sim.scenario import MarkerSetup, RepPlan, Scenario

PLANTED: Final = 3
"""Repetitions of a session that show the fault, but for those whose first ones set the measure."""

SURE: Final = 0.4
"""Share of the repetitions at each of the two sizes that prove something; the others are in
between, below and above, and show where the judge turns."""

PLANTABLE: Final = tuple(code for code in CODES if code in FAULTS)
STANDING_S: Final = 2.5
UNEVEN: Final = 0.02
"""How unlike the speeds of a set's repetitions are."""


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
    lifter = _lifter(code, r, dice)
    rom_m = body_of(lifter).rom_m
    limit = int(dice.rng.integers(len(code.limits)))
    speed_mps = dice(r.speed_mps)
    sizes: list[float | None] = []
    reps = []
    for number in range(max(PLANTED, code.fresh + PLANTED - 1)):
        size = None if number < code.fresh else draw_size(code, r, dice)
        sizes.append(size)
        value = code.calm if size is None else code.value(size, limit, rom_m)
        reps.append(
            RepPlan(
                mean_velocity_mps=speed_mps * (1.0 + dice.normal(UNEVEN)),
                sticking=dice(r.sticking),
                lockout_s=dice(r.lockout_s),
                lower_s=dice(r.lower_s),
                rest_s=dice(r.rest_s),
                faults={} if value is None else {code.name: value},
            )
        )
    return Plan(replace(lifter, reps=tuple(reps)), tuple(sizes))


def _lifter(code: Code, r: Ranges, dice: Dice) -> Scenario:
    """Choose who lifts, how, and which way they face."""
    others = code.styles[1:]
    plain = not others or dice.chance(r.conventional)
    style = code.styles[0] if plain else others[int(dice.rng.integers(len(others)))]
    arm, trunk, leg = (dice(r.ratio) for _ in range(3))
    return Scenario(
        stature_m=dice(r.stature_m),
        style=style,
        block_m=dice(r.block_m),
        arm_ratio=arm,
        trunk_ratio=trunk,
        leg_ratio=leg,
        facing="right" if dice.chance(0.5) else "left",
        lead_s=STANDING_S,
        settle_s=dice(r.settle_s),
        tail_s=1.0,
        sleeve_m=dice(r.sleeve_m),
        markers=MarkerSetup(body_diameter_m=float(dice.rng.choice(r.sticker_m))),
        seed=int(dice.rng.integers(2**31)),
    )
