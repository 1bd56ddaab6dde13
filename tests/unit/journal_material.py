"""A small engine and a recorded lift for the tests of the journal and of the replay.

As a program: ``python journal_material.py JOURNAL`` records at real speed until it is killed, and
says after each frame how far it is; ``... JOURNAL LIMIT FRAMES`` records that many frames with
files limited to LIMIT bytes and says what the sink told.
"""

import itertools
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from shinline.config import Config, Lift, Lifter, Mqtt
from shinline.journal.record import SessionRecord, iso_utc
from shinline.journal.writer import JournalSink
from shinline.replay import EngineFactory
from shinline.types import (
    DETECTION,
    FRAME,
    PATH,
    AskEvent,
    BarPrior,
    CameraEvent,
    CueEvent,
    Event,
    Facing,
    FaultVerdict,
    MarkerEvent,
    Moment,
    Phase,
    PhaseEvent,
    Rep,
    RepEvent,
    RepKind,
    RepStyle,
    Role,
    Rows,
    ScaleEvent,
    SetEvent,
    Severity,
)
from shinline.wire.encode import finished_rep

FRAME_NS = 16_666_667
REP_FRAMES = 90
SESSION = "20261123T031500-4f2a"
CONFIG = Config(
    lifter=Lifter(name="Zoë"),
    lift=Lift(style="sumo", load_kg=142.5),
    mqtt=Mqtt(username="coach", password="correct horse"),
)
MOVED = "The camera stands lower than before. Put it back, or start a new session."
DEADLINE_S = 20.0
Eaten = tuple[np.void, Rows]
Asked = tuple[str, dict[str, Any]]


def session(session_id: str = SESSION, config: Config = CONFIG) -> SessionRecord:
    return SessionRecord(
        id=session_id,
        started_utc_ns=1_795_403_700_250_000_000,
        t0_sensor_ns=5_000_000_000,
        source="simulation",
        config=config,
        width_px=640,
        height_px=480,
        rate_hz=60.0,
        prior=BarPrior(310.5, 402.25, 88.0, Facing.LEFT),
        calibration={"roll_deg": 0.5, "problems": ["no gravity"]},
    )


def frames(seed: int = 1) -> Iterator[Eaten]:
    """Yield frames without end: mostly one detection, at times none or two, in odd numbers."""
    rng = np.random.default_rng(seed)
    for seq in itertools.count():
        rows = np.zeros(rng.choice(3, p=(0.05, 0.85, 0.1)), DETECTION)
        for name in DETECTION.names:
            rows[name] = rng.normal(0.0, 1.0, len(rows)) * 1e3 if name != "role" else 0
        rows["role"] = np.arange(len(rows))
        head = np.zeros(1, FRAME)
        rows["t_ns"] = head["t_ns"] = 5_000_000_000 + seq * FRAME_NS
        head["seq"], head["exposure_us"], head["detections"] = seq, 1500, len(rows)
        yield head[0], rows


def some_frames(count: int, seed: int = 1) -> list[Eaten]:
    return list(itertools.islice(frames(seed), count))


def crowded_frames(count: int, rows_each: int) -> list[Eaten]:
    """Return frames with many detections: few of them fill a disk."""
    rows = np.zeros(rows_each, DETECTION)
    rows["x_px"] = np.arange(rows_each)
    heads = np.zeros(count, FRAME)
    heads["seq"] = np.arange(count)
    heads["t_ns"] = np.arange(count) * FRAME_NS
    heads["detections"] = rows_each
    return [(head, rows) for head in heads]


