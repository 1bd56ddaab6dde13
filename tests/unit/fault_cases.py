"""A pull for every fault and every size of it: exact, and with nothing else wrong.

How each pull gets its size is the card's definition turned round, in the pull's own numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from judged import (
    DOWN_S,
    HOLD_S,
    PULL,
    REST_S,
    ROM_M,
    UP_S,
    Pull,
    at,
    between_heights,
    finished,
    plateau,
    told,
    with_bar,
)
from lifts import Floats, Script, min_jerk, truth

from shinline.coach.past import Past, Standing
from shinline.types import Role, Severity

SHOULDER_X_M, SHOULDER_Y_M = 0.03, 0.55
HIP, SHOULDER = with_bar(-0.38, 0.26), with_bar(SHOULDER_X_M, SHOULDER_Y_M)
BODY = {Role.HIP: HIP, Role.SHOULDER: SHOULDER}
TRUE = truth(PULL, 0.5, REST_S + UP_S + 0.5)
"""The plain pull by the published definitions."""

SHAFT_AND_SHIN_M = 0.014 + 0.045


def setup_gap(gap_m: float) -> Pull:
    """The shank stands upright so far behind the shaft, less half a shaft and half a shin."""
    x_m = -gap_m - SHAFT_AND_SHIN_M
    return Pull(body={**BODY, Role.ANKLE: at(x_m, -0.12), Role.KNEE: at(x_m, 0.30)})


def elbows_to_knees(ahead_m: float) -> Pull:
    """The arm goes from the bar to a shoulder 30 mm ahead of it: half-way up it is at 15 mm."""
    knee = at(0.5 * SHOULDER_X_M - ahead_m, 0.5 * SHOULDER_Y_M)
    return Pull(body={**BODY, Role.KNEE: knee})


def bar_rolled(by_m: float) -> Pull:
    return Pull(past=Past(rested_x_m=by_m))


def hips_high_start(trunk_deg: float) -> Pull:
    """Two of three: the knee is straight (135 degrees); the hip's share is 0.5 of the way up."""
    angle = np.radians(trunk_deg)
    hip_x, hip_y = SHOULDER_X_M - 0.5 * np.cos(angle), SHOULDER_Y_M - 0.5 * np.sin(angle)
    knee_y = 2.0 * hip_y - SHOULDER_Y_M  # the hip is half-way between knee and shoulder
    thigh = np.array([hip_x - 0.05, hip_y - knee_y])
    turned = np.arctan2(thigh[1], thigh[0]) + np.radians(135.0)
    ankle = at(0.05 + 0.4 * np.cos(turned), knee_y + 0.4 * np.sin(turned))
    body = {
        Role.HIP: with_bar(hip_x, hip_y),
        Role.SHOULDER: SHOULDER,
        Role.KNEE: at(0.05, knee_y),
        Role.ANKLE: ankle,
    }
    return Pull(body=body)


def hips_low_start(behind_m: float) -> Pull:
    return Pull(body={Role.HIP: HIP, Role.SHOULDER: with_bar(-behind_m, SHOULDER_Y_M)})


