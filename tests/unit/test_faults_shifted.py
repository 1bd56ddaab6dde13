"""A verdict does not know where the bar lies nor what time it is; and how sure a value is."""

from dataclasses import replace

import numpy as np
import pytest
from fault_cases import BODY, CASES, HIP, Case, rounding
from judged import (
    DOWN_S,
    HOLD_S,
    NOISE_M,
    PULL,
    REST_S,
    ROM_M,
    Pull,
    at,
    between_heights,
    with_bar,
)
from lifts import Floats, Script

from shinline.coach.body import Point
from shinline.coach.bounds import height_m
from shinline.coach.faults.card import Finding
from shinline.coach.faults.elbows_to_knees import arm_ahead_m
from shinline.coach.faults.rounding import bend_deg
from shinline.coach.faults.table import CARDS
from shinline.coach.windows import crossing, sustained_max, upto
from shinline.types import NS_PER_S, PATH, Role, Rows, Severity

NOMINAL = {"setup_gap": 0.0375, "hips_high_start": 27.0, "bounce": 1.0}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_elsewhere_and_later_all_is_the_same(case: Case) -> None:
    """The second pull of a bar that rolled, on blocks, an hour into the session."""
    here = case.make(1.2 * [level for level in case.ladder if isinstance(level, float)][-1])
    by_m, up_m, later_ns = 0.13, 0.21, 3600 * NS_PER_S + 1234
    there = here.but(shift=(by_m, up_m, later_ns))
    if here.past.rested_x_m is not None:
        there = there.but(past=replace(here.past, rested_x_m=here.past.rested_x_m + by_m))
    a, b = here.verdict(case.code), there.verdict(case.code)
    assert (a.assessed, a.severity) == (b.assessed, b.severity)
    assert a.value == pytest.approx(b.value, rel=1e-5, abs=1e-7)
    assert a.sd == pytest.approx(b.sd, rel=1e-4)
    assert a.threshold == pytest.approx(b.threshold)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_nothing_is_wrong_where_the_card_says_so(case: Case) -> None:
    made = case.make([level for level in case.ladder if isinstance(level, float)][-1])
    card = next(card for card in CARDS if card.code == case.code)

    class Around:
        coach, past = made.config.coach, made.past

    value = made.verdict(case.code).value
    assert value is not None
    assert card.levels(Around(), Finding(value, 0.0)).nominal == NOMINAL.get(case.code, 0.0)


def test_a_loop_is_measured_from_its_chord_and_not_from_the_vertical() -> None:
    """The bar leans back by 60 mm a metre all the way."""
    loop = between_heights(0.04, 0.195, 0.30)
    leaning = Pull(aside=lambda t, y: loop(t, y) - 0.06 * y)
    assert leaning.verdict("knee_loop").value == pytest.approx(0.04, abs=3e-4)
    straight = Pull(aside=lambda t, y: -0.06 * y)
    assert straight.verdict("knee_loop").value == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(("share", "ratio"), [(0.75, True), (0.65, False)])
def test_hips_are_compared_with_shoulders_that_rise_by_eighty_millimetres(
    share: float, ratio: bool
) -> None:
    """Of the bar's 0.12 m: 90 and 78 mm."""

    def shoulder(t: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        return np.full_like(t, 0.03), 0.55 + share * y

    verdict = Pull(body={Role.HIP: HIP, Role.SHOULDER: shoulder}).verdict("hips_shoot_up")
    assert ("rise_ratio" in verdict.details) is ratio


def test_a_jerk_of_fifty_milliseconds_is_averaged_over_seventy_five() -> None:
    """8 m/s2 up to 0.4 m/s: from 0.03 m/s at lift-off that is 0.37 m/s in 0.075 s."""
    script = Script().rest(REST_S).move(0.05, 0.01, ease=lambda u: u**2)
    script = script.move(1.0, 0.40, ease=lambda u: u)
    script = script.move(0.55, 0.11, ease=lambda u: u * (2.0 - u))
    pull = Pull(script.rest(HOLD_S).move(DOWN_S, -ROM_M))
    assert pull.verdict("yank").value == pytest.approx(0.37 / 0.075, abs=0.1)


@pytest.mark.parametrize(("at_m", "counts"), [(0.030, False), (0.150, True)])
def test_the_blow_of_a_bounce_is_no_reversal(at_m: float, counts: bool) -> None:
    script = Script().rest(REST_S).move(0.4, at_m).move(0.2, -0.012).rest(0.08)
    script = script.move(1.2, ROM_M - at_m + 0.012).rest(HOLD_S).move(DOWN_S, -ROM_M)
    bounced = Pull(script, previous_floor_s=REST_S - 0.1).verdict("reversal").value
    rested = Pull(script).verdict("reversal").value
    assert rested == pytest.approx(0.012, abs=1e-4)
    assert bounced == pytest.approx(0.012 if counts else 0.0, abs=1e-4)


def test_a_hidden_knee_is_found_for_the_start_too() -> None:
    """Seen at the top and not at the set position; ankle and hip are."""
    body = {
        **BODY,
        Role.ANKLE: at(-0.1, -0.12),
        Role.KNEE: at(0.0436, 0.2747),
        Role.HIP: with_bar(-0.38, 0.26),
    }
    seen = Pull(PULL, body).verdict("hips_high_start").details
    hidden = Pull(PULL, body, hidden=((Role.KNEE, 0.6, 1.3),)).verdict("hips_high_start").details
    assert set(seen) == {"hip_share", "knee_deg"}
    assert set(hidden) <= set(seen)


# --- how sure ----------------------------------------------------------------------------


def test_the_arms_place_is_as_sure_as_what_it_is_made_of() -> None:
    """A line from 0 to 1 m, at a quarter of it."""
    points = {
        Role.BAR: Point(0.0, 0.0, 0.004),
        Role.SHOULDER: Point(0.2, 1.0, 0.008),
        Role.KNEE: Point(0.1, 0.25, 0.001),
    }
    value, sd = arm_ahead_m(points)
    assert value == pytest.approx(0.05 - 0.1)
    assert sd == pytest.approx(np.hypot(np.hypot(0.75 * 0.004, 0.25 * 0.008), 0.001))


def test_a_back_is_as_sure_as_its_stickers_move_it() -> None:
    """By moving each sticker out by its standard deviation, at the straight back."""
    pull = rounding(0.0, usual_deg=0.0)
    rows = [pull.given().body.paths[role] for role in (Role.HIP, Role.MID_BACK, Role.SHOULDER)]
    along = np.array([rows[2][name][0] - rows[0][name][0] for name in ("x_m", "y_m")])
    out = np.array([-along[1], along[0]]) / np.hypot(*along)

    def bent(which: int) -> float:
        moved: list[Rows] = [each[:1].copy() for each in rows]
        moved[which]["x_m"] += NOISE_M * out[0]
        moved[which]["y_m"] += NOISE_M * out[1]
        return float(bend_deg(*moved)[0])

    expected = float(np.sqrt(sum(bent(which) ** 2 for which in range(3))))
    sd = pull.verdict("rounding").sd
    assert sd is not None
    assert expected <= sd * (1.0 + 1e-6)
    assert sd < 2.0 * expected


# --- windows and dwells ------------------------------------------------------------------


def test_a_level_is_crossed_between_two_samples() -> None:
    t_s, height = np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.1, 0.2, 0.4, 0.3])
    assert crossing(t_s, height, 0.3) == pytest.approx(1.5)
    assert crossing(t_s, height, 0.4) == pytest.approx(2.0)
    assert crossing(t_s, height, 0.05) == 0.0
    assert crossing(t_s, height, 0.1) == 0.0
    assert crossing(t_s, height, 0.41) is None


