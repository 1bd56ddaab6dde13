"""When in a lift that goes on something is decided: at once, once, and in order."""

import numpy as np
import pytest
from fault_cases import tips
from judged import PULL, ROM_M, Pull
from lifts import LEVELLED, Body, Camera, Floats, Script, lift, single

from shinline.coach.faults.card import When
from shinline.coach.faults.table import CARDS
from shinline.coach.moments import Moments
from shinline.types import NS_PER_S, FaultEvent, RepEvent, RepKind, Severity

RATE_HZ = 100
OWN_M = 0.50


def _ns(s: float) -> int:
    return round(s * NS_PER_S)


def _follow(y_m: Floats, vy_mps: Floats, own: bool = True, slow_s: float = 0.0) -> dict[When, int]:
    """Return at which sample each moment comes; the lift begins at the first one."""
    moments = Moments()
    moments.rest(_ns(slow_s), 0.0)
    moments.begin(0.0, OWN_M, own)
    come: dict[When, int] = {}
    for i, (y, vy) in enumerate(zip(y_m, vy_mps, strict=True)):
        for when in moments.update(_ns(slow_s + i / RATE_HZ), float(y), float(vy)):
            assert when not in come
            come[when] = i
    assert list(come) == sorted(come)
    return come


def _up(to_m: float, speed_mps: float = 0.5) -> tuple[Floats, Floats]:
    y = np.arange(0.0, to_m, speed_mps / RATE_HZ)
    return y, np.full(y.shape, speed_mps)


def test_each_moment_comes_with_the_first_sample_at_its_height() -> None:
    y, vy = _up(0.48)
    come = _follow(y, vy)
    heights = {When.EARLY: 0.122, When.KNEE: 0.242, When.PAST_KNEE: 0.292}
    for when, height_m in heights.items():
        assert come[when] == int(np.argmax(y >= height_m)), when
    assert come[When.LIFT] == 0
    assert come[When.OFF] == 17  # 0.15 s after lift-off, which may be a picture later
    assert When.TOP not in come  # it still goes up


def test_heights_count_from_where_the_bar_lay() -> None:
    moments = Moments()
    moments.begin(0.20, OWN_M, own=True)
    assert When.EARLY not in moments.update(_ns(0.3), 0.321, 0.5)
    assert When.EARLY in moments.update(_ns(0.31), 0.323, 0.5)
    assert When.KNEE not in moments.update(_ns(0.4), 0.441, 0.5)
    assert When.KNEE in moments.update(_ns(0.41), 0.443, 0.5)


def test_a_short_lift_is_early_until_a_quarter_of_it() -> None:
    moments = Moments()
    moments.begin(0.0, 0.30, own=True)
    assert When.EARLY not in moments.update(_ns(0.2), 0.0769, 0.5)
    assert When.EARLY in moments.update(_ns(0.21), 0.0771, 0.5)


@pytest.mark.parametrize(("own", "least_m"), [(True, 0.45), (False, 0.375)])
def test_the_top_is_where_it_stops_near_what_is_expected(own: bool, least_m: float) -> None:
    """Nearer where the lifter's own range is known than where a stature tells it."""
    for at_m, top in ((least_m - 0.01, False), (least_m + 0.01, True)):
        y, vy = _up(at_m)
        come = _follow(np.append(y, [at_m] * 5), np.append(vy, [0.0] * 5), own)
        assert (When.TOP in come) is top


def test_a_bar_that_goes_down_again_was_at_its_top() -> None:
    y, vy = _up(0.35)
    down = 0.35 - np.arange(0.0, 0.1, 0.005)
    come = _follow(np.append(y, down), np.append(vy, np.full(down.shape, -0.5)))
    assert come[When.TOP] == come[When.DOWN]
    assert When.FLOOR not in come
    at = int(come[When.DOWN]) - y.size
    assert down[at] < 0.35 - 0.015 <= down[at - 1] + 0.005


def test_below_the_knee_going_down_is_a_fall_back_and_no_top() -> None:
    y, vy = _up(0.20)
    down = 0.20 - np.arange(0.0, 0.1, 0.005)
    assert When.TOP not in _follow(np.append(y, down), np.append(vy, np.full(down.shape, -0.5)))


def test_several_moments_may_come_with_one_picture() -> None:
    moments = Moments()
    moments.begin(0.0, OWN_M, own=True)
    assert moments.update(_ns(1.0), 0.48, 0.0) == [
        When.LIFT,
        When.OFF,
        When.EARLY,
        When.KNEE,
        When.PAST_KNEE,
        When.TOP,
    ]
    assert moments.update(_ns(1.1), 0.48, 0.0) == []


def test_without_a_lift_there_are_none_and_after_its_end_neither() -> None:
    moments = Moments()
    assert moments.update(_ns(1.0), 0.5, 0.0) == []
    moments.begin(0.0, OWN_M, own=True)
    moments.end()
    assert moments.update(_ns(1.0), 0.5, 0.0) == []


def test_the_floor_has_no_moment_of_its_own() -> None:
    """What is decided there is decided with the end of the repetition."""
    at_end = {card.code for card in CARDS if card.when is When.FLOOR}
    assert at_end == {"lowering", "velocity_loss"}


# --- through the engine: at the right frame ----------------------------------------------------

