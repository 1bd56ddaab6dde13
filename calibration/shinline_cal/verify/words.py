"""Sentences and numbers that the pages of the drop, pendulum, ruler and still bar share."""

from typing import Final

import numpy as np

from shinline_cal.verify.fit import Known
from shinline_cal.verify.paths import MarkerPath
from shinline_cal.verify.report import Row, between, shown

LIFT_M: Final = 0.55
"""A deadlift's range of motion, to put a scale error or a lean into millimetres."""

DEPTH: Final = (
    "What hangs or falls nearer to the camera than the bar looks larger: 5 cm at 4 m distance are"
    " 1.25 %. Do the test in the bar's plane."
)


def inputs(path: MarkerPath) -> dict[str, str]:
    """Name what was read."""
    said = {"read": path.source, "pictures": f"{path.rate_hz:.1f} per second"}
    if path.mm_per_px is not None:
        said["scale"] = f"{path.mm_per_px:.3f} mm per pixel"
    if path.seen_ratio is not None:
        said["seen"] = f"in {100 * path.seen_ratio:.0f} % of the pictures"
    return said


def smoothed_note(path: MarkerPath) -> list[str]:
    """Warn of a path whose noise is not its own."""
    if path.raw:
        return []
    return [
        "This path was smoothed before it was read: its noise is lower than that of single"
        " pictures, and sudden changes are rounded. The intervals allow for neighbours that hang"
        " together, as far as the path shows it."
    ]


def scale_sentence(scale: Known, interval: tuple[float, float], what: str) -> str:
    """Say in plain words by how much lengths are off."""
    low, high = (100.0 * (value - 1.0) for value in interval)
    error = 100.0 * (scale.value - 1.0)
    span = between(low, high, 2, "%")
    lift = shown(abs(error) * 10.0 * LIFT_M, 1, "mm")
    if low <= 0.0 <= high:
        worst = shown(max(abs(low), abs(high)), 2, "%")
        return (
            f"Lengths agree with {what} within {worst} (error {shown(error, 2, '%', True)}, 95 %"
            f" interval {span}): no scale error is shown."
        )
    way = "long" if error > 0 else "short"
    return (
        f"Lengths read {shown(abs(error), 2, '%')} too {way} against {what} (95 % interval {span}):"
        f" {lift} in a lift of {100 * LIFT_M:.0f} cm, and speeds as much in proportion."
    )


def lean_sentence(lean: Known, interval: tuple[float, float], roll_deg: float) -> str:
    """Say which roll is left, and what to enter for it."""
    low, high = interval
    span = f"95 % interval {between(low, high, 2, '°')}"
    size = shown(abs(lean.value), 2, "°")
    if low <= 0.0 <= high:
        return f"The picture's upright agrees with the plumb line within {size} ({span})."
    drift = shown(1000 * LIFT_M * abs(np.tan(np.radians(lean.value))), 1, "mm")
    side = "right" if lean.value > 0 else "left"
    return (
        f"A plumb line leans {size} to the {side} at its upper end ({span}): {drift} of false drift"
        f" in a lift. Set rig.roll_deg = {roll_deg + lean.value:.2f} and rig.roll_sd_deg ="
        f" {max(0.01, lean.sd):.2f}."
    )


def percent_row(name: str, ratio: Known, interval: tuple[float, float], meaning: str) -> Row:
    """Return a row with a ratio as its distance from 1, in percent."""
    low, high = (100 * (value - 1) for value in interval)
    return Row(
        name, shown(100 * (ratio.value - 1), 2, "%", True), between(low, high, 2, "%"), meaning
    )


def known(value: Known, interval: tuple[float, float]) -> dict[str, float]:
    """Return a number with its sd and interval, for the JSON."""
    return {"value": value.value, "sd": value.sd, "low": interval[0], "high": interval[1]}
