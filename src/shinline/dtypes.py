"""Arrays at frame rate: one structured dtype each, frames and units as in :mod:`shinline.types`."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.void]
"""A one-dimensional structured array of one of the dtypes below."""

FRAME: Final = np.dtype(
    [
        ("seq", "<i8"),
        ("t_ns", "<i8"),
        ("exposure_us", "<i4"),
        ("detections", "<i4"),  # how many DETECTION rows belong to this frame
    ]
)
"""One row per frame the engine ate, found or not: an empty frame is evidence too."""

DETECTION: Final = np.dtype(
    [
        ("t_ns", "<i8"),
        ("role", "u1"),
        ("x_px", "<f8"),
        ("y_px", "<f8"),
        ("var_x_px2", "<f8"),
        ("var_y_px2", "<f8"),
        ("cov_xy_px2", "<f8"),
        ("r_px", "<f8"),  # radius of the black disc, or of the plate's rim
        ("axis_ratio", "<f8"),  # minor / major axis, 1 for a circle
        ("contrast", "<f8"),  # grey levels across the edge
        ("residual", "<f8"),  # RMS misfit, px (plate), 1 - symmetry (ring), grain, px (pose)
        ("quality", "<f8"),  # 0 .. 1, share of the outline that agrees
    ]
)
"""What vision saw in one frame: one row per marker, image pixels."""

WINDOW: Final = np.dtype(
    [
        ("role", "u1"),
        ("x_px", "<f8"),  # predicted centre
        ("y_px", "<f8"),
        ("r_px", "<f8"),  # predicted radius
        ("reach_px", "<f8"),  # the centre lies within this distance of the prediction
    ]
)
"""Where to look for a marker that is being tracked. No window for a role: look everywhere."""

STATE: Final = np.dtype(
    [
        ("t_ns", "<i8"),
        ("role", "u1"),
        ("x_m", "<f8"),
        ("y_m", "<f8"),
        ("vx_mps", "<f8"),
        ("vy_mps", "<f8"),
        ("ax_mps2", "<f8"),
        ("ay_mps2", "<f8"),
        ("var_x_m2", "<f8"),
        ("var_y_m2", "<f8"),
        ("var_vy_m2ps2", "<f8"),
        ("innovation", "<f8"),  # normalised (sigmas) distance of the last measurement
        ("coasting", "?"),  # True when this state is a prediction without a measurement
    ]
)
"""Live estimate of one marker in the world frame."""

PATH: Final = np.dtype(
    [
        ("t_ns", "<i8"),
        ("x_m", "<f8"),
        ("y_m", "<f8"),
        ("vx_mps", "<f8"),
        ("vy_mps", "<f8"),
        ("ay_mps2", "<f8"),
        ("sd_m", "<f8"),
        ("sd_vy_mps", "<f8"),
        ("coasting", "?"),
    ]
)
"""The smoothed path of a finished rep, one row per frame, world frame."""
