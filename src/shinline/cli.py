"""The command line: translates words into calls, and problems into one line and an exit code.

0 done; 1 could not be done (the message says why and what was kept); 2 wrong use.
"""

import json
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Final

import click
import msgspec
from rich.console import Console

from shinline import __version__
from shinline import config as configuration
from shinline.app.plugins import CommandError, Plugged
from shinline.app.progress import progress_bars
from shinline.config import Config, ConfigError

PROBLEM_EXIT: Final = 1
USAGE_EXIT: Final = 2

EXISTING = click.Path(path_type=Path)
CONFIG_OPTION = click.option(
    "--config", "config_path", type=EXISTING, help="Configuration file (TOML)."
)
MARKER_OPTION = click.option(
    "--marker",
    type=click.Choice(["ring", "plate"]),
    help="Printed ring target on the bar's end, or the plate's own rim.",
)
JOURNAL_OPTION = click.option("--journal", "journal_path", type=EXISTING, help="Journal file.")


def problems() -> tuple[type[BaseException], ...]:
    """Return the errors that are told in one line; imported late to keep ``--help`` quick."""
    from shinline.app.recording import NoPlateError
    from shinline.journal.errors import JournalError
    from shinline.sources.video import VideoError
    from shinline.wire.broker import BrokerError

    return (CommandError, VideoError, NoPlateError, JournalError, BrokerError, OSError)


