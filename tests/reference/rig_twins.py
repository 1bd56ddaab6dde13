"""Other ways to the numbers of a rig: slower, and written from another idea."""

import numpy as np

from shinline.types import FloatArray


def vanishing_up(lines: FloatArray) -> FloatArray:
    """Return the direction (3,) that straight uprights (n, 2, 3) of rays have in common, upward.

    The plane of each upright and the lens has a normal; the vertical is what is normal to all of
    them: the last singular vector. Nothing is linearised, and nothing is known of roll or pitch.
    """
    normals = np.cross(lines[:, 0], lines[:, 1])
    normals = normals / np.linalg.norm(normals, axis=1, keepdims=True)
    up = np.linalg.svd(normals)[2][-1]
    return np.asarray(-up if up[1] > 0.0 else up)


def roll_and_pitch_deg(up: FloatArray) -> tuple[float, float]:
    """Return a camera's roll and pitch from where up is in its frame (x right, y down)."""
    return (
        float(np.degrees(np.arctan2(up[0], -up[1]))),
        float(np.degrees(np.arcsin(up[2]))),
    )


def pendulum_flat(
    length_m: float, angle_rad: float, seconds: float, g: float, steps_per_s: int = 4000
) -> tuple[FloatArray, FloatArray]:
    """Integrate a plane pendulum by leapfrog: times and angles, one each 10 ms."""
    dt = 1.0 / steps_per_s
    angle, speed, every = angle_rad, 0.0, steps_per_s // 100
    found = []
    for i in range(int(seconds * steps_per_s)):
        if i % every == 0:
            found.append(angle)
        speed -= 0.5 * dt * g / length_m * np.sin(angle)
        angle += dt * speed
        speed -= 0.5 * dt * g / length_m * np.sin(angle)
    return np.arange(len(found)) * 0.01, np.array(found)


def outline_by_points(outline_px: FloatArray, centre_px: FloatArray) -> tuple[float, float]:
    """Return half axes of an outline (n, 2), evenly spread in its own plane, by its moments."""
    off = outline_px - centre_px
    powers = np.linalg.eigvalsh(2.0 * off.T @ off / len(off))
    return float(np.sqrt(powers[1])), float(np.sqrt(powers[0]))
