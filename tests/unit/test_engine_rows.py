"""The engine's laws: same rows, same events; time only forward; and what it does with bad rows."""

from dataclasses import replace

import numpy as np
import pytest
from lifts import (
    LEVELLED,
    RING,
    Body,
    Camera,
    Script,
    dead_stops,
    film,
    lift,
    play,
    single,
    with_changes,
)

from shinline.coach.sets import summarise
from shinline.config import Config, Marker, Words, first_plan
from shinline.engine import SCALE_FRAMES, Engine
from shinline.eye import MAX_DETECTIONS
from shinline.types import (
    DETECTION,
    NS_PER_S,
    WINDOW,
    BarPrior,
    CueEvent,
    Event,
    Facing,
    Frame,
    MarkerEvent,
    Rep,
    RepEvent,
    Role,
    Rows,
    ScaleEvent,
    SetEvent,
    SetupEvent,
    Severity,
    U8Image,
)

SET = dead_stops(2)


def _paths(events: list[Event]) -> list[bytes]:
    return [e.path.tobytes() for e in events if isinstance(e, RepEvent) and e.path is not None]


def test_the_same_rows_give_the_same_events_and_bytes() -> None:
    frames = film(SET, Camera(jitter=0.2), Body(drop_deg=9.0))
    first, second = play(frames, LEVELLED), play(frames, LEVELLED)
    assert first.events == second.events
    assert _paths(first.events) == _paths(second.events)
    assert len(first.reps) == 2


@pytest.mark.parametrize("offset_ns", [10**15, -4 * NS_PER_S, 3])
def test_only_differences_of_time_matter(offset_ns: int) -> None:
    here = lift(SET, Camera(t0_ns=5 * NS_PER_S), LEVELLED)
    there = lift(SET, Camera(t0_ns=5 * NS_PER_S + offset_ns), LEVELLED)
    assert [_shifted(event, offset_ns) for event in here.events] == there.events


def _shifted(event: Event, by_ns: int) -> Event:
    moved = replace(event, t_ns=event.t_ns + by_ns)
    if isinstance(moved, RepEvent) and moved.rep is not None:
        rep = moved.rep
        times = {
            name: getattr(rep, name) + by_ns
            for name in ("start_ns", "lockout_ns", "end_ns", "floor_ns")
            if getattr(rep, name) is not None
        }
        return replace(moved, rep=replace(rep, **times))
    return moved


def test_a_mirrored_lifter_gives_the_same_numbers() -> None:
    left = with_changes(marker=Marker(kind="ring", diameter_m=0.08, facing="left"))
    right = lift(single(bulge=0.045), Camera(noise_px=0.02))
    mirrored = lift(single(bulge=0.045), Camera(noise_px=0.02, forward=-1.0), left)
    a, b = right.reps[0], mirrored.reps[0]
    assert a.drift_forward_m == pytest.approx(b.drift_forward_m, abs=5e-4)
    assert a.drift_backward_m == pytest.approx(b.drift_backward_m, abs=5e-4)
    assert [c.text for c in right.cues] == [c.text for c in mirrored.cues]


def test_times_that_repeat_or_go_back_are_skipped() -> None:
    frames = film(SET, Camera())
    stuttering = []
    for i, frame in enumerate(frames):
        stuttering.append(frame)
        if i > SCALE_FRAMES and i % 7 == 0:
            stuttering += [frame, frames[i - 3]]
    assert play(stuttering).events == play(frames).events


def test_dropped_frames_cost_no_rep() -> None:
    frames = film(SET, Camera())
    kept = np.flatnonzero(np.random.default_rng(3).random(len(frames)) < 0.6)
    assert len(play([frames[i] for i in kept]).reps) == 2


def test_the_scale_is_fixed_on_sightings_that_agree() -> None:
    frames = film(single(), Camera())
    for _, rows in frames[:5]:
        rows["r_px"] *= 1.2
    session = play(frames)
    (scale,) = session.of(ScaleEvent)
    assert scale.scale_m_per_px == pytest.approx(0.002)
    assert session.seconds(scale.t_ns) >= 0
    assert len(session.reps) == 1


