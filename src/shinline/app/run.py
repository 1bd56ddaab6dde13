"""``shinline run``: the main job. Frames in; cues, reps and the phone page out; all of it kept."""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from rich.console import Console

from shinline.app.asking import Asking
from shinline.app.body.runner import BodyRunner, run_beside
from shinline.app.calibrations import from_file
from shinline.app.cameras import tell_silence, with_readout
from shinline.app.detectors import make_body, make_detector, make_watch
from shinline.app.indicators import open_indicators
from shinline.app.meter import Meter
from shinline.app.report import counted, print_reps
from shinline.app.screen import Screen
from shinline.app.station import (
    Station,
    introduce,
    open_station,
    publish_calibration,
    publish_info,
)
from shinline.app.stillness import Idling
from shinline.app.surroundings import give_memory_back, stop_on_signal
from shinline.app.warming import prepare
from shinline.app.words import with_words
from shinline.config import Config
from shinline.engine import Engine
from shinline.journal.reader import Catalogue
from shinline.journal.record import SessionRecord, new_session_id
from shinline.journal.writer import JournalSink
from shinline.types import (
    BarPrior,
    CameraEvent,
    CameraIdentity,
    Event,
    FrameSource,
    Plan,
    Rep,
    RepEvent,
    RepKind,
    Role,
)
from shinline.wire.encode import finished_rep

CALIBRATED: Final = "calibrated anew"
"""Why a session ends when the camera was calibrated in it: its numbers keep their own view."""

STATS_EVERY_S: Final = 5.0
CONNECT_WAIT_S: Final = 5.0
MOVES_MPS: Final = 0.03
"""A bar that is so fast is no bar that lies."""

OpenSource = Callable[[], tuple[FrameSource, BarPrior | None]]
"""Opens the camera or the recording, once for each pass of ``--loop``."""


@dataclass(slots=True)
class Outcome:
    """How a run ended."""

    reps: list[Rep] = field(default_factory=list)
    zero_ns: int = 0
    frames: int = 0
    frames_tracked: int = 0
    dropped: int = 0
    session_id: str = ""
    problem: str = ""
    reason: str = ""
    camera: list[CameraEvent] = field(default_factory=list)
    plan: Plan | None = None
    """What was planned at the end."""

    meter: Meter | None = None
    body: str = ""
    """What the body source did, in a line; empty: there was none."""


def run(
    config: Config,
    open_source: OpenSource,
    journal: Path,
    console: Console,
    loop: bool,
    rig_path: Path | None = None,
) -> Outcome:
    """Run until the source ends (or for ever with ``loop``), or until a signal asks to stop.

    ``rig_path`` is for a source that does not say which camera it is.

    Raises
    ------
    ConfigError, BrokerError, PortInUse, JournalError, VideoError, NoPlateError
        Something cannot be started; nothing has been recorded then.

    """
    config = with_words(config)
    with ExitStack() as stack:
        stop = stack.enter_context(stop_on_signal())
        indicators = open_indicators(config, console)  # first: its lamp lights the camera's view
        stack.callback(indicators.close)
        prepare(config, console)
        source, prior = open_source()
        config = with_readout(config, source)
        if rig_path is not None:
            camera = CameraIdentity("", "", source.width_px, source.height_px)
            config = from_file(rig_path, config, camera)
        station = open_station(config, journal, console, stop, source, stack, indicators)
        introduce(station, source)
        give_memory_back()  # what preparing took
        plan: Plan | None = None
        while True:
            outcome = _one_pass(station, source, prior, plan)
            plan = outcome.plan
            title = counted(len(outcome.reps))
            print_reps(console, outcome.reps, title, outcome.zero_ns, outcome.camera)
            console.print(_summary(outcome))
            again = loop or outcome.reason == CALIBRATED
            if not again or stop.is_set():
                return outcome
            give_memory_back()
            source, prior = open_source()
            if outcome.reason == CALIBRATED:
                publish_calibration(station)
            station.clock.follow(source)


def _one_pass(
    station: Station, source: FrameSource, prior: BarPrior | None, plan: Plan | None
) -> Outcome:
    """Follow one source from its first frame to its last, as one session.

    ``plan`` is that of the session before, if there was one.
    """
    clock, config, calibrator = station.clock, station.applied, station.calibrator
    record = SessionRecord(
        id=new_session_id(clock.started_utc_ns),
        started_utc_ns=clock.started_utc_ns,
        t0_sensor_ns=clock.t0_sensor_ns,
        source=source.name,
        config=config,
        width_px=source.width_px,
        height_px=source.height_px,
        rate_hz=source.rate_hz,
        prior=prior,
    )
    detector = make_detector(config, prior)
    watch = make_watch(prior, None if calibrator is None else calibrator.room)
    engine = Engine(config, record.id, prior, detector, watch, make_body())
    screen = Screen(station.console)
    with ExitStack() as stack:
        stack.callback(source.close)
        body = stack.enter_context(run_beside(config, source))
        tell_silence(source, station.sink)
        journal = JournalSink(
            station.journal,
            record,
            rep_json=lambda rep: finished_rep(rep, config, clock.utc),
            on_problem=screen.warn,
        )
        loop = _Loop(source, engine, journal, station, screen, body)
        if plan is not None:
            loop.asking.resume(plan)
        reason = "failed"  # unless something better is known; what was recorded is kept anyway
        version = 0 if calibrator is None else calibrator.version

        def over() -> bool:
            return calibrator is not None and calibrator.version != version

        stack.callback(station.attendance.rest)
        station.attendance.begin(source, lambda changed: publish_info(station, changed))
        try:
            with screen:
                loop.run(station.stop, over)
            reason = CALIBRATED if over() else "finished"
            reason = "stopped" if station.stop.is_set() else reason
        except OSError as problem:  # a camera pulled out, for instance
            reason = loop.problem = f"the source failed: {problem}"
        finally:
            loop.finish()
            journal.close(reason)
    outcome = loop.outcome(record.id)
    outcome.reason = reason
    return outcome


