"""What the population is drawn from: one set of ranges to tune with, another one to judge with.

The two never meet: other seeds, other cameras, other noise, other lifters. Whoever changes the
product looks at ``TUNING`` only; ``JUDGING`` is for the report at the end.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

Span = tuple[float, float]


@dataclass(slots=True)
class Dice:
    """Draws numbers from spans."""

    rng: np.random.Generator

    def __call__(self, span: Span) -> float:
        """Return one number of the span."""
        return float(self.rng.uniform(*span))

    def chance(self, share: float) -> bool:
        """Return True in so many cases of one."""
        return bool(self.rng.random() < share)

    def normal(self, sd: float) -> float:
        """Return a number around 0, cut at three standard deviations."""
        return sd * float(np.clip(self.rng.standard_normal(), -3.0, 3.0))


@dataclass(frozen=True, slots=True)
class Ranges:
    """From where to where each thing is drawn, evenly; metres, seconds, degrees, pixels.

    Those with ``_sd`` in their names hold standard deviations of what a calibration does not know
    (about those of a full one in ``docs/rig.md``); the product is told them, never the errors.
    ``print_rel_sd`` and ``edge_px`` are by how much each sticker's print, and what is seen of its
    radius, is off for good: that tells how far away it is.
    """

    name: str
    seed: int
    stature_m: Span
    ratio: Span
    speed_mps: Span
    sticking: Span
    lockout_s: Span
    lower_s: Span
    rest_s: Span
    settle_s: Span
    free_size: Span
    distance_m: Span
    height_m: Span
    azimuth_deg: Span
    roll_deg: Span
    aim_m: Span
    field_m: Span
    rates_hz: tuple[float, ...]
    exposure_s: Span
    k1: Span
    noise_px: Span
    claim: Span
    sticker_m: tuple[float, ...]
    sleeve_m: Span
    roll_sd_deg: Span
    pitch_sd_deg: Span
    azimuth_sd_deg: Span
    focal_rel_sd: Span
    centre_sd_px: Span
    k1_sd: Span
    scale_rel_sd: Span
    print_rel_sd: Span
    edge_px: Span
    drop_ratio: Span
    blink_ratio: Span
    hidden_s: Span
    hidden_share: float
    jitter_s: float = 0.0003
    stamp_sd_s: float = 0.00005
    outliers: float = 0.001
    uncalibrated: float = 0.08
    conventional: float = 0.6
    block_m: Span = (0.08, 0.18)
    slip_m: float = 0.0
    """By how much (sd, each way) a sticker has slid with the skin when the lifter stands straight:
    what nobody can know; see ``--slip``."""


TUNING: Final = Ranges(
    name="tuning",
    seed=61_207,
    stature_m=(1.60, 1.95),
    ratio=(0.96, 1.04),
    speed_mps=(0.30, 0.55),
    sticking=(0.2, 0.6),
    lockout_s=(0.7, 1.5),
    lower_s=(1.1, 2.2),
    rest_s=(1.1, 2.0),
    settle_s=(0.7, 1.5),
    free_size=(0.3, 2.0),
    distance_m=(3.0, 5.5),
    height_m=(0.40, 1.00),
    azimuth_deg=(-14.0, 12.0),
    roll_deg=(-1.5, 1.5),
    aim_m=(0.80, 0.95),
    field_m=(2.1, 2.6),
    rates_hz=(60.0, 60.0, 90.0),
    exposure_s=(0.0005, 0.003),
    k1=(-0.10, 0.02),
    noise_px=(0.03, 0.08),
    claim=(0.9, 1.1),
    sticker_m=(0.05, 0.06),
    sleeve_m=(0.03, 0.12),
    roll_sd_deg=(0.06, 0.18),
    pitch_sd_deg=(0.2, 0.4),
    azimuth_sd_deg=(0.4, 1.0),
    focal_rel_sd=(0.001, 0.004),
    centre_sd_px=(1.0, 4.0),
    k1_sd=(0.001, 0.005),
    scale_rel_sd=(0.001, 0.003),
    print_rel_sd=(0.002, 0.005),
    edge_px=(0.01, 0.05),
    drop_ratio=(0.0, 0.03),
    blink_ratio=(0.0, 0.03),
    hidden_s=(0.05, 0.5),
    hidden_share=0.25,
)

JUDGING: Final = Ranges(
    name="judging",
    seed=90_533,
    stature_m=(1.56, 2.00),
    ratio=(0.94, 1.06),
    speed_mps=(0.24, 0.65),
    sticking=(0.1, 0.7),
    lockout_s=(0.6, 2.0),
    lower_s=(1.0, 2.6),
    rest_s=(1.0, 2.6),
    settle_s=(0.6, 2.0),
    free_size=(0.25, 2.0),
    distance_m=(3.0, 6.0),
    height_m=(0.40, 1.10),
    azimuth_deg=(-15.0, 15.0),
    roll_deg=(-2.0, 2.0),
    aim_m=(0.75, 1.00),
    field_m=(2.0, 2.8),
    rates_hz=(50.0, 60.0, 90.0, 120.0),
    exposure_s=(0.0003, 0.005),
    k1=(-0.15, 0.05),
    noise_px=(0.02, 0.10),
    claim=(0.85, 1.2),
    sticker_m=(0.045, 0.05, 0.06),
    sleeve_m=(0.03, 0.15),
    roll_sd_deg=(0.05, 0.20),
    pitch_sd_deg=(0.2, 0.5),
    azimuth_sd_deg=(0.3, 1.2),
    focal_rel_sd=(0.001, 0.005),
    centre_sd_px=(1.0, 5.0),
    k1_sd=(0.001, 0.008),
    scale_rel_sd=(0.001, 0.003),
    print_rel_sd=(0.002, 0.006),
    edge_px=(0.0, 0.06),
    drop_ratio=(0.0, 0.04),
    blink_ratio=(0.0, 0.04),
    hidden_s=(0.04, 0.6),
    hidden_share=0.25,
)
HALVES: Final = {half.name: half for half in (TUNING, JUDGING)}
