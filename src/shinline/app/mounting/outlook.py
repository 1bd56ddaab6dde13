"""Where the plate will be over the whole lift, and where it will hide the body's markers."""

from dataclasses import dataclass
from functools import lru_cache
from math import hypot
from typing import Final

import numpy as np

from shinline.app.mounting.scene import Scene
from shinline.geometry.plane import Plane, plane_at
from shinline.geometry.target import PAPER_RATIO
from shinline.sim.body import BACK_TRAVEL_M, make_body, rom_m, solve_pose
from shinline.sim.stage import COLLAR_M, PLATE_THICKNESS_M
from shinline.steps import Steps, done
from shinline.types import Facing, FloatArray, Role
from shinline.wire.mount import Circle, Ghost, Said, Zone

MARGIN: Final = 0.02
"""Of the picture's width and height, that should stay free around the plate."""

SLEEVE_M: Final = 0.06
"""How far the end of the bar stands out of the plates, about."""

END_M: Final = COLLAR_M + PLATE_THICKNESS_M + SLEEVE_M
"""From the middle of the bar to its end."""

SKIN_M: Final[dict[Role, float]] = {Role.HIP: 0.105, Role.KNEE: 0.055, Role.ANKLE: 0.045}
"""From a joint's centre to its marker, outward."""

BODY_MARKER_M: Final = 0.03
"""The radius of a body marker: all of it must be seen."""

FARTHEST_PX: Final = 20_000.0
"""What lies farther out is drawn by nobody."""

REACH_M: Final = 0.06
"""A marker may sit so far from where the model of a body has it."""

CORNERS: Final = 16
_ANGLES: Final = np.linspace(0.0, 2.0 * np.pi, CORNERS, endpoint=False)
ROUND: Final = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1)
FOREARM_RATIO: Final = (0.0265, 0.0185)
"""Radii of the forearm at elbow and hand, of stature."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """The lift as this camera will see it.

    ``margin`` is the smallest distance of the plate from an edge of the picture, as a share of the
    picture, negative outside; ``core_inside`` tells whether what must be seen of the bar is.
    ``over_px`` is by how much the plate and its margin reach over the left, right, top and bottom
    edge, negative: so much is free. ``widest_px`` is how far from the picture's middle the bar
    gets. ``distance_m`` and ``camera_m`` (the lens above the floor) are None where not known.
    """

    rom_m: float
    ghost: Ghost | None = None
    margin: float = 0.0
    core_inside: bool = True
    over_px: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    widest_px: float = 0.0
    distance_m: float | None = None
    camera_m: float | None = None
    zones: tuple[Zone, ...] = ()


def look_ahead(scene: Scene) -> Outlook:
    """Work out what the camera will see of a lift."""
    return done(looking_ahead(scene))


def looking_ahead(scene: Scene) -> Steps[Outlook]:
    """Work out what the camera will see of a lift, in steps."""
    style = "sumo" if scene.config.lift.style == "sumo" else "conventional"
    height_m = rom_m(scene.config.lifter.stature_m, style)
    plane = _plane(scene)
    if plane is None or scene.bar is None:
        return Outlook(height_m)
    rest = (0.0, 0.0) if scene.rest_px is None else plane.plane_from_image(*scene.rest_px)
    back_m = 0.0 if scene.facing is Facing.UNKNOWN else BACK_TRAVEL_M
    places = (rest, (rest[0] - back_m, rest[1] + height_m))
    radius_m = 0.5 * scene.config.marker.plate_diameter_m
    floor, lockout = (_circle(plane, place, radius_m) for place in places)
    circles = (floor, lockout)
    if not all(_drawable(circle) for circle in circles):
        return Outlook(height_m)
    over = _over(scene, circles, MARGIN)
    core = [
        Circle(x_px=c.x_px, y_px=c.y_px, plate_r_px=_core_px(scene, c, radius_m)) for c in circles
    ]
    middle = 0.5 * (scene.width_px - 1), 0.5 * (scene.height_px - 1)
    edge = _over(scene, circles, 0.0)
    yield
    zones: tuple[Zone, ...] = ()
    if scene.facing is not Facing.UNKNOWN:
        zones = yield from _zones(scene, plane, rest, style)
    sizes = (scene.width_px, scene.width_px, scene.height_px, scene.height_px)
    return Outlook(
        rom_m=height_m,
        ghost=Ghost(floor=floor, lockout=lockout, inside=max(over) <= 0.0),
        margin=-max(beyond / size for beyond, size in zip(edge, sizes, strict=True)),
        core_inside=max(_over(scene, core, 0.0)) <= 0.0,
        over_px=over,
        widest_px=max(hypot(c.x_px - middle[0], c.y_px - middle[1]) for c in circles),
        distance_m=_distance_m(scene, plane),
        camera_m=_camera_m(scene, plane, rest),
        zones=zones,
    )


def _plane(scene: Scene) -> Plane | None:
    """Return the lifting plane as the bar's marker shows it."""
    bar, view, forward = scene.bar, scene.view, scene.facing.sign
    if bar is None:
        return None
    if view is not None:
        return plane_at(view, bar.x_px, bar.y_px, bar.r_px, 0.5 * scene.diameter_m, forward)
    roll_deg = 0.0 if scene.rig is None else scene.rig.roll_deg
    scale = 0.5 * scene.diameter_m / bar.r_px
    return Plane(scale, bar.x_px, bar.y_px, float(np.deg2rad(roll_deg)), forward)


def _circle(plane: Plane, place: tuple[float, float], radius_m: float) -> Circle:
    x, y = plane.image_from_plane(*place)
    px_per_m, _ = plane.disc(*place)
    return Circle(x_px=x, y_px=y, plate_r_px=radius_m * px_per_m)


