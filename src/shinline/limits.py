"""The coach's thresholds and ways: starting values with stated reasons, see docs/faults.md.

None of the thresholds was validated against coaches. Where a lift needs another one, the coach's
table of lifts has it; where a lifter has good repetitions of their own, those move it.
"""

from typing import Annotated, Literal

from msgspec import Meta

from shinline.section import Section

Metres = Annotated[float, Meta(ge=0.002, le=0.3)]
Degrees = Annotated[float, Meta(ge=1.0, le=60.0)]
Ratio = Annotated[float, Meta(ge=1.0, le=4.0)]
Share = Annotated[float, Meta(ge=0.01, le=0.9)]
Speed = Annotated[float, Meta(ge=0.1, le=5.0)]
Acceleration = Annotated[float, Meta(ge=0.5, le=30.0)]


class Coach(Section, frozen=True):
    """What counts as a fault, and how it is told.

    ``lowering_mode``: whether the bar may be let go at the top. ``floor_mode``: whether it is to
    lie still before each pull. ``test_set`` is the number of the set in a session that goes
    without cues, 0 for none. ``words`` names a file with words of one's own, see docs/cues.md.
    """

    gap_low_warn_m: Annotated[float, Meta(ge=-0.1, le=0.3)] = 0.015
    gap_low_fault_m: Annotated[float, Meta(ge=-0.1, le=0.3)] = 0.005
    gap_high_warn_m: Metres = 0.065
    gap_high_fault_m: Metres = 0.085
    elbows_warn_m: Metres = 0.050
    bar_rolled_warn_m: Metres = 0.015
    start_trunk_deg: Degrees = 10.0
    start_hip_share: Annotated[float, Meta(ge=0.3, le=1.2)] = 0.80
    start_knee_deg: Annotated[float, Meta(ge=90.0, le=180.0)] = 130.0
    start_beyond: Annotated[int, Meta(ge=1, le=3)] = 2
    hips_low_warn_m: Metres = 0.010
    hips_low_fault_m: Metres = 0.020
    hips_warn_deg: Annotated[float, Meta(ge=1.0, le=30.0)] = 3.0
    hips_fault_deg: Annotated[float, Meta(ge=1.0, le=30.0)] = 5.0
    hips_ratio_warn: Ratio = 1.20
    hips_ratio_fault: Ratio = 1.30
    bar_forward_warn_m: Annotated[float, Meta(ge=0.005, le=0.2)] = 0.020
    bar_forward_fault_m: Annotated[float, Meta(ge=0.005, le=0.2)] = 0.030
    legs_warn_m: Metres = 0.020
    legs_fault_m: Metres = 0.030
    loop_warn_m: Metres = 0.020
    loop_fault_m: Metres = 0.035
    reversal_fault_m: Metres = 0.008
    hitch_stops: Annotated[int, Meta(ge=1, le=10)] = 2
    rounding_warn_deg: Degrees = 8.0
    rounding_fault_deg: Degrees = 12.0
    lean_back_warn_deg: Degrees = 8.0
    lean_back_fault_deg: Degrees = 12.0
    short_warn_share: Share = 0.03
    short_fault_share: Share = 0.05
    yank_warn_mps2: Acceleration = 3.0
    yank_fault_mps2: Acceleration = 4.0
    yank_ratio: Ratio = 2.0
    bounce_s: Annotated[float, Meta(ge=0.05, le=1.0)] = 0.25
    lowering_warn_mps: Speed = 1.4
    lowering_fault_mps: Speed = 1.8
    velocity_loss_warn: Share = 0.10
    velocity_loss_fault: Share = 0.20
    lowering_mode: Literal["controlled", "drop_ok"] = "controlled"
    floor_mode: Literal["dead_stop", "touch_and_go"] = "dead_stop"
    test_set: Annotated[int, Meta(ge=0, le=50)] = 3
    language: Literal["en", "de", "es"] = "en"
    words: Annotated[str, Meta(max_length=512)] = ""
    cue_ttl_ms: Annotated[int, Meta(ge=500, le=60000)] = 4000
