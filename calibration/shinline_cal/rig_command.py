"""``shinline calibrate rig``: how the camera stands, from recordings of each step or live."""

import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from rich.console import Console

from shinline import config as configuration
from shinline.app.plugins import CommandError
from shinline.cli import CONFIG_OPTION, EXISTING, told
from shinline.config import Config

if TYPE_CHECKING:
    from shinline_cal.rigging.checks import Check
    from shinline_cal.rigging.evidence import Evidence, Rest
    from shinline_cal.rigging.solve import Solution
    from shinline_cal.sightings import Seen

MARKS: Final = {
    True: "[green]agrees[/]  ",
    False: "[red]differs[/] ",
    None: "[dim]not seen[/]",
}
CLIP: Final = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command("rig")
@click.option("--rest", "rests", type=CLIP, multiple=True, help="The bar lying where you lift.")
@click.option(
    "--plumb",
    "plumbs",
    type=CLIP,
    multiple=True,
    help="A marker hanging still on a string at two heights, or two on one string.",
)
@click.option("--swing", "swings", type=CLIP, multiple=True, help="A marker swinging on a string.")
@click.option("--fall", "falls", type=CLIP, multiple=True, help="A marker falling.")
@click.option(
    "--edges",
    type=CLIP,
    multiple=True,
    help="Long edges that were built upright: a rack, a door frame.",
)
@click.option("--roll", "rolls", type=CLIP, multiple=True, help="The bar rolled along the floor.")
@click.option(
    "--spin", "spins", type=CLIP, multiple=True, help="The plate turned on its sleeve, in place."
)
@click.option(
    "--marker-diameter-m",
    type=click.FloatRange(0.02, 0.3),
    help="Of the bar marker's black disc, as measured on your print [0.08].",
)
@click.option(
    "--hung-diameter-m",
    type=click.FloatRange(0.02, 0.3),
    help="Of the marker on the string, if it is another one.",
)
@click.option(
    "--plate-diameter-m",
    type=click.FloatRange(0.15, 0.6),
    help="Of the plate, as measured: the bar lies half of it above the floor.",
)
@click.option(
    "--distance-m",
    type=click.FloatRange(0.3, 30.0),
    help="From the lens to the bar's end, by tape: a check.",
)
@click.option(
    "--camera-height-m",
    type=click.FloatRange(0.0, 5.0),
    help="Of the lens above the floor, by tape: a check.",
)
@click.option("--lens", "lens_path", type=CLIP, help="Lens file of 'shinline calibrate lens'.")
@click.option("--nominal", "profile", help="Makers' figures to use where no lens was measured.")
@click.option("--serial", help="The camera's serial, which also names the file.")
@click.option("--camera", "model", default="", help="The camera's model, such as imx296.")
@click.option("--mode", default="", help="The sensor's mode, if it has several of this size.")
@click.option("--lens-position", type=click.FloatRange(0.0, 100.0), help="Focus in dioptres.")
@click.option("--source", help="Calibrate live, by the name of a camera, such as picamera.")
@click.option("--out", "folder", type=EXISTING, help="Folder of calibrations.")
@click.option("--picture", type=EXISTING, help="Draw the measured plane over a picture (.png).")
@click.option("--json", "json_path", type=EXISTING, help="Write values and checks (- stdout).")
@CONFIG_OPTION
@told
def rig(config_path: Path | None, **given: Any) -> None:
    """Find how the camera stands: level, angle, scale, floor. A file that passes is put in force.

    Give a recording (or pictures) of each step; --rest, and one of --plumb, --swing, --fall and
    --edges are needed. The camera must not be touched in between. A result that the checks do not
    agree with is refused, and the last good one stays in force.
    """
    config = configuration.load(config_path) if config_path is not None else Config()
    if given["source"]:
        from shinline_cal.guide import guide

        guide(config, given["source"], given["folder"], Console(highlight=False))
        return
    _from_recordings(config, given)


