"""Whether requests are listened to at all: not while somebody floods them.

Every message that arrives takes time from the loop that follows the bar, even if it is thrown away
at once: one interpreter serves both. Of what is not subscribed to, nothing arrives.
"""

import logging
import threading
from collections.abc import Callable
from typing import Final

from shinline.wire.pace import Pace

_LOG = logging.getLogger(__name__)

BURST: Final = 100.0
PER_S: Final = 60.0
"""What is listened to: more than all pages together ever ask, and little work."""

DEAF_S: Final = 5.0
"""How long nobody is listened to then; after that it is tried again, with a short burst."""

LATE_S: Final = 1.0
"""What still arrives so long after the subscription was ended: it was not ended after all."""


class Hearing:
    """Stops listening when too much arrives, and listens again a few seconds later.

    Parameters
    ----------
    now_s
        A clock that never goes back.
    listen
        Ends the subscription (False) or makes it again (True). Called on the thread that brings
        the messages, and on the one that calls :meth:`look`.

    """

    def __init__(self, now_s: Callable[[], float], listen: Callable[[bool], None]) -> None:
        self._now_s = now_s
        self._listen = listen
        self._pace = Pace(BURST, PER_S)
        self._deaf_since_s: float | None = None
        self._told = False
        self._lock = threading.Lock()

    def admits(self) -> bool:
        """Count a message that arrived; return whether to look into it."""
        with self._lock:
            now_s, since_s = self._now_s(), self._deaf_since_s
            if since_s is None and self._pace.allows(now_s):
                return True
            stops = since_s is None or now_s - since_s > LATE_S
            if stops:
                self._deaf_since_s = now_s
        if stops:
            self._stop()
        return False

    def look(self) -> None:
        """Listen again when it is time; to be called now and then."""
        with self._lock:
            since_s = self._deaf_since_s
            if since_s is None or self._now_s() - since_s < DEAF_S:
                return
            self._deaf_since_s = None
            self._pace = Pace(BURST, PER_S)
        self._listen(True)

    def _stop(self) -> None:
        self._listen(False)
        if not self._told:
            self._told = True
            _LOG.warning(
                "MQTT: more than %.0f requests a second; nobody is listened to for %.0f s at a "
                "time until that ends (said once)",
                PER_S,
                DEAF_S,
            )
