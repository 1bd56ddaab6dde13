"""The empty platform is learned, and of who is before it only what is seen is told."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from shinline.dtypes import DETECTION
from shinline.sim import (
    WALK_S,
    CameraSetup,
    Clothes,
    MarkerSetup,
    RepPlan,
    Scenario,
    Surroundings,
    build,
    truth,
)
from shinline.types import NS_PER_S, Bar, Posture, Role, U8Image
from shinline.vision.backdrop import KNOWN, TAKES, Backdrop
from shinline.vision.silhouette import Silhouette

NOBODY, STANDS, BENDS = Posture.NOBODY, Posture.STANDS, Posture.BENDS
RATE_HZ = 5
CAMERA = CameraSetup(
    width_px=400, height_px=300, focal_px=450.0, distance_m=3.0, rate_hz=RATE_HZ, psf_px=0.4
)
EMPTY_S = 1.4
REP = RepPlan(mean_velocity_mps=0.5, lockout_s=0.3, lower_s=0.8, rest_s=0.3)
PLAIN = Scenario(
    reps=(REP,),
    camera=CAMERA,
    clothes=Clothes(weave=0.2),
    markers=MarkerSetup(body=False),
    room=Surroundings(walk_in_s=EMPTY_S),
    lead_s=EMPTY_S + WALK_S + 0.4,
    settle_s=1.4,
)
NO_LIFTER = replace(PLAIN, room=Surroundings(lifter=False), lead_s=2.6, settle_s=0.6)
Seen = tuple[float, float, Silhouette | None]
"""When (s), how steep the trunk is (deg), and what was told."""


Film = tuple[dict[str, Any], tuple[U8Image, ...]]


def filmed(scenario: Scenario) -> Film:
    """The truth of a scene, and its pictures up to lift-off."""
    recording = build(scenario)
    told = truth(recording)
    until = int(np.searchsorted(told["frames"]["t_s"], told["reps"][0]["liftoff_s"]))
    return told, tuple(recording.frame(seq).luma for seq in range(until))


def watch(film: Film, sign: float = 0.0) -> Iterator[Seen]:
    """Show a scene to a backdrop."""
    told, pictures = film
    frames, backdrop, out = told["frames"], Backdrop(), np.zeros(1, DETECTION)
    m_per_px = told["scale"]["scale_m_per_px"]
    bar = Bar(frames["ring_x_px"][0], frames["ring_y_px"][0], m_per_px, sign)
    for seq, luma in enumerate(pictures):
        t_s = frames["t_s"][seq]
        count = backdrop.look(luma, NS_PER_S + round(t_s * NS_PER_S), bar, out)
        assert count == (backdrop.seen is not None)
        yield t_s, frames["trunk_deg"][seq], backdrop.seen


@cache
def walk_in(facing: str) -> Film:
    return filmed(replace(PLAIN, facing=facing))


@cache
def walked_in(facing: str) -> list[Seen]:
    return list(watch(walk_in(facing)))


def postures(seen: list[Seen]) -> set[Posture]:
    return {one.posture for _, _, one in seen if one is not None}


@pytest.mark.parametrize("facing", ["right", "left"])
def test_a_lifter_who_walks_in_stands_and_then_bends(facing: str) -> None:
    seen = walked_in(facing)
    order = [one.posture for _, _, one in seen if one is not None]
    assert order == sorted(order)
    assert order.count(STANDS) >= 2
    assert order.count(BENDS) >= 5
    for _, trunk_deg, one in seen:
        if one is not None and one.posture is STANDS:
            assert trunk_deg > 45.0
        if one is not None and one.posture is BENDS:
            assert trunk_deg < 65.0
            assert one.sign == (1.0 if facing == "right" else -1.0)


@pytest.mark.parametrize("facing", ["right", "left"])
def test_the_contour_of_the_back_lies_about_as_the_trunk_does(facing: str) -> None:
    """Within three standard deviations of what contours differ from trunks."""
    _, trunk_deg, last = walked_in(facing)[-1]
    assert last is not None
    assert last.shoulder_px is not None
    steep_deg = np.degrees(last.line_rad if facing == "right" else np.pi - last.line_rad)
    assert steep_deg == pytest.approx(trunk_deg, abs=10.0)
    assert 0.5 < np.degrees(last.line_sd_rad) < 6.0


def test_hip_and_shoulder_are_placed_where_they_are() -> None:
    worn = truth(build(replace(PLAIN, markers=MarkerSetup(body=True))))
    _, _, last = walked_in("right")[-1]
    seq, frames, px = len(walked_in("right")) - 1, worn["frames"], worn["scale"]["scale_m_per_px"]
    assert last is not None
    assert last.shoulder_px is not None
    for place, name, off_m in ((last.hip_px, "hip", 0.04), (last.shoulder_px, "shoulder", 0.12)):
        true = frames[f"{name}_x_px"][seq], frames[f"{name}_y_px"][seq]
        assert place == pytest.approx(true, abs=off_m / px)


def test_a_facing_that_is_known_is_not_contradicted() -> None:
    assert BENDS not in postures(list(watch(walk_in("right"), sign=-1.0)))


def test_a_row_says_what_was_seen() -> None:
    """A direction whose cosine is the facing, and no deviation where there is no line."""
    backdrop, out = Backdrop(), np.zeros(1, DETECTION)
    for n, picture in enumerate(painted(KNOWN + 8)):
        backdrop.look(picture, (n + 1) * NS_PER_S // RATE_HZ, BAR, out)
    row = out[0]
    assert (row["role"], row["contrast"]) == (Role.BODY, NOBODY)
    assert (row["x_px"], row["y_px"], row["quality"]) == (BAR.x_px, BAR.y_px, 1.0)


# --- what is not there ---------------------------------------------------------------------------


def test_a_recording_that_begins_with_the_lifter_says_nothing() -> None:
    """What was learned where the lifter stood is not the room: it is not known, and not wall."""
    at_once = replace(PLAIN, room=Surroundings(), lead_s=1.6)
    assert postures(list(watch(filmed(at_once)))) == set()
    held = replace(PLAIN, room=Surroundings(), lead_s=0.2, settle_s=3.0)
    assert postures(list(watch(filmed(held)))) == set()


@pytest.mark.parametrize(
    "room",
    [
        Surroundings(lifter=False, passers=8, bystander=True),
        Surroundings(lifter=False, cat=True),
        Surroundings(lifter=False, lamp_s=1.6, lamp_gain=1.5, lamp_offset=10.0, lamp_back_s=2.8),
        Surroundings(lifter=False, bump_s=2.0, bump_x_px=9.0, bump_y_px=-6.0, bump_deg=1.2),
        Surroundings(lifter=False, wall="busy", drift=0.3, drift_period_s=6.0),
    ],
    ids=["crowd", "cat", "lamp", "bump", "daylight"],
)
def test_nobody_bends_where_nobody_is(room: Surroundings) -> None:
    assert BENDS not in postures(list(watch(filmed(replace(NO_LIFTER, room=room)))))


def test_a_lamp_that_is_switched_does_not_hide_the_lifter() -> None:
    room = replace(PLAIN.room, lamp_s=EMPTY_S + WALK_S + 1.7, lamp_gain=0.7, lamp_offset=12.0)
    seen = list(watch(filmed(replace(PLAIN, room=room))))
    after = [one for t_s, _, one in seen if t_s > room.lamp_s]
    assert sum(one is not None and one.posture is BENDS for one in after) >= len(after) - 2 > 2


# --- painted pictures ----------------------------------------------------------------------------

BAR = Bar(300.0, 400.0, 0.003, 0.0)


@cache
def noisy(seed: int) -> tuple[U8Image, ...]:
    """A room of blocks in a few pictures with noise."""
    rng = np.random.default_rng(seed)
    blocks = np.kron(rng.uniform(60.0, 180.0, (24, 31)), np.ones((20, 20)))[:480, :620]
    return tuple(
        np.rint(blocks + rng.normal(0.0, 2.0, blocks.shape)).astype(np.uint8) for _ in range(4)
    )


def painted(count: int, seed: int = 1) -> Iterator[U8Image]:
    """Show a room for so many looks."""
    return (noisy(seed)[n % 4] for n in range(count))


def show(backdrop: Backdrop, pictures: Iterator[U8Image], first: int, bar: Bar = BAR) -> int:
    """Show pictures one look apart; return the number of the next."""
    out = np.zeros(1, DETECTION)
    for picture in pictures:
        first += 1
        backdrop.look(picture, first * NS_PER_S // RATE_HZ, bar, out)
    return first


def test_nobody_is_told_only_of_a_room_that_was_seen_for_long() -> None:
    backdrop = Backdrop()
    n = show(backdrop, painted(KNOWN - 5), 0)
    assert backdrop.seen is None
    show(backdrop, painted(20), n)
    assert backdrop.seen is not None
    assert backdrop.seen.posture is NOBODY


def test_what_comes_to_stand_there_is_not_room_before_half_a_minute() -> None:
    backdrop = Backdrop()
    n = show(backdrop, painted(KNOWN + 10), 0)

    def boxed(count: int) -> Iterator[U8Image]:
        for clean in painted(count):
            picture = clean.copy()
            picture[150:330, 330:420] = 220
            yield picture

    n = show(backdrop, boxed(TAKES - 10), n)
    assert backdrop.seen is None, "something is there, and it is no lifter"
    show(backdrop, boxed(KNOWN + 30), n)
    assert backdrop.seen is not None
    assert backdrop.seen.posture is NOBODY


def test_another_view_is_learned_anew() -> None:
    backdrop = Backdrop()
    n = show(backdrop, painted(KNOWN + 10), 0)
    n = show(backdrop, painted(20, seed=2), n)
    assert backdrop.seen is None
    show(backdrop, painted(KNOWN + 10, seed=2), n)
    assert backdrop.seen is not None
    assert backdrop.seen.posture is NOBODY


def test_it_waits_for_the_bar_to_rest_and_follows_it_to_another_place() -> None:
    backdrop, out = Backdrop(), np.zeros(1, DETECTION)
    n = show(backdrop, painted(KNOWN + 10), 0)
    lifted = Bar(BAR.x_px, BAR.y_px - 0.5 / BAR.m_per_px, BAR.m_per_px, 0.0)
    n = show(backdrop, painted(10), n, lifted)
    assert backdrop.seen is None
    n = show(backdrop, painted(3), n)
    assert backdrop.seen is not None, "back where it lay: the room is known still"
    aside = Bar(BAR.x_px + 0.3 / BAR.m_per_px, BAR.y_px, BAR.m_per_px, 0.0)
    n = show(backdrop, painted(20), n, aside)
    assert backdrop.seen is None
    show(backdrop, painted(KNOWN + 10), n, aside)
    assert backdrop.seen is not None
    assert backdrop.look(next(painted(1)), 0, aside, out[:0]) == 0


def test_a_bar_at_the_edge_of_the_picture_is_looked_at_as_far_as_there_is_a_picture() -> None:
    backdrop = Backdrop()
    show(backdrop, painted(KNOWN + 10), 0, Bar(610.0, 60.0, 0.003, 0.0))
    assert backdrop.seen is None or backdrop.seen.posture is NOBODY
