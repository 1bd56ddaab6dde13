"""Kernels of the constant-acceleration model: one axis, state (position, velocity, acceleration).

The jerk is white noise of density ``q`` (m^2/s^5). Time steps are whatever the sensor says; the
process noise is integrated exactly over each, so dropped frames and irregular rates need nothing
special. Matrices are written out as scalars: at three states that is both faster and easier to
read than loops. Source of the model: Bar-Shalom, Estimation with Applications, section 6.2.
"""

from typing import Final

import numpy as np

from shinline.kernel import kernel
from shinline.types import NS_PER_S, FloatArray, IntArray, Role, Rows

JERK_DENSITY: Final = 15.0
"""m^2/s^5, of the live filter: white jerk of 30 m/s^3 a step at 60 Hz, a strong, unhurried lift."""

GATE_SIGMAS: Final = 5.0
SHOCK_MPS2: Final = 150.0
"""A plate striking the floor stops within a frame: such a jump is motion and not an error."""

REBOUND_SHARE: Final = 0.5
"""A bar that strikes the floor leaves it with at most so much of the speed of its fall."""

SURPRISE_SIGMAS: Final = 3.0
SURPRISE_ACCELERATION_VAR: Final = 400.0
"""The acceleration's variance (m^2/s^4) after a surprise, so that the filter catches up."""

MAX_COAST_S: Final = 0.5
"""After so long without a measurement the prediction is worth nothing and the track is lost."""

LOST_GATED: Final = 4
"""So many sightings in a row outside the gate: the marker really is elsewhere."""

JUMP_M: Final = 0.35
"""No bar gets so far within those pictures: what is followed now is something else."""

SIZE_SHARE: Final = 0.2
"""A marker that looks so much larger or smaller than it did a moment ago is another one."""

SIZE_GAIN: Final = 0.2
"""How fast that size follows what is seen."""

BLEND_S: Final = 0.08
"""Within about so long the published path goes over from a prediction to what is seen again."""

MOST_LATE_S: Final = 0.05
"""No row of a picture is exposed farther from its middle; a row that says so has no own time."""

REACH_ACCELERATION_MPS2: Final = 60.0

SCENE_X, SCENE_Y, FX, FY, CX, CY, K1, K2, P1, P2, K3 = range(11)
"""A view: how far a hand-held camera's picture has moved, and the lens."""

INVERSE, SCALE = 9, 18
"""A plane: the nine numbers of ``plane_from_ray``, those of ``ray_from_plane``, metres a pixel."""

UNBEND_ROUNDS: Final = 12
NEAREST: Final = 1e-9
"""As in ``geometry``, whose ``Lens`` and ``Plane`` are the twins of the mapping kernels."""

NOW, SEEN, ALIVE, GATED = range(4)
"""A track's clock, int64: the time (ns) of its estimate and of its last sighting, whether there is
an estimate, how many sightings in a row did not fit it."""

INNOVATION, RADIUS, AWAY_X, AWAY_Y = range(4)
"""And what else it knows: how many sigmas off the last sighting was, the marker's radius (px), how
far (m) the published place is from the estimate."""


@kernel
def predict(mean: FloatArray, cov: FloatArray, dt_s: float, q: float) -> None:
    """Advance one axis by ``dt_s`` in place; ``mean`` (3,), ``cov`` (3, 3) symmetric."""
    h = 0.5 * dt_s * dt_s
    p, v, a = mean[0], mean[1], mean[2]
    mean[0], mean[1] = p + dt_s * v + h * a, v + dt_s * a
    pp, pv, pa = cov[0, 0], cov[0, 1], cov[0, 2]
    vv, va, aa = cov[1, 1], cov[1, 2], cov[2, 2]
    pa_new = pa + dt_s * va + h * aa
    va_new = va + dt_s * aa
    pv_new = pv + dt_s * (vv + pa) + (h + dt_s * dt_s) * va + dt_s * h * aa
    pp_new = (
        pp + 2.0 * dt_s * pv + dt_s * dt_s * vv + 2.0 * h * pa + 2.0 * h * dt_s * va + h * h * aa
    )
    vv_new = vv + 2.0 * dt_s * va + dt_s * dt_s * aa
    d2, d3 = dt_s * dt_s, dt_s * dt_s * dt_s
    cov[0, 0] = pp_new + q * d3 * d2 / 20.0
    cov[0, 1] = cov[1, 0] = pv_new + q * d2 * d2 / 8.0
    cov[0, 2] = cov[2, 0] = pa_new + q * d3 / 6.0
    cov[1, 1] = vv_new + q * d3 / 3.0
    cov[1, 2] = cov[2, 1] = va_new + q * d2 / 2.0
    cov[2, 2] = aa + q * dt_s


