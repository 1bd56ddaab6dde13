"""What may not matter to a verdict does not: side, clock, pixels, a lost frame, another noise."""

from dataclasses import replace
from functools import cache

import msgspec
import numpy as np
import pytest

from shinline.app.bench.faults.codes import CODES
from shinline.app.bench.faults.filming import WIDTH_PX, Film
from shinline.app.bench.faults.population import Session, session
from shinline.app.bench.faults.ranges import TUNING
from shinline.app.bench.faults.score import pair, run
from shinline.types import NS_PER_S, FaultVerdict, Role

GROWN = 1.7
SHIFT_NS = 86_399_123_456_789
QUIET = replace(TUNING, uncalibrated=0.0, hidden_share=0.0)
CASES = [(code, 3) for code in ("setup_gap", "hips_shoot_up", "knee_loop", "rounding", "lowering")]
"""Sessions about one fault each, in which all faults are judged."""

IDS = [code for code, _ in CASES]

Verdicts = dict[tuple[int, str], FaultVerdict]

NEEDS = {
    "setup_gap": (Role.ANKLE, Role.KNEE),
    "elbows_to_knees": (Role.SHOULDER, Role.KNEE),
    "hips_high_start": (Role.HIP, Role.SHOULDER),
    "hips_low_start": (Role.SHOULDER,),
    "hips_shoot_up": (Role.HIP, Role.SHOULDER),
    "bar_leaves_legs": (Role.ANKLE, Role.HIP),
    "rounding": (Role.HIP, Role.MID_BACK, Role.SHOULDER),
    "lean_back": (Role.SHOULDER,),
}
"""Stickers without which a fault cannot be known; the others go by the bar alone."""


@cache
def _played(code: str, number: int, noise: int = 0) -> Session:
    return session(QUIET, code, number, noise=noise)


def _verdicts(played: Session, film: Film | None = None) -> Verdicts:
    filmed = film or played.film
    pairs = pair(played.truths, filmed, run(filmed))
    return {
        (true.number, verdict.code): verdict
        for true, rep in pairs
        if rep is not None and rep.valid
        for verdict in rep.faults
        if verdict.code in CODES
    }


@cache
def _plain(code: str, number: int) -> Verdicts:
    return _verdicts(_played(code, number))


def _told(film: Film, **sections: object) -> Film:
    return replace(film, config=msgspec.structs.replace(film.config, **sections))


def mirrored(film: Film) -> Film:
    """Return what a camera shows in a mirror, with the calibration that belongs to it."""
    rows, config = film.rows.copy(), film.config
    rows["x_px"] = WIDTH_PX - 1 - rows["x_px"]
    rows["cov_xy_px2"] *= -1.0
    facing = "left" if config.marker.facing == "right" else "right"
    rig = msgspec.structs.replace(
        config.rig, roll_deg=-config.rig.roll_deg, azimuth_deg=-config.rig.azimuth_deg
    )
    lens = msgspec.structs.replace(config.lens, cx_px=WIDTH_PX - 1 - config.lens.cx_px)
    marker = msgspec.structs.replace(config.marker, facing=facing)
    return _told(replace(film, rows=rows), marker=marker, rig=rig, lens=lens)


def shifted(film: Film) -> Film:
    """Return what a source with another clock shows."""
    heads, rows = film.heads.copy(), film.rows.copy()
    heads["t_ns"] += SHIFT_NS
    rows["t_ns"] += SHIFT_NS
    return replace(film, heads=heads, rows=rows, zero_s=film.zero_s + SHIFT_NS / NS_PER_S)


def grown(film: Film) -> Film:
    """Return what a sensor with smaller pixels shows; (0, 0) is the centre of a pixel."""
    rows, lens = film.rows.copy(), film.config.lens
    for name in ("x_px", "y_px"):
        rows[name] = GROWN * (rows[name] + 0.5) - 0.5
    rows["r_px"] *= GROWN
    for name in ("var_x_px2", "var_y_px2", "cov_xy_px2"):
        rows[name] *= GROWN**2
    larger = msgspec.structs.replace(
        lens,
        fx_px=GROWN * lens.fx_px,
        fy_px=GROWN * lens.fy_px,
        cx_px=GROWN * (lens.cx_px + 0.5) - 0.5,
        cy_px=GROWN * (lens.cy_px + 0.5) - 0.5,
        centre_sd_px=GROWN * lens.centre_sd_px,
    )
    return _told(replace(film, rows=rows), lens=larger)


def thinned(film: Film, seed: int, share: float = 0.1) -> Film:
    """Return what a source shows that dropped so many frames."""
    kept = np.random.default_rng(seed).random(len(film.heads)) >= share
    rows = np.repeat(kept, film.heads["detections"])
    return replace(film, heads=film.heads[kept], rows=film.rows[rows], times_s=film.times_s[kept])


