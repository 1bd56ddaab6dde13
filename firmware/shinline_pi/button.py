"""One button: a short press asks for feedback, a long one begins or ends a set."""

import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

SETTLE_S: Final = 0.025
"""Contacts bounce for some milliseconds; longer than this nothing is to change."""

LONG_S: Final = 0.8
"""A press of a hand in a hurry lasts up to half a second."""


class Contact(Protocol):
    """What :class:`gpiozero.Button` has of it."""

    is_pressed: bool
    when_pressed: Callable[[], None] | None
    when_released: Callable[[], None] | None

    def close(self) -> None:
        """Let go of the pin."""
        ...


class Presses:
    """Tells short presses from long ones; a long one while the button is still held, and once.

    Parameters
    ----------
    contact
        The button, without debouncing.
    short, long
        Called on a thread of ours.
    failed
        Is told what reading the contact, or one of these, raised.

    """

    def __init__(
        self,
        contact: Contact,
        short: Callable[[], None],
        long: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._contact = contact
        self._short, self._long, self._failed = short, long, failed
        self._edge = threading.Event()
        self._closing = False
        contact.when_pressed = contact.when_released = self._edge.set
        self._thread = threading.Thread(target=self._work, name="shinline-button", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread, and let go of the pin."""
        self._closing = True
        self._edge.set()
        self._thread.join()
        self._contact.when_pressed = self._contact.when_released = None
        self._contact.close()

    def _work(self) -> None:
        try:
            self._until(False)  # one that is held, or stuck, from the start is no press
            while not self._closing:
                self._until(True)
                if self._closing:
                    return
                if self._until(False, LONG_S):
                    self._short()
                else:
                    self._long()
                    self._until(False)
        except Exception as problem:  # noqa: BLE001  (drivers raise what they like)
            self._failed(problem)

    def _until(self, pressed: bool, for_s: float | None = None) -> bool:
        """Wait until the contact has settled at a state; False when it has not within a time."""
        deadline_s = None if for_s is None else time.monotonic() + for_s
        while not self._closing:
            self._edge.clear()
            is_there = self._contact.is_pressed is pressed
            if is_there and not self._edge.wait(SETTLE_S):
                return True
            if is_there:
                continue  # it bounced
            left_s = None if deadline_s is None else deadline_s - time.monotonic()
            if left_s is not None and left_s <= 0.0:
                return False
            self._edge.wait(left_s)
        return False
