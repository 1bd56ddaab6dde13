"""What the verdicts on hips are worth: by group and by kind of scene."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from shinline.app.bench.faults.figures import Share
from shinline.app.bench.hips.judging import Judged, Played
from shinline.app.bench.hips.kinds import NOBODY
from shinline.app.bench.hips.population import ABOVE_DEG, BELOW_DEG
from shinline.coach.faults.hips_shoot_up import AT_LEAST
from shinline.types import FloatArray, Severity

CALLED: Final = (Severity.FAULT.value, Severity.STOP.value)
TURNED_DEG: Final = 1.0
"""A trunk that turns less may as well open: its verdict is 0 or more, and errs to one side only."""


@dataclass(frozen=True, slots=True)
class Line:
    """What the table says of a group of scenes. Degrees; millimetres for the rise of the hips.

    Errors are value minus truth, where the trunk turns by ``TURNED_DEG`` or more, and not of faults
    of which only a part was seen. ``within``: the shares of those values, and of smaller turns',
    within one and two of their own standard deviations.
    ``sensitivity`` and ``specificity`` are of assessed repetitions that turn surely too far, and
    surely not; ``told`` counts those too far among all, assessed or not.
    """

    name: str
    reps: int
    found: Share
    assessed: Share
    bias_deg: float
    sd_deg: float
    within: tuple[Share, Share]
    sensitivity: Share
    specificity: Share
    told: Share
    rise_bias_mm: float
    rise_sd_mm: float


def judged_of(played: Sequence[Played]) -> list[Judged]:
    """Return all verdicts of scenes with a lifter."""
    return [each for scene in played if scene.group != NOBODY for each in scene.judged]


def line(name: str, judged: Sequence[Judged]) -> Line:
    """Return the line of some repetitions."""
    found = [each for each in judged if each.found]
    sure = [each for each in found if each.assessed]
    far = [each for each in sure if each.true_deg >= ABOVE_DEG]
    calm = [each for each in sure if each.true_deg <= BELOW_DEG]
    whole = [each for each in sure if AT_LEAST not in each.details]
    error = errors_deg([each for each in whole if each.true_deg >= TURNED_DEG])
    ratio = np.abs(errors_deg(whole)) / np.array([each.sd_deg or np.nan for each in whole])
    rise_mm = rise_errors_mm(whole)
    return Line(
        name=name,
        reps=len(judged),
        found=Share(len(found), len(judged)),
        assessed=Share(len(sure), len(found)),
        bias_deg=_mean(error),
        sd_deg=_spread(error),
        within=(Share(int((ratio <= 1.0).sum()), len(whole)),
                Share(int((ratio <= 2.0).sum()), len(whole))),
        sensitivity=_share(far, called),
        specificity=_share(calm, lambda each: not called(each)),
        told=_share([each for each in judged if each.true_deg >= ABOVE_DEG], called),
        rise_bias_mm=_mean(rise_mm),
        rise_sd_mm=_spread(rise_mm),
    )  # fmt: skip


def called(each: Judged) -> bool:
    """Tell whether it was called a fault."""
    return each.assessed and each.severity in CALLED


def errors_deg(judged: Sequence[Judged]) -> FloatArray:
    """Return value minus truth of assessed verdicts."""
    return np.array([(each.value_deg or 0.0) - each.true_deg for each in judged], np.float64)


def rise_errors_mm(judged: Sequence[Judged]) -> FloatArray:
    """Return how far off the told rise of the hips is, where it was told."""
    told = [(each.details.get("hip_rise_m"), each.true_hip_rise_m) for each in judged]
    pairs = [(said, true) for said, true in told if said is not None and true is not None]
    return np.array([1e3 * (said - true) for said, true in pairs], np.float64)


def lines(played: Sequence[Played], key: Callable[[Judged], str]) -> list[Line]:
    """Return a line for each value of a key, in order of appearance."""
    judged = judged_of(played)
    names = dict.fromkeys(key(each) for each in judged)
    return [line(name, [each for each in judged if key(each) == name]) for name in names]


def reasons(played: Sequence[Played]) -> list[tuple[str, str, int]]:
    """Return why nothing was said: group, reason, how often; the commonest first."""
    silent = [each for each in judged_of(played) if each.found and not each.assessed]
    counts = Counter((each.group, each.reason) for each in silent)
    return [(group, reason, count) for (group, reason), count in counts.most_common()]


def _share(judged: Sequence[Judged], holds: Callable[[Judged], bool]) -> Share:
    return Share(sum(map(holds, judged)), len(judged))


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if values.size else float("nan")


def _spread(values: FloatArray) -> float:
    return float(values.std(ddof=1)) if values.size > 1 else float("nan")
