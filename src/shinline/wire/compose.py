"""From what happened to the messages that say so. Pure: no socket, no thread, no clock.

The composer remembers what the retained topics say now, so that an event which changes a part of
one (a marker found, a scale fixed, a phase) gives the whole message again.
"""

from collections import Counter
from dataclasses import dataclass, replace
from functools import singledispatchmethod
from typing import Any, Final

import msgspec
import numpy as np

from shinline.config import Config, first_plan
from shinline.types import (
    AskEvent,
    CameraEvent,
    CueEvent,
    Event,
    FaultEvent,
    FaultVerdict,
    MarkerEvent,
    Phase,
    PhaseEvent,
    Plan,
    PlanEvent,
    RepEvent,
    RepKind,
    Role,
    Rows,
    ScaleEvent,
    SetEvent,
    SetupEvent,
    SetupStep,
    StepState,
)
from shinline.wire import encode, topics
from shinline.wire.encode import Body, UtcFromSensor
from shinline.wire.live import LiveBatcher
from shinline.wire.mount import Mount, Response
from shinline.wire.payloads import Calibration, Info, State, Stats
from shinline.wire.topics import Topic

STEPS: Final = tuple(
    SetupStep(code, StepState.WAITING) for code in ("bend", "grab", "shins", "chest", "pull")
)
"""The set-up when nothing of it has begun."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message that waits to be sent.

    ``decided_ns`` is the sensor time from which ``latency_ms`` is measured when the message is
    handed over; None for messages that carry no latency. ``below`` is what follows the topic's
    name: a slash and the verb that is answered.
    """

    topic: Topic
    fields: Body | bytes
    decided_ns: int | None = None
    below: str = ""

    def latency_ms(self, now_ns: int) -> float | None:
        """Return the time from capture to ``now_ns`` on the sensor's clock."""
        if self.decided_ns is None:
            return None
        return round((now_ns - self.decided_ns) / 1e6, 3)

    def left_ms(self, now_ns: int) -> float | None:
        """Return how long a cue is good for from now on, below 0 if no longer; None for others."""
        latency_ms = self.latency_ms(now_ns)
        if latency_ms is None or isinstance(self.fields, bytes):
            return None
        ttl_ms: int = self.fields["ttl_ms"]
        return ttl_ms - latency_ms

    def to_bytes(self, now_ns: int) -> bytes:
        """Encode; ``now_ns`` is the time of the hand-over on the sensor's clock."""
        if isinstance(self.fields, bytes):
            return self.fields
        left_ms = self.left_ms(now_ns)
        if left_ms is None:
            return encode.to_bytes(self.fields)
        measured = {"latency_ms": self.latency_ms(now_ns), "expired": left_ms < 0.0}
        return encode.to_bytes(self.fields | measured)


