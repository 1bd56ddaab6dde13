"""The plate's own round rim as the marker: found anywhere, followed by its outline.

Works on luma alone. A plate is accepted on the share of its outline that carries an edge across
the radius, not on colour or darkness, because the next clip's plate has another colour.

When it lies: a plate seen from more than about 25 degrees off the bar's axis, a plate of which
less than half the outline is in the picture or uncovered, and a larger circle concentric with the
rim (a disc behind the plate). Its quality falls in all three.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from shinline.types import BarPrior, FloatArray, Role, Rows, U8Image
from shinline.vision import plate_kernels as k
from shinline.vision.rim import Level, Rim, RimFitter
from shinline.vision.steady import SceneMotion

SURVEY_SIDE_PX: Final = 256
"""The longer side of the picture in which plates are looked for."""

TRACK_RADIUS_PX: Final = 30.0
"""A known plate is searched at the decimation that brings its radius near this."""

MIN_RADIUS_SHARE: Final = 0.035
MAX_RADIUS_SHARE: Final = 0.30
"""Plate radius as a share of the picture's longer side: a lifter fits, a plate is not a dot."""

EDGE_FLOOR: Final = 0.35
"""An edge pixel votes when its gradient is at least 0.54 of the soft level."""

RADIUS_TOLERANCE: Final = 0.10
"""A plate of known size looks up to so much larger or smaller as it comes nearer or tilts."""

FOUND_SUPPORT: Final = 0.45
LOST_SUPPORT: Final = 0.30
"""Mean radial alignment of the gradient: chance circles in gym pictures stay below 0.3."""

MAX_REACH_SHARE: Final = 0.6
LEARNING_RATE: Final = 0.05
SETTLING_FITS: Final = 12
FOLLOW_BAND: Final = 0.10
FOLLOW_STIFFNESS: Final = 20.0
SMALLEST_SIDE_PX: Final = 64