@kernel
def update(
    mean: FloatArray, cov: FloatArray, measured: float, variance: float, late_s: float
) -> None:
    """Take in one position measurement in place (Joseph-free: the gain is scalar and exact).

    What was measured is where the marker is ``late_s`` after the time of the state, either sign.
    """
    h = 0.5 * late_s * late_s
    c0 = cov[0, 0] + late_s * cov[0, 1] + h * cov[0, 2]
    c1 = cov[0, 1] + late_s * cov[1, 1] + h * cov[1, 2]
    c2 = cov[0, 2] + late_s * cov[1, 2] + h * cov[2, 2]
    total = c0 + late_s * c1 + h * c2 + variance
    innovation = measured - (mean[0] + late_s * mean[1] + h * mean[2])
    g0, g1, g2 = c0 / total, c1 / total, c2 / total
    mean[0] += g0 * innovation
    mean[1] += g1 * innovation
    mean[2] += g2 * innovation
    cov[0, 0] -= g0 * c0
    cov[0, 1] = cov[1, 0] = cov[0, 1] - g0 * c1
    cov[0, 2] = cov[2, 0] = cov[0, 2] - g0 * c2
    cov[1, 1] -= g1 * c1
    cov[1, 2] = cov[2, 1] = cov[1, 2] - g1 * c2
    cov[2, 2] -= g2 * c2


@kernel
def update_speed(mean: FloatArray, cov: FloatArray, measured: float, variance: float) -> None:
    """Take in one measurement of the speed in place."""
    total = cov[1, 1] + variance
    innovation = measured - mean[1]
    c0, c1, c2 = cov[0, 1], cov[1, 1], cov[1, 2]
    g0, g1, g2 = c0 / total, c1 / total, c2 / total
    mean[0] += g0 * innovation
    mean[1] += g1 * innovation
    mean[2] += g2 * innovation
    cov[0, 0] -= g0 * c0
    cov[0, 1] = cov[1, 0] = c0 * variance / total
    cov[0, 2] = cov[2, 0] = cov[0, 2] - g0 * c2
    cov[1, 1] = c1 * variance / total
    cov[1, 2] = cov[2, 1] = c2 * variance / total
    cov[2, 2] -= g2 * c2


@kernel
def foresee(mean: FloatArray, cov: FloatArray, late_s: float) -> tuple[float, float]:
    """Return where one axis is expected ``late_s`` later, and the variance of that."""
    h = 0.5 * late_s * late_s
    c0 = cov[0, 0] + late_s * cov[0, 1] + h * cov[0, 2]
    c1 = cov[0, 1] + late_s * cov[1, 1] + h * cov[1, 2]
    c2 = cov[0, 2] + late_s * cov[1, 2] + h * cov[2, 2]
    return mean[0] + late_s * mean[1] + h * mean[2], c0 + late_s * c1 + h * c2


@kernel
def jolt(cov: FloatArray, dt_s: float, speed_var: float, acceleration_var: float) -> None:
    """Let speed and acceleration jump at an unknown instant of the last ``dt_s``, in place.

    The jump of the speed is spread evenly over the interval, hence the thirds and halves.
    """
    cov[0, 0] += speed_var * dt_s * dt_s / 3.0
    cov[0, 1] += speed_var * dt_s / 2.0
    cov[1, 0] = cov[0, 1]
    cov[1, 1] += speed_var
    cov[2, 2] += acceleration_var


