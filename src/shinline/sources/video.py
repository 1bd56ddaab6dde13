"""Recordings as a frame source: luma with the file's own time stamps, turned the right way up.

Time is what the container says, never a frame count over a rate: phone recordings have a variable
frame rate. The first frame is time 0.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import av
import numpy as np

from shinline.sources.pacing import PacedFrames
from shinline.types import NS_PER_S, Frame, U8Image

PICTURE_FORMATS: Final = ("image2", "_pipe", "gif", "apng")
"""Containers of still pictures, which decode as a video of one frame."""

DEFAULT_RATE_HZ: Final = 30.0

CUT_S: Final = 0.25
CUT_SHARE: Final = 0.02
"""Sound may outlast the pictures by so much in a file that is whole."""


class VideoError(Exception):
    """The file cannot be used as a recording; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """What the container says before it is decoded; sizes as displayed."""

    path: Path
    width_px: int
    height_px: int
    rate_hz: float
    frames_estimate: int
    duration_s: float


class VideoFile:
    """A recording. ``frames`` can be called again; each call decodes from the beginning.

    Raises
    ------
    VideoError
        From the constructor: the file is missing, no recording, or has no decodable frame.

    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problem = ""
        """Set while decoding: why frames are missing from a damaged file, or nothing."""
        self.info = self._probe()

    def frames(self) -> Iterator[Frame]:
        """Decode all frames; stops early at damage and then says so in ``problem``."""
        last_ns = -1
        for seq, (t_ns, luma) in enumerate(self._decode()):
            if t_ns <= last_ns:
                self.problem = "some pictures carry a time that does not go forward; left out"
                continue
            last_ns = t_ns
            yield Frame(seq, t_ns, 0, luma)
        self._note_cut(last_ns / NS_PER_S + 1.0 / self.info.rate_hz)

    def _note_cut(self, end_s: float) -> None:
        """Say so when the pictures end well before the recording should."""
        whole_s = self.info.duration_s
        if not self.problem and whole_s - end_s > max(CUT_S, CUT_SHARE * whole_s):
            self.problem = f"the file was cut off: {end_s:.1f} s of {whole_s:.1f} s are there"

    def sampled(self, count: int) -> Iterator[Frame]:
        """Decode all frames but hand out only about ``count``, spread evenly in time."""
        step_ns = max(1, int(self.info.duration_s * NS_PER_S / max(1, count)))
        due_ns = 0
        for frame in self.frames():
            if frame.t_ns >= due_ns:
                yield frame
                due_ns = frame.t_ns + step_ns

    def _probe(self) -> VideoInfo:
        if not self.path.exists():
            raise VideoError(f"{self.path}: no such file")
        if self.path.is_dir():
            raise VideoError(f"{self.path}: is a folder; expected a video file")
        with _opened(self.path) as container:
            stream = _video_stream(container, self.path)
            rate = float(stream.average_rate or stream.guessed_rate or DEFAULT_RATE_HZ)
            frames = stream.frames
            duration_s = _duration_s(container, stream)
        first = next(self._decode(), None)
        if first is None:
            why = f" ({self.problem})" if self.problem else ""
            raise VideoError(f"{self.path}: not one picture in it can be decoded{why}")
        height, width = first[1].shape
        if not frames:
            frames = max(1, round(duration_s * rate))
        return VideoInfo(self.path, width, height, rate, frames, duration_s or frames / rate)

    def _decode(self) -> Iterator[tuple[int, U8Image]]:
        """Yield (time since the first frame in ns, luma as displayed)."""
        with _opened(self.path) as container:
            stream = _video_stream(container, self.path)
            stream.thread_type = "AUTO"
            start: float | None = None
            guess_s = 0.0
            period_s = 1.0 / float(stream.average_rate or DEFAULT_RATE_HZ)
            try:
                for frame in container.decode(stream):
                    now_s = guess_s if frame.time is None else float(frame.time)
                    start = now_s if start is None else start
                    guess_s = now_s + period_s
                    yield round((now_s - start) * NS_PER_S), _luma(frame)
            except av.error.FFmpegError as problem:
                self.problem = f"the file is damaged after {guess_s:.1f} s: {problem.strerror}"


def _opened(path: Path) -> Any:
    try:
        return av.open(str(path))
    except (av.error.FFmpegError, OSError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise VideoError(
            f"{path}: not a readable video ({reason}); expected a recording such as .mp4 or .mov"
        ) from None


def _video_stream(container: Any, path: Path) -> Any:
    if any(mark in container.format.name for mark in PICTURE_FORMATS):
        raise VideoError(f"{path}: is a picture; expected a recording")
    if not container.streams.video:
        raise VideoError(f"{path}: has no video in it")
    return container.streams.video[0]


def _duration_s(container: Any, stream: Any) -> float:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return float(container.duration or 0) / av.time_base


def _luma(frame: Any) -> U8Image:
    """Return the picture's brightness, 8 bit, turned as the file asks."""
    planar = frame.format.name.startswith(("yuv4", "yuvj4", "nv12", "nv21", "gray"))
    if not planar or frame.format.components[0].bits != 8:
        frame = frame.reformat(format="gray")
    plane = frame.planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    luma = rows[: frame.height, : frame.width]
    turns = round(getattr(frame, "rotation", 0) / 90) % 4
    return np.ascontiguousarray(np.rot90(luma, turns))


def open_source(path: Path, realtime: bool) -> PacedFrames:
    """Open a recording as a camera: at its own speed, or as fast as it is read."""
    video = VideoFile(path)
    info = video.info
    return PacedFrames(
        video.frames(), path.name, info.width_px, info.height_px, info.rate_hz, realtime
    )
