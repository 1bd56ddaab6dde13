"""The engine and a lifter without stickers: who is believed, what is judged, who faces where."""

from dataclasses import replace
from pathlib import Path

import journal_material as material
import msgspec
import numpy as np
import pytest
from lifts import LEVELLED, RING, Body, Camera, Session, dead_stops, film, play, single
from outline_rows import outlined, with_outline, with_pose

from shinline import replay
from shinline.config import Config
from shinline.engine import Engine
from shinline.journal.reader import Catalogue
from shinline.types import Facing, FaultEvent, FaultVerdict, HipNumbers, Rep, RepEvent, Severity

PULL = single()
CAMERA = Camera()
AUTO = msgspec.structs.replace(
    LEVELLED, marker=msgspec.structs.replace(LEVELLED.marker, facing="auto")
)
SHOOTING, STIFF = Body(drop_deg=12.0), Body()


def _hips(rep: Rep) -> HipNumbers:
    assert rep.hip is not None
    return rep.hip


def _verdict(session: Session, code: str = "hips_shoot_up") -> FaultVerdict:
    (rep,) = session.reps
    return next(verdict for verdict in rep.faults if verdict.code == code)


@pytest.mark.parametrize("drop_deg", [0.0, 12.0])
def test_the_outline_alone_judges_the_hips(drop_deg: float) -> None:
    session = play(outlined(PULL, Body(drop_deg=drop_deg)), LEVELLED)
    hips, verdict = _hips(session.reps[0]), _verdict(session)
    assert hips.source == "outline"
    assert hips.trunk_drop_deg == pytest.approx(drop_deg, abs=0.3)
    assert verdict.assessed, verdict.reason
    assert verdict.severity is (Severity.FAULT if drop_deg else Severity.GOOD)
    assert verdict.details["without_stickers"] == 1.0


def test_a_fault_is_told_while_the_bar_still_rises() -> None:
    session = play(outlined(PULL, SHOOTING), LEVELLED)
    told = [e for e in session.of(FaultEvent) if e.verdict.code == "hips_shoot_up"]
    assert len(told) == 1
    assert told[0].t_ns < session.reps[0].lockout_ns


def test_without_anything_the_reason_is_in_words() -> None:
    session = play(film(PULL, CAMERA), LEVELLED)
    verdict = _verdict(session)
    assert not verdict.assessed
    assert verdict.reason == "no stickers, and the outline of the back was not seen"
    assert session.reps[0].hip is None


def _lost_early(body: Body) -> FaultVerdict:
    """Return what is said of an outline that is lost after a few pictures."""
    frames = outlined(PULL, body)
    found = [n for n, (head, rows) in enumerate(frames) if len(rows) > 1]
    cut = frames[: found[4]] + film(PULL, CAMERA)[found[4] :]
    return _verdict(play(cut, LEVELLED))


def test_an_outline_that_is_lost_is_the_reason() -> None:
    verdict = _lost_early(STIFF)
    assert not verdict.assessed
    assert verdict.reason == "the outline of the back was lost in the pull"


def test_what_was_a_fault_before_the_outline_was_lost_is_one() -> None:
    verdict = _lost_early(SHOOTING)
    assert verdict.assessed
    assert verdict.severity is Severity.FAULT
    assert verdict.value is not None
    assert verdict.value < 12.0
    assert verdict.details["at_least"] == 1.0


# --- who is believed ------------------------------------------------------------------------------


def test_stickers_win_over_the_outline() -> None:
    frames = with_outline(film(PULL, CAMERA, STIFF), PULL, CAMERA, SHOOTING)
    session = play(frames, LEVELLED)
    hips, verdict = _hips(session.reps[0]), _verdict(session)
    assert hips.source == "stickers"
    assert hips.trunk_drop_deg == pytest.approx(0.0, abs=0.5)
    assert verdict.severity is Severity.GOOD
    assert "without_stickers" not in verdict.details
    alone = play(film(PULL, CAMERA, STIFF), LEVELLED)
    assert session.reps == alone.reps


def test_the_outline_wins_over_a_network() -> None:
    frames = with_outline(film(PULL, CAMERA), PULL, CAMERA, STIFF)
    session = play(with_pose(frames, PULL, CAMERA, SHOOTING), LEVELLED)
    assert _hips(session.reps[0]).source == "outline"
    assert _verdict(session).severity is Severity.GOOD


@pytest.mark.parametrize(
    ("drop_deg", "assessed"), [(0.0, False), (4.0, False), (8.0, False), (18.0, True)]
)
def test_a_network_alone_is_believed_only_when_it_is_clear(drop_deg: float, assessed: bool) -> None:
    """Its joints are several degrees off: what is no fault, or hardly one, it cannot tell."""
    frames = with_pose(film(PULL, CAMERA), PULL, CAMERA, Body(drop_deg=drop_deg))
    session = play(frames, LEVELLED)
    verdict = _verdict(session)
    assert _hips(session.reps[0]).source == "pose"
    assert verdict.assessed == assessed
    if assessed:
        assert verdict.severity is Severity.FAULT
    else:
        assert verdict.reason == "what the network sees of the body is too unsure"


