"""``shinline calibrate lens``, from words to file; whatever goes wrong, the old file stays."""

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result
from lens_material import WIDE, pictures, views
from rich.console import Console

from shinline.app import openers
from shinline.cli import main
from shinline.types import CameraIdentity, Frame, U8Image
from shinline_cal.lens import collect, file, run, screen
from shinline_cal.lens.accept import calibrate
from shinline_cal.lens.collect import Collector, Taken
from shinline_cal.lens.model import theta_of
from shinline_cal.lens.profiles import nominal
from shinline_cal.lens.scenes import Camera
from shinline_cal.store import store

COUNT = 14
RATE_HZ = 30
HOLD = 9
"""Frames for which the chart is held still in the recording."""


@pytest.fixture(scope="module")
def shown() -> list[U8Image]:
    return pictures(WIDE, COUNT, seed=5)


@pytest.fixture(scope="module")
def folder(shown: list[U8Image], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("chart")
    for n, luma in enumerate(shown):
        cv2.imwrite(str(out / f"{n:02d}.png"), luma)
    return out


@pytest.fixture(scope="module")
def clip(shown: list[U8Image], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "chart.mp4"
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=RATE_HZ)
        stream.width, stream.height, stream.pix_fmt = *WIDE.size_px, "yuv420p"
        stream.options = {"crf": "8", "preset": "ultrafast", "g": "9"}
        for luma in shown:
            for _ in range(HOLD):
                frame = av.VideoFrame.from_ndarray(luma, "gray").reformat(format="yuv420p")
                container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def call(out: Path, *words: object) -> Result:
    command = ["calibrate", "lens", "--serial", "rack", "--out", str(out), *map(str, words)]
    return CliRunner().invoke(main, command)


def old_file(out: Path) -> bytes:
    made = call(out, "--nominal", "imx708_wide")
    assert made.exit_code == 0, made.output
    return (out / "lenses" / "rack.toml").read_bytes()


def test_pictures_give_a_file_a_report_and_a_drawing(folder: Path, tmp_path: Path) -> None:
    drawing = tmp_path / "seen.svg"
    said = call(tmp_path, folder, "--camera", "imx708_wide", "--picture", drawing)
    assert said.exit_code == 0, said.output
    lens = file.load(tmp_path / "lenses" / "rack.toml")
    assert lens.fx_px == pytest.approx(WIDE.theta[0], rel=0.002)
    assert lens.held_out_px < 0.1
    assert (lens.source, lens.camera) == ("calibrated", "imx708_wide")
    assert (lens.width_px, lens.height_px) == WIDE.size_px
    assert lens.views >= 12
    assert file.to_config(lens, *WIDE.size_px).focal_rel_sd == lens.focal_rel_sd > 0.0
    assert "views that the fit did not see" in said.output.replace("\n", " ")
    assert drawing.read_text().count("<circle") > 12 * 12
    assert not (tmp_path / "lenses" / "rack.views.json").exists()


def test_a_recording_gives_the_same_lens(clip: Path, tmp_path: Path) -> None:
    said = call(tmp_path, clip, "--camera", "imx708_wide")
    assert said.exit_code == 0, said.output
    lens = file.load(tmp_path / "lenses" / "rack.toml")
    assert lens.fx_px == pytest.approx(WIDE.theta[0], rel=0.003)
    assert lens.views >= 12


def test_a_recording_that_was_cut_off_is_used_and_told(clip: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.mkv"
    with av.open(str(clip)) as source, av.open(str(cut), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    data = cut.read_bytes()
    cut.write_bytes(data[: len(data) * 7 // 8])
    said = call(tmp_path, cut, "--camera", "imx708_wide", "--views", "8")
    assert said.exit_code == 0, said.output
    assert "cut.mkv: the file was cut off" in " ".join(said.output.split())
    assert "cut.mkv: the file was cut off" in file.load(tmp_path / "lenses" / "rack.toml").notes


class HeldUp:
    """A camera before which somebody holds the chart; it ends, or is interrupted."""

    name = "imx708_wide"
    width_px, height_px = WIDE.size_px
    rate_hz = float(RATE_HZ)
    dropped = 0

    def __init__(
        self, shown: list[U8Image], interrupt_after: int | None = None, creep_per_frame: float = 0.0
    ) -> None:
        self.creep_per_frame = creep_per_frame
        self._frames = (luma for luma in shown for _ in range(3))
        self._left = interrupt_after
        self._seq = 0
        self.closed = False

    def read(self) -> Frame | None:
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise KeyboardInterrupt
        luma = next(self._frames, None)
        self._seq += 1
        t_ns = round(self._seq * 1e9 / RATE_HZ)
        return None if luma is None else Frame(self._seq, t_ns, 1000, luma)

    @property
    def identity(self) -> CameraIdentity:
        """Its focus creeps when told to."""
        focus = 0.4 + self.creep_per_frame * self._seq
        return CameraIdentity("imx708_wide", "i2c/1a", *WIDE.size_px, "1536x864-10", focus)

    def now_ns(self) -> int:
        return 0

    def close(self) -> None:
        self.closed = True


def live(source: HeldUp, out: Path, *more: str, wanted: int = 12) -> run.Order:
    order = run.Order("rack", "", out, wanted, resume="--resume" in more)
    return run.from_camera(order, source, Console(file=io.StringIO()))[0]


def test_a_camera_gives_a_lens_and_its_own_name(
    shown: list[U8Image], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = HeldUp(shown)
    point = SimpleNamespace(name="heldup", load=lambda: lambda _config: source)
    monkeypatch.setattr(openers, "entry_points", lambda group: [point])
    words = ["calibrate", "lens", "--source", "heldup", "--views", "12", "--out", str(tmp_path)]
    said = CliRunner().invoke(main, words)
    assert said.exit_code == 0, said.output
    known = source.identity
    path = store(tmp_path, known).lens_path
    assert said.output.endswith(f"written: {path}\n")
    lens = file.load(path)
    assert (lens.camera, lens.mode) == (known.model, known.mode)
    assert lens.lens_position == 0.4
    assert store(tmp_path, known).lens(known)[0] == lens
    assert lens.fx_px == pytest.approx(WIDE.theta[0], rel=0.003)
    assert source.closed


def test_a_focus_that_creeps_while_the_camera_runs_is_told(
    shown: list[U8Image], tmp_path: Path
) -> None:
    source = HeldUp(shown, creep_per_frame=0.01)
    with pytest.raises(run.CommandError, match=r"focus moved from 0\.40 to 0\.51 dioptres"):
        live(source, tmp_path)
    assert source.closed
    assert not (tmp_path / "lenses" / "rack.toml").exists()


def test_an_interrupted_collection_is_kept_and_resumed(
    shown: list[U8Image], tmp_path: Path
) -> None:
    before = old_file(tmp_path)
    source = HeldUp(shown, interrupt_after=17)
    with pytest.raises(run.CommandError, match=r"interrupted; [456] views are kept, --resume"):
        live(source, tmp_path)
    assert source.closed
    assert (tmp_path / "lenses" / "rack.toml").read_bytes() == before
    kept = len(run._resumed(run.Order("rack", "imx708_wide", tmp_path, 12)).views)
    assert kept in (4, 5, 6)
    live(HeldUp(shown[kept:]), tmp_path, "--resume")
    assert file.load(tmp_path / "lenses" / "rack.toml").source == "calibrated"
    assert not (tmp_path / "lenses" / "rack.views.json").exists()


def test_resuming_nothing_or_another_camera_is_told(tmp_path: Path, shown: list[U8Image]) -> None:
    with pytest.raises(run.CommandError, match="nothing to resume"):
        live(HeldUp(shown), tmp_path, "--resume")
    with pytest.raises(run.CommandError, match="interrupted"):
        live(HeldUp(shown, interrupt_after=8), tmp_path)
    with pytest.raises(run.CommandError, match="of a camera imx708_wide, not of a imx219"):
        run._resumed(run.Order("rack", "imx219", tmp_path, 12))
    (tmp_path / "lenses" / "rack.views.json").write_text("{")
    with pytest.raises(run.CommandError, match="cannot be read"):
        run._resumed(run.Order("rack", "", tmp_path, 12))


def refused(out: Path, *words: object) -> str:
    """Return what was said by a run that must fail and leave the old file."""
    before = old_file(out)
    said = call(out, *words, "--camera", "imx708_wide")
    assert said.exit_code == 1, said.output
    assert (out / "lenses" / "rack.toml").read_bytes() == before
    return " ".join(said.output.split())


def saved(folder: Path, lumas: list[U8Image]) -> Path:
    folder.mkdir()
    for n, luma in enumerate(lumas):
        cv2.imwrite(str(folder / f"{n}.png"), luma)
    return folder


def test_a_chart_that_is_never_seen(tmp_path: Path) -> None:
    rooms = [np.full((540, 960), 90 + n, np.uint8) for n in range(3)]
    told = refused(tmp_path, saved(tmp_path / "empty", rooms))
    assert "none of 3 pictures can be used; of 3 of them: the chart is not seen" in told


def test_three_blurred_views(tmp_path: Path, shown: list[U8Image]) -> None:
    blurred = [np.asarray(cv2.GaussianBlur(luma, (0, 0), 2.2), np.uint8) for luma in shown[:3]]
    told = refused(tmp_path, saved(tmp_path / "blurred", blurred))
    assert "2.png: blurred: edges are" in told
    assert "none of 3 pictures can be used; of 3 of them: blurred" in told


def test_too_few_views(tmp_path: Path, folder: Path) -> None:
    told = refused(tmp_path, *sorted(folder.iterdir())[:4])
    assert "4 usable views of the chart are too few" in told
    assert "4 views are kept" in told


def test_views_that_are_all_alike(tmp_path: Path, shown: list[U8Image]) -> None:
    told = refused(tmp_path, saved(tmp_path / "alike", [shown[0]] * 10))
    assert "9.png: repeats 0.png: move or tilt the chart" in told
    assert "1 usable views of the chart are too few" in told


def test_pictures_of_two_sizes(tmp_path: Path, shown: list[U8Image]) -> None:
    told = refused(tmp_path, saved(tmp_path / "sizes", [shown[0], shown[1][:480, :640]]))
    assert "1.png is 640 x 480 pixels and those before are 960 x 540" in told


def test_a_mirrored_set(tmp_path: Path, shown: list[U8Image]) -> None:
    told = refused(tmp_path, saved(tmp_path / "mirror", [luma[:, ::-1] for luma in shown[:3]]))
    assert "the picture is mirrored: switch mirroring off" in told


def test_files_that_are_none(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path, tmp_path / "missing.png")
    (tmp_path / "fake.png").write_text("not a picture")
    assert "is no picture that can be read" in refused(tmp_path, tmp_path / "fake.png")
    (tmp_path / "fake.mp4").write_text("not a video")
    assert "not a readable video" in refused(tmp_path, tmp_path / "fake.mp4")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "expected one of INPUTS, --source and --nominal"),
        (("a.png", "--nominal", "imx708"), "expected one of INPUTS, --source and --nominal"),
        (("a.png",), "--camera is needed"),
        (("a.png", "--camera", "x", "--serial", ""), "letters, digits"),
        (("a.png", "--camera", "x", "--size", "640", "480"), "--size goes with --nominal"),
        (("--source", "video"), "give the recording as INPUTS"),
        (("--source", "nothing"), "no source named 'nothing'"),
        (("--nominal", "imx999"), "no profile 'imx999'"),
        (("--nominal", "imx708", "--size", "640", "480"), "sends no picture of 640 x 480"),
    ],
)
def test_wrong_use_is_told(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    said = call(tmp_path, *words)
    assert said.exit_code == 2
    assert told in " ".join(said.output.split())


def test_a_bad_serial_is_told_before_anything_else(tmp_path: Path) -> None:
    said = CliRunner().invoke(main, ["calibrate", "lens", "--serial", "a/b", "--nominal", "imx708"])
    assert said.exit_code == 2
    assert "letters, digits" in said.output


def test_without_a_serial_only_a_camera_can_name_the_file(tmp_path: Path) -> None:
    words = ["calibrate", "lens", "--nominal", "imx708", "--out", str(tmp_path)]
    said = CliRunner().invoke(main, words)
    assert said.exit_code == 2
    assert "--serial is needed" in said.output


def test_a_nominal_lens_is_marked_and_does_not_replace_a_measured_one(tmp_path: Path) -> None:
    old_file(tmp_path)
    path = tmp_path / "lenses" / "rack.toml"
    lens = file.load(path)
    assert (lens.source, lens.width_px, lens.height_px) == ("nominal", 1536, 864)
    import msgspec

    file.save(path, msgspec.structs.replace(lens, source="calibrated"))
    said = call(tmp_path, "--nominal", "imx708_wide")
    assert said.exit_code == 1
    assert "was measured, which is better" in " ".join(said.output.split())


def test_a_moving_chart_is_not_taken(shown: list[U8Image]) -> None:
    """A rolling shutter would draw it askew, and as sharp as ever."""
    collector = Collector()
    for n in range(6):
        moved = np.roll(shown[0], 2 * n, axis=1)
        collector.offer(Taken(f"{n}", moved, round(n * 1e9 / RATE_HZ), 1 / RATE_HZ))
    assert collector.views == []
    assert "moves 2.0 px from frame to frame" in collector.refused[-1][1].text
    collector.offer(Taken("still", moved, round(6e9 / RATE_HZ), 1 / RATE_HZ))
    assert [view.name for view in collector.views] == ["still"]


def test_the_guide_draws_cells_sentence_and_progress(shown: list[U8Image]) -> None:
    collector = Collector()
    taken = Taken("a", shown[0], share=0.4)
    collector.offer(taken)
    console = Console(file=io.StringIO(), width=80, force_terminal=True)
    with screen.Guide(console, 20) as guide:
        guide.show(collector, taken)
    drawn = console.file.getvalue()  # type: ignore[attr-defined]
    assert "1 of 20 views" in drawn
    assert collector.sentence() in drawn
    assert "█" in drawn
    assert "▒" in drawn
    assert "40% of the input" in drawn


@pytest.mark.parametrize(("share", "word"), [(0.02, ""), (0.2, "longer"), (-0.2, "shorter")])
def test_a_lens_unlike_its_makers_is_remarked(share: float, word: str) -> None:
    stated = nominal("imx708_wide", 1536, 864)
    theta = theta_of(stated.lens)
    theta[:2] *= 1.0 + share
    result = calibrate(views(Camera(theta, (1536, 864)), 12, 1), (1536, 864))
    told = run.unlike_nominal("imx708_wide", result)
    assert bool(told) == bool(word)
    assert all(f"20% {word} than a imx708_wide has" in line for line in told)
    assert run.unlike_nominal("somebody's camera", result) == []


def test_a_folder_stands_for_its_pictures(folder: Path) -> None:
    assert len(collect.listed([folder])) == COUNT
