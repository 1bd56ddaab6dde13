"""Plays rhythms on something that can be on or off, on a thread of its own."""

import threading
import time
from collections.abc import Callable
from typing import Final

from shinline_pi.colours import Colour
from shinline_pi.signals import FOREVER_S, Signal

SILENCE: Final = Signal("silence", "nothing", ((False, FOREVER_S),))


class Player:
    """Repeats one signal, and plays others before it, once.

    Parameters
    ----------
    put
        Switches: on in a colour, or off. Called on the player's thread only.
    name
        Of the thread.
    failed
        Is told what ``put`` raised; nothing is played any more.

    """

    def __init__(
        self, put: Callable[[Colour, bool], None], name: str, failed: Callable[[Exception], None]
    ) -> None:
        self._put = put
        self._failed = failed
        self._turn = threading.Condition()
        self._standing = SILENCE
        self._once: Signal | None = None
        self._changed = False
        self._closing = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def stand(self, signal: Signal) -> None:
        """Repeat a signal from now on, or from the end of what is played before it."""
        with self._turn:
            if signal is not self._standing:
                self._standing = signal
                self._changed = self._changed or self._once is None
                self._turn.notify()

    def once(self, signal: Signal, matters: bool = True) -> None:
        """Play a signal now; one that does not matter waits for nothing and breaks nothing off."""
        with self._turn:
            if matters or self._once is None:
                self._once, self._changed = signal, True
                self._turn.notify()

    def close(self) -> None:
        """Switch off, and end the thread."""
        with self._turn:
            self._closing = True
            self._turn.notify()
        self._thread.join()

    def _work(self) -> None:
        try:
            while not self._closing:
                self._play()
            self._put(Colour.OFF, False)
        except Exception as problem:  # noqa: BLE001  (drivers raise what they like)
            self._failed(problem)

    def _play(self) -> None:
        """Play a signal to its end, or until there is another."""
        with self._turn:
            self._changed = False
            signal = self._once or self._standing
        for is_on, length_s in signal.steps:
            self._put(signal.colour, is_on)
            if self._interrupted(length_s):
                return
        with self._turn:
            if self._once is signal:
                self._once = None

    def _interrupted(self, for_s: float) -> bool:
        until_s = time.monotonic() + for_s
        with self._turn:
            while not (self._changed or self._closing):
                left_s = until_s - time.monotonic()
                if left_s <= 0.0:
                    return False
                self._turn.wait(left_s)
            return True
