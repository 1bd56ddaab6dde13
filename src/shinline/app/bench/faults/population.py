"""Play the population: sessions about each fault, from one set of ranges."""

from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from math import ceil
from typing import Final

import numpy as np
from msgspec.structs import replace

from shinline.app.bench.faults.codes import CODES
from shinline.app.bench.faults.filming import Film, camera_setup, film, subject_of
from shinline.app.bench.faults.lifter import TrueRep, true_rep
from shinline.app.bench.faults.ranges import Dice, Ranges
from shinline.app.bench.faults.scenarios import PLANTED, Plan, plan
from shinline.app.bench.faults.score import (
    Judged,
    Said,
    Scored,
    latencies,
    pair,
    run,
    score_cues,
    why_missed,
)
from shinline.config import Lift, Lifter
from shinline.sim.lifter import body_of
from shinline.sim.recording import Recording, build

TRIES: Final = 20
"""A size that a lifter's limbs do not allow is drawn again, with another lifter."""


TOLD_SD_M: Final = 0.01
"""How well lifters know their stature."""


@dataclass(frozen=True, slots=True)
class Session:
    """One session as it was, and what a camera makes of it."""

    plan: Plan
    recording: Recording
    truths: list[TrueRep]
    film: Film
    refused: tuple[str, ...] = ()


@dataclass(slots=True)
class Outcome:
    """All sessions about one fault."""

    code: str
    scored: list[Scored] = field(default_factory=list)

    @property
    def judged(self) -> list[Judged]:
        """Every verdict with its truth."""
        return [each for scored in self.scored for each in scored.judged]


def session(r: Ranges, code: str, number: int, camera: int = 0, noise: int = 0) -> Session:
    """Return one session, the same for the same input.

    Another ``camera`` stands elsewhere; other ``noise`` befalls the frames of the same camera.

    Raises
    ------
    ValueError
        The simulator refuses the fault for every lifter that was tried.
    """
    key = [r.seed, list(CODES).index(code), number]
    refused: list[str] = []
    for attempt in range(TRIES):
        dice = Dice(np.random.default_rng([*key, 0, attempt]))
        looks = Dice(np.random.default_rng([*key, 1, attempt, camera]))
        try:
            chosen = plan(CODES[code], r, dice)
            scenario = chosen.scenario
            body = body_of(scenario)
            setup = camera_setup(r, looks, body.rom_m, body.floor_m)
            recording = build(replace(scenario, camera=setup))
            truths = [true_rep(recording, rep) for rep in range(1, len(scenario.reps) + 1)]
        except ValueError as problem:
            refused.append(str(problem))
            continue
        lifter = Lifter(stature_m=scenario.stature_m + looks.normal(TOLD_SD_M))
        lift = Lift(style=scenario.style)
        befalls = Dice(np.random.default_rng([*key, 2, attempt, camera, noise]))
        subject = subject_of(recording, r.slip_m, looks)
        filmed = film(subject, r, looks, befalls, lifter, lift)
        return Session(chosen, recording, truths, filmed, tuple(refused))
    raise ValueError(f"{code} {number}: {refused[-1]}")


def score(code: str, number: int, played: Session, said: Said) -> Scored:
    """Put what was said beside the truth."""
    scored = Scored()
    scored.cues, scored.late_cues = score_cues(said)
    pairs = pair(played.truths, played.film, said)
    scored.decided = latencies(pairs, played.film, said)
    for (true, rep), planted in zip(pairs, played.plan.sizes, strict=True):
        scored.reps += 1
        if rep is None or not rep.valid:
            why = "; ".join(rep.notes) if rep else why_missed(true, played.film, said)
            scored.missed.append(f"{code} {number} rep {true.number}: {why}")
            continue
        for verdict in rep.faults:
            value = true.measured.get(verdict.code)
            if value is None or verdict.code not in CODES:
                continue
            scored.judged.append(
                Judged(
                    session=number,
                    rep=true.number,
                    code=verdict.code,
                    planted=verdict.code == code and planted is not None,
                    true=value,
                    size=CODES[verdict.code].size(value, true.own_rom_m),
                    verdict=verdict,
                )
            )
    return scored


def play(task: tuple[Ranges, str, int]) -> Scored:
    """Play and score one session: the ranges, the fault, the number."""
    half, code, number = task
    played = session(half, code, number)
    return score(code, number, played, run(played.film))


def examine(
    half: Ranges,
    codes: Iterable[str],
    reps: int,
    processes: int = 1,
    progress: Callable[[str, float], None] = lambda _what, _share: None,
) -> list[Outcome]:
    """Play about so many repetitions about each fault."""
    count = max(1, ceil(reps / PLANTED))
    outcomes = []
    for code in codes:
        tasks = [(half, code, number) for number in range(count)]
        outcome = Outcome(code)
        if processes > 1:
            with ProcessPoolExecutor(processes) as pool:
                results = pool.map(play, tasks, chunksize=4)
                for i, scored in enumerate(results, start=1):
                    outcome.scored.append(scored)
                    progress(code, i / count)
        else:
            for i, task in enumerate(tasks, start=1):
                outcome.scored.append(play(task))
                progress(code, i / count)
        outcomes.append(outcome)
    return outcomes
