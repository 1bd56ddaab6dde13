"""What is known of a lifter's lifts before this one, in this session and by their own baselines."""

from dataclasses import dataclass, field
from statistics import median
from typing import Final

from shinline.coach.legs import Legs
from shinline.config import Baseline
from shinline.types import Rep, Role

USUAL_REPS: Final = 2
"""So many repetitions tell how high a lifter's top is ..."""

RECENT_REPS: Final = 9
"""... and no more than so many of the newest: shoes, plates and the place of the feet change."""

LEAST_TOP_SD_M: Final = 0.006
"""How differently high the same lifter stands from one repetition to the next."""

SAME_LOAD: Final = 0.05


@dataclass(frozen=True, slots=True)
class Standing:
    """How the lifter stood, relaxed, before the set.

    ``lean_deg``: how far behind the vertical the line from each place of the trunk to the shoulder
    leant, the one to be preferred first.
    """

    lean_deg: dict[Role, float] = field(default_factory=dict)
    sd_deg: float = 1.0


@dataclass(frozen=True, slots=True)
class Past:
    """What came before a repetition.

    ``reps``: those of the same lifter and lift in this session, valid ones only; ``of_set`` those
    of this set. ``own``: the lifter's baselines for this lift, by code.
    """

    reps: tuple[Rep, ...] = ()
    of_set: tuple[Rep, ...] = ()
    own: dict[str, Baseline] = field(default_factory=dict)
    standing: Standing = field(default_factory=Standing)
    legs: Legs = field(default_factory=Legs)
    floor_time_s: float | None = None
    load_kg: float = 0.0
    rested_x_m: float | None = None
    """Where along the floor the bar lay before it was touched."""

    def top_m(self) -> tuple[float, float] | None:
        """Return the usual range of motion and its standard deviation; None when unknown."""
        roms = [rep.rom_m for rep in self.reps[-RECENT_REPS:]]
        if len(roms) >= USUAL_REPS:
            usual = median(roms)
            spread = 1.48 * median(abs(rom - usual) for rom in roms)
            return usual, max(LEAST_TOP_SD_M, spread) / len(roms) ** 0.5
        base = self.own.get("rom")
        if base is None:
            return None
        return base.mean, max(LEAST_TOP_SD_M, base.sd) / base.reps**0.5

    def own_rom_m(self) -> float | None:
        """Return the range of motion to expect of this lifter; None when it is not known."""
        if self.reps:
            return median(rep.rom_m for rep in self.reps[-RECENT_REPS:])
        base = self.own.get("rom")
        return None if base is None else base.mean

    def usual(self, code: str, detail: str = "") -> tuple[float, int] | None:
        """Return the median of a fault's value over earlier repetitions of about the same load."""
        values = [
            value
            for rep in self.reps
            if rep.plan is None or abs(rep.plan.load_kg - self.load_kg) <= SAME_LOAD * self.load_kg
            for verdict in rep.faults
            if verdict.code == code
            and (value := verdict.details.get(detail) if detail else verdict.value) is not None
        ]
        return (median(values), len(values)) if values else None
