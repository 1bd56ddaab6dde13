"""All observations at once: damped Gauss-Newton over seven numbers and each one's own unknowns.

An observation brings unknowns of its own along, as where its marker hangs. They are eliminated one
observation at a time (Schur's complement; Triggs et al., "Bundle adjustment: a modern synthesis",
2000, section 6): what is left of each is its information on the seven numbers, a 7 x 7 matrix.
Their sum is the inverse covariance, and without one of them it says what all others say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final, Protocol

import numpy as np

from shinline import config
from shinline.types import FloatArray
from shinline_cal.rigging.optics import SIZE, Camera, camera

STEPS: Final = np.array([1e-4, 1e-4, 1e-4, 1e-6, 1e-3, 1e-3, 1e-6])
"""Of the derivatives, in the units of ``config.SPREAD``."""

_ROUNDS: Final = 40
_SMALL: Final = 0.01
"""A step of so much of a standard deviation changes nothing."""


class Group(Protocol):
    """One observation: what it is, its own unknowns, and what it leaves unexplained."""

    @property
    def name(self) -> str:
        """Of the source: ``plumb 1``."""
        ...

    @property
    def steps(self) -> FloatArray:
        """Of the derivatives by its own unknowns (k,)."""
        ...

    def start(self, see: Camera) -> FloatArray:
        """Return a first guess of its own unknowns (k,)."""
        ...

    def residuals(self, see: Camera, own: FloatArray) -> FloatArray:
        """Return what is not explained (m,), each over its standard deviation; beliefs last."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """What became of one observation: its own unknowns, and what it says of the seven numbers.

    ``information`` (7, 7) and ``pull`` (7,): its share of the normal equations at the solution.
    ``own_by`` (k, 7) is how its own unknowns follow the seven numbers. ``dof`` counts what it
    checks beyond its own unknowns.
    """

    name: str
    own: FloatArray
    own_covariance: FloatArray
    own_by: FloatArray
    information: FloatArray
    pull: FloatArray
    residuals: FloatArray
    dof: int

    def own_sd(self, index: int, covariance: FloatArray) -> float:
        """Return the sd of one of its own unknowns; ``covariance`` (7, 7) is the seven numbers'."""
        by = self.own_by[index]
        return sqrt(max(0.0, float(self.own_covariance[index, index] + by @ covariance @ by)))

    @property
    def chi2(self) -> float:
        """Sum of squares of the residuals."""
        return float(self.residuals @ self.residuals)


@dataclass(frozen=True, slots=True)
class Bundle:
    """The seven numbers (7,), their inverse covariance and the parts it is the sum of."""

    values: FloatArray
    information: FloatArray
    parts: tuple[Part, ...]
    cost: float
    settled: bool

    @property
    def covariance(self) -> FloatArray:
        """Of the seven numbers (7, 7)."""
        return np.asarray(np.linalg.inv(self.information))

    def without(self, part: Part) -> tuple[FloatArray, FloatArray]:
        """Return the seven numbers and their covariance as all others have them, to first order."""
        rest = np.linalg.inv(self.information - part.information)
        return self.values + rest @ part.pull, np.asarray(rest)


def fit(
    lens: config.Lens,
    groups: Sequence[Group],
    prior: FloatArray,
    sds: FloatArray,
    start: FloatArray,
    known: Sequence[FloatArray] = (),
) -> Bundle:
    """Find the seven numbers that fit all groups and what was believed before.

    Parameters
    ----------
    lens
        As configured.
    groups
        The observations.
    prior, sds
        What was believed of the seven numbers, and its standard deviations; (7,).
    start
        Where to begin (7,).
    known
        Where to begin with the own unknowns of the first groups; the others guess.

    Raises
    ------
    ValueError
        It comes to no numbers at all.

    """
    values = start.astype(float).copy()
    see = camera(lens, values)
    owns = [*known, *(group.start(see) for group in groups[len(known) :])]
    belief = np.diag(1.0 / sds**2)
    cost = _cost(lens, groups, values, owns, prior, sds)
    damping, settled = 1e-5, False
    for _ in range(_ROUNDS):
        blocks = [_block(lens, g, values, own) for g, own in zip(groups, owns, strict=True)]
        stepped = _step(blocks, belief, (values - prior) / sds**2, damping)
        better = values + stepped[0]
        moved = [own + step for own, step in zip(owns, stepped[1], strict=True)]
        then = _cost(lens, groups, better, moved, prior, sds)
        if then <= cost + 1e-9 * (1.0 + cost):
            information = belief + sum(b.information for b in blocks)
            small = float(stepped[0] @ information @ stepped[0]) < _SMALL**2
            settled = small and cost - then < _SMALL
            values, owns, cost, damping = better, moved, then, max(0.1 * damping, 1e-9)
            if settled:
                break
        else:
            damping = max(30.0 * damping, 1e-6)
            if damping > 1e9:
                break
    if not np.isfinite(cost) or not np.isfinite(values).all():
        raise ValueError("the observations lead to no numbers")
    parts = tuple(_part(lens, g, values, own) for g, own in zip(groups, owns, strict=True))
    information = belief + sum(part.information for part in parts)
    return Bundle(values, np.asarray(information), parts, cost, settled)


