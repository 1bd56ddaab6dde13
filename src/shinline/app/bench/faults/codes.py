"""The faults as the benchmark counts them: where nothing is wrong, where a fault begins.

Written from the definitions and not from the judges, whose thresholds are to be judged here.
"""

from dataclasses import dataclass
from typing import Final

from shinline.sim.scenario import Style
from shinline.types import Severity

OWN_ROM_M: Final = 0.55
"""For thresholds that are shares of the lifter's own range, where there is none yet."""

ABOVE: Final = 1.5
BELOW: Final = 0.67
"""The sizes at which a fault has to be called, and at which it must not be."""

ANY: Final[tuple[Style, ...]] = ("conventional", "sumo", "trap_bar", "blocks", "stiff_leg")
"""A Romanian deadlift has no floor, and most of these faults not either."""

BENT: Final[tuple[Style, ...]] = ("conventional", "sumo", "trap_bar", "blocks")
PLAIN: Final[tuple[Style, ...]] = ("conventional",)


@dataclass(frozen=True, slots=True)
class Code:
    """One fault.

    ``limits`` are the thresholds of a fault (of a warning where ``word`` says that there is no
    more): one, or the two ends of what is good, the lower first. Sizes count from ``nominal``:
    0 there, 1 at a limit. ``needs`` names the instant of the last picture that decides it.
    ``fresh`` is how many repetitions of a set come first and set the measure: they have the value
    ``calm``, or what a good lift has. ``most`` is the largest size there can be. ``whole``: only
    whole numbers of it exist.
    """

    name: str
    unit: str
    nominal: float
    limits: tuple[float, ...]
    needs: str
    word: Severity = Severity.FAULT
    of_rom: bool = False
    fresh: int = 0
    calm: float | None = None
    styles: tuple[Style, ...] = ANY
    most: float = 2.0
    whole: bool = False

    def value(self, size: float, limit: int = 0, rom_m: float = OWN_ROM_M) -> float:
        """Return the value, in the fault's unit, of a size beyond one of its limits."""
        gain = rom_m if self.of_rom else 1.0
        value = self.nominal + size * (gain * self.limits[limit] - self.nominal)
        return float(round(value)) if self.whole else value

    def size(self, value: float, rom_m: float = OWN_ROM_M) -> float:
        """Return how large a value is, against the limit on whose side it lies."""
        gain = rom_m if self.of_rom else 1.0
        sizes = [(value - self.nominal) / (gain * limit - self.nominal) for limit in self.limits]
        return max(sizes)

    def said(self, severity: Severity) -> bool:
        """Tell whether a verdict calls it."""
        called = {Severity.FAULT, Severity.STOP}
        return severity in (called if self.word is Severity.FAULT else called | {Severity.WARN})


WARN: Final = Severity.WARN
_ROWS: Final = (
    Code("setup_gap", "m", 0.0375, (0.005, 0.085), "lockout", styles=PLAIN),
    Code("elbows_to_knees", "m", 0.0, (-0.050, 0.050), "off", WARN, styles=PLAIN),
    Code("hips_high_start", "deg", 27.0, (10.0,), "off", styles=PLAIN, most=1.55),
    Code("hips_low_start", "m", 0.0, (0.020,), "off", styles=PLAIN),
    Code("bar_rolled", "m", 0.0, (0.015,), "off", WARN),
    Code("hips_shoot_up", "deg", 0.0, (5.0,), "early", styles=BENT),
    Code("bar_forward", "m", 0.0, (0.030,), "knee"),
    Code("bar_leaves_legs", "m", 0.0, (0.030,), "lockout", styles=("conventional", "blocks")),
    Code("knee_loop", "m", 0.0, (0.035,), "lockout"),
    Code("reversal", "m", 0.0, (0.008,), "lockout"),
    Code("hitch", "", 0.0, (2.0,), "lockout", whole=True),
    Code("rounding", "deg", 0.0, (12.0,), "past_knee"),
    Code("lean_back", "deg", 0.0, (12.0,), "down", most=1.65),
    Code("short_lockout", "m", 0.0, (0.05,), "lockout", of_rom=True, fresh=2),
    Code("yank", "m/s2", 0.0, (4.0,), "yank", fresh=3, calm=2.4),
    Code("bounce", "s", 1.0, (0.25,), "soon", fresh=1, most=1.33),
    Code("lowering", "m/s", 0.0, (1.8,), "touch", most=1.6),
    Code("velocity_loss", "", 0.0, (0.20,), "lockout", fresh=1),
)
CODES: Final = {code.name: code for code in _ROWS}
