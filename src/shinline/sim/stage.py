"""Everything in front of the room, painted for one instant: lifter, bar, plates, targets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from shinline.geometry.target import INNER_RATIO, PAPER_RATIO
from shinline.sim.around import Around
from shinline.sim.camera import Camera
from shinline.sim.clothes import dress_of
from shinline.sim.figure import paint_layer
from shinline.sim.gym import Gym
from shinline.sim.helper import helper_body, helper_points
from shinline.sim.paint import F32Image, paint_limb, paint_rings, paint_shadow
from shinline.sim.plate import paint_loaded_plate, plate_print
from shinline.sim.pose import PLATE_RADIUS_M, Body
from shinline.sim.presence import Appearance, Presence
from shinline.sim.props import paint_frame, stand_on_blocks
from shinline.sim.scenario import MarkerSetup, Scenario
from shinline.sim.stickers import COLLAR_M as COLLAR_M
from shinline.sim.stickers import PLATE_THICKNESS_M as PLATE_THICKNESS_M
from shinline.sim.stickers import UNDER_THE_ARMS, printed, sticker_centres
from shinline.sim.timeline import Sample, Timeline
from shinline.types import FloatArray, Role

_SHAFT_RADIUS_M: Final = 0.0145
_SLEEVE_RADIUS_M: Final = 0.025
_STRING_RADIUS_M: Final = 0.0015
_STEEL: Final = 168.0
_STRING: Final = 60.0
_INK: Final = 24.0
_PAPER: Final = 228.0
_CAP_LEVEL: Final = 120.0
_SUBSAMPLES: Final = 8


@dataclass(frozen=True, slots=True)
class Target:
    """A printed target in the scene: its centre (3,) and the diameter of its black disc."""

    role: Role
    centre: FloatArray
    diameter_m: float


def bar_end_m(scenario: Scenario) -> float:
    """Return how far from the middle of the bar its near end is."""
    return COLLAR_M + PLATE_THICKNESS_M + scenario.sleeve_m


def plate_face_m(scenario: Scenario, plates: int) -> float:
    """Return how far from the middle of the bar the outermost plate's face is.

    The second plate is as thick as the sleeve leaves room for.
    """
    second_m = min(0.8 * PLATE_THICKNESS_M, 0.8 * scenario.sleeve_m)
    return COLLAR_M + PLATE_THICKNESS_M + (plates - 1) * second_m


def targets_at(
    setup: MarkerSetup, stickers: dict[Role, FloatArray], bar_xy: FloatArray, end_m: float
) -> dict[Role, Target]:
    """Return the targets of one instant, from where the lifter's stickers (3,) are."""
    found = {role: Target(role, centre, setup.body_diameter_m) for role, centre in stickers.items()}
    if setup.bar:
        centre = np.array([*bar_xy, end_m])
        found[Role.BAR] = Target(Role.BAR, centre, setup.bar_diameter_m)
    return found