def tips(trunk_m: float, drop_deg: float, set_deg: float = 35.0) -> Pull:
    """A trunk of a length that loses its angle while the bar rises the first 0.10 m."""

    def hip(t: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        angle = np.radians(set_deg - drop_deg * min_jerk(np.clip(y / 0.10, 0.0, 1.0)))
        away_x, away_y = trunk_m * np.cos(angle), trunk_m * np.sin(angle)
        return SHOULDER_X_M - away_x, y + SHOULDER_Y_M - away_y

    return Pull(body={Role.HIP: hip, Role.SHOULDER: SHOULDER})


def with_ratio(drop_deg: float, ratio: float, set_deg: float = 35.0) -> Pull:
    """The shoulder rises 0.12 m in the window; the hip by so much more as the trunk is long."""
    lost = np.sin(np.radians(set_deg)) - np.sin(np.radians(set_deg - drop_deg))
    return tips(0.12 * (ratio - 1.0) / float(lost), drop_deg, set_deg)


def bar_forward(by_m: float) -> Pull:
    return Pull(aside=between_heights(by_m, 0.06, 0.20))


LEG = {
    Role.ANKLE: at(-0.10, -0.12),
    Role.KNEE: at(-0.10, 0.25),
    Role.HIP: at(-0.10, 0.75),
    Role.SHOULDER: SHOULDER,
}
"""Upright legs that stay: the gap to them is where the bar is."""


def leaves_shank(by_m: float) -> Pull:
    return Pull(body=LEG, aside=between_heights(by_m, 0.06, 0.16))


def leaves_thigh(by_m: float) -> Pull:
    return Pull(body=LEG, aside=between_heights(by_m, 0.32, 0.42))


def knee_loop(by_m: float) -> Pull:
    """Nothing at 30 and 65 % of 0.52 m, so much forward in between."""
    return Pull(aside=between_heights(by_m, 0.195, 0.30))


def reversal(by_m: float) -> Pull:
    script = Script().rest(REST_S).move(0.8, 0.25).move(0.3, -by_m).rest(0.1)
    return Pull(script.move(1.0, ROM_M - 0.25 + by_m).rest(HOLD_S).move(DOWN_S, -ROM_M))


def hitch(stops: float) -> Pull:
    """Up to 0.28 m, above the knee, and there so many stops of 0.15 s, each 50 mm higher."""
    script, height_m = Script().rest(REST_S), 0.0
    for _ in range(round(stops)):
        step_m = 0.05 if height_m else 0.28
        script = script.move(0.5 if height_m else 0.8, step_m).rest(0.15)
        height_m += step_m
    script = script.move(0.8 if stops else UP_S, ROM_M - height_m)
    return Pull(script.rest(HOLD_S).move(DOWN_S, -ROM_M))


def rounding(more_deg: float, usual_deg: float = 25.0) -> Pull:
    """Hip and shoulder stay; the mid-back goes out until the line bends by so much more."""
    hip, shoulder = np.array([-0.38, 0.26]), np.array([SHOULDER_X_M, SHOULDER_Y_M])
    half = 0.5 * float(np.hypot(*(shoulder - hip)))
    along = (shoulder - hip) / (2.0 * half)
    out = np.array([-along[1], along[0]])  # to the back's side
    grows = plateau(more_deg, 1.3, 1.6)

    def middle(t: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        off = half * np.tan(0.5 * np.radians(usual_deg + grows(t, y)))
        centre = 0.5 * (hip + shoulder)
        return centre[0] + off * out[0], centre[1] + off * out[1]

    body = {Role.HIP: at(*hip), Role.SHOULDER: at(*shoulder), Role.MID_BACK: middle}
    return Pull(body=body)


def leaning(role: Role, more_deg: float, relaxed_deg: float, since_s: float, for_s: float) -> Pull:
    """The shoulder goes back over a sticker that stays, for some time while the bar is high."""
    leans = plateau(more_deg, since_s, since_s + for_s)

    def shoulder(t: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        angle = np.radians(relaxed_deg + leans(t, y))
        return -0.1 - 0.4 * np.sin(angle), 0.8 + 0.4 * np.cos(angle)

    past = Past(standing=Standing({role: relaxed_deg}))
    return Pull(body={role: at(-0.1, 0.8), Role.SHOULDER: shoulder}, past=past)


def lean_back(more_deg: float, role: Role = Role.CREST) -> Pull:
    return leaning(role, more_deg, 3.0, REST_S + UP_S + 0.2, 0.4)


def short_lockout(share: float) -> Pull:
    """The usual range is longer, so that this one is short by a share of it."""
    usual_m = TRUE.rom_m / (1.0 - share)
    return Pull(past=Past(reps=(finished(1, rom_m=usual_m), finished(2, rom_m=usual_m))))


def starting(mps2: float) -> Script:
    """From rest with an even acceleration for 0.2 s, then evenly slower up to the top."""
    first_m, speed = 0.5 * mps2 * 0.2**2, 0.2 * mps2
    rest_m = ROM_M - first_m
    script = Script().rest(REST_S).move(0.2, first_m, ease=lambda u: u**2)
    script = script.move(2.0 * rest_m / speed, rest_m, ease=lambda u: u * (2.0 - u))
    return script.rest(HOLD_S).move(DOWN_S, -ROM_M)


def yank(mps2: float) -> Pull:
    """The lifter's own starts are at 1.5 m/s2, less than half of what is a fault."""
    own = told("yank", 1.5)
    reps = tuple(finished(n, faults=(own,)) for n in (1, 2, 3))
    return Pull(starting(mps2), past=Past(reps=reps))


def bounce(floor_s: float) -> Pull:
    """Lift-off is at 0.03 m/s, and 0.1 s later the bar goes at 0.43 m/s."""
    return Pull(starting(4.0), previous_floor_s=REST_S + 0.03 / 4.0 - floor_s)


def lowering(mps: float) -> Pull:
    """Slowly down at first, the last 0.22 m at one speed; never in less than half a second."""
    script = Script().rest(REST_S).move(UP_S, ROM_M).rest(HOLD_S)
    script = script.move(3.0 * 0.30 / mps, -0.30, ease=lambda u: u**3)
    return Pull(script.move(0.22 / mps, -0.22, ease=lambda u: u))


def velocity_loss(share: float) -> Pull:
    best = finished(1, mean_velocity_mps=TRUE.mean_mps / (1.0 - share))
    return Pull(past=Past(of_set=(best, finished(2, mean_velocity_mps=TRUE.mean_mps * 0.9))))


def _same(value: float) -> float:
    return value


GOOD, WARN, FAULT, INFO = Severity.GOOD, Severity.WARN, Severity.FAULT, Severity.INFO


@dataclass(frozen=True)
class Case:
    """One fault: how to make it, its levels from harmless to worst, how near a value must come.

    ``ladder``: severities from harmless to worst, the level between each two. ``measured``: the
    value that a size has.
    """

    code: str
    make: Callable[[float], Pull]
    ladder: tuple[Severity | float, ...]
    near: float
    measured: Callable[[float], float] = _same
    name: str = ""

    def __str__(self) -> str:
        return self.name or self.code


CASES = (
    Case("setup_gap", setup_gap, (GOOD, 0.065, WARN, 0.085, FAULT), 1e-4, name="gap_far"),
    Case("setup_gap", setup_gap, (GOOD, 0.015, WARN, 0.005, FAULT), 1e-4, name="gap_near"),
    Case("elbows_to_knees", elbows_to_knees, (GOOD, 0.050, WARN), 1e-4, name="arms_ahead"),
    Case("elbows_to_knees", elbows_to_knees, (GOOD, -0.050, WARN), 1e-4, name="arms_behind"),
    Case("bar_rolled", bar_rolled, (GOOD, 0.015, WARN), 1e-4),
    Case("hips_high_start", hips_high_start, (WARN, 10.0, FAULT), 0.05),
    Case("hips_low_start", hips_low_start, (GOOD, 0.010, WARN, 0.020, FAULT), 1e-4),
    Case("hips_shoot_up", lambda deg: tips(0.40, deg), (GOOD, 3.0, WARN), 0.05, name="tips"),
    Case("hips_shoot_up", lambda deg: tips(0.70, deg), (WARN, 5.0, FAULT), 0.05, name="shoots"),
    Case("bar_forward", bar_forward, (GOOD, 0.020, WARN, 0.030, FAULT), 1e-4),
    Case("bar_leaves_legs", leaves_shank, (GOOD, 0.020, WARN, 0.030, FAULT), 2e-4, name="shank"),
    Case("bar_leaves_legs", leaves_thigh, (GOOD, 0.020, WARN, 0.030, FAULT), 2e-4, name="thigh"),
    Case("knee_loop", knee_loop, (GOOD, 0.020, WARN, 0.035, FAULT), 2e-4),
    Case("reversal", reversal, (GOOD, 0.008, FAULT), 1e-4),
    Case("rounding", rounding, (GOOD, 8.0, WARN, 12.0, FAULT), 0.05),
    Case("lean_back", lean_back, (GOOD, 8.0, WARN, 12.0, FAULT), 0.05),
    Case(
        "short_lockout",
        short_lockout,
        (GOOD, 0.03, WARN, 0.05, FAULT),
        2e-4,
        lambda share: share / (1.0 - share) * TRUE.rom_m,
    ),
    Case("yank", yank, (GOOD, 3.0, WARN, 4.0, FAULT), 0.02),
    Case("bounce", bounce, (GOOD, 0.25, FAULT), 1e-3),
    Case("lowering", lowering, (GOOD, 1.4, WARN, 1.8, FAULT), 5e-3),
    Case("velocity_loss", velocity_loss, (GOOD, 0.10, WARN, 0.20, FAULT), 1e-3),
)
