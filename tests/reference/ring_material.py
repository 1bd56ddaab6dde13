"""Pictures, shapes and settings that the property tests of the ring kernels share."""

import numpy as np
import ring_twins as twin
from hypothesis import settings
from hypothesis import strategies as st
from numba import config

from shinline.vision import ring_kernels as k
from shinline.vision.ring import RingDetector

Array = twin.Array

SIDE = 72
CENTRES = st.floats(34.0, 38.0)
RADII = st.floats(8.0, 16.0)
SWINGS = st.floats(-0.25, 0.25)
SEEDS = st.integers(0, 2**16)
quick = settings(max_examples=4 if config.DISABLE_JIT else 20, deadline=None)


def picture(seed: int, height: int = SIDE, width: int = SIDE) -> twin.Picture:
    """Return blocks of random greys with a little noise."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(8, 248, (height // 4 + 1, width // 4 + 1))
    blocks = np.kron(coarse, np.ones((4, 4), int))[:height, :width]
    return (blocks + rng.integers(-8, 8, blocks.shape)).astype(np.uint8)


def shape_of(r: float, q: float, s: float) -> Array:
    """Return an ellipse of about this radius; q and s bend it."""
    return np.array([1.0, q, s]) / r**2


def rays_of(shape: Array) -> Array:
    """Return memory for rays that knows the shape."""
    rays = np.zeros((k.RAY_ROWS, k.RAYS))
    rays[k.MODEL] = twin.trace(shape)
    return rays


def work(luma: twin.Picture) -> k.Work:
    """Return a detector's own memory for pictures like this one."""
    detector = RingDetector()
    detector._resize(luma)
    return k.carve(detector._singles, detector._doubles, detector._integers, detector._pixels)
