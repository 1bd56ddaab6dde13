"""Draw scenes: a lifter without stickers, a camera, clothes and a room, hips of a known size."""

from dataclasses import dataclass
from dataclasses import replace as changed
from typing import Final

import numpy as np
from msgspec.structs import replace

from shinline.app.bench.faults.filming import calibrate, camera_setup, subject_of
from shinline.app.bench.faults.lifter import TrueRep, true_rep
from shinline.app.bench.faults.ranges import JUDGING, TUNING, Dice, Ranges, Span
from shinline.app.bench.hips.kinds import NOBODY, Kind, kind_of, usual_clothes, usual_room
from shinline.config import Config, Lift, Lifter, Marker
from shinline.sim.lifter import body_of
from shinline.sim.looks import WALK_S
from shinline.sim.recording import Recording, build
from shinline.sim.scenario import HIPS, CameraSetup, MarkerSetup, RepPlan, Scenario, Style
from shinline.types import Phase


def _near(r: Ranges, seed: int) -> Ranges:
    """Return ranges for cameras near a platform, and lifts that do not last."""
    return changed(
        r,
        seed=seed,
        stature_m=(1.55, 2.0),
        distance_m=(2.5, 4.0),
        height_m=(0.4, 1.2),
        azimuth_deg=(-8.0, 8.0),
        roll_deg=(-1.5, 1.5),
        field_m=(2.2, 2.7),
        speed_mps=(0.25, 0.60),
        lockout_s=(0.4, 0.7),
        lower_s=(1.0, 1.4),
        rest_s=(1.0, 1.5),
        exposure_s=(0.0003, 0.0016),
        drop_ratio=(0.0, 0.01),
        uncalibrated=0.35,
    )


HALVES: Final = {False: _near(TUNING, 70_117), True: _near(JUDGING, 93_911)}
"""By whether it is for judging."""

CAMERAS: Final = (
    (1456, 1088, 60.0),
    (1456, 1088, 60.0),
    (1280, 720, 60.0),
    (1280, 720, 30.0),
    (640, 480, 60.0),
    (640, 480, 30.0),
)
"""Width, height, pictures a second."""

STYLES: Final[tuple[tuple[Style, float], ...]] = (
    ("conventional", 0.7),
    ("sumo", 0.85),
    ("trap_bar", 1.0),
)
"""Up to which of all draws it is this one."""