class _Loop:
    """The straight loop from source to sinks, with its measurements."""

    def __init__(
        self,
        source: FrameSource,
        engine: Engine,
        journal: JournalSink,
        station: Station,
        screen: Screen,
        body: BodyRunner,
    ) -> None:
        self._source = source
        self._body = body
        self._desk = station.desk
        self._engine = engine
        self._journal = journal
        self._sink = station.sink
        self._attendance = station.attendance
        self._screen = screen
        self._indicators = station.indicators
        kept = Catalogue(station.journal)
        self.asking = Asking(engine, self._hand_over, kept, engine.config)
        self._desk.begin(self.asking.answer)
        self._idling = Idling(station.attendance.doze)
        self._meter = Meter()
        self._reps: list[Rep] = []
        self._camera: list[CameraEvent] = []
        self._zero_ns: int | None = None
        self._next_stats_ns = 0
        self.problem = ""
        """Why the loop ended early, if it did."""

    def run(self, stop: threading.Event, over: Callable[[], bool]) -> None:
        """Go on until the source ends, is asked to stop, or the session is ``over``."""
        while not (stop.is_set() or over()):
            frame = self._source.read()
            if frame is None:
                break
            self._indicators.frame()
            if self._zero_ns is None:
                self._zero_ns = frame.t_ns
            began = time.perf_counter_ns()
            head, rows = self._engine.look(frame)
            rows = self._body.join(head, rows)
            looked = time.perf_counter_ns()
            events = self._engine.advance(head, rows)
            advanced = time.perf_counter_ns()
            self._journal.frame(head, rows)
            self._hand_over(events)
            bar = self._engine.states[Role.BAR]
            there = bar["t_ns"] == frame.t_ns  # not while the bar is lost
            if there:
                self._sink.publish_live(self._engine.states)
            self._desk.offer(frame, rows, self._engine)
            self._body.offer(frame, self._source.dropped)
            moves = there and abs(bar["vy_mps"]) > MOVES_MPS
            self._idling.frame(frame, moves or self._desk.lifting or self._desk.active)
            done = time.perf_counter_ns()
            stages = (looked - began, advanced - looked, done - advanced)
            seen = bool((rows["role"] == Role.BAR).any())
            self._meter.add(frame.t_ns, seen, self._source.now_ns() - frame.t_ns, stages)
            self._show(frame.t_ns)
            self._attendance.frame(frame.t_ns)

    def finish(self) -> None:
        """End the session in the engine and hand over what that gives."""
        self._hand_over(self._engine.finish())
        self._publish_stats()

    def _hand_over(self, events: list[Event]) -> None:
        self._indicators.show(events)
        self._desk.events(events)
        for event in events:
            self.asking.follow(event)
            self._sink.publish_event(event)
            self._journal.event(event)
            self._screen.event(event)
            if isinstance(event, RepEvent) and event.kind is RepKind.END and event.rep is not None:
                self._reps.append(event.rep)
            elif isinstance(event, CameraEvent):
                self._camera.append(event)

    def _show(self, t_ns: int) -> None:
        self._screen.line(self._engine, self._meter, self._source.dropped)
        if t_ns >= self._next_stats_ns:
            self._publish_stats()
            self._next_stats_ns = t_ns + round(STATS_EVERY_S * 1e9)

    def _publish_stats(self) -> None:
        meter, stats = self._meter, self._meter.stats(self._source.dropped)
        busy_ms, lifting = meter.busy_ms(95.0), self._desk.lifting
        self._sink.publish_stats(self._attendance.tended(stats, meter.frames, busy_ms, lifting))

    def outcome(self, session_id: str) -> Outcome:
        """Sum the pass up."""
        problem = self.problem
        if not problem and self._engine.plane is None:
            problem = "the marker was never seen long enough to fix the scale"
        return Outcome(
            self._reps,
            self._zero_ns or 0,
            self._meter.frames,
            self._meter.seen,
            self._source.dropped,
            session_id,
            problem,
            camera=self._camera,
            plan=self.asking.plan,
            meter=self._meter,
            body=self._body.summary,
        )


def _summary(outcome: Outcome) -> str:
    lines = [
        f"{outcome.frames} frames, bar seen in {outcome.frames_tracked}, "
        f"{outcome.dropped} dropped; session {outcome.session_id}"
    ]
    if outcome.body:
        lines.append(outcome.body)
    if outcome.problem:
        lines.append(f"[yellow]{outcome.problem}[/]")
    return "\n".join(lines)