@kernel
def bend(view: FloatArray, x: float, y: float) -> tuple[float, float, float, float, float]:
    """Return a ray as the lens distorts it, and the derivatives: by x, crosswise, by y."""
    r2 = x * x + y * y
    radial = 1.0 + r2 * (view[K1] + r2 * (view[K2] + r2 * view[K3]))
    slope = 2.0 * (view[K1] + r2 * (2.0 * view[K2] + r2 * 3.0 * view[K3]))
    bent_x = x * radial + 2.0 * view[P1] * x * y + view[P2] * (r2 + 2.0 * x * x)
    bent_y = y * radial + view[P1] * (r2 + 2.0 * y * y) + 2.0 * view[P2] * x * y
    xx = radial + slope * x * x + 2.0 * view[P1] * y + 6.0 * view[P2] * x
    mixed = slope * x * y + 2.0 * view[P1] * x + 2.0 * view[P2] * y
    yy = radial + slope * y * y + 6.0 * view[P1] * y + 2.0 * view[P2] * x
    return bent_x, bent_y, xx, mixed, yy


@kernel
def locate(view: FloatArray, plane: FloatArray, x_px: float, y_px: float) -> tuple[float, float]:
    """Map a pixel to (x toward the toes, y up), metres, on the plane."""
    aim_x = (x_px - view[SCENE_X] - view[CX]) / view[FX]
    aim_y = (y_px - view[SCENE_Y] - view[CY]) / view[FY]
    x, y = aim_x, aim_y
    for _ in range(UNBEND_ROUNDS):
        bent_x, bent_y, xx, mixed, yy = bend(view, x, y)
        off_x, off_y = bent_x - aim_x, bent_y - aim_y
        det = xx * yy - mixed * mixed
        if det == 0.0 or (off_x == 0.0 and off_y == 0.0):
            break
        x -= (yy * off_x - mixed * off_y) / det
        y -= (xx * off_y - mixed * off_x) / det
    depth = max(plane[6] * x + plane[7] * y + plane[8], NEAREST)
    side = plane[0] * x + plane[1] * y + plane[2]
    return side / depth, (plane[3] * x + plane[4] * y + plane[5]) / depth


@kernel
def project(view: FloatArray, plane: FloatArray, x_m: float, y_m: float) -> tuple[float, float]:
    """Map (x toward the toes, y up) in metres to a pixel, on the plane."""
    m = plane[INVERSE:SCALE]
    depth = m[6] * x_m + m[7] * y_m + m[8]
    x = (m[0] * x_m + m[1] * y_m + m[2]) / depth
    y = (m[3] * x_m + m[4] * y_m + m[5]) / depth
    bent_x, bent_y, _, _, _ = bend(view, x, y)
    return (
        view[FX] * bent_x + view[CX] + view[SCENE_X],
        view[FY] * bent_y + view[CY] + view[SCENE_Y],
    )


@kernel
def begin(mean: FloatArray, cov: FloatArray, x_m: float, y_m: float, variance_m2: float) -> None:
    """Start a track, ``mean`` (2, 3): at rest where it is seen, speed unknown within 1 m/s."""
    mean[:] = 0.0
    cov[:] = 0.0
    mean[0, 0], mean[1, 0] = x_m, y_m
    for axis in range(2):
        cov[axis, 0, 0], cov[axis, 1, 1], cov[axis, 2, 2] = variance_m2, 1.0, 25.0


@kernel
def fit_in(
    mean: FloatArray,
    cov: FloatArray,
    seen: FloatArray,
    variance: FloatArray,
    late_s: float,
    gap_s: float,
) -> float:
    """Take in a sighting of both axes, ``seen`` (2,); how many sigmas it was off, -1 when refused.

    The gate is ``GATE_SIGMAS`` plus the distance that a shock of ``SHOCK_MPS2`` could make in the
    ``gap_s`` since the last sighting. Upward it is wider for a falling bar, which may have struck
    the floor and left it again. After a surprise the speed may have jumped as much as is seen,
    and what the acceleration was before says nothing of what it is now.
    """
    shock_m = 0.5 * SHOCK_MPS2 * gap_s * gap_s
    strike_m = (1.0 + REBOUND_SHARE) * max(0.0, -mean[1, 1]) * gap_s
    worst = 0.0
    for axis in range(2):
        expected, spread = foresee(mean[axis], cov[axis], late_s)
        sigma = np.sqrt(spread + variance[axis])
        miss = seen[axis] - expected
        allowed_m = shock_m + strike_m if axis == 1 and miss > 0.0 else shock_m
        if abs(miss) > GATE_SIGMAS * sigma + allowed_m:
            return -1.0
        worst = max(worst, abs(miss) / sigma)
    for axis in range(2):
        if worst > SURPRISE_SIGMAS:
            miss = seen[axis] - foresee(mean[axis], cov[axis], late_s)[0]
            speed = miss / gap_s if gap_s > 0.0 else 0.0
            mean[axis, 2] = 0.0
            for i in range(3):
                cov[axis, 2, i] = cov[axis, i, 2] = 0.0
            jolt(cov[axis], gap_s, speed * speed, SURPRISE_ACCELERATION_VAR)
        update(mean[axis], cov[axis], seen[axis], variance[axis], late_s)
    return worst


