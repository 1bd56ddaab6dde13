"""A look through a recording before it is tracked, to learn which circle is the bar's plate.

One picture cannot tell the bar's plate from a plate on the wall. A recording can: the bar's plate
keeps its size and its column, is there in most pictures, and goes up and down.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from shinline.types import BarPrior, Facing, FloatArray, U8Image
from shinline.vision import plate_kernels as k
from shinline.vision.plate import (
    FOUND_SUPPORT,
    RADIUS_TOLERANCE,
    PlateFinder,
    add_support,
)
from shinline.vision.rim import Rim
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

FACING_LEAN: Final = 0.06
BODY_RADII: Final = 5.5
"""A lifter's head is about so many plate radii above the middle of a plate on the floor."""

KEEP_EVERY: Final = 3
KEEP_MOST: Final = 10
OUTER_SHARES: Final = np.arange(0.95, 1.1001, 0.005)
OUTER_MIN: Final = 0.9
"""The rim is the outermost circle that fits nine tenths as well as the best one: inside it there
may be a lip."""

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
        self._kept: dict[int, U8Image] = {}
        self._scene = SceneMotion(height, width, SCENE_REACH_PX)
        self._scene_px: list[float] = []

    def add(self, luma: U8Image) -> None:
        """Look at one sampled frame."""
        if len(self._frames) % KEEP_EVERY == 0 and len(self._kept) < KEEP_MOST:
            self._kept[len(self._frames)] = luma.copy()
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
        r_px = best.r_px * self._outer_share(best)
        prior = BarPrior(best.x_px, first.y_px, r_px, self._facing(best), handheld)
        return Finding(prior, best.presence, best.travel_radii, "")

    def _outer_share(self, chain: "_Chain") -> float:
        """Return the rim's radius over the chain's, which may follow a lip inside the rim."""
        support = np.zeros(OUTER_SHARES.size)
        for i, luma in self._kept.items():
            rim = chain.members[i]
            if rim is not None:
                add_support(luma, replace(rim, r_px=chain.r_px), OUTER_SHARES, support)
        inner = support[1:-1]
        peaks = (inner >= support[:-2]) & (inner > support[2:]) & (inner >= OUTER_MIN * inner.max())
        where = np.flatnonzero(peaks)
        return float(OUTER_SHARES[1 + where[-1]]) if where.size else 1.0

    def _facing(self, chain: "_Chain") -> Facing:
        """Tell where the toes point, from where the picture changes with the plate masked out.

        Two signs must agree, or the answer is unknown. Just above the plate as it lies on the
        floor, knees and hips move, and they are behind the bar. And over the whole body what is
        in front (the head of a bent lifter) moves higher up than what is behind (the hips).
        """
        change = self._changes(chain)
        x = chain.x_px / self._factor
        r = chain.r_px / self._factor
        floor = float(np.percentile([rim.y_px for rim in chain.seen], 90)) / self._factor
        body = change[max(0, int(floor - BODY_RADII * r)) : int(floor)]
        low = change[max(0, int(floor - (1.0 + FACING_BAND_RADII) * r)) : max(0, int(floor - r))]
        reach = FACING_REACH_RADII * r
        left = float(low[:, max(0, int(x - reach)) : max(0, int(x))].sum())
        right = float(low[:, int(x) + 1 : int(x + reach) + 1].sum())
        lean = _lean(body[:, max(0, int(x - reach)) : int(x + reach) + 1])
        if max(left, right) <= FACING_RATIO * min(left, right) or abs(lean) < FACING_LEAN:
            return Facing.UNKNOWN
        if (left > right) != (lean > 0.0):
            return Facing.UNKNOWN
        return Facing.RIGHT if left > right else Facing.LEFT

    def _changes(self, chain: "_Chain") -> FloatArray:
        """Count, for each block, between how many consecutive samples it changed."""
        total = np.zeros(self._thumbs[0].shape)
        for i in range(len(self._thumbs) - 1):
            before, after = chain.members[i], chain.members[i + 1]
            if before is None or after is None:
                continue
            change = (np.abs(self._thumbs[i + 1] - self._thumbs[i]) > MOTION_GREY).astype(float)
            for rim in (before, after):
                self._mask(change, rim)
            total += change
        return total

    def _mask(self, change: FloatArray, rim: Rim) -> None:
        """Blank the plate, with a margin, in a picture of changes."""
        rows, columns = np.ogrid[: change.shape[0], : change.shape[1]]
        across, down = columns - rim.x_px / self._factor, rows - rim.y_px / self._factor
        change[across**2 + down**2 < (1.1 * rim.r_px / self._factor) ** 2] = 0.0


def _lean(weight: FloatArray) -> float:
    """Correlation of height with position to the right, weighted, over a (H, W) map; -1 to 1."""
    total = float(weight.sum())
    if total <= 0.0:
        return 0.0
    rows, columns = np.mgrid[: weight.shape[0], : weight.shape[1]].astype(np.float64)
    across = columns - float((weight * columns).sum()) / total
    up = float((weight * rows).sum()) / total - rows
    spread = float((weight * across**2).sum()) * float((weight * up**2).sum())
    return float((weight * across * up).sum()) / np.sqrt(spread) if spread > 0.0 else 0.0


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
