"""How far a hand-held camera has moved, from the room behind the lifter.

Textured blocks of a reference picture are found again in every frame. Most of them show the room;
those that move with the lifter disagree with the rest and lose trust. One shift, turn and zoom is
fitted through the blocks that agree, and evaluated where the bar is.

When it lies: a room without texture, a lifter who fills the picture, and a camera that walks
around (parallax). With fewer than ``MIN_BLOCKS`` agreeing blocks it says nothing.
"""

from typing import Final

import numpy as np

from shinline.steps import Steps, done
from shinline.types import FloatArray, U8Image
from shinline.vision import steady_kernels
from shinline.vision.plate_kernels import box_decimate

SIDE_PX: Final = 320
"""The longer side of the picture in which blocks are followed."""

BLOCK_PX: Final = 14
MOST_BLOCKS: Final = 60
MIN_BLOCKS: Final = 8
TOLERANCE_PX: Final = 0.5
MAX_MISFIT_SHARE: Final = 0.5
"""A block that differs by more than half its own variance shows something else now."""

FORGET: Final = 0.05
REFITS: Final = 3
ROUNDS: Final = 4
"""In which a turn that was seen in a few blocks is seen in all of them."""

APART_PX: Final = 60.0
"""Two blocks nearer to each other say too little of a turn."""

STEP_MISFITS: Final = 490
"""So many times at most a block is compared in one step: ten blocks within a reach of 3 pixels."""

Shift = tuple[float, float] | None


