"""What the markers and the motion are to reach, beside what they reached."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from shinline.app.bench.accuracy import Result
from shinline.app.bench.figures import Figures
from shinline.app.bench.motion_costs import SMOOTH, TRACK
from shinline.app.bench.scenes import CONDITIONS
from shinline.app.bench.timing import ACQUIRE, FOLLOW_ONE, QUICK, READ, Timing
from shinline.app.bench.trunk import GOAL_US, IN_PULL

WIDTH: Final = 1456
SHARP: Final = ("base", "noise5", "noise10", "d12", "d20", "d80")
ORDINARY: Final = (
    *("clean", "base", "noise5", "noise10", "blur5", "blur10", "tilt15", "tilt30"),
    *("d20", "d80", "d80t30", "gym", "gymS"),
)
"""D 20 to 80 px, blur up to D / 4 (of D 20 and 40), tilt up to 30 degrees, noise up to 10."""

RECALLS: Final = (
    ("ordinary conditions", ORDINARY, "", 1.0),
    ("blur D / 2, tracked", ("blur20",), "track", 0.999),
    ("blur D / 2, acquired", ("blur20",), "acquire", 0.95),
    ("D 12, acquired", ("d12",), "acquire", 0.98),
    ("D 12, tracked", ("d12",), "track", 0.995),
)
"""(name, conditions, way of detecting or any, least recall in each of them)."""


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal: ``value`` shall be at most, or at least, ``limit``; not a number: not measured."""

    name: str
    most: bool
    limit: float
    value: float

    @property
    def met(self) -> bool | None:
        """Whether it was reached, None where nothing was measured."""
        if math.isnan(self.value):
            return None
        return self.value <= self.limit if self.most else self.value >= self.limit


def goals(figures: Figures) -> list[Goal]:
    """Return all goals; of several scenes or sizes the worst counts."""
    return [
        *_costs(figures),
        *_accuracy(figures.results),
        *_surety(figures),
        *_start(figures),
        *_trunk(figures),
        *_motion(figures),
    ]


def _costs(figures: Figures) -> list[Goal]:
    own, peers = figures.timings, figures.peer_timings
    many = next((t.name for t in own if t.name.startswith("follow") and "markers" in t.name), "")
    aruco = _worst_ratio([*own, *peers], ACQUIRE, "ArUco")
    return [
        Goal("acquire all sizes / reading the frame", True, 8.0, _worst_ratio(own, ACQUIRE, READ)),
        Goal("acquire D >= 24 px / reading", True, 4.0, _worst_ratio(own, QUICK, READ)),
        Goal("acquire all sizes / OpenCV ArUco", True, 1.0 / 40.0, aruco),
        Goal("follow one marker / reading", True, 0.25, _worst_ratio(own, FOLLOW_ONE, READ)),
        Goal(f"{many or 'follow five'} / reading", True, 1.0, _worst_ratio(own, many, READ)),
    ]


def _worst_ratio(rows: Iterable[Timing], name: str, to: str) -> float:
    """Return the largest ratio of two medians over the scenes of the large picture."""
    found = {(row.scene, row.name): row.median_us for row in rows if row.width == WIDTH}
    ratios = [
        found[scene, name] / found[scene, to]
        for scene in {scene for scene, _ in found}
        if (scene, name) in found and (scene, to) in found
    ]
    return max(ratios, default=math.nan)


def _accuracy(results: list[Result]) -> list[Goal]:
    sharp = [r.ratio for r in _tracked(results, SHARP)]
    blurred = [r.ratio for r in _tracked(results, ("blur10",))]
    rows = [
        Goal("RMS / bound, sharp (six conditions pooled)", True, 1.15, _pooled(sharp)),
        Goal("RMS / bound, blur 10 px", True, 1.4, _pooled(blurred)),
    ]
    for name, limit in (("noise5", 0.005), ("blur10", 0.004), ("tilt30", 0.008)):
        errors = [r.rms_px for r in _tracked(results, (name,))]
        rows.append(Goal(f"RMS px at D 40, {name}", True, limit, _pooled(errors)))
    return rows


def _tracked(results: list[Result], names: tuple[str, ...]) -> list[Result]:
    """Return the conditions' results, tracked, in the large picture; none if one is missing."""
    chosen = [r for r in results if r.mode == "track" and r.width == WIDTH]
    chosen = [r for r in chosen if r.condition in names]
    return chosen if len(chosen) == len(names) else []


def _pooled(values: list[float]) -> float:
    """Return the RMS of some figures; infinite where a condition has none: nothing was found."""
    if not values:
        return math.nan
    return float(np.sqrt(np.mean(np.square(np.nan_to_num(values, nan=math.inf)))))


def _surety(figures: Figures) -> list[Goal]:
    everywhere = tuple(condition.name for condition in CONDITIONS)
    wrong = _of_all(figures.results, everywhere, lambda rs: sum(r.wrong_first for r in rs))
    false = 1e4 * figures.false_bars / figures.empty if figures.empty else math.nan
    rows = [
        Goal("frames with a wrong first choice", True, 0.0, wrong),
        Goal("false bars in 10,000 frames without a marker", True, 10.0, false),
    ]
    for name, conditions, mode, limit in RECALLS:
        chosen = [r for r in figures.results if mode in ("", r.mode)]
        least = _of_all(chosen, conditions, lambda rs: min(r.recall for r in rs))
        rows.append(Goal(f"recall, {name}", False, limit, least))
    return rows


def _of_all(
    results: list[Result], names: tuple[str, ...], figure: Callable[[list[Result]], float]
) -> float:
    """Return a figure of the named conditions' results, no number if one is missing."""
    chosen = [r for r in results if r.condition in names]
    return float(figure(chosen)) if {r.condition for r in chosen} == set(names) else math.nan


def _start(figures: Figures) -> list[Goal]:
    return [Goal("seconds from process start to first centre", True, 0.5, figures.start_s)]


def _trunk(figures: Figures) -> list[Goal]:
    pull = next((each for each in figures.trunk if each.name == IN_PULL), None)
    median, p95 = (pull.median_us, pull.p95_us) if pull else (math.nan, math.nan)
    return [
        Goal("a look at the trunk in the pull / 1 ms, median", True, 1.0, median / GOAL_US),
        Goal("a look at the trunk in the pull / 1 ms, p95", True, 1.0, p95 / GOAL_US),
    ]


def _motion(figures: Figures) -> list[Goal]:
    works = figures.motion.works if figures.motion else []
    median_us = {work.name: work.median_us for work in works}
    replayed = figures.motion.replayed if figures.motion else None
    hour_s = replayed.hour_s if replayed else math.nan
    how = "" if replayed is None or replayed.measured_hour else f", from {replayed.minutes:.0f} min"
    return [
        Goal("us a frame, following five markers", True, 10.0, median_us.get(TRACK, math.nan)),
        Goal("ms to smooth a 10-s rep", True, 5.0, median_us.get(SMOOTH, math.nan) / 1e3),
        Goal(f"seconds to replay and compare an hour{how}", True, 10.0, hour_s),
    ]
