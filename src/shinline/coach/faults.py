"""Faults as a table of small pure judges. A judge without evidence says so; it never says "fine".

A value is judged only when its standard deviation is at most a third of the threshold: with less,
the camera and not the lifter would decide. ``confidence`` is the share of the window in which the
markers were seen times the chance that the verdict is not turned by the value's own noise.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import erf, sqrt
from typing import Final

from shinline.coach.numbers import Numbers
from shinline.config import Coach
from shinline.types import FaultVerdict, HipNumbers, Severity

MAX_SD_SHARE: Final = 1.0 / 3.0
MIN_TRACKED: Final = 0.8
LEVEL_SD_DEG: Final = 0.25
"""A roll that is less sure is 2.4 mm of drift over a lift, and no drift is judged by it."""

HIPS_WITHOUT_SHOULDERS_M: Final = 0.040
MIN_SHOULDER_RISE_M: Final = 0.080


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the judges may look at."""

    numbers: Numbers
    hips: HipNumbers | str
    facing_known: bool
    coach: Coach


def judge_bar_forward(evidence: Evidence) -> FaultVerdict:
    """The bar moved toward the toes between lift-off and the knee.

    Formula: largest forward distance from lift-off, kept for 0.1 s, up to 48 % of the ROM.
    Markers: bar only. Says nothing about contact with the legs, nor about the hips.
    Threshold: 20 mm to mention, 30 mm a fault (starting values, not validated against coaches).
    """
    numbers, coach = evidence.numbers, evidence.coach
    value, sd = numbers.forward_to_knee_m, numbers.forward_to_knee_sd_m
    threshold = coach.bar_forward_fault_m
    if not evidence.facing_known:
        reason = "which way the lifter faces is not known"
        return _unknown("bar_forward", "m", threshold, reason, value, sd)
    if numbers.roll_sd_deg > LEVEL_SD_DEG or sd > MAX_SD_SHARE * threshold:
        reason = "level the camera: its roll is not known well enough"
        return _unknown("bar_forward", "m", threshold, reason, value, sd)
    if numbers.tracked_ratio < MIN_TRACKED:
        reason = "the bar was out of sight"
        return _unknown("bar_forward", "m", threshold, reason, value, sd)
    levels = (
        (coach.bar_forward_fault_m, Severity.FAULT),
        (coach.bar_forward_warn_m, Severity.WARN),
    )
    severity = next((word for level, word in levels if value >= level), Severity.GOOD)
    confidence = numbers.tracked_ratio * _sureness(value, threshold, sd)
    return FaultVerdict(
        "bar_forward", severity, value, sd, "m", threshold, confidence, assessed=True
    )


def judge_hips_shoot_up(evidence: Evidence) -> FaultVerdict:
    """The hips rose ahead of the shoulders in the first part of the pull.

    Formula: loss of trunk angle against the set position, and hip rise / shoulder rise, until the
    bar has risen 120 mm (or a quarter of the ROM). Markers: hip and shoulder. From the bar alone
    it cannot be seen. Fault: 5 degrees or more, and a ratio of 1.30 or more (or 40 mm of hip rise
    before the shoulders have risen 80 mm). Mention: 3 degrees or 1.20.
    """
    hips, coach = evidence.hips, evidence.coach
    threshold = coach.hips_fault_deg
    if isinstance(hips, str):
        return _unknown("hips_shoot_up", "deg", threshold, hips)
    value, sd = hips.trunk_drop_deg, hips.trunk_drop_sd_deg
    if sd > MAX_SD_SHARE * threshold:
        reason = "the hip and shoulder markers are too noisy"
        return _unknown("hips_shoot_up", "deg", threshold, reason, value, sd)
    confidence = evidence.numbers.tracked_ratio * _sureness(value, threshold, sd)
    return FaultVerdict(
        "hips_shoot_up",
        _hips_severity(hips, coach),
        value,
        sd,
        "deg",
        threshold,
        confidence,
        assessed=True,
    )


def _hips_severity(hips: HipNumbers, coach: Coach) -> Severity:
    ratio = hips.rise_ratio
    if ratio is None:
        ahead = (
            hips.hip_rise_m >= HIPS_WITHOUT_SHOULDERS_M
            and hips.shoulder_rise_m < MIN_SHOULDER_RISE_M
        )
    else:
        ahead = ratio >= coach.hips_ratio_fault
    if hips.trunk_drop_deg >= coach.hips_fault_deg and ahead:
        return Severity.FAULT
    if hips.trunk_drop_deg >= coach.hips_warn_deg or (
        ratio is not None and ratio >= coach.hips_ratio_warn
    ):
        return Severity.WARN
    return Severity.GOOD


JUDGES: Final[tuple[Callable[[Evidence], FaultVerdict], ...]] = (
    judge_bar_forward,
    judge_hips_shoot_up,
)
"""Adding a fault is one function and one row."""


def judge_all(evidence: Evidence) -> tuple[FaultVerdict, ...]:
    """Run every judge, in the table's order."""
    return tuple(judge(evidence) for judge in JUDGES)


def _sureness(value: float, threshold: float, sd: float) -> float:
    """Chance that noise of ``sd`` did not carry the value across the threshold."""
    if sd <= 0.0:
        return 1.0
    return 0.5 * (1.0 + erf(abs(value - threshold) / (sd * sqrt(2.0))))


def _unknown(
    code: str,
    unit: str,
    threshold: float,
    reason: str,
    value: float | None = None,
    sd: float | None = None,
) -> FaultVerdict:
    return FaultVerdict(
        code, Severity.INFO, value, sd, unit, threshold, 0.0, assessed=False, reason=reason
    )