def _from_recordings(config: Config, given: dict[str, Any]) -> None:
    from shinline.app.progress import progress_bars
    from shinline_cal.result import rig_file, worked_out
    from shinline_cal.rigging import checks
    from shinline_cal.rigging.evidence import ObservationError
    from shinline_cal.store import store

    if not given["rests"]:
        raise click.UsageError("expected --rest with a recording of the bar lying on the floor")
    if not any(given[name] for name in ("plumbs", "swings", "falls", "edges")):
        raise click.UsageError(
            "expected one of --plumb, --swing, --fall and --edges: what is down?"
        )
    console = Console(stderr=str(given["json_path"]) == "-", highlight=False)
    with progress_bars(console) as progress:
        seen, evidence, source, why = _observe(config, given, progress)
        try:
            solution, _ = worked_out(evidence, seen.picture)
        except ObservationError as problem:
            raise CommandError(str(problem)) from None
        off_axis_m = _off_axis_m(given, evidence, config, progress) if given["spins"] else None
    evidence = solution.evidence
    found = checks.check(evidence, solution)
    reasons = checks.accept(solution)
    identity = _identity(given, seen)
    kept = store(_folder(config, given), identity)
    measured_m = given["marker_diameter_m"] or 0.0
    file = rig_file(
        solution, identity, kept.serial, date.today(), source, why, off_axis_m, measured_m
    )
    _print(console, solution, found)
    if given["json_path"] is not None:
        _write_json(solution, found, reasons, given["json_path"])
    if given["picture"] is not None:
        from shinline_cal.drawing import draw_plane

        draw_plane(seen.picture, evidence, solution, given["picture"])
        console.print(f"drawn: {given['picture']}")
    if reasons:
        last = f"; {kept.rig_path} stays in force" if kept.rig_path.exists() else ""
        raise CommandError(f"refused: {' '.join(reasons)}{last}")
    kept.save(file, seen.picture)
    console.print(f"[bold green]accepted[/]: {kept.rig_path}")


def _observe(
    config: Config, given: dict[str, Any], progress: Callable[[str, float], None]
) -> tuple["Seen", "Evidence", str, str]:
    """Look through all recordings; return the one of the bar at rest and what was observed."""
    from shinline_cal.rigging.edges import edges
    from shinline_cal.rigging.evidence import Evidence
    from shinline_cal.rigging.moving import fall, swing
    from shinline_cal.rigging.still import plumb
    from shinline_cal.rigging.turning import rolled
    from shinline_cal.sightings import apart_from

    bar_m = given["marker_diameter_m"] or config.marker.diameter_m
    hung_m = given["hung_diameter_m"] or bar_m
    shelf = _Shelf(config, given, progress)
    lying = shelf.lying
    profile = given["profile"] or config.calibration.lens_profile
    lens, source, why = _lens(given, shelf.rest, profile)
    upright = shelf.each("edges", lambda there: edges(there.picture, lens))
    evidence = Evidence(
        lens=lens,
        width_px=shelf.rest.width_px,
        height_px=shelf.rest.height_px,
        marker_diameter_m=bar_m,
        plate_diameter_m=given["plate_diameter_m"],
        plumbs=shelf.each("plumbs", lambda there: plumb(apart_from(there.rows, lying), hung_m)),
        swings=shelf.each("swings", lambda there: swing(apart_from(there.rows, lying), hung_m)),
        falls=shelf.each("falls", lambda there: fall(apart_from(there.rows, lying), hung_m)),
        edges=tuple(edge for some in upright for edge in some),
        rests=(lying, *shelf.meanwhile),  # seen beside all that is above, not while it was rolled
        rolls=shelf.each("rolls", lambda there: rolled(there.rows, bar_m)),
        hung_diameter_m=hung_m,
        camera_height_m=given["camera_height_m"],
        distance_m=given["distance_m"],
        facing={"right": 1.0, "left": -1.0}.get(config.marker.facing, 0.0),
    )
    return shelf.rest, evidence, source, why


class _Shelf:
    """The recordings of one mount, looked through when they are asked for.

    ``rest`` is the one of the bar at rest, ``lying`` how it lies there, ``meanwhile`` how it lay in
    the recordings looked through since.
    """

    def __init__(
        self, config: Config, given: dict[str, Any], progress: Callable[[str, float], None]
    ) -> None:
        from shinline_cal.rigging.still import rest

        self._config, self._given, self._progress = config, given, progress
        self.rest: Seen = self._look(given["rests"])
        self.lying: Rest = self._observed(given["rests"][0], self.rest, lambda it: rest(it.rows))
        self.meanwhile: list[Rest] = []

    def each(self, name: str, observe: Callable[["Seen"], Any]) -> tuple[Any, ...]:
        """Make an observation of each recording of a step."""
        from shinline_cal.sightings import meanwhile

        found = []
        for path in self._given[name]:
            there = self._look([path])
            if there.picture.shape != self.rest.picture.shape:
                raise CommandError(
                    f"{path}: {there.width_px} x {there.height_px} pixels, but --rest has "
                    f"{self.rest.width_px} x {self.rest.height_px}: record every step in one mode"
                )
            beside = meanwhile(there.rows, self.lying)
            self.meanwhile += [] if beside is None else [beside]
            found.append(self._observed(path, there, observe))
        return tuple(found)

    def _look(self, paths: Sequence[Path]) -> "Seen":
        from shinline_cal.sightings import look

        return look(paths, self._config, self._progress)

    def _observed(self, path: Path, there: "Seen", observe: Callable[["Seen"], Any]) -> Any:
        from shinline_cal.rigging.evidence import ObservationError

        try:
            return observe(there)
        except ObservationError as problem:
            cut = f" ({there.problem})" if there.problem else ""
            raise CommandError(f"{path}: {problem}{cut}") from None


