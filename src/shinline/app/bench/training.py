"""A training of any length as the product gets it: sets, pauses, and markers on the body.

The bar moves as in :mod:`.lifts`; a marker on the body goes with it at a distance, with noise of
its own. That is no body, but what following it costs is the same.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from shinline.app.bench.lifts.filming import film
from shinline.app.bench.lifts.kinds import KINDS
from shinline.app.bench.lifts.motion import Stage
from shinline.app.bench.lifts.pulls import Draw
from shinline.app.bench.lifts.ranges import CONDITIONS, TUNING
from shinline.config import Config
from shinline.engine import Engine
from shinline.journal.arrays import ChunkBuffer
from shinline.journal.record import SessionRecord
from shinline.journal.schema import open_for_writing
from shinline.journal.store import Batch, Store
from shinline.types import Event, Role, Rows
from shinline.wire.encode import finished_rep

REPS: Final = 6
"""In a set; one every ten seconds, and a minute's pause after them."""

RANGES: Final = replace(TUNING, floor_s=(4.5, 7.5))
PAUSE_S: Final = 60.0
SESSION: Final = "bench"

ABOVE_PX: Final = {Role.HIP: 190.0, Role.SHOULDER: 330.0, Role.KNEE: 90.0, Role.ANKLE: -20.0}
BEHIND_PX: Final = 110.0
BODY_NOISE_PX: Final = 0.1


@dataclass(frozen=True, slots=True)
class Training:
    """What a detector made of a training: ``rows`` has ``len(roles)`` rows for every head."""

    config: Config
    heads: Rows
    rows: Rows
    roles: tuple[Role, ...]
    reps: int

    def frames(self) -> list[tuple[np.void, Rows]]:
        """Return each frame's FRAME row and DETECTION rows."""
        count = len(self.roles)
        return [(head, self.rows[i * count : (i + 1) * count]) for i, head in enumerate(self.heads)]


def train(roles: tuple[Role, ...], duration_s: float, seed: int = 1) -> Training:
    """Return at least so long a training at 60 Hz; the bar comes first in ``roles``."""
    kind, condition = KINDS[0], CONDITIONS[0]  # dead stops, in the plane
    draw, stage = Draw(RANGES, np.random.default_rng(seed)), Stage()
    while stage.t_s < duration_s:
        kind.act(stage, draw, REPS)
        stage.rest(PAUSE_S)
    motion = stage.motion()
    filmed = film(motion, kind, condition, draw)
    last = int(np.searchsorted(filmed.times_s, duration_s))
    heads = filmed.heads[:last].copy()
    heads["detections"] = len(roles)
    rows = np.stack([_elsewhere(filmed.rows[:last], role, draw.rng) for role in roles], axis=1)
    reps = sum(rep.end_s < duration_s for rep in motion.reps)
    return Training(filmed.config, heads, rows.reshape(-1), roles, reps)


def _elsewhere(bar: Rows, role: Role, rng: np.random.Generator) -> Rows:
    """Return the bar's rows as those of another marker."""
    rows = bar.copy()
    if role is Role.BAR:
        return rows
    rows["role"] = role
    rows["x_px"] += BEHIND_PX
    rows["y_px"] -= ABOVE_PX[role]
    for name in ("x_px", "y_px"):
        rows[name] += BODY_NOISE_PX * rng.standard_normal(len(rows))
        rows[f"var_{name}2"] += BODY_NOISE_PX**2
    return rows


def keep(training: Training, path: Path) -> list[Event]:
    """Run the engine and write the journal as it is written live; return the events.

    Without the sink's thread: faster than life, the disk may be too slow, and must not be.

    Raises
    ------
    JournalError
        The file cannot be written.
    """
    record = SessionRecord(
        id=SESSION,
        started_utc_ns=0,
        t0_sensor_ns=0,
        source="bench",
        config=training.config,
        width_px=1456,
        height_px=1088,
        rate_hz=60.0,
    )
    engine, buffer = Engine(training.config, SESSION), ChunkBuffer()
    connection = open_for_writing(path)
    store = Store(connection, record, lambda rep: finished_rep(rep, training.config, str))
    said: list[Event] = []
    written = 0
    for head, rows in training.frames():
        if not buffer.takes(int(head["t_ns"]), len(rows)):
            store.write(Batch(buffer.cut(), written, tuple(said[written:])))
            written = len(said)
        buffer.add(head, rows)
        said += engine.advance(head, rows)
    said += engine.finish()
    store.write(Batch(buffer.cut(), written, tuple(said[written:])))
    store.end("finished", 0, 0)
    store.close()
    return said
