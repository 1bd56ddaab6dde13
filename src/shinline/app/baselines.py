"""What is usual for a lifter: from repetitions that somebody called good."""

from collections import defaultdict
from math import isfinite, sqrt
from typing import Any, Final, Protocol, get_args

import msgspec

from shinline.config import Baseline, Config, LiftName

LEAST: Final = 8
"""Good repetitions, and judged values of a code, below which nothing is called usual."""

NEWEST: Final = 60
"""Of more good repetitions the newest count: a lifter changes."""

ROM: Final = "rom"


class KnowsLabels(Protocol):
    """The part of the journal that knows what people said of repetitions."""

    def labelled(self, label: str) -> list[dict[str, Any]]:
        """Return the valid repetitions of a label as they were published, oldest first."""
        ...


def with_baselines(config: Config, journal: KnowsLabels) -> Config:
    """Return the configuration with what is usual for each lifter in each lift.

    What the configuration says itself stays.

    Raises
    ------
    JournalError
        The journal cannot be read.
    """
    given = {(row.lifter, row.lift, row.code) for row in config.own}
    found = baselines(journal.labelled("good"))
    more = tuple(row for row in found if (row.lifter, row.lift, row.code) not in given)
    return msgspec.structs.replace(config, own=config.own + more)


def baselines(reps: list[dict[str, Any]]) -> tuple[Baseline, ...]:
    """Return mean and standard deviation of each judged value, and of the range of motion.

    ``reps`` are good repetitions as they are published, oldest first.
    """
    by_lift: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for rep in reps:
        by_lift[rep["lifter"], rep["lift"]].append(rep)
    return tuple(
        row
        for (lifter, lift), own in sorted(by_lift.items())
        if len(own) >= LEAST and lift in get_args(LiftName)
        for row in _rows(lifter, lift, own[-NEWEST:])
    )


def _rows(lifter: str, lift: Any, reps: list[dict[str, Any]]) -> list[Baseline]:
    values: dict[str, list[float]] = defaultdict(list)
    for rep in reps:
        if rep["rom_m"] is not None:
            values[ROM].append(rep["rom_m"])
        for fault in rep["faults"]:
            if fault["assessed"] and fault["value"] is not None:
                values[fault["code"]].append(fault["value"])
    return [
        Baseline(lifter, lift, code, *_mean_and_sd(those), reps=len(those))
        for code, those in sorted(values.items())
        if len(those) >= LEAST and all(map(isfinite, those))
    ]


def _mean_and_sd(values: list[float]) -> tuple[float, float]:
    mean = sum(values) / len(values)
    return mean, sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))
