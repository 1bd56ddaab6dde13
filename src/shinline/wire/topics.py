"""The topic table: what is published, as what, how surely and how often. One row is one topic.

A topic's full name is ``shinline/<platform>/<name>``. Values that describe *now* are retained, so
that a phone which joins late sees them at once. Events are never retained: a cue from last week
must not be spoken to whoever connects today.
"""

from dataclasses import dataclass
from typing import Final

from shinline.wire import mount, payloads

ROOT: Final = "shinline"

SCHEMA: Final = 1
"""Number of the message format; it changes when the meaning of a field does."""

LIVE_WAITING_MAX: Final = 32
"""Batches of path samples kept for a broker that lags: less than two seconds of the path."""

RESPONSE_WAITING_MAX: Final = 64
"""Answers kept for a broker that lags; who asked has given up by then."""

DISCOVERY: Final = "{prefix}/device/shinline_{platform}/config"
"""Where Home Assistant looks for the device, the only topic of ours that is not below ``ROOT``:
retained, QoS 1, at every connection and when Home Assistant has started. Its content is made in
:mod:`shinline.wire.homeassistant`."""

REQUESTS: Final = "request"
"""Below this the device listens; the verbs are in :mod:`shinline.wire.requests`."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic.

    ``payload`` is the type of the message's body; ``str`` is plain text without an envelope,
    ``bytes`` a picture.
    ``waiting_max`` is how many messages may wait for a broker that is away or slow before the
    oldest gives way: 1 keeps the newest only, None keeps every one.
    """

    name: str
    payload: type
    qos: int
    retain: bool
    waiting_max: int | None
    rate: str

    @property
    def counts_lost(self) -> bool:
        """Whether a message that gave way is a loss: a retained value is merely out of date."""
        return self.waiting_max is not None and not self.retain

    def path(self, platform: str) -> str:
        """Return the full topic of one platform."""
        return f"{ROOT}/{platform}/{self.name}"


# name, payload, QoS, retained, waiting at most, when
STATUS: Final = Topic("status", str, 1, True, 1, "birth, last will, clean stop")
INFO: Final = Topic("info", payloads.Info, 1, True, 1, "start, on change")
CALIBRATION: Final = Topic("calibration", payloads.Calibration, 1, True, 1, "start, on change")
STATE: Final = Topic("state", payloads.State, 1, True, 1, "on change")
LIVE: Final = Topic("live", payloads.Live, 0, False, LIVE_WAITING_MAX, "10-30 Hz during a rep")
SETUP: Final = Topic(
    "setup", payloads.Setup, 1, True, 1, "on change before a pull, and when it begins"
)
REP: Final = Topic("rep", payloads.RepMessage, 1, False, None, "life-cycle of a rep")
REP_LAST: Final = Topic("rep/last", payloads.FinishedRep, 1, True, 1, "rep end")
SET_LAST: Final = Topic("set/last", payloads.SetSummary, 1, True, 1, "set end")
CUE: Final = Topic("cue", payloads.Cue, 1, False, None, "a cue")
STATS: Final = Topic("stats", payloads.Stats, 0, False, 1, "every 5 s")
PREVIEW: Final = Topic("preview", bytes, 0, False, 1, "at most 5 Hz, only while asked for")
MOUNT: Final = Topic("mount", mount.Mount, 1, True, 1, "on change, at most 2 Hz")
RESPONSE: Final = Topic(
    "response", mount.Response, 1, False, RESPONSE_WAITING_MAX, "answer to a request"
)

TOPICS: Final = (
    STATUS,
    INFO,
    CALIBRATION,
    STATE,
    LIVE,
    SETUP,
    REP,
    REP_LAST,
    SET_LAST,
    CUE,
    STATS,
    PREVIEW,
    MOUNT,
    RESPONSE,
)
