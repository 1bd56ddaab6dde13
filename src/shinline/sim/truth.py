"""Exact truth of a recording, as plain data for JSON.

Times are seconds from the first frame, positions metres in the world frame (x toward the toes, y
up, origin where the bar first rests) or pixels (pixel (0, 0) is the centre of the top-left one).
Nothing is measured from pictures: all of it follows from the timeline and the camera. ::

    {
      "schema": 1,
      "scenario": {every option; "clothes" and "room" only if they are not the usual ones},
      "camera": {"width_px", "height_px", "focal_px", "k1", "centre_px": [x, y],
                 "place_m": [x, y, z], "rotation": 3 x 3 (rows right, down, forward), "mirror"},
      "scale": {"scale_m_per_px": at the bar's end where it first rests, "rom_model_m",
                "marker_diameter_m", "body_marker_diameter_m", "plate_diameter_m"},
      "frames": columns, one value per frame:
          "t_s": true mid-exposure, "stamp_s": what the frame's time stamp says, "phase",
          "bar_x_m", "bar_y_m", "bar_vy_mps", "plate_turn_deg",
          "ring_x_px", "ring_y_px", "ring_r_px" (radius of the black disc), "ring_visible",
          "plate_x_px", "plate_y_px", "plate_d_px",
          "hip_x_m", "hip_y_m", "hip_x_px", "hip_y_px", "hip_r_px", "hip_visible",
          "shoulder_...": the same, "trunk_deg" (above horizontal),
          "knee_...", "ankle_...", "mid_back_...", "crest_...": metres always, the rest if it is on
      "reps": [{"rep", "style", "then", "liftoff_s", "lockout_s", "touchdown_s" (null: held),
                "rom_m", "mean_velocity_mps", "peak_velocity_mps",
                "drift_forward_m", "drift_backward_m", "trunk_drop_deg", "top_y_m",
                "faults": [{"code", "value", "unit"}] (asked for),
                "measured": {code: value or null, of every fault there is}}]
    }

The centre of a disc is the projection of the disc's own centre. ``ring_r_px`` and ``plate_d_px``
are means over all directions. Visible means that the whole black disc is inside the picture and
nothing covers any of it. Lift-off, lockout, range, velocities and drift follow the definitions of
a finished rep; ``trunk_drop_deg`` is the angle lost from the set position to the flattest trunk
of the pull's first 120 mm. ``style`` is how the bar came to the floor before this rep.
"""

from typing import Any, Final

import msgspec
import numpy as np

from shinline.sim.camera import Camera
from shinline.sim.curves import LIFTED_M, bounds_s
from shinline.sim.faults import FAULTS
from shinline.sim.looks import Clothes, Surroundings
from shinline.sim.measures import rep_measures
from shinline.sim.planning import endings
from shinline.sim.pose import PLATE_RADIUS_M
from shinline.sim.recording import Recording
from shinline.sim.scenario import Scenario
from shinline.sim.stage import bar_end_m, plate_face_m
from shinline.sim.stickers import BODY_ROLES, printed, sticker_centres
from shinline.sim.timeline import Segment
from shinline.sim.visibility import Visibility
from shinline.types import NS_PER_S, FloatArray, Phase, RepStyle, Role

SCHEMA: Final = 1

_DENSE_S: Final = 0.0005
_DROP_WINDOW_M: Final = 0.12
_DIRECTIONS: Final = 64
_DIGITS: Final = {"m": 6, "px": 4, "s": 6, "deg": 4, "mps": 6}
_STYLES: Final = {
    "lower": RepStyle.DEAD_STOP,
    "touch_and_go": RepStyle.TOUCH_AND_GO,
    "bounce": RepStyle.BOUNCE,
    "drop": RepStyle.DEAD_STOP,
    "hang": RepStyle.TOUCH_AND_GO,
}
_BOUNCE_S, _RESET_S = 0.25, 0.8


def truth(recording: Recording) -> dict[str, Any]:
    """Return everything that is known about a recording; see the module for its shape."""
    camera = recording.camera
    return {
        "schema": SCHEMA,
        "scenario": _options(recording.scenario),
        "camera": {
            "width_px": camera.width_px,
            "height_px": camera.height_px,
            "focal_px": camera.focal_px,
            "k1": camera.k1,
            "centre_px": list(camera.centre_px),
            "place_m": camera.place.tolist(),
            "rotation": camera.rotation.tolist(),
            "mirror": camera.mirror,
        },
        "scale": _scale(recording),
        "frames": _frames(recording),
        "reps": rep_truth(recording),
    }


