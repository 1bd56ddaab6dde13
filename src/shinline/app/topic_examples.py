"""One example of each message and of each request, for the docs.

The numbers are those of the bundled recording, rounded; the camera's are made up.
"""

from typing import Any, Final

import msgspec

from shinline.wire import mount, payloads, topics
from shinline.wire.topics import Topic

_WHEN: Final = "2026-11-26T06:30:14.016667Z"
_REP_ID: Final = "20261126T063000-0002"
_WHO: Final[dict[str, Any]] = {"lifter": "Anna", "lift": "conventional", "load_kg": 120.0}

_FORWARD: Final = payloads.Fault(
    code="bar_forward",
    severity="fault",
    value=0.044,
    sd=0.002,
    unit="m",
    threshold=0.03,
    confidence=1.0,
    assessed=True,
    reason="",
)
_GAP: Final = payloads.Fault(
    code="setup_gap",
    severity="info",
    value=None,
    sd=None,
    unit="m",
    threshold=0.085,
    confidence=0.0,
    assessed=False,
    reason="no ankle marker",
)

_REP: Final = payloads.FinishedRep(
    id=_REP_ID,
    **_WHO,
    set=1,
    rep=2,
    start="2026-11-26T06:30:10.652163Z",
    lockout="2026-11-26T06:30:12.029155Z",
    end="2026-11-26T06:30:13.966667Z",
    floor="2026-11-26T06:30:13.966667Z",
    rom_m=0.55,
    mean_velocity_mps=0.399,
    mean_velocity_sd_mps=0.004,
    peak_velocity_mps=0.519,
    peak_acceleration_mps2=3.114,
    time_to_knee_s=0.681,
    concentric_s=1.377,
    eccentric_s=1.117,
    drift_forward_m=0.045,
    drift_backward_m=0.035,
    drift_sd_m=0.002,
    drift_at_knee_m=0.024,
    loop_m=0.009,
    sticking_height_m=None,
    floor_time_s=3.235,
    style="dead_stop",
    faults=(_GAP, _FORWARD),
    tracked_ratio=1.0,
    hip=payloads.Hip(
        trunk_drop_deg=0.0,
        trunk_drop_sd_deg=0.28,
        hip_rise_m=0.089,
        shoulder_rise_m=0.109,
        rise_ratio=0.816,
    ),
    valid=True,
    not_assessed=("sticking_height_m",),
    notes=(),
)

_MOUNT: Final = mount.Mount(
    width_px=1280,
    height_px=800,
    verdict="usable",
    headline="Usable: the camera is not level enough to judge the drift.",
    reasons=("The camera is not level enough to judge the drift.",),
    checks=(
        mount.Check(
            code="level",
            state="fair",
            title="Level",
            text="Nobody has shown the camera what is upright.",
            value=0.0,
            sd=1.0,
            unit="deg",
            error_mm=9.6,
        ),
    ),
    level=mount.Level(roll_deg=0.0, roll_sd_deg=1.0),
    markers=(
        mount.Marker(
            role="bar", x_px=612.3, y_px=598.1, r_px=24.2, error_mm=0.2, state="good", text="Good."
        ),
    ),
)

