"""Sensor time to wall time, fixed once per session: a clock step in mid-set must move nothing."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from shinline.types import FrameSource


def utc_from_sensor(started_utc_ns: int, t0_sensor_ns: int) -> Callable[[int], str]:
    """Return a function from sensor ns to ISO-8601 UTC with milliseconds."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)

    def to_text(t_ns: int) -> str:
        moment = epoch + timedelta(microseconds=(started_utc_ns + t_ns - t0_sensor_ns) // 1000)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    return to_text


class SessionClock:
    """The clock of the session that is being recorded: sensor time now, and as UTC."""

    def __init__(self, source: FrameSource) -> None:
        self.follow(source)

    def follow(self, source: FrameSource) -> None:
        """Tie sensor time to wall time anew, for a source that has just been opened."""
        self.started_utc_ns, self.t0_sensor_ns = time.time_ns(), source.now_ns()
        self._to_text = utc_from_sensor(self.started_utc_ns, self.t0_sensor_ns)
        self._source = source

    def utc(self, t_ns: int) -> str:
        """Return sensor ns as ISO-8601 UTC."""
        return self._to_text(t_ns)

    def now_ns(self) -> int:
        """Return the present time on the sensor's clock."""
        return self._source.now_ns()
