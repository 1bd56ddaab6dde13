"""Who is at the bar without stickers: facing, the back's angle, nobody; only where it is seen."""

from math import pi, radians

import numpy as np
import pytest
from lifts import LEVELLED, ORIGIN_X_PX, ORIGIN_Y_PX, Body, Camera, Session, film, play, single
from msgspec.structs import replace

from shinline.coach.stance import BEFORE_NS, CONTOUR_SD_DEG, Stances
from shinline.config import Marker
from shinline.dtypes import DETECTION
from shinline.types import (
    NS_PER_S,
    Facing,
    FaultVerdict,
    HipNumbers,
    Posture,
    Role,
    Rows,
    SetupEvent,
    StepState,
)

AUTO = replace(LEVELLED, marker=Marker(kind="ring", diameter_m=0.08, facing="auto"))
LIFT_OFF_S = 1.5
LOOK_NS = NS_PER_S // 5


def body_row(
    t_ns: int, posture: Posture, way_deg: float = 0.0, sd_deg: float = 0.0, forward: float = 1.0
) -> Rows:
    """Return a BODY row; ``way_deg`` is how steep the back is, toes along ``forward``."""
    row = np.zeros(1, DETECTION)
    row["t_ns"], row["role"], row["contrast"], row["quality"] = t_ns, Role.BODY, posture, 1.0
    row["x_px"], row["y_px"] = ORIGIN_X_PX - forward * 150.0, ORIGIN_Y_PX - 130.0
    row["residual"] = radians(way_deg) if forward > 0.0 else pi - radians(way_deg)
    row["axis_ratio"], row["r_px"] = radians(sd_deg), 150.0
    return row


def lifted(
    posture: Posture | None,
    way_deg: float = 0.0,
    sd_deg: float = 0.0,
    forward: float = 1.0,
    until_s: float = LIFT_OFF_S,
) -> Session:
    """Play a lift whose rests come with BODY rows, until the bar leaves the floor."""
    camera = Camera(forward=forward)
    frames, next_ns = [], 0
    for head, rows in film(single(bulge=0.045), camera):
        t_ns = int(head["t_ns"])
        if posture is not None and next_ns <= t_ns < camera.t0_ns + until_s * NS_PER_S:
            next_ns = t_ns + LOOK_NS
            rows = np.concatenate([rows, body_row(t_ns, posture, way_deg, sd_deg, forward)])
        frames.append((head, rows))
    return play(frames, AUTO, camera.t0_ns)


def verdict(session: Session, code: str) -> FaultVerdict:
    return next(v for v in session.reps[0].faults if v.code == code)


@pytest.mark.parametrize("forward", [1.0, -1.0])
def test_the_facing_is_learned_from_who_bends(forward: float) -> None:
    """With or without a line; the path is then that of a lifter whose facing was known."""
    for sd_deg in (2.0, 0.0):
        session = lifted(Posture.BENDS, 30.0 if sd_deg else 0.0, sd_deg, forward)
        assert session.engine.facing is (Facing.RIGHT if forward > 0.0 else Facing.LEFT)
        told = replace(AUTO, marker=replace(AUTO.marker, facing=session.engine.facing.value))
        known = play(film(single(bulge=0.045), Camera(forward=forward)), told)
        assert session.reps[0].drift_forward_m == pytest.approx(known.reps[0].drift_forward_m)
        assert session.reps[0].loop_m == pytest.approx(known.reps[0].loop_m)


@pytest.mark.parametrize("posture", [Posture.NOBODY, Posture.STANDS, None])
def test_nobody_else_tells_the_facing(posture: Posture | None) -> None:
    session = lifted(posture)
    assert session.engine.facing is Facing.UNKNOWN
    assert session.reps[0].drift_forward_m is None


def test_three_looks_in_a_row_must_agree_on_the_facing() -> None:
    seen = Stances()
    for n, forward in enumerate((1.0, -1.0, 1.0, 1.0)):
        seen.take(body_row(n * LOOK_NS, Posture.BENDS, 30.0, 2.0, forward))
        assert seen.facing(n * LOOK_NS) == 0.0
    seen.take(body_row(4 * LOOK_NS, Posture.BENDS, 30.0, 2.0))
    assert seen.facing(4 * LOOK_NS) == 1.0
    assert seen.facing(4 * LOOK_NS + 2 * NS_PER_S) == 0.0, "and be of now"
    seen.clear()
    assert seen.now(4 * LOOK_NS) is None


def test_a_bar_that_rises_by_itself_is_marked() -> None:
    rep = lifted(Posture.NOBODY).reps[0]
    assert "nobody_seen" in rep.marks
    assert rep.valid


@pytest.mark.parametrize(
    ("posture", "until_s"),
    [(Posture.BENDS, LIFT_OFF_S), (Posture.STANDS, LIFT_OFF_S), (None, 0.0), (Posture.NOBODY, 0.5)],
)
def test_who_was_there_or_was_not_looked_for_is_not_nobody(
    posture: Posture | None, until_s: float
) -> None:
    assert "nobody_seen" not in lifted(posture, until_s=until_s).reps[0].marks


def test_stickers_are_somebody() -> None:
    camera = Camera()

    frames = []
    for n, (head, rows) in enumerate(film(single(), camera, Body())):
        empty = body_row(int(head["t_ns"]), Posture.NOBODY)
        frames.append((head, np.concatenate([rows, empty]) if n % 12 == 0 else rows))
    assert play(frames, AUTO).reps[0].marks == ()


@pytest.mark.parametrize("forward", [1.0, -1.0])
@pytest.mark.parametrize("deg", [5.0, 38.0])
def test_the_back_s_angle_is_told_and_judged_only_where_it_is_clear(
    deg: float, forward: float
) -> None:
    """38 degrees are far from any level; 5 are flatter than the threshold, but not for certain."""
    session = lifted(Posture.BENDS, deg, 2.0, forward)
    hip = session.reps[0].hip
    assert isinstance(hip, HipNumbers)
    assert hip.trunk_drop_deg is None
    assert hip.back_angle_deg == pytest.approx(deg, abs=0.3)
    assert hip.back_angle_sd_deg == pytest.approx(np.hypot(2.0, CONTOUR_SD_DEG), rel=0.01)
    judged = verdict(session, "hips_high_start")
    assert judged.assessed == (deg > 30.0)
    assert judged.details["without_stickers"] == 1.0
    assert not verdict(session, "hips_shoot_up").assessed


def test_a_back_that_moves_or_was_seen_too_long_ago_has_no_angle() -> None:
    early = lifted(Posture.BENDS, 38.0, 2.0, until_s=LIFT_OFF_S - BEFORE_NS / NS_PER_S + 0.5)
    assert early.reps[0].hip is None
    camera, frames = Camera(), []
    for n, (head, rows) in enumerate(film(single(), camera)):
        seen = body_row(int(head["t_ns"]), Posture.BENDS, 40.0 - 0.2 * n, 2.0)
        frames.append((head, np.concatenate([rows, seen]) if n % 12 == 0 and n < 90 else rows))
    assert play(frames, AUTO).reps[0].hip is None


def test_bending_is_a_step_of_the_set_up_without_stickers_too() -> None:
    def first(posture: Posture | None) -> StepState:
        steps = [e for e in lifted(posture).events if isinstance(e, SetupEvent)]
        return steps[0].steps[0].state

    assert first(Posture.BENDS) is StepState.DONE
    assert first(Posture.STANDS) is StepState.NOW
    assert first(None) is StepState.CHECK_YOURSELF