FILM = Camera(rate_hz=60.0, noise_px=0.05)
LATEST_S = 0.05 + 0.07
"""Until the moment is known, and what judging it takes: it is spread over frames, see steps.py."""


def _first(script: Script, body: Body | None, code: str) -> tuple[float, FaultEvent]:
    session = lift(script, FILM, LEVELLED, body)
    event = next(e for e in session.of(FaultEvent) if e.verdict.code == code)
    new = next(e for e in session.of(RepEvent) if e.kind is RepKind.NEW)
    assert (event.rep_id, event.set, event.number) == (new.id, 1, 1)
    return session.seconds(event.t_ns), event


def _reaches(script: Script, height_m: float) -> float:
    t = np.arange(0.0, script.duration_s, 1e-4)
    return float(t[np.argmax(script.at(t)[1] >= height_m)])


def test_a_bar_that_goes_forward_is_told_when_it_is_at_the_knee() -> None:
    """Of a lifter of 1.75 m: 48 % of 0.538 m, and 2 mm to be sure."""
    script = single(bulge=0.045)
    at_s, event = _first(script, None, "bar_forward")
    needed_s = _reaches(script, 0.48 * (0.436 * 1.75 - 0.225) + 0.002)
    assert needed_s - 1.0 / 60.0 <= at_s <= needed_s + LATEST_S
    assert event.verdict.severity is Severity.FAULT


def test_hips_that_shoot_up_are_told_at_120_mm() -> None:
    at_s, event = _first(single(), Body(drop_deg=9.0), "hips_shoot_up")
    needed_s = _reaches(single(), 0.122)
    assert needed_s - 1.0 / 60.0 <= at_s <= needed_s + LATEST_S
    assert event.verdict.value == pytest.approx(9.0, abs=0.5)


def test_a_jerk_is_told_a_little_after_lift_off() -> None:
    """6 m/s2 for 0.2 s; it leaves the floor after 5 ms, and is looked at for 0.15 s."""
    script = Script().rest(1.5).move(0.2, 0.12, ease=lambda u: u**2)
    script = script.move(2.0 / 3.0, 0.40, ease=lambda u: u * (2.0 - u)).rest(1.0).move(1.1, -0.52)
    at_s, event = _first(script.rest(1.0), None, "yank")
    assert 1.655 <= at_s <= 1.655 + LATEST_S
    assert event.verdict.severity is Severity.WARN  # nobody knows what is usual


def test_a_reversal_is_told_at_the_top_and_the_end_has_the_last_word() -> None:
    script = Script().rest(1.5).move(0.8, 0.30).move(0.3, -0.02).rest(0.1).move(1.0, 0.24)
    script = script.rest(1.0).move(1.1, -0.52).rest(1.0)
    session = lift(script, FILM, LEVELLED)
    (event,) = [e for e in session.of(FaultEvent) if e.verdict.code == "reversal"]
    top_s = 1.5 + 0.8 + 0.3 + 0.1 + 1.0
    assert top_s - 0.2 <= session.seconds(event.t_ns) <= top_s + LATEST_S
    (rep,) = session.reps
    last = next(v for v in rep.faults if v.code == "reversal")
    assert last.severity is Severity.FAULT
    assert last.value == pytest.approx(event.verdict.value, abs=2e-3)


def test_what_is_good_or_unknown_is_no_event() -> None:
    session = lift(single(bulge=0.005), FILM, LEVELLED, Body(drop_deg=1.0))
    assert session.of(FaultEvent) == []


def test_a_lift_that_is_none_after_all_has_told_what_it_saw_under_its_id() -> None:
    """A jerk of 94 mm and back."""
    script = Script().rest(1.5).move(0.15, 0.05625, ease=lambda u: u**2)
    script = script.move(0.1, 0.0375, ease=lambda u: u * (2.0 - u)).rest(0.2).move(0.5, -0.09375)
    session = lift(script.rest(1.5), FILM, LEVELLED)
    (void,) = session.voids
    assert [(e.rep_id, e.verdict.code) for e in session.of(FaultEvent)] == [(void.id, "yank")]


# --- what is decided early is what is decided at the end ------------------------------------------


@pytest.mark.parametrize("drop_deg", [0.0, 4.0, 9.0])
def test_at_its_moment_a_fault_has_the_value_that_it_has_at_the_end(drop_deg: float) -> None:
    pull = tips(0.7, drop_deg)
    reached_s = _reaches(PULL, 0.124)
    early = pull.so_far(When.EARLY, reached_s)["hips_shoot_up"]
    assert early.assessed
    assert early.value == pytest.approx(pull.verdict("hips_shoot_up").value, abs=0.02)


def test_at_each_moment_only_what_it_can_decide_is_judged() -> None:
    pull = Pull(PULL)
    for when, until_s in (
        (When.LIFT, 1.2),
        (When.OFF, 1.25),
        (When.KNEE, 1.8),
        (When.TOP, 2.5),
        (When.DOWN, 3.8),
    ):
        judged = set(pull.so_far(when, until_s))
        assert judged == {card.code for card in CARDS if card.when is when}


def test_a_lift_of_a_few_pictures_is_not_judged() -> None:
    assert Pull(PULL).so_far(When.OFF, 0.05) == {}
    assert Pull(PULL).rep().rom_m == pytest.approx(ROM_M, abs=3e-3)
