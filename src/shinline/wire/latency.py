"""How long a cue takes from the camera to the screen, measured at every station on the way.

All instants are on the sensor's clock, read by the device: no phone's clock counts. *Shown* is when
the page's own word, that the cue is on the screen, has come back to the device: the way back is in
it, so it says too much and never too little.
"""

import threading
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import Final

import numpy as np

KEPT: Final = 200
"""The figures are of so many of the last cues: about an evening's."""

REMEMBERED: Final = 32
"""So many cues may still be on their way to a screen; of an older one nobody speaks any more."""

PHONES_MAX: Final = 16
"""More screens than this in one hall are not counted: somebody is playing."""

LATEST_MS: Final = 60_000.0
"""What comes later than this says that a phone had been asleep, and nothing of the way."""


@dataclass(slots=True)
class _Cue:
    captured_ns: int
    screens: int = 0


class CueClock:
    """Follows cues from the frame that decided them. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cues: OrderedDict[str, _Cue] = OrderedDict()
        self._spans: dict[str, deque[float]] = {
            station: deque(maxlen=KEPT) for station in ("decided", "handed", "shown")
        }

    def decided(self, cue_id: str, captured_ns: int, now_ns: int) -> None:
        """Take in a cue that the engine has just given, of a frame captured at ``captured_ns``."""
        with self._lock:
            self._cues[cue_id] = _Cue(captured_ns)
            if len(self._cues) > REMEMBERED:
                self._cues.popitem(last=False)
            self._add("decided", captured_ns, now_ns)

    def handed(self, cue_id: str, now_ns: int) -> None:
        """Take in that it is with the MQTT client now."""
        with self._lock:
            cue = self._cues.get(cue_id)
            if cue is not None:
                self._add("handed", cue.captured_ns, now_ns)

    def shown(self, cue_id: str, page_ms: float, now_ns: int) -> bool:
        """Take in a page's word that it is on its screen; tell whether that can be true.

        It cannot be of a cue that nobody gave, nor have spent longer in the page than there was
        time.
        """
        with self._lock:
            cue = self._cues.get(cue_id)
            if cue is None or cue.screens >= PHONES_MAX:
                return False
            if not page_ms <= (now_ns - cue.captured_ns) / 1e6 <= LATEST_MS:
                return False
            cue.screens += 1
            self._add("shown", cue.captured_ns, now_ns)
            return True

    def figures(self) -> dict[str, float]:
        """Return medians and 95th percentiles, by their names in ``stats``; none where unknown."""
        with self._lock:
            spans = {station: np.array(values) for station, values in self._spans.items() if values}
        return {
            f"{station}_p{percent}_ms": round(float(np.percentile(values, percent)), 3)
            for station, values in spans.items()
            for percent in (50, 95)
        }

    @property
    def screens(self) -> int:
        """How many of the spans to a screen are in the figures."""
        with self._lock:
            return len(self._spans["shown"])

    def _add(self, station: str, captured_ns: int, now_ns: int) -> None:
        self._spans[station].append((now_ns - captured_ns) / 1e6)
