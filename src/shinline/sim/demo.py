"""The recording that comes with the program: four reps that each have something to say."""

from importlib.resources import files
from pathlib import Path
from typing import Final

from shinline.sim.clip import Progress, write_clip
from shinline.sim.recording import Recording
from shinline.sim.scenario import RepPlan, Scenario

_NAME: Final = "demo"
_QUALITY: Final = 19

DEMO: Final = Scenario(
    stature_m=1.78,
    style="conventional",
    reps=(
        RepPlan(mean_velocity_mps=0.46, sticking=0.30, lockout_s=0.7, rest_s=2.8),
        RepPlan(mean_velocity_mps=0.40, lockout_s=0.7, rest_s=2.8, faults={"bar_forward": 0.045}),
        RepPlan(
            mean_velocity_mps=0.33,
            sticking=0.45,
            lockout_s=0.7,
            then="touch_and_go",
            rest_s=0.5,
            faults={"hips_shoot_up": 9.0},
        ),
        RepPlan(mean_velocity_mps=0.42, lockout_s=0.8, then="drop", rest_s=1.4),
    ),
    lead_s=1.6,
    settle_s=1.0,
    tail_s=1.6,
    seed=20,
)
"""A clean rep, a bar that swings forward, hips that shoot up into a touch-and-go, a drop."""


def demo_paths() -> tuple[Path, Path]:
    """Return where the bundled recording and its truth are."""
    folder = Path(str(files("shinline"))) / "assets"
    return folder / f"{_NAME}.mp4", folder / f"{_NAME}.truth.json"


def write_demo(clip: Path, truth: Path, progress: Progress | None = None) -> Recording:
    """Render the bundled recording anew; see :func:`shinline.sim.clip.write_clip`."""
    return write_clip(DEMO, clip, truth, progress, _QUALITY)
