"""Scenes for the mounting assistant: made up, or as a simulated camera sees them."""

from dataclasses import replace
from math import asin, degrees
from typing import Any

import numpy as np

from shinline.app.mounting.scene import Grey, Scene, Seen
from shinline.config import Config, Lens, Lift, Lifter, Marker, Rig
from shinline.sim import CameraSetup, Recording, RepPlan, Scenario, build
from shinline.sim.stage import bar_end_m
from shinline.types import DETECTION, Facing, Role, Rows

LENS = Lens(fx_px=1300.0, fy_px=1300.0, cx_px=479.5, cy_px=359.5, focal_rel_sd=0.002, k1_sd=0.005)
RIG = Rig(roll_deg=0.4, roll_sd_deg=0.1, scale_rel_sd=0.004, azimuth_sd_deg=1.0, pitch_sd_deg=0.3)


def seen(role: Role = Role.BAR, **more: Any) -> Seen:
    usual = Seen(
        role=role,
        x_px=479.5,
        y_px=490.0,
        r_px=13.0,
        sd_px=0.01,
        axis_ratio=0.999,
        contrast=200.0,
        share=1.0,
        r_rel_sd=0.0005,
        contrast_rel_sd=0.002,
        still=True,
    )
    return replace(usual, **more)


def scene(bar: Seen | None = None, **more: Any) -> Scene:
    """A good mount, calibrated, with hip and shoulder in view."""
    bar = bar or seen()
    body = [seen(Role.HIP, x_px=376.0, y_px=333.0), seen(Role.SHOULDER, x_px=502.0, y_px=242.0)]
    usual = Scene(
        config=Config(lifter=Lifter(stature_m=1.78)),
        width_px=960,
        height_px=720,
        markers={one.role: one for one in (bar, *body)},
        grey=Grey(paper=228.0, black=24.0, burnt_share=0.0),
        exposure_us=1000,
        facing=Facing.RIGHT,
        lens=LENS,
        rig=RIG,
    )
    return replace(usual, **more)


def simulated(stature_m: float = 1.78, style: Any = "conventional", **camera: Any) -> Recording:
    once = (RepPlan(mean_velocity_mps=0.9),)
    camera_setup = CameraSetup(rate_hz=15.0, **camera)
    return build(Scenario(stature_m=stature_m, style=style, reps=once, camera=camera_setup))


def circle_of(recording: Recording, place: tuple[float, float, float], radius_m: float) -> Any:
    """Return where a disc is in the picture: x, y of its centre, and its major semi-axis."""
    angle = np.linspace(0.0, 2.0 * np.pi, 720)
    ring = radius_m * np.stack([np.cos(angle), np.sin(angle), np.zeros_like(angle)], axis=1)
    x, y = recording.camera.project(np.array(place))
    outline = recording.camera.project(np.array(place) + ring)
    shape = np.cov(outline.T)
    return float(x), float(y), float(np.sqrt(2.0 * np.linalg.eigvalsh(shape)[1]))


def scene_of(recording: Recording, known: bool) -> Scene:
    """Return the scene of the bar at rest; ``known``: with the true lens and angles."""
    scenario, camera = recording.scenario, recording.camera
    x, y, r = circle_of(
        recording, (0.0, 0.0, bar_end_m(scenario)), 0.5 * scenario.markers.bar_diameter_m
    )
    rotation = camera.rotation
    pitch = asin(rotation[2, 1])
    rig = Rig(
        roll_deg=degrees(asin(rotation[0, 1] / np.cos(pitch))),
        pitch_deg=degrees(pitch),
        azimuth_deg=degrees(asin(-rotation[2, 0] / np.cos(pitch))),
        roll_sd_deg=0.1,
    )
    lens = Lens(
        fx_px=camera.focal_px,
        fy_px=camera.focal_px,
        cx_px=camera.centre_px[0],
        cy_px=camera.centre_px[1],
        k1=camera.k1,
    )
    style: Any = scenario.style
    return Scene(
        config=Config(
            lifter=Lifter(stature_m=scenario.stature_m),
            lift=Lift(style=style),
            marker=Marker(diameter_m=scenario.markers.bar_diameter_m),
        ),
        width_px=camera.width_px,
        height_px=camera.height_px,
        markers={Role.BAR: seen(x_px=x, y_px=y, r_px=r)},
        facing=Facing.RIGHT if scenario.facing == "right" else Facing.LEFT,
        lens=lens if known else None,
        rig=rig if known else None,
    )


def rows(*markers: Seen, t_ns: int = 0) -> Rows:
    """Return DETECTION rows of markers."""
    table = np.zeros(len(markers), DETECTION)
    for row, marker in zip(table, markers, strict=True):
        row["t_ns"], row["role"] = t_ns, marker.role
        row["x_px"], row["y_px"], row["r_px"] = marker.x_px, marker.y_px, marker.r_px
        row["var_x_px2"] = row["var_y_px2"] = marker.sd_px**2
        row["axis_ratio"], row["contrast"], row["quality"] = (
            marker.axis_ratio,
            marker.contrast,
            1.0,
        )
    return table