def _off_axis_m(
    given: dict[str, Any],
    evidence: "Evidence",
    config: Config,
    progress: Callable[[str, float], None],
) -> float:
    """Return how far off the axis the marker is, from a plate that was turned in place."""
    from shinline_cal.rigging.evidence import ObservationError
    from shinline_cal.rigging.turning import spun
    from shinline_cal.sightings import look

    by_m = 0.5 * evidence.marker_diameter_m / evidence.rests[0].r_px
    found = []
    for path in given["spins"]:
        try:
            found.append(by_m * spun(look([path], config, progress).rows).off_axis_px)
        except ObservationError as problem:
            raise CommandError(f"{path}: {problem}") from None
    return max(found)


def _lens(given: dict[str, Any], seen: "Seen", profile: str) -> tuple[configuration.Lens, str, str]:
    """Return the lens to draw through, where it is from, and why it is no better one."""
    from shinline_cal.lens import file as lenses
    from shinline_cal.store import section, store

    identity = _identity(given, seen)
    if given["lens_path"] is not None:
        found = lenses.load(given["lens_path"])
        size_px = (seen.width_px, seen.height_px)
        focus = identity.lens_position
        config = lenses.to_config(
            found, *size_px, given["model"], focus, identity.serial, identity.mode
        )
        return config, found.source, ""
    kept, why = store(_folder(Config(), given), identity).lens(identity, profile)
    return section(kept), "none" if kept is None else kept.source, why


def _identity(given: dict[str, Any], seen: "Seen") -> Any:
    from shinline.types import CameraIdentity

    return CameraIdentity(
        model=given["model"],
        serial=given["serial"] or "",
        width_px=seen.width_px,
        height_px=seen.height_px,
        mode=given["mode"],
        lens_position=given["lens_position"],
    )


def _folder(config: Config, given: dict[str, Any]) -> Path:
    from shinline.app.calibrations import folder

    return given["folder"] if given["folder"] is not None else folder(config)


def _print(console: Console, solution: "Solution", found: "list[Check]") -> None:
    from rich.table import Table

    pose = solution.to_config()
    table = Table(title="How the camera stands", title_justify="left")
    table.add_column("")
    table.add_column("value", justify="right")
    table.add_column("± 1 sd", justify="right")
    table.add_row("leans (roll)", f"{pose.roll_deg:+.2f}°", f"{pose.roll_sd_deg:.2f}°")
    if solution.calibrated_lens:
        table.add_row("looks up (pitch)", f"{pose.pitch_deg:+.2f}°", f"{pose.pitch_sd_deg:.2f}°")
        table.add_row(
            "stands aside (azimuth)", f"{pose.azimuth_deg:+.1f}°", f"{pose.azimuth_sd_deg:.1f}°"
        )
        table.add_row("distance", f"{solution.distance_m:.2f} m", "")
    height_m = solution.camera_height_m
    known = "not known: --plate-diameter-m" if height_m is None else f"{height_m:.2f} m"
    table.add_row("height above the floor", known, "")
    table.add_row("scale", "", f"{100.0 * pose.scale_rel_sd:.2f} %")
    console.print(table)
    checks = Table(title="What speaks for it", title_justify="left", show_header=False)
    for check in found:
        size = f"{check.value:.3g} of {check.limit:.3g}" if check.ok is not None else ""
        checks.add_row(MARKS[check.ok], check.code.replace("_", " "), size)
    console.print(checks)
    for check in found:
        if check.ok is False:
            console.print(f"[yellow]{check.code.replace('_', ' ')}[/]: {check.sentence}")


def _write_json(solution: "Solution", found: "list[Check]", reasons: list[str], path: Path) -> None:
    import msgspec

    document = {
        "accepted": not reasons,
        "reasons": reasons,
        "rig": msgspec.to_builtins(solution.to_config()),
        "lens": msgspec.to_builtins(solution.lens),
        "distance_m": solution.distance_m,
        "camera_height_m": solution.camera_height_m,
        "residuals_sd": solution.residuals(),
        "checks": [
            {"code": c.code, "ok": c.ok, "value": c.value, "limit": c.limit, "text": c.sentence}
            for c in found
        ],
    }
    text = json.dumps(document, indent=1) + "\n"
    if str(path) == "-":
        click.echo(text, nl=False)
    else:
        path.write_text(text, encoding="utf-8")
