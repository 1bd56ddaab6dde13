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
from shinline_cal.rigging.optics import SIZE, Camera, Cameras, camera, cameras
from shinline_cal.verify.quantiles import chi_square_95

STEPS: Final = np.array([1e-4, 1e-4, 1e-4, 1e-6, 1e-3, 1e-3, 1e-6])
"""Of the derivatives, in the units of ``config.SPREAD``."""

ROUGH: Final = (30.0, 8.0)
EASES: Final = (8.0, 2.0, 1.0)

SAME_COST: Final = 0.5
_ROUNDS: Final = 40
_EASED_ROUNDS: Final = 6
_IDLE: Final = 0.1
_IDLE_ROUNDS: Final = 5
"""So many steps in a row that hardly help: it is at the bottom, on uneven ground."""

MISFIT: Final = 1.8
"""Times the 95 % quantile of chi-square: the models' own imperfections are not chance."""

FEW: Final = 8.0
"""And so much, for what has few degrees of freedom: a door frame may stand three sds off."""

_SMALL: Final = 0.01
"""A step of so much of a standard deviation changes nothing."""


class Group(Protocol):
    """One observation: what it is, its own unknowns, and what it leaves unexplained."""

    @property
    def name(self) -> str:
        """Of the source: ``plumb 1``."""
        ...

    @property
    def beliefs(self) -> int:
        """How many of the last residuals are of what is believed of its own unknowns."""
        ...

    @property
    def place_sds_px(self) -> FloatArray:
        """Of the residuals that are of places in the picture, which come first (m,)."""
        ...

    @property
    def steps(self) -> FloatArray:
        """Of the derivatives by its own unknowns (k,)."""
        ...

    def start(self, see: Camera) -> FloatArray:
        """Return a first guess of its own unknowns (k,)."""
        ...

    def residuals(self, see: Cameras, own: FloatArray) -> FloatArray:
        """Return what is not explained, each over its standard deviation; beliefs last.

        (K, m) of own unknowns (K, k) and K cameras; one of the two may be a single one for all.
        """
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
    off_px: float | None = None
    """RMS distance of a place in the picture from where it is explained; None: it has none."""

    def own_sd(self, index: int, covariance: FloatArray) -> float:
        """Return the sd of one of its own unknowns; ``covariance`` (7, 7) is the seven numbers'."""
        by = self.own_by[index]
        return sqrt(max(0.0, float(self.own_covariance[index, index] + by @ covariance @ by)))

    @property
    def limit(self) -> float:
        """Return up to what ``chi2`` counts as a fit."""
        return MISFIT * chi_square_95(self.dof) + FEW if self.dof > 0 else float("inf")

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
    def fits(self) -> bool:
        """Whether every observation is explained as well as it should be."""
        return all(part.chi2 <= part.limit for part in self.parts)

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
    eases: Sequence[float] = EASES,
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
    eases
        By how much measurements are taken as less sure, step by step. Far from the solution they
        would outvote everything that is believed, and lead into a wrong valley. Where the last is
        not 1, the result is rough, and its covariance as wide.

    Raises
    ------
    ValueError
        It comes to no numbers at all.

    """
    values = start.astype(float).copy()
    see = camera(lens, values)
    owns = [group.start(see) for group in groups]
    for ease in eases:
        task = _Task(lens, groups, prior, sds, ease)
        rounds = _ROUNDS if ease == eases[-1] else _EASED_ROUNDS
        values, owns, cost, settled = _descend(task, values, owns, rounds)
    if not settled and eases[-1] == 1.0:
        again = [group.start(camera(lens, values)) for group in groups]
        other = _descend(task, values, again, _ROUNDS)
        if other[2] < cost - SAME_COST or (other[3] and other[2] < cost + SAME_COST):
            values, owns, cost, settled = other
    if not np.isfinite(cost) or not np.isfinite(values).all():
        raise ValueError("the observations lead to no numbers")
    blocks = _blocks(task, values, owns)
    parts = tuple(
        _part(task, group, values, own, block)
        for group, own, block in zip(groups, owns, blocks, strict=True)
    )
    information = np.diag(1.0 / sds**2) + sum(part.information for part in parts)
    return Bundle(values, np.asarray(information), parts, cost, settled)


@dataclass(frozen=True, slots=True)
class _Task:
    """What is to be fitted, and by how much the measurements are eased."""

    lens: config.Lens
    groups: Sequence[Group]
    prior: FloatArray
    sds: FloatArray
    ease: float

    def residuals(self, group: Group, see: Cameras, own: FloatArray) -> FloatArray:
        """Return a group's residuals (K, m), those of its measurements over the ease."""
        rest = np.array(group.residuals(see, own))
        rest[:, : rest.shape[1] - group.beliefs] /= self.ease
        return rest

    def cost(self, values: FloatArray, owns: Sequence[FloatArray]) -> float:
        """Return the sum of squares; infinite where there are no numbers."""
        see = cameras(self.lens, values[None])
        total = float((((values - self.prior) / self.sds) ** 2).sum())
        with np.errstate(all="ignore"):  # a step too far is taken back
            for group, own in zip(self.groups, owns, strict=True):
                rest = self.residuals(group, see, own[None])
                total += float((rest * rest).sum())
        return total if np.isfinite(total) else float("inf")