@kernel
def coast(mean: FloatArray, cov: FloatArray, clock: IntArray, extra: FloatArray, t_ns: int) -> None:
    """Move a track to ``t_ns``; time that stands still or goes back changes nothing."""
    dt_s = (t_ns - clock[NOW]) / NS_PER_S
    if dt_s <= 0.0:
        return
    for axis in range(2):
        predict(mean[axis], cov[axis], dt_s, JERK_DENSITY)
    extra[AWAY_X] *= BLEND_S / (BLEND_S + dt_s)
    extra[AWAY_Y] *= BLEND_S / (BLEND_S + dt_s)
    clock[NOW] = t_ns
    if t_ns - clock[SEEN] > MAX_COAST_S * NS_PER_S:
        clock[ALIVE] = 0


@kernel
def sight(
    mean: FloatArray,
    cov: FloatArray,
    clock: IntArray,
    extra: FloatArray,
    t_ns: int,
    late_s: float,
    seen: FloatArray,
    variance: FloatArray,
    hidden: bool,
) -> float:
    """Take a sighting (x, y) into a track at its present time; how far it jumped, -1 if refused.

    It was exposed ``late_s`` after the middle of the picture. A track that was ``hidden`` before,
    or finds its marker elsewhere, keeps its published place for now: ``extra`` gets how far that is
    from the estimate.
    """
    jumped_m = 0.0
    was_x, was_y, was_alive = mean[0, 0], mean[1, 0], clock[ALIVE] == 1
    if was_alive:
        gap_s = (clock[NOW] - clock[SEEN]) / NS_PER_S
        off = fit_in(mean, cov, seen, variance, late_s, gap_s)
        if off < 0.0:
            clock[GATED] += 1
            if clock[GATED] < LOST_GATED:
                return -1.0
            jumped_m = np.hypot(seen[0] - was_x, seen[1] - was_y)
            clock[ALIVE] = 0
            hidden = True
        else:
            extra[INNOVATION] = off
    if clock[ALIVE] == 0:
        begin(mean, cov, seen[0], seen[1], max(variance[0], variance[1]))
        extra[INNOVATION] = 0.0
        clock[ALIVE] = 1
        if not was_alive or jumped_m > JUMP_M:  # there is nothing to go over from
            hidden = False
            extra[AWAY_X] = extra[AWAY_Y] = 0.0
    if hidden:
        extra[AWAY_X] += was_x - mean[0, 0]
        extra[AWAY_Y] += was_y - mean[1, 0]
    clock[NOW] = clock[SEEN] = t_ns
    clock[GATED] = 0
    return jumped_m


@kernel
def lateness_s(row_ns: int, t_ns: int) -> float:
    """Return how much later than the middle of its picture a DETECTION row was exposed."""
    late_s = (row_ns - t_ns) / NS_PER_S
    return late_s if abs(late_s) <= MOST_LATE_S else 0.0


@kernel
def sound(row: Rows) -> bool:
    """Tell whether all numbers of a DETECTION row are some, and its variances not negative."""
    size = row["r_px"] + row["axis_ratio"] + row["quality"]
    spread = row["var_x_px2"] + row["var_y_px2"]
    if not np.isfinite(row["x_px"] + row["y_px"] + size + spread):
        return False
    return bool(row["var_x_px2"] >= 0.0 and row["var_y_px2"] >= 0.0)


@kernel
def best_row(rows: Rows, role: int) -> int:
    """Return which of the sound DETECTION rows of a role has the highest quality, -1 if none."""
    best = -1
    for i in range(rows.size):
        if rows[i]["role"] != role or not sound(rows[i]):
            continue
        if best < 0 or rows[i]["quality"] > rows[best]["quality"]:
            best = i
    return best


