"""The observations as the fit sees them: what each leaves unexplained, given a camera.

Each model's standard deviations of what nobody measures (how plumb a string hangs, how a paper is
glued) are constants here, with their reasons; the simulation draws its mounts from the same kind
of trouble and shows whether the result is as sure as it says.
"""

from dataclasses import dataclass
from math import hypot, radians
from typing import Final

import numpy as np

from shinline.types import FloatArray
from shinline_cal.rigging import pendulum
from shinline_cal.rigging.evidence import Fall, Plumb, Roll, Swing
from shinline_cal.rigging.optics import (
    Camera,
    Cameras,
    mean_radius,
    on_plane,
    outline,
    ovalness,
    placed,
    project,
)

STRING_LEAN_SD: Final = radians(0.05)
"""A draught: a millimetre on a metre of string."""

FALL_LEAN_SD: Final = radians(0.15)
"""A thing that turns as it falls carries its marker aside."""

TOWARD_SD_MPS: Final = 0.15
"""What is let go of goes down, hardly toward the camera."""

RATIO_SD: Final = 0.002
"""What blur and light do to the shape of a marker of 40 px; on the benchmark's pictures 0.0005 to
0.002. A smaller one shows its shape less well, and one nearly round as round."""

TURN_SD: Final = 0.2
"""Radians: how a card on a string may be turned."""

NOD_SD: Final = radians(2.0)
"""How far from upright a card hangs on its string, toward the camera or away; the same for all
its places. It makes the marker look larger above the lens and smaller below, as a pitch does."""

SLOPE_SD: Final = radians(0.3)
"""A gym's floor: 5 mm on a metre."""

ASKEW_SD: Final = radians(1.0)
"""How straight a bar is rolled, and a paper glued."""

OFF_AXIS_SD_M: Final = 0.010