def _descend(
    task: _Task, values: FloatArray, owns: list[FloatArray], rounds: int
) -> tuple[FloatArray, list[FloatArray], float, bool]:
    """Take damped steps downhill; return where they end, the cost there, and whether it settled."""
    belief = np.diag(1.0 / task.sds**2)
    cost = task.cost(values, owns)
    damping, blocks, idle = 1e-5, None, 0
    for _ in range(rounds):
        if blocks is None:
            blocks = _blocks(task, values, owns)
        pull = (values - task.prior) / task.sds**2
        step, own_steps = _step(blocks, belief, pull, damping)
        better = values + step
        moved = [own + own_step for own, own_step in zip(owns, own_steps, strict=True)]
        then = task.cost(better, moved)
        idle = idle + 1 if then > cost - _IDLE else 0
        if idle >= _IDLE_ROUNDS:
            return values, owns, cost, True
        if then > cost + 1e-9 * (1.0 + cost):
            damping = max(30.0 * damping, 1e-6)
            if damping > 1e9:
                break
            continue
        information = belief + sum(b.information for b in blocks)
        small = float(step @ information @ step) < _SMALL**2
        settled = small and cost - then < _SMALL
        values, owns, cost, damping = better, moved, then, max(0.1 * damping, 1e-9)
        blocks = None
        if settled:
            return values, owns, cost, True
    return values, owns, cost, False


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


def _blocks(task: _Task, values: FloatArray, owns: Sequence[FloatArray]) -> list[_Block]:
    """Return the derivatives of all groups, by differences."""
    around = cameras(task.lens, np.concatenate([values[None], values + np.diag(STEPS)]))
    here = cameras(task.lens, values[None])
    found = []
    for group, own in zip(task.groups, owns, strict=True):
        rests = task.residuals(group, around, own[None])
        rest = rests[0]
        outer = (rests[1:] - rest) / STEPS[:, None]
        inner = np.zeros((0, rest.size))
        if own.size:
            moved = task.residuals(group, here, own + np.diag(group.steps))
            inner = (moved - rest) / group.steps[:, None]
        square, cross = outer @ outer.T, outer @ inner.T
        found.append(_Block(square, cross, inner @ inner.T, outer @ rest, inner @ rest))
    return found


def _step(
    blocks: Sequence[_Block], belief: FloatArray, pull: FloatArray, damping: float
) -> tuple[FloatArray, list[FloatArray]]:
    """Return the damped step of the seven numbers and those of the groups' own unknowns."""
    square = belief + sum(block.outer for block in blocks)
    square = square + damping * np.diag(np.diag(square))
    aim = pull + sum(block.outer_pull for block in blocks)
    solved: list[tuple[FloatArray, FloatArray]] = []
    for block in blocks:
        if not block.own_pull.size:
            solved.append((np.zeros((0, SIZE)), block.own_pull))
            continue
        inner = block.own + damping * np.diag(np.diag(block.own) + 1e-12)
        both = np.linalg.solve(inner, np.column_stack([block.cross.T, block.own_pull]))
        square = square - block.cross @ both[:, :SIZE]
        aim = aim - block.cross @ both[:, SIZE]
        solved.append((np.asarray(both[:, :SIZE]), np.asarray(both[:, SIZE])))
    step = np.asarray(-np.linalg.solve(square, aim))
    return step, [-(alone + cross @ step) for cross, alone in solved]


def _part(task: _Task, group: Group, values: FloatArray, own: FloatArray, block: _Block) -> Part:
    rest = group.residuals(cameras(task.lens, values[None]), own[None])[0]
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
        off_px=_off_px(rest, group.place_sds_px),
    )


def _off_px(rest: FloatArray, sds_px: FloatArray) -> float | None:
    """Return the RMS over the places of both coordinates' misfits together."""
    if not sds_px.size:
        return None
    return float(np.sqrt(2.0 * np.mean((rest[: sds_px.size] * sds_px) ** 2)))
