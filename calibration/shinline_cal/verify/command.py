"""``shinline verify``: words into calls. Heavy imports happen inside the commands."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec
from rich.console import Console

from shinline import __version__
from shinline import config as configuration
from shinline.app.plugins import CommandError
from shinline.cli import CONFIG_OPTION, EXISTING, JOURNAL_OPTION, MARKER_OPTION, told
from shinline.config import Config

if TYPE_CHECKING:
    from shinline_cal.verify.paths import MarkerPath
    from shinline_cal.verify.report import Report

DEVICES: Final = {
    "openbarbell": "OpenBarbell",
    "repone": "RepOne",
    "gymaware": "GymAware",
    "vitruve": "Vitruve",
    "other": "the other device",
}
POSITIVE: Final = click.FloatRange(0.0, min_open=True)

Command = Callable[..., None]


def _with_options(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


OUT_OPTIONS: Final = _with_options(
    click.option(
        "--out",
        type=EXISTING,
        default=Path("verify"),
        show_default=True,
        help="Folder for the page and its JSON.",
    ),
    click.option(
        "--json", "json_path", type=EXISTING, help="Write the JSON here as well (- stdout)."
    ),
    JOURNAL_OPTION,
)

PATH_OPTIONS: Final = _with_options(
    click.argument("source", metavar="INPUT"),
    MARKER_OPTION,
    click.option(
        "--marker-diameter-m", type=float, help="Diameter of the ring's black disc [0.08]."
    ),
    click.option("--plate-diameter-m", type=float, help="Diameter of the plate [0.45]."),
    CONFIG_OPTION,
    OUT_OPTIONS,
)

GRAVITY_OPTIONS: Final = _with_options(
    click.option(
        "--latitude-deg",
        type=click.FloatRange(-90.0, 90.0),
        help="Where you are; without it g is known to 0.16 % only.",
    ),
    click.option(
        "--height-m",
        type=click.FloatRange(-500.0, 9000.0),
        default=0.0,
        help="Above sea level [0].",
    ),
)


@click.group()
def verify() -> None:
    """Check this set-up without a lab: a page of numbers and plots for each test.

    INPUT is a recording (.mp4, .mov, ...), a session of the journal ("last", an id or its
    beginning), a table of positions (.csv with t_s, x_m, y_m), or what analyze --json wrote.
    docs/verify.md says how to do each test at home, and what it can and cannot show.
    """


@verify.command()
@PATH_OPTIONS
@GRAVITY_OPTIONS
@click.option("--mass-kg", type=POSITIVE, help="Of a ball, to take out its drag in air.")
@click.option("--diameter-m", type=POSITIVE, help="Of the ball, with --mass-kg.")
@told
def drop(
    latitude_deg: float | None,
    height_m: float,
    mass_kg: float | None,
    diameter_m: float | None,
    **given: Any,
) -> None:
    """Scale and plumb line from a thing that falls freely."""
    from shinline_cal.verify.drop import Body, measure
    from shinline_cal.verify.drop_page import drop_report
    from shinline_cal.verify.gravity import gravity

    if (mass_kg is None) != (diameter_m is None):
        raise click.UsageError("--mass-kg and --diameter-m go together")
    body = Body(mass_kg, diameter_m) if mass_kg is not None and diameter_m is not None else None
    path = _path(given)
    _finish(drop_report(path, measure(path, gravity(latitude_deg, height_m), body)), given)


@verify.command()
@PATH_OPTIONS
@GRAVITY_OPTIONS
@click.option(
    "--length-m", type=POSITIVE, required=True, help="From the pivot to the middle of the weight."
)
@click.option(
    "--length-sd-m",
    type=POSITIVE,
    default=0.002,
    show_default=True,
    help="How well that is known (1 sd).",
)
@click.option(
    "--disc-diameter-m",
    type=click.FloatRange(0.0),
    default=0.0,
    help="Of a plate hung by its rim that turns with the string [0: a small weight].",
)
@told
def pendulum(
    latitude_deg: float | None,
    height_m: float,
    length_m: float,
    length_sd_m: float,
    disc_diameter_m: float,
    **given: Any,
) -> None:
    """Clock, scale and plumb line from a weight on a string."""
    from shinline_cal.verify.fit import Known
    from shinline_cal.verify.gravity import gravity
    from shinline_cal.verify.pendulum import measure
    from shinline_cal.verify.pendulum_page import pendulum_report

    g, path = gravity(latitude_deg, height_m), _path(given)
    swing = measure(path, Known(length_m, length_sd_m), g, disc_diameter_m)
    _finish(pendulum_report(path, swing, g), given)


@verify.command()
@PATH_OPTIONS
@click.option("--distance-m", type=POSITIVE, required=True, help="Between the two marks.")
@click.option(
    "--distance-sd-m",
    type=POSITIVE,
    default=0.0005,
    show_default=True,
    help="How well that is known (1 sd).",
)
@told
def ruler(distance_m: float, distance_sd_m: float, **given: Any) -> None:
    """Scale from a marker held still at two marks of a ruler."""
    from shinline_cal.verify.fit import Known
    from shinline_cal.verify.ruler import measure
    from shinline_cal.verify.ruler_page import ruler_report

    path = _path(given)
    _finish(ruler_report(path, measure(path, Known(distance_m, distance_sd_m))), given)


@verify.command()
@PATH_OPTIONS
@told
def still(**given: Any) -> None:
    """Noise from a bar that lies still."""
    from shinline_cal.verify.still import measure
    from shinline_cal.verify.still_page import still_report

    path = _path(given)
    _finish(still_report(path, measure(path)), given)


PAIR_OPTIONS: Final = _with_options(
    click.option(
        "--by",
        type=click.Choice(["auto", "time", "place"]),
        default="auto",
        show_default=True,
        help="Pair reps by their time, or by set and rep.",
    ),
    click.option("--offset-s", type=float, help="Their clock minus ours, if you know it."),
    click.option(
        "--tolerance-s",
        type=click.FloatRange(0.05, 30.0),
        default=1.0,
        show_default=True,
        help="How far apart the starts of one rep may be.",
    ),
)


@verify.command()
@click.argument("first")
@click.argument("second")
@PAIR_OPTIONS
@CONFIG_OPTION
@OUT_OPTIONS
@told
def cameras(first: str, second: str, **given: Any) -> None:
    """Repeatability of two cameras on one bar: FIRST and SECOND as OURS of compare."""
    from shinline_cal.verify.compare import Sides
    from shinline_cal.verify.ours import read_ours

    journal = _journal(given)
    a, b = read_ours([first], journal), read_ours([second], journal)
    inputs = {"first": a.names[0], "second": b.names[0]}
    sides = Sides("first", "second", criterion=False)
    _compare("cameras", sides, (a.reps, b.reps), inputs, [*a.notes, *b.notes], given)


@verify.command()
@click.argument("ours", nargs=-1, required=True)
@click.argument("theirs", type=EXISTING)
@click.option(
    "--device",
    type=click.Choice(list(DEVICES)),
    default="other",
    show_default=True,
    help="Whose file THEIRS is.",
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="FIELD=NAME[:UNIT]",
    help="Column of a field that is not found by itself; may be repeated.",
)
@click.option("--exercise", default="", help="Keep rows of THEIRS whose exercise contains this.")
@PAIR_OPTIONS
@CONFIG_OPTION
@OUT_OPTIONS
@told
def compare(
    ours: tuple[str, ...],
    theirs: Path,
    device: str,
    columns: tuple[str, ...],
    exercise: str,
    **given: Any,
) -> None:
    """Agreement with another device, rep by rep: bias, limits, RMSE, SEE, CCC, SDC, F1.

    OURS is a session of the journal, or what export (csv, json) or analyze --json wrote; several
    sessions are put together. THEIRS is the other device's CSV.
    """
    from shinline_cal.verify.compare import Sides
    from shinline_cal.verify.devices import read_device
    from shinline_cal.verify.ours import read_ours

    mine = read_ours(ours, _journal(given))
    other = read_device(theirs, device, _fields(columns), exercise)
    inputs = {
        "Shinline": ", ".join(mine.names),
        DEVICES[other.device]: other.file,
    }
    columns_read = ", ".join(f"{field} from {name!r}" for field, name in other.columns.items())
    notes = [*mine.notes, *other.notes, f"Columns of {other.file}: {columns_read}."]
    sides = Sides("Shinline", DEVICES[other.device], criterion=True)
    _compare("compare", sides, (mine.reps, other.reps), inputs, notes, given)


def _compare(
    test: str,
    sides: Any,
    reps: tuple[list[Any], list[Any]],
    inputs: dict[str, str],
    notes: list[str],
    given: dict[str, Any],
) -> None:
    from shinline_cal.verify.compare_page import report
    from shinline_cal.verify.pairing import pair

    ours, theirs = reps
    try:
        pairing = pair(ours, theirs, given["by"], given["offset_s"], given["tolerance_s"])
    except ValueError as problem:
        raise click.UsageError(str(problem)) from None
    _finish(report(test, sides, ours, theirs, pairing, inputs, notes), given)
    if not pairing.pairs:
        raise CommandError(f"no rep could be paired: nothing was compared; kept in {given['out']}")


def _fields(columns: tuple[str, ...]) -> dict[str, str]:
    pairs = [text.partition("=") for text in columns]
    if any(not sign or not field or not name for field, sign, name in pairs):
        raise click.UsageError("--column expects FIELD=NAME or FIELD=NAME:UNIT")
    return {field.strip(): name.strip() for field, _, name in pairs}


def _config(given: dict[str, Any]) -> Config:
    """Read the configuration and lay the marker's options over it."""
    path = given["config_path"]
    config = configuration.load(path) if path is not None else Config()
    options = {
        "kind": given.get("marker"),
        "diameter_m": given.get("marker_diameter_m"),
        "plate_diameter_m": given.get("plate_diameter_m"),
    }
    changes = {name: value for name, value in options.items() if value is not None}
    marker = msgspec.structs.replace(config.marker, **changes)
    try:
        changed = msgspec.structs.replace(config, marker=marker)
        return configuration.from_json(configuration.to_json(changed))
    except msgspec.ValidationError as problem:
        raise click.UsageError(str(problem)) from None