class Stage:
    """Paints instants of one timeline onto a copy of the room."""

    def __init__(
        self, scenario: Scenario, timeline: Timeline, camera: Camera, gym: Gym, around: Around
    ) -> None:
        self._scenario = scenario
        self._timeline = timeline
        self._camera = camera
        self._packed = camera.packed
        self._gym = gym
        self._body: Body = timeline.body
        self._helper = helper_body(self._body.raised_m)
        self._roles = printed(scenario.markers)
        self._end_m = bar_end_m(scenario)
        self._around = around
        px_per_m = camera.focal_px / scenario.camera.distance_m
        self._dress = dress_of(scenario.clothes, px_per_m, scenario.seed)
        self._presence = Presence(scenario, timeline, self._dress)

    def paint(self, instants: Sample) -> F32Image:
        """Return the mean of the pictures of all instants: one of them is sharp, more are blur."""
        pose = instants.pose(self._body)
        places = {role: sticker_centres(self._body, pose, role) for role in self._roles}
        total = np.zeros_like(self._gym.image)
        for index in range(len(instants.t_s)):
            stickers = {role: place[index] for role, place in places.items()}
            lifter = self._presence.at(pose, index, float(instants.t_s[index]))
            total += self._paint_one(instants, lifter, stickers, index)
        return total / np.float32(len(instants.t_s))

    def _paint_one(
        self,
        instants: Sample,
        lifter: Appearance | None,
        stickers: dict[Role, FloatArray],
        index: int,
    ) -> F32Image:
        image = self._gym.image.copy()
        t_s = float(instants.t_s[index])
        bar_xy = np.array([instants.x_m[index], instants.y_m[index]])
        turn_rad = float(instants.turn_rad[index])
        segment = self._timeline.segments[int(instants.segment[index])]
        worn = stickers if lifter is not None and lifter.at_bar else {}
        targets = targets_at(self._scenario.markers, worn, bar_xy, self._end_m)
        if self._scenario.room.mirror:
            seen = None if lifter is None else lifter.near
            self._around.mirror(image, seen, self._dress, bar_xy)
        self._around.paint(image, t_s)
        self._shadows(image, bar_xy)
        stand_on_blocks(image, self._camera, self._body, -1.0)
        self._plate(image, bar_xy, turn_rad, (-COLLAR_M - PLATE_THICKNESS_M, -COLLAR_M), 0)
        self._lifter(image, lifter, targets, bar_xy)
        self._around.paint_cat(image, t_s)
        stand_on_blocks(image, self._camera, self._body, 1.0)
        for number in range(segment.plates):
            faces_m = plate_face_m(self._scenario, number), plate_face_m(self._scenario, number + 1)
            self._plate(image, bar_xy, turn_rad, faces_m, number)
        self._bar_end(image, bar_xy, plate_face_m(self._scenario, segment.plates), targets)
        span_s = self._timeline.helper_span_s(int(instants.segment[index]))
        if span_s is not None:
            self._paint_helper(image, t_s, span_s, bar_xy)
        return image

    def paint_alone(
        self, bar_xy: FloatArray, turn_rad: float, cards: Sequence[Target], hook: FloatArray | None
    ) -> F32Image:
        """Return a picture without the lifter: the loaded bar, and cards on a string."""
        image = self._gym.image.copy()
        self._shadows(image, bar_xy)
        self._plate(image, bar_xy, turn_rad, (-COLLAR_M - PLATE_THICKNESS_M, -COLLAR_M), 0)
        self._rod(image, bar_xy, (-COLLAR_M, COLLAR_M), _SHAFT_RADIUS_M)
        faces_m = plate_face_m(self._scenario, 0), plate_face_m(self._scenario, 1)
        self._plate(image, bar_xy, turn_rad, faces_m, 0)
        centre, diameter_m = np.array([*bar_xy, self._end_m]), self._scenario.markers.bar_diameter_m
        own = {Role.BAR: Target(Role.BAR, centre, diameter_m)} if self._scenario.markers.bar else {}
        self._bar_end(image, bar_xy, faces_m[1], own)
        for card in cards:
            if hook is not None:
                self._string(image, hook, card.centre)
            self._target(image, card)
        return image

    def _string(self, image: F32Image, hook: FloatArray, card: FloatArray) -> None:
        ends = np.stack([hook, card])
        (ax, ay), (bx, by) = self._camera.project(ends)
        ar, br = _STRING_RADIUS_M * self._camera.focal_px / self._camera.depth_m(ends)
        paint_limb(image, ax, ay, ar, bx, by, br, False, _STRING)

    def _shadows(self, image: F32Image, bar_xy: FloatArray) -> None:
        x_m = float(bar_xy[0]) * self._camera.mirror
        height_m = max(0.0, float(bar_xy[1]) + self._body.raised_m)
        wide_m, strength = 0.11 + 0.30 * height_m, 0.55 / (1.0 + 3.0 * height_m)
        for z_m in (-COLLAR_M, COLLAR_M):
            box = self._floor_box(float(bar_xy[0]), z_m, 3.0 * wide_m)
            floor = (self._gym.floor_x[box], self._gym.floor_z[box])
            paint_shadow(image[box], *floor, x_m, z_m, wide_m, 0.5 * wide_m + 0.03, strength)

    def _floor_box(self, x_m: float, z_m: float, reach_m: float) -> tuple[slice, slice]:
        """Return the rows and columns that see the floor within a distance of a point."""
        reach = reach_m * np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
        x, z = x_m + reach[:, 0], z_m + reach[:, 1]
        corners = np.stack([x, np.full(4, self._body.floor_m), z], axis=1)
        low, high = np.array([0, 0]), np.array([self._camera.width_px, self._camera.height_px])
        pixels = np.clip(self._camera.project(corners), low, high).astype(np.int64)
        (x0, y0), (x1, y1) = pixels.min(axis=0), pixels.max(axis=0) + 1
        return slice(y0, y1), slice(x0, x1)

    def _plate(
        self,
        image: F32Image,
        bar_xy: FloatArray,
        turn_rad: float,
        faces_m: tuple[float, float],
        number: int,
    ) -> None:
        """Paint a plate; the turn is as seen from +z, so the mirror reverses it."""
        mirror = self._camera.mirror
        centre = (mirror * float(bar_xy[0]), float(bar_xy[1]))
        turn = mirror * (turn_rad + 0.9 * number)
        face = plate_print((25, 20)[number])
        paint_loaded_plate(image, self._packed, centre, faces_m, PLATE_RADIUS_M, turn, face)

    def _lifter(
        self,
        image: F32Image,
        lifter: Appearance | None,
        targets: dict[Role, Target],
        bar_xy: FloatArray,
    ) -> None:
        """Paint the lifter from the far side to the near one, the bar's shaft through the hands."""
        if lifter is None:
            self._bar(image, bar_xy, -1.0)
            self._bar(image, bar_xy, 1.0)
            return
        size, dress = self._body.stature_m, self._dress
        paint_layer(image, self._camera, size, lifter.far, "far", dress)
        self._bar(image, bar_xy, -1.0)
        paint_layer(image, self._camera, size, lifter.near, "trunk", dress, lifter.slid_m)
        paint_layer(image, self._camera, size, lifter.near, "leg", dress)
        for role in UNDER_THE_ARMS:
            self._target(image, targets.get(role))
        self._bar(image, bar_xy, 1.0)
        paint_layer(image, self._camera, size, lifter.near, "arm", dress)
        self._target(image, targets.get(Role.SHOULDER))

    def _bar(self, image: F32Image, bar_xy: FloatArray, side: float) -> None:
        """Paint the half of the bar on one side of the lifter: a shaft, or a frame around."""
        if self._scenario.style == "trap_bar":
            paint_frame(image, self._camera, bar_xy, side)
        else:
            ends_m = (-COLLAR_M, 0.0) if side < 0.0 else (0.0, COLLAR_M)
            self._rod(image, bar_xy, ends_m, _SHAFT_RADIUS_M)

    def _bar_end(
        self, image: F32Image, bar_xy: FloatArray, face_m: float, targets: dict[Role, Target]
    ) -> None:
        """Paint the sleeve out of the outermost plate, its cap, and the target on the cap."""
        self._rod(image, bar_xy, (face_m, self._end_m), _SLEEVE_RADIUS_M)
        x, y = self._camera.mirror * float(bar_xy[0]), float(bar_xy[1])
        radii = np.array([0.6, 0.9, 1.0]) * _SLEEVE_RADIUS_M
        levels = np.array([_CAP_LEVEL, _CAP_LEVEL * 1.2, _CAP_LEVEL * 0.7])
        paint_rings(image, self._packed, x, y, self._end_m, radii, levels, 4)
        self._target(image, targets.get(Role.BAR))

    def _rod(
        self, image: F32Image, bar_xy: FloatArray, z_m: tuple[float, float], radius_m: float
    ) -> None:
        ends = np.array([[*bar_xy, z_m[0]], [*bar_xy, z_m[1]]])
        (ax, ay), (bx, by) = self._camera.project(ends)
        ar, br = radius_m * self._camera.focal_px / self._camera.depth_m(ends)
        paint_limb(image, ax, ay, ar, bx, by, br, False, _STEEL)

    def _target(self, image: F32Image, target: Target | None) -> None:
        if target is None:
            return
        inner = INNER_RATIO[target.role]
        radii = 0.5 * target.diameter_m * np.array([inner, 1.0, PAPER_RATIO])
        levels = np.array([_PAPER, _INK, _PAPER])
        x, y, z = target.centre
        x *= self._camera.mirror
        paint_rings(image, self._packed, x, y, z, radii, levels, _SUBSAMPLES)

    def _paint_helper(
        self, image: F32Image, t_s: float, span_s: tuple[float, float], bar_xy: FloatArray
    ) -> None:
        done = (t_s - span_s[0]) / (span_s[1] - span_s[0])
        near, far = helper_points(self._helper, done, bar_xy)
        size = self._helper.stature_m
        paint_layer(image, self._camera, size, far, "leg")
        paint_layer(image, self._camera, size, near, "trunk")
        paint_layer(image, self._camera, size, near, "leg")
        paint_layer(image, self._camera, size, near, "arm")
