"""A calibrated camera looks at a lifter: FRAME and DETECTION rows as a detector would report them.

The camera stands a little otherwise than the product is told, by errors of the standard deviations
that the product is told too. Noise has about the covariance that the rows claim.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import atan2, degrees
from typing import Final

import numpy as np

from shinline.app.bench.faults.lifter import places
from shinline.app.bench.faults.ranges import Dice, Ranges
from shinline.app.bench.faults.sight import Scene, outlines_px, seen
from shinline.config import Config, Lens, Lift, Lifter, Marker, Rig
from shinline.sim.body import PLATE_RADIUS_M
from shinline.sim.camera import Camera
from shinline.sim.recording import Recording
from shinline.sim.scenario import CameraSetup, MarkerSetup
from shinline.sim.stage import plate_face_m
from shinline.sim.stickers import BODY_ROLES
from shinline.types import (
    DETECTION,
    FRAME,
    NS_PER_S,
    BoolArray,
    Facing,
    FloatArray,
    IntArray,
    Role,
    Rows,
)

WIDTH_PX, HEIGHT_PX = 1456, 1088
USUAL_PX: Final = 20.0
"""Radius of a ring whose centre is as noisy as drawn; smaller ones have less outline to go by."""

RADIUS_NOISE: Final = 0.7
RATIO_NOISE: Final = 0.3
SMEAR_SHARE: Final = 0.1
"""Of the movement during an exposure, as a standard deviation along it."""

STEP_S: Final = 1e-3
"""Over which the speed of a sticker is taken."""

LOCKING_PX: Final = 0.01
"""How far a centre is drawn toward the middle of its pixel."""


@dataclass(frozen=True, slots=True)
class Film:
    """What the product gets of a session, and what it is to be compared by.

    ``times_s`` (n,) are the true instants of the frames in the lifter's own time, ``zero_s`` what
    is to be taken from a time stamp to have that time. ``looks`` describes the camera in words.
    """

    config: Config
    heads: Rows
    rows: Rows
    times_s: FloatArray
    zero_s: float
    looks: str


def camera_setup(
    r: Ranges,
    dice: Dice,
    rom_m: float,
    floor_m: float = -PLATE_RADIUS_M,
    size_px: tuple[int, int] = (WIDTH_PX, HEIGHT_PX),
) -> CameraSetup:
    """Choose where the camera stands: far enough, or with a lens wide enough, for a whole lifter.

    It is aimed at the middle of the bar's way and then pitched up, to see the shoulders.
    """
    distance_m, height_m = dice(r.distance_m), dice(r.height_m)
    middle_m = 0.5 * rom_m - floor_m
    aim_m, rise_m = dice(r.aim_m) - middle_m, middle_m - height_m
    pitch_rad = atan2(rise_m + aim_m, distance_m) - atan2(rise_m, distance_m)
    rate_hz = r.rates_hz[int(dice.rng.integers(len(r.rates_hz)))]
    return CameraSetup(
        width_px=size_px[0],
        height_px=size_px[1],
        focal_px=size_px[1] * distance_m / dice(r.field_m),
        distance_m=distance_m,
        height_m=height_m,
        azimuth_deg=dice(r.azimuth_deg),
        pitch_deg=degrees(pitch_rad),
        roll_deg=dice(r.roll_deg),
        k1=dice(r.k1),
        rate_hz=rate_hz,
        jitter_s=r.jitter_s,
        stamp_error_s=r.stamp_sd_s,
        drop_ratio=dice(r.drop_ratio),
        exposure_s=dice(r.exposure_s),
    )


@dataclass(frozen=True, slots=True)
class Subject:
    """What is filmed: instants, and at any of them where the stickers are and which are hidden.

    ``places`` returns the centres (n, 3) at instants (n,) in the scene frame; ``visible`` tells at
    the film's own instants whether a disc of a radius (m) at such centres is seen whole.
    ``pitch_deg`` is how far up the camera really looks.
    """

    camera: Camera
    setup: CameraSetup
    pitch_deg: float
    markers: MarkerSetup
    facing: Facing
    t_s: FloatArray
    stamps_ns: IntArray
    places: Callable[[FloatArray], dict[Role, FloatArray]]
    visible: Callable[[Role, FloatArray, float], BoolArray]


def subject_of(recording: Recording, slip_m: float, dice: Dice) -> Subject:
    """Return what a recording shows, which is never painted.

    Stickers on the lifter are not where they were stuck on, by about ``slip_m``, as the bar rises.
    """
    scenario, t_s = recording.scenario, recording.t_s
    setup = scenario.camera
    sample = recording.timeline.sample(t_s)
    bar_xy, pose = np.stack([sample.x_m, sample.y_m], axis=1), sample.pose(recording.body)
    face_m = plate_face_m(scenario, 1)
    scene = Scene(recording.camera, scenario.stature_m, bar_xy, pose, face_m)
    slips = {role: [dice.normal(slip_m), dice.normal(slip_m), 0.0] for role in BODY_ROLES}
    lens_m = recording.body.floor_m + setup.height_m
    rise_m = 0.5 * recording.body.rom_m - lens_m  # it is aimed at the bar first
    return Subject(
        camera=recording.camera,
        setup=setup,
        pitch_deg=setup.pitch_deg + degrees(atan2(rise_m, setup.distance_m)),
        markers=scenario.markers,
        facing=Facing(scenario.facing),
        t_s=t_s,
        stamps_ns=recording.stamps_ns + round(t_s[0] * NS_PER_S),
        places=partial(_slid, recording, slips),
        visible=partial(seen, scene),
    )


def _slid(
    recording: Recording, slips: dict[Role, list[float]], t_s: FloatArray
) -> dict[Role, FloatArray]:
    """Return where the stickers are that slide with the skin as the lifter straightens."""
    found = places(recording, t_s)
    share = np.clip(found[Role.BAR][:, 1:2] / recording.body.rom_m, 0.0, 1.0)
    return found | {role: found[role] + share * np.array(slip) for role, slip in slips.items()}


def film(subject: Subject, r: Ranges, dice: Dice, noise: Dice, lifter: Lifter, lift: Lift) -> Film:
    """Look at a subject, and tell the product how the camera stands, not quite truly.

    ``dice`` say how good the camera and its calibration are, ``noise`` what befalls each frame.
    """
    t_s, setup, markers = subject.t_s, subject.setup, subject.markers
    spots, later = subject.places(t_s), subject.places(t_s + STEP_S)
    noise_px, claim, blink = dice(r.noise_px), dice(r.claim), dice(r.blink_ratio)
    scale_sd = dice(r.scale_rel_sd)
    scale = 1.0 + dice.normal(scale_sd)
    rig, lens = calibrate(subject, scale_sd, r, dice)
    zero_s = dice((1.0, 1000.0))
    print_sd, edge_px = dice(r.print_rel_sd), dice(r.edge_px)
    rows = np.zeros((len(t_s), len(spots)), DETECTION)
    visible = np.zeros(rows.shape, bool)
    for i, (role, centres) in enumerate(spots.items()):
        on_bar = role is Role.BAR
        printed = scale if on_bar else 1.0 + dice.normal(print_sd)
        radius_m = 0.5 * printed * (markers.bar_diameter_m if on_bar else markers.body_diameter_m)
        moved_m = (later[role] - centres) * (setup.exposure_s / STEP_S)
        _write(
            rows[:, i], role, subject.camera, (centres, moved_m), radius_m, (noise_px, claim), noise
        )
        rows["r_px"][:, i] += 0.0 if on_bar else dice.normal(edge_px)
        visible[:, i] = subject.visible(role, centres, radius_m)
        visible[:, i] &= noise.rng.random(len(t_s)) >= (0.2 * blink if on_bar else blink)
    _hide(visible, t_s, r, noise)
    _spoil(rows, visible, r, noise)
    stamps = subject.stamps_ns + round(zero_s * NS_PER_S)
    rows["t_ns"] = stamps[:, None]
    heads = np.zeros(len(t_s), FRAME)
    heads["seq"], heads["t_ns"] = np.arange(len(t_s)), stamps
    heads["detections"] = visible.sum(axis=1)
    heads["exposure_us"] = round(1e6 * setup.exposure_s)
    marker = Marker(
        kind="ring",
        diameter_m=markers.bar_diameter_m,
        body_diameter_m=markers.body_diameter_m,
        facing="left" if subject.facing is Facing.LEFT else "right",
    )
    config = Config(marker=marker, rig=rig, lens=lens, lifter=lifter, lift=lift)
    return Film(config, heads, rows[visible], t_s, zero_s, _words(subject, config, noise_px))


def _write(
    rows: Rows,
    role: Role,
    camera: Camera,
    path_m: tuple[FloatArray, FloatArray],
    radius_m: float,
    noise: tuple[float, float],
    dice: Dice,
) -> None:
    """Fill in what a detector would say of one sticker in every frame, without the time."""
    centres, moved_m = path_m
    n = len(centres)
    most_px, ratio = _ellipses(outlines_px(camera, centres, radius_m))
    pixels = camera.project(centres)
    smear = SMEAR_SHARE * (camera.project(centres + moved_m) - pixels)
    noise_px = noise[0] * np.sqrt(USUAL_PX / most_px)
    random = dice.rng.standard_normal((5, n))
    rows["role"], rows["contrast"], rows["quality"] = role, 150.0, 1.0
    for axis, name in enumerate(("x_px", "y_px")):
        noisy = pixels[:, axis] + noise_px * random[axis] + smear[:, axis] * random[2]
        rows[name] = noisy - LOCKING_PX * np.sin(2.0 * np.pi * noisy)
    told = noise[1] ** 2
    rows["var_x_px2"] = told * (noise_px**2 + smear[:, 0] ** 2)
    rows["var_y_px2"] = told * (noise_px**2 + smear[:, 1] ** 2)
    rows["cov_xy_px2"] = told * smear[:, 0] * smear[:, 1]
    rows["r_px"] = most_px + RADIUS_NOISE * noise_px * random[3]
    wavering = RATIO_NOISE * noise_px / most_px * random[4]
    rows["axis_ratio"] = np.clip(ratio + wavering, 0.2, 1.0)


def _ellipses(outlines: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the major semi-axes (n,) of outlines (n, k, 2), and the ratios to them of the minor.

    From the moments of points that are evenly spread on a circle: half of each axis squared.
    """
    spread = outlines - outlines.mean(axis=1, keepdims=True)
    xx, yy = np.mean(spread[..., 0] ** 2, axis=1), np.mean(spread[..., 1] ** 2, axis=1)
    xy = np.mean(spread[..., 0] * spread[..., 1], axis=1)
    middle, apart = 0.5 * (xx + yy), np.hypot(0.5 * (xx - yy), xy)
    most = np.sqrt(2.0 * (middle + apart))
    return most, np.sqrt(2.0 * np.maximum(middle - apart, 0.0)) / most


