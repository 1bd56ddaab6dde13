"""Show a scene to the product as it is, and put its verdicts on the hips beside the truth."""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

import cv2
import numpy as np

from shinline.app.bench.faults.lifter import TrueRep
from shinline.app.bench.faults.score import EARLIEST_S
from shinline.app.bench.hips.population import Scene, draw_scene
from shinline.app.detectors import make_body, make_detector, make_watch
from shinline.engine import Engine
from shinline.sim.clip import encode
from shinline.sim.measures import rep_evidence
from shinline.sim.scenario import Scenario
from shinline.sources.video import VideoFile
from shinline.types import NS_PER_S, Event, FaultVerdict, Frame, IntArray, Rep, RepEvent, RepKind

CODE: Final = "hips_shoot_up"
OUTLINE_ROLES: Final = range(9, 12)
"""Hip, shoulder and back line as the lifter's own outline tells them."""


AFTER_S: Final = 0.15
THINNED: Final = 3


@dataclass(frozen=True, slots=True)
class Judged:
    """What was said of the hips in one repetition. Degrees, metres; None where nothing was said.

    ``found`` tells whether there was the repetition at all.
    """

    scene: int
    kind: str
    group: str
    rep: int
    true_deg: float
    true_hip_rise_m: float | None
    found: bool
    assessed: bool = False
    value_deg: float | None = None
    sd_deg: float | None = None
    severity: str = ""
    reason: str = ""
    details: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Played:
    """One scene: its verdicts, how many rows of an outline there were, and what it cost."""

    scene: int
    kind: str
    group: str
    words: str
    judged: tuple[Judged, ...]
    outlines: int
    frames: int
    render_s: float
    engine_s: float
    verdicts: int
    """Verdicts on hips in all: where there is no lifter there must be none."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The pictures of a scene, from where it begins.

    From lockout down to the floor there is nothing to be seen of hips that shoot up: of these
    pictures only every third is rendered, as if the camera had lost the others.
    """

    scene: Scene

    @property
    def scenario(self) -> Scenario:
        """What the recording is of."""
        return self.scene.recording.scenario

    @property
    def kept(self) -> IntArray:
        """The numbers of the frames."""
        t_s = self.scene.recording.t_s
        kept = t_s >= self.scene.since_s
        for true in self.scene.truths:
            down = (t_s > true.lockout_s + AFTER_S) & (t_s < true.end_s - AFTER_S)
            kept &= ~down | (np.arange(len(t_s)) % THINNED == 0)
        return np.flatnonzero(kept)

    def __len__(self) -> int:
        return len(self.kept)

    def frames(self) -> Iterator[Frame]:
        """Render every frame, in order."""
        return (self.scene.recording.frame(int(seq)) for seq in self.kept)


def filmed(scene: Scene, quality: int | None) -> Iterator[Frame]:
    """Return the pictures of a scene; with a quality (x264's rate factor) as video shows them."""
    cut = Cut(scene)
    if quality is None:
        yield from cut.frames()
        return
    first_ns = int(scene.recording.stamps_ns[cut.kept[0]])
    with TemporaryDirectory() as folder:
        path = Path(folder) / "scene.mp4"
        encode(cut, path, quality=quality)
        for frame in VideoFile(path).frames():
            yield replace(frame, t_ns=frame.t_ns + first_ns)


def make_engine(scene: Scene) -> Engine:
    """Return an engine as a camera that stands gets it, with the detectors of the product."""
    detector = make_detector(scene.config, None)
    return Engine(scene.config, "hips", None, detector, make_watch(None), make_body())


def play(scene: Scene, quality: int | None = None) -> Played:
    """Film one scene and judge what was said; see :func:`filmed`."""
    engine = make_engine(scene)
    reps: list[Rep] = []
    outlines = frames = 0
    render_s = engine_s = 0.0
    began = perf_counter()
    for frame in filmed(scene, quality):
        rendered = perf_counter()
        events = engine.feed(frame)
        roles = engine.detections["role"]
        outlines += int(np.isin(roles, OUTLINE_ROLES).sum())
        reps += _ended(events)
        done = perf_counter()
        frames, render_s, engine_s = (
            frames + 1,
            render_s + rendered - began,
            engine_s + done - rendered,
        )
        began = done
    reps += _ended(engine.finish())
    judged = tuple(_judge(scene, true, reps) for true in scene.truths)
    verdicts = sum(v.code == CODE and v.assessed for rep in reps for v in rep.faults)
    kind = scene.kind
    return Played(scene.number, kind.name, kind.group, words(scene), judged, outlines, frames,
                  render_s, engine_s, verdicts)  # fmt: skip


def _ended(events: list[Event]) -> list[Rep]:
    return [
        event.rep
        for event in events
        if isinstance(event, RepEvent) and event.kind is RepKind.END and event.rep is not None
    ]


def _judge(scene: Scene, true: TrueRep, reps: list[Rep]) -> Judged:
    zero_s = float(scene.recording.t_s[0])
    here = [
        rep
        for rep in reps
        if true.start_s - EARLIEST_S < rep.start_ns / NS_PER_S + zero_s < true.lockout_s
    ]
    rise_m = rep_evidence(scene.recording, true.number)["hip_rise_m"]
    about = (scene.number, scene.kind.name, scene.kind.group, true.number)
    true_deg = true.measured[CODE]
    truth = (float("nan") if true_deg is None else true_deg, rise_m)
    verdict = _verdict(here[0]) if len(here) == 1 else None
    if verdict is None:
        return Judged(*about, *truth, found=False)
    return Judged(*about, *truth, found=True, assessed=verdict.assessed, value_deg=verdict.value,
                  sd_deg=verdict.sd, severity=verdict.severity.value, reason=verdict.reason,
                  details=dict(verdict.details))  # fmt: skip


def _verdict(rep: Rep) -> FaultVerdict | None:
    return next((verdict for verdict in rep.faults if verdict.code == CODE), None)


def words(scene: Scene) -> str:
    """Describe a scene."""
    scenario = scene.recording.scenario
    camera = scenario.camera
    how = "calibrated" if scene.config.lens.fx_px else "not calibrated"
    return (
        f"{scene.kind.name}: {scenario.stature_m:.2f} m, {scenario.style}, faces {scenario.facing}"
        f", {scene.begins}; {camera.width_px}x{camera.height_px} at {camera.rate_hz:.0f} Hz from"
        f" {camera.distance_m:.1f} m, {camera.height_m:.1f} m high, {camera.azimuth_deg:+.1f} deg"
        f" aside, {how}; {scenario.clothes}; {scenario.room}"
    )


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be played: scenes for judging or not, with stickers on, as video of a quality."""

    judge: bool = False
    stickers: bool = False
    quality: int | None = None


def play_number(order: Order, number: int) -> Played:
    """Draw and play one scene."""
    cv2.setNumThreads(1)
    return play(draw_scene(order.judge, number, order.stickers), order.quality)


def examine(
    order: Order,
    numbers: list[int],
    jobs: int = 1,
    progress: Callable[[str, float], None] = lambda _what, _share: None,
) -> list[Played]:
    """Play scenes, in processes of their own if there are several jobs; in order of number."""
    played: list[Played] = []
    if jobs == 1:
        for number in numbers:
            played.append(play_number(order, number))
            progress("scenes", len(played) / len(numbers))
        return played
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for future in as_completed([pool.submit(play_number, order, n) for n in numbers]):
            played.append(future.result())
            progress("scenes", len(played) / len(numbers))
    return sorted(played, key=lambda each: each.scene)