class SceneMotion:
    """Follow the room through frames of one size, from the first one given.

    ``reach`` is how far, in pixels of the decimated picture, it may move between two frames.
    """

    def __init__(self, height: int, width: int, reach: int = 3) -> None:
        self.factor = max(1, round(max(height, width) / SIDE_PX))
        shape = (height // self.factor, width // self.factor)
        self._reach = reach
        self._reference = np.zeros(shape)
        self._image = np.zeros(shape)
        self._costs = np.zeros((2 * reach + 1, 2 * reach + 1))
        self._corners = np.zeros((0, 2), np.int64)
        self._places = np.zeros((0, 2))
        self._variance = np.zeros(0)
        self._trust = np.zeros(0)
        self._moved = np.zeros((0, 3))
        self._motion = np.zeros(4)
        self._started = False
        self._share = 0.0

    def update(self, luma: U8Image, x_px: float, y_px: float) -> Shift:
        """Return by how many full-size pixels the room has moved at a place, since the first call.

        None when too few blocks agree; the next frame is tried from the last known motion.
        """
        self.take(luma)
        return done(self.compare(x_px, y_px))

    def take(self, luma: U8Image) -> None:
        """Take a picture in, made small; the first one is what all others are compared with."""
        box_decimate(luma, self.factor, self._image)
        if not self._started:
            self._start()

    def compare(self, x_px: float, y_px: float) -> Steps[Shift]:
        """Compare the picture taken with the first one, in steps; answer as :meth:`update`."""
        found = yield from self._match(self._costs, self._reach)
        return self._place(x_px, y_px) if found else None

    def search(self, x_px: float, y_px: float, reach: int) -> Steps[Shift]:
        """Look for the last picture's room in a wider neighbourhood; answer as :meth:`update`.

        What was known stays known unless more of the room agrees with what is found. In steps; to
        be gone through to its end.
        """
        side = 2 * reach + 1
        known, trust, share = self._motion.copy(), self._trust.copy(), self._share
        yield from self._find(np.zeros((side, side)), reach)
        start = np.zeros(4)
        tolerance = 2.0 * TOLERANCE_PX
        if steady_kernels.likely_similarity(
            self._places, self._moved, self._trust, tolerance, APART_PX, start
        ):
            self._motion[:] = start
            found = False
            for _ in range(ROUNDS):
                found = yield from self._match(self._costs, self._reach)
            if found and self._share > share:
                return self._place(x_px, y_px)
        self._motion[:], self._trust[:], self._share = known, trust, share
        return None

    @property
    def turn(self) -> float:
        """Tangent of the angle by which the picture has turned, clockwise."""
        return float(self._motion[3])

    @property
    def zoom(self) -> float:
        """How much larger, relatively, it has become."""
        return float(self._motion[2])

    @property
    def share(self) -> float:
        """Share of the blocks that agree with this, 0 when the room was not found."""
        return self._share

    def _match(self, costs: FloatArray, reach: int) -> Steps[bool]:
        """Find the blocks and fit a motion to them."""
        yield from self._find(costs, reach)
        found = self._fit()
        if not found:
            self._share = 0.0
        return found

    def _find(self, costs: FloatArray, reach: int) -> Steps[None]:
        """Find each block around where the last known motion has it, some blocks in each step."""
        x, y = self._places[:, 0], self._places[:, 1]
        b = self._motion
        shift = np.stack([b[1] + b[3] * x + b[2] * y, b[0] + b[2] * x - b[3] * y], axis=1)
        guesses = np.floor(shift + 0.5).astype(np.int64)
        at_once = max(1, STEP_MISFITS // costs.size)
        for first in range(0, len(guesses), at_once):
            some = slice(first, first + at_once)
            steady_kernels.match_blocks(
                self._reference,
                self._image,
                self._corners[some],
                BLOCK_PX,
                guesses[some],
                reach,
                costs,
                self._moved[some],
            )
            yield
        self._moved[self._moved[:, 2] > MAX_MISFIT_SHARE * self._variance, 2] = -1.0

    def _place(self, x_px: float, y_px: float) -> tuple[float, float]:
        """Return how far the room has moved at a place, full-size pixels."""
        x, y = self._centred(x_px, y_px)
        b = self._motion
        return (
            float(b[0] + b[2] * x - b[3] * y) * self.factor,
            float(b[1] + b[3] * x + b[2] * y) * self.factor,
        )

    def _centred(self, x_px: float, y_px: float) -> tuple[float, float]:
        rows, columns = self._image.shape
        return x_px / self.factor - 0.5 * columns, y_px / self.factor - 0.5 * rows

    def _start(self) -> None:
        """Take the present picture as the reference and choose its most textured blocks."""
        self._started = True
        self._reference[:] = self._image
        rows, columns = (side // BLOCK_PX for side in self._image.shape)
        texture = np.zeros((rows, columns))
        steady_kernels.block_texture(self._reference, BLOCK_PX, texture)
        order = np.argsort(-texture, axis=None, kind="stable")[:MOST_BLOCKS]
        chosen = [divmod(int(n), columns) for n in order if texture.flat[n] > 0.0]
        self._corners = np.array(chosen, np.int64).reshape(-1, 2) * BLOCK_PX
        middle = self._corners[:, ::-1] + 0.5 * BLOCK_PX
        self._places = middle - 0.5 * np.array([self._image.shape[1], self._image.shape[0]])
        self._variance = np.array([self._block(i, j).var() for i, j in self._corners])
        self._trust = np.ones(len(self._corners))
        self._moved = np.zeros((len(self._corners), 3))

    def _block(self, top: int, left: int) -> FloatArray:
        return self._reference[top : top + BLOCK_PX, left : left + BLOCK_PX]

    def _fit(self) -> bool:
        """Fit the motion of the blocks that agree, and shift trust toward them."""
        chosen = steady_kernels.most_agreed(self._moved, self._trust, 2.0 * TOLERANCE_PX)
        if chosen < 0:
            return False
        motion = np.array([*self._moved[chosen, :2], 0.0, 0.0])
        agree = self._agreeing(motion, 2.0 * TOLERANCE_PX)
        as_before = self._agreeing(self._motion, 2.0 * TOLERANCE_PX)
        if as_before.sum() > agree.sum():
            motion, agree = self._motion.copy(), as_before
        for _ in range(REFITS):
            if int(agree.sum()) < MIN_BLOCKS:
                return False
            use = agree * self._trust
            if not steady_kernels.fit_similarity(self._places, self._moved, use, motion):
                return False
            agree = self._agreeing(motion, TOLERANCE_PX)
        if int(agree.sum()) < MIN_BLOCKS:
            return False
        self._motion[:] = motion
        self._share = float(agree.mean())
        self._trust += FORGET * (agree - self._trust)
        return True

    def _agreeing(self, motion: FloatArray, tolerance: float) -> FloatArray:
        """1.0 for each block within ``tolerance`` pixels of a motion, else 0.0."""
        x, y = self._places[:, 0], self._places[:, 1]
        off_x = self._moved[:, 0] - (motion[0] + motion[2] * x - motion[3] * y)
        off_y = self._moved[:, 1] - (motion[1] + motion[3] * x + motion[2] * y)
        near = (np.abs(off_x) < tolerance) & (np.abs(off_y) < tolerance)
        agreeing: FloatArray = (near & (self._moved[:, 2] >= 0.0)).astype(np.float64)
        return agreeing