def _hide(visible: BoolArray, t_s: FloatArray, r: Ranges, dice: Dice) -> None:
    """Let something pass before one sticker or before all, once or a few times, or never."""
    while dice.chance(r.hidden_share):
        since_s = dice((float(t_s[0]), float(t_s[-1])))
        covered = (t_s >= since_s) & (t_s < since_s + dice(r.hidden_s))
        which = int(dice.rng.integers(visible.shape[1] + 1))
        if which < visible.shape[1]:
            visible[covered, which] = False
        else:
            visible[covered] = False


def _spoil(rows: Rows, visible: BoolArray, r: Ranges, dice: Dice) -> None:
    """Take one detection in a thousand for something elsewhere."""
    wild = visible & (dice.rng.random(visible.shape) < r.outliers)
    wild[:30] = False  # the first sightings fix the scale
    count = int(wild.sum())
    for name, most in (("x_px", WIDTH_PX), ("y_px", HEIGHT_PX)):
        column = rows[name]
        column[wild] = dice.rng.uniform(0.0, most, count)


def calibrate(subject: Subject, scale_sd: float, r: Ranges, dice: Dice) -> tuple[Rig, Lens]:
    """Return what a calibration found, with errors of the size that it tells."""
    setup = subject.setup
    sds = [dice(s) for s in (r.roll_sd_deg, r.pitch_sd_deg, r.azimuth_sd_deg, r.focal_rel_sd,
                             r.centre_sd_px, r.k1_sd)]  # fmt: skip
    roll, pitch, azimuth, focal, centre_x, k1 = (dice.normal(sd) for sd in sds)
    centre_y = dice.normal(sds[4])
    if dice.chance(r.uncalibrated):
        return Rig(scale_rel_sd=scale_sd), Lens()
    cx, cy = subject.camera.centre_px
    rig = Rig(
        roll_deg=-setup.roll_deg + roll,
        roll_sd_deg=sds[0],
        pitch_deg=subject.pitch_deg + pitch,
        pitch_sd_deg=sds[1],
        azimuth_deg=setup.azimuth_deg * subject.facing.sign + azimuth,
        azimuth_sd_deg=sds[2],
        scale_rel_sd=scale_sd,
    )
    focal_px = setup.focal_px * (1.0 + focal)
    lens = Lens(
        fx_px=focal_px,
        fy_px=focal_px,
        cx_px=cx + centre_x,
        cy_px=cy + centre_y,
        k1=setup.k1 + k1,
        focal_rel_sd=sds[3],
        centre_sd_px=sds[4],
        k1_sd=sds[5],
    )
    return rig, lens


def _words(subject: Subject, config: Config, noise_px: float) -> str:
    setup, markers = subject.setup, subject.markers
    how = "calibrated" if config.lens.fx_px else "not calibrated"
    return (
        f"{setup.distance_m:.1f} m away, {setup.height_m:.2f} m high, {setup.azimuth_deg:+.0f} deg"
        f" aside, f {setup.focal_px:.0f} px, {setup.rate_hz:.0f} Hz, noise {noise_px:.3f} px,"
        f" stickers {100 * markers.body_diameter_m:.1f} cm, {how}"
    )
