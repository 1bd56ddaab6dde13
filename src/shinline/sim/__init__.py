"""The simulator: a lifter seen from the side, rendered to frames, with exact truth.

:class:`Scenario` says what happens, :func:`build` works it out, and a :class:`Recording` renders
its frames on demand; :func:`truth` tells everything that is known about them and
:func:`write_clip` makes files of both.
"""

from shinline.sim.clip import write_clip, write_set_up
from shinline.sim.demo import DEMO, demo_paths, write_demo
from shinline.sim.faults import FAULTS, parse_fault
from shinline.sim.lifter import body_of
from shinline.sim.looks import WALK_S, Clothes, Surroundings
from shinline.sim.measures import rep_evidence, rep_measures
from shinline.sim.recording import Recording, build
from shinline.sim.scenario import (
    STICKERS,
    CameraSetup,
    FalseStart,
    Loading,
    MarkerSetup,
    RepPlan,
    Roll,
    Scenario,
    from_json,
    with_faults,
)
from shinline.sim.setting_up import SCENES, SetUp, set_up, set_up_truth
from shinline.sim.stickers import markers_at
from shinline.sim.truth import truth
from shinline.sim.tuning import lay_out

__all__ = [
    "DEMO",
    "FAULTS",
    "SCENES",
    "STICKERS",
    "WALK_S",
    "CameraSetup",
    "Clothes",
    "FalseStart",
    "Loading",
    "MarkerSetup",
    "Recording",
    "RepPlan",
    "Roll",
    "Scenario",
    "SetUp",
    "Surroundings",
    "body_of",
    "build",
    "demo_paths",
    "from_json",
    "lay_out",
    "markers_at",
    "parse_fault",
    "rep_evidence",
    "rep_measures",
    "set_up",
    "set_up_truth",
    "truth",
    "with_faults",
    "write_clip",
    "write_demo",
    "write_set_up",
]
