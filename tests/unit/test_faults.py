"""Judges: a verdict needs evidence, and the worse of two levels wins."""

from dataclasses import replace
from typing import Any

import pytest

from shinline.coach.faults import JUDGES, Evidence, judge_all, judge_bar_forward
from shinline.coach.faults import judge_hips_shoot_up as judge_hips
from shinline.coach.numbers import Numbers
from shinline.config import Coach
from shinline.types import HipNumbers, Severity

NUMBERS = Numbers(
    rom_m=0.52,
    rom_sd_m=0.002,
    roll_sd_deg=0.2,
    mean_velocity_mps=0.4,
    mean_velocity_sd_mps=0.01,
    peak_velocity_mps=0.7,
    peak_velocity_sd_mps=0.005,
    peak_acceleration_mps2=2.0,
    concentric_s=1.3,
    eccentric_s=1.0,
    time_to_knee_s=0.6,
    drift_forward_m=0.01,
    drift_backward_m=0.02,
    drift_sd_m=0.002,
    drift_at_knee_m=0.005,
    forward_to_knee_m=0.01,
    forward_to_knee_sd_m=0.002,
    loop_m=0.005,
    sticking_height_m=None,
    dropped=False,
    tracked_ratio=1.0,
    longest_gap_s=0.02,
)
HIPS = HipNumbers(0.5, 0.3, 0.12, 0.12, 1.0)
EVIDENCE = Evidence(NUMBERS, HIPS, True, Coach())


def _forward(value_m: float, **changes: Any) -> Evidence:
    return replace(EVIDENCE, numbers=replace(NUMBERS, forward_to_knee_m=value_m, **changes))


def _hips(**changes: Any) -> Evidence:
    return replace(EVIDENCE, hips=replace(HIPS, **changes))


@pytest.mark.parametrize(
    ("value_m", "severity"),
    [
        (0.010, Severity.GOOD),
        (0.0199, Severity.GOOD),
        (0.020, Severity.WARN),
        (0.0299, Severity.WARN),
        (0.030, Severity.FAULT),
        (0.045, Severity.FAULT),
    ],
)
def test_bar_forward_warns_at_20_mm_and_is_a_fault_at_30(
    value_m: float, severity: Severity
) -> None:
    verdict = judge_bar_forward(_forward(value_m))
    assert (verdict.assessed, verdict.severity, verdict.value) == (True, severity, value_m)


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (replace(EVIDENCE, facing_known=False), "which way the lifter faces"),
        (_forward(0.05, forward_to_knee_sd_m=0.0101), "level the camera"),
        (_forward(0.05, tracked_ratio=0.79), "out of sight"),
    ],
)
def test_bar_forward_without_evidence_is_not_assessed(evidence: Evidence, reason: str) -> None:
    verdict = judge_bar_forward(evidence)
    assert not verdict.assessed
    assert verdict.severity is Severity.INFO
    assert verdict.confidence == 0.0
    assert reason in verdict.reason


def test_confidence_falls_to_a_half_at_the_threshold_and_with_lost_sight() -> None:
    sure = judge_bar_forward(_forward(0.045)).confidence
    edge = judge_bar_forward(_forward(0.030)).confidence
    blind = judge_bar_forward(_forward(0.045, tracked_ratio=0.9)).confidence
    assert sure == pytest.approx(1.0)
    assert edge == pytest.approx(0.5)
    assert blind == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        ({"trunk_drop_deg": 1.0, "rise_ratio": 1.05}, Severity.GOOD),
        ({"trunk_drop_deg": 3.0, "rise_ratio": 1.05}, Severity.WARN),
        ({"trunk_drop_deg": 1.0, "rise_ratio": 1.25}, Severity.WARN),
        ({"trunk_drop_deg": 6.0, "rise_ratio": 1.25}, Severity.WARN),
        ({"trunk_drop_deg": 9.0, "rise_ratio": 1.55}, Severity.FAULT),
        ({"trunk_drop_deg": 2.0, "rise_ratio": 1.55}, Severity.WARN),
        (
            {
                "trunk_drop_deg": 6.0,
                "rise_ratio": None,
                "hip_rise_m": 0.05,
                "shoulder_rise_m": 0.02,
            },
            Severity.FAULT,
        ),
        (
            {
                "trunk_drop_deg": 6.0,
                "rise_ratio": None,
                "hip_rise_m": 0.03,
                "shoulder_rise_m": 0.02,
            },
            Severity.WARN,
        ),
    ],
)
def test_hips_need_both_the_angle_and_the_ratio_for_a_fault(
    changes: dict[str, float | None], severity: Severity
) -> None:
    verdict = judge_hips(_hips(**changes))
    assert verdict.assessed
    assert verdict.severity is severity


def test_hips_that_were_not_seen_are_not_assessed_with_the_reason() -> None:
    verdict = judge_hips(replace(EVIDENCE, hips="the hip marker was out of sight"))
    assert not verdict.assessed
    assert verdict.value is None
    assert verdict.reason == "the hip marker was out of sight"


def test_noisy_hip_markers_are_not_assessed() -> None:
    verdict = judge_hips(_hips(trunk_drop_deg=9.0, trunk_drop_sd_deg=1.7))
    assert not verdict.assessed
    assert "noisy" in verdict.reason


def test_every_judge_gives_one_verdict_in_the_tables_order() -> None:
    assert [v.code for v in judge_all(EVIDENCE)] == ["bar_forward", "hips_shoot_up"]
    assert len(JUDGES) == 2