@kernel
def step(
    t_ns: int,
    rows: Rows,
    view: FloatArray,
    plane: FloatArray,
    means: FloatArray,
    covs: FloatArray,
    clocks: IntArray,
    extras: FloatArray,
    states: Rows,
    table: FloatArray,
    at: int,
) -> tuple[int, int, float, float, float, int]:
    """Follow all markers into one frame.

    ``view`` and ``plane`` say how it is seen; the tracks are (m, 2, 3), (m, 2, 3, 3), (m, 4),
    (m, 4) and STATE (m,).

    ``table`` (7, m, capacity) gets what was measured in column ``at``: x, y, variance, delay,
    radius, axis ratio and contrast.
    Returns which tracks were found or lost, a bit each; then of the bar whether it is lost (0),
    coasting or seen (2), its height and vertical speed, and how far its track jumped; last the row
    of the role CAMERA, -1 if there is none.
    """
    scene = best_row(rows, Role.SCENE)
    if scene >= 0:
        view[SCENE_X], view[SCENE_Y] = rows[scene]["x_px"], rows[scene]["y_px"]
    changed, bar_jumped_m = 0, 0.0
    seen, variance = np.empty(2), np.empty(2)
    for m in range(clocks.shape[0]):
        table[2, m, at] = np.inf
        chosen = best_row(rows, m)
        was_alive = clocks[m, ALIVE]
        if chosen < 0 and was_alive == 0:
            continue
        hidden = clocks[m, SEEN] < clocks[m, NOW]
        if was_alive == 1:
            coast(means[m], covs[m], clocks[m], extras[m], t_ns)
            if chosen >= 0 and clocks[m, ALIVE] == 1:
                usual_px = extras[m, RADIUS]
                if abs(rows[chosen]["r_px"] - usual_px) > SIZE_SHARE * usual_px:
                    chosen = -1
        if chosen >= 0:
            row = rows[chosen]
            seen[0], seen[1] = locate(view, plane, row["x_px"], row["y_px"])
            variance[0] = row["var_x_px2"] * plane[SCALE] * plane[SCALE]
            variance[1] = row["var_y_px2"] * plane[SCALE] * plane[SCALE]
            late_s = lateness_s(row["t_ns"], t_ns)
            jumped_m = sight(
                means[m], covs[m], clocks[m], extras[m], t_ns, late_s, seen, variance, hidden
            )
            if jumped_m >= 0.0:
                known = was_alive == 1 and jumped_m == 0.0
                share = SIZE_GAIN if known else 1.0
                extras[m, RADIUS] += share * (row["r_px"] - extras[m, RADIUS])
                table[0, m, at], table[1, m, at] = seen[0], seen[1]
                table[2, m, at] = max(variance[0], variance[1])
                table[3, m, at] = late_s
                table[4, m, at], table[5, m, at] = row["r_px"], row["axis_ratio"]
                table[6, m, at] = row["contrast"]
                if m == Role.BAR:
                    bar_jumped_m = jumped_m
        if clocks[m, ALIVE] != was_alive:
            changed |= 1 << m
        publish(t_ns, means[m], covs[m], clocks[m], extras[m], states[m])
    bar = clocks[Role.BAR]
    there = 0 if bar[ALIVE] == 0 else (2 if bar[SEEN] == t_ns else 1)
    mean = means[Role.BAR, 1]
    return changed, there, mean[0], mean[1], bar_jumped_m, best_row(rows, Role.CAMERA)


@kernel
def publish(
    t_ns: int, mean: FloatArray, cov: FloatArray, clock: IntArray, extra: FloatArray, state: Rows
) -> None:
    """Write a track's STATE row: where it is published to be, not farther off than it says."""
    state["t_ns"] = t_ns
    state["x_m"], state["vx_mps"], state["ax_mps2"] = (
        mean[0, 0] + extra[AWAY_X],
        mean[0, 1],
        mean[0, 2],
    )
    state["y_m"], state["vy_mps"], state["ay_mps2"] = (
        mean[1, 0] + extra[AWAY_Y],
        mean[1, 1],
        mean[1, 2],
    )
    state["var_x_m2"] = cov[0, 0, 0] + extra[AWAY_X] * extra[AWAY_X]
    state["var_y_m2"] = cov[1, 0, 0] + extra[AWAY_Y] * extra[AWAY_Y]
    state["var_vy_m2ps2"] = cov[1, 1, 1]
    state["innovation"] = extra[INNOVATION]
    state["coasting"] = clock[SEEN] != t_ns


