"""Painting kernels: discs in exact perspective, limbs, shadows, and the sensor.

Images are float32 grey levels, 0 black .. 255 white, (rows, columns), changed in place. ``camera``
is :attr:`shinline.sim.camera.Camera.packed`; x is mirrored already where the lifter faces left.
Discs stand upright, in planes of constant z.
"""

import math

import numpy as np
from numpy.typing import NDArray

from shinline.kernel import kernel
from shinline.types import FloatArray, U8Image

F32Image = NDArray[np.float32]
I64Array = NDArray[np.int64]

# --- the lens ------------------------------------------------------------------------------------


@kernel
def plane_point(camera: FloatArray, x_px: float, y_px: float, z: float) -> tuple[float, float]:
    """Return the scene point (x, y) seen at a pixel on the plane of constant z.

    Undoes the distortion by Newton's method on the radius.
    """
    u = (x_px - camera[1]) / camera[0]
    v = (y_px - camera[2]) / camera[0]
    k1 = camera[3]
    bent = math.sqrt(u * u + v * v)
    if k1 != 0.0 and bent > 0.0:
        r = bent
        for _ in range(5):
            r -= (r * (1.0 + k1 * r * r) - bent) / (1.0 + 3.0 * k1 * r * r)
        u *= r / bent
        v *= r / bent
    along = u * camera[9] + v * camera[12] + camera[15]
    reach = (z - camera[6]) / along
    x = camera[4] + reach * (u * camera[7] + v * camera[10] + camera[13])
    y = camera[5] + reach * (u * camera[8] + v * camera[11] + camera[14])
    return x, y


@kernel
def box_of(
    camera: FloatArray,
    shape: tuple[int, int],
    x: float,
    y: float,
    z: float,
    radius: float,
    box: I64Array,
) -> float:
    """Write the pixels (x0, x1, y0, y1), ends excluded, that an upright disc can touch.

    Returns the size of a pixel on the disc in metres.
    """
    dx = x - camera[4]
    dy = y - camera[5]
    dz = z - camera[6]
    depth = camera[13] * dx + camera[14] * dy + camera[15] * dz
    u = (camera[7] * dx + camera[8] * dy + camera[9] * dz) / depth
    v = (camera[10] * dx + camera[11] * dy + camera[12] * dz) / depth
    bend = 1.0 + camera[3] * (u * u + v * v)
    stretch = 1.0 + 3.0 * abs(camera[3]) * (u * u + v * v)
    reach = 1.1 * camera[0] * radius / depth * stretch + 3.0
    centre_x = camera[1] + camera[0] * u * bend
    centre_y = camera[2] + camera[0] * v * bend
    box[0] = max(0, min(shape[1], int(centre_x - reach)))
    box[1] = max(0, min(shape[1], int(centre_x + reach) + 2))
    box[2] = max(0, min(shape[0], int(centre_y - reach)))
    box[3] = max(0, min(shape[0], int(centre_y + reach) + 2))
    return float(depth / camera[0])


# --- discs ---------------------------------------------------------------------------------------


@kernel
def ring_level(
    r: float, radii: FloatArray, levels: FloatArray, soft: float, out: FloatArray
) -> None:
    """Write the level at radius r and how much of it covers what is behind (0 .. 1)."""
    last = len(radii) - 1
    level = levels[last]
    for k in range(last - 1, -1, -1):
        inside = min(1.0, max(0.0, (radii[k] - r) / soft + 0.5))
        level += inside * (levels[k] - level)
    out[0] = level
    out[1] = min(1.0, max(0.0, (radii[last] - r) / soft + 0.5))


