"""Find and follow the printed ring targets, and tell whose target it is.

A target that was predicted is measured where it was predicted; if it is not there, it is searched
within its window; a bar that is still missing is searched over the whole picture, body markers
every ``BODY_EVERY`` frames only. What a target must look like is the table ``LIMITS``: shares of
the measured contrast and radius, so that exposure and size do not matter.
"""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shinline.geometry.target import INNER_RATIO
from shinline.types import DETECTION, WINDOW, FloatArray, Role, Rows, U8Image
from shinline.vision import ring_kernels as k

PRINTED: Final = (Role.BAR, Role.HIP, Role.SHOULDER)

BODY_EVERY: Final = 8
"""A body marker without a window is looked for in one frame of this many."""

SHORTEST_FOCAL: Final = 0.7
"""Focal length / longer side of the picture, at least: the main camera of a phone (26 mm)."""

LARGEST_RADIUS_PX: Final = 130.0

MOST_PLACES: Final = 512
MOST_GUESSES: Final = 64

SMALLEST_RADIUS_PX: Final = 6.5
"""Below, a grey disc in a hole cannot be told from a white one that the lens has blurred."""

LIMITS: Final = (
    (k.R, SMALLEST_RADIUS_PX, LARGEST_RADIUS_PX),
    (k.AXIS_RATIO, 0.70, 1.0),  # 45 degrees of tilt; beyond, the edge is no longer trustworthy
    (k.QUALITY, 0.85, 1.0),
    (k.RESIDUAL, 0.0, 0.15),
    (k.CORE, 0.0, 1.20),  # the centre is no brighter than the paper: no lamp, no metal
    (k.PAPER_LOW, 0.75, 2.0),  # paper all around: a hub on a plate has a dark side
    (k.PAPER_END, 0.50, 2.0),  # and enough of it: no bright hub of its own
    (k.BLACK_HIGH, -1.0, 0.50),  # a closed ring
)
"""What every target satisfies: (column of a measurement, from, to)."""

CONTRAST_PER_NOISE: Final = 5.0
"""Contrast in units of the noise's standard deviation, which counts as 1 grey level at least."""


class _Inner(NamedTuple):
    """What the white inner disc of a role's target looks like when it moves by a quarter D."""

    core: float  # its centre is at least this bright: 0 black, 1 paper
    spread: float  # its mean e^2 is at most this much more than a sharp disc's


INNER: Final = {
    Role.BAR: _Inner(core=0.75, spread=0.06),
    Role.HIP: _Inner(core=0.75, spread=0.06),
    Role.SHOULDER: _Inner(core=0.55, spread=0.12),
}
"""A grey disc that fills the same area as a white one has a darker core and a wider spread."""


def _offsets(d_px: float) -> NDArray[np.int64]:
    """Return the (dy, dx) of eight places on the black ring of every role, then on the paper."""
    turn = np.arange(8) * (math.pi / 4.0)
    rings = [0.405 * d_px, 0.64 * d_px]
    places = [np.stack([r * np.sin(turn), r * np.cos(turn)], axis=1) for r in rings]
    offsets: NDArray[np.int64] = np.rint(np.concatenate(places)).astype(np.int64)
    return offsets


def _sizes(first: float, last: float) -> FloatArray:
    """Return target diameters in pixels of a level, each 15 % above the one before."""
    count = math.ceil(math.log(last / first) / math.log(1.15)) + 1
    return np.asarray(np.geomspace(first, last, count))


LEVELS: Final = ((1, _sizes(11.0, 26.0)), (2, _sizes(11.0, 26.0)), (4, _sizes(11.0, 52.0)))
"""(reduction, diameters in the reduced picture's pixels): D from 11 to 208 px.

No target is looked for at less than 11 pixels: there, places rounded to whole pixels miss the
narrow ring of a tilted and moving target, wherever its centre falls.
"""


