"""A person as rounded limbs: a table of limbs between named points, painted far to near."""

import functools
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from shinline.sim.camera import Camera
from shinline.sim.cloth_kernels import paint_cloth
from shinline.sim.clothes import PLAIN, TEXELS_PER_M, Dress, Stuff
from shinline.sim.paint import F32Image, paint_limb
from shinline.sim.pose import Body, Pose
from shinline.sim.stickers import bulge_m
from shinline.types import FloatArray

Layer = Literal["far", "trunk", "leg", "arm"]
Points = dict[str, FloatArray]

Outline = tuple[FloatArray, FloatArray]
"""A limb in the picture: its ends (2, 2) and its radii (2,), pixels."""

_FAR_SHADE: Final = 0.72
_ROUNDED: Final = 0.8  # of the way that the middle of a rounded back goes, waist and chest do


@dataclass(frozen=True, slots=True)
class Limb:
    """From one named point to another; radii in fractions of stature, and what it is covered by.

    A cut limb ends straight at ``a``, like a sleeve.
    """

    a: str
    b: str
    a_radius: float
    b_radius: float
    stuff: Stuff
    cut: bool = False


_LEG: Final = (
    Limb("heel", "toe", 0.0150, 0.0115, "sole"),
    Limb("instep", "toe", 0.0215, 0.0135, "shoe"),
    Limb("knee", "calf", 0.0330, 0.0345, "skin"),
    Limb("calf", "ankle", 0.0355, 0.0230, "sock", cut=True),
    Limb("knee", "hip", 0.0350, 0.0560, "skin"),
    Limb("hem", "hip", 0.0510, 0.0640, "shorts", cut=True),
)
_ARM: Final = (
    Limb("elbow", "hand", 0.0265, 0.0185, "skin"),
    Limb("hand", "knuckle", 0.0215, 0.0200, "skin"),
    Limb("shoulder", "elbow", 0.0340, 0.0270, "skin"),
    Limb("cuff", "shoulder", 0.0375, 0.0430, "shirt", cut=True),
)
_TRUNK: Final = (
    Limb("waist", "chest", 0.0585, 0.0655, "shirt"),
    Limb("chest", "mid_shoulder", 0.0655, 0.0500, "shirt"),
    Limb("belt", "mid_hip", 0.0610, 0.0640, "belt", cut=True),
    Limb("waist", "mid_hip", 0.0590, 0.0660, "shorts", cut=True),
    Limb("mid_shoulder", "skull", 0.0330, 0.0320, "skin"),
    Limb("skull", "chin", 0.0485, 0.0300, "skin"),
    Limb("crown", "nape", 0.0460, 0.0330, "hair"),
)
_LAYERS: Final[dict[Layer, tuple[Limb, ...]]] = {
    "far": (*_ARM, *_LEG),
    "trunk": _TRUNK,
    "leg": _LEG,
    "arm": _ARM,
}


def figure_points(body: Body, pose: Pose, index: int) -> Points:
    """Name the near side's points of one instant, each (3,) in the scene frame."""
    joints = ("ankle", "knee", "hip", "shoulder", "elbow", "hand")
    points: Points = {name: getattr(pose, name)[index] for name in joints}
    points |= _foot(body, points["ankle"])
    out_m = float(bulge_m(body, pose.round_rad[index : index + 1])[0])
    points |= _trunk(body, points, float(pose.trunk_rad[index]), _ROUNDED * out_m)
    points["calf"] = _between(points["ankle"], points["knee"], 0.62)
    points["hem"] = _between(points["knee"], points["hip"], 0.38)
    points["cuff"] = _between(points["shoulder"], points["elbow"], 0.55)
    points["knuckle"] = points["hand"] + np.array([0.012, -0.012, 0.0])
    return points


def _between(a: FloatArray, b: FloatArray, share: float) -> FloatArray:
    return a + share * (b - a)


def _foot(body: Body, ankle: FloatArray) -> Points:
    """Return heel, instep and toe of a foot that stands on the floor, turned out."""
    size, turn_rad = body.stature_m, body.shape.toe_out_rad
    ahead = size * np.array([np.cos(turn_rad), 0.0, np.sin(turn_rad)])
    sole = ankle - np.array([0.0, 0.024 * size, 0.0])
    return {
        "heel": sole - 0.030 * ahead,
        "toe": sole + 0.105 * ahead + np.array([0.0, 0.002, 0.0]),
        "instep": ankle - np.array([0.0, 0.014 * size, 0.0]) - 0.012 * ahead,
    }


