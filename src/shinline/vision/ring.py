"""Find and follow the printed ring targets, and tell whose target it is.

A target that was predicted is measured where it was predicted; if it is not there, it is searched
within its window; a bar that is still missing is searched over the whole picture at once, body
markers now and then. What a target must look like is in ``ring_kernels.printed``: shares of the
measured contrast, widened by the measured noise and movement, so that exposure, size and camera
do not matter.
"""

from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from shinline.geometry.target import INNER_RATIO
from shinline.types import DETECTION, MARKERS, WINDOW, Role, Rows, U8Image
from shinline.vision import ring_kernels as k

T = TypeVar("T", bound=np.generic)

CACHE_LINE: Final = 64

PRINTED: Final = tuple(role for role in MARKERS if role in INNER_RATIO)

BODY_EVERY: Final = (8, 64)
"""Body markers without a window are looked for in one frame of 8, ever more seldom down to one
of 64 while none turns up."""

SHORTEST_FOCAL: Final = 0.7
"""Focal length / longer side of the picture, at least: the main camera of a phone (26 mm)."""

SMALLEST_D_PX: Final = 11.0


class RingDetector:
    """Detector of ring targets: several rows for the bar's where there are several, else one each.

    Parameters
    ----------
    roles
        Whose targets are looked for; each needs a printed target.
    max_markers
        At most this many rows are written: bars first, the best first, then roles in their order.
    smallest_d_px
        No search for discs of a smaller diameter; above 23 a search takes half the time.
    row_ns
        Readout time of one sensor row; rows are stamped by the marker's height in the picture,
        the frame's time being that of its middle row. 0 for a global shutter.

    The centre is that of the disc, seen in perspective; its covariance follows from the noise
    that was measured. ``residual`` is 1 - the correlation of opposite pixels; where something
    lies across a target that is followed, the edge that can be seen is measured alone, and it is
    1 - ``quality``. ``quality`` is the share of 32 rays that are black, then white, with the edge
    where the ellipse says: it falls with glare and with whatever covers the target, and is at most
    0.9 where the paper is saturated. A target must be in view with its paper (1.42 radii and 3 px
    around the centre); what is cut off is not reported.

    A row lies when two targets overlap; and, by up to a quarter pixel, beside its own covariance,
    when something as dark as the ring or as bright as paper covers a sliver of it.
    """

    def __init__(
        self,
        roles: tuple[Role, ...] = PRINTED,
        max_markers: int = 8,
        smallest_d_px: float = SMALLEST_D_PX,
        row_ns: float = 0.0,
    ) -> None:
        unknown = [role for role in roles if role not in INNER_RATIO]
        if unknown:
            raise ValueError(f"no printed target for {', '.join(r.name for r in unknown)}")
        self._shape = (-1, -1)
        self._wait = BODY_EVERY[0]
        self._since_look = self._wait
        self.searched = False  # whether the last picture was searched beyond the windows
        self._best_count = 0
        self._singles = _aligned(k.SINGLES, np.float32)
        self._singles[4 * k.PATCH :][: k.ACROSS] = np.arange(k.ACROSS)  # the ramp
        self._doubles = np.zeros(k.DOUBLES)
        self._doubles[k.SMALLEST_D], self._doubles[k.ROW_NS] = smallest_d_px, row_ns
        self._doubles[k.MOST] = max_markers
        self._integers = np.zeros(k.INTEGERS, np.int64)
        self._pixels = np.zeros(0, np.uint8)
        for role in MARKERS:
            row = self._doubles[k.SETTINGS + role * k.ROLE_COLUMNS :]
            row[k.WANTED], row[k.INNER] = role in roles, INNER_RATIO[role]

    def detect(self, luma: U8Image, t_ns: int, windows: Rows, out: Rows) -> int:
        """Write one DETECTION row for each target seen and return how many.

        Raises
        ------
        ValueError
            ``luma`` is not a two-dimensional uint8 array.
        """
        if luma.shape != self._shape or luma.dtype != np.uint8:
            self._resize(luma)
        if not luma.flags.carray:  # padded rows, or a picture that must not be written to
            self._copy[:] = luma
            luma = self._copy
        self._since_look += 1
        due = self._since_look >= self._wait
        count, looked = k.look(
            luma, t_ns, k.LOOK_FOR_ANY if due else k.LOOK_FOR_BAR, windows, out,
            self._singles, self._doubles, self._integers, self._pixels,
        )  # fmt: skip
        self.searched = bool(looked) or due
        if self.searched:
            self._pace(count)
        return int(count)

    def work(self) -> k.Work:
        """Return the kernels' memory, to look into what was seen in the last picture."""
        return k.carve(self._singles, self._doubles, self._integers, self._pixels)

    def _pace(self, count: int) -> None:
        """Wait longer until the next look when this one brought nothing new."""
        self._since_look = 0
        self._wait = (
            BODY_EVERY[0] if count > self._best_count else min(2 * self._wait, BODY_EVERY[1])
        )
        self._best_count = count

    def _resize(self, luma: U8Image) -> None:
        """Make memory for pictures of another size."""
        if luma.ndim != 2 or luma.dtype != np.uint8:
            raise ValueError(f"luma must be (H, W) uint8, not {luma.shape} {luma.dtype}")
        self._shape = luma.shape
        self._wait = BODY_EVERY[0]
        self._since_look = self._wait
        self._copy = np.zeros(luma.shape, np.uint8)
        self._doubles[k.FOCAL_PX] = SHORTEST_FOCAL * max(luma.shape)
        height, width = luma.shape
        strides = [_stride(width, level) for level in range(k.LEVELS)]
        levels = self._integers[: k.LEVELS * k.LEVEL_COLUMNS].reshape(k.LEVELS, -1)
        levels[:] = 0
        levels[:, k.LEVEL_WIDEST] = strides[0]
        levels[:, k.LEVEL_SIZE] = [
            ((height >> level + 1) + 2 * k.PAD + 1) * stride for level, stride in enumerate(strides)
        ]
        levels[1:, k.LEVEL_FIRST] = np.cumsum(levels[:-1, k.LEVEL_SIZE])
        scores = (height // 2 + 2) * strides[0]
        work = (k.LINES + 2) * strides[0] + scores
        self._pixels = _aligned(int(levels[:, k.LEVEL_SIZE].sum()) + work, np.uint8)


def _stride(width: int, level: int) -> int:
    """Return the padded row length of a reduced picture, or of any narrower one's."""
    return ((width >> level + 1) + k.LANES) // k.LANES * k.LANES + k.LANES


def _aligned(count: int, dtype: type[T]) -> NDArray[T]:
    """Return zeros that begin with a cache line: vectors that straddle two take twice as long."""
    size = np.dtype(dtype).itemsize
    room = np.zeros(count + CACHE_LINE // size, dtype)
    first = -room.ctypes.data % CACHE_LINE // size
    return room[first : first + count]


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