def _options(scenario: Scenario) -> dict[str, Any]:
    """Return every option; of looks only those of a scenario that has any of its own."""
    options: dict[str, Any] = msgspec.to_builtins(scenario)
    for name, usual in (("clothes", Clothes()), ("room", Surroundings())):
        if getattr(scenario, name) == usual:
            del options[name]
    return options


def rep_truth(recording: Recording) -> list[dict[str, Any]]:
    """Return the ``reps`` of :func:`truth` alone, which takes no look at the frames."""
    return [_rep(recording, number) for number in range(1, len(recording.scenario.reps) + 1)]


def _scale(recording: Recording) -> dict[str, float]:
    scenario = recording.scenario
    end = np.array([[0.0, 0.0, bar_end_m(scenario)]])
    radius_px = mean_radius_px(recording.camera, end, 0.5 * scenario.markers.bar_diameter_m)
    return {
        "scale_m_per_px": float(0.5 * scenario.markers.bar_diameter_m / radius_px[0]),
        "rom_model_m": recording.body.rom_m,
        "marker_diameter_m": scenario.markers.bar_diameter_m,
        "body_marker_diameter_m": scenario.markers.body_diameter_m,
        "plate_diameter_m": 2.0 * PLATE_RADIUS_M,
    }


def mean_radius_px(camera: Camera, centres: FloatArray, radius_m: float) -> FloatArray:
    """Return the mean distance (n,) of an upright circle's outline from its projected centre."""
    angle = np.arange(_DIRECTIONS) * (2.0 * np.pi / _DIRECTIONS)
    ring = radius_m * np.stack([np.cos(angle), np.sin(angle), np.zeros_like(angle)], axis=1)
    outline_px = camera.project(centres[:, None, :] + ring)
    away_px = outline_px - camera.project(centres)[:, None, :]
    return np.asarray(np.mean(np.hypot(away_px[..., 0], away_px[..., 1]), axis=1))


def _round(name: str, values: FloatArray) -> list[float]:
    """Return a column, rounded by the unit its name ends with."""
    digits = _DIGITS[name.rsplit("_", 1)[1]]
    return [float(value) for value in np.round(values, digits)]


def _frames(recording: Recording) -> dict[str, list[Any]]:
    sample, pose = recording.truth_sample, recording.truth_pose
    segments = recording.timeline.segments
    columns: dict[str, FloatArray] = {
        "t_s": recording.t_s - recording.t_s[0],
        "stamp_s": recording.stamps_ns.astype(np.float64) / NS_PER_S,
        "bar_x_m": sample.x_m,
        "bar_y_m": sample.y_m,
        "bar_vy_mps": sample.vy_mps,
        "plate_turn_deg": np.rad2deg(sample.turn_rad),
        "trunk_deg": np.rad2deg(pose.trunk_rad),
    }
    columns |= _plate_columns(recording)
    frames: dict[str, list[Any]] = {name: _round(name, column) for name, column in columns.items()}
    frames["phase"] = [segments[int(i)].phase.value for i in sample.segment]
    for role in BODY_ROLES:
        centres = sticker_centres(recording.body, pose, role)
        name = role.name.lower()
        frames |= {
            f"{name}_{axis}_m": _round("_m", centres[:, k]) for k, axis in enumerate(("x", "y"))
        }
    shown = {Role.HIP, Role.SHOULDER, *printed(recording.scenario.markers)}
    for role in (Role.BAR, *(role for role in BODY_ROLES if role in shown)):
        frames |= _target_columns(recording, role)
    return frames


def _plate_columns(recording: Recording) -> dict[str, FloatArray]:
    """Return the outline of the outermost plate's near face."""
    sample, segments = recording.truth_sample, recording.timeline.segments
    plates = [segments[int(i)].plates for i in sample.segment]
    z_m = np.array([plate_face_m(recording.scenario, count) for count in plates])
    centres = np.stack([sample.x_m, sample.y_m, z_m], axis=1)
    pixels = recording.camera.project(centres)
    radius_px = mean_radius_px(recording.camera, centres, PLATE_RADIUS_M)
    return {"plate_x_px": pixels[:, 0], "plate_y_px": pixels[:, 1], "plate_d_px": 2.0 * radius_px}


