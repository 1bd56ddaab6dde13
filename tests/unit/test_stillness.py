"""Where nothing moves the camera may be slow, and is fast again before a bar is gripped."""

from itertools import count

import numpy as np
import pytest
from lifts import Camera as Filmed
from lifts import Script, film, play
from numpy.typing import NDArray

from shinline.app.stillness import AFTER_NS, Idling
from shinline.types import NS_PER_S, Frame

SHAPE = (544, 728)
RATE_HZ = 30
RANDOM = np.random.default_rng(3)
ROOM = np.kron(RANDOM.integers(30, 220, (34, 28)), np.ones((16, 26)))
Picture = NDArray[np.uint8]


def _taken(picture: NDArray[np.float64], noise: float = 2.0) -> Picture:
    return np.clip(picture + RANDOM.normal(0.0, noise, SHAPE), 0, 255).astype(np.uint8)


def _with_hand(x_px: int) -> NDArray[np.float64]:
    """A hand of ten centimetres, two metres away."""
    picture = ROOM.copy()
    picture[250:284, x_px : x_px + 34] = 180.0 - 0.6 * picture[250:284, x_px : x_px + 34]
    return picture


class Camera:
    """Feeds pictures at their times; ``said`` is what the camera was told."""

    def __init__(self) -> None:
        self.said: list[bool] = []
        self.idling = Idling(self.said.append)
        self._seq = count()

    def show(self, pictures: list[Picture], seconds: float, awake: bool = False) -> None:
        for _ in range(round(seconds * RATE_HZ)):
            seq = next(self._seq)
            luma = pictures[seq % len(pictures)]
            self.idling.frame(Frame(seq, seq * NS_PER_S // RATE_HZ, 1000, luma), awake)


def test_a_pull_that_comes_out_of_nothing_is_measured_as_ever() -> None:
    """Nobody was seen to come: the first quarter of a second has a quarter of the pictures."""
    script = Script().rest(4.0).move(1.3, 0.5).rest(0.8).move(1.3, -0.5).rest(3.0)
    frames = film(script, Filmed(rate_hz=120.0))
    t0_ns = int(frames[0][0]["t_ns"])
    idle = [
        each
        for i, each in enumerate(frames)
        if i % 4 == 0 or int(each[0]["t_ns"]) - t0_ns > 4.25 * NS_PER_S
    ]
    (whole,), (woken,) = play(frames).reps, play(idle).reps
    assert abs(whole.start_ns - woken.start_ns) < NS_PER_S // 60
    assert woken.rom_m == pytest.approx(whole.rom_m, abs=0.002)
    assert woken.mean_velocity_mps == pytest.approx(whole.mean_velocity_mps, rel=0.02)


AFTER_S = AFTER_NS / NS_PER_S


@pytest.fixture
def camera() -> Camera:
    return Camera()


@pytest.mark.parametrize("noise", [0.0, 2.0, 6.0, 12.0])
def test_noise_is_no_movement(camera: Camera, noise: float) -> None:
    camera.show([_taken(ROOM, noise) for _ in range(7)], AFTER_S + 0.5)
    assert camera.said == [True]


def test_nor_is_a_light_that_flickers(camera: Camera) -> None:
    camera.show([_taken(light * ROOM) for light in (1.0, 0.9, 1.05, 0.95, 0.85)], AFTER_S + 0.5)
    assert camera.said == [True]


def test_it_takes_a_while_and_ends_within_a_few_frames(camera: Camera) -> None:
    still = [_taken(ROOM) for _ in range(3)]
    camera.show(still, AFTER_S - 0.5)
    assert camera.said == []
    camera.show(still, 1.0)
    assert camera.said == [True]
    camera.show([_taken(_with_hand(350))], 4 / RATE_HZ)
    assert camera.said == [True, False]


def test_who_moves_slowly_is_seen_as_well(camera: Camera) -> None:
    """A pixel a frame, less than any two pictures in a row could tell."""
    camera.show([_taken(_with_hand(350))], AFTER_S + 0.5)
    for x_px in range(350, 390):
        camera.show([_taken(_with_hand(x_px))], 1 / RATE_HZ)
    assert camera.said == [True, False]


def test_what_moves_and_cannot_be_seen_in_the_picture_counts(camera: Camera) -> None:
    """A bar that moves, or a phone that asks."""
    still = [_taken(ROOM)]
    camera.show(still, AFTER_S + 0.5)
    camera.show(still, 1 / RATE_HZ, awake=True)
    assert camera.said == [True, False]
    camera.show(still, AFTER_S - 0.5)
    assert camera.said == [True, False]


def test_a_clock_that_was_set_back_and_another_size_are_something_new(camera: Camera) -> None:
    camera.show([_taken(ROOM)], AFTER_S + 0.5)
    camera.idling.frame(Frame(0, -5 * NS_PER_S, 1000, _taken(ROOM)), awake=False)
    assert not camera.idling.idle
    camera.show([np.zeros((48, 64), np.uint8)], 1.0)
    assert camera.said == [True, False]
