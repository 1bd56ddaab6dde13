"""The machine's health, looked at by a thread of its own: asking the firmware takes a while."""

import threading
from collections.abc import Callable
from typing import Final

from shinline.app import machine
from shinline.app.machine import Health

EVERY_S: Final = 2.0


class Nurse:
    """Looks every few seconds, and remembers the last look.

    Parameters
    ----------
    look
        Tells how the machine fares; may take its time.

    """

    def __init__(self, look: Callable[[], Health] = machine.look, every_s: float = EVERY_S) -> None:
        self._look = look
        self._every_s = every_s
        self._stop = threading.Event()
        self.health = Health()
        """As it was found last."""
        self._thread = threading.Thread(target=self._work, name="health", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look no more. Closing twice does no harm."""
        self._stop.set()
        self._thread.join(machine.ANSWER_S + 1.0)

    def _work(self) -> None:
        while True:
            self.health = self._look()
            if self._stop.wait(self._every_s):
                return
