"""The hips rise ahead of the shoulders in the first part of the pull.

Formula: largest loss of trunk angle against the set position; and the rise of the hip over that of
the shoulder, once the shoulder has risen 80 mm.
Window: from the set position until the bar has risen 120 mm, or a quarter of the range of motion.
Against the set position and not lift-off, because the bar bends before the plates leave.
Markers: hip and shoulder, at nearly the same depth, so that no scale is needed. Without them the
lifter's outline tells it less surely: then the angle decides alone, and nothing is only mentioned.
From the bar alone it cannot be seen.
Threshold: mention at 3 degrees or a ratio of 1.20; fault at 5 degrees and a ratio of 1.30 (or 40 mm
of hip rise before the shoulders have risen 80 mm); severe at 10 degrees. 5 degrees are about 4.5
standard deviations of 5 mm sticker noise, and by geometry a ratio of 1.33 over 120 mm.
"""

from dataclasses import replace
from typing import Final

from shinline.coach.faults.card import Card, Circumstances, Evidence, Finding, Levels, When
from shinline.coach.faults.verdict import BENEFIT_SDS, graded
from shinline.coach.hips import MIN_SHOULDER_RISE_M
from shinline.coach.outline import OUTLINE, POSE
from shinline.types import Role, Severity

STICKERS: Final = "stickers"
WITHOUT_STICKERS: Final = "without_stickers"
"""In the details of a verdict that stands on the outline of the lifter, or a pose network."""

UNSURE: Final = {
    OUTLINE: "the outline of the back is too unsure",
    POSE: "what the network sees of the body is too unsure",
}
AT_LEAST: Final = "at_least"
"""In the details of a fault of which only a part was seen: the value is what was seen."""

UNSURE_SHARE: Final = 0.5
HIPS_WITHOUT_SHOULDERS_M: Final = 0.040
SEVERE: Final = 2.0


def measure(e: Evidence) -> Finding | str:
    """Take what was measured of the hips."""
    hips = e.hips
    if isinstance(hips, str):
        return hips
    drop_deg, sd_deg = hips.trunk_drop_deg, hips.trunk_drop_sd_deg
    if drop_deg is None or sd_deg is None:
        return hips.reason
    if hips.reason and drop_deg - BENEFIT_SDS * sd_deg < e.coach.hips_fault_deg:
        return hips.reason  # it may have been more before
    told = {
        "hip_rise_m": hips.hip_rise_m,
        "shoulder_rise_m": hips.shoulder_rise_m,
        "rise_ratio": hips.rise_ratio,
    }
    details = {name: value for name, value in told.items() if value is not None}
    found = Finding(drop_deg, sd_deg, details=details)
    if hips.source == STICKERS:
        return found
    details |= {WITHOUT_STICKERS: 1.0} | ({AT_LEAST: 1.0} if hips.reason else {})
    return replace(found, sd_share=UNSURE_SHARE, noisy=UNSURE[hips.source])


def levels(e: Circumstances, found: Finding | None) -> Levels:
    """Return the levels of the angle."""
    fault = e.coach.hips_fault_deg
    weak = found is not None and WITHOUT_STICKERS in found.details
    return Levels(0.0, None if weak else e.coach.hips_warn_deg, fault, SEVERE * fault)


def grade(e: Circumstances, found: Finding, levels: Levels) -> Severity:
    """Let angle and rise agree before it is a fault; either alone is worth mentioning."""
    if levels.warn is None:
        return graded(found.value, levels)
    coach = e.coach
    ratio = found.details.get("rise_ratio")
    if ratio is None:
        ahead = (
            found.details["hip_rise_m"] >= HIPS_WITHOUT_SHOULDERS_M
            and found.details["shoulder_rise_m"] < MIN_SHOULDER_RISE_M
        )
    else:
        ahead = ratio >= coach.hips_ratio_fault
    if found.value >= levels.threshold and ahead:
        return Severity.FAULT
    if found.value >= levels.warn or (ratio is not None and ratio >= coach.hips_ratio_warn):
        return Severity.WARN
    return Severity.GOOD


CARD: Final = Card(
    "hips_shoot_up",
    "Hips rise first",
    "deg",
    When.EARLY,
    (Role.HIP, Role.SHOULDER),
    measure,
    levels,
    "the hip and shoulder markers are too noisy",
    grade=grade,
    seen_otherwise=True,
    growing=True,
)