def _trunk(body: Body, points: Points, trunk_rad: float, out_m: float) -> Points:
    """Return the points of the midline: hips to crown, the head carried up and forward.

    A rounded back carries waist and chest ``out_m`` behind the line from hips to shoulders.
    """
    size = body.stature_m
    flat = np.array([1.0, 1.0, 0.0])
    hip, shoulder = points["hip"] * flat, points["shoulder"] * flat
    along = (shoulder - hip) / np.linalg.norm(shoulder - hip)
    front = np.array([along[1], -along[0], 0.0])
    neck_rad = 0.55 * trunk_rad + 0.45 * np.deg2rad(88.0)
    up = np.array([np.cos(neck_rad), np.sin(neck_rad), 0.0])
    face = np.array([up[1], -up[0], 0.0])
    skull = shoulder + size * (0.106 * up + 0.012 * face)
    waist = _between(hip, shoulder, 0.20) - out_m * front
    return {
        "mid_hip": hip,
        "waist": waist,
        "chest": _between(hip, shoulder, 0.70) + (0.003 * size - out_m) * front,
        "mid_shoulder": shoulder,
        "belt": waist + 0.048 * size * along,
        "skull": skull,
        "chin": skull + size * (0.022 * face - 0.034 * up),
        "crown": skull + size * (0.014 * up - 0.008 * face),
        "nape": skull - size * (0.018 * up + 0.024 * face),
        "hair_end": shoulder - size * (0.030 * along + 0.042 * front),
    }


def paint_layer(
    image: F32Image,
    camera: Camera,
    stature_m: float,
    points: Points,
    layer: Layer,
    dress: Dress = PLAIN,
    slid_m: float = 0.0,
) -> None:
    """Paint the limbs of one layer; ``slid_m`` is how far the shirt has slid along the trunk."""
    shade = _FAR_SHADE if layer == "far" else 1.0
    limbs = _LAYERS[layer] if layer != "trunk" else _dressed_trunk(dress, stature_m)
    outlines = _outlines_px(camera, stature_m, points, limbs, far=layer == "far")
    for limb, (((ax, ay), (bx, by)), (ar, br)) in zip(limbs, outlines, strict=True):
        level = dress.levels[limb.stuff] * shade
        cloth = dress.cloth.get(limb.stuff)
        if cloth is None:
            paint_limb(image, ax, ay, ar, bx, by, br, limb.cut, level)
            continue
        texels_per_px = TEXELS_PER_M * limb.b_radius * stature_m / br
        slid = slid_m * TEXELS_PER_M if layer == "trunk" and limb.stuff == "shirt" else 0.0
        paint_cloth(
            image, ax, ay, ar, bx, by, br, limb.cut, level, cloth, texels_per_px, slid
        )  # fmt: skip


@functools.lru_cache(maxsize=64)
def _trunk_limbs(
    belt: bool, long_hair: bool, out_m: tuple[float, float], stature_m: float
) -> tuple[Limb, ...]:
    """Return the trunk's limbs as clothes change them; see :class:`Dress`."""
    limbs = [limb for limb in _TRUNK if belt or limb.stuff != "belt"]
    if out_m != (0.0, 0.0):
        waist, chest = (value / stature_m for value in out_m)
        head = next(i for i, limb in enumerate(limbs) if limb.b == "skull")
        limbs[head:head] = [
            Limb("shirt_hem", "shirt_waist", 0.0660 + waist, 0.0600 + waist, "shirt", cut=True),
            Limb("shirt_waist", "shirt_chest", 0.0600 + waist, 0.0655 + chest, "shirt"),
            Limb("shirt_chest", "mid_shoulder", 0.0655 + chest, 0.0510, "shirt"),
        ]
    if long_hair:
        limbs.append(Limb("nape", "hair_end", 0.0330, 0.0200, "hair"))
    return tuple(limbs)


def _dressed_trunk(dress: Dress, stature_m: float) -> tuple[Limb, ...]:
    return _trunk_limbs(dress.belt, dress.long_hair, dress.out_m, stature_m)


def outlines_px(camera: Camera, stature_m: float, points: Points, layer: Layer) -> list[Outline]:
    """Return where the limbs of one layer are in the picture, of a person in usual clothes."""
    return _outlines_px(camera, stature_m, points, _LAYERS[layer], far=layer == "far")


def _outlines_px(
    camera: Camera, stature_m: float, points: Points, limbs: tuple[Limb, ...], far: bool
) -> list[Outline]:
    ends_m = np.array([[points[limb.a], points[limb.b]] for limb in limbs])
    if far:
        ends_m = ends_m * np.array([1.0, 1.0, -1.0])
    radii_m = stature_m * np.array([[limb.a_radius, limb.b_radius] for limb in limbs])
    radii_px = radii_m * camera.focal_px / camera.depth_m(ends_m)
    return list(zip(camera.project(ends_m), radii_px, strict=True))