def without(film: Film, roles: tuple[Role, ...], since_s: float, until_s: float) -> Film:
    """Return what is left when some stickers are covered for a while."""
    t_s = film.rows["t_ns"] / NS_PER_S - film.zero_s
    covered = np.isin(film.rows["role"], roles) & (t_s >= since_s) & (t_s < until_s)
    owner = np.repeat(np.arange(len(film.heads)), film.heads["detections"])
    heads = film.heads.copy()
    heads["detections"] -= np.bincount(owner[covered], minlength=len(heads)).astype(np.int32)
    return replace(film, heads=heads, rows=film.rows[~covered])


def _same(one: Verdicts, other: Verdicts, sds: float) -> None:
    """Compare values, and what is called where the value is not near the threshold."""
    assert one, "no repetition was found"
    assert one.keys() == other.keys()
    for key, verdict in one.items():
        again = other[key]
        if not (verdict.assessed and again.assessed):
            continue
        assert verdict.value is not None and verdict.sd is not None
        assert again.value is not None and again.sd is not None
        sd = float(np.hypot(verdict.sd, again.sd))
        assert abs(verdict.value - again.value) <= sds * sd + 1e-6, (key, verdict, again)
        if abs(verdict.value - verdict.threshold) > 3.0 * sd:
            code = CODES[key[1]]
            assert code.said(verdict.severity) == code.said(again.severity), (key, verdict, again)


def _assessed(verdicts: Verdicts) -> set[tuple[int, str]]:
    return {key for key, verdict in verdicts.items() if verdict.assessed}


@pytest.mark.parametrize(("code", "number"), CASES, ids=IDS)
def test_a_mirrored_lift_has_the_same_verdicts(code: str, number: int) -> None:
    plain = _plain(code, number)
    other = _verdicts(_played(code, number), mirrored(_played(code, number).film))
    _same(plain, other, 0.1)
    assert _assessed(plain) == _assessed(other)


@pytest.mark.parametrize(("code", "number"), CASES, ids=IDS)
def test_another_clock_changes_nothing_at_all(code: str, number: int) -> None:
    film = shifted(_played(code, number).film)
    assert _verdicts(_played(code, number), film) == _plain(code, number)


@pytest.mark.parametrize(("code", "number"), CASES, ids=IDS)
def test_smaller_pixels_give_the_same_verdicts(code: str, number: int) -> None:
    """And none fewer: an edge is known to so much of a pixel, whatever that is in metres."""
    plain = _plain(code, number)
    other = _verdicts(_played(code, number), grown(_played(code, number).film))
    _same(plain, other, 0.1)
    assert _assessed(plain) <= _assessed(other)


@pytest.mark.parametrize(("code", "number"), CASES, ids=IDS)
def test_a_tenth_of_the_frames_may_be_missing(code: str, number: int) -> None:
    plain = _plain(code, number)
    other = _verdicts(_played(code, number), thinned(_played(code, number).film, seed=number))
    _same(plain, other, 3.0)
    both = len(_assessed(plain) & _assessed(other))
    assert both >= 0.8 * len(_assessed(plain))


@pytest.mark.parametrize(("code", "number"), CASES, ids=IDS)
def test_other_noise_gives_the_same_verdicts(code: str, number: int) -> None:
    _same(_plain(code, number), _verdicts(_played(code, number, noise=1)), 3.0)


@pytest.mark.parametrize(("code", "roles"), NEEDS.items(), ids=NEEDS)
def test_a_sticker_that_is_covered_in_the_window_leaves_no_verdict(
    code: str, roles: tuple[Role, ...]
) -> None:
    """In the second repetition, whose floor time and lift nobody sees of it."""
    played = _played(*CASES[0])
    plain, true = _plain(*CASES[0]), played.truths[1]
    judged = [key for key in plain if key[1] == code]
    if not judged:
        pytest.skip(f"{code} is not judged")
    since_s = played.truths[0].end_s - 3.0
    for role in roles:
        film = without(played.film, (role,), since_s, true.end_s + 0.2)
        verdict = _verdicts(played, film).get((2, code))
        assert verdict is not None and not verdict.assessed, role
        assert verdict.reason and verdict.confidence == 0.0


def test_a_bar_that_is_covered_in_the_pull_leaves_no_verdict_of_it() -> None:
    played = _played(*CASES[0])
    true = played.truths[1]
    middle_s = 0.5 * (true.start_s + true.lockout_s)
    film = without(played.film, (Role.BAR,), middle_s - 0.3, middle_s + 0.3)
    for (rep, code), verdict in _verdicts(played, film).items():
        assert rep != 2 or code != "bar_forward" or not verdict.assessed
