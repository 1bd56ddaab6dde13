"""Kernels of the plate-rim detector, in the order in which a frame passes through them.

A plate seen from the side is a circle that is hardly ever whole: legs stand in front of it, the
frame cuts it, the floor swallows its lower edge. What survives is that the brightness changes
*along the radius* on most of its outline. So:

``box_decimate``  shrink the frame until the plate is some tens of pixels wide;
``gradient``      brightness gradient, as a unit direction weighted by how far it stands out;
``vote_circles``  every edge pixel votes for the centres it could belong to (acquire);
``score_offsets`` mean radial alignment of a known circle over small displacements (track);
``ray_edges``     the strongest edges along rays of the full-size frame, to a fraction of a pixel;
``fit_rim``       a robust five-parameter outline through them.
"""

import numpy as np

from shinline.kernel import kernel
from shinline.types import FloatArray, U8Image

RAYS = 96
"""Rays per outline: one each 3.75 degrees, about 1.5 to 10 px of arc on ordinary plates."""

EDGES_PER_RAY = 3
"""Rim, lip and background each leave an edge; the fit chooses among them."""


@kernel
def box_decimate(luma: U8Image, factor: int, out: FloatArray) -> None:
    """Average ``factor`` x ``factor`` blocks of ``luma`` (H, W) into ``out`` (H//f, W//f).

    Whole rows are added first, many pixels at a time: five times as fast as block by block. One
    row of sums is all that is allocated.
    """
    rows, columns = out.shape
    scale = 1.0 / (factor * factor)
    sums = np.empty(columns * factor, np.int32)
    for i in range(rows):
        sums[:] = 0
        for di in range(factor):
            for x in range(columns * factor):
                sums[x] += luma[i * factor + di, x]
        for j in range(columns):
            total = 0
            for dj in range(factor):
                total += sums[j * factor + dj]
            out[i, j] = total * scale


@kernel
def gradient(image: FloatArray, soft: float, gx: FloatArray, gy: FloatArray) -> None:
    """Scharr gradient of ``image`` as direction times m / (m + soft), zero on the border.

    ``soft`` (grey levels per pixel) is the magnitude that counts half: it keeps one strong edge
    from outvoting a long weak one, which is what a dark plate on a dark floor has to offer.
    """
    rows, columns = image.shape
    gx[:, :] = 0.0
    gy[:, :] = 0.0
    for i in range(1, rows - 1):
        for j in range(1, columns - 1):
            a, b, c = image[i - 1, j - 1], image[i - 1, j], image[i - 1, j + 1]
            d, f = image[i, j - 1], image[i, j + 1]
            g, h, k = image[i + 1, j - 1], image[i + 1, j], image[i + 1, j + 1]
            x = (3.0 * (c - a) + 10.0 * (f - d) + 3.0 * (k - g)) * 0.03125
            y = (3.0 * (g - a) + 10.0 * (h - b) + 3.0 * (k - c)) * 0.03125
            weight = 1.0 / (np.sqrt(x * x + y * y) + soft)
            gx[i, j] = x * weight
            gy[i, j] = y * weight


@kernel
def vote_circles(
    gx: FloatArray, gy: FloatArray, floor: float, radii: FloatArray, votes: FloatArray
) -> None:
    """Add each edge pixel's vote to both centres it could have, at every radius.

    ``votes`` is (R, H, W), zeroed here. A vote is divided by the radius, so that a complete circle
    scores the same at any size (about 2 pi times its mean edge weight).
    """
    rows, columns = gx.shape
    votes[:, :, :] = 0.0
    for i in range(1, rows - 1):
        for j in range(1, columns - 1):
            weight = np.sqrt(gx[i, j] * gx[i, j] + gy[i, j] * gy[i, j])
            if weight < floor:
                continue
            ux, uy = gx[i, j] / weight, gy[i, j] / weight
            for k in range(radii.size):
                radius = radii[k]
                share = weight / radius
                for sign in (-1.0, 1.0):
                    x = int(np.floor(j + sign * radius * ux + 0.5))
                    y = int(np.floor(i + sign * radius * uy + 0.5))
                    if 0 <= x < columns and 0 <= y < rows:
                        votes[k, y, x] += share


@kernel
def smooth_votes(votes: FloatArray, scratch: FloatArray) -> None:
    """Sum ``votes`` (H, W) over 3 x 3 neighbours in place: a real centre is a small cloud."""
    rows, columns = votes.shape
    for i in range(rows):
        for j in range(columns):
            total = votes[i, j]
            if j > 0:
                total += votes[i, j - 1]
            if j < columns - 1:
                total += votes[i, j + 1]
            scratch[i, j] = total
    for i in range(rows):
        for j in range(columns):
            total = scratch[i, j]
            if i > 0:
                total += scratch[i - 1, j]
            if i < rows - 1:
                total += scratch[i + 1, j]
            votes[i, j] = total


