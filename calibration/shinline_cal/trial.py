"""An observation that is worked out beside the loop, in a thread of its own."""

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass

from shinline.types import Rows
from shinline.wire.mount import Sentences
from shinline_cal.rigging.evidence import ObservationError
from shinline_cal.steps import Kind, Observation


@dataclass(frozen=True, slots=True)
class Tried:
    """What was made of the sightings of a step: an observation, or why there is none."""

    step: str
    rows: Rows
    found: Observation | Sentences


def _thread() -> Executor:
    return ThreadPoolExecutor(1, thread_name_prefix="calibration")


class Trial:
    """One piece of work at a time; ``hire`` is called for the first and returns who does it."""

    def __init__(self, hire: Callable[[], Executor] = _thread) -> None:
        self._hire = hire
        self._worker: Executor | None = None
        self._now: tuple[str, Future[Observation], Rows] | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing is being worked out."""
        return self._now is None

    def begin(self, kind: Kind, rows: Rows, work: Callable[[], Observation]) -> None:
        """Start to work something out of the sightings ``rows``."""
        if self._worker is None:
            self._worker = self._hire()
        self._now = kind.id, self._worker.submit(work), rows

    def result(self) -> Tried | None:
        """Return what came of it, once; None as long as it is not done."""
        if self._now is None or not self._now[1].done():
            return None
        step, future, rows = self._now
        self._now = None
        try:
            return Tried(step, rows, future.result())
        except ObservationError as problem:
            return Tried(step, rows, problem.said)

    def drop(self) -> None:
        """Forget what is being worked out."""
        if self._now is not None:
            self._now[1].cancel()
            self._now = None

    def close(self) -> None:
        """End the thread."""
        if self._worker is not None:
            self._worker.shutdown(wait=False, cancel_futures=True)
