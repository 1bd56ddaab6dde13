"""Which rep of one device is which rep of the other: by time, or by their place in a set.

Never by their values. Two devices that measure nothing would agree well if each rep were paired
with the one that looks most like it.

By time: two clocks differ by an unknown constant. The offset is the one that pairs the most reps
one to one within the tolerance, pairs that lie close together counting for more. A set whose reps
follow each other like clockwork could be shifted by one rep; when another offset does almost as
well the pairing says so, and the caller can name the offset. Clocks that run apart by more than
the tolerance within one session are not corrected; the scatter shows it.

By place: where a device writes no time for each rep, rep 3 of set 2 is rep 3 of set 2, but only if
both counted the same number of sets, and in sets for which both counted the same number of reps:
otherwise nobody knows which one is missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import log, pi, sqrt
from typing import Final

import numpy as np

from shinline.types import FloatArray

TOLERANCE_S: Final = 1.0
CANDIDATES: Final = 60
MOST_TRIED: Final = 20_000
RIVAL_SHARE: Final = 0.9
"""Another offset is a rival if it pairs at least so large a share of what the best one pairs."""

RIVAL_SCATTER: Final = 3.0
"""... and scatters at most so many times as much."""

CLOSE_S: Final = 0.05
"""Starts of one rep that are nearer than this are as close as two devices can say."""


@dataclass(frozen=True, slots=True)
class RepRow:
    """One rep as a device told it: values by name in SI units, absent where it has none.

    ``t_s`` is the start on the device's own clock. ``group`` names the set, unique over all files.
    """

    group: str
    rep: int
    t_s: float | None
    values: dict[str, float] = field(default_factory=dict)
    exercise: str = ""


@dataclass(frozen=True, slots=True)
class Pairing:
    """Pairs of indices (ours, theirs), and what was left over on either side.

    Attributes
    ----------
    by
        ``time`` or ``place``.
    offset_s, scatter_s
        Their clock minus ours, and the standard deviation of what remains; None by place.
    rivals_s
        Other offsets that pair the reps almost as well.
    uncertain_sets
        Sets whose reps were not paired because the counts differ; the surplus is left over.
    at_best
        True when hits are an upper bound: some reps could be counted, but not paired.

    """

    by: str
    pairs: list[tuple[int, int]]
    only_ours: list[int]
    only_theirs: list[int]
    offset_s: float | None = None
    scatter_s: float | None = None
    rivals_s: tuple[float, ...] = ()
    uncertain_sets: tuple[str, ...] = ()
    at_best: bool = False


def pair(
    ours: Sequence[RepRow],
    theirs: Sequence[RepRow],
    by: str = "auto",
    offset_s: float | None = None,
    tolerance_s: float = TOLERANCE_S,
) -> Pairing:
    """Pair reps by time where both sides have times, otherwise by place.

    Raises
    ------
    ValueError
        Pairing by time was asked for and a side has no times.

    """
    timed = all(row.t_s is not None for row in (*ours, *theirs))
    if by == "time" and not timed:
        side = "ours" if any(row.t_s is None for row in ours) else "theirs"
        raise ValueError(f"pairing by time needs a start time for each rep; {side} has none")
    if by == "place" or not timed:
        return by_place(ours, theirs)
    a = np.array([row.t_s for row in ours], float)
    b = np.array([row.t_s for row in theirs], float)
    return by_time(a, b, offset_s, tolerance_s)


def by_time(
    ours_s: FloatArray, theirs_s: FloatArray, offset_s: float | None, tolerance_s: float
) -> Pairing:
    """Pair start times, (n,) and (m,) in seconds, whose clocks differ by a constant."""
    fits = _fits(ours_s, theirs_s, offset_s, tolerance_s)
    if not fits:
        return Pairing("time", [], list(range(len(ours_s))), list(range(len(theirs_s))), offset_s)
    best = fits[0]
    rivals = [
        fit.offset_s
        for fit in fits[1:]
        if abs(fit.offset_s - best.offset_s) > tolerance_s
        and len(fit.pairs) >= RIVAL_SHARE * len(best.pairs)
        and fit.rms_s <= RIVAL_SCATTER * max(best.rms_s, CLOSE_S)
    ]
    left, right = {i for i, _ in best.pairs}, {j for _, j in best.pairs}
    return Pairing(
        by="time",
        pairs=sorted(best.pairs),
        only_ours=[i for i in range(len(ours_s)) if i not in left],
        only_theirs=[j for j in range(len(theirs_s)) if j not in right],
        offset_s=best.offset_s,
        scatter_s=best.rms_s,
        rivals_s=() if offset_s is not None else tuple(_distinct(rivals, tolerance_s)),
    )


@dataclass(frozen=True, slots=True)
class _Fit:
    offset_s: float
    pairs: list[tuple[int, int]]
    rms_s: float

    def weight(self, tolerance_s: float) -> float:
        """Return the evidence for this offset: pairs, and more for those that lie close together.

        By how much likelier the residuals are as one cluster than spread over the tolerance. A
        wrong offset can catch as many pairs as the right one, but not as closely.
        """
        width_s = max(self.rms_s, CLOSE_S)
        gain = log(2.0 * tolerance_s / (width_s * sqrt(2.0 * pi))) - 0.5
        return len(self.pairs) * (1.0 + max(0.0, gain))


def _fits(
    ours_s: FloatArray, theirs_s: FloatArray, offset_s: float | None, tolerance_s: float
) -> list[_Fit]:
    """Try the promising offsets, the one with the most evidence first."""
    if not len(ours_s) or not len(theirs_s):
        return []
    tried = [offset_s] if offset_s is not None else _promising(ours_s, theirs_s, tolerance_s)
    fits = []
    for guess in tried:
        pairs = _one_to_one(ours_s, theirs_s, guess, tolerance_s)
        if offset_s is None and pairs:  # centre the window on what was found
            guess = float(np.median([theirs_s[j] - ours_s[i] for i, j in pairs]))
            pairs = _one_to_one(ours_s, theirs_s, guess, tolerance_s)
        if pairs:
            rest = np.array([theirs_s[j] - ours_s[i] - guess for i, j in pairs])
            fits.append(_Fit(guess, pairs, float(np.sqrt((rest**2).mean()))))
    return sorted(fits, key=lambda fit: -fit.weight(tolerance_s))


def _promising(ours_s: FloatArray, theirs_s: FloatArray, tolerance_s: float) -> list[float]:
    """Return the differences that have the most others near them, one for each crowd."""
    differences = np.sort((theirs_s[None, :] - ours_s[:, None]).ravel())
    first = np.searchsorted(differences, differences - tolerance_s, "left")
    last = np.searchsorted(differences, differences + tolerance_s, "right")
    chosen: list[float] = []
    for k in np.argsort(first - last, kind="stable")[:MOST_TRIED]:
        value = float(differences[k])
        if all(abs(value - other) > 0.5 * tolerance_s for other in chosen):
            chosen.append(value)
        if len(chosen) == CANDIDATES:
            break
    return chosen


def _one_to_one(
    ours_s: FloatArray, theirs_s: FloatArray, offset_s: float, tolerance_s: float
) -> list[tuple[int, int]]:
    """Take the closest pair first, each rep once."""
    away = np.abs(theirs_s[None, :] - ours_s[:, None] - offset_s)
    near = np.argwhere(away <= tolerance_s)
    order = np.argsort(away[near[:, 0], near[:, 1]], kind="stable")
    pairs: list[tuple[int, int]] = []
    left, right = set[int](), set[int]()
    for i, j in near[order].tolist():
        if i not in left and j not in right:
            pairs.append((i, j))
            left.add(i)
            right.add(j)
    return pairs


def _distinct(values: list[float], tolerance_s: float) -> list[float]:
    kept: list[float] = []
    for value in values:
        if all(abs(value - other) > tolerance_s for other in kept):
            kept.append(value)
    return kept


def by_place(ours: Sequence[RepRow], theirs: Sequence[RepRow]) -> Pairing:
    """Pair the n-th rep of the n-th set, where both counted the same reps in that set."""
    mine, yours = _sets(ours), _sets(theirs)
    pairs: list[tuple[int, int]] = []
    uncertain: list[str] = []
    left, right = list[int](), list[int]()
    if len(mine) != len(yours):
        both = min(len(ours), len(theirs))
        found = f"{len(mine)} sets of ours, {len(yours)} of theirs"
        left, right = list(range(both, len(ours))), list(range(both, len(theirs)))
        return Pairing("place", [], left, right, uncertain_sets=(found,), at_best=True)
    for (name, a), (_, b) in zip(mine, yours, strict=True):
        if len(a) == len(b):
            pairs += list(zip(a, b, strict=True))
        else:
            uncertain.append(f"set {name}: {len(a)} of ours, {len(b)} of theirs")
            left += a[len(b) :]
            right += b[len(a) :]
    return Pairing(
        "place", pairs, left, right, uncertain_sets=tuple(uncertain), at_best=bool(uncertain)
    )


def _sets(rows: Sequence[RepRow]) -> list[tuple[str, list[int]]]:
    """Return the sets in the order in which they were done, each with its reps' indices."""
    return [
        (name, [i for i, _ in members])
        for name, members in groupby(enumerate(rows), key=lambda item: item[1].group)
    ]


@dataclass(frozen=True, slots=True)
class Counts:
    """Reps that both saw, and reps that one side alone saw; the other device is the criterion."""

    both: int
    only_ours: int
    only_theirs: int

    @property
    def precision(self) -> float | None:
        """Share of our reps that the other device saw too."""
        return _share(self.both, self.both + self.only_ours)

    @property
    def recall(self) -> float | None:
        """Share of the other device's reps that we saw too."""
        return _share(self.both, self.both + self.only_theirs)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of the two."""
        return _share(2 * self.both, 2 * self.both + self.only_ours + self.only_theirs)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def count(pairing: Pairing, ours: int, theirs: int) -> Counts:
    """Count hits and leftovers; in sets that could not be paired, at best the smaller number."""
    both = ours - len(pairing.only_ours)
    if both != theirs - len(pairing.only_theirs):
        raise ValueError("a pairing must use up the same number of reps on either side")
    return Counts(both, len(pairing.only_ours), len(pairing.only_theirs))