@kernel
def expect(
    t_ns: int,
    view: FloatArray,
    plane: FloatArray,
    least_radii: float,
    means: FloatArray,
    clocks: IntArray,
    extras: FloatArray,
    windows: Rows,
) -> int:
    """Write WINDOW rows for the tracks at ``t_ns`` and return how many.

    A window reaches as far as a marker may have gone since it was seen, plus ``least_radii`` of
    its radii; a falling bar may strike the floor meanwhile.
    """
    count = 0
    for m in range(clocks.shape[0]):
        if clocks[m, ALIVE] == 0:
            continue
        dt = max(0.0, (t_ns - clocks[m, NOW]) / NS_PER_S)
        gap = max(0.0, (t_ns - clocks[m, SEEN]) / NS_PER_S)
        x = means[m, 0, 0] + dt * (means[m, 0, 1] + 0.5 * dt * means[m, 0, 2])
        y = means[m, 1, 0] + dt * (means[m, 1, 1] + 0.5 * dt * means[m, 1, 2])
        fall_mps = max(0.0, -(means[m, 1, 1] + dt * means[m, 1, 2]))
        reach_m = 0.5 * REACH_ACCELERATION_MPS2 * gap * gap + (1.0 + REBOUND_SHARE) * fall_mps * gap
        row = windows[count]
        row["role"] = m
        row["x_px"], row["y_px"] = project(view, plane, x, y)
        row["r_px"] = extras[m, RADIUS]
        row["reach_px"] = reach_m / plane[SCALE] + least_radii * extras[m, RADIUS]
        count += 1
    return count


@kernel
def misfit(
    t_s: FloatArray,
    measured: FloatArray,
    variance: FloatArray,
    late_s: FloatArray,
    q: float,
    blow: FloatArray,
    jolts: FloatArray,
) -> float:
    """Return how badly a jerk density fits (n,) samples of one axis: -2 log likelihood, robust.

    Each was measured ``late_s`` (n,) after its time. Samples without a finite ``variance`` are
    skipped, and none counts more than ``blow[0]``
    standard deviations. A sample farther above its prediction than that, of a bar that falls
    faster than ``blow[2]`` m/s, shows a blow: plates strike the floor. ``jolts`` (n,) gets the
    variance that each gives the speed, shared out over the intervals since the bar was last seen,
    0 elsewhere, and ``blow[1]`` is what it gives the
    acceleration; :func:`smooth_axis` wants to know.
    """
    mean, cov = np.zeros(3), np.zeros((3, 3))
    cov[0, 0], cov[1, 1], cov[2, 2] = 0.01, 9.0, 900.0
    total = 0.0
    last = -1
    for i in range(t_s.size):
        jolts[i] = 0.0
        if not np.isfinite(variance[i]):
            continue
        if last < 0:
            mean[0] = measured[i]
        else:
            dt_s = t_s[i] - t_s[last]
            predict(mean, cov, dt_s, q)
            expected, spread = foresee(mean, cov, late_s[i])
            spread += variance[i]
            off = measured[i] - expected
            total += min(off * off / spread, blow[0] * blow[0]) + np.log(spread)
            if mean[1] < -blow[2] and off > blow[0] * np.sqrt(spread):
                speed_var = off * off / (dt_s * dt_s)
                jolt(cov, dt_s, speed_var, blow[1])
                for j in range(last + 1, i + 1):  # it struck at any time since it was last seen
                    jolts[j] = speed_var * (t_s[j] - t_s[j - 1]) / dt_s
        update(mean, cov, measured[i], variance[i], late_s[i])
        last = i
    return total


