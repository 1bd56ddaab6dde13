"""A mount whose truth is known, and what its camera sees: DETECTION rows by exact projection.

Nothing is shared with the fit but the lens model: a disc is seen as the outline of 24 points, a
pendulum is integrated, a string leans and a paper is glued askew by chance. World: the plane's
frame with the bar's end, where it lies, as the origin.
"""

from dataclasses import dataclass, field, replace
from math import cos, degrees, radians, sin, sqrt
from typing import Final

import numpy as np

from shinline.config import Lens
from shinline.types import DETECTION, NS_PER_S, FloatArray, Role, Rows
from shinline_cal.rigging.optics import Camera, camera, project

RATE_HZ: Final = 60.0
POINTS: Final = 24
G: Final = 9.81

CENTRE_NOISE_PX: Final = 0.006
CENTRE_BIAS_PX: Final = 0.012
SIZE_NOISE: Final = 0.0005
SIZE_BIAS: Final = 0.0004
RATIO_NOISE: Final = 0.0007
RATIO_BIAS: Final = 0.0008
"""Of a marker of 40 px; noise and biases of size and shape grow as it gets smaller. The ring
detector on the benchmark's pictures at noise 2 to 5 (``shinline.app.bench.accuracy``)."""

OVAL_SEEN: Final = 0.0025
"""A shape nearer to round than so is reported as round, at 40 px."""

LENSES: Final = {
    "HQ 6 mm": (2028, 1080, 1935.0, -0.02, 0.0),
    "Module 3": (2304, 1296, 1693.0, 0.03, -0.02),
    "Module 3 Wide": (2304, 1296, 982.0, -0.045, 0.006),
}
"""Width, height, focal length (px) and true distortion of three camera modes."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A printed disc: where its centre is and how it lies is given where it is drawn."""

    diameter_m: float
    role: Role = Role.BAR


@dataclass(frozen=True, slots=True)
class Mount:
    """The truth: how the camera stands, and the lens as it is."""

    lens: Lens
    width_px: int
    height_px: int
    eye: FloatArray
    """Of the lens, in the world (3,)."""
    roll_deg: float
    pitch_deg: float
    azimuth_deg: float
    name: str = ""
    see: Camera = field(init=False, repr=False)

    def __post_init__(self) -> None:
        angles = [self.roll_deg, self.pitch_deg, self.azimuth_deg]
        object.__setattr__(self, "see", camera(self.lens, np.array([*angles, 0, 0, 0, 0.0])))

    def pixels(self, points: FloatArray) -> FloatArray:
        """Return pixels (..., 2) of world points (..., 3)."""
        return project(self.see.lens, (points - self.eye) @ self.see.axes)

    def inside(self, points: FloatArray, margin_px: float) -> bool:
        """Tell whether all world points are in front of the lens and in the picture."""
        if not (((points - self.eye) @ self.see.axes)[..., 2] > 0.3).all():
            return False
        seen = self.pixels(points)
        size = np.array([self.width_px, self.height_px])
        return bool(((seen > margin_px) & (seen < size - 1 - margin_px)).all())


def rows_of(
    mount: Mount,
    rng: np.random.Generator,
    t_s: FloatArray,
    centres: FloatArray,
    normal: FloatArray,
    marker: Marker,
    still: bool = False,
) -> Rows:
    """Return what the detector says of a disc at world points (n, 3) with a normal (3,) or (n, 3).

    ``still``: one place, whose biases all its rows share; else they change from row to row with
    the place, slowly.
    """
    n = len(t_s)
    outline = _outline(np.broadcast_to(normal, (n, 3)), 0.5 * marker.diameter_m)
    seen = mount.pixels(centres[:, None, :] + outline)
    middle = mount.pixels(centres)
    r_px, ratio = _ellipse(seen - middle[:, None, :])
    share = 20.0 / float(np.median(r_px))
    out = np.zeros(n, DETECTION)
    out["t_ns"] = np.round(t_s * NS_PER_S).astype(np.int64)
    out["role"] = int(marker.role)
    noise = CENTRE_NOISE_PX * sqrt(max(1.0, share))
    for k, name in enumerate(("x_px", "y_px")):
        bias = _drifting(rng, n, still) * CENTRE_BIAS_PX
        out[name] = middle[:, k] + bias + rng.normal(0.0, noise, n)
    mean = r_px * np.sqrt(2.0 / (1.0 + 1.0 / ratio**2))
    scale = 1.0 + SIZE_BIAS * share**2 * _drifting(rng, n, still)
    scale = scale + rng.normal(0.0, SIZE_NOISE * share, n)
    shaped = ratio + RATIO_BIAS * share * _drifting(rng, n, still)
    shaped = np.clip(shaped + rng.normal(0.0, RATIO_NOISE * share, n), 0.3, 1.0)
    shaped = np.where(shaped > 1.0 - OVAL_SEEN * share, 1.0, shaped)
    out["axis_ratio"] = shaped
    out["r_px"] = mean * scale / np.sqrt(2.0 / (1.0 + 1.0 / shaped**2))
    out["var_x_px2"] = out["var_y_px2"] = noise**2
    out["contrast"], out["quality"] = 150.0, 1.0
    return out