class _Finder:
    """Searches a picture of one size, or a part of it; owns the memory that takes."""

    def __init__(self, height: int, width: int) -> None:
        area = max(1, height * width)
        self._levels = [np.zeros(max(1, area // step**2), np.uint8) for step, _ in LEVELS]
        self._best = np.zeros(area, np.uint8)
        self._which = np.zeros(area, np.uint8)
        self._row = np.zeros((2, max(1, width)), np.uint8)
        self._histogram = np.zeros(256, np.int64)
        self._places = np.zeros((MOST_PLACES, 2), np.int64)
        self._offsets = [[_offsets(d) for d in sizes] for _, sizes in LEVELS]
        self._radii = [0.5 * sizes for _, sizes in LEVELS]
        self.guesses = np.zeros((len(LEVELS) * MOST_GUESSES, 5))
        self.scratch = _scratch()
        self.focal_px = SHORTEST_FOCAL * max(height, width)

    def search(
        self, luma: U8Image, part: tuple[int, int, int, int], r_px: tuple[float, float]
    ) -> int:
        """Fill ``guesses`` (x, y, p, q, s) from the part (x0, y0, x1, y1); return how many.

        ``r_px`` bounds the radius looked for.
        """
        x0, y0, x1, y1 = part
        image = luma
        if (y1 - y0, x1 - x0) != luma.shape:
            image = self._view(self._levels[0], y1 - y0, x1 - x0)
            image[:] = luma[y0:y1, x0:x1]
        found = 0
        for level, (step, _) in enumerate(LEVELS):
            if step > 1:
                half = self._view(self._levels[level], image.shape[0] // 2, image.shape[1] // 2)
                k.halve(image, half)
                image = half
            rows = self._search_level(level, image, r_px, self.guesses[found:][:MOST_GUESSES])
            rows[:, :2] = (rows[:, :2] + 0.5) * step - 0.5 + (x0, y0)
            rows[:, 2:] /= step * step
            found += len(rows)
        return found

    def _search_level(
        self, level: int, image: U8Image, r_px: tuple[float, float], out: FloatArray
    ) -> FloatArray:
        """Return the rows of ``out`` that were filled, in pixels of this level."""
        radii = self._radii[level]
        seen = radii * LEVELS[level][0]
        wanted = np.flatnonzero((seen >= r_px[0]) & (seen <= r_px[1]))
        if not len(wanted):
            return out[:0]
        best = self._view(self._best, *image.shape)
        which = self._view(self._which, *image.shape)
        best[:] = 0
        for scale in wanted:
            offsets = self._offsets[level][scale]
            k.ring_score(image, offsets, int(scale), self._row[0], self._row[1], best, which)
        count = k.peaks(best, self._histogram, self._places)
        return out[: k.screen(image, self._places, count, which, radii, self.scratch, out)]

    @staticmethod
    def _view(memory: U8Image, height: int, width: int) -> U8Image:
        """Return the first bytes as a contiguous picture."""
        return memory[: height * width].reshape(height, width)


def _scratch() -> k.Scratch:
    """Return memory for targets up to ``LARGEST_RADIUS_PX``."""
    side = 2 * math.ceil(k.E_SCAN_TO * LARGEST_RADIUS_PX) + 12
    shapes = k.SCRATCH_SHAPES | {"rows": (side + 3, side), "patch": (side, side)}
    return k.Scratch(**{name: np.zeros(shape) for name, shape in shapes.items()})


class RingDetector:
    """Detector of ring targets: at most one row for each role asked for.

    Parameters
    ----------
    roles
        Whose targets are looked for; each needs a printed target.
    max_markers
        At most this many rows are written, in the order of ``roles``.

    The centre is that of the disc, seen in perspective; its covariance follows from the noise
    that was measured. ``residual`` is 1 - the correlation of opposite pixels, ``quality`` the
    share of 64 rays on which the edge is where the ellipse says. A target must be in view with
    its paper (1.42 radii and 5 px around the centre); what is cut off is not reported.

    A row lies when two targets overlap, or when something covers one side of a target to less
    than the limits allow: its centre is then drawn toward the open side.
    """

    def __init__(self, roles: tuple[Role, ...] = PRINTED, max_markers: int = 8) -> None:
        unknown = [role for role in roles if role not in INNER_RATIO]
        if unknown:
            raise ValueError(f"no printed target for {', '.join(r.name for r in unknown)}")
        self._roles = tuple(dict.fromkeys(roles))
        self._max_markers = max_markers
        self._size = (-1, -1)
        self._since_look = BODY_EVERY
        self._measured = np.zeros(k.COLUMNS)
        self._guess = np.zeros(5)
        self._claims = np.zeros((len(Role), k.COLUMNS))
        self._scores = np.zeros(len(Role))

    def detect(self, luma: U8Image, t_ns: int, windows: Rows, out: Rows) -> int:
        """Write one DETECTION row for each target seen and return how many.

        Raises
        ------
        ValueError
            ``luma`` is not a two-dimensional uint8 array.
        """
        image = self._admit(luma)
        self._scores[:] = 0.0
        for window in windows:
            self._follow(image, window)
        if self._must_look():
            self._look(image)
        return self._write(t_ns, out)

    def _admit(self, luma: U8Image) -> U8Image:
        """Return the picture as the kernels were compiled for: contiguous and writable."""
        if luma.ndim != 2 or luma.dtype != np.uint8:
            raise ValueError(f"luma must be (H, W) uint8, not {luma.shape} {luma.dtype}")
        if luma.shape != self._size:
            self._size = luma.shape
            self._finder = _Finder(*luma.shape)
            self._copy = np.zeros(luma.shape, np.uint8)
            self._since_look = BODY_EVERY
        if luma.flags.carray:
            return luma
        self._copy[:] = luma
        return self._copy

    def _missing(self, role: int) -> bool:
        """Tell whether a role is wanted and not yet found in this frame."""
        return role in self._roles and self._scores[role] == 0.0

    def _must_look(self) -> bool:
        """Decide whether this frame is searched as a whole."""
        self._since_look += 1
        if self._missing(Role.BAR):
            return True
        due = self._since_look >= BODY_EVERY
        return due and any(self._missing(role) for role in self._roles)

    def _look(self, image: U8Image) -> None:
        """Search the whole picture for whatever is missing."""
        self._since_look = 0
        missing = [role for role in self._roles if self._missing(role)]
        part = (0, 0, image.shape[1], image.shape[0])
        self._claim(image, self._finder.search(image, part, (0.0, math.inf)), missing)

    def _follow(self, image: U8Image, window: np.void) -> None:
        """Measure at the prediction; search the window when nothing is there."""
        role, x, y, r, reach = window.item()
        if not self._missing(role) or not all(map(math.isfinite, (x, y, r, reach))):
            return
        if r < 1.0 or reach < 0.0:
            return
        scratch = self._finder.scratch
        found = k.locate(image, x, y, r, scratch, self._guess) and self._measure(image, self._guess)
        if found and self._near(x, y, r, reach):
            self._offer(self._measured, [Role(role)])
        if self._missing(role):
            self._search_window(image, (x, y, r, reach), Role(role))

    def _near(self, x: float, y: float, r: float, reach: float) -> bool:
        """Tell whether the measurement is the target that was predicted."""
        row = self._measured
        close = math.hypot(row[k.X] - x, row[k.Y] - y) <= reach
        return bool(close and 0.7 * r <= row[k.R] <= 1.4 * r)

    def _search_window(
        self, image: U8Image, window: tuple[float, float, float, float], role: Role
    ) -> None:
        """Search the square that holds every target the window allows."""
        x, y, r, reach = window
        half = reach + 1.5 * 1.2 * r + 8.0
        height, width = image.shape
        x0, x1 = (int(min(max(edge, 0.0), width)) for edge in (x - half, x + half))
        y0, y1 = (int(min(max(edge, 0.0), height)) for edge in (y - half, y + half))
        count = self._finder.search(image, (x0, y0, x1, y1), (0.75 * r, 1.35 * r))
        self._claim(image, count, [role], window)

    def _claim(
        self,
        image: U8Image,
        count: int,
        roles: list[Role],
        window: tuple[float, float, float, float] | None = None,
    ) -> None:
        """Measure the guesses and let each claim its role."""
        for guess in _distinct(self._finder.guesses[:count]):
            if self._measure(image, guess) and (window is None or self._near(*window)):
                self._offer(self._measured, roles)

    def _measure(self, image: U8Image, guess: FloatArray) -> bool:
        """Fill ``_measured``; False when the kernel gives up or a limit is broken."""
        row = self._measured
        if not k.measure(image, guess, self._finder.focal_px, self._finder.scratch, row):
            return False
        loud = row[k.CONTRAST] >= CONTRAST_PER_NOISE * max(row[k.NOISE], 1.0)
        return bool(loud and all(low <= row[column] <= high for column, low, high in LIMITS))

    def _offer(self, row: FloatArray, roles: list[Role]) -> None:
        """Give the measurement to the role of its ratio unless that has a better one."""
        role = classify(row)
        if role is None or role not in roles:
            return
        match = 1.0 - abs(row[k.RATIO] - INNER_RATIO[role]) / (2.0 * ratio_reach(row[k.R]))
        score = row[k.CONTRAST] * match * row[k.QUALITY] * row[k.AXIS_RATIO]
        if score > self._scores[role]:
            self._scores[role] = score
            self._claims[role] = row

    def _write(self, t_ns: int, out: Rows) -> int:
        """Copy the claims into DETECTION rows."""
        seen = [role for role in self._roles if self._scores[role] > 0.0]
        seen = seen[: min(len(out), self._max_markers)]
        for i, role in enumerate(seen):
            row = self._claims[role]
            out[i] = (
                t_ns, role, row[k.X], row[k.Y], row[k.VAR_X], row[k.VAR_Y], row[k.COV_XY],
                row[k.R], row[k.AXIS_RATIO], row[k.CONTRAST], row[k.RESIDUAL], row[k.QUALITY],
            )  # fmt: skip
        return len(seen)


def ratio_reach(r_px: float) -> float:
    """Return how far a measured diameter ratio may be from its class: pixels cost small targets.

    Below half-way to the next class down to the smallest target.
    """
    return 0.03 + 0.2 / r_px


def classify(row: FloatArray) -> Role | None:
    """Return whose target was measured, None where the inner disc is nobody's."""
    role = min(INNER_RATIO, key=lambda each: abs(INNER_RATIO[each] - row[k.RATIO]))
    near = abs(INNER_RATIO[role] - row[k.RATIO]) <= ratio_reach(row[k.R])
    solid = row[k.CORE] >= INNER[role].core and row[k.SPREAD] <= INNER[role].spread
    return role if near and solid else None


def detect_image(luma: U8Image, roles: tuple[Role, ...] = PRINTED) -> Rows:
    """Search one picture for targets; return DETECTION rows, ``t_ns`` 0.

    Raises
    ------
    ValueError
        ``luma`` is not a two-dimensional uint8 array.
    """
    out = np.zeros(len(Role), DETECTION)
    count = RingDetector(roles).detect(luma, 0, np.zeros(0, WINDOW), out)
    return out[:count]


def _distinct(guesses: FloatArray) -> list[FloatArray]:
    """Return the guesses without those that repeat an earlier one."""
    kept: list[FloatArray] = []
    for guess in guesses:
        r = 1.0 / math.sqrt(guess[2])
        if all(
            math.hypot(guess[0] - other[0], guess[1] - other[1]) > 0.1 * r + 1.0
            or abs(guess[2] / other[2] - 1.0) > 0.3
            for other in kept
        ):
            kept.append(guess)
    return kept
