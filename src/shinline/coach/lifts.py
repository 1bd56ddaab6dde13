"""What changes from lift to lift: which faults apply, and with which thresholds."""

from dataclasses import dataclass, field
from typing import Final

import msgspec

from shinline.config import Coach

_SET_UP: Final = frozenset(
    {"setup_gap", "elbows_to_knees", "bar_rolled", "hips_high_start", "hips_low_start"}
)
NO_KNEE_DEG: Final = 180.0
NO_SHARE: Final = 1.2
"""Limits that nothing exceeds."""


@dataclass(frozen=True, slots=True)
class Lift:
    """One lift. ``off``: faults that do not apply. ``changes``: thresholds of ``Coach``.

    ``rom_ratio``: range of motion over that of the conventional lift. ``hangs``: the bar does not
    come to the floor between repetitions.
    """

    name: str
    off: frozenset[str] = frozenset()
    changes: dict[str, float] = field(default_factory=dict)
    rom_ratio: float = 1.0
    hangs: bool = False

    def coach(self, coach: Coach) -> Coach:
        """Return the thresholds of this lift."""
        return msgspec.structs.replace(coach, **self.changes) if self.changes else coach


LIFTS: Final = {
    lift.name: lift
    for lift in (
        Lift("conventional"),
        # Wide feet, turned out: the leg is not in the plane that is seen, the trunk more upright.
        Lift(
            "sumo",
            frozenset({"setup_gap", "elbows_to_knees", "bar_leaves_legs"}),
            {
                "start_trunk_deg": 20.0,
                "start_knee_deg": NO_KNEE_DEG,
                "start_hip_share": NO_SHARE,
                "start_beyond": 1,
            },
            rom_ratio=0.80,
        ),
        # The lifter stands inside the bar: shins and shoulders have no place to be against it, and
        # the trunk's angle at the start says nothing. The knee does.
        Lift(
            "trap_bar",
            frozenset({"setup_gap", "elbows_to_knees", "hips_low_start", "bar_leaves_legs"}),
            {"start_trunk_deg": 1.0, "start_hip_share": NO_SHARE, "start_beyond": 1},
        ),
        # Higher bar: straighter knees and higher hips are how it begins.
        Lift(
            "blocks",
            frozenset({"elbows_to_knees"}),
            {"start_knee_deg": NO_KNEE_DEG, "start_hip_share": NO_SHARE},
            rom_ratio=0.75,
        ),
        # From the top and back: no set-up on a floor, no plates to bounce or to set down, and
        # lowering slowly is what it is for.
        Lift(
            "romanian",
            _SET_UP
            | {"hips_shoot_up", "rounding", "yank", "bounce", "lowering", "bar_leaves_legs"},
            rom_ratio=0.8,
            hangs=True,
        ),
        # Hips high and knees nearly straight on purpose.
        Lift(
            "stiff_leg",
            frozenset({"hips_high_start", "hips_low_start", "elbows_to_knees"}),
        ),
    )
}
