"""What the journal tells a phone: who lifted last, the sets, the set of a repetition."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import journal_material as material
import pytest

from shinline.journal.reader import Catalogue
from shinline.types import AskEvent, Plan, RepEvent, RepKind

EARLY, LATE = "20261123T031500-aaaa", "20261123T091500-bbbb"
ZOE, BEN = Plan("Zoë", "sumo", 100.0), Plan("Ben", "conventional", 60.0)


def record(path: Path, session_id: str, reps: list[tuple[int, int, Plan]]) -> None:
    """Record (set, rep, plan) in order; ids are the session's and a number."""
    sink = material.open_sink(path, [], material.session(session_id))
    began_s = 3600 if session_id == LATE else 0
    for number, (set_no, rep_no, plan) in enumerate(reps, 1):
        t_ns = 10**9 * (began_s + 10 * number)
        rep = material.some_rep(f"{session_id}-{number:04d}", rep_no, t_ns, 0.0)
        rep = replace(rep, set=set_no, plan=plan)
        sink.event(RepEvent(1, RepKind.END, rep.id, set_no, rep_no, rep))
    sink.close("finished")


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    path = tmp_path / "j"
    record(path, EARLY, [(1, 1, ZOE), (1, 2, replace(ZOE, load_kg=110.0)), (2, 1, BEN)])
    record(path, LATE, [(1, 1, replace(ZOE, lift="trap_bar", load_kg=120.0))])
    return Catalogue(path)


def label(path: Path, rep_id: str, said: str) -> None:
    sink = material.open_sink(path, [], material.session("20261123T101500-cccc"))
    sink.event(AskEvent(1, 1, "label_rep", {"rep_id": rep_id, "label": said}))
    sink.close("finished")


def brief(rows: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def test_those_who_lifted_last_come_first_with_what_they_did_last(catalogue: Catalogue) -> None:
    found = catalogue.lifters()
    assert brief(found, "lifter", "lift", "load_kg") == [
        ("Zoë", "trap_bar", 120.0),
        ("Ben", "conventional", 60.0),
    ]


def test_sets_are_summed_newest_first(catalogue: Catalogue) -> None:
    names = ("set", "lifter", "load_kg", "reps", "tonnage_kg")
    assert brief(catalogue.sets(), *names) == [
        (1, "Zoë", 120.0, 1, 120.0),
        (2, "Ben", 60.0, 1, 60.0),
        (1, "Zoë", 110.0, 2, 210.0),
    ]
    starts = [row["start"] for row in catalogue.sets()]
    assert starts == sorted(starts, reverse=True)


def test_what_was_no_repetition_moves_no_load(catalogue: Catalogue, tmp_path: Path) -> None:
    label(tmp_path / "j", f"{EARLY}-0002", "false")
    first = catalogue.sets()[-1]
    assert (first["reps"], first["tonnage_kg"], first["load_kg"]) == (1, 100.0, 100.0)


def test_the_set_of_a_rep_holds_its_neighbours_and_what_they_were_called(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    label(tmp_path / "j", f"{EARLY}-0001", "good")
    found = catalogue.set_of(f"{EARLY}-0002")
    assert brief(found["reps"], "id") == [(f"{EARLY}-0001",), (f"{EARLY}-0002",)]
    assert found["labels"] == {f"{EARLY}-0001": "good"}


def test_a_rep_that_is_not_written_yet_has_no_set(catalogue: Catalogue) -> None:
    assert catalogue.set_of("nobody") == {"reps": [], "labels": {}}


def test_an_empty_journal_has_neither(tmp_path: Path) -> None:
    record(tmp_path / "j", EARLY, [])
    empty = Catalogue(tmp_path / "j")
    assert (empty.lifters(), empty.sets()) == ([], [])
