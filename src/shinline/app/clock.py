"""Sensor time to wall time, fixed once per session: a clock step in mid-set must move nothing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def utc_from_sensor(started_utc_ns: int, t0_sensor_ns: int) -> Callable[[int], str]:
    """Return a function from sensor ns to ISO-8601 UTC with milliseconds."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)

    def to_text(t_ns: int) -> str:
        moment = epoch + timedelta(microseconds=(started_utc_ns + t_ns - t0_sensor_ns) // 1000)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    return to_text