def _target_columns(recording: Recording, role: Role) -> dict[str, list[Any]]:
    """Return where a target is and whether it is seen; the bar's own metres stand elsewhere."""
    setup, sample, pose = recording.scenario.markers, recording.truth_sample, recording.truth_pose
    name = "ring" if role is Role.BAR else role.name.lower()
    if role is Role.BAR:
        end_m = np.full_like(sample.x_m, bar_end_m(recording.scenario))
        centres = np.stack([sample.x_m, sample.y_m, end_m], axis=1)
        radius_m, on = 0.5 * setup.bar_diameter_m, setup.bar
    else:
        centres = sticker_centres(recording.body, pose, role)
        radius_m, on = 0.5 * setup.body_diameter_m, role in printed(setup)
    pixels = recording.camera.project(centres)
    columns = {
        f"{name}_x_px": pixels[:, 0],
        f"{name}_y_px": pixels[:, 1],
        f"{name}_r_px": mean_radius_px(recording.camera, centres, radius_m),
    }
    told: dict[str, list[Any]] = {key: _round(key, column) for key, column in columns.items()}
    visible = Visibility(recording).of(role, centres, radius_m)
    told[f"{name}_visible"] = [bool(seen and on) for seen in visible]
    return told


def _rep(recording: Recording, number: int) -> dict[str, Any]:
    segments = recording.timeline.of_rep(number)
    plan = recording.scenario.reps[number - 1]
    before, lay_s = endings(recording.scenario)[number - 2] if number > 1 else ("lower", 0.0)
    zero_s = float(recording.t_s[0])
    first, last = segments[0], segments[-1]
    dense_s = np.arange(first.start_s, last.end_s, _DENSE_S)
    dense = recording.timeline.sample(dense_s)
    start_s, lockout_s = bounds_s(dense_s, dense.y_m - dense.y_m[0], dense.vy_mps)
    numbers = _numbers(recording, start_s, lockout_s)
    lowered = last.phase is Phase.LOWERING and dense.y_m[-1] < LIFTED_M
    faults = [{"code": c, "value": v, "unit": FAULTS[c].unit} for c, v in plan.faults.items()]
    return {
        "rep": number,
        "style": _style(before, lay_s).value,
        "then": plan.then,
        "liftoff_s": round(start_s - zero_s, 6),
        "lockout_s": round(lockout_s - zero_s, 6),
        "touchdown_s": round(last.end_s - zero_s, 6) if lowered else None,
        **{name: round(value, 6) for name, value in numbers.items()},
        "trunk_drop_deg": round(_trunk_drop_deg(recording, first), 4),
        "top_y_m": round(float(np.max(dense.y_m)), 6),
        "faults": faults,
        "measured": {
            code: None if value is None else round(value, 6)
            for code, value in rep_measures(recording, number).items()
        },
    }


def _style(before: str, lay_s: float) -> RepStyle:
    """Return how the bar came to the floor, from how the rep before ended."""
    if before == "bounce" and lay_s >= _BOUNCE_S:
        return RepStyle.TOUCH_AND_GO if lay_s < _RESET_S else RepStyle.DEAD_STOP
    return _STYLES[before]


def _numbers(recording: Recording, start_s: float, lockout_s: float) -> dict[str, float]:
    """Return the rep's numbers between lift-off and lockout."""
    t_s = np.linspace(start_s, lockout_s, 2 + int((lockout_s - start_s) / _DENSE_S))
    path = recording.timeline.sample(t_s)
    rom_m = float(path.y_m[-1] - path.y_m[0])
    return {
        "rom_m": rom_m,
        "mean_velocity_mps": rom_m / (lockout_s - start_s),
        "peak_velocity_mps": float(np.max(path.vy_mps)),
        "drift_forward_m": float(np.max(path.x_m) - path.x_m[0]),
        "drift_backward_m": float(path.x_m[0] - np.min(path.x_m)),
    }


def _trunk_drop_deg(recording: Recording, pull: Segment) -> float:
    """Return the trunk's angle lost by 120 mm of bar travel, from its angle at the set position."""
    t_s = np.arange(pull.start_s, pull.end_s, _DENSE_S)
    sample = recording.timeline.sample(t_s)
    low = sample.y_m - sample.y_m[0] <= _DROP_WINDOW_M
    trunk_rad = sample.pose(recording.body).trunk_rad[low]
    return float(np.rad2deg(trunk_rad[0] - np.min(trunk_rad)))
