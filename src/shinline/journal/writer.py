"""The sink: takes frames and events from the loop, writes them in a thread of its own."""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from shinline.journal.arrays import DETECTIONS_PER_CHUNK, ChunkBuffer
from shinline.journal.record import SessionRecord
from shinline.journal.schema import open_for_writing, reported
from shinline.journal.store import Batch, RepJson, Store
from shinline.types import Event, Rows

BACKLOG: Final = 60
"""Batches that may wait for a slow disk: about a minute."""

EVENTS_WAITING: Final = 10_000
"""Events that may wait for a batch of their own; hours of lifting."""

STALL_S: Final = 0.5
"""When the loop stands still this long, what it left in the buffer is written."""

CLOSE_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Losses:
    """What could not be kept."""

    frames: int = 0
    events: int = 0


@dataclass(frozen=True, slots=True)
class _End:
    reason: str


class JournalSink:
    """Keeps one session.

    Hand over each frame, then the events it caused, and close with the reason when the engine's
    ``finish()`` events are in. At most a second is held in memory. No call waits for the disk: when
    the disk falls a minute behind, the newest frames are lost and counted, events are not.

    When writing fails, ``on_problem`` is told once, in one line and from the writing thread; what
    was recorded stays, later batches are tried anyway (space may return), losses are counted.

    Raises
    ------
    JournalError
        The file cannot be used, or a session of this id is already in it.

    """

    def __init__(
        self,
        path: Path,
        session: SessionRecord,
        *,
        rep_json: RepJson,
        on_problem: Callable[[str], None],
    ) -> None:
        self._path = path
        self._on_problem = on_problem
        self._store = _start(path, session, rep_json)
        self._buffer = ChunkBuffer()
        self._events: list[Event] = []
        self._next_event = 0
        self._taken = 0
        self._lost = Losses()
        self._told = False
        self._closed = False
        self._lock = threading.Lock()  # held for microseconds, never across I/O
        self._waiting: queue.SimpleQueue[Batch | _End] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write_all, name="journal", daemon=True)
        self._thread.start()

    @property
    def lost(self) -> Losses:
        """What could not be kept so far."""
        return self._lost

    def frame(self, head: np.void, detections: Rows) -> None:
        """Keep one FRAME row and its DETECTION rows, as the engine ate them; copies both.

        Raises
        ------
        ValueError
            ``head["detections"]`` is not the number of rows, there are more of them than any
            frame has, or the sink is closed.

        """
        if int(head["detections"]) != len(detections) or len(detections) > DETECTIONS_PER_CHUNK:
            raise ValueError(f"a frame of {head['detections']} detections with {len(detections)}")
        with self._lock:
            self._count_in()
            if not self._buffer.takes(int(head["t_ns"]), len(detections)):
                self._hand_over()
            self._buffer.add(head, detections)

    def event(self, event: Event) -> None:
        """Keep an event. ValueError when the sink is closed."""
        with self._lock:
            self._count_in()
            if len(self._events) < EVENTS_WAITING:
                self._events.append(event)
            else:
                self._lose(0, 1)

    def close(self, reason: str) -> None:
        """Write the rest, note the reason (``finished``, ``interrupted``, ...) and let go.

        Waits for the disk, but not for ever: one that does not answer is told as a problem.
        Closing twice does nothing.
        """
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._hand_over(anyway=True)
            self._waiting.put(_End(reason))
        self._thread.join(CLOSE_S)
        if self._thread.is_alive():
            self._tell(f"the disk did not take the end of the session within {CLOSE_S:.0f} s")

    # --- in the loop's thread, and for a stalled loop in the writer's; with the lock held -------

    def _count_in(self) -> None:
        if self._closed:
            raise ValueError("the journal's session has been closed")
        self._taken += 1

    def _hand_over(self, *, anyway: bool = False) -> None:
        chunk = self._buffer.cut()
        if self._waiting.qsize() >= BACKLOG and not anyway:
            # The number of the chunk is used up: the hole tells the reader.
            self._lose(chunk.frame_count if chunk else 0, 0)
            return
        if chunk or self._events:
            self._waiting.put(Batch(chunk, self._next_event, tuple(self._events)))
            self._next_event += len(self._events)
            self._events.clear()

    def _lose(self, frames: int, events: int) -> None:
        self._lost = Losses(self._lost.frames + frames, self._lost.events + events)

    # --- in the writer's thread -----------------------------------------------------------------

    def _write_all(self) -> None:
        taken = 0
        while True:
            try:
                batch = self._waiting.get(timeout=STALL_S)
            except queue.Empty:
                taken = self._flush_stalled(taken)
                continue
            if isinstance(batch, _End):
                break
            self._attempt(partial(self._store.write, batch), batch.frame_count, len(batch.events))
        self._attempt(partial(self._store.end, batch.reason, self._lost.frames, self._lost.events))
        self._store.close()

    def _flush_stalled(self, taken_before: int) -> int:
        """Hand over what waits in the buffer if nothing was added since the last look."""
        with self._lock:
            if self._taken == taken_before and not self._closed:
                self._hand_over()
            return self._taken

    def _attempt(self, write: Callable[[], None], frames: int = 0, events: int = 0) -> None:
        try:
            write()
        # Anything at all: a fault in here must cost a record, not the rest of the training.
        except Exception as problem:  # noqa: BLE001
            with self._lock:
                self._lose(frames, events)
            self._tell(f"{problem} ({type(problem).__name__})")

    def _tell(self, reason: str) -> None:
        if not self._told:
            self._told = True
            self._on_problem(f"journal {self._path}: {reason}; what is recorded so far is kept")


def _start(path: Path, session: SessionRecord, rep_json: RepJson) -> Store:
    connection = open_for_writing(path)
    try:
        with reported(path):
            return Store(connection, session, rep_json)
    except BaseException:
        connection.close()
        raise
