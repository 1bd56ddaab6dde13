"""The measured plane, drawn over a picture of the room: a grid that must look upright."""

from math import radians
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from shinline.app.plugins import CommandError
from shinline.geometry.plane import Plane
from shinline.types import U8Image
from shinline_cal.rigging.evidence import Evidence
from shinline_cal.rigging.solve import Solution

ACROSS_M: Final = 0.5
UP_M: Final = 1.0
STEP_M: Final = 0.1
POINTS: Final = 41
"""Of a line: through a lens that bends, straight lines are curves."""

GRID: Final = (190, 190, 90)
PLUMB: Final = (60, 220, 60)
BAR: Final = (40, 120, 255)
SHIFT: Final = 4


def draw_plane(picture: U8Image, evidence: Evidence, solution: Solution, path: Path) -> None:
    """Draw a grid of 10 cm on the lifting plane, the plumb line through the bar, and the floor.

    Raises
    ------
    CommandError
        The file cannot be written.

    """
    plane = measured_plane(evidence, solution)
    canvas: Any = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    floor_m = -0.5 * (evidence.plate_diameter_m or 0.45)
    for x_m in np.arange(-ACROSS_M, ACROSS_M + 1e-9, STEP_M):
        _line(canvas, plane, (x_m, floor_m), (x_m, floor_m + UP_M), GRID, 1)
    for y_m in np.arange(floor_m, floor_m + UP_M + 1e-9, STEP_M):
        _line(canvas, plane, (-ACROSS_M, y_m), (ACROSS_M, y_m), GRID, 1)
    _line(canvas, plane, (-ACROSS_M, floor_m), (ACROSS_M, floor_m), BAR, 2)
    _line(canvas, plane, (0.0, floor_m), (0.0, floor_m + UP_M), PLUMB, 2)
    turn = np.linspace(0.0, 2.0 * np.pi, POINTS)
    radius_m = 0.5 * evidence.marker_diameter_m
    _draw(canvas, plane, radius_m * np.stack([np.cos(turn), np.sin(turn)], axis=1), BAR, 2)
    if not cv2.imwrite(str(path), canvas):
        raise CommandError(f"{path}: cannot be written as a picture")


def measured_plane(evidence: Evidence, solution: Solution) -> Plane:
    """Return the lifting plane as the session's engine will find it, through the bar at rest."""
    rest, radius_m = evidence.rests[-1], 0.5 * evidence.marker_diameter_m
    return Plane(
        radius_m / rest.r_px,
        rest.x_px,
        rest.y_px,
        radians(solution.roll_deg),
        view=solution.view if solution.calibrated_lens else None,
    )


def _line(
    canvas: Any,
    plane: Plane,
    start: tuple[float, float],
    end: tuple[float, float],
    colour: tuple[int, int, int],
    width_px: int,
) -> None:
    _draw(canvas, plane, np.linspace(start, end, POINTS), colour, width_px)


def _draw(canvas: Any, plane: Plane, places: Any, colour: Any, width_px: int) -> None:
    pixels = np.array([plane.image_from_plane(float(x), float(y)) for x, y in places])
    if np.isfinite(pixels).all() and np.abs(pixels).max() < 1e5:
        corners = np.rint(pixels * 2**SHIFT).astype(np.int32)
        cv2.polylines(canvas, [corners], False, colour, width_px, cv2.LINE_AA, SHIFT)