def _drifting(rng: np.random.Generator, n: int, still: bool) -> FloatArray:
    """Return a bias of unit size: one for all rows, or one that changes along the way."""
    if still:
        return np.full(n, rng.normal())
    phases = rng.uniform(0.0, 2.0 * np.pi, 3)
    at = np.linspace(0.0, 1.0, n)
    waves = [np.cos(2.0 * np.pi * k * at + p) for k, p in enumerate(phases, start=1)]
    return np.asarray(sum(waves) * sqrt(2.0 / 3.0))


def _outline(normals: FloatArray, radius_m: float) -> FloatArray:
    """Return points (n, POINTS, 3) on circles about the origin."""
    upward = np.array([0.0, 1.0, 0.0])
    first = np.cross(upward, normals)
    first = first / np.linalg.norm(first, axis=1, keepdims=True)
    second = np.cross(normals, first)
    angle = np.arange(POINTS) * (2.0 * np.pi / POINTS)
    circle = (
        np.cos(angle)[:, None] * first[:, None, :] + np.sin(angle)[:, None] * second[:, None, :]
    )
    return np.asarray(radius_m * circle)


def _ellipse(off: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return major half axis and axis ratio of outlines (n, m, 2) about a centre, by 1/r2."""
    x, y = off[..., 0], off[..., 1]
    # Least squares of a x2 + 2 b x y + c y2 = 1 after taking out the shift that perspective makes.
    columns = np.stack([x * x, 2.0 * x * y, y * y, x, y], axis=-1)
    square = np.einsum("nij,nik->njk", columns, columns)
    a, b, c, d, e = np.linalg.solve(square, columns.sum(axis=1)[..., None])[..., 0].T
    det = a * c - b * b
    x0, y0 = -0.5 * (c * d - b * e) / det, -0.5 * (a * e - b * d) / det
    level = 1.0 + a * x0 * x0 + 2.0 * b * x0 * y0 + c * y0 * y0
    middle, swing = 0.5 * (a + c), np.hypot(0.5 * (a - c), b)
    return np.sqrt(level / (middle - swing)), np.sqrt((middle - swing) / (middle + swing))


def facing(nod_rad: float, turn_rad: float) -> FloatArray:
    """Return a normal that looks along the plane's, but for a nod (upward) and a turn (right)."""
    return np.array([cos(nod_rad) * sin(turn_rad), sin(nod_rad), cos(nod_rad) * cos(turn_rad)])


def vertical(lean_right: float, lean_out: float) -> FloatArray:
    """Return an upward unit vector that leans by small angles, radians."""
    line = np.array([lean_right, 1.0, lean_out])
    return np.asarray(line / np.linalg.norm(line))


def swinging(
    length_m: float,
    angle_rad: float,
    heading_rad: float,
    width_rad: float,
    up: FloatArray,
    seconds: float,
    drag: float = 0.02,
) -> tuple[FloatArray, FloatArray]:
    """Integrate a spherical pendulum (Runge-Kutta 4): times and places relative to the pivot.

    It is let go at ``angle_rad``, with a sideways speed that makes it ``width_rad`` wide; ``up``
    is against the pull that it feels.
    """
    right = np.array([1.0, 0.0, 0.0]) - up[0] * up
    right = right / np.linalg.norm(right)
    out = np.cross(right, up)
    along = cos(heading_rad) * right + sin(heading_rad) * out
    across = -sin(heading_rad) * right + cos(heading_rad) * out
    place = length_m * (sin(angle_rad) * along - cos(angle_rad) * up)
    speed = width_rad * sqrt(G * length_m) * across
    state = [*place.tolist(), *speed.tolist()]
    pull = (-G * up).tolist()
    steps = 4
    dt = 1.0 / (RATE_HZ * steps)
    n = int(seconds * RATE_HZ)
    found = np.empty((n, 3))
    for i in range(n):
        found[i] = state[:3]
        for _ in range(steps):
            state = _runge_kutta(state, pull, length_m, drag, dt)
    return np.arange(n) / RATE_HZ, found


def _runge_kutta(
    state: list[float], pull: list[float], length: float, drag: float, dt: float
) -> list[float]:
    a = _change(state, pull, length, drag)
    b = _change([s + 0.5 * dt * k for s, k in zip(state, a, strict=True)], pull, length, drag)
    c = _change([s + 0.5 * dt * k for s, k in zip(state, b, strict=True)], pull, length, drag)
    d = _change([s + dt * k for s, k in zip(state, c, strict=True)], pull, length, drag)
    moved = [
        s + dt / 6.0 * (p + 2.0 * q + 2.0 * r + w)
        for s, p, q, r, w in zip(state, a, b, c, d, strict=True)
    ]
    far = length / sqrt(moved[0] ** 2 + moved[1] ** 2 + moved[2] ** 2)
    return [moved[0] * far, moved[1] * far, moved[2] * far, moved[3], moved[4], moved[5]]


def _change(state: list[float], pull: list[float], length: float, drag: float) -> list[float]:
    x, y, z, u, v, w = state
    gx, gy, gz = pull[0] - drag * u, pull[1] - drag * v, pull[2] - drag * w
    string = (u * u + v * v + w * w + gx * x + gy * y + gz * z) / (length * length)
    return [u, v, w, gx - string * x, gy - string * y, gz - string * z]


def draw_mount(rng: np.random.Generator, name: str) -> Mount:
    """Draw a mount within the ranges that people use, from which a whole lift is in the picture."""
    width, height, focal, k1, k2 = LENSES[name]
    while True:
        true = Lens(
            fx_px=focal * (1.0 + rng.normal(0.0, 0.01)),
            fy_px=focal,
            cx_px=0.5 * (width - 1) + rng.normal(0.0, 0.006 * width),
            cy_px=0.5 * (height - 1) + rng.normal(0.0, 0.006 * width),
            k1=k1,
            k2=k2,
        )
        true = Lens(**{**_fields(true), "fy_px": true.fx_px})
        roll, pitch = float(rng.uniform(-5, 5)), float(rng.uniform(-8, 8))
        azimuth, high_m = float(rng.uniform(-20, 20)), float(rng.uniform(0.3, 1.5))
        far_m, aside = float(rng.uniform(2.0, 6.0)), rng.normal(0.0, radians(5.0))
        turn = radians(azimuth) + aside
        eye = np.array([far_m * sin(turn), high_m - 0.225, far_m * cos(turn)])
        mount = Mount(true, width, height, eye, roll, pitch, azimuth, name)
        if mount.inside(np.array([[0.0, -0.1, 0.0], [0.0, 0.75, 0.0]]), 30.0):
            return mount


def _fields(lens: Lens) -> dict[str, float]:
    return {name: getattr(lens, name) for name in lens.__struct_fields__}


def local_roll_deg(mount: Mount) -> float:
    """Return the lean of the vertical in the picture at the bar's place, for the similarity."""
    ends = mount.pixels(np.array([[0.0, 0.0, 0.0], [0.0, 0.55, 0.0]]))
    return degrees(np.arctan2(ends[1, 0] - ends[0, 0], ends[0, 1] - ends[1, 1]))


def turned(mount: Mount, roll_deg: float) -> Mount:
    """Return the same mount with the camera turned about its axis, the picture no larger."""
    return replace(mount, roll_deg=mount.roll_deg + roll_deg)
