"""Requests that wait to be answered: bounded, and refused when they come too fast.

Nothing here waits for anybody. The MQTT client's thread puts requests in and gets back at once what
is to be answered to those that are refused; the loop takes the others out between two frames.
"""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from shinline.wire.requests import (
    BadRequest,
    Request,
    Transaction,
    answered_on,
    parse,
    transaction_of,
)

MOST_PER_S: Final = 20
"""A page asks once in a while; a program that asks more often has gone wrong, or means harm."""

MOST_WAITING: Final = 16
"""The loop answers within a frame or two. More than this waits only when it stands still."""

TOO_MANY: Final = f"too many requests; expected at most {MOST_PER_S} a second"
BUSY: Final = f"busy: {MOST_WAITING} requests wait already; expected fewer at a time"


_NONE: Final[Mapping[str, Callable[[Request], None]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Refusal:
    """The answer to a request that is not passed on. ``verb`` is the last part of its topic."""

    verb: str
    error: str
    transaction: Transaction | None


class Inbox:
    """Take requests in, in the order in which they come.

    Parameters
    ----------
    now_s
        A clock that never goes back.
    aside
        Takes the requests of some verbs at once, on the thread that puts them in.
    """

    def __init__(
        self, now_s: Callable[[], float], aside: Mapping[str, Callable[[Request], None]] = _NONE
    ) -> None:
        self.ignored = 0
        """Requests of a flood, to which not even a refusal was sent."""

        self._now_s = now_s
        self._aside = aside
        self._lock = threading.Lock()
        self._waiting: deque[Request] = deque()
        self._accepted = _Rate()
        self._refused = _Rate()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, verb: str, payload: bytes, retained: bool) -> Refusal | None:
        """Take a request in, or return how it is refused.

        A retained one is from some other day, whoever sent it may be gone, and it would come again
        with every connection: it is ignored. So is what a flood brings beyond ``MOST_PER_S``
        refusals a second.
        """
        if retained:
            return None
        with self._lock:
            now_s = self._now_s()
            if not self._accepted.allows(now_s):
                return self._refuse_flood(verb, payload, now_s)
            return self._put(verb, payload)

    def take(self) -> Request | None:
        """Return the request that has waited longest; None when there is none. Never waits."""
        return self._waiting.popleft() if self._waiting else None

    def _put(self, verb: str, payload: bytes) -> Refusal | None:
        try:
            request = parse(verb, payload)
        except BadRequest as problem:
            return Refusal(answered_on(verb), str(problem), transaction_of(payload))
        if verb in self._aside:
            self._aside[verb](request)
            return None
        if len(self._waiting) >= MOST_WAITING:
            return Refusal(verb, BUSY, request.transaction)
        self._waiting.append(request)
        return None

    def _refuse_flood(self, verb: str, payload: bytes, now_s: float) -> Refusal | None:
        if not self._refused.allows(now_s):
            self.ignored += 1
            return None
        return Refusal(answered_on(verb), TOO_MANY, transaction_of(payload))


class _Rate:
    """Lets ``MOST_PER_S`` pass in any second."""

    def __init__(self) -> None:
        self._passed_s: deque[float] = deque(maxlen=MOST_PER_S)

    def allows(self, now_s: float) -> bool:
        if len(self._passed_s) == MOST_PER_S and now_s - self._passed_s[0] < 1.0:
            return False
        self._passed_s.append(now_s)
        return True