class Composer:
    """Turns events and reports into messages with envelope and sequence number.

    Not thread-safe: the sink calls it under its lock.
    """

    def __init__(self, config: Config, utc: UtcFromSensor) -> None:
        self._config = config
        self._utc = utc
        self._seq: Counter[str] = Counter()
        self._plan = first_plan(config)
        self._state = _SetInProgress(self._plan, config.coach.velocity_loss_fault)
        self._setup = SetupEvent(0, STEPS, None)
        self._faults: tuple[FaultVerdict, ...] = ()
        """Of the rep that is under way: decided while it is."""

        self._rep_id = ""
        self._info: Info | None = None
        self._calibration = Calibration(valid=False)
        self._camera: CameraEvent | None = None
        self._roles: frozenset[Role] = frozenset()
        self._live = LiveBatcher(utc)

    def opening(self) -> list[Message]:
        """Say that nothing has happened yet, over whatever an earlier run left retained."""
        return [
            *self._calibration_again(),
            self._message(topics.STATE, self._state.now),
            self._message(topics.SETUP, encode.setup(self._setup)),
        ]

    def live(self, states: Rows) -> list[Message]:
        """Take one frame's STATE rows; give the batches that became ready."""
        return [self._message(topics.LIVE, b.live, b.t_ns) for b in self._live.add(states)]

    def info(self, info: Info) -> list[Message]:
        """Say what is watching. The markers seen so far are filled in."""
        self._info = info
        return self._info_again()

    def camera(self, ok: bool) -> list[Message]:
        """Say whether pictures come."""
        if self._info is None or self._info.camera_ok == ok:
            return []
        return self.info(msgspec.structs.replace(self._info, camera_ok=ok))

    def calibration(self, calibration: Calibration) -> list[Message]:
        """Say how far the metres can be trusted. What the camera's events said is kept."""
        self._calibration = calibration
        return self._calibration_again()

    def stats(self, stats: Stats) -> list[Message]:
        """Say how well the machine keeps up."""
        return [self._message(topics.STATS, stats)]

    def mount(self, mount: Mount, t_ns: int) -> list[Message]:
        """Say how the camera stands."""
        return [self._message(topics.MOUNT, mount, t_ns)]

    def preview(self, jpeg: bytes) -> list[Message]:
        """Send a picture, bare."""
        return [Message(topics.PREVIEW, jpeg)]

    def response(self, verb: str, response: Response) -> list[Message]:
        """Answer a request."""
        return [self._message(topics.RESPONSE, response, below=f"/{verb}")]

    @singledispatchmethod
    def event(self, event: Event) -> list[Message]:
        """Give the messages of one event, in the order in which they must arrive."""
        raise TypeError(f"no message is known for {type(event).__name__}")

    @event.register
    def _phase(self, event: PhaseEvent) -> list[Message]:
        rest = self._live.phase(event.phase)
        return [
            *(self._message(topics.LIVE, b.live, b.t_ns) for b in rest),
            *self._state_if_new(event, event.t_ns),
            *(self._setup_is_over(event.t_ns) if event.phase is Phase.PULL else []),
        ]

    @event.register
    def _rep(self, event: RepEvent) -> list[Message]:
        if event.kind is RepKind.NEW:
            self._rep_id, self._faults = event.id, ()
        faults = self._faults if event.id == self._rep_id else ()
        body = encode.rep_message(event, self._config, self._utc, self._plan, faults)
        messages = [self._message(topics.REP, body, event.t_ns)]
        if event.kind is RepKind.END and event.rep is not None:
            messages.append(self._message(topics.REP_LAST, body["after"], event.t_ns))
        return messages + self._state_if_new(event, event.t_ns)

    @event.register
    def _fault(self, event: FaultEvent) -> list[Message]:
        """Tell a fault of a rep under way, with those before it; a newer verdict takes over."""
        others = (fault for fault in self._faults if fault.code != event.verdict.code)
        self._faults = (*others, event.verdict)
        after = encode.rep_so_far(event.rep_id, event.set, event.number, self._plan, self._faults)
        kind = RepKind.UPDATE.value
        body = {"type": kind, "id": event.rep_id, "after": after, "reason": ""}
        return [self._message(topics.REP, body, event.t_ns)]

    @event.register
    def _set_up(self, event: SetupEvent) -> list[Message]:
        before, self._setup = self._setup, replace(event, t_ns=0)
        if self._setup == before:
            return []
        return [self._message(topics.SETUP, encode.setup(event), event.t_ns)]

    def _setup_is_over(self, t_ns: int) -> list[Message]:
        """Take a light back that was for the moment before the pull."""
        return self._set_up(SetupEvent(t_ns, self._setup.steps, None))

    @event.register
    def _planned(self, event: PlanEvent) -> list[Message]:
        self._plan = event.plan
        return self._state_if_new(event, event.t_ns)

    @event.register
    def _asked(self, _event: AskEvent) -> list[Message]:
        """Say nothing: who asked gets an answer, and what it caused has events of its own."""
        return []

    @event.register
    def _cue(self, event: CueEvent) -> list[Message]:
        message = self._message(topics.CUE, encode.cue(event), event.t_ns)
        return [replace(message, decided_ns=event.t_ns)]

    @event.register
    def _set(self, event: SetEvent) -> list[Message]:
        body = encode.set_summary(event, self._config)
        return [
            self._message(topics.SET_LAST, body, event.t_ns),
            *self._state_if_new(event, event.t_ns),
        ]

    @event.register
    def _marker(self, event: MarkerEvent) -> list[Message]:
        change = frozenset({event.role})
        self._roles = self._roles | change if event.seen else self._roles - change
        return self._info_again()

    @event.register
    def _scale(self, event: ScaleEvent) -> list[Message]:
        self._calibration = msgspec.structs.replace(
            self._calibration, valid=True, scale_m_per_px=event.scale_m_per_px
        )
        self._camera = None  # new metres stand on the picture as it is now
        return self._calibration_again(event.t_ns)

    @event.register
    def _moved(self, event: CameraEvent) -> list[Message]:
        self._camera = event
        return self._calibration_again(event.t_ns)

    def _calibration_again(self, t_ns: int | None = None) -> list[Message]:
        said = encode.with_camera(self._calibration, self._camera)
        return [self._message(topics.CALIBRATION, said, t_ns)]

    def _info_again(self) -> list[Message]:
        if self._info is None:
            return []
        roles = tuple(role.name.lower() for role in sorted(self._roles))
        info = msgspec.structs.replace(self._info, roles=roles)
        return [self._message(topics.INFO, info)]

    def _state_if_new(
        self, event: PhaseEvent | RepEvent | SetEvent | PlanEvent, t_ns: int
    ) -> list[Message]:
        before = self._state.now
        self._state.follow(event)
        if self._state.now == before:
            return []
        return [self._message(topics.STATE, self._state.now, t_ns)]

    def _message(
        self, topic: Topic, body: msgspec.Struct | Body, t_ns: int | None = None, below: str = ""
    ) -> Message:
        name = topic.name + below
        self._seq[name] += 1
        bare = body if isinstance(body, dict) else msgspec.to_builtins(body, enc_hook=_bare)
        t_capture = None if t_ns is None else self._utc(t_ns)
        return Message(
            topic,
            encode.envelope(encode.json_object(bare), self._seq[name], t_capture),
            below=below,
        )


