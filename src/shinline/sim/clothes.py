"""Clothes on a figure: cloth with a pattern, and a shirt that hangs loose and follows late."""

import functools
from dataclasses import dataclass, field
from typing import Final, Literal

import cv2
import numpy as np

from shinline.sim.looks import Clothes
from shinline.sim.paint import F32Image
from shinline.types import FloatArray

Stuff = Literal["skin", "shirt", "shorts", "sock", "shoe", "sole", "belt", "hair"]
Levels = dict[Stuff, float]

USUAL: Final[Levels] = {
    "skin": 214,
    "shirt": 138,
    "shorts": 84,
    "sock": 92,
    "shoe": 240,
    "sole": 120,
    "belt": 44,
    "hair": 56,
}
TEXELS_PER_M: Final = 400.0
_SIZE: Final = 512
_STRIPE_TEXELS: Final = 40
_SOFT: Final = (
    0.45  # blur of the cloth, in pixels of the picture: it has no finer detail than these
)

LATE_S: Final = 0.25
"""A loose shirt follows the trunk by an exponential of this time."""
LATE_STEPS: Final = 12
_LATE_SHARE: Final = 0.4  # of the looseness: how far the shirt may lag behind
_LATE_M: Final = 0.08  # a trunk that is so far from where it was lately drags it nearly all the way
_SAG: Final = 0.4
_OUT: Final = (0.6, 0.4)  # how much wider the shirt is than the trunk, at waist and chest
_SLIDES_M: Final = 0.006  # per radian that the trunk turns, even a tight shirt
_SLIDES: Final = 0.5  # of the looseness, too


@dataclass(frozen=True, slots=True)
class Dress:
    """How a person is painted: levels, patterns by stuff, and what hangs."""

    levels: Levels = field(default_factory=lambda: USUAL)
    cloth: dict[Stuff, F32Image] = field(default_factory=dict)
    loose_m: float = 0.0
    belt: bool = True
    long_hair: bool = False

    @property
    def out_m(self) -> tuple[float, float]:
        """How much further from the midline than the trunk the shirt is, at waist and chest."""
        return _OUT[0] * self.loose_m, _OUT[1] * self.loose_m


PLAIN: Final = Dress()


def dress_of(clothes: Clothes, px_per_m: float, seed: int) -> Dress:
    """Make the clothes, for a picture that shows them at so many pixels to the metre."""
    if clothes == Clothes():
        return PLAIN
    levels: Levels = {
        **USUAL,
        "skin": clothes.skin,
        "shirt": clothes.shirt,
        "shorts": clothes.shorts,
        "hair": clothes.hair,
    }
    if clothes.leggings:
        levels["sock"] = clothes.shorts
    cloth: dict[Stuff, F32Image] = {}
    if clothes.weave > 0.0 or clothes.stripes > 0.0 or clothes.logo:
        soft = _SOFT * TEXELS_PER_M / px_per_m
        rng = np.random.default_rng(seed)
        cloth["shirt"] = _woven(rng, clothes.weave, clothes.stripes, clothes.logo, soft)
        cloth["shorts"] = _woven(rng, clothes.weave, 0.0, False, soft)
        cloth["skin"] = _woven(rng, 0.15 * clothes.weave, 0.0, False, soft)
    return Dress(levels, cloth, clothes.loose_m, clothes.belt, clothes.long_hair)


def _woven(
    rng: np.random.Generator, weave: float, stripes: float, logo: bool, soft: float
) -> F32Image:
    """Return factors of a cloth's level: threads, creases, bands, a printed word."""
    threads = rng.standard_normal((_SIZE, _SIZE)).astype(np.float32)
    threads = _blurred(threads, 1.0)
    creases = _blurred(rng.standard_normal((_SIZE, _SIZE)).astype(np.float32), 9.0)
    cloth = np.ones((_SIZE, _SIZE), np.float32)
    cloth += np.float32(weave) * (0.5 * _unit(threads) + 0.6 * _unit(creases))
    bands = (np.arange(_SIZE) + int(rng.integers(_STRIPE_TEXELS))) // (_STRIPE_TEXELS // 2) % 2
    cloth += np.float32(stripes) * (bands[:, None] - np.float32(0.5))
    if logo:
        ink = np.zeros((_SIZE, _SIZE), np.uint8)
        for x, y in ((-40, 110), (216, 110), (-40, 360), (216, 360)):  # the middle is at column 0
            cv2.putText(ink, "LIFT", (x, y), cv2.FONT_HERSHEY_DUPLEX, 2.2, 255, 9, cv2.LINE_AA)
        cloth += np.float32(0.5) * ink.astype(np.float32) / np.float32(255.0)
    return np.clip(_blurred(cloth, soft), 0.15, 1.9).astype(np.float32)


def _blurred(cloth: F32Image, sigma: float) -> F32Image:
    """Blur cloth that repeats without a seam."""
    edge = min(_SIZE, max(1, round(4.0 * sigma)))
    wide = np.pad(cloth, edge, mode="wrap")
    blurred = cv2.GaussianBlur(wide, (0, 0), max(sigma, 0.1))
    return blurred[edge:-edge, edge:-edge].astype(np.float32)


def _unit(pattern: F32Image) -> F32Image:
    return (pattern / np.float32(pattern.std())).astype(np.float32)


def late_weights() -> tuple[FloatArray, FloatArray]:
    """Return how long ago (s) a loose shirt looks, and how much each instant counts."""
    ago_s = np.linspace(0.0, 4.0 * LATE_S, LATE_STEPS)
    weights = np.exp(-ago_s / LATE_S)
    return ago_s, weights / weights.sum()


def hang(
    points: dict[str, FloatArray], dress: Dress, lag: dict[str, FloatArray]
) -> dict[str, FloatArray]:
    """Return the points of a loose shirt: drawn down, and toward where the trunk was lately.

    ``lag`` holds for waist and chest where they were on an average of the last moments, seen from
    where they are.
    """
    hung = {}
    for name in ("waist", "chest"):
        away_m = float(np.hypot(*lag[name][:2])) + 1e-9
        late = lag[name] / away_m * _LATE_SHARE * np.tanh(away_m / _LATE_M)
        sag = np.array([0.0, -_SAG, 0.0])
        hung[f"shirt_{name}"] = points[name] + dress.loose_m * (sag + late)
    hung["shirt_hem"] = points["mid_hip"] + 0.35 * (points["waist"] - points["mid_hip"])
    hung["shirt_hem"] = hung["shirt_hem"] + (hung["shirt_waist"] - points["waist"])
    return hung


def slid_m(dress: Dress, lately_rad: float) -> float:
    """Return how far the shirt has slid along a trunk that lately stood at an angle."""
    return (_SLIDES_M + _SLIDES * dress.loose_m) * lately_rad


@functools.cache
def passer_dress(index: int) -> Dress:
    """Return what one of the people in the room wears: some dark, some light."""
    rng = np.random.default_rng([911, index])
    shirt, shorts, hair = (float(v) for v in rng.uniform((20, 18, 20), (235, 160, 150)))
    levels: Levels = {**USUAL, "shirt": shirt, "shorts": shorts, "hair": hair}
    levels["skin"] = float(rng.uniform(90.0, 225.0))
    return Dress(levels, {}, 0.0, False, bool(rng.random() < 0.4))
