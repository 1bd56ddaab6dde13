"""What cameras do when no picture comes: they are opened again, and those who wait are told."""

import logging
from collections.abc import Callable
from typing import Final, TypeVar

_LOG = logging.getLogger(__name__)
_T = TypeVar("_T")

WAIT_S: Final = 1.0
BACKOFF_S: Final = (0.0, 0.5, 2.0)
"""Pauses before each attempt to open the camera again; after the last one it is given up."""


class CameraError(OSError):
    """The camera cannot be used; the message says why and what to do."""


class Patience:
    """Tries for some seconds to get a camera back.

    Attributes
    ----------
    on_silence
        Called with True when the pictures stop, and with False when they are back.

    """

    def __init__(self, sleep: Callable[[float], None]) -> None:
        self._sleep = sleep
        self._silent = False
        self.on_silence: Callable[[bool], None] = lambda _silent: None

    def insist(self, attempt: Callable[[], _T], shut: Callable[[], None]) -> _T:
        """Return what ``attempt`` does; while it raises CameraError, ``shut`` and try again.

        Raises
        ------
        CameraError
            The last attempt's, when the pauses are used up.

        """
        for pause_s in BACKOFF_S:
            try:
                return self._tell_success(attempt())
            except CameraError as problem:
                _LOG.warning("%s; opening the camera again", problem)
                self._tell(True)
            shut()
            self._sleep(pause_s)
        return self._tell_success(attempt())

    def _tell_success(self, result: _T) -> _T:
        self._tell(False)
        return result

    def _tell(self, silent: bool) -> None:
        if silent != self._silent:
            self._silent = silent
            self.on_silence(silent)
