"""Sample lifts for the pages: reps, paths and messages shaped as the wire contract has them."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from shinline.app.words import languages, with_words
from shinline.config import Config

WORDS = with_words(Config()).words
LANGUAGES = languages()

RATE_HZ = 60
ROM_M = 0.56
KNEE_HEIGHT = 0.48
MARGIN_S = 0.3

# forward drift at the worst point (m), mean velocity (m/s)
REPS = [(0.008, 0.46), (0.012, 0.49), (0.019, 0.44), (0.026, 0.38), (0.034, 0.31)]
START = datetime(2026, 3, 14, 17, 30, tzinfo=UTC)


def _ease(share: float) -> float:
    """Go from 0 to 1 with no speed at either end."""
    return share**3 * (10 - 15 * share + 6 * share**2)


def _sample(t_s: float, up_s: float, down_s: float, forward_m: float) -> tuple[float, float]:
    """Place the bar at a time from lift-off: up with a bump forward, a rest at the top, down."""
    if t_s <= up_s:
        done = _ease(max(t_s, 0.0) / up_s)
        bump = forward_m * math.sin(math.pi * done) ** 2
        return bump - 0.012 * done**6, ROM_M * done
    done = 1 - _ease(min(max(t_s - up_s - 0.4, 0.0) / down_s, 1.0))
    return -0.012 * done - 0.02 * math.sin(math.pi * done) ** 2, ROM_M * done


def path_of(number: int) -> dict[str, list[float]]:
    """Return the path of rep 1 .. 5 with a margin of 0.3 s before lift-off."""
    forward_m, mean_mps = REPS[number - 1]
    up_s, down_s = ROM_M / mean_mps, 1.1
    count = int((up_s + 0.4 + down_s + 2 * MARGIN_S) * RATE_HZ)
    t_s = [i / RATE_HZ - MARGIN_S for i in range(count)]
    points = [_sample(t, up_s, down_s, forward_m) for t in t_s]
    y_m = [y for _, y in points]
    vy_mps = [(b - a) * RATE_HZ for a, b in zip(y_m, y_m[1:] + y_m[-1:], strict=True)]
    return {"t_s": t_s, "x_m": [x for x, _ in points], "y_m": y_m, "vy_mps": vy_mps}


def fault(code: str, value: float | None, unit: str, threshold: float, **more: Any) -> dict:
    """Build one fault; without a value it was not assessed."""
    severity = "fault" if value is not None and value >= 1.5 * threshold else "warn"
    assessed = value is not None
    if value is not None and value < threshold:
        severity = "good"
    base = {"code": code, "severity": severity, "value": value, "sd": None, "unit": unit}
    rest = {"threshold": threshold, "confidence": 0.9, "assessed": assessed, "reason": ""}
    return {**base, **rest, **more}


def finished_rep(number: int, set_number: int = 1, **more: Any) -> dict[str, Any]:
    """Build a finished rep of the sample set."""
    forward_m, mean_mps = REPS[number - 1]
    start = START + timedelta(seconds=20 * number)
    up_s = ROM_M / mean_mps
    end = start + timedelta(seconds=up_s + 1.5)
    rep = {
        "id": f"sample-{set_number}-{number}",
        "lifter": "Anna",
        "lift": "conventional",
        "load_kg": 142.5,
        "set": set_number,
        "rep": number,
        "start": start.isoformat(),
        "lockout": (start + timedelta(seconds=up_s)).isoformat(),
        "end": end.isoformat(),
        "rom_m": ROM_M + 0.001 * number,
        "mean_velocity_mps": mean_mps,
        "mean_velocity_sd_mps": 0.008,
        "peak_velocity_mps": mean_mps * 1.55,
        "concentric_s": up_s,
        "drift_forward_m": forward_m,
        "drift_backward_m": 0.012,
        "drift_sd_m": 0.003,
        "style": "dead_stop" if number == 1 else "touch_and_go",
        "faults": [
            fault("bar_forward", forward_m, "m", 0.020),
            fault("hips_shoot_up", None, "deg", 3.0, reason="the hip marker was out of sight"),
        ],
        "tracked_ratio": 0.99,
        "hip": None,
        "valid": True,
        "not_assessed": ["hip"],
    }
    return rep | more


def session(**more: Any) -> dict[str, Any]:
    """Build the sample session: a set of five and a set of three."""
    sets = [
        {"set": 1, "reps": [finished_rep(n) for n in range(1, 6)]},
        {"set": 2, "reps": [finished_rep(n, set_number=2, load_kg=130) for n in (2, 3, 4)]},
    ]
    head = {"id": "20260314T173000-4f2a", "started": START.isoformat(), "source": "picamera"}
    who = {"version": "0.1.0", "lifter": "Anna", "lift": "conventional", "load_kg": 142.5}
    return head | who | {"sets": sets} | more


ALARM = "The bar lies 31 mm higher than before. Put the camera back as it stood, or set it up anew."


def moved_session(**more: Any) -> dict[str, Any]:
    """Build a session whose camera moved after the second rep of five, and was put back later."""
    reps = [finished_rep(n, marks=["camera_moved"] if n > 2 else []) for n in range(1, 6)]
    more_sets = [{"set": 2, "reps": [finished_rep(n, set_number=2) for n in (2, 3)]}]
    at = [(START + timedelta(seconds=t_s)).isoformat() for t_s in (50, 130)]
    events = [
        {"t": at[0], "changed": ["height"], "text": ALARM, "evidence": {"height_m": 0.031}},
        {"t": at[1], "changed": [], "text": "The camera stands as it stood.", "evidence": {}},
    ]
    sets = [{"set": 1, "reps": reps}, *more_sets]
    return session(id="moved", sets=sets, camera_events=events) | more


def _week(monday: str, reps: int, drift_m: float, faulty: int, hips_deg: float | None) -> dict:
    """Build a week; without hips they were not judged."""
    seen = 0 if hips_deg is None else reps
    codes = {
        "bar_forward": {"assessed": reps, "faulty": faulty, "mean": drift_m, "unit": "m"},
        "hips_shoot_up": {"assessed": seen, "faulty": 0, "mean": hips_deg, "unit": "deg"},
        "rounding": {"assessed": 0, "faulty": 0, "mean": None, "unit": "deg"},
    }
    return {"week": monday, "reps": reps, "codes": codes}


WEEKS = [
    {
        "lifter": "Anna",
        "lift": "conventional",
        "weeks": [
            _week("2026-02-02", 24, 0.031, 9, None),
            _week("2026-02-09", 30, 0.027, 7, 2.9),
            _week("2026-02-16", 12, 0.024, 3, 3.4),
            _week("2026-02-23", 40, 0.022, 4, 2.2),
            _week("2026-03-09", 8, 0.020, 1, 1.6),
        ],
    },
    {"lifter": "Ben", "lift": "sumo", "weeks": [_week("2026-03-02", 10, 0.012, 0, 1.0)]},
]

ADVICE = {
    "code": "bar_forward",
    "text": "Take 5 to 10 % off and keep the bar on the legs; or try a trap bar.",
    "reason": "The bar moved forward in two of three pulls, which makes every kilogram heavier.",
}
OWN = {
    "lifter": "Anna",
    "lift": "conventional",
    "code": "bar_forward",
    "mean": 0.011,
    "sd": 0.004,
    "reps": 24,
}


def coached_session(**more: Any) -> dict[str, Any]:
    """Build a session with advice, labels and an own baseline."""
    summary = {
        "velocity_loss": 0.3,
        "faults": {"bar_forward": 1},
        "assessed": {"bar_forward": 5},
        "advice": [ADVICE],
        "decays": ["bar_forward"],
        "next_mode": "test",
        "mode": "standard",
    }
    reps = [finished_rep(n) for n in range(1, 6)]
    for rep in reps:
        rep["faults"].insert(
            0, fault("rounding", None, "deg", 12.0, reason="the mid-back marker was out of sight")
        )
        rep["faults"].insert(0, fault("knee_loop", 0.004, "m", 0.02))
        rep["faults"].insert(0, fault("lowering", 0.5, "m/s", 1.8))
        rep["faults"].insert(0, fault("short_lockout", 0.002, "m", 0.02 + 0.001 * (rep["rep"] > 2)))
    sets = [{"set": 1, "reps": reps, "summary": summary}]
    labels = {"sample-1-1": "good", "sample-1-5": "bad"}
    return session(id="coached", sets=sets, labels=labels, own=[OWN]) | more


class MemoryCatalogue:
    """A journal in memory."""

    def __init__(self, *sessions: dict[str, Any]) -> None:
        self._sessions = {one["id"]: one for one in sessions}

    def sessions(self) -> list[dict[str, Any]]:
        """Return the sessions with counts in place of the sets."""
        return [self._listed(one) for one in self._sessions.values()]

    def session(self, session: str) -> dict[str, Any]:
        """Return one session."""
        return self._sessions[session]

    def weeks(self) -> list[dict[str, Any]]:
        """Return six weeks of Anna's and two of Ben's; nothing of an empty journal."""
        return WEEKS if self._sessions else []

    def lifters(self) -> list[dict[str, Any]]:
        """Return those of the sessions, with what they did last."""
        found: dict[str, dict[str, Any]] = {}
        for rep in self._reps():
            found[rep["lifter"]] = {key: rep[key] for key in ("lifter", "lift", "load_kg", "start")}
        return list(found.values())

    def sets(self) -> list[dict[str, Any]]:
        """Return every set with its sums."""
        return [
            {key: reps[0][key] for key in ("set", "lifter", "lift", "load_kg", "start")}
            | {"reps": len(reps), "tonnage_kg": sum(rep["load_kg"] for rep in reps)}
            for reps in self._sets()
        ]

    def set_of(self, rep_id: str) -> dict[str, Any]:
        """Return the set with the rep and the labels of its session."""
        for one in self._sessions.values():
            for group in one["sets"]:
                if any(rep["id"] == rep_id for rep in group["reps"]):
                    return {"reps": group["reps"], "labels": one.get("labels", {})}
        return {"reps": [], "labels": {}}

    def _sets(self) -> list[list[dict[str, Any]]]:
        return [group["reps"] for one in self._sessions.values() for group in one["sets"]]

    def _reps(self) -> list[dict[str, Any]]:
        return [rep for reps in self._sets() for rep in reps]

    def path(self, rep_id: str) -> dict[str, list[float]]:
        """Return the path of a rep of any session."""
        known = {
            rep["id"]: rep["rep"]
            for one in self._sessions.values()
            for group in one["sets"]
            for rep in group["reps"]
        }
        return path_of(known[rep_id])

    @staticmethod
    def _listed(one: dict[str, Any]) -> dict[str, Any]:
        counts = {"set_count": len(one["sets"])}
        counts["rep_count"] = sum(len(group["reps"]) for group in one["sets"])
        return {key: value for key, value in one.items() if key != "sets"} | counts


def state(phase: str, rep: int = 0, **more: Any) -> dict[str, Any]:
    """Build a ``state`` message."""
    who = {"lifter": "Anna", "lift": "conventional", "load_kg": 142.5}
    base = {"schema": 1, "seq": 1, "phase": phase, "set": 1, "rep": rep}
    return base | who | {"target_reps": 5, "velocity_loss": 0.0} | more


def setup(
    ready: bool | None, states: tuple[str, ...], checks: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Build a ``setup`` message from the states of the five steps."""
    codes = ("bend", "grab", "shins", "chest", "pull")
    steps = [{"code": c, "state": s} for c, s in zip(codes, states, strict=True)]
    return {"schema": 1, "seq": 1, "steps": steps, "ready": ready, "checks": checks or []}


