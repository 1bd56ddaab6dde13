"""Faults as inputs with a size: one row of a table and one small function each.

A fault changes a :class:`PullShape`, the description of one rep that the builder lays out; nothing
else in the simulator knows faults by name, but for two that concern more than their own rep
(``bounce`` and ``velocity_loss``: the builder). The size is the value that the fault's definition
gives for the exact motion (:mod:`shinline.sim.measures`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from shinline.sim.shapes import USUAL_RISE
from shinline.sim.shapes import Bulge as Bulge
from shinline.sim.shapes import PullShape as PullShape
from shinline.sim.shapes import smooth as smooth

_WITHOUT_SHIN_AHEAD: Final = ("trap_bar",)


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """One row: what the size of a fault means, how it shapes the rep, which lifts have none.

    ``step`` is how finely the size is tuned, ``close`` how far off is close enough beside two
    per cent of it.
    """

    unit: str
    lowest: float
    highest: float
    meaning: str
    apply: Callable[[PullShape, float], PullShape]
    step: float
    close: float
    not_in: tuple[str, ...] = ()


def _setup_gap(shape: PullShape, size: float) -> PullShape:
    return replace(shape, gap_m=size)


def _elbows_to_knees(shape: PullShape, size: float) -> PullShape:
    return replace(shape, set_up=replace(shape.set_up, elbow_ahead_m=size))


def _hips_high_start(shape: PullShape, size: float) -> PullShape:
    return replace(shape, set_up=replace(shape.set_up, trunk_deg=size))


def _hips_low_start(shape: PullShape, size: float) -> PullShape:
    return replace(shape, set_up=replace(shape.set_up, shoulder_behind_m=size))


def _bar_rolled(shape: PullShape, size: float) -> PullShape:
    return replace(shape, roll_m=size)


def _hips_shoot_up(shape: PullShape, size: float) -> PullShape:
    return replace(shape, trunk_drop_deg=size)


def _bar_forward(shape: PullShape, size: float) -> PullShape:
    return replace(shape, bulges=(*shape.bulges, Bulge(size, 0.0, 0.25, 0.80)))


def _bar_leaves_legs(shape: PullShape, size: float) -> PullShape:
    return replace(shape, bulges=(*shape.bulges, Bulge(size, 0.46, 0.66, 0.89, body_stays=True)))


def _knee_loop(shape: PullShape, size: float) -> PullShape:
    return replace(shape, bulges=(*shape.bulges, Bulge(size, 0.28, 0.48, 0.68)))


def _reversal(shape: PullShape, size: float) -> PullShape:
    return replace(shape, dip_m=size)


def _hitch(shape: PullShape, size: float) -> PullShape:
    return replace(shape, stops=round(size))


def _rounding(shape: PullShape, size: float) -> PullShape:
    return replace(shape, round_deg=size)


def _lean_back(shape: PullShape, size: float) -> PullShape:
    return replace(shape, lean_deg=size)


def _short_lockout(shape: PullShape, size: float) -> PullShape:
    return replace(shape, short_m=size)


def _yank(shape: PullShape, size: float) -> PullShape:
    """Jerk the bar off the floor, or (a size tuned below 0) get it up to speed more slowly."""
    slower = 0.04 * max(0.0, -size)
    return replace(shape, spike_mps=0.05 * max(0.0, size), rise_share=USUAL_RISE + slower)


def _lowering(shape: PullShape, size: float) -> PullShape:
    return replace(shape, impact_mps=size)


def _of_the_set(shape: PullShape, size: float) -> PullShape:
    """Leave the rep's own shape alone: the builder lays this one out over the reps."""
    del size
    return shape


