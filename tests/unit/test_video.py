"""Recordings as they come: damaged, turned, irregular, or no recordings at all."""

import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from shinline.sources.video import VideoError, VideoFile
from shinline.types import NS_PER_S

TICKS = 90_000
TURNS = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}
"""Matrix (a, b, c, d) of the clockwise turn that a player has to make."""


def _picture(i: int, width: int, height: int) -> NDArray[np.uint8]:
    """A bright upper left corner and a block that moves."""
    luma = np.full((height, width), 60, np.uint8)
    luma[: height // 4, : width // 4] = 220
    left = (7 * i) % (width - 16)
    luma[height // 2 : height // 2 + 16, left : left + 16] = 150
    return luma


def _write(
    path: Path,
    times_s: Sequence[float],
    width: int = 160,
    height: int = 96,
) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, TICKS)
        stream.options = {"preset": "ultrafast", "bf": "0", "g": "10"}
        for i, t_s in enumerate(times_s):
            luma = _picture(i, width, height)
            frame = av.VideoFrame.from_ndarray(luma, format="gray").reformat(format="yuv420p")
            frame.pts, frame.time_base = round(t_s * TICKS), Fraction(1, TICKS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def _turned(path: Path, degrees: int) -> Path:
    """Write a turn into the track header's matrix, as phones do."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4
    version = data[at]
    at += 4 + (32 if version else 20) + 16
    a, b, c, d = (65536 * v for v in TURNS[degrees])
    data[at : at + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(bytes(data))
    return path


def _times(count: int) -> list[float]:
    return [i / 30.0 for i in range(count)]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _write(tmp_path_factory.mktemp("clips") / "plain.mp4", _times(45))


def test_a_recording_gives_all_its_frames_in_order(plain: Path) -> None:
    video = VideoFile(plain)
    frames = [(frame.seq, frame.t_ns) for frame in video.frames()]
    assert [seq for seq, _ in frames] == list(range(45))
    assert frames[0][1] == 0
    assert frames[30][1] == NS_PER_S
    assert (video.info.width_px, video.info.height_px) == (160, 96)
    assert video.info.rate_hz == pytest.approx(30.0)
    assert video.problem == ""


def test_luma_is_that_of_the_picture(plain: Path) -> None:
    frame = next(VideoFile(plain).frames())
    assert frame.luma.dtype == np.uint8
    assert frame.luma.flags.c_contiguous
    assert frame.luma[:24, :40].mean() == pytest.approx(220 * 219 / 255 + 16, abs=4)


def test_frames_can_be_read_again(plain: Path) -> None:
    video = VideoFile(plain)
    first, second = ([f.luma.tobytes() for f in video.frames()] for _ in range(2))
    assert first == second


def test_samples_are_spread_over_the_recording(plain: Path) -> None:
    times = [frame.t_ns / NS_PER_S for frame in VideoFile(plain).sampled(9)]
    assert 8 <= len(times) <= 10
    assert times[-1] > 1.2


def test_the_files_own_times_are_kept(tmp_path: Path) -> None:
    """A variable rate with a gap of 117 ms, and a first frame that is not at zero."""
    times = [0.5, 0.516, 0.55, 0.667, 0.7, 0.71, 0.9]
    frames = list(VideoFile(_write(tmp_path / "vfr.mp4", times)).frames())
    expected = [round((t - 0.5) * NS_PER_S) for t in times]
    got = [frame.t_ns for frame in frames]
    np.testing.assert_allclose(got, expected, atol=NS_PER_S / TICKS)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_recording_is_turned_upright(tmp_path: Path, degrees: int) -> None:
    video = VideoFile(_turned(_write(tmp_path / "turned.mp4", _times(3)), degrees))
    luma = next(video.frames()).luma
    upright = np.rot90(_picture(0, 160, 96), -degrees // 90)
    assert luma.shape == upright.shape
    assert (video.info.height_px, video.info.width_px) == luma.shape
    assert np.corrcoef(luma.ravel(), upright.ravel())[0, 1] > 0.98


def test_a_portrait_of_4k_is_read(tmp_path: Path) -> None:
    video = VideoFile(_write(tmp_path / "tall.mp4", _times(2), 2160, 3840))
    assert [frame.luma.shape for frame in video.frames()] == [(3840, 2160)] * 2


def _index_first(path: Path, target: Path) -> Path:
    """Copy with the index before the pictures, as a recording is prepared for a network."""
    options = {"movflags": "faststart"}
    with av.open(str(path)) as given, av.open(str(target), "w", options=options) as taken:
        stream = taken.add_stream_from_template(given.streams.video[0])
        for packet in given.demux(given.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                taken.mux(packet)
    return target


@pytest.mark.parametrize("kind", ["mkv", "mp4"])
def test_a_cut_recording_gives_what_it_has_and_says_so(tmp_path: Path, kind: str) -> None:
    whole = _write(tmp_path / f"whole.{kind}", _times(60))
    if kind == "mp4":
        whole = _index_first(whole, tmp_path / "indexed.mp4")
    cut = tmp_path / f"cut.{kind}"
    data = whole.read_bytes()
    cut.write_bytes(data[: len(data) * 6 // 10])
    video = VideoFile(cut)
    frames = list(video.frames())
    assert 5 < len(frames) < 50
    expected = f"the file was cut off: {len(frames) / 30:.1f} s of 2.0 s are there"
    assert video.problem == expected


def test_a_cut_mp4_without_its_index_is_refused(tmp_path: Path, plain: Path) -> None:
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(plain.read_bytes()[: plain.stat().st_size // 2])
    with pytest.raises(VideoError, match=r"cut\.mp4: not a readable video"):
        VideoFile(cut)


def _fragmented(path: Path) -> Path:
    with av.open(str(path), "w", options={"movflags": "frag_keyframe+empty_moov"}) as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        stream.options = {"preset": "ultrafast", "g": "10"}
        for i in range(60):
            frame = av.VideoFrame.from_ndarray(_picture(i, 160, 96), format="gray")
            container.mux(stream.encode(frame.reformat(format="yuv420p")))
        container.mux(stream.encode())
    return path


def test_a_fragmented_mp4_that_was_cut_gives_its_beginning(tmp_path: Path) -> None:
    """What a phone leaves behind when its battery dies."""
    data = _fragmented(tmp_path / "frag.mp4").read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(data[: len(data) * 7 // 10])
    video = VideoFile(cut)
    assert 10 <= len(list(video.frames())) < 60
    assert "cut off" in video.problem


def _text(path: Path) -> None:
    path.write_text("this is not a film\n" * 40, encoding="utf-8")


def _photo(path: Path) -> None:
    cv2.imwrite(str(path), _picture(0, 160, 96))


def _sound(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48_000, layout="mono")
        for i in range(20):
            samples = np.zeros((1, 1024), np.float32)
            frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 48_000, 1024 * i
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


@pytest.mark.parametrize(
    ("name", "make", "says"),
    [
        ("missing.mp4", lambda path: None, "no such file"),
        ("folder.mp4", Path.mkdir, "is a folder"),
        ("notes.mp4", _text, "not a readable video"),
        ("empty.mp4", Path.touch, "not a readable video"),
        ("photo.png", _photo, "is a picture"),
        ("photo.jpg", _photo, "is a picture"),
        ("sound.m4a", _sound, "has no video in it"),
    ],
)
def test_what_is_no_recording_is_refused_in_one_line(
    tmp_path: Path, name: str, make: object, says: str
) -> None:
    path = tmp_path / name
    make(path)  # type: ignore[operator]
    with pytest.raises(VideoError) as caught:
        VideoFile(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert says in message
    assert "\n" not in message


def test_a_photo_by_another_name_is_still_a_picture(tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    _photo(photo)
    disguised = photo.rename(tmp_path / "photo.mp4")
    with pytest.raises(VideoError, match="is a picture"):
        VideoFile(disguised)


def test_a_header_without_a_frame_is_refused(tmp_path: Path) -> None:
    data = _fragmented(tmp_path / "frag.mp4").read_bytes()
    head = tmp_path / "head.mp4"
    head.write_bytes(data[: data.index(b"moof") - 4])
    with pytest.raises(VideoError, match=r"not one picture|not a readable"):
        VideoFile(head)
