"""How often each fault is judged, how often rightly, and how honest its numbers are."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from shinline.app.bench.faults.codes import ABOVE, BELOW, CODES
from shinline.app.bench.faults.population import Outcome
from shinline.app.bench.faults.score import Judged
from shinline.types import FloatArray

SENSITIVITY: Final = 0.95
SPECIFICITY: Final = 0.98
WITHIN: Final = (0.64, 0.72)
"""The goals: of the faults so far beyond a threshold, of what stays so far below it, and the share
of the values within one standard deviation."""

NEAR: Final = 0.05
"""True sizes so close to one that proves something count as it (and all that lie farther out)."""

MOST_LATE_S: Final = 0.050
MOVED: Final = 0.25
"""A fault that is not there has an error of one sign only: it says nothing of an sd."""

WILD_SDS: Final = 4.0
BINS: Final = (0.0, 0.6, 0.8, 0.9, 0.97, 1.0001)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    count: int
    of: int

    @property
    def value(self) -> float:
        """The share; nothing of nothing is not a number."""
        return self.count / self.of if self.of else float("nan")

    def __str__(self) -> str:
        return f"{self.value:.3f} of {self.of}" if self.of else "-"


@dataclass(frozen=True, slots=True)
class Line:
    """What the table says of one fault; errors in the fault's own unit.

    ``needed`` is how many of the told standard deviations hold 68 % of the errors: more than 1
    means that they are too small.
    """

    code: str
    unit: str
    n: int
    assessed: Share
    reasons: tuple[tuple[str, int], ...]
    sensitivity: Share
    specificity: Share
    elsewhere: Share
    rmse: float
    bias: float
    within: tuple[float, float]
    needed: float


def line(code: str, judged: Sequence[Judged]) -> Line:
    """Return the line of one fault from all verdicts about it, planted or not."""
    own = [each for each in judged if each.code == code and each.planted]
    other = [each for each in judged if each.code == code and not each.planted]
    counted = [each for each in own if each.verdict.assessed]
    reasons = Counter(each.verdict.reason for each in own if not each.verdict.assessed)
    above = [each for each in counted if is_above(each)]
    below = [each for each in counted if is_below(each)]
    calm = [each for each in other if each.verdict.assessed and each.size < BELOW + NEAR]
    error, sd = errors(counted)
    scaled = np.abs(error / sd)
    return Line(
        code=code,
        unit=CODES[code].unit,
        n=len(own),
        assessed=Share(len(counted), len(own)),
        reasons=tuple(reasons.most_common(3)),
        sensitivity=Share(sum(called(each) for each in above), len(above)),
        specificity=Share(sum(not called(each) for each in below), len(below)),
        elsewhere=Share(sum(not called(each) for each in calm), len(calm)),
        rmse=float(np.sqrt(np.mean(error**2))) if len(error) else float("nan"),
        bias=float(np.mean(error)) if len(error) else float("nan"),
        within=(_share_below(scaled, 1.0), _share_below(scaled, 2.0)),
        needed=float(np.percentile(scaled, 68.27)) if len(scaled) else float("nan"),
    )


def called(each: Judged) -> bool:
    """Tell whether the verdict calls the fault."""
    return CODES[each.code].said(each.verdict.severity)


def is_above(each: Judged) -> bool:
    """Tell whether the truth is as large as a fault that has to be called."""
    return each.size > min(ABOVE, CODES[each.code].most) - NEAR


def is_below(each: Judged) -> bool:
    """Tell whether the truth is so small that it must not be called."""
    return each.size < BELOW + NEAR


def errors(counted: Iterable[Judged]) -> tuple[FloatArray, FloatArray]:
    """Return the errors of assessed values, and the standard deviations told with them, (n,)."""
    rows = [
        (each.verdict.value - each.true, each.verdict.sd)
        for each in counted
        if each.verdict.value is not None and each.verdict.sd and each.size > MOVED
    ]
    table = np.array(rows, float).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _share_below(scaled: FloatArray, sds: float) -> float:
    return float(np.mean(scaled <= sds)) if len(scaled) else float("nan")


def missed(each: Judged) -> str:
    """Return in a word what is wrong with a verdict, or nothing."""
    verdict = each.verdict
    if not verdict.assessed:
        return ""
    if each.planted and is_above(each) and not called(each):
        return "not called"
    if is_below(each) and called(each):
        return "called"
    error, sd = errors([each])
    return "far off" if np.any(np.abs(error) > WILD_SDS * sd) else ""


@dataclass(frozen=True, slots=True)
class Trust:
    """Verdicts whose confidence lies between two levels, and how many of them are right."""

    low: float
    high: float
    said: float
    right: Share


def trust(outcomes: Iterable[Outcome], code: str | None = None) -> list[Trust]:
    """Return how often verdicts are right, by how sure they say they are.

    Right: called where the true value is beyond the threshold, and not where it is not.
    """
    rows = [
        (each.verdict.confidence, called(each) == (each.size >= 1.0))
        for outcome in outcomes
        for each in outcome.judged
        if each.verdict.assessed and (each.planted if code is None else each.code == code)
    ]
    found = []
    for low, high in pairwise(BINS):
        chosen = [(p, right) for p, right in rows if low <= p < high]
        said = float(np.mean([p for p, _ in chosen])) if chosen else float("nan")
        found.append(Trust(low, min(high, 1.0), said, Share(sum(r for _, r in chosen),
                                                            len(chosen))))  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class Delay:
    """How long after the last picture that it needs a fault is told in mid-lift, s."""

    code: str
    n: int
    usual_s: float
    most_s: float


def delays(outcomes: Iterable[Outcome]) -> list[Delay]:
    """Return the 95th percentile and the longest delay of each fault that was told in mid-lift."""
    told = [each for outcome in outcomes for scored in outcome.scored for each in scored.decided]
    found = []
    for code in CODES:
        late_s = np.array([each.late_s for each in told if each.code == code])
        if len(late_s):
            usual_s = float(np.percentile(late_s, 95.0))
            found.append(Delay(code, len(late_s), usual_s, float(late_s.max())))
    return found
