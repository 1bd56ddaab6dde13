"""What the messages say: one type per topic, field names and units as other programs rely on them.

SI units, the unit in the name. Times are ISO-8601 UTC. A number that could not be measured is
``null``. On the wire each of these also carries the envelope: ``schema``, ``seq`` (per topic, +1
for each message, so a gap shows a lost one) and, where it comes from a frame, ``t_capture``.
"""

from typing import Any, Final, Literal

import msgspec

Status = Literal["online", "offline"]
"""The ``status`` topic is plain text: no JSON, no envelope."""


NOT_OBSERVABLE: Final = (
    "asymmetry",
    "bar_rotation",
    "knee_valgus",
    "twisting",
    "foot_turn_out",
)
"""What one camera at the side can never see. Nobody may show any of these as fine."""


class _Body(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all payloads."""


class Info(_Body, frozen=True):
    """What is watching, and which markers it sees now.

    ``camera_ok`` False: no picture comes, and the camera is being started again.
    """

    version: str
    camera: str
    width_px: int
    height_px: int
    rate_hz: float
    roles: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    not_observable: tuple[str, ...] = NOT_OBSERVABLE
    camera_ok: bool = True


class Calibration(_Body, frozen=True):
    """How far the metres can be trusted. ``valid`` False: no scale yet, or a stale one.

    ``floor_ok`` False: the bar at rest no longer looks as it did when the metres were fixed;
    ``floor_changed`` names what differs (``height``, ``distance``, ``tilt``, ``roll``,
    ``direction``) and ``floor_text``, which is among the ``problems`` too, says it to a lifter.
    True: all agree.
    ``null``: neither has been said since the metres were fixed, or there are none yet.
    """

    valid: bool
    scale_m_per_px: float | None = None
    roll_deg: float | None = None
    roll_sd_deg: float | None = None
    residual_px: float | None = None
    floor_ok: bool | None = None
    floor_changed: tuple[str, ...] = ()
    floor_text: str | None = None
    age_s: float | None = None
    problems: tuple[str, ...] = ()


class State(_Body, frozen=True):
    """Where the lifter is in the set, and what was planned.

    ``mode``: ``standard``, ``technique`` (show no speeds), ``test`` (no cues). ``muted``: no cues
    until somebody wants them again. ``velocity_loss`` is the share by which the last rep's mean
    velocity stayed below the fastest of the set, 0 .. 1; at ``velocity_loss_limit`` the set is
    called done. ``under_way``: the set has a finished rep and has not ended.
    """

    phase: str
    lifter: str
    lift: str
    load_kg: float
    set: int
    rep: int
    target_reps: int
    target_rpe: float | None = None
    mode: str = "standard"
    muted: bool = False
    velocity_loss: float | None = None
    velocity_loss_limit: float | None = None
    under_way: bool = False


class Live(_Body, frozen=True):
    """A few evenly spaced samples of the bar's path: sample i was taken ``dt_ms * i`` after ``t0``.

    ``dt_ms`` is 0 for a single sample. ``sd_m`` is the largest standard deviation of a position in
    the batch; ``coasting`` means that all its samples are predictions without a measurement.
    """

    t0: str
    dt_ms: float
    x_m: tuple[float, ...]
    y_m: tuple[float, ...]
    vy_mps: tuple[float, ...]
    sd_m: float
    coasting: bool


class Fault(_Body, frozen=True):
    """One judged fault. ``assessed`` False means *no verdict*, never "fine"."""

    code: str
    severity: str
    value: float | None
    sd: float | None
    unit: str
    threshold: float
    confidence: float
    assessed: bool
    reason: str
    details: dict[str, float | None] = {}


class SetupStep(_Body, frozen=True):
    """One of the five steps before a pull: ``bend``, ``grab``, ``shins``, ``chest``, ``pull``.

    ``state``: ``waiting``, ``now``, ``done``, or ``check_yourself`` for what no camera sees.
    """

    code: str
    state: str


class Setup(_Body, frozen=True):
    """The set-up before a pull. ``ready`` is ``null`` where nothing of it is seen, and in a lift.

    ``checks`` are what was judged of it, as in a finished repetition.
    """

    steps: tuple[SetupStep, ...]
    ready: bool | None
    checks: tuple[Fault, ...] = ()


class Hip(_Body, frozen=True):
    """Hip and shoulder motion from the set position through the first part of the pull."""

    trunk_drop_deg: float | None
    trunk_drop_sd_deg: float | None
    hip_rise_m: float | None
    shoulder_rise_m: float | None
    rise_ratio: float | None
    source: str = "stickers"
    to_bar_ratio: float | None = None
    back_bend_m: float | None = None
    back_angle_deg: float | None = None
    back_angle_sd_deg: float | None = None
    reason: str = ""


class FinishedRep(_Body, frozen=True):
    """A finished repetition. What is ``null`` is named in ``not_assessed``.

    ``marks`` are codes that the numbers are to be read with (``camera_moved``); a mark does not
    make a repetition invalid.
    """

    id: str
    lifter: str
    lift: str
    load_kg: float
    set: int
    rep: int
    start: str
    lockout: str
    end: str
    floor: str | None
    rom_m: float | None
    mean_velocity_mps: float | None
    mean_velocity_sd_mps: float | None
    peak_velocity_mps: float | None
    peak_acceleration_mps2: float | None
    time_to_knee_s: float | None
    concentric_s: float | None
    eccentric_s: float | None
    drift_forward_m: float | None
    drift_backward_m: float | None
    drift_sd_m: float | None
    drift_at_knee_m: float | None
    loop_m: float | None
    sticking_height_m: float | None
    floor_time_s: float | None
    style: str
    faults: tuple[Fault, ...]
    tracked_ratio: float
    hip: Hip | None
    valid: bool
    not_assessed: tuple[str, ...]
    notes: tuple[str, ...]
    marks: tuple[str, ...] = ()
    mode: str = "standard"


class RepSoFar(_Body, frozen=True):
    """What is known of a rep that has not ended, or turned out to be none.

    ``faults`` are those decided while the bar still moves; the finished rep has the last word.
    """

    id: str
    lifter: str
    lift: str
    load_kg: float
    set: int
    rep: int
    mode: str = "standard"
    faults: tuple[Fault, ...] = ()


class RepMessage(_Body, frozen=True):
    """One step in a rep's life; ``id`` stays the same throughout.

    ``after`` holds the fields of :class:`FinishedRep` once the rep has ended, those of
    :class:`RepSoFar` before. ``reason`` says why a rep was ``void``.
    """

    type: Literal["new", "update", "end", "void"]
    id: str
    after: dict[str, Any]
    reason: str = ""


class Advice(_Body, frozen=True):
    """Something to try, and why."""

    code: str
    text: str
    reason: str


class SetSummary(_Body, frozen=True):
    """A finished set.

    ``faults`` counts reps by fault code, ``assessed`` in how many each could be judged.
    ``decays``: codes whose value grew over the set. ``next_mode``: what the next set is to be,
    empty where that is what this one was.
    """

    lifter: str
    lift: str
    load_kg: float
    set: int
    reps: int
    tonnage_kg: float
    best_velocity_mps: float | None
    last_velocity_mps: float | None
    velocity_loss: float | None
    faults: dict[str, int]
    path_spread_m: float | None
    mode: str = "standard"
    assessed: dict[str, int] = {}
    advice: tuple[Advice, ...] = ()
    decays: tuple[str, ...] = ()
    next_mode: str = ""


class Cue(_Body, frozen=True):
    """One short instruction. Older than ``ttl_ms`` it must neither be shown nor spoken.

    ``rep_id`` is empty for a cue that belongs to no rep (``camera_moved``).

    ``latency_ms`` runs from the capture of the frame that decided it to the hand-over to the MQTT
    client, any wait for a broker that was away included. ``expired``: it came too late for anybody
    to be told, and is here for the record.
    """

    id: str
    code: str
    severity: str
    moment: str
    text: str
    rep_id: str
    evidence: dict[str, float | str | None]
    latency_ms: float
    ttl_ms: int
    expired: bool = False


class Stats(_Body, frozen=True):
    """How well the machine keeps up. ``queue_lost`` counts dropped messages by topic.

    ``requests_refused`` were answered with an error, ``requests_ignored`` with nothing: they were
    retained, or part of a flood.

    ``latency`` is that of all frames, from capture to the end of their turn. The other spans are
    those of the last cues, from the capture of the frame that decided them: to the decision, to the
    hand-over to the MQTT client, and to the page's own word, back at the device, that the cue is on
    a screen (``shown_count`` of these). ``null`` while there was none.
    """

    rate_hz: float
    dropped: int
    tracked_ratio: float | None = None
    latency_p50_ms: float | None = None
    latency_p95_ms: float | None = None
    decided_p50_ms: float | None = None
    decided_p95_ms: float | None = None
    handed_p50_ms: float | None = None
    handed_p95_ms: float | None = None
    shown_p50_ms: float | None = None
    shown_p95_ms: float | None = None
    shown_count: int = 0
    stage_us: dict[str, float] = {}
    temperature_c: float | None = None
    throttled: bool | None = None
    slowed: Literal["", "load", "heat", "power"] = ""
    queue_lost: dict[str, int] = {}
    requests_refused: int = 0
    requests_ignored: int = 0