def add_support(luma: U8Image, rim: Rim, shares: FloatArray, support: FloatArray) -> None:
    """Add to ``support`` how well circles of ``shares`` of the rim's radius fit around it."""
    factor = max(1, round(rim.r_px / (2.0 * TRACK_RADIUS_PX)))
    level = Level(luma.shape[0] // factor, luma.shape[1] // factor, factor)
    level.load(luma)
    for i, share in enumerate(shares):
        support[i] += level.support(replace(rim, r_px=rim.r_px * float(share)))


class PlateFinder:
    """Find plate-like circles anywhere in pictures of one size.

    ``r_px`` narrows the search to one radius within ``RADIUS_TOLERANCE``.
    """

    def __init__(self, height: int, width: int, r_px: float | None = None) -> None:
        side = max(height, width)
        factor = max(1, round(side / SURVEY_SIDE_PX))
        low, high = MIN_RADIUS_SHARE * side, MAX_RADIUS_SHARE * side
        if r_px is not None:
            factor = max(1, round(r_px / TRACK_RADIUS_PX))
            low, high = r_px * (1.0 - RADIUS_TOLERANCE), r_px * (1.0 + RADIUS_TOLERANCE)
        self._level = Level(height // factor, width // factor, factor)
        count = int(np.ceil(np.log(high / low) / np.log(1.04))) + 1
        self._radii = np.geomspace(low / factor, high / factor, count)
        self._votes = np.zeros((count, height // factor, width // factor))
        self._scratch = np.zeros(self._votes.shape[1:])
        self._fitter = RimFitter()

    def candidates(self, luma: U8Image, most: int) -> list[Rim]:
        """Return up to ``most`` outlines, best supported first."""
        self._level.load(luma)
        k.vote_circles(self._level.gx, self._level.gy, EDGE_FLOOR, self._radii, self._votes)
        for radius, layer in zip(self._radii, self._votes, strict=True):
            k.smooth_votes(layer, self._scratch)
            layer *= np.sqrt(radius)  # chance votes fall as the root of the outline's length
        found: list[Rim] = []
        for x, y, r in self._peaks(2 * most):
            start = np.array([self._level.full_x(x), self._level.full_y(y), r, 0.0, 0.0])
            rim = self._fitter.refine(luma, start, 0.12)
            if rim is not None and not any(_same(rim, other) for other in found):
                found.append(replace(rim, support=self._level.support(rim)))
        return sorted(found, key=lambda rim: -rim.support)[:most]

    def _peaks(self, most: int) -> list[tuple[float, float, float]]:
        """Return the strongest separate maxima of the votes: x, y on the level, r full size."""
        votes = self._votes
        peaks = []
        for _ in range(most):
            layer, i, j = (int(v) for v in np.unravel_index(int(np.argmax(votes)), votes.shape))
            if votes[layer, i, j] <= 0.0:
                break
            r = float(self._radii[layer])
            peaks.append((float(j), float(i), r * self._level.factor))
            near = max(2, int(0.25 * r))
            rows = slice(max(0, i - near), i + near + 1)
            columns = slice(max(0, j - near), j + near + 1)
            votes[max(0, layer - 2) : layer + 3, rows, columns] = 0.0
        return peaks


def _same(one: Rim, other: Rim) -> bool:
    reach = 0.2 * min(one.r_px, other.r_px)
    return (
        abs(one.x_px - other.x_px) < reach
        and abs(one.y_px - other.y_px) < reach
        and abs(one.r_px - other.r_px) < 0.5 * reach
    )


class PlateDetector:
    """Follow one plate (:class:`~shinline.types.Detector`).

    Without a window it looks everywhere: for the best-supported large circle, or, when ``prior``
    tells the radius and place, for that plate. The shape of the outline is learnt slowly, so that
    a hand or a leg across it for some frames does not bend it.
    """

    def __init__(self, prior: BarPrior | None = None) -> None:
        self._prior = prior
        self._finder: PlateFinder | None = None
        self._size: tuple[int, int] = (0, 0)
        self._level: Level | None = None
        self._fitter = RimFitter()
        self._shape = np.zeros(3)  # r, c2, s2 of the plate being followed
        self._best = np.zeros(4)
        self._scene: SceneMotion | None = None

    def detect(self, luma: U8Image, t_ns: int, windows: Rows, out: Rows) -> int:
        """Write the plate's row, if it is seen; see :class:`~shinline.types.Detector`."""
        if luma.dtype != np.uint8 or luma.ndim != 2:
            raise ValueError(f"luma: expected a (H, W) uint8 array, got {luma.dtype} {luma.shape}")
        if min(luma.shape) < SMALLEST_SIDE_PX:
            return 0
        window = next((w for w in windows if w["role"] == Role.BAR), None)
        rim = self._acquire(luma) if window is None else self._follow(luma, window)
        count = 0
        if rim is not None:
            _write(out[0], t_ns, rim)
            count = 1
        if self._prior is not None and self._prior.handheld:
            count += self._write_scene(out[count], luma, t_ns, rim or self._prior)
        return count

    def _write_scene(self, row: np.void, luma: U8Image, t_ns: int, bar: Rim | BarPrior) -> int:
        """Measure how far the room has moved where the bar is; 1 when a row was written."""
        if self._scene is None:
            self._scene = SceneMotion(luma.shape[0], luma.shape[1])
        moved = self._scene.update(luma, bar.x_px, bar.y_px)
        if moved is None:
            return 0
        row["t_ns"], row["role"], row["quality"] = t_ns, Role.SCENE, 1.0
        row["x_px"], row["y_px"] = moved
        return 1

    def _acquire(self, luma: U8Image) -> Rim | None:
        if luma.shape != self._size or self._finder is None:
            self._size = (luma.shape[0], luma.shape[1])
            r_px = self._prior.r_px if self._prior else None
            self._finder = PlateFinder(*self._size, r_px)
        found = self._finder.candidates(luma, 8)
        rim = pick(found, self._prior)
        if rim is not None and self._prior is not None:
            rim = self._at_radius(luma, rim, self._prior.r_px) or rim
        if rim is not None:
            rim = self._settled(luma, rim)
            self._shape[:] = rim.r_px, rim.c2_px, rim.s2_px
            self._level = None
        return rim

    def _settled(self, luma: U8Image, rim: Rim) -> Rim:
        """Fit as when following, until nothing moves: or the plate would seem to creep at first."""
        for _ in range(SETTLING_FITS):
            start = np.array([rim.x_px, rim.y_px, rim.r_px, rim.c2_px, rim.s2_px])
            better = self._fitter.refine(luma, start, FOLLOW_BAND, start, FOLLOW_STIFFNESS)
            if better is None:
                break
            rim = replace(better, support=rim.support)
        return rim

    def _at_radius(self, luma: U8Image, rim: Rim, r_px: float) -> Rim | None:
        """Fit again at the plate's known radius: a lip inside the rim may have won."""
        start = np.array([rim.x_px, rim.y_px, r_px, 0.0, 0.0])
        known = self._fitter.refine(luma, start, 0.05, start, 20.0)
        return None if known is None else replace(known, support=rim.support)

    def _follow(self, luma: U8Image, window: np.void) -> Rim | None:
        r = float(self._shape[0])
        x, y, reach = float(window["x_px"]), float(window["y_px"]), float(window["reach_px"])
        if not (np.isfinite(x) and np.isfinite(y) and np.isfinite(reach)) or r <= 0.0:
            return None
        reach = min(max(reach, 0.1 * r), MAX_REACH_SHARE * r)
        level = self._look(luma, x, y, r, reach)
        if level is None:
            return None
        f = level.factor
        k.score_offsets(
            level.gx,
            level.gy,
            level.level_x(x),
            level.level_y(y),
            r / f,
            int(reach / f) + 1,
            self._best,
        )
        if self._best[3] < LOST_SUPPORT:
            return None
        anchor = np.array([0.0, 0.0, *self._shape])
        start = np.array(
            [
                level.full_x(self._best[0]),
                level.full_y(self._best[1]),
                self._best[2] * f,
                *self._shape[1:],
            ]
        )
        rim = self._fitter.refine(luma, start, FOLLOW_BAND, anchor, FOLLOW_STIFFNESS)
        if rim is None or not 0.85 < rim.r_px / r < 1.15:
            return None
        rim = replace(rim, support=level.support(rim))
        if rim.support < LOST_SUPPORT:
            return None
        self._shape += LEARNING_RATE * (np.array([rim.r_px, rim.c2_px, rim.s2_px]) - self._shape)
        return rim

    def _look(self, luma: U8Image, x: float, y: float, r: float, reach: float) -> Level | None:
        """Load the part of the frame in which the plate can be; None when it is outside."""
        factor = max(1, round(r / TRACK_RADIUS_PX))
        half = 1.15 * r + reach + 3 * factor
        size = int(2.0 * half / factor) + 2
        if self._level is None or self._level.factor != factor or not self._level.fits(size):
            self._level = Level(2 * size, 2 * size, factor)
        left, top = max(0, int(x - half)), max(0, int(y - half))
        right, bottom = min(luma.shape[1], int(x + half)), min(luma.shape[0], int(y + half))
        if right - left < 8 * factor or bottom - top < 8 * factor:
            return None
        self._level.load_part(luma, left, top, right, bottom, None)
        return self._level


def pick(found: list[Rim], prior: BarPrior | None) -> Rim | None:
    """Choose the bar's plate among outlines of one frame.

    With a prior: the best supported within ``RADIUS_TOLERANCE`` of its radius and three radii of
    its column (a bar goes up and down). Without: support times the root of the size, because
    the bar's plate is nearer to the camera than what hangs on the wall.
    """
    fit = [rim for rim in found if rim.support >= FOUND_SUPPORT]
    if prior is not None:
        fit = [
            rim
            for rim in fit
            if abs(rim.r_px / prior.r_px - 1.0) <= RADIUS_TOLERANCE
            and abs(rim.x_px - prior.x_px) <= 3.0 * prior.r_px
        ]
        return max(fit, key=lambda rim: rim.support, default=None)
    return max(fit, key=lambda rim: rim.support * np.sqrt(rim.r_px), default=None)


def _write(row: np.void, t_ns: int, rim: Rim) -> None:
    row["t_ns"], row["role"] = t_ns, Role.BAR
    row["x_px"], row["y_px"], row["r_px"] = rim.x_px, rim.y_px, rim.r_px
    row["var_x_px2"], row["var_y_px2"] = rim.var_x_px2, rim.var_y_px2
    row["cov_xy_px2"] = rim.cov_xy_px2
    row["axis_ratio"], row["contrast"] = rim.axis_ratio, rim.contrast
    row["residual"], row["quality"] = rim.residual_px, rim.support
