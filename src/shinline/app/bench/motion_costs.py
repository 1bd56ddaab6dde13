"""What it costs to get from detections to repetitions: live, when a rep ends, and in a replay.

``python -m shinline.app.bench.motion_costs`` prints the tables alone, ``--json`` as JSON.
"""

import argparse
import json
import math
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console

from shinline.app.bench import motion_peers
from shinline.app.bench.lifts.filming import DIAMETER_M
from shinline.app.bench.measure import Line, in_turn, one_core, timed, without_nan
from shinline.app.bench.motion_peers import Positions
from shinline.app.bench.training import SESSION, Training, keep, train
from shinline.engine import Engine
from shinline.geometry.plane import Plane
from shinline.journal.reader import Catalogue
from shinline.motion.history import History
from shinline.motion.smooth import JERK_DENSITIES
from shinline.replay import EngineFactory, check
from shinline.types import Event, Role, Rows

Take = Callable[[int], object]
"""Takes in frame ``i``, or smooths the same again whatever ``i``."""

FIVE: Final = (Role.BAR, Role.HIP, Role.SHOULDER, Role.KNEE, Role.ANKLE)
THREE: Final = FIVE[:3]
RATE_HZ: Final = 60.0
MINUTE_S: Final = 60.0
HOUR_MINUTES: Final = 60.0
HOUR_FRAMES: Final = round(RATE_HZ * MINUTE_S * HOUR_MINUTES)
SETTLE: Final = 60
"""Frames before the first that counts: the scale is fixed in them."""

BLOCK: Final = 60
"""Frames that one contender takes before it is the next one's turn."""

REP_FRAMES: Final = 600
UNSEEN_EVERY: Final = 97
REPEATS: Final = 20
QUICK_REPEATS: Final = 3
REPLAYS: Final = 3

TRACK: Final = "five markers (Engine.advance)"
TRACK_ONE: Final = "the bar alone (Engine.advance)"
EACH: Final = "each further marker (difference / 4)"
FILTERPY_TRACK: Final = "filterpy, ten KalmanFilters"
SCIPY_TRACK: Final = "SciPy, sosfilt on ten axes"
SMOOTH: Final = "History.smoothed"
FILTERPY_SMOOTH: Final = "filterpy, batch_filter + rts_smoother"
SCIPY_SMOOTH: Final = "SciPy, interp + filtfilt"

DOES: Final = {
    TRACK: "filters, gate, blows, history, floor, phases, reps",
    TRACK_ONE: "the same",
    EACH: "filters, gate, blows, history",
    FILTERPY_TRACK: "the same filters, Q and R; nothing else",
    SCIPY_TRACK: "low-pass, differences; lags 70 ms; even steps, no sd",
    SMOOTH: "noise and liveliness found, blows, gaps, sd",
    FILTERPY_SMOOTH: "the smoother once, noise given; gaps, sd; no blows",
    SCIPY_SMOOTH: "low-pass, differences; even steps, no gaps, no sd",
}
"""What each line does, and what it does not."""


@dataclass(frozen=True, slots=True)
class Work:
    """One line of the table; ``ratio`` is to the product's line of the same ``part``.

    No numbers where the library is missing.
    """

    part: str
    name: str
    median_us: float
    p95_us: float
    ratio: float
    does: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay that compares everything costs, us a frame; medians of ``runs``.

    Its parts were measured each alone: ``engine_us`` on rows in memory, ``reading_us`` the frames
    read and no more, ``comparing_us`` what events read and compared add to that.
    ``hour_s`` is the time of an hour's session: measured, or so many times that of a frame.
    """

    minutes: float
    frames: int
    reps: int
    markers: int
    runs: int
    check_us: float
    engine_us: float
    reading_us: float
    comparing_us: float
    hour_s: float
    measured_hour: bool


@dataclass(frozen=True, slots=True)
class Motion:
    """The section's figures."""

    works: list[Work]
    replayed: Replayed


def measure_motion(quick: bool, hour: bool) -> Motion:
    """Measure everything on one core; ``hour`` replays a whole one instead of six minutes."""
    with one_core():
        works = [*track(10.0 if quick else 60.0), *smooth(QUICK_REPEATS if quick else REPEATS)]
        minutes = HOUR_MINUTES if hour else 1.0 if quick else 6.0
        return Motion(works, replay(minutes, 1 if hour or quick else REPLAYS))