def _journal(given: dict[str, Any]) -> Path:
    from shinline.journal.schema import default_path

    path: Path | None = given["journal_path"]
    return path if path is not None else default_path(_config(given).journal.path)


def _path(given: dict[str, Any]) -> "MarkerPath":
    from shinline_cal.verify.paths import read_path

    with _progress() as progress:
        return read_path(given["source"], _config(given), _journal(given), progress)


@contextmanager
def _progress() -> Iterator[Callable[[str, float], None]]:
    console = Console(stderr=True)
    with console.status("reading") as status:
        yield lambda what, share: status.update(f"{what} {share:.0%}")


def _finish(report: "Report", given: dict[str, Any]) -> None:
    """Write page and JSON, and say the answer."""
    from shinline_cal.verify.page import write

    made = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    page, data = write(report, given["out"], made)
    target = given["json_path"]
    if target is not None:
        text = json.dumps(report.to_json(__version__, made), allow_nan=False, indent=1)
        if str(target) == "-":
            click.echo(text)
        else:
            target.write_text(text + "\n", encoding="utf-8")
    to_stderr = str(target) == "-"
    for line in (*report.answer, *report.thin):
        click.echo(line, err=to_stderr)
    click.echo(f"page: {page}\nnumbers: {data}", err=to_stderr)