def two_pulls(seed: int = 7) -> list[Eaten]:
    """Return what a camera sees of a plate (r = 80 px) that is pulled twice from the floor."""
    rng = np.random.default_rng(seed)
    rise_m = np.concatenate([_pull(), _pull(), np.zeros(90)])
    eaten = some_frames(len(rise_m), seed)
    px_per_m = 160.0 / 0.45
    for (head, rows), y_m in zip(eaten, rise_m, strict=True):
        rows["role"], rows["r_px"], rows["quality"] = Role.BAR, 80.0, 0.9
        rows["x_px"] = 320.0 + 40.0 * y_m + rng.normal(0.0, 0.2, len(rows))
        rows["y_px"] = 400.0 - px_per_m * y_m + rng.normal(0.0, 0.2, len(rows))
        rows["var_x_px2"] = rows["var_y_px2"] = 0.04
        rows["cov_xy_px2"] = 0.0
        assert head["detections"] == len(rows)
    return eaten


def _pull() -> np.ndarray:
    """Return heights in metres: at rest, up within 1.5 s, held, and down again."""
    s = np.linspace(0.0, 1.0, 90)
    up = 0.55 * s**3 * (10.0 - 15.0 * s + 6.0 * s**2)
    return np.concatenate([np.zeros(90), up, np.full(50, 0.55), up[::-1], np.zeros(30)])


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not true():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.01)


class TinyEngine:
    """Deterministic, with state, and with every kind of event; one "rep" in 90 frames.

    Its camera is moved after the first rep, and is back after the second.
    """

    def __init__(self, config: Config, session_id: str, prior: BarPrior | None = None):
        self.gain = config.lift.load_kg * (prior.r_px if prior else 1.0)
        self.session_id = session_id
        self.count = 0
        self.last = -1
        self.t_ns = 0
        self.x = 0.1
        self.seen = False
        self.path = np.zeros(REP_FRAMES, PATH)

    def advance(self, head: np.void, detections: Rows) -> list[Event]:
        t_ns = int(head["t_ns"])
        self.last, self.t_ns = int(head["seq"]), t_ns
        events: list[Event] = []
        if (len(detections) > 0) != self.seen:
            self.seen = not self.seen
            events.append(MarkerEvent(t_ns, Role.BAR, self.seen))
        if self.seen:
            self.x = 0.9 * self.x + self.gain * float(detections[0]["x_px"]) / 3e9
        row = self.path[self.count % REP_FRAMES]
        row["t_ns"], row["x_m"], row["coasting"] = t_ns, self.x, not self.seen
        self.count += 1
        if self.count == 1:
            events.append(ScaleEvent(t_ns, self.gain / 7, 0.01, 1 / 3, 2 / 3))
        return events + (self._rep(t_ns) if self.count % REP_FRAMES == 0 else [])

    def ask(self, verb: str, values: dict[str, Any]) -> list[Event]:
        """Say that somebody asked, and be another engine from here on."""
        if verb == "end_set":
            raise ValueError("no set is under way")
        asked = AskEvent(self.t_ns, self.last, verb, values)
        self.gain *= 1.0 + float(values.get("load_kg", 0.0)) / 1000.0
        said = self.x * self.gain
        return [asked, SetEvent(self.t_ns, 1, 0, said, self.x, None, {}, None)]

    def _rep(self, t_ns: int) -> list[Event]:
        number = self.count // REP_FRAMES
        rep = some_rep(f"{self.session_id}-1-{number}", number, t_ns, self.x)
        return [
            PhaseEvent(t_ns, Phase.LOCKOUT, 1, number),
            RepEvent(t_ns, RepKind.END, rep.id, 1, number, rep, path=self.path.copy()),
            CueEvent(
                t_ns,
                f"cue-{number}",
                "bar_forward",
                Severity.WARN,
                Moment.AFTER,
                "Bar close",
                rep.id,
                4000,
                {"drift_m": self.x, "count": 3, "side": "toes"},
            ),
            *self._camera(t_ns, number),
        ]

    def _camera(self, t_ns: int, number: int) -> list[Event]:
        if number != 1:
            return [CameraEvent(t_ns, (), "The camera is back.")] if number == 2 else []
        evidence = {"height_m": self.x}
        cue = ("camera-1", "camera_moved", Severity.WARN, Moment.BETWEEN, "Check the camera", "")
        return [
            CameraEvent(t_ns, ("height", "roll"), MOVED, evidence),
            CueEvent(t_ns, *cue, 8000, dict(evidence)),
        ]

    def finish(self) -> list[Event]:
        reps = self.count // REP_FRAMES
        return [SetEvent(0, 1, reps, 0.5, self.x, None, {"bar_forward": reps}, None)]


