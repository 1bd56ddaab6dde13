"""The bar where it lies: how far away it is, and whether the camera still stands as it stood."""

import re
from typing import Any

import msgspec
import numpy as np
import pytest
from lifts import LEVELLED, ORIGIN_X_PX, ORIGIN_Y_PX, Camera, Script, film, play
from mounts import SLANTED

from shinline import config as configuration
from shinline.app.words import with_words
from shinline.coach.gauge import DEPTH_REL_SD, Gauge
from shinline.coach.rest import Rest, as_set_up, read_rest
from shinline.config import Coach, Config, Rig, Words
from shinline.geometry.doubt import view_of
from shinline.geometry.plane import Plane, plane_at
from shinline.types import NS_PER_S, CameraEvent, CueEvent, Moment, Rows, Severity

TIMES = np.arange(36) * (NS_PER_S // 60)
LYING = Rest(x_m=0.0, y_m=0.0, r_px=20.0, r_rel_sd=1e-4, axis_ratio=0.99, ratio_sd=1e-4)


def _rest(**changes: float) -> Rest:
    values = {name: getattr(LYING, name) for name in LYING.__slots__}
    return Rest(**(values | changes))


def _gauge(sized: bool = True, fixed: bool = True) -> Gauge:
    return Gauge("s", Rig(roll_sd_deg=1.0), 0.002, 20.0, 1e-4, sized=sized, fixed=fixed)


def test_a_rest_is_the_middle_of_what_was_seen_of_it() -> None:
    random = np.random.default_rng(1)
    noise = 2e-4 * random.normal(size=(2, 36))
    r_px = 20.0 + 0.05 * random.normal(size=36)
    rest = read_rest(
        TIMES, 0.1 + noise[0], 0.2 + noise[1], r_px, np.full(36, 0.98), np.full(36, 150.0)
    )
    assert rest is not None
    assert rest.y_m == pytest.approx(0.2, abs=2e-4)
    assert rest.r_px == pytest.approx(20.0, abs=0.03)
    assert rest.r_rel_sd == pytest.approx(1.25 * 0.05 / 20.0 / 6.0, rel=0.3)
    assert rest.axis_ratio == pytest.approx(0.98)


def test_what_moved_before_it_lay_does_not_count() -> None:
    y_m = np.where(np.arange(36) < 12, 0.4, 0.0)
    rest = read_rest(
        TIMES, np.zeros(36), y_m, np.where(y_m > 0.0, 25.0, 20.0), np.ones(36), np.ones(36)
    )
    assert rest is not None
    assert (rest.y_m, rest.r_px) == (0.0, 20.0)


@pytest.mark.parametrize("lies", [0, 5, 9])
def test_a_bar_that_hardly_stopped_shows_no_rest(lies: int) -> None:
    """Nine pictures at 60 Hz are 0.13 s: the turn of a touch-and-go."""
    y_m = np.linspace(1.0, 0.0, 36)
    y_m[36 - lies :] = 0.0
    assert read_rest(TIMES, np.zeros(36), y_m, np.full(36, 20.0), np.ones(36), np.ones(36)) is None


def test_too_few_sightings_show_no_rest() -> None:
    few = np.zeros(5)
    assert read_rest(TIMES[:5], few, few, few + 20.0, few + 1.0, few) is None


def test_a_bar_that_lies_nearer_looks_larger_and_its_metres_are_fewer() -> None:
    gauge = _gauge()
    depth = gauge.depth(_rest(r_px=20.2))
    assert depth.factor == pytest.approx(1.0 / 1.01, rel=2e-4)
    assert depth.rel_sd < 5e-4


def test_an_unsure_radius_moves_the_scale_by_what_it_is_worth() -> None:
    """Four tenths of a per cent is usual: a radius as unsure as that counts by half."""
    depth = _gauge().depth(_rest(r_px=20.2, r_rel_sd=DEPTH_REL_SD))
    assert depth.factor == pytest.approx(1.0 / 1.005, rel=2e-4)
    assert depth.rel_sd == pytest.approx(DEPTH_REL_SD / np.sqrt(2.0), rel=0.01)


def test_without_a_rest_the_last_one_counts_and_is_less_sure() -> None:
    gauge = _gauge()
    seen = gauge.depth(_rest(r_px=20.2))
    touched = gauge.depth(None)
    assert touched.factor == seen.factor
    assert touched.rel_sd > seen.rel_sd


def test_a_plate_is_no_measure_of_its_distance() -> None:
    depth = _gauge(sized=False).depth(_rest(r_px=21.0))
    assert depth.factor == 1.0
    assert depth.rel_sd == pytest.approx(DEPTH_REL_SD, rel=0.01)


CHANGES = {
    "height": (_rest(y_m=0.02), "The bar lies 20 mm higher than before."),
    "distance": (_rest(r_px=21.0), "The bar's end is 5 % nearer."),
    "tilt": (_rest(axis_ratio=0.95), "The marker is seen more at an angle."),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_camera_that_moved_is_told_once_with_what_changed_and_what_to_do(what: str) -> None:
    gauge = _gauge()
    now, words = CHANGES[what]
    assert gauge.judge(LYING, 0, plates_known=True) == []
    (event,) = gauge.judge(LYING, 1, plates_known=True)
    assert isinstance(event, CameraEvent)
    assert event.changed == ()
    event, cue = gauge.judge(now, 2, plates_known=True)
    assert isinstance(event, CameraEvent)
    assert event.changed == (what,)
    assert event.text == f"{words} Put the camera back as it stood, or set it up anew."
    assert isinstance(cue, CueEvent)
    assert (cue.code, cue.severity, cue.moment) == ("camera_moved", Severity.WARN, Moment.BETWEEN)
    assert len(cue.text.split()) <= 7
    assert gauge.moved
    assert gauge.judge(now, 3, plates_known=True) == []


def test_a_camera_that_was_put_back_is_told_without_a_cue() -> None:
    gauge = _gauge()
    for rest in (LYING, _rest(y_m=0.05)):
        gauge.judge(rest, 1, plates_known=True)
    (event,) = gauge.judge(LYING, 2, plates_known=True)
    assert isinstance(event, CameraEvent)
    assert event.changed == ()
    assert not gauge.moved


def test_before_a_lift_other_plates_may_be_the_reason() -> None:
    for known in (True, False):
        gauge = _gauge()
        gauge.judge(LYING, 1, plates_known=True)
        event = gauge.judge(_rest(y_m=0.025), 2, plates_known=known)[0]
        assert isinstance(event, CameraEvent)
        assert ("other" in event.text or "plates" in event.text) == (not known)


@pytest.mark.parametrize(
    "rest",
    [_rest(y_m=0.01), _rest(r_px=20.6), _rest(axis_ratio=0.98), _rest(r_px=22.0, r_rel_sd=0.03)],
)
def test_what_is_usual_or_unsure_raises_no_alarm(rest: Rest) -> None:
    gauge = _gauge()
    gauge.judge(LYING, 1, plates_known=True)
    (event,) = gauge.judge(rest, 2, plates_known=True)
    assert isinstance(event, CameraEvent)
    assert event.changed == ()
    assert gauge.judge(rest, 3, plates_known=True) == []


def test_a_bar_that_was_rolled_along_a_floor_that_leans_in_the_picture_raises_no_alarm() -> None:
    """A degree over half a metre is 9 mm, and it may be three of them."""
    for x_m, alarm in ((0.5, False), (0.0, True)):
        gauge = _gauge()
        gauge.judge(LYING, 1, plates_known=True)
        (event, *_) = gauge.judge(_rest(x_m=x_m, y_m=0.03), 2, plates_known=True)
        assert isinstance(event, CameraEvent)
        assert bool(event.changed) == alarm


def test_a_camera_held_in_hand_moves_all_the_time() -> None:
    gauge = _gauge(fixed=False)
    gauge.judge(LYING, 1, plates_known=True)
    assert gauge.judge(_rest(y_m=0.3), 2, plates_known=True) == []


SET = Script().rest(1.0)
for _ in range(3):
    SET = SET.move(1.2, 0.5, bulge=0.02).rest(0.5).move(1.2, -0.5).rest(2.0)


def _nudged(after_s: float, up_px: float, larger: float = 1.0) -> list[tuple[np.void, Rows]]:
    """Knock against the camera: from then on everything is elsewhere in the picture."""
    frames = film(SET, Camera())
    for head, rows in frames:
        if int(head["t_ns"]) - Camera().t0_ns > after_s * NS_PER_S:
            rows["y_px"] -= up_px
            rows["r_px"] *= larger
    return frames


@pytest.mark.parametrize("up_px", [-40.0, -12.0, 12.0, 40.0])
def test_reps_after_a_nudge_are_marked_and_still_measured(up_px: float) -> None:
    """The second pull begins 5.9 s after the first picture, and the camera is tipped before it."""
    session = play(_nudged(5.0, up_px))
    assert [rep.marks for rep in session.reps] == [(), ("camera_moved",), ("camera_moved",)]
    assert all(rep.valid for rep in session.reps)
    for rep in session.reps:
        assert rep.rom_m == pytest.approx(session.reps[0].rom_m, abs=2e-3)
    agreed, event = session.of(CameraEvent)
    assert (agreed.changed, event.changed) == ((), ("height",))
    assert event.evidence["height_change_m"] == pytest.approx(0.002 * up_px, abs=2e-3)
    cues = [cue for cue in session.of(CueEvent) if cue.code == "camera_moved"]
    assert len(cues) == 1
    assert cues[0].t_ns == event.t_ns


def test_one_frame_never_says_two_things() -> None:
    session = play(_nudged(5.0, 40.0))
    instants = [cue.t_ns for cue in session.of(CueEvent)]
    assert len(instants) == len(set(instants))


def test_that_all_agrees_takes_no_cue_away() -> None:
    """The second pull begins before the bar was seen to lie again: both are told at its end."""
    script = Script().rest(1.0)
    for _ in range(2):
        script = script.move(1.2, 0.5, bulge=0.05).rest(0.5).move(1.2, -0.5).rest(0.24)
    session = play(film(script, Camera()), LEVELLED)
    assert [cue.code for cue in session.of(CueEvent)] == ["bar_forward"] * 2


def test_a_bar_put_down_nearer_is_measured_as_well() -> None:
    """By 2 %, as by six centimetres at three metres, from before the second pull on."""
    frames = film(SET, Camera(noise_px=0.05))
    for head, rows in frames:
        if int(head["t_ns"]) - Camera().t0_ns > 4.6 * NS_PER_S:
            rows["x_px"] = ORIGIN_X_PX + 1.02 * (rows["x_px"] - ORIGIN_X_PX)
            rows["y_px"] = ORIGIN_Y_PX + 1.02 * (rows["y_px"] - ORIGIN_Y_PX)
            rows["r_px"] *= 1.02
    session = play(frames)
    assert not any(event.changed for event in session.of(CameraEvent))
    assert len(session.reps) == 3
    for rep in session.reps:
        assert rep.rom_m == pytest.approx(session.reps[0].rom_m, abs=1e-3)


def test_a_marker_without_a_size_is_no_gauge() -> None:
    still = np.zeros(36)
    assert read_rest(TIMES, still, still, still, still + 1.0, still) is None


def test_after_a_nudge_the_camera_is_no_longer_level_as_it_was() -> None:
    session = play(_nudged(5.0, 40.0), LEVELLED)
    before, after = session.reps[0].drift_sd_m, session.reps[1].drift_sd_m
    assert before is not None
    assert after is not None
    assert after > 2.0 * before


def test_an_undisturbed_set_raises_no_alarm() -> None:
    session = play(film(SET, Camera()))
    (event,) = session.of(CameraEvent)
    assert (event.changed, event.text) == ((), "The camera stands as it stood.")
    assert [rep.marks for rep in session.reps] == [()] * 3


# --- against the calibration ------------------------------------------------------------------


def _set_up(**changes: float) -> Gauge:
    reference = _rest(contrast=150.0, **changes)
    rig = Rig(roll_sd_deg=0.1)
    return Gauge("s", rig, 0.002, 20.0, 1e-4, sized=True, fixed=True, reference=reference)


@pytest.mark.parametrize(
    ("now", "changed", "told"),
    [
        ({}, (), "stands as it stood"),
        ({"y_m": 0.03}, ("height",), "30 mm higher than when the camera was set up"),
        ({"r_px": 21.6}, ("distance",), "8 % nearer"),
        ({"axis_ratio": 0.95}, ("tilt",), "more at an angle"),
        ({"contrast": 60.0}, ("light",), "much paler than when the camera was set up"),
        ({"contrast": 240.0}, (), "stands as it stood"),
    ],
)
def test_the_first_rest_of_a_session_is_compared_with_the_calibration(
    now: dict[str, float], changed: tuple[str, ...], told: str
) -> None:
    gauge = _set_up()
    event, *cues = gauge.judge(_rest(**({"contrast": 150.0} | now)), 10, plates_known=False)
    assert isinstance(event, CameraEvent)
    assert event.changed == changed and told in event.text
    moved = bool(changed) and changed != ("light",)
    assert (gauge.moved, len(cues)) == (moved, int(moved))
    assert ("Put the camera back" in event.text) == moved


def test_another_light_is_told_and_marks_nothing_and_the_camera_may_still_move() -> None:
    gauge = _set_up()
    gauge.judge(_rest(contrast=60.0), 10, plates_known=True)
    event, cue = gauge.judge(_rest(contrast=60.0, y_m=0.03), 20, plates_known=True)
    assert isinstance(event, CameraEvent) and isinstance(cue, CueEvent)
    assert event.changed == ("height", "light") and gauge.moved
    (event,) = gauge.judge(_rest(contrast=150.0), 30, plates_known=True)
    assert isinstance(event, CameraEvent) and not event.changed and not gauge.moved


@pytest.mark.parametrize(("off_axis_m", "changed"), [(0.0, ("height",)), (0.006, ())])
def test_a_marker_beside_the_axis_goes_up_and_down_as_plates_turn(
    off_axis_m: float, changed: tuple[str, ...]
) -> None:
    rig = Rig(roll_sd_deg=0.1, off_axis_m=off_axis_m)
    gauge = Gauge("s", rig, 0.002, 20.0, 1e-4, sized=True, fixed=True)
    gauge.judge(_rest(), 10, plates_known=True)
    (event, *_) = gauge.judge(_rest(y_m=0.025), 20, plates_known=True)
    assert isinstance(event, CameraEvent) and event.changed == changed


def test_without_a_calibration_nothing_is_said_of_how_the_bar_should_lie() -> None:
    assert as_set_up(Rig(), Plane(0.002, 640.0, 900.0), 0.04) is None


def test_through_a_view_a_bar_put_down_nearer_lies_as_it_lay() -> None:
    """20 cm nearer, it is seen 20 pixels lower: at the same height."""
    seen = SLANTED.disc(0.0, 0.0, 0.0, 0.04)
    known = configuration.Rest(x_px=seen[0], y_px=seen[1], r_px=seen[2], axis_ratio=seen[3])
    rig = msgspec.structs.replace(SLANTED.config.rig, rest=known)
    view = view_of(rig, SLANTED.config.lens)
    assert view is not None
    nearer = SLANTED.disc(0.0, 0.0, 0.2, 0.04)
    plane = plane_at(view, *nearer[:3], 0.04)
    reference = as_set_up(rig, plane, 0.04)
    assert reference is not None and reference.y_m == pytest.approx(0.0, abs=5e-4)
    flat = plane.plane_from_image(known.x_px, known.y_px)
    assert abs(flat[1]) > 0.02  # what a comparison in the picture would say


@pytest.mark.parametrize("language", ["de", "es"])
def test_an_alarm_is_in_the_language_that_was_chosen(language: Any) -> None:
    """With the words that stand in the configuration, which a recording keeps."""
    words = with_words(Config(coach=Coach(language=language))).words
    reference = _rest(contrast=150.0)
    rig = Rig(roll_sd_deg=0.1)
    gauges = [
        Gauge("s", rig, 0.002, 20.0, 1e-4, sized=True, fixed=True, reference=reference, words=said)
        for said in (words, Words())
    ]
    now = _rest(contrast=60.0, y_m=0.03, r_px=21.6, axis_ratio=0.95)
    (ours, cue), (english, english_cue) = (
        gauge.judge(now, 10, plates_known=False) for gauge in gauges
    )
    assert isinstance(ours, CameraEvent) and isinstance(english, CameraEvent)
    assert isinstance(cue, CueEvent) and isinstance(english_cue, CueEvent)
    assert (ours.changed, ours.evidence) == (english.changed, english.evidence)
    assert re.findall(r"\d+", ours.text) == re.findall(r"\d+", english.text) == ["30", "8"]
    mine, theirs = (re.findall(r"[^\W\d]{4,}", one.text) for one in (ours, english))
    assert not set(mine) & set(theirs) and len(mine) > 20
    assert cue.text == words.said["camera.cue"] != english_cue.text
