"""A camera that was turned or pushed is seen in the room behind the lifter."""

from typing import Any

import numpy as np
import pytest
from lifts import Camera, Script, film, play
from numpy.typing import NDArray
from plate_scene import compiled_only
from scipy.ndimage import affine_transform, gaussian_filter

from shinline.coach.gauge import LOOKS
from shinline.steps import Steps
from shinline.types import DETECTION, MARKERS, NS_PER_S, CameraEvent, CueEvent, Role, Rows
from shinline.vision import steady_kernels
from shinline.vision.steady import STEP_MISFITS, SceneMotion, Shift
from shinline.vision.watch import EVERY_NS, SEARCHES, STRANGE, CameraWatch

SHAPE = (360, 480)
RANDOM = np.random.default_rng(6)
ROOM = 128.0 + 500.0 * gaussian_filter(RANDOM.normal(size=SHAPE), 4.0)


def _picture(
    turn_deg: float = 0.0, right_px: float = 0.0, lifter_px: int = 90, light: float = 1.0
) -> NDArray[np.uint8]:
    """Turn the picture clockwise and push it; a lifter stands before the room."""
    centre = 0.5 * (np.array(SHAPE) - 1.0)
    c, s = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    back = np.array([[c, -s], [s, c]])
    offset = centre - back @ (centre + np.array([0.0, right_px]))
    picture = light * affine_transform(ROOM, back, offset, order=3, mode="reflect")
    picture[lifter_px : lifter_px + 180, 200:280] = 40.0
    return np.asarray(np.clip(picture + RANDOM.normal(size=SHAPE), 0, 255), np.uint8)


def _at_once(result: Shift) -> Steps[Shift]:
    """Work of no steps."""
    return result
    yield


def _look(watch: CameraWatch, number: int, picture: NDArray[np.uint8]) -> np.void | None:
    out = np.zeros(1, DETECTION)
    told = watch.look(picture, number * EVERY_NS, out)
    while watch.looking:  # nobody looks at the pictures that come meanwhile
        told = watch.look(np.zeros_like(picture), number * EVERY_NS, out)
    return out[0] if told else None


@compiled_only
@pytest.mark.parametrize(
    ("turn_deg", "right_px"),
    [(0.0, 0.0), (0.3, 0.0), (1.2, 0.0), (-1.0, 3.0), (2.0, -6.0), (4.0, 0.0), (0.0, 12.0)],
)
def test_turn_and_shift_of_the_picture_are_measured(turn_deg: float, right_px: float) -> None:
    watch = CameraWatch()
    _look(watch, 0, _picture())
    row = _look(watch, 1, _picture(turn_deg, right_px, lifter_px=60, light=0.95))
    assert row is not None
    assert row["role"] == Role.CAMERA
    assert np.degrees(row["residual"]) == pytest.approx(turn_deg, abs=0.05 + 0.05 * abs(turn_deg))
    assert row["x_px"] == pytest.approx(right_px, abs=0.5)
    assert row["y_px"] == pytest.approx(0.0, abs=0.5)
    assert row["quality"] > 0.3


