"""Arrays to bytes and back, with a checksum; both ends of the format of ``chunks`` and ``path``.

A session's record holds the layout of its arrays. Rows of an older layout are read by the names
of their fields; fields it did not have are NaN, 0 or False.
"""

import json
import zlib
from dataclasses import dataclass
from typing import Final

import numpy as np

from shinline.types import DETECTION, FRAME, NS_PER_S, PATH, Rows

FRAMES_PER_CHUNK: Final = 256
DETECTIONS_PER_CHUNK: Final = 1024
CHUNK_NS: Final = NS_PER_S
"""A chunk spans less than this, so that a power cut costs about a second."""

LAYOUT: Final[dict[str, np.dtype[np.void]]] = {
    "frame": FRAME,
    "detection": DETECTION,
    "path": PATH,
}


class DamagedError(ValueError):
    """Stored bytes are not what was written; the message says in which way."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Up to a second of what the engine ate, as bytes. ``n`` counts from 0; lost ones count too."""

    n: int
    t_first_ns: int
    t_last_ns: int
    frame_count: int
    frames: bytes
    detections: bytes


class ChunkBuffer:
    """Collects frames and their detections in memory that was set aside once."""

    def __init__(self) -> None:
        self._frames = np.zeros(FRAMES_PER_CHUNK, FRAME)
        self._detections = np.zeros(DETECTIONS_PER_CHUNK, DETECTION)
        self._frame_count = 0
        self._detection_count = 0
        self._t_first_ns = 0
        self._next_n = 0

    def takes(self, t_ns: int, detection_count: int) -> bool:
        """Say whether a frame still belongs to, and fits into, the present chunk."""
        if self._frame_count == 0:
            return True
        return (
            self._frame_count < FRAMES_PER_CHUNK
            and self._detection_count + detection_count <= DETECTIONS_PER_CHUNK
            and 0 <= t_ns - self._t_first_ns < CHUNK_NS
        )

    def add(self, head: np.void, detections: Rows) -> None:
        """Copy one FRAME row and its DETECTION rows; ask :meth:`takes` before."""
        if self._frame_count == 0:
            self._t_first_ns = int(head["t_ns"])
        end = self._detection_count + len(detections)
        self._frames[self._frame_count] = head
        self._detections[self._detection_count : end] = detections
        self._frame_count += 1
        self._detection_count = end

    def cut(self) -> Chunk | None:
        """Return what was collected and start the next chunk; None when there is nothing."""
        if self._frame_count == 0:
            return None
        frames = self._frames[: self._frame_count]
        chunk = Chunk(
            n=self._next_n,
            t_first_ns=self._t_first_ns,
            t_last_ns=int(frames[-1]["t_ns"]),
            frame_count=self._frame_count,
            frames=frames.tobytes(),
            detections=self._detections[: self._detection_count].tobytes(),
        )
        self._frame_count = self._detection_count = 0
        self._next_n += 1
        return chunk


def crc(data: bytes) -> int:
    """Return the CRC-32 of stored bytes."""
    return zlib.crc32(data)


def layout_json() -> str:
    """Return the layout of today's arrays, for a session's record."""
    return json.dumps({name: dtype.descr for name, dtype in LAYOUT.items()})


def read_layout(text: str) -> dict[str, np.dtype[np.void]]:
    """Return the layout that a session was recorded with; DamagedError when it is none."""
    try:
        described = json.loads(text)
        return {
            name: np.dtype([(str(field), str(kind)) for field, kind in described[name]])
            for name in LAYOUT
        }
    except (KeyError, TypeError, ValueError) as problem:
        raise DamagedError(f"the layout of its arrays is unreadable ({problem})") from problem


def unpack(
    data: bytes, checksum: int, recorded: np.dtype[np.void], today: np.dtype[np.void]
) -> Rows:
    """Return stored bytes as writable rows of today's layout.

    Writable, because a kernel compiled for the live rows would otherwise be compiled again.
    """
    if crc(data) != checksum:
        raise DamagedError("its checksum does not fit")
    if recorded.hasobject or len(data) % recorded.itemsize:
        raise DamagedError(f"{len(data)} bytes are no whole number of rows")
    rows = np.frombuffer(data, recorded)
    if recorded == today:
        return rows.copy()
    return _by_name(rows, today)


def _by_name(rows: Rows, today: np.dtype[np.void]) -> Rows:
    known = set(rows.dtype.names or ())
    out = np.zeros(len(rows), today)
    for name in today.names or ():
        if name in known:
            out[name] = rows[name]
        elif today[name].kind == "f":
            out[name] = np.nan
    return out
