"""A look through a recording before it is tracked, to learn which circle is the bar's plate.

One picture cannot tell the bar's plate from a plate on the wall. A recording can: the bar's plate
keeps its size and its column, is there in most pictures, and goes up and down.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from shinline.types import BarPrior, Facing, FloatArray, U8Image
from shinline.vision import plate_kernels as k
from shinline.vision.plate import FOUND_SUPPORT, RADIUS_TOLERANCE, PlateFinder, Rim
from shinline.vision.steady import SceneMotion

CANDIDATES: Final = 8
COLUMN_RADII: Final = 2.0
"""A bar stays within so many plate radii of its column; half a metre of rolling included."""

TRAVEL_RADII: Final = 0.9
"""Vertical travel that surely is a lift: 0.2 m on a 450 mm plate."""

MIN_PRESENCE: Final = 0.25
"""The plate must be seen in at least this share of the sampled pictures."""

MOTION_COLUMNS: Final = 96
MOTION_GREY: Final = 8.0
"""Changes below this many grey levels of an averaged block are noise and slow light."""

FACING_BAND_RADII: Final = 1.2
FACING_REACH_RADII: Final = 2.5
FACING_RATIO: Final = 1.4

SCENE_REACH_PX: Final = 10
HANDHELD_RADII: Final = 0.015
"""A room that moves by more than 3 mm on a 450 mm plate in a tenth of the samples: no tripod."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What the survey concluded; ``prior`` is None when no plate was found, with the reason."""

    prior: BarPrior | None
    presence: float
    travel_radii: float
    reason: str


class Survey:
    """Collect candidates from sampled frames of one recording, in the order of time."""

    def __init__(self, height: int, width: int) -> None:
        self._finder = PlateFinder(height, width)
        self._frames: list[list[Rim]] = []
        self._factor = max(1, width // MOTION_COLUMNS)
        self._thumbs: list[FloatArray] = []
        self._scene = SceneMotion(height, width, SCENE_REACH_PX)
        self._scene_px: list[float] = []

    def add(self, luma: U8Image) -> None:
        """Look at one sampled frame."""
        self._frames.append(
            [
                rim
                for rim in self._finder.candidates(luma, CANDIDATES)
                if rim.support >= FOUND_SUPPORT
            ]
        )
        moved = self._scene.update(luma, 0.5 * luma.shape[1], 0.5 * luma.shape[0])
        if moved is not None:
            self._scene_px.append(float(np.hypot(*moved)))
            # laid over the first picture, so that what is left of motion is the lifter's
            luma = np.roll(luma, (-round(moved[1]), -round(moved[0])), axis=(0, 1))
        thumb = np.zeros((luma.shape[0] // self._factor, luma.shape[1] // self._factor))
        k.box_decimate(luma, self._factor, thumb)
        self._thumbs.append(thumb)

    def conclude(self) -> Finding:
        """Choose the plate; see the module's docstring for the rule."""
        seeds = [rim for frame in self._frames for rim in frame]
        if not seeds:
            return Finding(None, 0.0, 0.0, "no round plate rim was found in any picture")
        largest = max(rim.r_px for rim in seeds)
        chains = [_Chain.grow(seed, self._frames) for seed in seeds]
        best = max(chains, key=lambda chain: chain.score(largest))
        if best.presence < MIN_PRESENCE:
            reason = (
                f"the best plate-like circle is seen in {best.presence:.0%} of the pictures; "
                f"{MIN_PRESENCE:.0%} are needed"
            )
            return Finding(None, best.presence, best.travel_radii, reason)
        first = best.seen[0]
        moved_px = float(np.percentile(self._scene_px, 90)) if self._scene_px else 0.0
        handheld = moved_px > max(1.0, HANDHELD_RADII * best.r_px)
        prior = BarPrior(best.x_px, first.y_px, best.r_px, self._facing(best), handheld)
        return Finding(prior, best.presence, best.travel_radii, "")

    def _facing(self, chain: "_Chain") -> Facing:
        """Tell where the toes point: knees and hips move behind the bar, where the body is.

        Sums the picture's change in a band just above the plate's top edge as it lies on the floor,
        left and right of the bar, over consecutive samples, with the plate itself masked out. One
        side must have ``FACING_RATIO`` times the other's, or the answer is unknown.
        """
        tops = [rim.y_px - rim.r_px for rim in chain.seen]
        bottom = int(np.percentile(tops, 90) / self._factor)
        band = slice(max(0, int(bottom - FACING_BAND_RADII * chain.r_px / self._factor)), bottom)
        left = right = 0.0
        for i in range(len(self._thumbs) - 1):
            before, after = chain.members[i], chain.members[i + 1]
            if before is None or after is None:
                continue
            change = np.abs(self._thumbs[i + 1] - self._thumbs[i])
            change[change < MOTION_GREY] = 0.0
            for rim in (before, after):
                self._mask(change, rim)
            columns = change[band].sum(axis=0)
            x = 0.5 * (before.x_px + after.x_px) / self._factor
            reach = FACING_REACH_RADII * chain.r_px / self._factor
            left += float(columns[max(0, int(x - reach)) : max(0, int(x))].sum())
            right += float(columns[int(x) + 1 : int(x + reach) + 1].sum())
        if max(left, right) <= FACING_RATIO * min(left, right):
            return Facing.UNKNOWN
        return Facing.RIGHT if left > right else Facing.LEFT

    def _mask(self, change: FloatArray, rim: Rim) -> None:
        """Blank the plate, with a margin, in a picture of changes."""
        rows, columns = np.ogrid[: change.shape[0], : change.shape[1]]
        across, down = columns - rim.x_px / self._factor, rows - rim.y_px / self._factor
        change[across**2 + down**2 < (1.1 * rim.r_px / self._factor) ** 2] = 0.0


@dataclass(frozen=True, slots=True)
class _Chain:
    """The circles of one size and column over the sampled frames."""

    members: list[Rim | None]

    @classmethod
    def grow(cls, seed: Rim, frames: list[list[Rim]]) -> "_Chain":
        chosen: list[Rim | None] = []
        for frame in frames:
            fit = [
                rim
                for rim in frame
                if abs(rim.r_px / seed.r_px - 1.0) < RADIUS_TOLERANCE
                and abs(rim.x_px - seed.x_px) < COLUMN_RADII * seed.r_px
            ]
            chosen.append(max(fit, key=lambda rim: rim.support, default=None))
        return cls(chosen)

    @property
    def seen(self) -> list[Rim]:
        return [rim for rim in self.members if rim is not None]

    @property
    def presence(self) -> float:
        return len(self.seen) / len(self.members)

    @property
    def x_px(self) -> float:
        return float(np.median([rim.x_px for rim in self.seen]))

    @property
    def r_px(self) -> float:
        return float(np.median([rim.r_px for rim in self.seen]))

    @property
    def travel_radii(self) -> float:
        """Vertical travel without the one highest and lowest sighting, in plate radii."""
        heights = sorted(rim.y_px for rim in self.seen)
        inner = heights[1:-1] if len(heights) >= 4 else heights
        return (inner[-1] - inner[0]) / self.r_px

    def score(self, largest_px: float) -> float:
        """Presence x support x size, doubled for a plate that travels."""
        support = sum(rim.support for rim in self.seen) / len(self.members)
        lift = 1.0 + min(1.0, self.travel_radii / TRAVEL_RADII)
        return float(support * np.sqrt(self.r_px / largest_px) * lift)