@kernel
def _inverse(m: FloatArray, out: FloatArray) -> None:
    """Invert a symmetric positive 3 x 3 matrix by cofactors."""
    c00 = m[1, 1] * m[2, 2] - m[1, 2] * m[1, 2]
    c01 = m[0, 2] * m[1, 2] - m[0, 1] * m[2, 2]
    c02 = m[0, 1] * m[1, 2] - m[0, 2] * m[1, 1]
    scale = 1.0 / (m[0, 0] * c00 + m[0, 1] * c01 + m[0, 2] * c02)
    out[0, 0] = c00 * scale
    out[0, 1] = out[1, 0] = c01 * scale
    out[0, 2] = out[2, 0] = c02 * scale
    out[1, 1] = (m[0, 0] * m[2, 2] - m[0, 2] * m[0, 2]) * scale
    out[1, 2] = out[2, 1] = (m[0, 1] * m[0, 2] - m[0, 0] * m[1, 2]) * scale
    out[2, 2] = (m[0, 0] * m[1, 1] - m[0, 1] * m[0, 1]) * scale


@kernel
def smooth_axis(
    t_s: FloatArray,
    measured: FloatArray,
    variance: FloatArray,
    late_s: FloatArray,
    still: FloatArray,
    q: float,
    blow: FloatArray,
    jolts: FloatArray,
    means: FloatArray,
    covs: FloatArray,
) -> None:
    """Rauch-Tung-Striebel smoother of one axis over (n,) samples.

    Each was measured ``late_s`` (n,) after its time. One whose ``variance`` is not finite was not
    seen and only marks a time. ``still`` (n,) is the variance with which the speed is known to be
    nothing, infinite where it is not. ``jolts`` (n,) and ``blow`` are those of :func:`misfit`:
    where a jolt is not 0, speed and acceleration may have jumped between the sample before and
    this one. ``means`` (n, 3) and ``covs`` (n, 3, 3) get the smoothed estimates. The start is
    diffuse: 0.1 m, 3 m/s, 30 m/s^2 around the first sample that was seen.
    """
    n = t_s.size
    before_mean, before_cov = np.empty((n, 3)), np.empty((n, 3, 3))
    mean, cov = np.zeros(3), np.zeros((3, 3))
    cov[0, 0], cov[1, 1], cov[2, 2] = 0.01, 9.0, 900.0
    for i in range(n):
        if np.isfinite(variance[i]):
            mean[0] = measured[i]
            break
    for i in range(n):
        if i > 0:
            predict(mean, cov, t_s[i] - t_s[i - 1], q)
            if jolts[i] > 0.0:
                jolt(cov, t_s[i] - t_s[i - 1], jolts[i], blow[1])
        before_mean[i] = mean
        before_cov[i] = cov
        if np.isfinite(variance[i]):
            update(mean, cov, measured[i], variance[i], late_s[i])
        if np.isfinite(still[i]):
            update_speed(mean, cov, 0.0, still[i])
        means[i] = mean
        covs[i] = cov
    inverse, gain, carried = np.empty((3, 3)), np.empty((3, 3)), np.empty((3, 3))
    for i in range(n - 2, -1, -1):
        dt = t_s[i + 1] - t_s[i]
        _inverse(before_cov[i + 1], inverse)
        for r in range(3):
            c0, c1, c2 = covs[i, r, 0], covs[i, r, 1], covs[i, r, 2]
            carried[r, 0] = c0 + dt * c1 + 0.5 * dt * dt * c2
            carried[r, 1] = c1 + dt * c2
            carried[r, 2] = c2
        _multiply(carried, inverse, gain)
        for r in range(3):
            for c in range(3):
                means[i, r] += gain[r, c] * (means[i + 1, c] - before_mean[i + 1, c])
        for r in range(3):
            for c in range(3):
                carried[r, c] = 0.0
                for k in range(3):
                    carried[r, c] += gain[r, k] * (covs[i + 1, k, c] - before_cov[i + 1, k, c])
        for r in range(3):
            for c in range(3):
                for k in range(3):
                    covs[i, r, c] += carried[r, k] * gain[c, k]


@kernel
def _multiply(a: FloatArray, b: FloatArray, out: FloatArray) -> None:
    """Write the product of two 3 x 3 matrices into ``out`` (no BLAS: replay is bit-exact)."""
    for i in range(3):
        for j in range(3):
            out[i, j] = a[i, 0] * b[0, j] + a[i, 1] * b[1, j] + a[i, 2] * b[2, j]