@dataclass(frozen=True, slots=True)
class _Block:
    """One group's share of the normal equations; ``own`` is what its own unknowns have."""

    outer: FloatArray
    cross: FloatArray
    own: FloatArray
    outer_pull: FloatArray
    own_pull: FloatArray

    @property
    def information(self) -> FloatArray:
        if not self.own_pull.size:
            return self.outer
        return np.asarray(self.outer - self.cross @ np.linalg.pinv(self.own) @ self.cross.T)


def _cost(
    lens: config.Lens,
    groups: Sequence[Group],
    values: FloatArray,
    owns: Sequence[FloatArray],
    prior: FloatArray,
    sds: FloatArray,
) -> float:
    see = camera(lens, values)
    total = float((((values - prior) / sds) ** 2).sum())
    with np.errstate(all="ignore"):  # a step too far is taken back
        for group, own in zip(groups, owns, strict=True):
            rest = group.residuals(see, own)
            total += float(rest @ rest)
    return total if np.isfinite(total) else float("inf")


def _block(lens: config.Lens, group: Group, values: FloatArray, own: FloatArray) -> _Block:
    """Return the derivatives of one group, by differences to both sides."""
    outer = np.stack(
        [
            _slope(
                group.residuals(camera(lens, values + step), own),
                group.residuals(camera(lens, values - step), own),
                STEPS[i],
            )
            for i, step in enumerate(np.diag(STEPS))
        ]
    )
    see = camera(lens, values)
    rest = group.residuals(see, own)
    inner = np.zeros((own.size, rest.size))
    for i, step in enumerate(np.diag(group.steps)):
        inner[i] = _slope(
            group.residuals(see, own + step), group.residuals(see, own - step), group.steps[i]
        )
    return _Block(outer @ outer.T, outer @ inner.T, inner @ inner.T, outer @ rest, inner @ rest)


def _slope(after: FloatArray, before: FloatArray, step: float) -> FloatArray:
    return np.asarray((after - before) / (2.0 * step))


def _step(
    blocks: Sequence[_Block], belief: FloatArray, pull: FloatArray, damping: float
) -> tuple[FloatArray, list[FloatArray]]:
    """Return the damped step of the seven numbers and those of the groups' own unknowns."""
    square = belief + sum(block.outer for block in blocks)
    square = square + damping * np.diag(np.diag(square))
    aim = pull + sum(block.outer_pull for block in blocks)
    solved = []
    for block in blocks:
        if not block.own_pull.size:
            solved.append((np.zeros((0, SIZE)), block.own_pull))
            continue
        inner = block.own + damping * np.diag(np.diag(block.own) + 1e-12)
        both = np.linalg.solve(inner, np.column_stack([block.cross.T, block.own_pull]))
        square = square - block.cross @ both[:, :SIZE]
        aim = aim - block.cross @ both[:, SIZE]
        solved.append((both[:, :SIZE], both[:, SIZE]))
    step = -np.linalg.solve(square, aim)
    return step, [-(alone + cross @ step) for cross, alone in solved]


def _part(lens: config.Lens, group: Group, values: FloatArray, own: FloatArray) -> Part:
    block = _block(lens, group, values, own)
    rest = group.residuals(camera(lens, values), own)
    inverse = np.linalg.pinv(block.own) if own.size else np.zeros((0, 0))
    pull = block.outer_pull - block.cross @ inverse @ block.own_pull
    information = block.information
    return Part(
        name=group.name,
        own=own,
        own_covariance=np.asarray(inverse),
        own_by=np.asarray(-inverse @ block.cross.T),
        information=np.asarray(0.5 * (information + information.T)),
        pull=np.asarray(pull),
        residuals=rest,
        dof=rest.size - own.size,
    )
