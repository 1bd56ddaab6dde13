"""A recording as files: H.264 in MP4 with its true time stamps, and the truth beside it."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final, Protocol

import msgspec

from shinline.sim.recording import Recording, build
from shinline.sim.scenario import Scenario
from shinline.sim.setting_up import SetUp, set_up_truth
from shinline.sim.truth import truth
from shinline.types import NS_PER_S, Frame

Progress = Callable[[int, int], None]
"""Called with the frames done and the frames in all."""


class Filmed(Protocol):
    """What has frames to be written: a recording, or a part of one."""

    @property
    def scenario(self) -> Scenario:
        """The camera, room and marker."""
        ...

    def __len__(self) -> int: ...

    def frames(self) -> Iterator[Frame]:
        """Render every frame, in order."""
        ...


_TICKS_PER_S: Final = 90_000  # the finest clock common to players; 11 microseconds
_KEYFRAME_S: Final = 2.0
_OPTIONS: Final = {"preset": "medium"}


def write_clip(
    scenario: Scenario,
    path: Path,
    truth_path: Path,
    progress: Progress | None = None,
    quality: int = 21,
) -> Recording:
    """Render a scenario into a video file and its truth into a JSON file.

    Parameters
    ----------
    quality
        x264's constant rate factor, 0 (without loss) .. 51.
    progress
        Called after each frame.

    Raises
    ------
    ValueError
        The scenario cannot be built.
    OSError
        A file cannot be written.

    """
    recording = build(scenario)
    _write(recording, path, progress, quality)
    truth_path.write_bytes(msgspec.json.encode(truth(recording)) + b"\n")
    return recording


def write_set_up(
    scene: SetUp, path: Path, truth_path: Path, progress: Progress | None = None, quality: int = 21
) -> None:
    """Render a scene of the camera's set-up, with how it stands; see :func:`write_clip`."""
    _write(scene, path, progress, quality)
    truth_path.write_bytes(msgspec.json.encode(set_up_truth(scene)) + b"\n")


def _write(
    recording: Recording | SetUp, path: Path, progress: Progress | None, quality: int
) -> None:
    part = path.with_name(path.name + ".part")  # an interrupted clip never passes for a whole one
    try:
        encode(recording, part, progress, quality)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def encode(
    recording: Filmed,
    path: Path,
    progress: Progress | None = None,
    quality: int = 21,
) -> None:
    """Write the frames as grey video, each with its own time stamp; see :func:`write_clip`."""
    import av  # large, and only what writes files needs it
    from av.video.reformatter import ColorRange

    setup = recording.scenario.camera
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=Fraction(setup.rate_hz).limit_denominator())
        stream.width, stream.height = setup.width_px, setup.height_px
        stream.pix_fmt = "yuv420p"
        stream.time_base = Fraction(1, _TICKS_PER_S)
        stream.codec_context.time_base = Fraction(1, _TICKS_PER_S)
        stream.gop_size = max(1, round(_KEYFRAME_S * setup.rate_hz))
        stream.codec_context.color_range = ColorRange.JPEG
        stream.options = {**_OPTIONS, "crf": str(quality)}
        for frame in recording.frames():
            picture = av.VideoFrame.from_ndarray(frame.luma, format="gray").reformat(
                format="yuv420p", src_color_range=ColorRange.JPEG, dst_color_range=ColorRange.JPEG
            )
            picture.pts = round(frame.t_ns * _TICKS_PER_S / NS_PER_S)
            picture.time_base = Fraction(1, _TICKS_PER_S)
            container.mux(stream.encode(picture))
            if progress is not None:
                progress(frame.seq + 1, len(recording))
        container.mux(stream.encode(None))