@kernel
def paint_rings(
    image: F32Image,
    camera: FloatArray,
    x: float,
    y: float,
    z: float,
    radii: FloatArray,
    levels: FloatArray,
    steps: int,
) -> None:
    """Paint concentric rings: levels[k] fills what lies between radii[k - 1] and radii[k].

    Pixels an edge passes through are sampled ``steps`` x ``steps`` times, each sample with an
    edge as soft as it is wide: coverage is exact to far better than the sensor's last bit.
    Within a pixel the perspective is taken as affine, which is right to a millionth of it.
    """
    box = np.empty(4, np.int64)
    mixed = np.empty(2, np.float64)
    pixel_m = box_of(camera, image.shape, x, y, z, radii[-1], box)
    for row in range(box[2], box[3]):
        for column in range(box[0], box[1]):
            px, py = plane_point(camera, column, row, z)
            r = math.hypot(px - x, py - y)
            edge = 1e9
            for k in range(len(radii)):
                edge = min(edge, abs(radii[k] - r))
            if edge > 1.5 * pixel_m:
                if r < radii[-1]:
                    ring_level(r, radii, levels, 1e-9, mixed)
                    image[row, column] = mixed[0]
                continue
            across_x, across_y = plane_point(camera, column + 1.0, row, z)
            down_x, down_y = plane_point(camera, column, row + 1.0, z)
            behind = image[row, column]
            total = 0.0
            for i in range(steps):
                down = (i + 0.5) / steps - 0.5
                for j in range(steps):
                    across = (j + 0.5) / steps - 0.5
                    sub_x = px - x + across * (across_x - px) + down * (down_x - px)
                    sub_y = py - y + across * (across_y - py) + down * (down_y - py)
                    r = math.sqrt(sub_x * sub_x + sub_y * sub_y)
                    ring_level(r, radii, levels, pixel_m / steps, mixed)
                    total += behind + mixed[1] * (mixed[0] - behind)
            image[row, column] = total / (steps * steps)


@kernel
def plate_level(
    px: float,
    py: float,
    radius: float,
    cos_t: float,
    sin_t: float,
    face: F32Image,
    relief: FloatArray,
) -> float:
    """Return the level of a plate at a point of it, metres from its centre."""
    size = face.shape[0]
    r = math.sqrt(px * px + py * py) + 1e-9
    half = 0.5 * size / radius
    texel_x = int(0.5 * size + half * (cos_t * px + sin_t * py))
    texel_y = int(0.5 * size - half * (cos_t * py - sin_t * px))
    texel_x = min(size - 1, max(0, texel_x))
    texel_y = min(size - 1, max(0, texel_y))
    slope = relief[min(len(relief) - 1, int(r / radius * len(relief)))]
    return float(face[texel_y, texel_x] * (1.0 + slope * (0.9 * py - 0.4 * px) / r))


@kernel
def paint_plate(
    image: F32Image,
    camera: FloatArray,
    x: float,
    y: float,
    z: float,
    radius: float,
    turn_rad: float,
    face: F32Image,
    relief: FloatArray,
) -> None:
    """Paint a weight plate: a face that turns with it, and a relief that the light stays above.

    ``face`` is (n, n) levels over the plate's square; ``relief`` (m,) the slope of the surface
    from the centre to the rim, + where it faces outward, lit from above and a little from the
    left. The rim is sampled 4 x 4 times per pixel, the face 2 x 2 times.
    """
    box = np.empty(4, np.int64)
    pixel_m = box_of(camera, image.shape, x, y, z, radius, box)
    cos_t = math.cos(turn_rad)
    sin_t = math.sin(turn_rad)
    for row in range(box[2], box[3]):
        for column in range(box[0], box[1]):
            px, py = plane_point(camera, column, row, z)
            px -= x
            py -= y
            r = math.sqrt(px * px + py * py)
            if r > radius + 1.5 * pixel_m:
                continue
            steps = 4 if r > radius - 1.5 * pixel_m else 2
            behind = image[row, column]
            total = 0.0
            for i in range(steps):
                sub_y = py - ((i + 0.5) / steps - 0.5) * pixel_m
                for j in range(steps):
                    sub_x = px + ((j + 0.5) / steps - 0.5) * pixel_m
                    r = math.sqrt(sub_x * sub_x + sub_y * sub_y)
                    cover = min(1.0, max(0.0, (radius - r) * steps / pixel_m + 0.5))
                    level = plate_level(sub_x, sub_y, radius, cos_t, sin_t, face, relief)
                    total += behind + cover * (level - behind)
            image[row, column] = total / (steps * steps)


# --- everything else -----------------------------------------------------------------------------