def _drawable(circle: Circle) -> bool:
    """Tell whether a circle is near the picture: an odd mount sees the plane's horizon."""
    return max(abs(circle.x_px), abs(circle.y_px), circle.plate_r_px) < FARTHEST_PX


def _core_px(scene: Scene, circle: Circle, radius_m: float) -> float:
    """Return the radius of what must be seen: the marker with its paper, or half of the plate."""
    share = PAPER_RATIO * 0.5 * scene.diameter_m / radius_m if scene.ringed else 0.5
    return share * circle.plate_r_px


def _over(
    scene: Scene, circles: tuple[Circle, ...] | list[Circle], margin: float
) -> tuple[float, float, float, float]:
    """Return how far circles reach over the left, right, top, bottom edge, less a margin."""
    across, down = margin * scene.width_px, margin * scene.height_px
    return (
        max(across - (c.x_px - c.plate_r_px) for c in circles),
        max(c.x_px + c.plate_r_px - (scene.width_px - 1 - across) for c in circles),
        max(down - (c.y_px - c.plate_r_px) for c in circles),
        max(c.y_px + c.plate_r_px - (scene.height_px - 1 - down) for c in circles),
    )


def _distance_m(scene: Scene, plane: Plane) -> float | None:
    """Return how far the bar is from the lens; its size tells, where the lens is known."""
    if plane.view is not None:
        return plane.lens_m[2]
    if scene.lens is None or scene.m_per_px is None:
        return None
    return scene.lens.fx_px * scene.m_per_px


def _camera_m(scene: Scene, plane: Plane, rest: tuple[float, float]) -> float | None:
    """Return the lens's height above the floor, from where it is against the plate's centre."""
    if plane.view is None:
        return None
    return plane.lens_m[1] - rest[1] + 0.5 * scene.config.marker.plate_diameter_m


# --- what hides the body's markers --------------------------------------------------------------

Shape = tuple[FloatArray, FloatArray, float]
"""Everything within a radius of the line between two points, pixels; a disc: both are the same."""


@lru_cache(maxsize=8)
def _joints(stature_m: float, style: str) -> dict[str, FloatArray]:
    """Return joints of the near side, (2, 3): at the start and at lockout, from the bar's rest."""
    body = make_body(stature_m, style)
    hands = np.array([[0.0, 0.0], [-BACK_TRAVEL_M, body.rom_m]])
    pose = solve_pose(body, hands, np.zeros(2))
    names = ("ankle", "knee", "hip", "elbow", "hand")
    return {name: np.asarray(getattr(pose, name)) for name in names}


def _zones(
    scene: Scene, plane: Plane, rest: tuple[float, float], style: str
) -> Steps[tuple[Zone, ...]]:
    """Return where plate and forearm hide hip, knee and ankle; two of them in a step."""
    stature_m = scene.config.lifter.stature_m
    joints = _joints(stature_m, style)

    def pixel(point: FloatArray, out_m: float = 0.0) -> FloatArray:
        away_m = END_M - float(point[2]) - out_m
        return np.array(plane.image_of(rest[0] + point[0], rest[1] + point[1], away_m))

    px_per_m, _ = plane.disc(*rest)
    found = []
    for moment, when in enumerate(("start", "top")):
        hand, elbow = joints["hand"][moment], joints["elbow"][moment]
        grip = np.array([hand[0], hand[1], END_M - SLEEVE_M])
        plate_m = 0.5 * scene.config.marker.plate_diameter_m
        forearm_m = float(np.mean(FOREARM_RATIO)) * stature_m
        covers: dict[str, Shape] = {
            "plate": (pixel(grip), pixel(grip), plate_m * px_per_m),
            "arm": (pixel(elbow), pixel(hand), forearm_m * px_per_m),
        }
        for number, (role, out_m) in enumerate(SKIN_M.items()):
            spot = pixel(joints[role.name.lower()][moment], out_m)
            reach: Shape = (spot, spot, REACH_M * px_per_m)
            for name, shape in covers.items():
                if name == "arm" and role is not Role.HIP:
                    continue  # legs are in front of what an arm could hide there
                away_px = _away_px(shape, spot[None])[0]
                if away_px < shape[2] + BODY_MARKER_M * px_per_m < FARTHEST_PX:
                    word = role.name.lower()
                    hides = Said(key=f"check.{name}_hides_{word}_{when}")
                    corners = _common(reach, shape)
                    found.append(Zone(role=word, points_px=corners, text="", said=(hides,)))
            if number % 2 == 0:
                yield
    return tuple(found)


def _away_px(shape: Shape, points: FloatArray) -> FloatArray:
    """Return the distances of points (n, 2) from a shape's line."""
    a, b, _ = shape
    line = b - a
    along = np.clip((points - a) @ line / max(float(line @ line), 1e-9), 0.0, 1.0)
    return np.asarray(np.hypot(*(points - a - along[:, None] * line).T))


def _common(one: Shape, other: Shape) -> tuple[tuple[float, float], ...]:
    """Return the corners of what two convex shapes share, in order around it."""
    corners = np.concatenate([_outline(one, within=other), _outline(other, within=one)])
    if len(corners) < 3:
        corners = _outline(one, within=one)
    middle = corners.mean(axis=0)
    order = np.argsort(np.arctan2(*(corners - middle).T[::-1]))
    return tuple((round(float(x), 1), round(float(y), 1)) for x, y in corners[order])


def _outline(shape: Shape, within: Shape) -> FloatArray:
    """Return those points of a shape's outline that lie within another."""
    a, b, radius = shape
    points = a + radius * ROUND
    if np.any(a != b):
        points = np.concatenate([points, b + radius * ROUND])
        points = points[_away_px(shape, points) > 0.999 * radius]
    return np.asarray(points[_away_px(within, points) <= 1.001 * within[2]])