def calibration(floor_ok: bool | None, text: str | None = None) -> dict[str, Any]:
    """Build a ``calibration`` message of a camera whose roll nobody measured."""
    roll = "camera roll is not calibrated"
    head = {"schema": 1, "seq": 1, "valid": True, "scale_m_per_px": 0.0012, "roll_deg": 0.0}
    changed = ["height"] if floor_ok is False else []
    floor = {"floor_ok": floor_ok, "floor_changed": changed, "floor_text": text}
    return head | floor | {"problems": [roll, text] if text else [roll]}


def cue(text: str, ttl_ms: int = 60000, **more: Any) -> dict[str, Any]:
    """Build a ``cue`` message; by default it stays for as long as a cue may."""
    ident = more.pop("id", f"cue-{text}")
    head = {"schema": 1, "seq": 1, "id": ident, "code": "bar_forward", "severity": "fault"}
    tail = {"moment": "after", "text": text, "rep_id": "sample-1-4", "evidence": {}}
    return head | tail | {"latency_ms": 41.0, "ttl_ms": ttl_ms} | more


def live_batches(number: int, share: float = 1.0, size: int = 3) -> list[dict[str, Any]]:
    """Cut the first ``share`` of a rep's path into ``live`` messages."""
    path = path_of(number)
    count = int(len(path["t_s"]) * share)
    return [
        {
            "schema": 1,
            "seq": first // size + 1,
            "t0": START.isoformat(),
            "dt_ms": 1000 / RATE_HZ,
            **{key: path[key][first : first + size] for key in ("x_m", "y_m", "vy_mps")},
            "sd_m": 0.0004,
            "coasting": False,
        }
        for first in range(0, count, size)
    ]