def _works(part: str, lines: Iterable[Line], missing: Iterable[str]) -> list[Work]:
    """Return the table's lines; the first one is the product's, the last ones are not installed."""
    lines = list(lines)
    own_us = lines[0].median_us
    works = [
        Work(part, each.name, each.median_us, each.p95_us, each.median_us / own_us, DOES[each.name])
        for each in lines
    ]
    return works + [
        Work(part, name, math.nan, math.nan, math.nan, "not installed") for name in missing
    ]


def _ready(peers: dict[str, Callable[[], Take]]) -> tuple[dict[str, Take], list[str]]:
    """Set peers up; return those that are there, and the names of those that are not installed."""
    there: dict[str, Take] = {}
    for name, make in peers.items():
        with suppress(ImportError):
            there[name] = make()
    return there, [name for name in peers if name not in there]


def in_metres(training: Training, plane: Plane) -> Positions:
    """Return what an engine that has found ``plane`` gives to its filters."""
    frames, markers = len(training.heads), len(training.roles)
    rows = training.rows
    places = [plane.plane_from_image(x, y) for x, y in rows[["x_px", "y_px"]].tolist()]
    variances = np.stack([rows["var_x_px2"], rows["var_y_px2"]], axis=1) * plane.scale_m_per_px**2
    shape = frames, 2 * markers
    seen = np.ones(frames, bool)
    t_ns = training.heads["t_ns"].copy()
    return Positions(t_ns, np.reshape(places, shape), variances.reshape(shape), seen)


# --- live -------------------------------------------------------------------------------------


def _follower(training: Training) -> tuple[Engine, Take]:
    engine, frames = Engine(training.config, SESSION), training.frames()
    return engine, lambda i: engine.advance(*frames[i])


def track(duration_s: float) -> list[Work]:
    """Measure each frame of a training, all markers seen in all of them."""
    training = train(FIVE, duration_s)
    engine, five = _follower(training)
    _, one = _follower(train(FIVE[:1], duration_s))
    for i in range(SETTLE):
        five(i)
        one(i)
    if engine.plane is None:
        raise RuntimeError("no scale was found in the training")
    given = in_metres(training, engine.plane)
    peers, missing = _ready(
        {
            FILTERPY_TRACK: lambda: motion_peers.filterpy_tracks(given)[0],
            SCIPY_TRACK: lambda: motion_peers.scipy_low_pass(given, RATE_HZ),
        }
    )
    for take in peers.values():
        for i in range(1, SETTLE):
            take(i)
    calls = {TRACK: five, TRACK_ONE: one, **peers}
    lines = in_turn(calls, range(SETTLE, len(given.t_ns)), BLOCK)
    more_us = (lines[0].median_us - lines[1].median_us) / (len(FIVE) - 1)
    lines.insert(2, Line(EACH, more_us, math.nan))
    return _works("live, a frame", lines, missing)


# --- when a repetition has ended --------------------------------------------------------------


def ten_seconds() -> Positions:
    """Return the bar through a repetition of ten seconds; one frame in a hundred shows nothing."""
    training = train(FIVE[:1], REP_FRAMES / RATE_HZ + 1.0)
    row = training.rows[0]
    plane = Plane(float(0.5 * DIAMETER_M / row["r_px"]), float(row["x_px"]), float(row["y_px"]))
    whole = in_metres(training, plane)
    seen = np.arange(REP_FRAMES) % UNSEEN_EVERY != UNSEEN_EVERY - 1
    chosen = slice(0, REP_FRAMES)
    return Positions(whole.t_ns[chosen], whole.values_m[chosen], whole.variances_m2[chosen], seen)


def remembered(given: Positions) -> Callable[[], Rows]:
    """Return a function that smooths the bar, of which a history has all that was seen."""
    history = History()
    for i, t_ns in enumerate(given.t_ns.tolist()):
        history.begin_frame(t_ns)
        if given.seen[i]:
            x_m, y_m = given.values_m[i].tolist()
            history.put(Role.BAR, x_m, y_m, float(given.variances_m2[i].max()))
    return partial(history.smoothed, Role.BAR, history.window(0, int(given.t_ns[-1])))


