"""From a finding to a verdict: levels, uncertainty, confidence; the same for every fault.

A value is judged only when its standard deviation is at most a fifth of the way from where nothing
is wrong to the threshold, or no level is within three of them: else the camera and not the lifter
would decide. The doubt is the lifter's: a fault is one even if the value is half a standard
deviation too bad. ``confidence`` is the share of the window in which the markers were seen times
the chance that the verdict is not turned by the value's own noise.
"""

from dataclasses import replace
from math import erf, sqrt
from typing import Final

from shinline.coach.faults.card import (
    MAX_SD_SHARE,
    Card,
    Circumstances,
    Evidence,
    Finding,
    Levels,
)
from shinline.config import Baseline
from shinline.types import FaultVerdict, Severity

BENEFIT_SDS: Final = 0.5
CLEAR_SDS: Final = 3.0
SEVERE: Final = {"severe": 1.0}
"""In the details of a verdict: a severe fault."""

MIN_TRACKED: Final = 0.8
LEAST_GOOD_REPS: Final = 8
OWN_LEAST: Final = 0.6
"""A lifter's own good repetitions lower a threshold to no less than so much of it ..."""

OWN_MOST: Final = 1.5
"""... and raise it to no more."""


def judge(card: Card, evidence: Evidence) -> FaultVerdict:
    """Judge one fault of a repetition."""
    return decide(card, _measured(card, evidence), evidence)


def decide(card: Card, found: Finding | str, around: Circumstances) -> FaultVerdict:
    """Turn what was found, or why nothing was, into a verdict."""
    if isinstance(found, str):
        return unknown(card, card.levels(around, None).threshold, found)
    own = around.past.own.get(card.code)
    levels = card.levels(around, found)
    if card.own:
        levels = adapted(levels, own, found.sd, found.sd_share)
    room = abs(levels.threshold - levels.nominal)
    if found.sd > found.sd_share * room and not _clear(found, levels):
        return unknown(card, levels.threshold, found.noisy or card.noisy, found)
    sign = 1.0 if levels.threshold >= levels.nominal else -1.0
    lenient = replace(found, value=found.value - sign * BENEFIT_SDS * found.sd)
    severity = card.grade(around, lenient, levels) if card.grade else graded(lenient.value, levels)
    return FaultVerdict(
        card.code,
        severity,
        found.value,
        found.sd,
        card.unit,
        levels.threshold,
        min(1.0, found.coverage) * sureness(found.value, levels.threshold, found.sd),
        assessed=True,
        details=found.details | (SEVERE if _severe(severity, lenient.value, levels) else {}),
    )


def _severe(severity: Severity, value: float, levels: Levels) -> bool:
    """Tell whether a fault is beyond the level from which it is told at once."""
    if severity is not Severity.FAULT or levels.severe is None:
        return False
    return value >= levels.severe if levels.severe >= levels.nominal else value <= levels.severe


def _measured(card: Card, evidence: Evidence) -> Finding | str:
    if card.faces and not evidence.facing_known:
        return "which way the lifter faces is not known"
    if evidence.numbers.tracked_ratio < MIN_TRACKED:
        return "the bar was out of sight"
    return card.measure(evidence)


def _clear(found: Finding, levels: Levels) -> bool:
    """Tell whether no level is within the value's noise, however large that is."""
    known = [level for level in (levels.warn, levels.fault) if level is not None]
    return all(abs(found.value - level) > CLEAR_SDS * found.sd for level in known)


def graded(value: float, levels: Levels) -> Severity:
    """Compare a value with its levels, on their side of the nominal."""
    for level, word in ((levels.fault, Severity.FAULT), (levels.warn, Severity.WARN)):
        if level is None:
            continue
        if value >= level if level >= levels.nominal else value <= level:
            return word
    return Severity.GOOD


def adapted(
    levels: Levels, own: Baseline | None, sd: float, sd_share: float = MAX_SD_SHARE
) -> Levels:
    """Move the levels to what is usual for the lifter, within bounds.

    The new threshold is the mean of the good repetitions and two standard deviations, but not
    below what the value's own noise could reach, nor below ``OWN_LEAST`` or above ``OWN_MOST`` of
    the general one; the other levels move by the same factor.
    """
    if own is None or own.reps < LEAST_GOOD_REPS:
        return levels
    sign = 1.0 if levels.threshold >= levels.nominal else -1.0
    room = abs(levels.threshold - levels.nominal)
    usual = sign * (own.mean - levels.nominal) + 2.0 * own.sd
    wanted = max(usual, OWN_LEAST * room, sd / sd_share)
    factor = min(wanted, OWN_MOST * room) / room

    def moved(level: float | None) -> float | None:
        return None if level is None else levels.nominal + factor * (level - levels.nominal)

    return replace(
        levels, warn=moved(levels.warn), fault=moved(levels.fault), severe=moved(levels.severe)
    )


def sureness(value: float, threshold: float, sd: float) -> float:
    """Chance that noise of ``sd`` did not carry the value across the threshold."""
    if sd <= 0.0:
        return 1.0
    return 0.5 * (1.0 + erf(abs(value - threshold) / (sd * sqrt(2.0))))


def unknown(
    card: Card, threshold: float, reason: str, found: Finding | None = None
) -> FaultVerdict:
    """Return that there is no verdict, and why."""
    value, sd = (None, None) if found is None else (found.value, found.sd)
    details = {} if found is None else found.details
    return FaultVerdict(
        card.code,
        Severity.INFO,
        value,
        sd,
        card.unit,
        threshold,
        0.0,
        assessed=False,
        reason=reason,
        details=details,
    )