def test_a_prior_fixes_the_scale_at_once() -> None:
    config = Config(marker=Marker(kind="plate", plate_diameter_m=0.45))
    engine = Engine(config, "s", BarPrior(640.0, 900.0, 112.5, Facing.LEFT))
    events = engine.advance(*film(single(), Camera())[0])
    assert [type(event) for event in events] == [ScaleEvent, MarkerEvent, SetupEvent]
    assert engine.plane is not None
    assert engine.plane.scale_m_per_px == pytest.approx(0.002)
    assert engine.facing is Facing.LEFT


def test_a_bar_that_reappears_elsewhere_is_followed_after_some_sightings() -> None:
    """One wild sighting is an error, four in a row are the bar."""
    frames = film(single(), Camera())
    engine = Engine(RING, "s")
    for head, rows in frames[:60]:
        engine.advance(head, rows)
    assert engine.plane is not None
    for n, (head, rows) in enumerate(frames[60:64], start=1):
        rows["x_px"] += 200.0
        engine.advance(head, rows)
        there = engine.states[Role.BAR]["x_m"] > 0.3
        assert there == (n == 4)


def test_the_best_of_several_detections_of_a_role_is_taken() -> None:
    frames = []
    for head, rows in film(single(), Camera()):
        decoy = rows.copy()
        decoy["x_px"] += 300.0
        decoy["quality"] = 0.4
        frames.append((head, np.concatenate([decoy, rows])))
    assert len(play(frames).reps) == 1


def test_markers_found_and_lost_are_told() -> None:
    session = lift(single().hide(5.0, 6.0), body=Body())
    told = [(event.role, event.seen) for event in session.of(MarkerEvent)]
    assert told.count((Role.BAR, True)) == 2
    assert told.count((Role.BAR, False)) == 1
    assert (Role.HIP, True) in told


def test_an_empty_session_ends_without_events() -> None:
    assert Engine(RING, "s").finish() == []


def test_a_session_without_a_sighting_has_no_events() -> None:
    frames = [(head, rows[:0]) for head, rows in film(single(), Camera())]
    assert play(frames).events == []


def test_waiting_for_the_scale_does_not_grow_without_end() -> None:
    engine = Engine(RING, "s")
    for head, rows in film(single(), Camera())[:200]:
        engine.advance(head, rows[:0])
    assert len(engine._waiting) <= 4 * SCALE_FRAMES


LANDINGS = {
    "lowered": single(),
    "let go": Script().rest(1.0).move(1.2, 0.5).rest(0.5).drop(0.5, bounce=0.1).rest(1.0),
    "bouncing": Script().rest(1.0).move(1.2, 0.5).rest(0.5).drop(0.5, bounce=0.5).rest(1.0),
}


@pytest.mark.parametrize("rate_hz", [24.0, 30.0, 60.0])
@pytest.mark.parametrize("landing", LANDINGS)
def test_windows_hold_the_bar_of_the_next_frame(landing: str, rate_hz: float) -> None:
    frames = film(LANDINGS[landing], Camera(rate_hz=rate_hz))
    engine = Engine(RING, "s")
    misses = []
    for head, rows in frames:
        for window in engine.windows(int(head["t_ns"])):
            away = np.hypot(window["x_px"] - rows["x_px"][0], window["y_px"] - rows["y_px"][0])
            misses.append(float(away) / float(window["reach_px"]))
        engine.advance(head, rows)
    assert len(misses) > len(frames) - SCALE_FRAMES - 2
    assert max(misses) < 1.0