@kernel
def circle_support(
    gx: FloatArray, gy: FloatArray, x: float, y: float, radius: float, squeeze: float
) -> float:
    """Return the mean |gradient . radial direction| on an ellipse outline inside the picture.

    The outline has half-axes ``radius`` across and ``radius * squeeze`` down. Samples outside the
    picture are left out, but at least half the outline must be inside, or the result is 0.
    """
    rows, columns = gx.shape
    total, count = 0.0, 0
    for k in range(RAYS):
        angle = 2.0 * np.pi * k / RAYS
        ux, uy = np.cos(angle), np.sin(angle)
        j = int(np.floor(x + radius * ux + 0.5))
        i = int(np.floor(y + radius * squeeze * uy + 0.5))
        if 0 < j < columns - 1 and 0 < i < rows - 1:
            total += abs(gx[i, j] * ux + gy[i, j] * uy)
            count += 1
    return total / count if count * 2 >= RAYS else 0.0


@kernel
def score_offsets(
    gx: FloatArray,
    gy: FloatArray,
    x: float,
    y: float,
    radius: float,
    reach: int,
    best: FloatArray,
) -> None:
    """Find the displacement within ``reach`` pixels at which a known circle fits best.

    Radii within 4 % are tried. A displacement costs up to a tenth of the score at the window's
    edge, so that of two equal circles the nearer wins. ``best`` gets x, y, radius, score.
    """
    best[0], best[1], best[2], best[3] = x, y, radius, -1.0
    for step in range(-2, 3):
        r = radius * (1.0 + 0.02 * step)
        for dy in range(-reach, reach + 1):
            for dx in range(-reach, reach + 1):
                away = (dx * dx + dy * dy) / (reach * reach + 1.0)
                if away > 1.0:
                    continue
                score = circle_support(gx, gy, x + dx, y + dy, r, 1.0) * (1.0 - 0.1 * away)
                if score > best[3]:
                    best[0], best[1], best[2], best[3] = x + dx, y + dy, r, score


@kernel
def ray_edges(
    luma: U8Image,
    outline: FloatArray,
    band: float,
    noise: float,
    profile: FloatArray,
    edges: FloatArray,
) -> None:
    """Find the strongest edges along each ray across an outline.

    ``outline`` holds cx, cy, r, c2, s2 in pixels: rho(a) = r + c2 cos 2a + s2 sin 2a. Each ray is
    sampled once a pixel over rho +- ``band`` in luma, bilinearly; an edge is a local maximum of
    the |difference over two pixels| above ``noise``. ``edges`` (RAYS, EDGES_PER_RAY, 2) gets the
    distance from the centre (parabola-refined, px; -1 where there is none) and the strength.
    ``profile`` is scratch and bounds the length of a ray.
    """
    rows, columns = luma.shape
    samples = min(2 * int(band) + 5, profile.size)
    for k in range(RAYS):
        for e in range(EDGES_PER_RAY):
            edges[k, e, 0], edges[k, e, 1] = -1.0, 0.0
        angle = 2.0 * np.pi * k / RAYS
        ux, uy = np.cos(angle), np.sin(angle)
        rho = outline[2] + outline[3] * np.cos(2 * angle) + outline[4] * np.sin(2 * angle)
        start = rho - 0.5 * (samples - 1)
        used = samples
        for s in range(samples):
            x = outline[0] + (start + s) * ux
            y = outline[1] + (start + s) * uy
            j, i = int(np.floor(x)), int(np.floor(y))
            if j < 0 or i < 0 or j >= columns - 1 or i >= rows - 1 or start + s < 0:
                used = s
                break
            fx, fy = x - j, y - i
            top = luma[i, j] * (1.0 - fx) + luma[i, j + 1] * fx
            low = luma[i + 1, j] * (1.0 - fx) + luma[i + 1, j + 1] * fx
            profile[s] = top * (1.0 - fy) + low * fy
        for s in range(2, used - 2):
            here = abs(profile[s + 1] - profile[s - 1])
            before = abs(profile[s] - profile[s - 2])
            after = abs(profile[s + 2] - profile[s])
            if here < noise or here < before or here <= after:
                continue
            bend = before - 2.0 * here + after
            shift = 0.5 * (before - after) / bend if bend < 0.0 else 0.0
            _keep_edge(edges, k, start + s + shift, here)