@compiled_only
def test_it_is_looked_at_now_and_then_only() -> None:
    watch, out = CameraWatch(), np.zeros(1, DETECTION)
    looks = [watch.look(_picture(), i * NS_PER_S // 60, out) for i in range(85)]
    told = np.flatnonzero(looks)
    assert np.diff(told).tolist() == [30, 30]  # begun at once, after half a second, after a whole
    assert 0 < told[0] < 15


@compiled_only
def test_no_frame_gets_more_than_a_part_of_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """So also when the room is not where it was, and is looked for farther away."""
    compared: list[int] = []
    match = steady_kernels.match_blocks

    def counted(*arguments: Any) -> None:
        corners, costs = arguments[2], arguments[6]
        compared[-1] += len(corners) * costs.size
        match(*arguments)

    monkeypatch.setattr(steady_kernels, "match_blocks", counted)
    watch, out = CameraWatch(), np.zeros(1, DETECTION)
    pictures = [_picture(), _picture(3.0)]
    for number, picture in enumerate(pictures):
        compared.append(0)
        watch.look(picture, number * EVERY_NS, out)
        while watch.looking:
            compared.append(0)
            watch.look(picture, number * EVERY_NS, out)
    assert sum(compared) > 60 * 29 * 29  # it was searched for
    assert max(compared) <= max(STEP_MISFITS, 29 * 29)


@compiled_only
@pytest.mark.parametrize("size", [(8, 8), (120, 200), (361, 480)])
def test_a_picture_of_another_size_is_a_new_first_one(size: tuple[int, int]) -> None:
    watch = CameraWatch()
    _look(watch, 0, _picture())
    assert _look(watch, 1, np.full(size, 90, np.uint8)) is None
    assert _look(watch, 2, _picture()) is not None
    row = _look(watch, 3, _picture(0.5))
    assert row is not None
    assert np.degrees(row["residual"]) == pytest.approx(0.5, abs=0.07)


@compiled_only
@pytest.mark.parametrize("turn_deg", [0.0, 1.0, -2.5])
def test_the_room_of_the_calibration_tells_what_happened_since(turn_deg: float) -> None:
    """Between two sessions, in another light, with the lifter elsewhere."""
    watch = CameraWatch(_picture(lifter_px=20))
    row = _look(watch, 0, _picture(turn_deg, light=0.8))
    assert row is not None
    assert np.degrees(row["residual"]) == pytest.approx(turn_deg, abs=0.05 + 0.05 * abs(turn_deg))


@compiled_only
def test_a_room_that_is_another_one_now_gives_way_to_the_first_picture() -> None:
    watch = CameraWatch(_picture()[::-1].copy())
    said = [_look(watch, i, _picture()) for i in range(STRANGE + 3)]
    assert [row is not None for row in said] == [False] * STRANGE + [True] * 3
    row = _look(watch, STRANGE + 3, _picture(1.0))
    assert row is not None and np.degrees(row["residual"]) == pytest.approx(1.0, abs=0.1)


@compiled_only
def test_a_calibration_at_another_size_is_no_picture_of_this_room() -> None:
    watch = CameraWatch(np.full((8, 8), 100, np.uint8))
    _look(watch, 0, _picture())
    row = _look(watch, 1, _picture(1.0))
    assert row is not None and np.degrees(row["residual"]) == pytest.approx(1.0, abs=0.1)


def test_when_much_less_of_the_room_than_usual_agrees_nothing_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So it is about the middle of a picture that has turned; it may go on for long."""
    shares = iter([1.0, 0.7, 0.7, 0.15, 0.3, 0.7])

    def compare(scene: SceneMotion, *_: object) -> Steps[Shift]:
        scene._share = next(shares)
        return _at_once((0.0, 0.0))

    monkeypatch.setattr(SceneMotion, "compare", compare)
    monkeypatch.setattr(SceneMotion, "search", lambda *_: _at_once(None))
    watch, blank = CameraWatch(), np.zeros(SHAPE, np.uint8)
    said = [_look(watch, i, blank) is not None for i in range(6)]
    assert said == [True, True, True, False, False, True]


@compiled_only
def test_a_wall_without_texture_says_nothing_and_is_not_searched_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    searches = []

    def search(*_: object) -> Steps[Shift]:
        searches.append(1)
        return _at_once(None)

    monkeypatch.setattr(SceneMotion, "search", search)
    watch = CameraWatch()
    for i in range(20):
        assert _look(watch, i, np.full(SHAPE, 120, np.uint8)) is None
    assert SEARCHES <= len(searches) <= SEARCHES + 2


def test_it_is_no_marker() -> None:
    assert Role.CAMERA not in MARKERS
    assert Role.SCENE not in MARKERS


SET = Script().rest(2.0).move(1.2, 0.5, bulge=0.02).rest(0.5).move(1.2, -0.5).rest(4.0)
SET = SET.move(1.2, 0.5, bulge=0.02).rest(0.5).move(1.2, -0.5).rest(1.0)


def _watched(
    turn_deg: float, shift_px: float, from_s: float = 5.5, until_s: float = 99.0
) -> list[tuple[np.void, Rows]]:
    """Film a set; every half second there is a row that says how the picture lies."""
    frames = []
    for i, (head, rows) in enumerate(film(SET, Camera())):
        if i % 30 == 0:
            row = np.zeros(1, DETECTION)
            row["t_ns"], row["role"], row["axis_ratio"], row["quality"] = head["t_ns"], 8, 1.0, 0.6
            if from_s * NS_PER_S < int(head["t_ns"]) - Camera().t0_ns < until_s * NS_PER_S:
                row["residual"], row["x_px"] = np.radians(turn_deg), shift_px
            rows = np.concatenate([rows, row])
        frames.append((head, rows))
    return frames


@pytest.mark.parametrize(
    ("turn_deg", "shift_px", "changed"),
    [(0.8, 0.0, ("roll",)), (-0.8, 15.0, ("roll", "direction")), (0.0, 15.0, ("direction",))],
)
def test_a_turned_camera_is_told_before_the_next_pull(
    turn_deg: float, shift_px: float, changed: tuple[str, ...]
) -> None:
    session = play(_watched(turn_deg, shift_px))
    event = session.of(CameraEvent)[1]
    assert event.changed == changed
    assert event.t_ns < session.reps[1].start_ns
    assert event.evidence["turned_deg"] == pytest.approx(turn_deg)
    assert [cue.code for cue in session.of(CueEvent)].count("camera_moved") == 1
    assert [rep.marks for rep in session.reps] == [(), ("camera_moved",)]


def _higher(frames: list[tuple[np.void, Rows]], up_px: float) -> list[tuple[np.void, Rows]]:
    """From 8.1 s on, three seconds after it came down, the bar is elsewhere in the picture."""
    for head, rows in frames:
        if int(head["t_ns"]) - Camera().t0_ns > 8.1 * NS_PER_S:
            rows["y_px"] -= up_px * (rows["role"] == Role.BAR)
    return frames


@pytest.mark.parametrize("up_px", [-12.0, 12.0, 40.0])
def test_where_the_room_stands_other_plates_are_no_moved_camera(up_px: float) -> None:
    """The bar lies 2.5 to 8 cm higher or lower, and nothing else is different."""
    session = play(_higher(_watched(0.0, 0.0), up_px))
    assert [event.changed for event in session.of(CameraEvent)] == [()]
    assert [rep.marks for rep in session.reps] == [(), ()]
    tipped = play(_higher(_watched(0.0, 15.0), up_px))
    assert tipped.reps[1].marks == ("camera_moved",)


@pytest.mark.parametrize(("turn_deg", "shift_px"), [(0.15, 0.0), (0.0, 8.0)])
def test_a_little_is_not_told(turn_deg: float, shift_px: float) -> None:
    assert not any(e.changed for e in play(_watched(turn_deg, shift_px)).of(CameraEvent))


def test_a_shake_is_not_told() -> None:
    """A bar that is dropped shakes the camera for a second."""
    shaken = _watched(0.8, 20.0, 5.5, 5.5 + 0.5 * (LOOKS - 1))
    assert not any(event.changed for event in play(shaken).of(CameraEvent))


def test_a_camera_that_was_turned_back_is_told() -> None:
    session = play(_watched(0.8, 0.0, 2.5, 6.4))
    assert [event.changed for event in session.of(CameraEvent)][:2] == [("roll",), ()]
    assert session.reps[1].marks == ()