def smooth(repeats: int) -> list[Work]:
    """Measure smoothing the bar's path of one repetition, both axes."""
    given = ten_seconds()
    ours = remembered(given)
    peers, missing = _ready(
        {
            FILTERPY_SMOOTH: lambda: _tried(motion_peers.filterpy_smooth, given, JERK_DENSITIES[0]),
            SCIPY_SMOOTH: lambda: _tried(motion_peers.scipy_smooth, given, RATE_HZ),
        }
    )
    calls: dict[str, Take] = {SMOOTH: _tried(ours), **peers}
    return _works("a repetition of 10 s", in_turn(calls, range(repeats)), missing)


def _tried(call: Callable[..., object], *given: object) -> Take:
    """Call once, which compiles or imports; return how to do it again."""
    call(*given)
    return lambda _: call(*given)


# --- replay -----------------------------------------------------------------------------------


def replay(minutes: float, runs: int) -> Replayed:
    """Record a training of bar, hip and shoulder; measure replaying and comparing it.

    Raises
    ------
    RuntimeError
        The replay is not identical: then there is nothing to measure.
    """
    training = train(THREE, MINUTE_S * minutes)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.sqlite3"
        keep(training, path)
        catalogue = Catalogue(path)
        ways = (
            partial(_check, catalogue, Engine),
            partial(_run, training, training.frames()),
            partial(_read, catalogue),
            partial(_check, catalogue, _echo(training)),
        )
        rounds = [[timed(way) for way in ways] for _ in range(runs)]
    frames = len(training.heads)
    check_us, engine_us, reading_us, echo_us = (np.median(rounds, axis=0) / frames / 1e3).tolist()
    measured = minutes == HOUR_MINUTES
    return Replayed(
        minutes=minutes,
        frames=frames,
        reps=training.reps,
        markers=len(training.roles),
        runs=runs,
        check_us=check_us,
        engine_us=engine_us,
        reading_us=reading_us,
        comparing_us=echo_us - reading_us,
        hour_s=check_us * (frames if measured else HOUR_FRAMES) / 1e6,
        measured_hour=measured,
    )


def _check(catalogue: Catalogue, factory: EngineFactory) -> None:
    report = check(catalogue, SESSION, engine_factory=factory)
    if not report.identical:
        raise RuntimeError(f"the replay differs: {report.first_difference}")


def _read(catalogue: Catalogue) -> None:
    for _ in catalogue.recorded(SESSION):
        pass


def _run(training: Training, frames: list[tuple[np.void, Rows]]) -> list[list[Event]]:
    """Return what an engine says of each frame, and at the end."""
    engine = Engine(training.config, SESSION)
    said = [engine.advance(head, rows) for head, rows in frames]
    return [*said, engine.finish()]


class _Echo:
    """Says what an engine said of the same frames: a replay without the engine's work."""

    def __init__(self, said: list[list[Event]]) -> None:
        self._said = iter(said)

    def advance(self, head: np.void, detections: Rows) -> list[Event]:
        """Return what was said of this frame."""
        return next(self._said)

    def ask(self, verb: str, values: dict[str, str | int | float | bool | None]) -> list[Event]:
        """Nobody asks anything in a recorded training."""
        raise ValueError(f"{verb} was not asked")

    def finish(self) -> list[Event]:
        """Return what was said at the end."""
        return next(self._said)


def _echo(training: Training) -> EngineFactory:
    said = _run(training, training.frames())
    return lambda config, session_id, prior: _Echo(said)


def main() -> None:
    """Print the section alone."""
    from shinline.app.bench.report import motion_tables

    parser = argparse.ArgumentParser(
        prog="python -m shinline.app.bench.motion_costs", description=__doc__
    )
    parser.add_argument("--hour", action="store_true", help="replay a whole hour")
    parser.add_argument("--quick", action="store_true", help="touch each part only")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    asked = parser.parse_args()
    motion = measure_motion(asked.quick, asked.hour)
    if asked.json:
        print(json.dumps(without_nan(asdict(motion)), allow_nan=False))
        return
    console = Console(highlight=False)
    for table in motion_tables(motion):
        console.print(table)


if __name__ == "__main__":
    main()
