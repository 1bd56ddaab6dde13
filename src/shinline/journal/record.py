"""What is known of a session before its first frame."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from shinline import __version__
from shinline.config import Config
from shinline.types import NS_PER_S, BarPrior

DEFINITIONS: Final = 1
"""Number of the definitions of start, lockout, drift, ... that the reps were measured by."""

_NS_PER_MS: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord:
    """The circumstances of a session, enough to run it again.

    ``t0_sensor_ns`` is the source's clock at the moment ``started_utc_ns``. ``calibration`` is
    whatever else the rig knew, JSON-able; the prior is kept beside it.
    """

    id: str
    started_utc_ns: int
    t0_sensor_ns: int
    source: str
    config: Config
    width_px: int
    height_px: int
    rate_hz: float
    prior: BarPrior | None = None
    calibration: dict[str, Any] = field(default_factory=dict)
    version: str = __version__
    definitions: int = DEFINITIONS


def new_session_id(started_utc_ns: int) -> str:
    """Make an id that sorts by time and is unique: ``20261123T031500-4f2a``."""
    second = datetime.fromtimestamp(started_utc_ns // NS_PER_S, UTC)
    return f"{second:%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"


def iso_utc(utc_ns: int) -> str:
    """Return ISO-8601 UTC with milliseconds, ``2026-11-23T03:15:00.250Z``."""
    seconds, rest_ns = divmod(utc_ns, NS_PER_S)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest_ns // _NS_PER_MS:03d}Z"


def without_credentials(config: Config) -> Config:
    """Return the configuration as it may be kept: a journal is copied around, a password is not."""
    secret = ("username", "password", "phone_username", "phone_password")
    mqtt = msgspec.structs.replace(config.mqtt, **dict.fromkeys(secret, ""))
    return msgspec.structs.replace(config, mqtt=mqtt)
