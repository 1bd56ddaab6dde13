"""A small run of the simulation in docs/rig.md: another seed, few mounts, the same conclusions."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from shinline_cal.rigging import mounts, world
from shinline_cal.rigging.mounts import Outcome
from shinline_cal.rigging.steps import Trouble

SEED = 4711
MOUNTS = 15
CAUGHT = {
    "camera knocked",
    "second plate",
    "top to bottom",
    "on its side",
    "upside down",
}
"""Troubles of which none may pass, whatever the mount."""


@cache
def good() -> list[Outcome]:
    return [mounts.run(SEED, i) for i in range(MOUNTS)]


def test_a_lift_is_measured_many_times_better_than_before() -> None:
    figures = mounts.summary(good())
    assert figures["drift after, RMS mm"] < 0.15 * figures["drift before, RMS mm"]
    assert figures["ROM after, RMS mm"] < 0.6 * figures["ROM before, RMS mm"]


def test_it_is_about_as_sure_as_it_says() -> None:
    """15 mounts: one sd of a share of 0.68 is 0.12."""
    figures = mounts.summary(good())
    assert 0.40 < figures["drift within 1 sd"] <= 0.96
    assert 0.40 < figures["ROM within 1 sd"] <= 0.96
    assert figures["drift within 2 sd"] > 0.80
    assert figures["vertical within 2 sd"] > 0.80


def test_good_mounts_are_accepted_and_none_is_wrong_unseen() -> None:
    figures = mounts.summary(good())
    assert figures["refused"] <= 1.0 / MOUNTS
    assert figures["missed"] == 0


def test_what_is_plainly_wrong_is_refused() -> None:
    kinds = list(mounts.troubles(np.random.default_rng(SEED)))
    found = [mounts.run(SEED, i, kind) for i, kind in enumerate(kinds) if kind.name in CAUGHT]
    assert {o.trouble for o in found} == CAUGHT
    assert [o.trouble for o in found if not o.refused] == []


def test_equal_arguments_give_equal_mounts() -> None:
    assert mounts.run(SEED, 3) == good()[3]


@pytest.mark.parametrize("printed", [0.97, 1.03])
def test_a_sheet_of_the_wrong_size_is_found_where_something_swings(printed: float) -> None:
    found = [mounts.run(SEED, i, Trouble("sheet", printed=printed)) for i in range(2, 7)]
    assert sum(bool(o.refused) for o in found) >= 3
    assert all(o.refused or not o.missed for o in found)


def test_drawn_mounts_keep_to_their_ranges_and_the_lift_in_the_picture() -> None:
    rng = np.random.default_rng(SEED)
    for name in world.LENSES:
        for _ in range(5):
            mount = world.draw_mount(rng, name)
            assert abs(mount.roll_deg) <= 5.0
            assert abs(mount.pitch_deg) <= 8.0
            assert abs(mount.azimuth_deg) <= 20.0
            assert mount.inside(np.array([[0.0, 0.0, 0.0], [0.0, 0.65, 0.0]]), 0.0)


def test_a_missed_mount_is_one_that_is_wrong_accepted_and_unmarked() -> None:
    wrong = replace(good()[0], refused="", flagged=False, unmeasured=False, drift_off_m=0.1)
    assert wrong.missed
    assert not replace(wrong, refused="upright").missed
    assert not replace(wrong, flagged=True).missed
    assert not replace(wrong, drift_off_m=0.0).missed
