"""The page of two devices: what it says in words is what the numbers say, for any reps."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shinline_cal.verify.compare import Sides, compare
from shinline_cal.verify.compare_page import report
from shinline_cal.verify.page import render
from shinline_cal.verify.pairing import RepRow, pair
from shinline_cal.verify.report import Report

OTHER = Sides("Shinline", "Tether", criterion=True)
TWINS = Sides("first", "second", criterion=False)


def lifts(
    n_sets: int, noise: float, seed: int, bias: float = 0.0, sd: float = 0.01
) -> list[RepRow]:
    """Return reps of five a set; the same seed lifts the same, the noise is the device's own."""
    true = np.random.default_rng(seed)
    own = np.random.default_rng([seed, round(1e6 * noise), round(1e6 * abs(bias))])
    rows, at = [], 0.0
    for s in range(n_sets):
        at += 120.0
        for r in range(5):
            at += float(true.uniform(2.5, 6.0))
            speed = float(true.uniform(0.15, 0.9)) + bias + float(own.normal(0, noise))
            values = {"mean_velocity_mps": speed, "mean_velocity_sd_mps": sd}
            rows.append(RepRow(str(s + 1), r + 1, at, values))
    return rows


def made(ours: list[RepRow], theirs: list[RepRow], sides: Sides = OTHER) -> Report:
    return report("compare", sides, ours, theirs, pair(ours, theirs), {"read": "x"}, [])


def test_a_bias_is_named_with_its_direction() -> None:
    ours, theirs = lifts(8, 0.004, 1, bias=-0.02), lifts(8, 0.005, 1)
    said = made(ours, theirs).answer[1]
    assert said.startswith("On average Shinline reads 0.0")
    assert " less (95 % interval" in said
    assert " more (95 % interval" in made(theirs, ours).answer[1]


def test_no_bias_is_said_to_be_not_shown_rather_than_absent() -> None:
    said = made(lifts(8, 0.0101, 1), lifts(8, 0.01, 1)).answer[1]
    assert said.startswith("No constant difference is shown")


def test_limits_on_the_page_hold_nineteen_in_twenty_new_reps() -> None:
    made_of = compare(
        lifts(12, 0.0101, 2), lifts(12, 0.01, 2), pair(lifts(12, 0, 2), lifts(12, 0, 2))
    )
    result = made_of[0].result
    assert result.lower is not None and result.upper is not None
    fresh = np.array([r.values["mean_velocity_mps"] for r in lifts(200, 0.0101, 3)])
    fresh -= np.array([r.values["mean_velocity_mps"] for r in lifts(200, 0.01, 3)])
    inside = (fresh > result.lower.value) & (fresh < result.upper.value)
    assert inside.mean() == pytest.approx(0.95, abs=0.04)


def test_our_own_uncertainty_is_held_against_the_differences() -> None:
    """A device that claims what its errors are has 68 and 95 % within; one that boasts has not."""
    theirs = lifts(40, 1e-6, 4)
    honest = compare(lifts(40, 0.01, 4, sd=0.01), theirs, pair(theirs, theirs))[0].within
    boasting = compare(lifts(40, 0.01, 4, sd=0.003), theirs, pair(theirs, theirs))[0].within
    assert honest is not None and boasting is not None
    assert honest == (pytest.approx(0.68, abs=0.08), pytest.approx(0.95, abs=0.04))
    assert boasting[1] < 0.6


def test_the_same_numbers_twice_are_called_the_same() -> None:
    reps = lifts(2, 0.01, 9)
    assert made(reps, reps).answer[0] == (
        "Mean velocity is the same to the last digit in all 10 reps."
    )


def test_thin_evidence_is_called_thin() -> None:
    few = made(lifts(2, 0.0101, 5), lifts(2, 0.01, 5))
    assert few.thin[0].startswith("Thin evidence: 10 paired reps.")
    assert few.thin[1].startswith("2 sets only.")
    assert "From so few reps" in few.answer[0]
    many = made(lifts(8, 0.0101, 5), lifts(8, 0.01, 5))
    assert many.thin == []
    assert "From so few reps" not in many.answer[0]


def test_an_ambiguous_pairing_is_told_with_the_way_out() -> None:
    ours = [RepRow("1", i + 1, 3.0 * i, {"rom_m": 0.5}) for i in range(8)]
    said = " ".join(made(ours, ours[1:]).thin)
    assert "ambiguous" in said
    assert "--offset-s" in said


def test_missed_reps_are_in_the_second_sentence_of_the_answer() -> None:
    ours, theirs = lifts(4, 0.0101, 6), lifts(4, 0.01, 6)
    said = made(ours[:-2], theirs[1:]).answer[2]
    assert said == ("Reps: 17 seen by both, 2 by Tether alone, 1 by Shinline alone (F1 0.919).")


def test_two_cameras_have_no_criterion_and_no_ranking() -> None:
    twins = made(lifts(4, 0.0101, 7), lifts(4, 0.01, 7), TWINS)
    page = render(twins, "now")
    assert "Two cameras of one make share their mistakes" in page
    assert "For scale" not in page
    assert "For scale" in render(made(lifts(4, 0.0101, 7), lifts(4, 0.01, 7)), "now")


VALUES = st.dictionaries(
    st.sampled_from(["mean_velocity_mps", "rom_m", "drift_forward_m", "concentric_s"]),
    st.one_of(st.floats(0.0, 2.0), st.sampled_from([0.0, 0.5])),
)


@settings(max_examples=60, deadline=None)
@given(
    ours=st.lists(VALUES, max_size=12), theirs=st.lists(VALUES, max_size=12), timed=st.booleans()
)
def test_any_reps_make_a_page(
    ours: list[dict[str, float]], theirs: list[dict[str, float]], timed: bool
) -> None:
    """Empty, constant, or missing values: no number is invented, and none is not a number."""
    sides = [
        [RepRow("1", i + 1, 3.7 * i if timed else None, v) for i, v in enumerate(values)]
        for values in (ours, theirs)
    ]
    result = made(*sides)
    page = render(result, "now")
    assert re.search(r"\bnan\b", page.lower()) is None
    document = result.to_json("0", "now")
    reps = document["numbers"]["reps"]
    assert reps["both"] + reps["only_ours"] == len(ours)
    assert reps["both"] + reps["only_theirs"] == len(theirs)
    for figures in document["numbers"]["quantities"].values():
        assert (figures["bias"] is None) == (figures["n"] < 3)


def test_values_that_one_side_lacks_are_left_out_of_their_figures_only() -> None:
    ours, theirs = lifts(4, 0.0101, 8), lifts(4, 0.01, 8)
    ours[3] = replace(ours[3], values={})
    result = made(ours, theirs)
    assert result.numbers["quantities"]["mean_velocity_mps"]["n"] == 19
    assert result.numbers["reps"]["both"] == 20
