"""``shinline calibrate``: words into calls. Heavy imports happen inside the commands."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from shinline import config as configuration
from shinline.cli import CONFIG_OPTION, EXISTING, told
from shinline.config import Config
from shinline_cal.rig_command import rig

if TYPE_CHECKING:
    from shinline.types import FrameSource


@click.group()
def calibrate() -> None:
    """Measure the camera: how its lens draws, and how it stands."""


calibrate.add_command(rig)


def _serial(_context: click.Context, _option: click.Parameter, serial: str | None) -> str:
    """Refuse a bad name before anybody has held up a chart for two minutes."""
    if serial is None:
        return ""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", serial):
        raise click.BadParameter("expected 1 to 64 letters, digits, - and _")
    return serial


@calibrate.command()
@click.argument("inputs", nargs=-1, type=EXISTING)
@click.option("--source", help="Camera by name, such as picamera, in place of INPUTS.")
@click.option(
    "--serial",
    callback=_serial,
    help="Of the camera; names the file [what a --source says of itself].",
)
@click.option("--camera", help="Model of the camera [what a --source says of itself].")
@click.option("--out", "folder", type=EXISTING, help="Folder of calibrations.")
@click.option(
    "--views",
    type=click.IntRange(8, 100),
    default=20,
    show_default=True,
    help="How many different views to take.",
)
@click.option(
    "--lens-position",
    type=click.FloatRange(0.0, 100.0),
    help="Where the focus stands, in dioptres (1 / metres) [what a --source says of itself].",
)
@click.option("--mode", default="", help="Of the sensor [what a --source says of itself].")
@click.option("--resume", is_flag=True, help="Go on with the views of an interrupted run.")
@click.option("--picture", type=EXISTING, help="Draw coverage and residuals into this SVG file.")
@click.option(
    "--nominal",
    metavar="PROFILE",
    help="Write the maker's figures and measure nothing; a wrong name lists all.",
)
@click.option(
    "--size",
    nargs=2,
    type=click.IntRange(16, 16384),
    metavar="WIDTH HEIGHT",
    help="Of the picture, with --nominal [what shinline takes from that camera].",
)
@CONFIG_OPTION
@told
def lens(inputs: tuple[Path, ...], **given: Any) -> None:
    """Focal length, middle and distortion from INPUTS: pictures or a video of the lens chart.

    Print the chart with shinline markers. Hold it before the camera, flat and still, in every part
    of the picture, near and far, tilted to every side. docs/lens.md says how in two minutes.
    """
    from shinline.app.calibrations import folder
    from shinline_cal.lens import run

    ways = [bool(inputs), given["source"] is not None, given["nominal"] is not None]
    if sum(ways) != 1:
        raise click.UsageError("expected one of INPUTS, --source and --nominal")
    if given["size"] is not None and not ways[2]:
        raise click.UsageError("--size goes with --nominal; elsewhere the pictures tell it")
    if not given["serial"] and not ways[1]:
        raise click.UsageError("--serial is needed: it names the file")
    path = given["config_path"]
    config = configuration.load(path) if path is not None else Config()
    order = run.Order(
        serial=given["serial"],
        camera=given["camera"] or "",
        folder=folder(config) if given["folder"] is None else given["folder"],
        wanted=given["views"],
        lens_position=given["lens_position"],
        mode=given["mode"],
        resume=given["resume"],
        picture=given["picture"],
    )
    console = Console(highlight=False)
    if ways[2]:
        made = run.write_nominal(order, given["nominal"], given["size"])
        click.echo(f"{made.notes}: focal length {made.fx_px:.0f} px ± {made.focal_rel_sd:.0%}")
    elif ways[1]:
        order, _ = run.from_camera(order, _source(config, given["source"]), console)
    else:
        if not order.camera:
            raise click.UsageError("--camera is needed: pictures do not say what took them")
        run.from_files(order, inputs, console)
    click.echo(f"written: {order.path}")


def _source(config: Config, name: str) -> "FrameSource":
    from shinline.app.openers import opener

    if name == "video":
        raise click.UsageError("give the recording as INPUTS")
    source, _ = opener(config, name, None, lambda _what, _share: None)()
    return source