@kernel
def limb_box(
    shape: tuple[int, int], ax: float, ay: float, ar: float, bx: float, by: float, br: float
) -> tuple[int, int, int, int]:
    """Return the pixels (x0, x1, y0, y1), ends excluded, that a limb from a to b can touch."""
    reach = max(ar, br) + 1.0
    height, width = shape
    return (
        max(0, min(width, int(min(ax, bx) - reach))),
        max(0, min(width, int(max(ax, bx) + reach) + 2)),
        max(0, min(height, int(min(ay, by) - reach))),
        max(0, min(height, int(max(ay, by) + reach) + 2)),
    )


@kernel
def limb_at(
    px: float, py: float, ar: float, br: float, ux: float, uy: float, length: float, cut: bool
) -> tuple[float, float, float, float]:
    """Return of a pixel, seen from the limb's end a: cover, light, how far ahead of a, radius.

    (ux, uy) is the direction to b. Where it is not covered the light means nothing.
    """
    ahead = px * ux + py * uy
    along = min(length, max(0.0, ahead))
    dx = px - along * ux
    dy = py - along * uy
    radius = ar + along / length * (br - ar)
    cover = min(1.0, max(0.0, radius - math.sqrt(dx * dx + dy * dy) + 0.5))
    if cut:
        cover *= min(1.0, max(0.0, ahead + 0.5))
    if cover == 0.0:
        return 0.0, 0.0, ahead, radius
    nx = dx / radius
    ny = dy / radius
    nz = math.sqrt(max(0.0, 1.0 - nx * nx - ny * ny))
    return cover, 0.42 + 0.62 * max(0.0, 0.76 * nz - 0.28 * nx - 0.58 * ny), ahead, radius


@kernel
def paint_limb(
    image: F32Image,
    ax: float,
    ay: float,
    ar: float,
    bx: float,
    by: float,
    br: float,
    cut: bool,
    level: float,
) -> None:
    """Paint a rounded limb from a to b (pixels, radii ar and br), lit from above and the left.

    With ``cut`` its end at a is cut straight across, as a sleeve or a sock ends.
    """
    x0, x1, y0, y1 = limb_box(image.shape, ax, ay, ar, bx, by, br)
    length = max(math.sqrt((bx - ax) ** 2 + (by - ay) ** 2), 1e-6)
    ux = (bx - ax) / length
    uy = (by - ay) / length
    for row in range(y0, y1):
        for column in range(x0, x1):
            cover, light, _, _ = limb_at(column - ax, row - ay, ar, br, ux, uy, length, cut)
            if cover > 0.0:
                image[row, column] += cover * (level * light - image[row, column])


@kernel
def paint_shadow(
    image: F32Image,
    floor_x: F32Image,
    floor_z: F32Image,
    x: float,
    z: float,
    wide_m: float,
    deep_m: float,
    strength: float,
) -> None:
    """Darken the floor softly around (x, z); ``floor_x`` is NaN where a pixel sees no floor."""
    for row in range(image.shape[0]):
        for column in range(image.shape[1]):
            u = (floor_x[row, column] - x) / wide_m
            v = (floor_z[row, column] - z) / deep_m
            away = u * u + v * v
            if away < 9.0:  # false for NaN
                image[row, column] *= 1.0 - strength * math.exp(-away)


@kernel
def expose(
    image: F32Image,
    noise: F32Image,
    starts: I64Array,
    gain: float,
    slope: float,
    read_noise: float,
    shot_noise: float,
    out: U8Image,
) -> None:
    """Turn levels into the sensor's 8 bits.

    ``noise`` is a long vector of unit normals, of which each row takes a stretch from its
    ``starts``; ``slope`` is the relative change of brightness from left to right.
    """
    height, width = image.shape
    for row in range(height):
        stretch = noise[starts[row] : starts[row] + width]
        for column in range(width):
            tilt = 1.0 + slope * (column / width - 0.5)
            level = min(255.0, max(0.0, image[row, column] * gain * tilt))
            spread = math.sqrt(read_noise * read_noise + shot_noise * shot_noise * level)
            value = level + spread * stretch[column]
            out[row, column] = int(min(255.0, max(0.0, value)) + 0.5)