def test_a_window_ends_at_its_instant() -> None:
    t_s, values = np.array([0.0, 1.0, 2.0]), np.array([0.0, 10.0, 30.0])
    for end_s, times, expected in (
        (1.5, [0.0, 1.0, 1.5], [0.0, 10.0, 20.0]),
        (1.0, [0.0, 1.0], [0.0, 10.0]),
    ):
        got_t, got = upto(t_s, values, end_s)
        np.testing.assert_allclose(got_t, times)
        np.testing.assert_allclose(got, expected)


@pytest.mark.parametrize("dwell_s", [0.1, 0.4, 1.0])
def test_a_level_that_is_kept_is_where_a_triangle_is_so_wide(dwell_s: float) -> None:
    """Up and down by 1 a second, peak 1: as wide as the dwell at 1 - dwell / 2."""
    t_s = np.arange(0.0, 2.001, 0.05)
    values = 1.0 - np.abs(t_s - 1.0)
    kept = sustained_max(t_s, values, dwell_s)
    assert kept == pytest.approx(1.0 - 0.5 * dwell_s, abs=0.03 * dwell_s + 1e-9)
    assert kept <= 1.0 - 0.5 * dwell_s + 1e-9


def test_a_dip_in_a_stretch_is_its_level() -> None:
    t_s = np.arange(0.0, 1.001, 0.1)
    values = np.where(np.arange(11) == 5, 0.2, 1.0)
    assert sustained_max(t_s, values, 0.9) == pytest.approx(0.2)
    assert sustained_max(t_s, values, 0.3) == pytest.approx(1.0)
    assert sustained_max(t_s, values, 5.0) == pytest.approx(0.2)


def test_what_was_not_seen_of_the_bar_makes_a_verdict_less_sure() -> None:
    """A pull of which the bar was seen in four fifths is still judged, less surely."""
    whole = Pull(aside=between_heights(0.05, 0.06, 0.20))
    holes = tuple((Role.BAR, 1.3 + 0.1 * n, 1.31 + 0.1 * n) for n in range(8))
    shown, less = whole.verdict("bar_forward"), whole.but(hidden=holes).verdict("bar_forward")
    assert (shown.severity, less.severity) == (Severity.FAULT, Severity.FAULT)
    assert less.confidence < shown.confidence <= 1.0


def test_a_height_between_two_rows_is_theirs_and_not_their_neighbours() -> None:
    """On a sine of 2 Hz at 60 rows a second the cubic between two rows is off by micrometres."""
    rows = np.zeros(60, PATH)
    t_s = np.arange(60) / 60.0
    rows["t_ns"] = np.rint(t_s * NS_PER_S)
    rate = 2.0 * np.pi * 2.0
    rows["y_m"], rows["vy_mps"] = 0.1 * np.sin(rate * t_s), 0.1 * rate * np.cos(rate * t_s)
    for at_s in (0.104, 0.33, 0.509, 0.75):
        true_m = 0.1 * float(np.sin(rate * at_s))
        assert height_m(rows, round(at_s * NS_PER_S)) == pytest.approx(true_m, abs=2e-6)
