"""A lifter, a rep and a fault for the tests of the wire."""

from shinline.config import Config, Lift, Lifter
from shinline.types import CameraEvent, FaultVerdict, Plan, Rep, RepStyle, Severity

CONFIG = Config(lifter=Lifter(name="Ada"), lift=Lift(style="sumo", load_kg=140.0, target_reps=5))

FAULT = FaultVerdict(
    code="bar_forward",
    severity=Severity.FAULT,
    value=0.034,
    sd=0.002,
    unit="m",
    threshold=0.03,
    confidence=0.97,
    assessed=True,
)

PLAN = Plan("Ben", "trap_bar", 150.0, 3, 8.5, "technique", muted=True)
"""Another lifter's, not that of the configuration."""

REP = Rep(
    id="s1r2",
    set=1,
    rep=2,
    start_ns=1_000_000_000,
    lockout_ns=2_500_000_000,
    end_ns=4_000_000_000,
    floor_ns=None,
    rom_m=0.55,
    mean_velocity_mps=0.37,
    mean_velocity_sd_mps=0.01,
    peak_velocity_mps=0.61,
    peak_acceleration_mps2=2.0,
    time_to_knee_s=0.7,
    concentric_s=1.5,
    eccentric_s=1.2,
    drift_forward_m=0.034,
    drift_backward_m=0.0,
    drift_sd_m=0.002,
    drift_at_knee_m=0.02,
    loop_m=None,
    sticking_height_m=None,
    floor_time_s=None,
    style=RepStyle.TOUCH_AND_GO,
    faults=(FAULT,),
    tracked_ratio=0.99,
    hip=None,
    valid=True,
    not_assessed=("loop_m", "sticking_height_m", "floor_time_s"),
)

MOVED = CameraEvent(
    t_ns=5_000_000_000,
    changed=("height", "tilt"),
    text="The camera stands 3 cm lower than before. Put it back, or start a new session.",
    evidence={"height_m": -0.031, "tilt_deg": 1.2},
)
AGREES = CameraEvent(t_ns=9_000_000_000, changed=(), text="The camera is back.")


def utc(t_ns: int) -> str:
    return f"1970-01-01T00:00:{t_ns / 1e9:09.6f}Z"
