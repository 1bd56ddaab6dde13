"""The population of faulty lifts is what it says, is judged rightly, and names what went wrong."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from shinline.app.bench.faults import __main__ as command
from shinline.app.bench.faults import curves
from shinline.app.bench.faults.codes import ABOVE, BELOW, CODES
from shinline.app.bench.faults.figures import delays, line, missed, trust
from shinline.app.bench.faults.lifter import places
from shinline.app.bench.faults.population import Outcome, Session, examine, play, score, session
from shinline.app.bench.faults.ranges import HALVES, JUDGING, TUNING
from shinline.app.bench.faults.score import Decided, Judged, Said, Scored, latencies, pair, run
from shinline.geometry.doubt import view_of
from shinline.geometry.plane import plane_at
from shinline.sim.recording import build
from shinline.sim.scenario import RepPlan, Scenario, Style
from shinline.sim.visibility import Visibility
from shinline.types import (
    NS_PER_S,
    CueEvent,
    FaultEvent,
    FaultVerdict,
    Moment,
    RepKind,
    Role,
    Severity,
)

NONE = (0.0, 0.0)
EXACT = replace(
    TUNING,
    noise_px=(1e-4, 1e-4),
    roll_sd_deg=NONE,
    pitch_sd_deg=NONE,
    azimuth_sd_deg=NONE,
    focal_rel_sd=NONE,
    centre_sd_px=NONE,
    k1_sd=NONE,
    scale_rel_sd=NONE,
    print_rel_sd=NONE,
    edge_px=NONE,
    blink_ratio=NONE,
    hidden_share=0.0,
    outliers=0.0,
    uncalibrated=0.0,
    stamp_sd_s=0.0,
)
"""A camera that stands exactly where the product is told, and sees without noise."""


@cache
def _session(code: str, number: int) -> Session:
    return session(TUNING, code, number)


@pytest.mark.parametrize("code", CODES.values(), ids=CODES)
def test_sizes_count_from_where_nothing_is_wrong(code: object) -> None:
    chosen = CODES[getattr(code, "name", "")]
    assert chosen.size(chosen.nominal) == 0.0
    for limit, threshold in enumerate(chosen.limits):
        rom_m = 0.5
        gain = rom_m if chosen.of_rom else 1.0
        assert chosen.size(gain * threshold, rom_m) == pytest.approx(1.0)
        for size in (BELOW, ABOVE):
            found = chosen.size(chosen.value(size, limit, rom_m), rom_m)
            assert found == pytest.approx(size, abs=0.25 if chosen.whole else 1e-9)


def test_a_fault_that_only_warns_is_called_by_a_warning() -> None:
    assert CODES["bar_rolled"].said(Severity.WARN)
    assert not CODES["bar_forward"].said(Severity.WARN)
    assert CODES["bar_forward"].said(Severity.FAULT)


def test_the_two_halves_differ_in_seeds_and_in_settings() -> None:
    assert HALVES == {"tuning": TUNING, "judging": JUDGING}
    same = [n for n in TUNING.__slots__ if getattr(TUNING, n) == getattr(JUDGING, n)]
    assert len(same) <= 0.4 * len(TUNING.__slots__)
    assert TUNING.seed != JUDGING.seed
    one, other = (_session("bar_forward", 0), session(JUDGING, "bar_forward", 0))
    assert one.recording.scenario != other.recording.scenario


def test_the_same_session_is_the_same_and_another_camera_sees_the_same_lifter() -> None:
    one, again = _session("bar_forward", 1), session(TUNING, "bar_forward", 1)
    np.testing.assert_array_equal(one.film.rows, again.film.rows)
    other = session(TUNING, "bar_forward", 1, camera=1)
    assert other.plan == one.plan
    assert other.film.looks != one.film.looks
    noisy = session(TUNING, "bar_forward", 1, noise=1)
    assert noisy.film.config == one.film.config
    assert not np.array_equal(noisy.film.rows["x_px"][:9], one.film.rows["x_px"][:9])


@pytest.mark.parametrize("number", range(4))
def test_a_calibrated_camera_puts_every_sticker_where_it_is(number: int) -> None:
    """Facing either way: the bar on its plane, the others at the depth that their size tells."""
    played = session(EXACT, "hips_shoot_up", number)
    film, recording = played.film, played.recording
    view = view_of(film.config.rig, film.config.lens)
    assert view is not None
    forward = 1.0 if film.config.marker.facing == "right" else -1.0
    origin = film.rows[film.rows["role"] == Role.BAR][0]
    plane = plane_at(view, origin["x_px"], origin["y_px"], origin["r_px"],
                     0.5 * film.config.marker.diameter_m, forward)  # fmt: skip
    setup = recording.scenario.camera
    away_m = setup.distance_m * np.cos(np.radians(setup.azimuth_deg))
    assert plane.lens_m[2] == pytest.approx(away_m, rel=0.005)
    spots = places(recording, film.rows["t_ns"] / NS_PER_S - film.zero_s)
    for role, radius_m in ((Role.BAR, None), (Role.HIP, 0.5 * film.config.marker.body_diameter_m)):
        mine = np.flatnonzero(film.rows["role"] == role)[::40]
        rows, true = film.rows[mine], spots[role][mine]
        seen = np.array([plane.plane_from_image(r["x_px"], r["y_px"]) for r in rows])
        if radius_m is not None:
            away_m = np.median(
                [plane.away_m(*s, r["r_px"], radius_m) for s, r in zip(seen, rows, strict=True)]
            )
            end_m = spots[Role.BAR][0, 2]
            assert away_m == pytest.approx(end_m - np.median(true[:, 2]), abs=0.03)
            seen = np.stack(plane.behind(seen[:, 0], seen[:, 1], float(away_m)), axis=1)
        np.testing.assert_allclose(seen, true[:, :2], atol=0.012)


def test_stickers_that_slide_do_so_as_the_bar_rises() -> None:
    r = replace(EXACT, slip_m=0.004)
    slid, true = session(r, "bar_forward", 0), session(EXACT, "bar_forward", 0)
    assert slid.truths == true.truths
    t_s = true.truths[0].start_s, true.truths[0].lockout_s
    off = []
    for at_s in t_s:
        rows = [
            film.rows[(film.rows["role"] == Role.SHOULDER)
                      & (np.abs(film.rows["t_ns"] / NS_PER_S - film.zero_s - at_s) < 0.02)]
            for film in (slid.film, true.film)
        ]  # fmt: skip
        off.append(abs(rows[0]["x_px"].mean() - rows[1]["x_px"].mean()))
    assert off[0] < 0.2
    assert off[1] > 0.5


def test_noise_is_what_the_rows_claim() -> None:
    played = session(replace(TUNING, outliers=0.0, claim=(1.0, 1.0)), "bar_forward", 2)
    ready_s = played.truths[0].start_s - 0.5
    film = played.film
    t_s = film.rows["t_ns"] / NS_PER_S - film.zero_s
    still = film.rows[(film.rows["role"] == Role.BAR) & (t_s < ready_s)]
    for axis in ("x", "y"):
        claimed = np.sqrt(np.mean(still[f"var_{axis}_px2"]))
        assert np.std(still[f"{axis}_px"]) == pytest.approx(claimed, rel=0.25)


@pytest.mark.parametrize("number", (0, 3))
def test_stickers_are_hidden_by_what_hides_them_in_the_pictures(number: int) -> None:
    """The simulator takes a plate for a little larger than it is: it never sees more."""
    played = session(EXACT, "bar_forward", number)
    recording, film = played.recording, played.film
    spots = places(recording, recording.t_s)
    owner = np.repeat(np.arange(len(film.heads)), film.heads["detections"])
    radius_m = 0.5 * film.config.marker.body_diameter_m
    for role in (Role.HIP, Role.SHOULDER):
        mine = np.isin(np.arange(len(film.heads)), owner[film.rows["role"] == role])
        theirs = Visibility(recording).of(role, spots[role], radius_m)
        assert np.mean(mine == theirs) > 0.9
        assert np.mean(theirs & ~mine) < 0.02


def _verdict(severity: Severity, value: float = 0.03, confidence: float = 0.9,
             assessed: bool = True) -> FaultVerdict:  # fmt: skip
    return FaultVerdict("bar_forward", severity, value, 0.001, "m", 0.03, confidence, assessed,
                        "" if assessed else "too dark")  # fmt: skip


def _judged(size: float, verdict: FaultVerdict, planted: bool = True) -> Judged:
    return Judged(7, 2, "bar_forward", planted, 0.03 * size, size, verdict)


CALLED, FINE = _verdict(Severity.FAULT), _verdict(Severity.GOOD)


def test_the_line_of_a_fault_counts_what_was_called_and_what_was_not() -> None:
    judged = [
        _judged(1.5, _verdict(Severity.FAULT, 0.0455)),
        _judged(1.6, _verdict(Severity.WARN, 0.0495)),
        _judged(0.67, _verdict(Severity.GOOD, 0.0201)),
        _judged(0.5, _verdict(Severity.FAULT, 0.0159)),
        _judged(1.0, CALLED),
        _judged(1.5, _verdict(Severity.INFO, assessed=False)),
        _judged(0.1, FINE, planted=False),
        _judged(0.2, CALLED, planted=False),
    ]
    found = line("bar_forward", judged)
    assert (found.n, found.assessed.count, found.reasons) == (6, 5, (("too dark", 1),))
    assert (found.sensitivity.count, found.sensitivity.of) == (1, 2)
    assert (found.specificity.count, found.specificity.of) == (1, 2)
    assert (found.elsewhere.count, found.elsewhere.of) == (1, 2)
    error = np.array([0.0005, 0.0015, 0.0, 0.0009, 0.0])
    assert found.bias == pytest.approx(error.mean())
    assert found.rmse == pytest.approx(np.sqrt(np.mean(error**2)))
    assert found.within == (0.8, 1.0)
    assert found.needed == pytest.approx(np.percentile(np.abs(error) / 0.001, 68.27))


def test_a_curve_counts_what_was_called_by_size(tmp_path: Path) -> None:
    judged = [_judged(1.5, CALLED)] * 3 + [_judged(1.5, FINE), _judged(0.67, FINE)]
    assert curves.steps(judged) == [(0.67, 0, 1), (1.5, 3, 4)]
    low, high = curves.interval(3, 4)
    assert 0.4 < low < 0.75 < high < 0.95
    curves.draw(tmp_path / "curves.png", judged)
    assert (tmp_path / "curves.png").read_bytes()[1:4] == b"PNG"


def test_what_goes_wrong_is_named() -> None:
    assert missed(_judged(1.5, FINE)) == "not called"
    assert missed(_judged(0.67, CALLED)) == "called"
    assert missed(_judged(1.2, _verdict(Severity.FAULT, 0.06))) == "far off"
    assert missed(_judged(1.5, _verdict(Severity.FAULT, 0.045))) == ""
    assert missed(_judged(1.5, _verdict(Severity.INFO, assessed=False))) == ""


def test_trust_sorts_verdicts_by_their_confidence() -> None:
    scored = Scored([_judged(1.5, _verdict(Severity.FAULT, 0.045, 0.99)),
                     _judged(0.9, _verdict(Severity.FAULT, 0.031, 0.55)),
                     _judged(0.9, _verdict(Severity.GOOD, 0.029, 0.55))])  # fmt: skip
    low, *_, high = trust([Outcome("bar_forward", [scored])])
    assert (low.right.count, low.right.of) == (1, 2)
    assert (high.right.count, high.right.of) == (1, 1)
    assert high.said == pytest.approx(0.99)


def test_a_fault_told_late_in_mid_lift_is_told_to_be_late() -> None:
    played = _session("bar_forward", 0)
    said = run(played.film)
    pairs = pair(played.truths, played.film, said)
    true, rep = pairs[0]
    assert rep is not None
    needed = int(np.searchsorted(played.film.times_s, true.instants["knee"]))
    told_ns = int(played.film.heads["t_ns"][needed + 3])
    said.faults = [FaultEvent(told_ns, rep.id, 1, 1, CALLED)]
    (late,) = latencies(pairs, played.film, said)
    assert 0.02 < late.late_s < 0.08
    outcome = Outcome("bar_forward", [Scored(decided=[late, Decided("bar_forward", 0.2)])])
    (found,) = delays([outcome])
    assert (found.n, found.most_s) == (2, 0.2)


def test_a_cue_that_does_not_come_with_the_end_of_its_repetition_is_late() -> None:
    played = _session("bar_forward", 0)
    said = run(played.film)
    end = next(event for event in said.reps if event.kind is RepKind.END)
    cue = CueEvent(end.t_ns, "c", "bar_forward", Severity.FAULT, Moment.AFTER, "x", end.id, 1)
    said.cues = [cue, replace(cue, t_ns=end.t_ns + 1), replace(cue, moment=Moment.BEFORE)]
    scored = score("bar_forward", 0, played, said)
    assert (scored.cues, scored.late_cues) == (2, 1)


def test_a_repetition_that_was_not_found_is_named() -> None:
    played = _session("bar_forward", 0)
    scored = score("bar_forward", 0, played, Said())
    assert scored.reps == len(scored.missed) == 3
    assert scored.judged == []


def test_two_processes_find_what_one_finds() -> None:
    (alone,) = examine(TUNING, ["bar_forward"], 6)
    (shared,) = examine(TUNING, ["bar_forward"], 6, processes=2)
    assert alone == shared
    assert alone.scored[1] == play((TUNING, "bar_forward", 1))


def test_the_command_prints_the_tables_and_one_session(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["faults", "--reps", "6", "--code", "bar_forward"])
    command.main()
    said = capsys.readouterr().out
    assert "sensitivity" in said
    assert "bar_forward" in said
    assert "6 repetitions" in said
    assert "knee_loop" not in said.split("Confidence")[0]
    monkeypatch.setattr("sys.argv", ["faults", "--code", "bar_forward", "--session", "1"])
    command.main()
    said = capsys.readouterr().out
    assert "planted" in said
    assert "stature" in said


JOINTS_MPS = 6.0
"""No joint moves as fast; the bar does when it falls."""


@pytest.mark.parametrize(
    ("code", "style"),
    [
        ("lean_back", "conventional"),
        ("lean_back", "sumo"),
        ("bar_forward", "stiff_leg"),
        ("bar_forward", "blocks"),
        ("hips_shoot_up", "trap_bar"),
        ("bar_leaves_legs", "conventional"),
    ],
)
def test_stickers_on_the_lifter_move_and_do_not_jump(code: str, style: Style) -> None:
    reps = (RepPlan(faults={code: CODES[code].value(ABOVE)}),)
    recording = build(Scenario(style=style, reps=reps))
    t_s = np.arange(0.0, recording.timeline.duration_s, 0.001)
    for role, spots in places(recording, t_s).items():
        if role is not Role.BAR:
            fastest = np.linalg.norm(np.diff(spots, axis=0), axis=1).max() / 0.001
            assert fastest < JOINTS_MPS, role


def test_a_small_run_calls_what_is_there_and_nothing_else() -> None:
    outcomes = examine(TUNING, ("bar_forward", "hips_shoot_up", "rounding"), 6)
    judged = [each for outcome in outcomes for each in outcome.judged]
    planted = [each for each in judged if each.planted and each.verdict.assessed]
    assert len(planted) >= 12
    assert {missed(each) for each in planted} <= {"", "far off"}
    assert {missed(each) for each in judged} <= {"", "far off"}
