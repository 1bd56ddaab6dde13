"""Frame sources by name: files here, devices and strangers' cameras through entry points.

What a source needs is imported when it is opened: a device has no use for decoders and renderers.
"""

from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final, Literal

import click
import msgspec

from shinline.app.run import OpenSource
from shinline.config import Config, Rig
from shinline.types import BarPrior, FrameSource

Progress = Callable[[str, float], None]

GROUP: Final = "shinline.sources"
DEMO: Final = Path(__file__).parent.parent / "assets" / "demo.mp4"


DEMO_LOSS: Final = 0.35


def demo_config(config: Config) -> Config:
    """Return the configuration for the bundled recording: its simulated camera stands level.

    Its four repetitions show four different things, at speeds of their own: no set that tires.
    """
    rig = Rig(roll_sd_deg=0.05, name="simulated camera, level by construction")
    coach = msgspec.structs.replace(config.coach, velocity_loss_fault=DEMO_LOSS)
    return msgspec.structs.replace(config, rig=rig, coach=coach)


def opener(config: Config, source: str | None, clip: Path | None, progress: Progress) -> OpenSource:
    """Return what opens the wanted source; a recording is looked through first.

    An entry point of the group ``shinline.sources`` is a function ``open_source(config)`` that
    returns a :class:`~shinline.types.FrameSource`.
    """
    if source in (None, "video"):
        return _recording(config, clip or DEMO, progress)
    known = {point.name: point for point in entry_points(group=GROUP)}
    if source not in known:
        names = ", ".join(sorted({"video", *known}))
        raise click.UsageError(f"no source named {source!r}; there are: {names}")
    open_device: Callable[[Config], FrameSource] = known[source].load()

    def open_it() -> tuple[FrameSource, BarPrior | None]:
        return open_device(config), None

    return open_it


def open_simulation(config: Config) -> FrameSource:
    """Open a simulated camera, rendered while it runs: three reps of the configured lifter."""
    from shinline.sim import Scenario, build
    from shinline.sources.simulation import open_source as open_rendered

    style: Literal["sumo", "conventional"] = (
        "sumo" if config.lift.style == "sumo" else "conventional"
    )
    stature_m = min(max(config.lifter.stature_m, 1.55), 2.0)
    recording = build(Scenario(stature_m=stature_m, style=style))
    camera = recording.scenario.camera
    return open_rendered(
        recording.reel(), camera.width_px, camera.height_px, camera.rate_hz, realtime=True
    )


def open_rehearsal(_config: Config) -> FrameSource:
    """Open a simulated camera that is being set up: to rehearse a calibration without a gym."""
    from shinline.sim import rehearsal
    from shinline.sources.simulation import open_source as open_rendered

    camera = rehearsal.CAMERA
    return open_rendered(
        rehearsal.rehearse(),
        camera.width_px,
        camera.height_px,
        camera.rate_hz,
        name="rehearsal",
        identity=rehearsal.IDENTITY,
    )


def _recording(config: Config, clip: Path, progress: Progress) -> OpenSource:
    from shinline.app.recording import look_through
    from shinline.sources.video import VideoFile, open_source

    prior = look_through(VideoFile(clip), config, progress)

    def open_it() -> tuple[FrameSource, BarPrior | None]:
        return open_source(clip, realtime=True), prior

    return open_it
