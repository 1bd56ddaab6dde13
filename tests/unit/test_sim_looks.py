"""Clothes and rooms change what is seen and never the lift; each does what its option says."""

from dataclasses import replace as changed
from pathlib import Path

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace
from plate_scene import compiled_only

from shinline.sim import (
    WALK_S,
    CameraSetup,
    Clothes,
    MarkerSetup,
    Recording,
    RepPlan,
    Scenario,
    Surroundings,
    build,
    from_json,
    rep_evidence,
    truth,
)
from shinline.sim.cloth_kernels import paint_cloth
from shinline.sim.clothes import dress_of
from shinline.sim.paint import paint_limb
from shinline.sim.people import passers
from shinline.sim.presence import Presence
from shinline.types import U8Image

SMALL = CameraSetup(
    width_px=320,
    height_px=240,
    focal_px=380.0,
    distance_m=3.5,
    rate_hz=20.0,
    read_noise=0.0,
    shot_noise=0.0,
)
REP = RepPlan(mean_velocity_mps=0.6, lockout_s=0.3, lower_s=1.0, rest_s=0.3)
PLAIN = Scenario(reps=(REP,), camera=SMALL, markers=MarkerSetup(body=False))


def at(recording: Recording, t_s: float) -> U8Image:
    """Return the picture nearest to an instant."""
    return recording.frame(int(np.argmin(np.abs(recording.t_s - t_s)))).luma


def test_looks_leave_the_motion_alone_and_are_told_only_where_there_are_some() -> None:
    dressed = replace(PLAIN, clothes=Clothes(weave=0.2), room=Surroundings(passers=2))
    plain, told = truth(build(PLAIN)), truth(build(dressed))
    assert (plain["frames"], plain["reps"]) == (told["frames"], told["reps"])
    assert not {"clothes", "room"} & set(plain["scenario"])
    assert told["scenario"]["room"]["passers"] == 2
    assert from_json(msgspec.json.encode(dressed)) == dressed


@pytest.mark.parametrize("deg", [2.0, 11.0, 20.0])
@pytest.mark.parametrize("style", ["conventional", "sumo", "trap_bar"])
def test_hips_shoot_up_by_all_that_can_be_asked_for(style, deg: float) -> None:  # type: ignore[no-untyped-def]
    """The hips rise more and the shoulders no more than in a lift without the fault."""
    rep = replace(REP, faults={"hips_shoot_up": deg})
    recording = build(replace(PLAIN, style=style, reps=(rep,)))
    good, bad = rep_evidence(build(replace(PLAIN, style=style)), 1), rep_evidence(recording, 1)
    assert truth(recording)["reps"][0]["trunk_drop_deg"] == pytest.approx(deg, rel=0.04, abs=0.1)
    assert bad["hip_rise_m"] > good["hip_rise_m"] + 0.01  # type: ignore[operator]
    assert 0.03 < bad["shoulder_rise_m"] <= good["shoulder_rise_m"] + 0.002  # type: ignore[operator]


@pytest.mark.parametrize("kind", [Clothes, Surroundings])
def test_every_option_is_described_in_the_documentation(kind: type[Clothes | Surroundings]) -> None:
    text = (Path(__file__).parents[2] / "docs" / "simulate.md").read_text(encoding="utf-8")
    assert [name for name in kind.__struct_fields__ if f"`{name}`" not in text] == []


# --- cloth ---------------------------------------------------------------------------------------


def limb(cloth: np.ndarray | None, x: float = 40.0, slid: float = 0.0, cut: bool = False):  # type: ignore[no-untyped-def]
    image = np.full((90, 140), 100.0, np.float32)
    ends = (x, 30.0, 14.0, x + 45.0, 52.0, 20.0)
    if cloth is None:
        paint_limb(image, *ends, cut, 150.0)
    else:
        paint_cloth(image, *ends, cut, 150.0, cloth, 1.7, slid)
    return image


@compiled_only
def test_cloth_without_a_pattern_is_a_plain_limb() -> None:
    for cut in (False, True):
        np.testing.assert_array_equal(limb(np.ones((32, 32), np.float32), cut=cut),
                                      limb(None, cut=cut))  # fmt: skip


@compiled_only
def test_cloth_is_looked_up_along_and_around_the_limb() -> None:
    """Written anew, with whole arrays: bands that depend on the way along from a, and no edges."""
    along = np.cos(2.0 * np.pi * np.arange(32) / 32)
    cloth = np.repeat(1.0 + 0.3 * along[:, None], 32, axis=1).astype(np.float32)
    ratio = limb(cloth, slid=3.0) / limb(None)
    y, x = np.mgrid[0:90, 0:140].astype(float)
    a, line = np.array([40.0, 30.0]), np.array([45.0, 22.0])
    length = np.hypot(*line)
    ahead = ((x - a[0]) * line[0] + (y - a[1]) * line[1]) / length
    off = np.abs((y - a[1]) * line[0] - (x - a[0]) * line[1]) / length
    inside = (off < 11.0) & (ahead > 0.0) & (ahead < length)
    expected = 1.0 + 0.3 * np.cos(2.0 * np.pi * (1.7 * ahead + 3.0) / 32)
    np.testing.assert_allclose(ratio[inside], expected[inside], atol=0.01)


@compiled_only
def test_a_pattern_moves_with_the_limb_and_slides_along_it() -> None:
    cloth = np.random.default_rng(5).uniform(0.5, 1.5, (32, 32)).astype(np.float32)
    here, there = limb(cloth), limb(cloth, x=49.0)
    np.testing.assert_allclose(here[:, :120], there[:, 9:129], atol=2e-3)
    assert np.abs(limb(cloth, slid=3.0) - here).max() > 20.0


