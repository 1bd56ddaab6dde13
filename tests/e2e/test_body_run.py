"""A pose network of the user's own, in the program as it is started."""

import json
from pathlib import Path

import av
import numpy as np
import pytest
from body_material import blob, heatmap_model
from click.testing import CliRunner
from run_material import program

from shinline.cli import main
from shinline.journal.reader import Catalogue
from shinline.types import Role

SIZE = (240, 320)
FRAMES = 60


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write two seconds in which a bright blob rises. There is no bar."""
    path = tmp_path_factory.mktemp("clip") / "blob.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.height, stream.width, stream.pix_fmt = *SIZE, "yuv420p"
        for n in range(FRAMES):
            grey = blob(160.0, 200.0 - 2.0 * n, SIZE, sigma=9.0)
            frame = av.VideoFrame.from_ndarray(np.maximum(grey, 16), format="gray")
            container.mux(stream.encode(frame.reformat(format="yuv420p")))
        container.mux(stream.encode())
    return path


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("settings")
    model = heatmap_model(folder / "pose.onnx")
    path = folder / "shinline.toml"
    path.write_text(
        f'[body]\nsource = "onnx"\nmodel = "{model}"\n[marker]\nfacing = "right"\n'
        '[web]\nbind = "127.0.0.1"\nport = 0\n[mqtt]\nport = 0\nws_port = 0\n'
    )
    return path


def test_what_the_network_saw_is_kept_and_replayed_without_it(
    tmp_path: Path, clip: Path, settings: Path
) -> None:
    journal = tmp_path / "journal.sqlite3"
    arguments = ("run", str(clip), "--config", str(settings), "--journal", str(journal))
    with program(*arguments, journal=journal) as running:
        running.wait_for(r"body source: \d+ pictures looked at, somebody seen in [1-9]")
        running.process.wait()
    Path(settings.parent / "pose.onnx").rename(tmp_path / "gone.onnx")
    try:
        catalogue = Catalogue(journal)
        (session,) = catalogue.sessions()
        frames = list(catalogue.recorded(session["id"]))
        seen = [
            (int(head["t_ns"]), row)
            for head, rows in frames
            for row in rows
            if row["role"] == Role.HIP_POSE
        ]
        assert seen
        number = {int(head["t_ns"]): int(head["seq"]) for head, _ in frames}
        for t_ns, row in seen:
            assert int(row["t_ns"]) < t_ns  # of the picture it is of, which came before
            height = 200.0 - 2.0 * number[int(row["t_ns"])]
            assert (row["x_px"], row["y_px"]) == pytest.approx((160.0, height), abs=2.5)
        arguments = ("replay", session["id"], "--check", "--journal", str(journal))
        again = CliRunner().invoke(main, list(arguments))
        assert again.exit_code == 0, again.output
    finally:
        (tmp_path / "gone.onnx").rename(settings.parent / "pose.onnx")


def test_a_recording_is_analysed_with_the_network_and_a_missing_one_is_named(
    tmp_path: Path, clip: Path, settings: Path
) -> None:
    runner = CliRunner()
    told = tmp_path / "told.json"
    arguments = ["analyze", str(clip), "--config", str(settings), "--json", str(told)]
    runner.invoke(main, arguments)
    assert json.loads(told.read_text())["frames"] == FRAMES
    lost = tmp_path / "lost.toml"
    lost.write_text('[body]\nsource = "onnx"\nmodel = "/nowhere/pose.onnx"\n')
    for command in ("analyze", "run"):
        said = runner.invoke(main, [command, str(clip), "--config", str(lost)])
        assert said.exit_code == 2, said.output
        assert "body.model: /nowhere/pose.onnx: no such file" in said.stderr
