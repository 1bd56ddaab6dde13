"""The benchmark of hips without stickers: what it draws, how it counts, that it judges truly."""

from collections import Counter
from dataclasses import replace as changed
from typing import Any, Final

import numpy as np
import pytest
from plate_scene import compiled_only

from shinline.app.bench.hips.figures import judged_of, line, lines
from shinline.app.bench.hips.judging import Cut, Judged, Played, filmed, play
from shinline.app.bench.hips.kinds import GROUPS, KINDS, NOBODY, kind_of
from shinline.app.bench.hips.population import HALVES, draw_scene


def test_every_kind_has_its_turn_and_most_scenes_are_ordinary() -> None:
    kinds = [kind_of(number) for number in range(100)]
    assert {kind.name for kind in kinds} == {kind.name for kind in KINDS}
    counts = Counter(kind.group for kind in kinds)
    assert [counts[group] for group in GROUPS] == [60, 30, 10]


def test_a_scene_is_the_same_again_and_another_one_for_judging() -> None:
    first, again, judge = draw_scene(False, 3), draw_scene(False, 3), draw_scene(True, 3)
    assert first.recording.scenario == again.recording.scenario
    assert first.recording.scenario != judge.recording.scenario
    assert HALVES[False].seed != HALVES[True].seed
    assert not first.recording.scenario.markers.body


def test_scenes_show_what_their_kind_says_and_both_ends_of_the_fault() -> None:
    scenes = [draw_scene(False, number) for number in (*range(12), 19, 29, 39)]
    for scene in scenes:
        room = scene.recording.scenario.room
        assert room.lifter == (scene.kind.group != NOBODY)
        for instant in (room.lamp_s, room.bump_s):
            assert instant == 0.0 or scene.since_s < instant < scene.truths[0].lockout_s
    turned = [true.measured["hips_shoot_up"] or 0.0 for scene in scenes for true in scene.truths]
    assert sum(deg >= 7.9 for deg in turned) >= 4
    assert sum(deg <= 2.1 for deg in turned) >= 4


# --- counting ------------------------------------------------------------------------------------


def judged(true_deg: float, value_deg: float | None, sd_deg: float = 1.0, **more: Any) -> Judged:
    severity = "fault" if value_deg is not None and value_deg >= 5.0 else "good"
    about = {"scene": 0, "kind": "usual", "group": "ordinary", "rep": 1, "found": True}
    rest = {"true_hip_rise_m": 0.10, "severity": severity, **more}
    return Judged(**{**about, "true_deg": true_deg, "assessed": value_deg is not None,
                     "value_deg": value_deg, "sd_deg": sd_deg, **rest})  # fmt: skip


def test_what_the_line_says_is_counted_from_the_verdicts() -> None:
    told = line("x", [
        judged(10.0, 12.0, details={"hip_rise_m": 0.12}),
        judged(9.0, 4.0, 3.0, details={"hip_rise_m": 0.10}),
        judged(1.5, 1.0),
        judged(0.0, 6.0, 10.0),
        judged(12.0, None),
        judged(12.0, None, found=False),
    ])  # fmt: skip
    assert (told.reps, str(told.found), str(told.assessed)) == (6, "0.833 of 6", "0.800 of 5")
    assert str(told.sensitivity) == "0.500 of 2"
    assert str(told.told) == "0.250 of 4"
    assert str(told.specificity) == "0.500 of 2"
    assert told.bias_deg == pytest.approx((2.0 - 5.0 - 0.5) / 3)
    assert [share.count for share in told.within] == [2, 4]
    assert told.rise_bias_mm == pytest.approx(10.0)


def test_a_room_without_a_lifter_counts_for_nothing_but_its_verdicts() -> None:
    empty = Played(9, "cat", NOBODY, "", (changed(judged(1.0, 3.0), group=NOBODY),), 4, 10, 1, 1, 1)
    usual = Played(0, "usual", "ordinary", "", (judged(9.0, 9.0),), 4, 10, 1.0, 1.0, 1)
    assert [each.true_deg for each in judged_of([empty, usual])] == [9.0]
    assert [each.name for each in lines([empty, usual], lambda each: each.group)] == ["ordinary"]


# --- playing -------------------------------------------------------------------------------------


CHEAP: Final = 15
"""A scene of 640 x 480 at 30 pictures a second, with a calibrated camera."""


@compiled_only
def test_a_scene_is_played_through_the_product_and_paired_with_its_truth() -> None:
    """With stickers on, the product's own numbers are those of the truth."""
    scene = draw_scene(False, CHEAP, stickers=True)
    played = play(scene)
    assert played.verdicts == len(played.judged) == len(scene.truths)
    for each in played.judged:
        assert each.found and each.assessed
        assert each.value_deg == pytest.approx(each.true_deg, abs=1.5)
        assert each.details["hip_rise_m"] == pytest.approx(each.true_hip_rise_m, abs=0.02)


def test_pictures_are_left_out_only_where_nothing_is_to_be_seen_of_the_hips() -> None:
    scene = draw_scene(False, CHEAP)
    t_s = scene.recording.t_s[Cut(scene).kept]
    true = scene.truths[0]
    assert t_s[0] >= scene.since_s
    assert np.diff(t_s[t_s < true.lockout_s]).max() < 0.08
    assert len(t_s) < 0.9 * (scene.recording.t_s > scene.since_s).sum()


@compiled_only
def test_a_compressed_scene_has_the_same_pictures_at_the_same_times() -> None:
    scene = draw_scene(False, CHEAP)
    short = changed(scene, since_s=float(scene.recording.t_s[-6]))
    plain, packed = list(filmed(short, None)), list(filmed(short, 30))
    assert len(plain) == len(packed) == 6
    for one, other in zip(plain, packed, strict=True):
        assert other.t_ns == pytest.approx(one.t_ns, abs=12_000)
        off = np.abs(one.luma.astype(int) - other.luma)
        assert 0.2 < off.mean() < 4.0
