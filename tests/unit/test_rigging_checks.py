"""Each wrong calibration is refused for its own reason, and a right one is not."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from rig_scene import (
    HERE,
    evidence,
    falling,
    hanging,
    lying,
    mount,
    rolling,
    seen_from,
    solution,
    swinging,
)

from shinline_cal.rigging import checks, measures, observe
from shinline_cal.rigging.evidence import Evidence, Place
from shinline_cal.rigging.solve import Solution, solve


def _refused(given: Evidence) -> list[str]:
    found = solve(given)
    return [c.code for c in checks.check(given, found) if c.refuses and c.ok is False]


def test_a_good_calibration_is_accepted_and_every_check_speaks() -> None:
    found = solution()
    assert checks.accept(found) == []
    assert checks.marks(found) == []
    codes = {c.code for c in checks.check(evidence(), found)}
    assert {
        "upright",
        "vertical plumb 1",
        "vertical swing 1",
        "metre swing 1",
        "round trip",
    } <= codes
    assert all(len(c.sentence) > 20 for c in checks.check(evidence(), found))


def test_a_string_that_touches_something_contradicts_the_swing() -> None:
    bent = observe.plumb(hanging(HERE, lean=(np.radians(1.2), 0.0)))
    codes = _refused(replace(evidence(), plumbs=(bent,)))
    assert any(c.startswith(("vertical", "fit plumb")) for c in codes)


def test_a_camera_that_was_knocked_between_two_steps_is_noticed_by_the_bar() -> None:
    knocked = mount(HERE.roll_deg + 0.3, HERE.pitch_deg, HERE.azimuth_deg + 0.2)
    rests = (*evidence().rests, observe.rest(lying(knocked)))
    assert "stands 1" in _refused(replace(evidence(), rests=rests))


@pytest.mark.parametrize("printed", [0.97, 1.04])
def test_a_sheet_printed_to_fit_the_page_does_not_swing_as_gravity_has_it(printed: float) -> None:
    given = replace(evidence(), marker_diameter_m=0.08 / printed)
    found = solve(given)
    wrong = [c for c in checks.check(given, found) if c.code == "metre swing 1"]
    assert wrong[0].ok is False
    assert wrong[0].value == pytest.approx(1.0 / printed - 1.0, abs=0.008)
    assert "Measure it" in wrong[0].sentence


def test_a_fall_tells_a_wrong_size_as_well() -> None:
    given = replace(
        evidence(), falls=(observe.fall(falling(HERE)),), swings=(), marker_diameter_m=0.10
    )
    assert "metre fall 1" in _refused(given)


def test_a_marker_off_the_axis_is_found_by_rolling() -> None:
    roll = observe.rolled(rolling(HERE, off_m=0.015))
    given = replace(evidence(), rolls=(roll,))
    found = solve(given)
    part = next(p for p in found.bundle.parts if p.name == "roll 1")
    off, sd = checks.off_axis(part, found.covariance)
    assert off == pytest.approx(0.015, abs=3.0 * sd)
    assert sd < 0.003
    assert "axis roll 1" not in _refused(given)
    assert any("mm off the bar's axis" in mark for mark in checks.marks(found))
    assert measures.beside_axis_m(found) == off


def test_a_marker_far_off_the_axis_is_refused() -> None:
    roll = observe.rolled(rolling(HERE, off_m=0.05))
    assert "axis roll 1" in _refused(replace(evidence(), rolls=(roll,)))


@pytest.mark.parametrize(("turned", "words"), [(90.0, "on its side"), (180.0, "upside down")])
def test_a_camera_turned_over_is_told_so(turned: float, words: str) -> None:
    over = mount(HERE.roll_deg + turned, HERE.pitch_deg, HERE.azimuth_deg)
    reasons = checks.accept(solve(replace(seen_from(over, 2), rolls=())))
    assert any(words in reason for reason in reasons)


def test_another_lens_than_the_configured_one_is_refused() -> None:
    other = msgspec.structs.replace(evidence().lens, fx_px=1000.0, fy_px=1000.0)
    assert _refused(replace(evidence(), lens=other)) != []


def test_a_lens_that_folds_the_picture_is_refused() -> None:
    folded = msgspec.structs.replace(evidence().lens, k1=-0.9, k2=0.0)
    assert _refused(replace(evidence(), lens=folded)) != []


def test_numbers_that_are_none_are_refused_with_the_reason() -> None:
    broken = replace(solution(), covariance=np.full((7, 7), np.nan))
    assert checks.accept(broken) == ["The calculation came to no numbers: start again."]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [("distance_m", 5.0, "tape distance"), ("camera_height_m", 1.6, "tape height")],
)
def test_a_tape_that_says_otherwise_is_a_reason(name: str, value: float, code: str) -> None:
    assert code in _refused(replace(evidence(), **{name: value}))


def test_a_plate_that_would_hang_in_front_of_its_marker_is_refused() -> None:
    marker = evidence().rests[-1]
    near = Place(marker.x_px, marker.y_px, 0.2, marker.r_px * 0.45 / 0.08 * 1.2, 0.003)
    assert "plate" in _refused(replace(evidence(), plate=near))
    behind = Place(marker.x_px, marker.y_px, 0.2, marker.r_px * 0.45 / 0.08 * 0.96, 0.003)
    assert "plate" not in _refused(replace(evidence(), plate=behind))


def test_a_camera_far_off_or_close_by_makes_one_doubt_the_marker_s_size() -> None:
    assert "distance" in _refused(replace(evidence(), marker_diameter_m=0.30, swings=()))


def test_one_source_of_the_vertical_is_taken_and_marked() -> None:
    given = replace(evidence(), swings=(), rolls=())
    found = solve(given)
    assert checks.accept(found) == []
    assert any("needed to judge drift" in mark for mark in checks.marks(found))


def test_the_side_from_which_a_turned_camera_looks_is_asked_for() -> None:
    """Without a rolled bar the shape of the marker tells how far it is turned, not to where."""
    turned = mount(0.5, 0.0, 14.0, (0.85, 0.3, 3.3))
    given = replace(seen_from(turned, 3), rolls=(), swings=())
    found: Solution = solve(given)
    assert found.other_azimuth_deg is not None
    assert any("roll the bar" in mark for mark in checks.marks(found))
    assert solve(seen_from(turned, 3)).other_azimuth_deg is None


def test_every_step_of_a_good_calibration_may_be_taken_again() -> None:
    """Two of each: nothing that agrees is refused."""
    twice = replace(
        evidence(),
        plumbs=(*evidence().plumbs, observe.plumb(hanging(HERE, 9, aside_m=-0.3))),
        swings=(*evidence().swings, observe.swing(swinging(HERE, 9, aside_m=-0.3))),
    )
    assert _refused(twice) == []
    assert solve(twice).roll_sd_deg < solution().roll_sd_deg