BODIES: Final[dict[Topic, msgspec.Struct]] = {
    topics.INFO: payloads.Info(
        version="0.1.0",
        camera="imx296",
        width_px=1280,
        height_px=800,
        rate_hz=60.0,
        roles=("bar", "hip", "shoulder"),
        capabilities=("bar_path", "reps", "cues", "hips", "mounting"),
    ),
    topics.CALIBRATION: payloads.Calibration(
        valid=True,
        scale_m_per_px=0.00331,
        roll_deg=0.42,
        roll_sd_deg=0.05,
        floor_ok=True,
        age_s=172800.0,
    ),
    topics.STATE: payloads.State(
        phase="lowering",
        **_WHO,
        set=1,
        rep=2,
        target_reps=4,
        velocity_loss=0.13,
        velocity_loss_limit=0.2,
        under_way=True,
    ),
    topics.LIVE: payloads.Live(
        t0="2026-11-26T06:30:11.500000Z",
        dt_ms=16.667,
        x_m=(0.041, 0.042, 0.043),
        y_m=(0.275, 0.283, 0.291),
        vy_mps=(0.483, 0.485, 0.485),
        sd_m=0.001,
        coasting=False,
    ),
    topics.SETUP: payloads.Setup(
        steps=(
            payloads.SetupStep(code="bend", state="done"),
            payloads.SetupStep(code="grab", state="check_yourself"),
            payloads.SetupStep(code="shins", state="now"),
            payloads.SetupStep(code="chest", state="waiting"),
            payloads.SetupStep(code="pull", state="waiting"),
        ),
        ready=False,
        checks=(_GAP,),
    ),
    topics.REP: payloads.RepMessage(
        type="update",
        id=_REP_ID,
        after=msgspec.to_builtins(
            payloads.RepSoFar(id=_REP_ID, **_WHO, set=1, rep=2, faults=(_FORWARD,))
        ),
    ),
    topics.REP_LAST: _REP,
    topics.SET_LAST: payloads.SetSummary(
        **_WHO,
        set=1,
        reps=4,
        tonnage_kg=480.0,
        best_velocity_mps=0.459,
        last_velocity_mps=0.419,
        velocity_loss=0.087,
        faults={"bar_forward": 1},
        path_spread_m=0.029,
        assessed={"bar_forward": 4, "short_lockout": 2},
    ),
    topics.CUE: payloads.Cue(
        id="20261126T063000-cue-0002",
        code="bar_forward",
        severity="fault",
        moment="after",
        text="Drag the bar up your legs.",
        rep_id=_REP_ID,
        evidence={"value": 0.044, "sd": 0.002, "unit": "m", "threshold": 0.03, "confidence": 1.0},
        latency_ms=8.4,
        ttl_ms=4000,
    ),
    topics.STATS: payloads.Stats(
        rate_hz=60.0,
        dropped=0,
        tracked_ratio=1.0,
        latency_p50_ms=6.1,
        latency_p95_ms=8.4,
        decided_p50_ms=5.9,
        decided_p95_ms=8.1,
        handed_p50_ms=6.4,
        handed_p95_ms=8.9,
        stage_us={"detect": 2400.0, "advance": 180.0, "hand_over": 90.0},
        temperature_c=61.5,
        throttled=False,
        queue_lost={"live": 0, "stats": 0, "preview": 0, "response": 0},
    ),
    topics.MOUNT: _MOUNT,
}
"""Bodies without the envelope."""

_TIMED: Final = frozenset(BODIES) - {topics.INFO, topics.STATS}
"""Those that come from a frame."""

REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "preview": {"on": True},
    "level": {},
    "calibrate": {"action": "start", "step": "rest", "values": {"plate_diameter_mm": 450}},
    "cancel": {},
    "health_check": {},
    "start_set": {"lifter": "Anna", "lift": "sumo", "load_kg": 120, "target_reps": 5},
    "end_set": {},
    "set_load": {"load_kg": 122.5},
    "label_rep": {"rep_id": _REP_ID, "label": "good"},
    "rate_set": {"rpe": 8.5},
    "feedback_now": {},
    "mute": {"on": True},
    "report_soreness": {"place": "quads", "level": 3},
    "shown": {"id": "20261126T063000-cue-0002", "page_ms": 12.4},
}
"""By verb, without the transaction."""

_PLAN: Final[dict[str, Any]] = {
    "lifter": "Anna",
    "lift": "sumo",
    "load_kg": 120.0,
    "target_reps": 5,
    "target_rpe": None,
    "mode": "standard",
    "muted": False,
}

ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "preview": {"on": True, "for_s": 60},
    "level": {"roll_deg": 0.42, "roll_sd_deg": 0.05, "pitch_deg": -1.3, "known": True},
    "calibrate": {"text": "Leave the bar where it lies."},
    "cancel": {},
    "health_check": {"verdict": "ready", "headline": "Ready."},
    "start_set": {"set": 2, "plan": _PLAN},
    "end_set": {"set": 2, "reps": 5, "reason": ""},
    "set_load": {"set": 2, "plan": {**_PLAN, "load_kg": 122.5}},
    "label_rep": {"rep_id": _REP_ID, "label": "good"},
    "rate_set": {"rpe": 8.5},
    "feedback_now": {
        "code": "bar_forward",
        "text": "Drag the bar up your legs.",
        "rep_id": _REP_ID,
        "reason": "",
    },
    "mute": {"on": True},
    "report_soreness": {"place": "quads", "level": 3.0},
}
"""The ``data`` of the answers to these."""


def message(topic: Topic) -> dict[str, Any]:
    """Return a whole message: the envelope and the body."""
    head: dict[str, Any] = {"schema": topics.SCHEMA, "seq": 17}
    timed = {"t_capture": _WHEN} if topic in _TIMED else {}
    body: dict[str, Any] = msgspec.to_builtins(BODIES[topic])
    return {**head, **timed, **body}


def request(verb: str) -> dict[str, Any]:
    """Return a request as somebody sends it who wants to know which answer is his."""
    return {**REQUESTS[verb], "transaction": "phone-1-42"}


def answer(verb: str) -> dict[str, Any]:
    """Return its answer."""
    head = {"schema": topics.SCHEMA, "seq": 17}
    body = {"status": "ok", "data": ANSWERS[verb], "error": "", "transaction": "phone-1-42"}
    return {**head, **body}
