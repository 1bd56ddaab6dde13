"""The command line as it is typed: bad input gets one line and the right exit code."""

import json
import socket
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result
from run_material import DEMO

from shinline.cli import main
from shinline.journal.record import DEFINITIONS


def shinline(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_help_names_every_command() -> None:
    text = shinline("--help").output
    commands = [
        "analyze",
        "bench",
        "detect",
        "doctor",
        "export",
        "replay",
        "review",
        "run",
        "simulate",
        "verify",
    ]
    assert [name for name in commands if name not in text] == []


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("missing.mp4", None, "no such file"),
        ("text.mp4", b"these are only words\n", "not a readable video"),
        ("empty.mp4", b"", "not a readable video"),
        ("cut.mp4", DEMO.read_bytes()[:2000], "not a readable video"),
    ],
)
@pytest.mark.parametrize("command", ["analyze", "run"])
def test_a_file_that_is_no_recording_is_told_in_one_line(
    tmp_path: Path, command: str, name: str, content: bytes | None, expected: str
) -> None:
    clip = tmp_path / name
    if content is not None:
        clip.write_bytes(content)
    result = shinline(command, str(clip), "--marker", "ring")
    assert result.exit_code == 1
    assert expected in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_photo_is_not_taken_for_a_recording(tmp_path: Path) -> None:
    photo = tmp_path / "photo.mp4"
    photo.write_bytes(cv2.imencode(".jpg", np.full((480, 640), 90, np.uint8))[1].tobytes())
    result = shinline("analyze", str(photo))
    assert (result.exit_code, "is a picture" in result.stderr) == (1, True)


def _write_clip(path: Path, frames: int, height: int, width: int) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        rng = np.random.default_rng(4)
        for _ in range(frames):
            grey = rng.integers(90, 110, (height, width)).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="gray").reformat(format="yuv420p")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


@pytest.mark.parametrize(("height", "width"), [(360, 640), (3840, 2160)])
def test_a_recording_without_a_plate_says_so_and_invents_nothing(
    tmp_path: Path, height: int, width: int
) -> None:
    clip, out = tmp_path / "room.mp4", tmp_path / "out.json"
    _write_clip(clip, 6, height, width)
    result = shinline("analyze", str(clip), "--json", str(out))
    assert result.exit_code == 1
    assert "no plate to follow" in result.stderr
    told = json.loads(out.read_text())
    assert told["reps"] == []
    assert told["definitions"] == DEFINITIONS


def test_an_unknown_configuration_key_is_named(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[marker]\nkidn = 'ring'\n")
    result = shinline("run", "--config", str(config))
    assert result.exit_code == 2
    assert "kidn" in result.stderr


def test_a_value_out_of_range_is_wrong_use() -> None:
    result = shinline("analyze", str(DEMO), "--plate-diameter-m", "4.5")
    assert result.exit_code == 2
    assert "plate_diameter_m" in result.stderr


def test_a_port_in_use_is_named_and_another_is_offered(tmp_path: Path) -> None:
    with socket.create_server(("0.0.0.0", 0)) as taken:
        port = str(taken.getsockname()[1])
        journal = tmp_path / "journal.sqlite3"
        arguments = ["--mqtt-port", "0", "--ws-port", "0", "--journal", str(journal)]
        result = shinline("run", str(DEMO), "--marker", "ring", "--port", port, *arguments)
    assert result.exit_code == 1
    assert port in result.stderr
    assert "free" in result.stderr


def test_a_journal_that_cannot_be_written_is_told_before_anything_starts(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    arguments = ["--port", "0", "--mqtt-port", "0", "--ws-port", "0"]
    result = shinline(
        "run", str(DEMO), "--marker", "ring", *arguments, "--journal", str(blocked / "j.sqlite3")
    )
    assert result.exit_code == 1
    assert "journal" in result.stderr


def test_an_unknown_source_lists_those_there_are() -> None:
    result = shinline("run", "--source", "telescope")
    assert result.exit_code == 2
    assert "picamera" in result.stderr


def test_detect_finds_the_ring_in_a_picture_and_writes_the_agreed_fields(tmp_path: Path) -> None:
    with av.open(str(DEMO)) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="gray")
    image, out = tmp_path / "frame.png", tmp_path / "found.json"
    cv2.imwrite(str(image), picture)
    assert shinline("detect", str(image), "--json", str(out)).exit_code == 0
    found = json.loads(out.read_text())[0]
    assert found["file"] == str(image)
    bar = next(d for d in found["detections"] if d["role"] == "bar")
    assert set(bar) == {"x_px", "y_px", "r_px", "sd_px", "role", "id"}
    truth = json.loads(DEMO.with_suffix(".truth.json").read_text())["frames"]
    assert bar["x_px"] == pytest.approx(truth["ring_x_px"][0], abs=0.1)
    assert bar["y_px"] == pytest.approx(truth["ring_y_px"][0], abs=0.1)


def test_an_export_format_that_does_not_exist_says_which_do(tmp_path: Path) -> None:
    result = shinline("export", "last", "--format", "parquet", "--journal", str(tmp_path / "none"))
    assert result.exit_code == 1


def test_a_fault_with_a_typo_says_what_was_expected(tmp_path: Path) -> None:
    result = shinline(
        "simulate", "--out", str(tmp_path / "a.mp4"), "--truth", str(tmp_path / "a.json"),
        "--fault", "bar_foward=0.04",
    )  # fmt: skip
    assert result.exit_code == 2
    assert "bar_forward" in result.stderr