def hung(
    see: Camera | Cameras, points: FloatArray, turn: FloatArray, nod: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return mean radius (px by metre) and ovalness of cards that hang on a string.

    ``turn`` is about the string, to the right; ``nod`` upward; radians, (..., n) or (..., 1) to go
    with points (..., n, 3). Both matter to the first order off the optical axis, where a card
    turned toward it looks wider than high.
    """
    cosine, sine = np.cos(turn)[..., None], np.sin(turn)[..., None]
    right = cosine * see.right - sine * see.out
    normal = cosine * see.out + sine * see.right
    up = np.cos(nod)[..., None] * see.up - np.sin(nod)[..., None] * normal
    return outline(see.lens, points, right, up)


def ratio_sd(r_px: float) -> float:
    """Return what noise does not show of an axis ratio's uncertainty."""
    return RATIO_SD * max(1.0, 20.0 / r_px)


def shape_off(oval: FloatArray, ratio: FloatArray, sd: FloatArray) -> FloatArray:
    """Return how far ovalnesses are from axis ratios, over the sds of these.

    By their square roots, rounded off below one sd: there a detector sees a circle, and a fit that
    looks for the turn of a card would find a kink.
    """
    return np.asarray((np.sqrt(oval + sd * sd) - np.sqrt(ovalness(ratio) + sd * sd)) / sd)


def turn_guess(see: Camera, point: FloatArray, ratio: float, other: bool = False) -> float:
    """Return the turn of a card that explains its shape with the least effort.

    A card may be turned to either side of where it would look roundest: ``other`` asks for the
    better one on the side that was not the best.
    """
    turns = np.linspace(-0.8, 0.8, 65)
    _, seen = hung(see, np.broadcast_to(point, (turns.size, 3)), turns, np.zeros(1))
    off = shape_off(seen, np.array(ratio), np.array(2.0 * RATIO_SD))
    effort = off**2 + (turns / TURN_SD) ** 2
    best, roundest = int(np.argmin(effort)), int(np.argmin(seen))
    if other:
        beyond = np.arange(turns.size) >= roundest
        effort[beyond == beyond[best]] = np.inf
        best = int(np.argmin(effort))
    return float(turns[best])


@dataclass(frozen=True, slots=True)
class PlumbGroup:
    """Places on one vertical line.

    Own: a point, the heights of the others above it, the turn of each card, lean to right and out,
    nod.
    """

    name: str
    plumb: Plumb
    radius_m: float
    others: tuple[bool, ...] = ()
    """For which places to begin with the card turned to the other side."""

    @property
    def beliefs(self) -> int:
        """How many of the last residuals are of what is believed of its own unknowns."""
        return len(self.plumb.places) + 3

    @property
    def place_sds_px(self) -> FloatArray:
        """Two coordinates of each place in turn."""
        return np.repeat([place.sd_px for place in self.plumb.places], 2)

    @property
    def steps(self) -> FloatArray:
        """Metres, then radians."""
        return np.full(2 * len(self.plumb.places) + 5, 1e-5)

    def start(self, see: Camera) -> FloatArray:
        """Take the first place by its size, and the others above it."""
        places = self.plumb.places
        first = placed(see, places[0].x_px, places[0].y_px, places[0].r_px, self.radius_m)
        pixels = np.array([(p.x_px, p.y_px) for p in places[1:]])
        heights = on_plane(see, first, pixels)[:, 1]
        points = first + np.concatenate([[0.0], heights])[:, None] * see.up
        others = self.others or (False,) * len(places)
        turns = [
            turn_guess(see, point, place.axis_ratio, other)
            for place, point, other in zip(places, points, others, strict=True)
        ]
        return np.concatenate([first, heights, turns, np.zeros(3)])

    def residuals(self, see: Cameras, own: FloatArray) -> FloatArray:
        """Places, sizes, shapes, then what is believed of turns, lean and nod."""
        places = self.plumb.places
        n = len(places)
        heights = np.concatenate([np.zeros((len(own), 1)), own[:, 3 : 2 + n]], axis=1)
        turns, lean, nod = own[:, 2 + n : -3], own[:, -3:-1], own[:, -1:]
        line = see.up + lean[:, :1, None] * see.right + lean[:, 1:, None] * see.out
        points = own[:, None, :3] + heights[..., None] * line
        measured = np.array([(p.x_px, p.y_px, p.sd_px, p.r_px, p.r_rel_sd) for p in places])
        ratios = np.array([p.axis_ratio for p in places])
        shape_sds = np.array([hypot(p.ratio_sd, ratio_sd(p.r_px)) for p in places])
        off = (project(see.lens, points) - measured[:, :2]) / measured[:, 2:3]
        by_m, oval = hung(see, points, turns, nod)
        size = self.radius_m * by_m / mean_radius(measured[:, 3], ratios)
        return _joined(
            off.reshape(len(off), -1),
            np.log(np.maximum(size, 1e-9)) / measured[:, 4],
            shape_off(oval, ratios, shape_sds),
            turns / TURN_SD,
            lean / STRING_LEAN_SD,
            nod / NOD_SD,
        )


@dataclass(frozen=True, slots=True)
class SwingGroup:
    """A pendulum. Own: see :mod:`.pendulum`."""

    name: str
    swing: Swing
    radius_m: float
    other: bool = False

    @property
    def beliefs(self) -> int:
        """How many of the last residuals are of what is believed of its own unknowns."""
        return 6

    @property
    def place_sds_px(self) -> FloatArray:
        """One coordinate of all places, then the other."""
        return np.tile(np.broadcast_to(self.swing.sd_px, self.swing.x_px.shape), 2)

    @property
    def steps(self) -> FloatArray:
        """In the order of :data:`.pendulum.NAMES`."""
        return pendulum.STEPS

    def start(self, see: Camera) -> FloatArray:
        """Fit the pendulum flat, in the plane through the middle of the swing."""
        own = pendulum.guess(see, self.swing, self.radius_m)
        own[pendulum.TURN] = turn_guess(see, own[:3], self.swing.axis_ratio, self.other)
        return own

    def residuals(self, see: Cameras, own: FloatArray) -> FloatArray:
        """Places, sizes, shape, then what is believed of the swing, its card and the string."""
        swing = self.swing
        points = pendulum.points(see, own, swing.t_s)
        return _joined(
            *_seen_moving(see, points, own[:, pendulum.TURN : pendulum.LEAN], swing, self.radius_m),
            own[:, pendulum.LEAN :] / STRING_LEAN_SD,
            pendulum.beliefs(own),
            own[:, pendulum.TURN : pendulum.LEAN] / (TURN_SD, NOD_SD),
        )


def _seen_moving(
    see: Cameras, points: FloatArray, hangs: FloatArray, seen: Swing | Fall, radius_m: float
) -> tuple[FloatArray, ...]:
    """Return what places, sizes and the mean shape of a moving card leave unexplained.

    ``points`` (K, n, 3); ``hangs`` (K, 2): turn and nod.
    """
    off = project(see.lens, points)
    by_m, oval = hung(see, points, hangs[:, :1], hangs[:, 1:])
    sized = np.log(np.maximum(radius_m * by_m / seen.r_px, 1e-9))
    mean = sized.mean(axis=1, keepdims=True)
    sd = np.array(ratio_sd(float(seen.r_px[0])))
    return (
        (off[..., 0] - seen.x_px) / seen.sd_px,
        (off[..., 1] - seen.y_px) / seen.sd_px,
        (sized - mean) / seen.r_rel_sd,
        mean / seen.mean_rel_sd,
        shape_off(oval.mean(axis=1, keepdims=True), np.array(seen.axis_ratio), sd),
    )


def _joined(*parts: FloatArray) -> FloatArray:
    """Return parts (K or 1, m) side by side (K, all m)."""
    count = max(len(part) for part in parts)
    return np.concatenate([np.broadcast_to(p, (count, p.shape[1])) for p in parts], axis=1)


@dataclass(frozen=True, slots=True)
class FallGroup:
    """A free fall. Own: place, velocity, pull, lean to right and out, turn and nod of the card."""

    name: str
    fall: Fall
    radius_m: float
    other: bool = False

    @property
    def beliefs(self) -> int:
        """How many of the last residuals are of what is believed of its own unknowns."""
        return 5

    @property
    def place_sds_px(self) -> FloatArray:
        """One coordinate of all places, then the other."""
        return np.tile(np.broadcast_to(self.fall.sd_px, self.fall.x_px.shape), 2)

    @property
    def steps(self) -> FloatArray:
        """Metres, m/s, m/s2, radians."""
        return np.array([1e-5] * 3 + [1e-4] * 4 + [1e-5] * 4)

    def start(self, see: Camera) -> FloatArray:
        """Cut the rays with the plane through the first sighting, and fit a parabola."""
        fall = self.fall
        r_px = float(np.median(fall.r_px))
        first = placed(see, float(fall.x_px[0]), float(fall.y_px[0]), r_px, self.radius_m)
        side, up = on_plane(see, first, np.column_stack([fall.x_px, fall.y_px])).T
        curve, level = np.polyfit(fall.t_s, up, 2), np.polyfit(fall.t_s, side, 1)
        speed = level[0] * see.right + curve[1] * see.up
        place = first + level[1] * see.right + curve[2] * see.up
        turn = turn_guess(see, place, fall.axis_ratio, self.other)
        return np.concatenate([place, speed, [-2.0 * curve[0], 0.0, 0.0, turn, 0.0]])

    def residuals(self, see: Cameras, own: FloatArray) -> FloatArray:
        """Places, sizes, shape, then what is believed of the lean, the speed and the card."""
        t = self.fall.t_s[:, None]
        lean_right, lean_out = own[:, 7, None, None], own[:, 8, None, None]
        down = -(see.up + lean_right * see.right + lean_out * see.out)
        flown = own[:, None, 3:6] * t + 0.5 * own[:, 6, None, None] * t * t * down
        points = own[:, None, :3] + flown
        toward = (own[:, None, 3:6] * see.out).sum(axis=2)
        return _joined(
            *_seen_moving(see, points, own[:, 9:], self.fall, self.radius_m),
            own[:, 7:9] / FALL_LEAN_SD,
            toward / TOWARD_SD_MPS,
            own[:, 9:] / (TURN_SD, NOD_SD),
        )


@dataclass(frozen=True, slots=True)
class RollGroup:
    """A bar rolled along the floor.

    Own: a point, the way to each other place, slope of the floor, how askew it was rolled, how its
    paper is glued at the first place (nod, turn), and where the marker is off the axis there
    (right, up). Paper and marker turn with the bar.
    """

    name: str
    roll: Roll
    radius_m: float
    plate_radius_m: float

    @property
    def beliefs(self) -> int:
        """How many of the last residuals are of what is believed of its own unknowns."""
        return 6

    @property
    def place_sds_px(self) -> FloatArray:
        """One coordinate of all places, then the other."""
        return np.tile(np.broadcast_to(self.roll.sd_px, self.roll.x_px.shape), 2)

    @property
    def steps(self) -> FloatArray:
        """Metres, then radians, and metres again."""
        return np.full(self.roll.x_px.size + 8, 1e-5)

    def start(self, see: Camera) -> FloatArray:
        """Put all places on the lifting plane through the first one."""
        roll = self.roll
        r_px = float(np.median(roll.r_px))
        first = placed(see, float(roll.x_px[0]), float(roll.y_px[0]), r_px, self.radius_m)
        ways = on_plane(see, first, np.column_stack([roll.x_px, roll.y_px]))[1:, 0]
        return np.concatenate([first, ways, np.zeros(6)])

    def residuals(self, see: Cameras, own: FloatArray) -> FloatArray:
        """Places, sizes, shapes, then what is believed of slope, askewness, paper and axis."""
        roll = self.roll
        way = np.concatenate([np.zeros((len(own), 1)), own[:, 3:-6]], axis=1)
        slope, askew, nod, turn, off_x, off_y = own[:, -6:].T[..., None]
        ahead = np.cos(askew)[..., None] * see.right + np.sin(askew)[..., None] * see.out
        line = ahead + slope[..., None] * see.up
        rolled = way / self.plate_radius_m
        cosine, sine = np.cos(rolled), np.sin(rolled)
        side = off_x * cosine + off_y * sine - off_x
        rise = off_y * cosine - off_x * sine - off_y
        points = own[:, None, :3] + way[..., None] * line
        points = points + side[..., None] * see.right + rise[..., None] * see.up
        seen = project(see.lens, points)
        nods = (nod * cosine - turn * sine)[..., None]
        turns = (turn * cosine + nod * sine)[..., None]
        right, up = see.right - turns * see.out, see.up - nods * see.out
        by_m, oval = outline(see.lens, points, right, up)
        size = np.maximum(self.radius_m * by_m / roll.r_px, 1e-9)
        sds = (SLOPE_SD, ASKEW_SD, ASKEW_SD, ASKEW_SD, OFF_AXIS_SD_M, OFF_AXIS_SD_M)
        return _joined(
            (seen[..., 0] - roll.x_px) / roll.sd_px,
            (seen[..., 1] - roll.y_px) / roll.sd_px,
            np.log(size) / roll.r_rel_sd,
            shape_off(oval, roll.axis_ratio, np.array(roll.ratio_sd)),
            own[:, -6:] / sds,
        )
