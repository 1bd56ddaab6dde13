"""The phones of a running device: who was paired may log in, and who was taken out may not.

The file is looked at twice a second, because ``shinline pair`` is another process.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Final

from shinline.app.access import AccessBook, AccessError
from shinline.web.state import Credential
from shinline.wire.accounts import Account
from shinline.wire.ports import BrokerError

LOOK_EVERY_S: Final = 0.5

Tell = Callable[[Sequence[Account]], None]


class Phones:
    """The book of a running device. ``warn`` is called with what is wrong, once each time.

    While the file cannot be read nobody new is let in, and the broker keeps whom it knows.
    """

    def __init__(self, book: AccessBook, warn: Callable[[str], None]) -> None:
        self._book = book
        self._warn = warn
        self._problem = ""
        self._tell: Tell | None = None
        self._told: Sequence[Account] = ()
        self._turn = threading.Lock()  # of telling
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="phones", daemon=True)

    def code(self) -> str:
        """Return the pairing code, made now if there is none; empty when that cannot be."""
        try:
            return self._book.code()
        except AccessError as problem:
            self._complain(str(problem))
            return ""

    def accounts(self) -> Sequence[Account]:
        """Return who may log in now, and remember that the broker was told."""
        self._told = self._look() or ()
        return self._told

    def follow(self, tell: Tell) -> None:
        """Tell the broker from now on, after :meth:`accounts`, until :meth:`close`."""
        self._tell = tell
        self._thread.start()

    def knows(self, username: str, password: str) -> bool:
        """Tell whether this is the credential of somebody who was paired. Raises AccessError."""
        return self._book.knows(username, password)

    def pair(self, code: str, name: str) -> Credential | None:
        """Pair a phone; when this returns, the broker knows it. Raises AccessError."""
        credential = self._book.pair(code, name)
        if credential is not None:
            self._refresh()
        return credential

    def close(self) -> None:
        """Stop looking."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(LOOK_EVERY_S):
            self._refresh()

    def _refresh(self) -> None:
        with self._turn:
            now = self._look()
            if now is not None and now == self._told:
                self._problem = ""
            if self._tell is None or now is None or now == self._told:
                return
            try:
                self._tell(now)
            except (BrokerError, OSError) as problem:  # tried again at the next look
                self._complain(f"the broker cannot be told who may log in: {problem}")
            else:
                self._told, self._problem = now, ""

    def _look(self) -> Sequence[Account] | None:
        try:
            return self._book.accounts()
        except AccessError as problem:
            self._complain(str(problem))
            return None

    def _complain(self, problem: str) -> None:
        if problem != self._problem:
            self._problem = problem
            self._warn(problem)
