"""What is asked of the coach: from a request to the engine, and its events into an answer."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final, Protocol

from shinline.config import Config, first_plan
from shinline.journal.errors import JournalError
from shinline.types import CueEvent, Event, Plan, PlanEvent, RepEvent, RepKind, SetEvent
from shinline.wire import requests
from shinline.wire.requests import Request

NO_REP: Final = "no repetition has been finished in this set yet"
NO_SET: Final = "no repetition has been finished since the last set ended"

Values = dict[str, str | int | float | bool | None]


class Askable(Protocol):
    """The part of the engine that can be asked."""

    def ask(self, verb: str, values: Values) -> list[Event]:
        """Do what is asked; the events it caused, itself first. ValueError when it cannot be."""
        ...


class KnowsReps(Protocol):
    """The part of the journal that knows repetitions of earlier sessions."""

    def has_rep(self, rep_id: str) -> bool:
        """Tell whether there is a finished repetition of that id."""
        ...


class Asking:
    """Answers requests for the coach in one session.

    Parameters
    ----------
    engine
        Is asked between two frames.
    hand_over
        Takes the events that this causes, as it does those of a frame.
    journal
        Knows the repetitions of earlier sessions; those of this one may not be written yet.
    config
        Says what was planned before anybody asked.
    """

    def __init__(
        self,
        engine: Askable,
        hand_over: Callable[[list[Event]], None],
        journal: KnowsReps,
        config: Config,
    ) -> None:
        self._engine = engine
        self._hand_over = hand_over
        self._journal = journal
        self.plan = first_plan(config)
        """What is planned now."""

        self._reps: set[str] = set()
        self._answers: dict[str, Callable[[Values, list[Event]], dict[str, Any]]] = {
            "start_set": self._planned,
            "set_load": self._planned,
            "end_set": _ended,
            "feedback_now": _said,
        }

    def follow(self, event: Event) -> None:
        """Keep up with the session."""
        if isinstance(event, PlanEvent):
            self.plan = event.plan
        elif isinstance(event, RepEvent) and event.kind is RepKind.END:
            self._reps.add(event.id)
        elif isinstance(event, RepEvent) and event.kind is RepKind.VOID:
            self._reps.discard(event.id)

    def resume(self, plan: Plan) -> None:
        """Go on with the plan of a session before: its camera was calibrated anew, or it looped.

        It is asked for as by anybody, so that the record of this session knows of it.
        """
        if plan == self.plan:
            return
        values: Values = asdict(plan)
        muted = values.pop("muted")
        self._hand_over(self._engine.ask("start_set", values))
        if muted:
            self._hand_over(self._engine.ask("mute", {"on": True}))

    def answer(self, request: Request) -> dict[str, Any]:
        """Ask the engine and return what the request is answered with.

        Raises
        ------
        ValueError
            It cannot be done; the message says what was expected. Nothing has happened then.
        """
        body = request.body
        assert isinstance(body, requests.CoachBody)  # noqa: S101  (the desk sends no others)
        values = body.values()
        if isinstance(body, requests.LabelRep):
            self._expect_known(body.rep_id)
        events = self._engine.ask(request.verb, values)
        self._hand_over(events)
        tell = self._answers.get(request.verb)
        return dict(values) if tell is None else tell(values, events)

    def _expect_known(self, rep_id: str) -> None:
        if rep_id in self._reps:
            return
        try:
            known = self._journal.has_rep(rep_id)
        except JournalError as problem:
            raise ValueError(f"earlier repetitions cannot be looked up: {problem}") from None
        if not known:
            raise ValueError(
                f"no repetition {rep_id!r}; expected the id of a finished one, "
                "of this session or of an earlier one"
            )

    def _planned(self, values: Values, events: list[Event]) -> dict[str, Any]:
        # The end of the set before may have changed the plan as well: the last word counts.
        planned = next((e for e in reversed(events) if isinstance(e, PlanEvent)), None)
        if planned is None:
            return {"set": None, "plan": _plan_fields(self.plan)}
        return {"set": planned.set, "plan": _plan_fields(planned.plan)}


def _ended(_values: Values, events: list[Event]) -> dict[str, Any]:
    ended = next((event for event in events if isinstance(event, SetEvent)), None)
    if ended is None:
        return {"set": None, "reps": 0, "reason": NO_SET}
    return {"set": ended.set, "reps": ended.reps, "reason": ""}


def _said(_values: Values, events: list[Event]) -> dict[str, Any]:
    cue = next((event for event in events if isinstance(event, CueEvent)), None)
    if cue is None:
        return {"code": None, "text": None, "rep_id": "", "reason": NO_REP}
    return {"code": cue.code, "text": cue.text, "rep_id": cue.rep_id, "reason": ""}


def _plan_fields(plan: Plan) -> dict[str, Any]:
    return asdict(plan)