def some_rep(rep_id: str, number: int, t_ns: int, x_m: float) -> Rep:
    faults = (
        FaultVerdict("bar_forward", Severity.WARN, x_m, 0.002, "m", 0.02, 0.9, True),
        FaultVerdict(
            "hips_shoot_up", Severity.INFO, None, None, "deg", 3.0, 0.0, False, "no hip marker"
        ),
    )
    return Rep(
        id=rep_id,
        set=1,
        rep=number,
        start_ns=t_ns - 60 * FRAME_NS,
        lockout_ns=t_ns - 20 * FRAME_NS,
        end_ns=t_ns,
        floor_ns=None,
        rom_m=0.5 + x_m,
        mean_velocity_mps=0.3,
        mean_velocity_sd_mps=0.01,
        peak_velocity_mps=0.6,
        peak_acceleration_mps2=2.5,
        time_to_knee_s=None,
        concentric_s=1.5,
        eccentric_s=None,
        drift_forward_m=x_m,
        drift_backward_m=-0.0,
        drift_sd_m=0.002,
        drift_at_knee_m=None,
        loop_m=0.01,
        sticking_height_m=None,
        floor_time_s=None,
        style=RepStyle.DEAD_STOP,
        faults=faults,
        tracked_ratio=0.95,
        hip=None,
        valid=True,
        not_assessed=("time_to_knee_s", "eccentric_s"),
        notes=("the light went out", "and on"),
        marks=("camera_moved",) if number == 2 else (),
    )


def published(rep: Rep) -> dict[str, Any]:
    """Return the finished rep as it goes over the wire."""
    return finished_rep(rep, CONFIG, iso_utc)


def open_sink(path: Path, problems: list[str], record: SessionRecord | None = None) -> JournalSink:
    return JournalSink(path, record or session(), rep_json=published, on_problem=problems.append)


def record_lift(
    path: Path,
    eaten: list[Eaten],
    record: SessionRecord | None = None,
    engine_factory: EngineFactory = TinyEngine,
    asks: dict[int, list[Asked]] | None = None,
) -> list[Event]:
    """Record frames and their events through the real sink, and return the events.

    ``asks``: what is asked after so many frames.
    """
    asks = asks or {}
    record = record or session()
    problems: list[str] = []
    sink = open_sink(path, problems, record)
    engine = engine_factory(record.config, record.id, record.prior)
    said: list[Event] = []

    def tell(events: list[Event]) -> None:
        said.extend(events)
        for event in events:
            sink.event(event)

    def ask(after: int) -> None:
        for verb, values in asks.get(after, []):
            tell(engine.ask(verb, values))

    ask(0)
    for n, (head, rows) in enumerate(eaten, 1):
        sink.frame(head, rows)
        tell(engine.advance(head, rows))
        ask(n)
    tell(engine.finish())
    sink.close("finished")
    assert problems == []
    return said


def _until_killed(path: Path) -> None:
    sink = open_sink(path, [])
    engine = TinyEngine(CONFIG, SESSION, session().prior)
    begin = time.monotonic()
    for n, (head, rows) in enumerate(frames()):
        time.sleep(max(0.0, begin + n * FRAME_NS / 1e9 - time.monotonic()))
        sink.frame(head, rows)
        for event in engine.advance(head, rows):
            sink.event(event)
        print(n, flush=True)


def _limited(path: Path, limit: int, count: int) -> None:
    problems: list[str] = []
    sink = open_sink(path, problems)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    for head, rows in some_frames(count):
        sink.frame(head, rows)
    sink.close("finished")
    print(json.dumps({"problems": problems, "lost_frames": sink.lost.frames}))


if __name__ == "__main__":
    if len(sys.argv) == 2:
        _until_killed(Path(sys.argv[1]))
    else:
        _limited(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