FAULTS: Final = {
    "setup_gap": FaultSpec(
        "m",
        -0.02,
        0.13,
        "distance from the standing shin to the bar on the floor",
        _setup_gap,
        1e-5,
        3e-4,
        _WITHOUT_SHIN_AHEAD,
    ),
    "elbows_to_knees": FaultSpec(
        "m",
        -0.07,
        0.12,
        "how far the arm passes ahead of the knee at the set position",
        _elbows_to_knees,
        1e-5,
        3e-4,
        ("trap_bar", "sumo", "blocks", "stiff_leg"),
    ),
    "hips_high_start": FaultSpec(
        "deg",
        0.0,
        45.0,
        "the trunk's angle above horizontal at the set position",
        _hips_high_start,
        1e-2,
        5e-2,
        ("stiff_leg",),
    ),
    "hips_low_start": FaultSpec(
        "m",
        -0.15,
        0.10,
        "how far the shoulder is behind the bar at the set position",
        _hips_low_start,
        1e-5,
        3e-4,
    ),
    "bar_rolled": FaultSpec(
        "m", 0.0, 0.06, "how far the bar rolls between set-up and pull", _bar_rolled, 1e-5, 3e-4
    ),
    "hips_shoot_up": FaultSpec(
        "deg",
        0.0,
        20.0,
        "trunk angle lost from the set position over the first 120 mm of the pull",
        _hips_shoot_up,
        1e-2,
        5e-2,
    ),
    "bar_forward": FaultSpec(
        "m",
        0.0,
        0.12,
        "forward drift, largest between lift-off and the knee",
        _bar_forward,
        1e-5,
        3e-4,
    ),
    "bar_leaves_legs": FaultSpec(
        "m",
        0.0,
        0.10,
        "how far the bar leaves the line of shank or thigh",
        _bar_leaves_legs,
        1e-5,
        3e-4,
        _WITHOUT_SHIN_AHEAD,
    ),
    "knee_loop": FaultSpec("m", 0.0, 0.08, "loop around the knees", _knee_loop, 1e-5, 3e-4),
    "reversal": FaultSpec(
        "m", 0.0, 0.05, "how far the bar sinks on its way up", _reversal, 1e-5, 1e-4
    ),
    "hitch": FaultSpec("stops", 0.0, 4.0, "stops above the knee", _hitch, 1.0, 0.0),
    "rounding": FaultSpec(
        "deg",
        0.0,
        30.0,
        "how much more the back bends than at the set position",
        _rounding,
        1e-2,
        5e-2,
    ),
    "lean_back": FaultSpec(
        "deg", 0.0, 20.0, "how far the trunk leans back at the top", _lean_back, 1e-2, 5e-2
    ),
    "short_lockout": FaultSpec(
        "m", 0.0, 0.10, "missing from the top of the pull", _short_lockout, 1e-5, 1e-4
    ),
    "yank": FaultSpec(
        "m/s2", 0.0, 12.0, "largest acceleration in the first 0.15 s of the pull", _yank, 1e-3, 0.02
    ),
    "bounce": FaultSpec(
        "s", 0.0, 2.0, "time on the floor before this rep", _of_the_set, 1e-4, 5e-3
    ),
    "lowering": FaultSpec(
        "m/s", 0.8, 3.0, "speed at which the bar meets the floor", _lowering, 1e-3, 0.01
    ),
    "velocity_loss": FaultSpec(
        "ratio",
        0.0,
        0.6,
        "share of the mean velocity lost from the first to the last rep",
        _of_the_set,
        1e-4,
        2e-3,
    ),
}
"""Code -> what its size means. ``lowering`` shapes reps that are lowered by hand."""


def check_faults(faults: Mapping[str, float]) -> None:
    """Refuse what the table does not know.

    Raises
    ------
    ValueError
        An unknown code, or a size out of its range; the message says what was expected.

    """
    for code, size in faults.items():
        spec = FAULTS.get(code)
        if spec is None:
            raise ValueError(f"fault {code!r}: expected one of {', '.join(FAULTS)}")
        if not spec.lowest <= size <= spec.highest or (code == "hitch" and size != round(size)):
            raise ValueError(
                f"fault {code}: expected {spec.lowest:g} .. {spec.highest:g} {spec.unit}"
                f" ({spec.meaning}), got {size:g}"
            )


def shape_of(faults: Mapping[str, float]) -> PullShape:
    """Return the shape of a rep with these faults, whose sizes may have been tuned beyond range."""
    shape = PullShape()
    for code, size in faults.items():
        shape = FAULTS[code].apply(shape, size)
    return shape


def parse_fault(text: str) -> tuple[str, float]:
    """Read ``code=size`` from a command line; refuses what :func:`check_faults` refuses."""
    code, _, number = text.partition("=")
    try:
        size = float(number)
    except ValueError:
        raise ValueError(f"fault {text!r}: expected CODE=SIZE, such as bar_forward=0.04") from None
    check_faults({code: size})
    return code, size
