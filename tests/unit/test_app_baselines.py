"""A lifter's own baselines: from enough repetitions that somebody called good, and no others."""

from pathlib import Path
from statistics import mean, stdev
from typing import Any

import journal_material as material
import pytest

from shinline.app.baselines import LEAST, NEWEST, baselines, with_baselines
from shinline.config import Baseline, Config, from_json, to_json
from shinline.journal.reader import Catalogue


def rep(number: int, **more: Any) -> dict[str, Any]:
    value = 0.010 + 0.001 * (number % 5)
    faults = [
        {"code": "bar_forward", "assessed": True, "value": value},
        {"code": "knee_loop", "assessed": number % 2 == 0, "value": 0.002},
        {"code": "rounding", "assessed": False, "value": None},
    ]
    usual = {"lifter": "Ada", "lift": "sumo", "rom_m": 0.5 + 0.001 * number, "faults": faults}
    return usual | more


def of(rows: tuple[Baseline, ...], code: str) -> Baseline:
    (row,) = (row for row in rows if row.code == code)
    return row


def test_mean_and_deviation_are_those_of_the_judged_values() -> None:
    reps = [rep(number) for number in range(20)]
    rows = baselines(reps)
    drift = [r["faults"][0]["value"] for r in reps]
    row = of(rows, "bar_forward")
    assert (row.lifter, row.lift, row.reps) == ("Ada", "sumo", 20)
    assert (row.mean, row.sd) == (pytest.approx(mean(drift)), pytest.approx(stdev(drift)))
    assert of(rows, "rom").mean == pytest.approx(mean(r["rom_m"] for r in reps))
    assert of(rows, "knee_loop").reps == 10
    assert [row.code for row in rows] == ["bar_forward", "knee_loop", "rom"]


def test_too_few_are_no_baseline() -> None:
    assert baselines([rep(n) for n in range(LEAST - 1)]) == ()
    assert of(baselines([rep(n) for n in range(LEAST)]), "rom").reps == LEAST
    codes = {row.code for row in baselines([rep(n) for n in range(LEAST)])}
    assert "knee_loop" not in codes  # judged in half of them


def test_the_newest_count() -> None:
    old = [rep(0, rom_m=0.9) for _ in range(30)]
    row = of(baselines(old + [rep(0, rom_m=0.5) for _ in range(NEWEST)]), "rom")
    assert (row.mean, row.sd, row.reps) == (0.5, 0.0, NEWEST)


def test_lifters_and_lifts_are_never_put_together() -> None:
    half = LEAST // 2
    mixed = [rep(n, lifter=("Ada", "Bo")[n % 2]) for n in range(2 * half)]
    assert baselines(mixed) == ()
    assert baselines([rep(n, lift=("sumo", "blocks")[n % 2]) for n in range(2 * half)]) == ()
    both = baselines([rep(n, lifter=("Ada", "Bo")[n % 2]) for n in range(2 * LEAST)])
    assert {row.lifter for row in both} == {"Ada", "Bo"}


class Journal:
    def labelled(self, label: str) -> list[dict[str, Any]]:
        assert label == "good"
        return [rep(n) for n in range(LEAST)]


def test_what_the_configuration_says_itself_stays() -> None:
    mine = Baseline("Ada", "sumo", "rom", 0.7, 0.01, 9)
    config = with_baselines(Config(own=(mine,)), Journal())
    assert of(config.own, "rom") == mine
    assert of(config.own, "bar_forward").reps == LEAST
    assert from_json(to_json(config)) == config


# --- labels in the journal -----------------------------------------------------------------------


def label(rep_number: int, said: str) -> material.Asked:
    return ("label_rep", {"rep_id": f"{material.SESSION}-1-{rep_number}", "label": said})


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    """Three repetitions; the label of the first is changed, that of the third given next day."""
    path = tmp_path / "journal.sqlite3"
    asks = {
        95: [label(1, "bad")],
        190: [label(2, "false"), label(1, "good"), ("mute", {"on": True})],
    }
    material.record_lift(path, material.some_frames(280), asks=asks)
    later = material.session("20261124T070000-0001")
    material.record_lift(path, material.some_frames(20), later, asks={5: [label(3, "good")]})
    return Catalogue(path)


def test_the_last_label_counts_in_whatever_session_it_was_given(catalogue: Catalogue) -> None:
    ids = [f"{material.SESSION}-1-{n}" for n in (1, 2, 3)]
    assert catalogue.labels() == dict(zip(ids, ("good", "false", "good"), strict=True))
    assert [one["id"] for one in catalogue.labelled("good")] == [ids[0], ids[2]]
    assert [one["id"] for one in catalogue.labelled("false")] == [ids[1]]
    session = catalogue.session(material.SESSION)
    assert session["labels"] == catalogue.labels()
    assert catalogue.session("20261124T070000-0001")["labels"] == {}


def test_weeks_count_what_was_judged_and_leave_out_what_was_no_rep(catalogue: Catalogue) -> None:
    (group,) = catalogue.weeks()
    assert (group["lifter"], group["lift"]) == ("Zoë", "sumo")
    (week,) = group["weeks"]
    assert (week["week"], week["reps"]) == ("1969-12-29", 2)  # its reps say 1970-01-01, a Thursday
    reps = [catalogue.session(material.SESSION)["sets"][0]["reps"][n] for n in (0, 2)]
    drift = [one["faults"][0]["value"] for one in reps]
    forward = week["codes"]["bar_forward"]
    assert (forward["assessed"], forward["faulty"], forward["unit"]) == (2, 0, "m")
    assert forward["mean"] == pytest.approx(mean(drift))
    hips = week["codes"]["hips_shoot_up"]
    assert (hips["assessed"], hips["faulty"], hips["mean"]) == (0, 0, None)


def test_a_set_that_ended_says_what_was_judged_of_it(catalogue: Catalogue) -> None:
    (only,) = catalogue.session(material.SESSION)["sets"]
    summary = only["summary"]
    assert summary["faults"] == {"bar_forward": 3}
    assert (summary["advice"], summary["next_mode"], summary["mode"]) == ([], "", "standard")