ABOVE_DEG, BELOW_DEG, MOST_DEG = 8.0, 2.0, 20.0
_SURE: Final = 0.4
_BEFORE_S: Final = 1.5
_WALKS_IN, _BENDS = 0.15, 0.75
_EMPTY_S: Final = 1.2
_READY_S: Final = (0.9, 1.6)
_TRIES: Final = 20
_TWICE: Final = 0.35
_TOLD_SD_M: Final = 0.01
_RING_M: Final = (0.08, 0.10)
_STICKER_M: Final = 0.08


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene: what is filmed from ``since_s`` on, what the product is told, what is true."""

    number: int
    kind: Kind
    recording: Recording
    config: Config
    truths: list[TrueRep]
    since_s: float
    begins: str


def draw_scene(judge: bool, number: int, stickers: bool = False) -> Scene:
    """Return a scene, the same for the same number; the lifter may wear stickers after all.

    Raises
    ------
    ValueError
        No lifter that was tried can lift so.
    """
    ranges, kind = HALVES[judge], kind_of(number)
    problem = ""
    for attempt in range(_TRIES):
        dice = Dice(np.random.default_rng([ranges.seed, number, attempt]))
        try:
            scene = _scene(number, kind, ranges, dice)
        except ValueError as refused:
            problem = str(refused)
        else:
            return _with_stickers(scene) if stickers else scene
    raise ValueError(f"scene {number}: {problem}")


def _with_stickers(scene: Scene) -> Scene:
    """Return a scene in which hip and shoulder are marked: a yardstick for what is seen without."""
    scenario = scene.recording.scenario
    worn = replace(scenario.markers, body=True, roles=HIPS, body_diameter_m=_STICKER_M)
    marker = replace(scene.config.marker, body_diameter_m=_STICKER_M)
    recording = build(replace(scenario, markers=worn))
    return changed(scene, recording=recording, config=replace(scene.config, marker=marker))


def _scene(number: int, kind: Kind, r: Ranges, dice: Dice) -> Scene:
    begins = dice.rng.random()
    walks = begins < _WALKS_IN and kind.group != NOBODY
    lifter = _lifter(r, dice, walks)
    setup = _camera(r, dice, lifter)
    room = usual_room(dice)
    if walks:
        room = replace(room, walk_in_s=_EMPTY_S)
    clothes = kind.dress(usual_clothes(dice), dice)
    plain = build(replace(lifter, camera=setup))
    truths = [true_rep(plain, rep) for rep in range(1, len(lifter.reps) + 1)]
    set_s = next(s.start_s for s in plain.timeline.segments if s.phase is Phase.READY)
    span: Span = (set_s + 0.3, truths[0].lockout_s)
    scenario = replace(plain.scenario, clothes=clothes, room=kind.happens(room, dice, span))
    if walks:
        since_s, how = 0.0, "walks in"
    elif begins < _BENDS:
        since_s, how = set_s - _BEFORE_S, "bends"
    else:
        since_s, how = set_s, "is set"
    recording = build(scenario)
    return Scene(number, kind, recording, _told(recording, r, dice), truths, since_s, how)


def _lifter(r: Ranges, dice: Dice, walks: bool) -> Scenario:
    draw = dice.rng.random()
    style = next(name for name, upto in STYLES if draw < upto)
    arm, trunk, leg = (dice(r.ratio) for _ in range(3))
    reps = tuple(
        RepPlan(
            mean_velocity_mps=dice(r.speed_mps),
            sticking=dice(r.sticking),
            lockout_s=dice(r.lockout_s),
            lower_s=dice(r.lower_s),
            rest_s=dice(r.rest_s),
            faults={"hips_shoot_up": _size_deg(dice)},
        )
        for _ in range(2 if dice.chance(_TWICE) else 1)
    )
    lead_s = _EMPTY_S + WALK_S + 0.3 if walks else 0.4
    return Scenario(
        stature_m=dice(r.stature_m),
        style=style,
        arm_ratio=arm,
        trunk_ratio=trunk,
        leg_ratio=leg,
        facing="right" if dice.chance(0.5) else "left",
        reps=reps,
        lead_s=lead_s,
        settle_s=dice(_READY_S),
        tail_s=0.2,
        sleeve_m=dice(r.sleeve_m),
        smooth_start=dice.chance(0.5),
        markers=MarkerSetup(body=False, bar_diameter_m=float(dice.rng.choice(_RING_M))),
        seed=int(dice.rng.integers(2**31)),
    )


def _size_deg(dice: Dice) -> float:
    """Return how far the trunk turns: as often surely too far as surely not."""
    which = dice.rng.random()
    if which < _SURE:
        return dice((ABOVE_DEG, MOST_DEG))
    return dice((0.0, BELOW_DEG)) if which < 2.0 * _SURE else dice((BELOW_DEG, ABOVE_DEG))


def _camera(r: Ranges, dice: Dice, lifter: Scenario) -> CameraSetup:
    width, height, rate_hz = CAMERAS[int(dice.rng.integers(len(CAMERAS)))]
    body = body_of(lifter)
    setup = camera_setup(r, dice, body.rom_m, body.floor_m, (width, height))
    return replace(setup, rate_hz=rate_hz, psf_px=max(0.35, 0.6 * height / 1088.0))


def _told(recording: Recording, r: Ranges, dice: Dice) -> Config:
    """Return the configuration: the ring's size, who lifts what, how the camera stands if known."""
    scenario = recording.scenario
    scale_sd = dice(r.scale_rel_sd)
    rig, lens = calibrate(subject_of(recording, 0.0, dice), scale_sd, r, dice)
    marker = Marker(kind="ring", diameter_m=scenario.markers.bar_diameter_m)
    if dice.chance(0.5):
        marker = replace(marker, facing=scenario.facing)
    lifter = Lifter(stature_m=scenario.stature_m + dice.normal(_TOLD_SD_M))
    lift = Lift(style=scenario.style)
    return Config(marker=marker, rig=rig, lens=lens, lifter=lifter, lift=lift)