def told(command: Callable[..., None]) -> Callable[..., None]:
    """Wrap a command: a known problem becomes one line on stderr and exit code 1 or 2."""

    @wraps(command)
    def wrapper(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except ConfigError as problem:
            _fail(str(problem), USAGE_EXIT)
        except KeyboardInterrupt:
            _fail("interrupted", PROBLEM_EXIT)
        except problems() as problem:
            _fail(str(problem), PROBLEM_EXIT)

    return wrapper


def _fail(message: str, code: int) -> None:
    click.echo(f"shinline: {' '.join(message.split())}", err=True)
    sys.exit(code)


def _config(path: Path | None) -> Config:
    return configuration.load(path) if path is not None else Config()


def _with(config: Config, section: str, **values: Any) -> Config:
    """Return the configuration with the given (not None) values of one section replaced."""
    given = {name: value for name, value in values.items() if value is not None}
    part = msgspec.structs.replace(getattr(config, section), **given)
    return configuration.from_json(
        configuration.to_json(msgspec.structs.replace(config, **{section: part}))
    )


def _journal(config: Config, path: Path | None) -> Path:
    from shinline.journal.schema import default_path

    return path if path is not None else default_path(config.journal.path)


@click.group(cls=Plugged, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="shinline")
def main() -> None:
    """Deadlift bar paths from a camera: live cues over MQTT, every rep measured and kept."""


@main.command()
@click.argument("clip", type=EXISTING, required=False)
@click.option("--source", default=None, help="Frame source by name, such as picamera.")
@CONFIG_OPTION
@MARKER_OPTION
@JOURNAL_OPTION
@click.option("--rig", "rig_path", type=EXISTING, help="Rig file, for a recording.")
@click.option("--loop", is_flag=True, help="Start the recording again when it ends.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port of the phone page (0: any).")
@click.option("--mqtt-port", type=click.IntRange(0, 65535), help="Broker's TCP port (0: any).")
@click.option("--ws-port", type=click.IntRange(0, 65535), help="Broker's WebSocket port (0: any).")
@told
def run(
    clip: Path | None,
    source: str | None,
    config_path: Path | None,
    marker: str | None,
    journal_path: Path | None,
    rig_path: Path | None,
    loop: bool,
    port: int | None,
    mqtt_port: int | None,
    ws_port: int | None,
) -> None:
    """Track live: from a camera (--source), from CLIP, or from the bundled recording."""
    from shinline.app import openers
    from shinline.app.run import run as track

    if clip is not None and source not in (None, "video"):
        raise click.UsageError(f"CLIP is read by --source video; it cannot go with {source!r}")
    config = _config(config_path)
    if clip is not None and marker is None and config_path is None:
        marker = "plate"
    if clip is None and source is None and config_path is None:
        config = openers.demo_config(config)
    config = _with(config, "marker", kind=marker)
    config = _with(config, "web", port=port)
    config = _with(config, "mqtt", port=mqtt_port, ws_port=ws_port)
    console = Console(highlight=False)
    with progress_bars(console) as progress:
        opener = openers.opener(config, source, clip, progress)
    outcome = track(config, opener, _journal(config, journal_path), console, loop, rig_path)
    if outcome.problem:
        sys.exit(PROBLEM_EXIT)


@main.command()
@click.argument("clip", type=EXISTING)
@CONFIG_OPTION
@MARKER_OPTION
@click.option("--plate-diameter-m", type=float, help="Diameter of the plate [0.45].")
@click.option("--marker-diameter-m", type=float, help="Diameter of the ring's black disc [0.08].")
@click.option("--facing", type=click.Choice(["left", "right", "auto"]), help="Where toes point.")
@click.option("--rig", "rig_path", type=EXISTING, help="Rig file of the camera as it stood.")
@click.option("--json", "json_path", type=EXISTING, help="Write reps and path as JSON (- stdout).")
@click.option("--overlay", "overlay_path", type=EXISTING, help="Write the video with the track.")
@click.option("--explain", "folder", type=EXISTING, help="Draw each pull without stickers here.")
@told
def analyze(
    clip: Path,
    config_path: Path | None,
    marker: str | None,
    plate_diameter_m: float | None,
    marker_diameter_m: float | None,
    facing: str | None,
    rig_path: Path | None,
    json_path: Path | None,
    overlay_path: Path | None,
    folder: Path | None,
) -> None:
    """Find and measure every rep of a recording."""
    from shinline.app.analyze import analyze as track
    from shinline.app.analyze import print_analysis
    from shinline.app.overlay import write_overlay

    config = _config(config_path)
    if marker is None and config_path is None:
        marker = "plate"
    try:
        config = _with(
            config,
            "marker",
            kind=marker,
            plate_diameter_m=plate_diameter_m,
            diameter_m=marker_diameter_m,
            facing=facing,
        )
    except msgspec.ValidationError as problem:
        raise click.UsageError(str(problem)) from None
    console = Console(stderr=str(json_path) == "-", highlight=False)
    with progress_bars(console) as progress:
        result = track(clip, config, progress, rig_path)
        if json_path is not None:
            _write_json(result.to_json(), json_path)
        if overlay_path is not None:
            write_overlay(result, overlay_path, progress)
        if folder is not None:
            from shinline.app.hip_pictures import explain_hips

            for path in explain_hips(result, folder, progress):
                click.echo(f"drawn: {path}", err=True)
    print_analysis(console, result)
    if result.problem:
        _fail(f"{clip}: {result.problem}", PROBLEM_EXIT)


def _write_json(document: Any, path: Path) -> None:
    text = json.dumps(document, allow_nan=False, indent=1) + "\n"
    if str(path) == "-":
        click.echo(text, nl=False)
    else:
        path.write_text(text, encoding="utf-8")


@main.command()
@click.argument("images", type=EXISTING, nargs=-1, required=True)
@MARKER_OPTION
@click.option("--json", "json_path", type=EXISTING, help="Write the detections as JSON (- stdout).")
@click.option(
    "--explain", "folder", type=EXISTING, help="Draw into this folder what was seen (ring)."
)
@told
def detect(
    images: tuple[Path, ...], marker: str | None, json_path: Path | None, folder: Path | None
) -> None:
    """Find markers in single pictures."""
    from shinline.app.detect import detect_files

    results = detect_files(images, marker or "ring")
    if folder is not None:
        from shinline.app.explain import explain_files

        for path in explain_files(images, folder):
            click.echo(f"drawn: {path}", err=True)
    if json_path is not None:
        _write_json(results, json_path)
    if str(json_path) == "-":
        return
    for result in results:
        click.echo(f"{result['file']}: {len(result['detections'])} found")
        for found in result["detections"]:
            click.echo(
                f"  {found['role']:<9} x {found['x_px']:.3f}  y {found['y_px']:.3f}  "
                f"r {found['r_px']:.3f}  sd {found['sd_px']:.3f} px"
            )


@main.command()
@CONFIG_OPTION
@JOURNAL_OPTION
@click.option("--port", type=click.IntRange(0, 65535), help="Port of the page (0: any).")
@told
def review(config_path: Path | None, journal_path: Path | None, port: int | None) -> None:
    """Serve the review page of recorded sessions."""
    from shinline.app.review import serve_review

    config = _with(_config(config_path), "web", port=port)
    serve_review(config, _journal(config, journal_path), Console(highlight=False))


@main.command()
@click.option("--out", "clip", type=EXISTING, required=True, help="Video file to write (.mp4).")
@click.option("--truth", type=EXISTING, required=True, help="JSON file for the truth.")
@click.option("--demo", is_flag=True, help="The bundled recording's scenario, and nothing else.")
@click.option("--scenario", type=EXISTING, help="Scenario as JSON, as found in a truth file.")
@click.option("--set-up", "scene", type=click.Choice(["rest", "swing", "plumb", "fall", "roll"]),
              help="What calibration looks at, instead of a lift.")  # fmt: skip
@click.option("--fault", "faults", multiple=True, help="CODE=SIZE in every rep (docs/simulate.md).")
@click.option("--seed", type=int, help="Seed of all that is random.")
@click.option("--reps", type=click.IntRange(0, 60), help="Number of reps.")
@click.option("--stature-m", type=float, help="Height of the lifter, 1.55 to 2.00.")
@click.option("--style", type=click.Choice(["conventional", "sumo", "trap_bar", "blocks",
              "romanian", "stiff_leg"]), help="Which deadlift.")  # fmt: skip
@click.option("--block-m", type=float, help="Height of the blocks (blocks), 0.05 to 0.25.")
@click.option("--markers", type=click.Choice(["all", "hips", "bar"]), help="Which are on.")
@click.option("--facing", type=click.Choice(["left", "right"]))
@click.option("--mean-velocity-mps", type=float, help="Of each pull, 0.05 to 1.2.")
@click.option(
    "--then",
    type=click.Choice(["lower", "touch_and_go", "bounce", "drop"]),
    help="What follows lockout.",
)
@click.option("--rate-hz", type=float, help="Frames per second.")
@click.option("--roll-deg", type=float, help="Roll of the camera.")
@click.option("--azimuth-deg", type=float, help="Camera moved round toward the lifter's front.")
@click.option("--pitch-deg", type=float, help="Camera tilted up, from looking at the bar's middle.")
@click.option("--distance-m", type=float, help="From the camera to the bar's end.")
@click.option("--height-m", type=float, help="Of the camera above the floor.")
@click.option("--exposure-s", type=float, help="Exposure, which blurs what moves.")
@click.option("--read-noise", type=float, help="Noise in grey levels.")
@click.option("--jitter-s", type=float, help="Spread of the instants of exposure.")
@click.option("--drop-ratio", type=float, help="Share of frames lost.")
@click.option("--body-markers/--no-body-markers", "body", default=None)
@click.option("--bar-marker/--no-bar-marker", "bar", default=None)
@told
def simulate(clip: Path, truth: Path, demo: bool, scene: str | None, **given: Any) -> None:
    """Render a lift with exact truth: a stand-in for the camera, labelled as such."""
    from shinline.app import simulate as studio

    try:
        scenario = None if demo else studio.make_scenario(**_sorted_into_parts(given))
    except (ValueError, TypeError) as problem:
        raise click.UsageError(str(problem)) from None
    console = Console(highlight=False)
    with progress_bars(console) as progress:
        if scene is not None and scenario is not None:
            frames = studio.simulate_set_up(scene, scenario, clip, truth, progress)
        else:
            frames = len(studio.simulate(scenario, clip, truth, progress))
    console.print(f"{clip}: {frames} frames (simulated); truth in {truth}")


def _sorted_into_parts(given: dict[str, Any]) -> dict[str, Any]:
    """Sort the options of ``simulate`` into the parts of a scenario they belong to."""
    camera = ("rate_hz", "roll_deg", "azimuth_deg", "pitch_deg", "distance_m", "height_m",
              "exposure_s", "read_noise", "jitter_s", "drop_ratio")  # fmt: skip
    return {
        "base": given["scenario"],
        "reps": given["reps"],
        "faults": given["faults"],
        "rep_values": {name: given[name] for name in ("mean_velocity_mps", "then")},
        "camera_values": {name: given[name] for name in camera},
        "marker_values": {name: given[name] for name in ("body", "bar", "markers")},
        "values": {k: given[k] for k in ("seed", "stature_m", "style", "facing", "block_m")},
    }


@main.command()
@click.argument("target")
@click.option("--format", "fmt", default="csv", show_default=True, help="csv or json.")
@click.option("--out", type=EXISTING, default=Path("export"), show_default=True, help="Folder.")
@CONFIG_OPTION
@JOURNAL_OPTION
@told
def export(
    target: str, fmt: str, out: Path, config_path: Path | None, journal_path: Path | None
) -> None:
    """Write a session ("last", an id or its beginning) or a set of it ("last/2") as files."""
    from shinline.journal.export import export as write
    from shinline.journal.reader import Catalogue

    catalogue = Catalogue(_journal(_config(config_path), journal_path))
    for path in write(catalogue, target, fmt, out):
        click.echo(path)


@main.command()
@click.argument("session")
@click.option("--check", is_flag=True, help="Compare with what was recorded, exactly.")
@CONFIG_OPTION
@JOURNAL_OPTION
@told
def replay(session: str, check: bool, config_path: Path | None, journal_path: Path | None) -> None:
    """Run the engine again on a recorded session's detections."""
    from shinline import replay as player
    from shinline.journal.codec import encode
    from shinline.journal.reader import Catalogue

    catalogue = Catalogue(_journal(_config(config_path), journal_path))
    session_id = catalogue.resolve(session)
    if not check:
        for event in player.replay(catalogue, session_id):
            click.echo(" ".join(encode(event)))
        return
    report = player.check(catalogue, session_id)
    click.echo(f"{session_id}: {report.frames} frames, {report.events} events")
    if not report.identical:
        _fail(f"{session_id} differs: {report.first_difference}", PROBLEM_EXIT)
    click.echo("identical")


@main.command()
@click.argument("clip", type=EXISTING, required=False)
@click.option("--frames", default=60, show_default=True, type=click.IntRange(1, 100_000),
              help="Scenes for each condition.")  # fmt: skip
@click.option("--quick", is_flag=True, help="Touch each part only, to see that it works.")
@click.option("--hour", is_flag=True, help="Replay a whole hour instead of a few minutes.")
@click.option("--out", type=EXISTING, default="bench", show_default=True, help="Folder for plots.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.option("--device", is_flag=True, help="This machine with its camera: a report to post.")
@click.option("--minutes", default=10.0, show_default=True, help="How long, with --device.")
@click.option("--source", help="Frame source, with --device [the camera, or a simulated one].")
@click.option("--idle", is_flag=True, help="With --device: nobody lifts and no phone watches.")
@told
def bench(clip: Path | None, source: str | None, minutes: float, idle: bool, **asked: Any) -> None:
    """Measure markers and motion beside peers, the loop on CLIP (plate), or this device."""
    console = Console(highlight=False)
    if asked.pop("device"):
        from shinline.app.bench.device.command import run_device

        run_device(source, minutes, idle)
        return
    from shinline.app.bench.main import run_bench, run_clip

    if clip:
        run_clip(clip, console)
    else:
        run_bench(console=console, **asked)