def test_a_loose_shirt_hangs_near_the_trunk_and_comes_after_it() -> None:
    scenario = replace(PLAIN, clothes=Clothes(loose_m=0.04))
    recording = build(scenario)
    presence = Presence(scenario, recording.timeline, dress_of(scenario.clothes, 300.0, 1))
    start_s, end_s = recording.timeline.of_rep(1)[0].start_s, recording.timeline.of_rep(1)[0].end_s
    gaps = []
    for t_s in (start_s - 0.01, 0.5 * (start_s + end_s)):
        pose = recording.timeline.sample(np.array([t_s])).pose(recording.body)
        seen = presence.at(pose, 0, t_s)
        assert seen is not None
        gaps.append(seen.near["shirt_waist"] - seen.near["waist"])
    still, moving = gaps
    assert still[1] < -0.01 and abs(still[0]) < 0.001
    assert moving[1] < still[1] - 0.005, "a trunk that rises leaves the shirt below"
    assert max(np.hypot(*gap[:2]) for gap in gaps) <= 0.04


# --- the room ------------------------------------------------------------------------------------


@compiled_only
def test_a_lifter_walks_into_an_empty_room_and_then_lifts_as_ever() -> None:
    lead_s = 0.6 + WALK_S
    stays = build(replace(PLAIN, lead_s=lead_s))
    nobody = build(replace(PLAIN, lead_s=lead_s, room=Surroundings(lifter=False)))
    comes = build(replace(PLAIN, lead_s=lead_s, room=Surroundings(walk_in_s=0.4)))
    np.testing.assert_array_equal(at(comes, 0.2), at(nobody, 0.2))
    assert np.abs(at(nobody, 0.2).astype(int) - at(stays, 0.2)).max() > 60
    walking = np.abs(at(comes, 2.2).astype(int) - at(nobody, 2.2)) > 20
    assert 500 < walking.sum() < 20000
    for t_s in (lead_s, lead_s + 1.5, lead_s + 2.5):
        np.testing.assert_array_equal(at(comes, t_s), at(stays, t_s))


def test_a_walk_that_ends_after_the_lifter_stands_is_refused() -> None:
    with pytest.raises(ValueError, match="lead_s"):
        replace(PLAIN, lead_s=1.0, room=Surroundings(walk_in_s=0.5))


@compiled_only
def test_a_lamp_is_on_for_its_time_and_a_knock_moves_the_picture_for_good() -> None:
    plain = build(PLAIN)
    lamp = Surroundings(lamp_s=1.0, lamp_back_s=2.0, lamp_gain=0.7, lamp_offset=10.0)
    lit = build(replace(PLAIN, room=lamp))
    for t_s, gain, offset in ((0.8, 1.0, 0.0), (1.5, 0.7, 10.0), (2.3, 1.0, 0.0)):
        usual = at(plain, t_s).astype(float)
        np.testing.assert_allclose(at(lit, t_s), gain * usual + offset, atol=2.0)
    knocked = build(replace(PLAIN, room=Surroundings(bump_s=1.0, bump_x_px=6.0, bump_y_px=-4.0)))
    np.testing.assert_array_equal(at(knocked, 0.9), at(plain, 0.9))
    before, after = at(plain, 2.5).astype(int), at(knocked, 2.5).astype(int)
    assert np.abs(after[10:-10, 10:-10] - before[14:-6, 4:-16]).max() <= 2


@compiled_only
@pytest.mark.parametrize(
    "room",
    [
        Surroundings(passers=4),
        Surroundings(bystander=True),
        Surroundings(mirror=True),
        Surroundings(wall="busy"),
        Surroundings(wall="dark"),
    ],
    ids=lambda room: str(room)[:60],
)
def test_what_is_behind_is_seen_and_never_before_the_plate(room: Surroundings) -> None:
    plain, other = build(PLAIN), build(replace(PLAIN, room=room))
    away = np.abs(at(plain, 2.0).astype(int) - at(other, 2.0))
    assert (away > 15).sum() > 400
    frames = truth(plain)["frames"]
    seq = int(np.argmin(np.abs(plain.t_s - 2.0)))
    x, y, d = (float(frames[f"plate_{name}_px"][seq]) for name in ("x", "y", "d"))
    rows, columns = np.mgrid[0 : away.shape[0], 0 : away.shape[1]]
    assert away[np.hypot(columns - x, rows - y) < 0.45 * d].max() <= 1


@compiled_only
def test_people_and_a_cat_move() -> None:
    for room in (Surroundings(passers=3, lifter=False), Surroundings(cat=True, lifter=False)):
        recording = build(replace(PLAIN, room=room))
        moved = np.abs(at(recording, 0.5).astype(int) - at(recording, 1.3)) > 15
        assert moved.sum() > 100


def test_a_passer_walks_no_faster_than_said_pauses_and_turns_round() -> None:
    passer = changed(passers(1, 0.0, np.random.default_rng(1))[0], since_s=0.0)
    t_s = np.arange(0.0, 30.0, 0.02)
    x_m = np.array([passer.place(float(t))[1] for t in t_s])
    speed = np.abs(np.diff(x_m)) / 0.02
    assert speed.max() <= passer.speed_mps + 1e-9
    assert (speed < 1e-9).sum() * 0.02 >= 0.9 * passer.pause_s
    assert {passer.heads_back(float(t)) for t in t_s} == {False, True}
