"""A machine that is too busy for most pictures costs numbers, never the session."""

import numpy as np
import pytest
from lifts import Camera, Script, film, play
from mounts import SLANTED
from through import Lifter, filmed

from shinline.types import NS_PER_S, Rows

Frames = list[tuple[np.void, Rows]]
REPS = 3
SEEDS = range(40)


def starved(frames: Frames, seed: int) -> Frames:
    """Leave a few pictures at a time, and long gaps in between."""
    chance = np.random.default_rng(seed)
    seen, gap = chance.choice([2, 6, 15]), chance.choice([10, 30, 60])
    left: Frames = []
    i = 0
    while i < len(frames):
        burst = 1 + int(chance.exponential(seen))
        left += frames[i : i + burst]
        i += burst + int(chance.exponential(gap))
    return left


def bar_only() -> Frames:
    script = Script().rest(1.5)
    for _ in range(REPS):
        script = script.move(1.3, 0.52).rest(0.8).move(1.0, -0.52).rest(2.0)
    return film(script, Camera(t0_ns=0))


def whole_lifter() -> Frames:
    return filmed(Lifter(reps=REPS), rate_hz=60.0)


@pytest.mark.parametrize("scene", [bar_only, whole_lifter])
def test_lost_pictures_end_no_session_and_make_no_repetition_valid_that_is_wrong(
    scene: object,
) -> None:
    frames = scene()  # type: ignore[operator]
    config = SLANTED.config if scene is whole_lifter else None
    for seed in SEEDS:
        left = starved(frames, seed)
        session = play(left, config, NS_PER_S) if config else play(left)
        for rep in session.reps:
            if rep.valid and not rep.marks:
                assert rep.rom_m == pytest.approx(0.52, abs=0.03), seed