@kernel
def _keep_edge(edges: FloatArray, ray: int, distance: float, strength: float) -> None:
    """Insert an edge into the ray's list, strongest first; the weakest falls out."""
    for e in range(EDGES_PER_RAY):
        if strength > edges[ray, e, 1]:
            for later in range(EDGES_PER_RAY - 1, e, -1):
                edges[ray, later, 0] = edges[ray, later - 1, 0]
                edges[ray, later, 1] = edges[ray, later - 1, 1]
            edges[ray, e, 0], edges[ray, e, 1] = distance, strength
            return


@kernel
def solve_normal(a: FloatArray, b: FloatArray) -> bool:
    """Solve the symmetric positive system a x = b in place (Cholesky); b becomes x."""
    n = b.size
    for i in range(n):
        for j in range(i + 1):
            total = a[i, j]
            for k in range(j):
                total -= a[i, k] * a[j, k]
            if i == j:
                if total <= 1e-12:
                    return False
                a[i, i] = np.sqrt(total)
            else:
                a[i, j] = total / a[j, j]
    for i in range(n):
        for k in range(i):
            b[i] -= a[i, k] * b[k]
        b[i] /= a[i, i]
    for i in range(n - 1, -1, -1):
        for k in range(i + 1, n):
            b[i] -= a[k, i] * b[k]
        b[i] /= a[i, i]
    return True


@kernel
def fit_rim(
    edges: FloatArray,
    outline: FloatArray,
    gate: float,
    stiffness: FloatArray,
    prior: FloatArray,
    a: FloatArray,
    b: FloatArray,
    row: FloatArray,
    report: FloatArray,
) -> bool:
    """Move ``outline`` (cx, cy, r, c2, s2) to the edges: one robust least-squares step.

    rho = r + dx cos a + dy sin a + c2 cos 2a + s2 sin 2a is linear in its parameters for small
    offsets. Each ray offers its edge nearest to the present outline, weighted by a Tukey biweight
    of width ``gate`` px; ``stiffness`` (5,) pulls the parameters toward ``prior`` (5,), offsets
    toward 0. ``report`` gets: share of rays on the outline, RMS misfit px, mean edge strength,
    var x, var y, cov xy (px^2, from the misfit and the geometry of the rays that were seen).
    Returns False when fewer than a quarter of the rays agree or the system is singular.
    """
    a[:, :] = 0.0
    b[:] = 0.0
    weight_sum, square_sum, strength_sum, on_rim = 0.0, 0.0, 0.0, 0
    for k in range(RAYS):
        angle = 2.0 * np.pi * k / RAYS
        row[0], row[1], row[2] = np.cos(angle), np.sin(angle), 1.0
        row[3], row[4] = np.cos(2 * angle), np.sin(2 * angle)
        rho = outline[2] + outline[3] * row[3] + outline[4] * row[4]
        nearest, strength = 1e9, 0.0
        for e in range(EDGES_PER_RAY):
            if edges[k, e, 0] >= 0.0 and abs(edges[k, e, 0] - rho) < abs(nearest):
                nearest, strength = edges[k, e, 0] - rho, edges[k, e, 1]
        if abs(nearest) >= gate:
            continue
        u = nearest / gate
        weight = (1.0 - u * u) * (1.0 - u * u)
        on_rim += 1
        weight_sum += weight
        square_sum += weight * nearest * nearest
        strength_sum += strength
        for i in range(5):
            b[i] += weight * row[i] * nearest
            for j in range(5):
                a[i, j] += weight * row[i] * row[j]
    report[0] = on_rim / RAYS
    if on_rim * 4 < RAYS:
        return False
    report[1] = np.sqrt(square_sum / weight_sum)
    report[2] = strength_sum / on_rim
    _centre_covariance(a, report)
    for i in range(5):
        a[i, i] += stiffness[i]
        target = prior[i] - outline[i] if i >= 2 else 0.0
        b[i] += stiffness[i] * target
    if not solve_normal(a, b):
        return False
    for i in range(5):
        outline[i] += b[i]
    return True


@kernel
def _centre_covariance(a: FloatArray, report: FloatArray) -> None:
    """Covariance of the centre from the upper-left 3 x 3 of the normal matrix, into report[3:6].

    The misfit is floored at 0.15 px: bilinear sampling and compression leave at least that.
    Neighbouring rays share edge errors, hence the factor 4.
    """
    variance = 4.0 * max(report[1] * report[1], 0.0225)
    # Schur complement of the radius, which is free
    xx = a[0, 0] - a[0, 2] * a[0, 2] / a[2, 2]
    yy = a[1, 1] - a[1, 2] * a[1, 2] / a[2, 2]
    xy = a[0, 1] - a[0, 2] * a[1, 2] / a[2, 2]
    determinant = max(xx * yy - xy * xy, 1e-9)
    report[3] = variance * yy / determinant
    report[4] = variance * xx / determinant
    report[5] = -variance * xy / determinant
