"""What the population is drawn from: one set of ranges to tune with, another one to judge with.

The two never meet: other seeds, other cameras, other laws of how speed builds up and dies. Whoever
changes the product looks at ``TUNING`` only; ``JUDGING`` is for the report at the end.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from shinline.sim.faults import smooth
from shinline.types import FloatArray

Span = tuple[float, float]
Ramp = Literal["quintic", "cosine", "quadratic", "saturating"]
"""How speed builds up from nothing to all."""


def ramp(kind: Ramp, share: FloatArray) -> FloatArray:
    """Return 0 at and below 0, 1 at and above 1, and the ramp between."""
    u = np.clip(share, 0.0, 1.0)
    if kind == "quintic":
        return smooth(u)
    if kind == "cosine":
        return np.asarray(0.5 - 0.5 * np.cos(np.pi * u))
    if kind == "quadratic":
        return np.asarray(np.where(u < 0.5, 2.0 * u * u, 1.0 - 2.0 * (1.0 - u) ** 2))
    return np.asarray((1.0 - np.exp(-4.0 * u * u)) / (1.0 - np.exp(-4.0)))


@dataclass(frozen=True, slots=True)
class Ranges:
    """From where to where each thing is drawn, evenly; seconds, metres, m/s."""

    seed: int
    ramps: tuple[Ramp, ...]
    rise_s: Span
    fall_s: Span
    dips: Span
    dip_depth: Span
    speed_mps: Span
    grind_mps: Span
    full_m: Span = (0.44, 0.66)
    sumo_m: Span = (0.35, 0.55)
    blocks_m: Span = (0.205, 0.36)
    tall_m: Span = (0.66, 0.80)
    settle_s: Span = (1.0, 2.5)
    hold_s: Span = (0.4, 2.0)
    lower_s: Span = (0.8, 2.5)
    floor_s: Span = (1.0, 4.0)
    restitution: Span = (0.15, 0.40)
    stall_s: Span = (0.4, 2.5)
    bend_m: Span = (-0.004, 0.007)
    bulge_m: Span = (0.0, 0.045)
    back_m: Span = (0.0, 0.045)
    distance_m: Span = (2.5, 5.0)
    height_m: Span = (0.25, 0.95)
    aim_m: Span = (-0.25, 0.25)
    marker_px: Span = (24.0, 60.0)
    noise_px: Span = (0.02, 0.08)
    nudge_deg: Span = (0.6, 2.5)
    nudge_share: Span = (0.06, 0.15)
    """By how much of its distance a camera is moved."""


TUNING: Final = Ranges(
    seed=20_110,
    ramps=("quintic", "cosine", "quadratic"),
    rise_s=(0.15, 0.50),
    fall_s=(0.15, 0.45),
    dips=(0.0, 3.0),
    dip_depth=(0.1, 0.7),
    speed_mps=(0.20, 0.75),
    grind_mps=(0.05, 0.14),
)

JUDGING: Final = Ranges(
    seed=77_413,
    ramps=("quintic", "cosine", "quadratic", "saturating"),
    rise_s=(0.12, 0.55),
    fall_s=(0.12, 0.50),
    dips=(0.0, 4.0),
    dip_depth=(0.05, 0.75),
    speed_mps=(0.17, 0.85),
    grind_mps=(0.05, 0.16),
    full_m=(0.42, 0.65),
    stall_s=(0.3, 3.0),
    bend_m=(-0.005, 0.008),
    distance_m=(2.2, 5.5),
    marker_px=(22.0, 70.0),
    noise_px=(0.015, 0.09),
    nudge_deg=(0.5, 3.0),
    nudge_share=(0.055, 0.20),
)


@dataclass(frozen=True, slots=True)
class Condition:
    """A camera's circumstances. Standard deviations are those of what the set-up does not know.

    ``roll_sd_deg`` and ``scale_rel_sd`` are told to the product, all others are not.
    """

    name: str
    rate_hz: float = 60.0
    azimuth_deg: float = 0.0
    roll_sd_deg: float = 0.1
    scale_rel_sd: float = 0.002
    pitch_sd_deg: float = 0.4
    sway_sd_m: float = 0.003
    exposure_s: float = 0.001
    jitter_s: float = 0.0003
    stamp_sd_s: float = 0.00005
    drop_ratio: float = 0.0
    noisier: float = 1.0


CONDITIONS: Final = (
    Condition("plane"),
    Condition(
        "hard",
        azimuth_deg=10.0,
        roll_sd_deg=0.2,
        scale_rel_sd=0.003,
        pitch_sd_deg=0.7,
        sway_sd_m=0.006,
        exposure_s=0.008,
        jitter_s=0.001,
        stamp_sd_s=0.0003,
        drop_ratio=0.02,
        noisier=2.0,
    ),
    Condition(
        "unlevelled",
        rate_hz=30.0,
        roll_sd_deg=1.0,
        scale_rel_sd=0.01,
        pitch_sd_deg=1.5,
        sway_sd_m=0.008,
        exposure_s=0.004,
        jitter_s=0.001,
        stamp_sd_s=0.0003,
        drop_ratio=0.01,
        noisier=4.0,
    ),
)
"""In the plane and calibrated; everything against it; as it comes out of the box at 30 Hz."""
