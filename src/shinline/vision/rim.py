"""A plate's outline: what it is, the picture it is looked for in, and the fit to its edges."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from shinline.types import FloatArray, U8Image
from shinline.vision import plate_kernels as k

FIT_GATES: Final = (1.0, 0.6, 0.35, 0.25, 0.25)
"""The band shrinks while the outline settles."""


@dataclass(frozen=True, slots=True)
class Rim:
    """A fitted outline in full-size pixels."""

    x_px: float
    y_px: float
    r_px: float
    c2_px: float
    s2_px: float
    support: float
    residual_px: float
    contrast: float
    var_x_px2: float
    var_y_px2: float
    cov_xy_px2: float

    @property
    def axis_ratio(self) -> float:
        """Minor over major half-axis of the second-harmonic outline."""
        bulge = float(np.hypot(self.c2_px, self.s2_px))
        return (self.r_px - bulge) / (self.r_px + bulge)


class Level:
    """A decimated copy of a frame, or of a part of it, with its gradient; buffers are kept."""

    def __init__(self, rows: int, columns: int, factor: int) -> None:
        self.factor = factor
        self._image = np.zeros((rows, columns))
        self._gx = np.zeros((rows, columns))
        self._gy = np.zeros((rows, columns))
        self.image, self.gx, self.gy = self._image, self._gx, self._gy
        self._left_px = self._top_px = 0

    def load(self, luma: U8Image, soft: float | None = None) -> float:
        """Decimate ``luma`` and take its gradient; return the soft level that was used."""
        return self.load_part(luma, 0, 0, luma.shape[1], luma.shape[0], soft)

    def load_part(
        self, luma: U8Image, left: int, top: int, right: int, bottom: int, soft: float | None
    ) -> float:
        """The same for the part [top:bottom, left:right], which must fit the buffers."""
        f = self.factor
        rows = min((bottom - top) // f, self._image.shape[0])
        columns = min((right - left) // f, self._image.shape[1])
        self.image = self._image[:rows, :columns]
        self.gx, self.gy = self._gx[:rows, :columns], self._gy[:rows, :columns]
        self._left_px, self._top_px = left, top
        k.box_decimate(luma[top:bottom, left:right], f, self.image)
        level = soft if soft is not None else soft_level(self.image)
        k.gradient(self.image, level, self.gx, self.gy)
        return level

    def fits(self, side: int) -> bool:
        """Tell whether a square part of ``side`` level pixels fits the buffers."""
        return side <= min(self._image.shape)

    def full_x(self, x: float) -> float:
        """Map a column of this level to full-size pixels (centres, not corners)."""
        return self._left_px + x * self.factor + 0.5 * (self.factor - 1)

    def full_y(self, y: float) -> float:
        """Map a row of this level to full-size pixels."""
        return self._top_px + y * self.factor + 0.5 * (self.factor - 1)

    def level_x(self, x_px: float) -> float:
        """Map a full-size column to this level."""
        return (x_px - self._left_px - 0.5 * (self.factor - 1)) / self.factor

    def level_y(self, y_px: float) -> float:
        """Map a full-size row to this level."""
        return (y_px - self._top_px - 0.5 * (self.factor - 1)) / self.factor

    def support(self, rim: Rim) -> float:
        """Return how well the gradient crosses an outline, 0 to 1."""
        return float(
            k.circle_support(
                self.gx,
                self.gy,
                self.level_x(rim.x_px),
                self.level_y(rim.y_px),
                (rim.r_px + rim.c2_px) / self.factor,
                (rim.r_px - rim.c2_px) / (rim.r_px + rim.c2_px),
            )
        )


def soft_level(image: FloatArray) -> float:
    """Return the gradient magnitude that counts half: twice the picture's typical step.

    The typical step is the median absolute difference between neighbours along rows, so it rises
    with noise and texture; never below 1.5 grey levels, the steps of compression.
    """
    steps = np.abs(image[:, 1:] - image[:, :-1])
    return max(1.5, 2.0 * float(np.median(steps)))


class RimFitter:
    """Fit an outline to the edges of the full-size frame; owns its scratch."""

    def __init__(self) -> None:
        self._edges = np.zeros((k.RAYS, k.EDGES_PER_RAY, 2))
        self._profile = np.zeros(512)
        self._a = np.zeros((5, 5))
        self._b = np.zeros(5)
        self._row = np.zeros(5)
        self._report = np.zeros(6)

    def refine(
        self,
        luma: U8Image,
        start: FloatArray,
        band_share: float,
        anchor: FloatArray | None = None,
        stiffness: float = 0.0,
    ) -> Rim | None:
        """Fit from ``start`` (cx, cy, r, c2, s2 px) within ``band_share`` of its radius.

        The shape is held near ``anchor`` (round by default) with the weight of 30 rays, the
        radius with that of ``stiffness`` rays. None when less than a quarter of the rays agree.
        """
        outline = start.copy()
        pull = np.array([0.0, 0.0, stiffness, 30.0, 30.0])
        target = start if anchor is None else anchor
        for share in FIT_GATES:
            gate = max(1.5, share * band_share * outline[2])
            k.ray_edges(luma, outline, gate + 2.0, 4.0, self._profile, self._edges)
            done = k.fit_rim(
                self._edges, outline, gate, pull, target, self._a, self._b, self._row, self._report
            )
            if not done or not np.isfinite(outline).all() or outline[2] < 3.0:
                return None
        return self._rim(outline)

    def _rim(self, outline: FloatArray) -> Rim:
        support, residual, contrast, var_x, var_y, cov = (float(v) for v in self._report)
        x, y, r, c2, s2 = (float(v) for v in outline)
        return Rim(x, y, r, c2, s2, support, residual, contrast, var_x, var_y, cov)