def test_windows_widen_while_the_bar_is_out_of_sight() -> None:
    engine = Engine(RING, "s")
    frames = film(single(), Camera())
    for head, rows in frames[:60]:
        engine.advance(head, rows)
    t_ns = int(frames[59][0]["t_ns"])
    reaches = [float(engine.windows(t_ns + k * NS_PER_S // 10)["reach_px"][0]) for k in range(4)]
    assert reaches == sorted(reaches)
    assert reaches[-1] > 5.0 * reaches[0]


def test_without_a_scale_there_are_no_windows() -> None:
    assert len(Engine(RING, "s").windows(0)) == 0


class _Scripted:
    """A detector that plays rows back and remembers what it was asked."""

    def __init__(self, rows: list[Rows]) -> None:
        self._rows = iter(rows)
        self.windows: list[int] = []

    def detect(self, luma: U8Image, t_ns: int, windows: Rows, out: Rows) -> int:
        assert windows.dtype == WINDOW
        assert out.dtype == DETECTION
        assert len(out) == MAX_DETECTIONS
        self.windows.append(len(windows))
        rows = next(self._rows)
        out[: len(rows)] = rows
        return len(rows)


def test_pictures_and_rows_give_the_same_events() -> None:
    """Live and replay meet in ``advance``."""
    frames = film(single(), Camera())
    detector = _Scripted([rows for _, rows in frames])
    engine = Engine(RING, "s", None, detector)
    events: list[Event] = []
    for head, _ in frames:
        blank = np.zeros((4, 4), np.uint8)
        events += engine.feed(Frame(int(head["seq"]), int(head["t_ns"]), 0, blank))
    events += engine.finish()
    assert events == play(frames).events
    assert detector.windows[0] == 0
    assert detector.windows[-1] == 1


def test_an_engine_without_a_detector_refuses_pictures() -> None:
    with pytest.raises(ValueError, match="detector"):
        Engine(RING, "s").feed(Frame(0, 0, 0, np.zeros((4, 4), np.uint8)))


def test_a_path_comes_with_a_margin_and_in_order() -> None:
    (end,) = lift(single()).ends
    assert end.path is not None
    assert end.rep is not None
    assert end.path["t_ns"][0] < end.rep.start_ns - NS_PER_S // 2
    assert np.all(np.diff(end.path["t_ns"]) > 0)


def test_every_cue_carries_its_time_to_live_and_rep() -> None:
    session = lift(SET, Camera(), LEVELLED)
    for cue in session.of(CueEvent):
        assert cue.ttl_ms == LEVELLED.coach.cue_ttl_ms
        assert cue.rep_id in {rep.id for rep in session.reps}


def test_a_set_is_summed_up_against_its_fastest_rep() -> None:
    reps = lift(dead_stops(3), Camera(), LEVELLED).reps
    speeds = (0.40, 0.50, 0.35)
    changed = [replace(r, mean_velocity_mps=v) for r, v in zip(reps, speeds, strict=True)]
    plan = first_plan(LEVELLED)
    summary = summarise(changed, 4, 99, plan, Words(), "")
    assert summary.plan == plan
    assert (summary.t_ns, summary.set, summary.reps) == (99, 4, 3)
    assert (summary.best_velocity_mps, summary.last_velocity_mps) == (0.50, 0.35)
    assert summary.velocity_loss == pytest.approx(0.30)


def test_a_set_of_unbelieved_reps_has_no_velocities() -> None:
    (rep,) = lift(single(), Camera(), LEVELLED).reps
    unbelieved = replace(rep, mean_velocity_mps=None, drift_at_knee_m=None)
    summary = summarise([unbelieved], 1, 0, first_plan(LEVELLED), Words(), "")
    assert summary.best_velocity_mps is summary.velocity_loss is summary.path_spread_m is None


def test_a_set_counts_what_was_judged_and_what_of_it_was_a_fault() -> None:
    session = lift(single(bulge=0.045), Camera(), LEVELLED)
    (summary,) = session.of(SetEvent)
    assert summary.faults == {"bar_forward": 1}
    assert _worst(session.reps[0]) is Severity.FAULT
    judged = {verdict.code for verdict in session.reps[0].faults if verdict.assessed}
    assert summary.assessed == dict.fromkeys(judged, 1)
    assert not judged & {"hips_shoot_up", "rounding", "bar_leaves_legs"}


def _worst(rep: Rep) -> Severity:
    return next(f.severity for f in rep.faults if f.code == "bar_forward")