# --- replay ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("config", [LEVELLED, AUTO], ids=["facing known", "facing learned"])
def test_the_journals_rows_replay_to_the_same_events_without_a_picture(
    tmp_path: Path, config: Config
) -> None:
    script = dead_stops(2)
    camera = Camera(forward=-1.0 if config is AUTO else 1.0)
    eaten = with_outline(film(script, camera), script, camera, SHOOTING)
    record = replace(material.session(config=config), prior=None)
    path = tmp_path / "journal.sqlite3"
    said = material.record_lift(path, eaten, record, Engine)
    again = [*replay.replay(Catalogue(path), material.SESSION, engine_factory=Engine)]
    assert again == said
    reps = [e.rep for e in again if isinstance(e, RepEvent) and e.rep is not None]
    assert [_hips(rep).source for rep in reps] == ["outline", "outline"]
    assert replay.check(Catalogue(path), material.SESSION, engine_factory=Engine).identical


# --- which way the lifter faces -------------------------------------------------------------------

NUMBERS = (
    "drift_forward_m", "drift_backward_m", "drift_sd_m", "drift_at_knee_m", "loop_m", "rom_m",
    "mean_velocity_mps", "hip",
)  # fmt: skip


@pytest.mark.parametrize("forward", [1.0, -1.0])
def test_the_outline_tells_which_way_the_lifter_faces_and_the_numbers_are_right(
    forward: float,
) -> None:
    """In mid-lift, and from the first repetition on: as if it had been configured."""
    script = single(bulge=0.045)
    camera = Camera(forward=forward)
    frames = with_outline(film(script, camera), script, camera, STIFF)
    facing = Facing.RIGHT if forward > 0.0 else Facing.LEFT
    marker = msgspec.structs.replace(LEVELLED.marker, facing=facing.value)
    known = play(frames, msgspec.structs.replace(LEVELLED, marker=marker))
    learned = play(frames, AUTO)
    assert learned.engine.facing is facing
    (first,), (second,) = known.reps, learned.reps
    for name in NUMBERS:
        assert getattr(second, name) == getattr(first, name), name
    assert second.drift_forward_m == pytest.approx(0.045, abs=0.004)
    assert second.faults == first.faults
    assert _verdict(learned, "bar_forward").severity is Severity.FAULT
    paths = [s.ends[0].path for s in (known, learned)]
    assert paths[0] is not None
    assert paths[1] is not None
    np.testing.assert_array_equal(paths[0]["x_m"], paths[1]["x_m"])


@pytest.mark.parametrize("forward", [1.0, -1.0])
def test_the_second_repetition_is_as_if_it_had_always_been_known(forward: float) -> None:
    script = dead_stops(2)
    camera = Camera(forward=forward)
    frames = with_outline(film(script, camera), script, camera, SHOOTING)
    value = "right" if forward > 0.0 else "left"
    marker = msgspec.structs.replace(LEVELLED.marker, facing=value)
    known = play(frames, msgspec.structs.replace(LEVELLED, marker=marker))
    learned = play(frames, AUTO)
    assert learned.reps == known.reps
    assert learned.cues == known.cues
    assert learned.of(FaultEvent) == known.of(FaultEvent)


def test_facing_is_learned_at_the_first_picture_with_an_outline() -> None:
    engine = Engine(AUTO, "s")
    frames = outlined(PULL, STIFF, Camera(forward=-1.0))
    first = next(n for n, (_, rows) in enumerate(frames) if len(rows) > 1)
    for head, rows in frames[:first]:
        engine.advance(head, rows)
    assert engine.facing is Facing.UNKNOWN
    engine.advance(*frames[first])
    assert engine.facing is Facing.LEFT
    assert engine.plane is not None
    assert engine.plane.forward == -1.0


def test_hips_that_are_over_the_bar_do_not_tell_it() -> None:
    """A trunk that hangs straight down, 5 cm behind: neither way."""
    upright = Body(trunk_m=0.5, set_deg=81.0)
    session = play(outlined(PULL, upright), AUTO)
    assert session.engine.facing is Facing.UNKNOWN
    assert session.reps[0].drift_forward_m is None


def test_what_was_learned_or_configured_is_not_learned_again() -> None:
    wrong = msgspec.structs.replace(RING.marker, facing="left")
    session = play(outlined(PULL, STIFF), msgspec.structs.replace(LEVELLED, marker=wrong))
    assert session.engine.facing is Facing.LEFT


def test_an_outline_outside_a_lift_teaches_nothing() -> None:
    """Somebody bends behind a bar that lies."""
    engine = Engine(AUTO, "s")
    lying = film(PULL, CAMERA)[:80]
    pull = next(rows for _, rows in outlined(PULL, STIFF) if len(rows) > 1)[1:]
    for head, rows in lying:
        late = pull.copy()
        late["t_ns"] = head["t_ns"]
        engine.advance(head, np.concatenate([rows, late]))
    assert engine.plane is not None
    assert engine.facing is Facing.UNKNOWN