def _bare(value: object) -> Any:
    """Make a Python number of one of NumPy's."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} has no place in a message")


class _SetInProgress:
    """What the ``state`` topic says, kept up to date by events."""

    def __init__(self, plan: Plan, loss_limit: float) -> None:
        self._best_mps: float | None = None
        self.now = State(
            phase=Phase.IDLE.value,
            set=0,
            rep=0,
            velocity_loss_limit=loss_limit,
            **_planned_fields(plan),
        )

    def follow(self, event: PhaseEvent | RepEvent | SetEvent | PlanEvent) -> None:
        """Take in one event; the end of a set that is no longer the current one says nothing."""
        if isinstance(event, SetEvent):
            if event.set == self.now.set:
                self._change(velocity_loss=event.velocity_loss, under_way=False)
            return
        if event.set != self.now.set:
            self._best_mps = None
            self._change(set=event.set, rep=0, velocity_loss=None, under_way=False)
        if isinstance(event, PlanEvent):
            self._change(**_planned_fields(event.plan))
            return
        if isinstance(event, PhaseEvent):
            self._change(phase=event.phase.value, rep=event.rep)
        elif event.kind is RepKind.END:
            self._change(under_way=True)
            if event.rep and event.rep.mean_velocity_mps:
                self._change(velocity_loss=self._loss(event.rep.mean_velocity_mps))

    def _loss(self, last_mps: float) -> float:
        """Return 1 - last / fastest mean velocity; the fastest is often the second rep."""
        self._best_mps = max(last_mps, self._best_mps or last_mps)
        return 1.0 - last_mps / self._best_mps

    def _change(self, **fields: Any) -> None:
        self.now = msgspec.structs.replace(self.now, **fields)


def _planned_fields(plan: Plan) -> dict[str, Any]:
    return {
        **encode.who_lifts_what(plan),
        "target_reps": plan.target_reps,
        "target_rpe": plan.target_rpe,
        "muted": plan.muted,
    }
