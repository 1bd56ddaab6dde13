"""``shinline calibrate lens``: from pictures, a recording or a camera to a lens file."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from math import hypot
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console

from shinline.app.plugins import CommandError
from shinline.sources.video import VideoFile
from shinline.types import CameraIdentity, FrameSource
from shinline_cal import files
from shinline_cal.lens import collect
from shinline_cal.lens import profiles as ready_made
from shinline_cal.lens.accept import Calibration, calibrate
from shinline_cal.lens.collect import Collector, Kept, Taken
from shinline_cal.lens.file import DIOPTRES_APART, LensError, LensFile, load, save
from shinline_cal.lens.fit import LensRefused
from shinline_cal.lens.model import NAMES
from shinline_cal.lens.picture import picture
from shinline_cal.lens.screen import Guide, refusals, report

NOTES_MAX: Final = 2000

UNLIKE_SD: Final = 3.0

WARMTH_REL_SD: Final = 0.0005
"""What no chart shows: plastics grow by some 0.005 % a degree, and with the barrel's length the
focal length, over ten degrees between the day of the chart and the day of the lift."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted: of which camera, from where, to where.

    ``folder`` is that of all calibrations; lens files are in its folder ``lenses``.
    """

    serial: str
    camera: str
    folder: Path
    wanted: int
    lens_position: float | None = None
    mode: str = ""
    resume: bool = False
    picture: Path | None = None

    @property
    def path(self) -> Path:
        """The lens file."""
        return self.folder / "lenses" / f"{self.serial}.toml"

    @property
    def kept_path(self) -> Path:
        """Where an interrupted collection is kept."""
        return self.path.with_suffix(".views.json")


def write_nominal(order: Order, profile: str, size_px: tuple[int, int] | None) -> LensFile:
    """Write a ready-made lens; a measured one is not overwritten.

    Raises
    ------
    CommandError
        There is a measured lens already.
    LensError
        No such profile or size, or the file cannot be written.

    """
    if order.path.exists() and load(order.path).source == "calibrated":
        raise CommandError(
            f"{order.path} was measured, which is better than a ready-made lens; remove it first "
            "if you want that all the same"
        )
    width_px, height_px = size_px or ready_made.default_size(profile)
    lens = ready_made.nominal(profile, width_px, height_px, order.serial)
    lens = msgspec.structs.replace(lens, lens_position=order.lens_position)
    save(order.path, lens)
    return lens


def from_files(order: Order, paths: Sequence[Path], console: Console) -> Calibration:
    """Calibrate from still pictures or a recording, and write the lens file.

    Raises
    ------
    CommandError
        No lens was accepted; the message says why. An older file is untouched.

    """
    paths = collect.listed(paths)
    stills = [path for path in paths if collect.is_picture(path)]
    videos = [VideoFile(path) for path in paths if not collect.is_picture(path)]

    def taken() -> Iterator[Taken]:
        yield from collect.stills(stills)
        for video in videos:
            yield from collect.recording(video)

    collector = _collect(order, taken(), console, stop=lambda _: False)
    cut = [f"{video.path.name}: {video.problem}" for video in videos if video.problem]
    for line in (*refusals(collector), *cut):
        console.print(line, style="yellow", markup=False)
    return _finish(order, collector, console, cut)


def from_camera(order: Order, source: FrameSource, console: Console) -> tuple[Order, Calibration]:
    """Calibrate from a running camera, and write the lens file.

    Returns the order as well, completed by what the camera says of itself.

    Raises
    ------
    CommandError
        As :func:`from_files`.

    """
    order = _identified(order, source)

    def stop(found: Collector) -> bool:
        _focus_stays(order, source)
        return found.complete(order.wanted)

    try:
        collector = _collect(order, collect.live(source), console, stop)
    finally:
        source.close()
    return order, _finish(order, collector, console, [])


def _identity(source: FrameSource) -> CameraIdentity | None:
    """Return which camera it is, if the source knows."""
    return getattr(source, "identity", None)


def _identified(order: Order, source: FrameSource) -> Order:
    """Fill in what the camera says of itself and nobody else said."""
    known = _identity(source)
    if known is None:
        known = CameraIdentity(source.name, "", source.width_px, source.height_px)
    asked = order.lens_position
    return replace(
        order,
        serial=order.serial or files.name_of(known),
        camera=order.camera or known.model,
        mode=order.mode or known.mode,
        lens_position=known.lens_position if asked is None else asked,
    )


def _focus_stays(order: Order, source: FrameSource) -> None:
    """Refuse to go on when the camera says that its focus moved."""
    known = _identity(source)
    if known is None or known.lens_position is None or order.lens_position is None:
        return
    if abs(known.lens_position - order.lens_position) > DIOPTRES_APART:
        raise LensRefused(
            f"the focus moved from {order.lens_position:.2f} to {known.lens_position:.2f} "
            "dioptres: switch autofocus off, and take all views anew"
        )


def _collect(
    order: Order, pictures: Iterator[Taken], console: Console, stop: Callable[[Collector], bool]
) -> Collector:
    """Go through pictures; whatever ends that early, the views so far are kept."""
    collector = _resumed(order) if order.resume else Collector()
    try:
        with _refusals_told(), Guide(console, order.wanted) as guide:
            for taken in pictures:
                collector.offer(taken)
                guide.show(collector, taken)
                if stop(collector):
                    break
    except BaseException as problem:
        kept = _keep(order, collector)
        if isinstance(problem, KeyboardInterrupt):
            raise CommandError(f"interrupted; {kept}, an older lens file is as it was") from None
        raise
    return collector


def _finish(
    order: Order, collector: Collector, console: Console, notes: Sequence[str]
) -> Calibration:
    """Fit, check, write; on refusal keep the views, so that more can be added."""
    try:
        with console.status("fitting") as status:
            result = calibrate(
                collector.chosen(2 * order.wanted),
                collector.size,
                lambda what, share: status.update(f"{what} {share:.0%}"),
            )
    except LensRefused as problem:
        kept = _keep(order, collector)
        raise CommandError(
            f"no lens: {problem} ({kept}; an older lens file is as it was)"
        ) from None
    except KeyboardInterrupt:
        raise CommandError(f"interrupted; {_keep(order, collector)}") from None
    unlike = unlike_nominal(order.camera, result)
    save(order.path, lens_file(order, result, [*notes, *unlike]))
    order.kept_path.unlink(missing_ok=True)
    report(console, result)
    for line in unlike:
        console.print(f"note: {line}", style="yellow", markup=False)
    if order.picture is not None:
        files.replace(order.picture, picture(result).encode())
    return result


def lens_file(order: Order, result: Calibration, notes: Sequence[str] = ()) -> LensFile:
    """Return what is written of a calibration."""
    theta, known = result.fit.solution.theta, result.spread
    return LensFile(
        serial=order.serial,
        camera=order.camera,
        width_px=result.size_px[0],
        height_px=result.size_px[1],
        date=date.today(),
        source="calibrated",
        **{name: float(value) for name, value in zip(NAMES, theta, strict=True)},
        focal_rel_sd=hypot(known.focal_rel_sd, WARMTH_REL_SD),
        centre_sd_px=known.centre_sd_px,
        k1_sd=known.k1_sd,
        worst_px=known.worst_px,
        rms_px=result.fit.solution.rms_px,
        held_out_px=result.held_out_px,
        views=len(result.views),
        coverage=result.coverage,
        mode=order.mode,
        lens_position=order.lens_position,
        notes="; ".join((*result.remarks, *notes))[:NOTES_MAX],
    )


def unlike_nominal(camera: str, result: Calibration) -> list[str]:
    """Return a remark when the focal length is not the one that the camera's maker states."""
    try:
        stated = ready_made.nominal(camera, *result.size_px)
    except LensError:
        return []
    share = float(result.fit.solution.theta[0]) / stated.fx_px - 1.0
    if abs(share) <= UNLIKE_SD * stated.focal_rel_sd:
        return []
    return [
        f"the focal length is {abs(share):.0%} {'longer' if share > 0 else 'shorter'} than a "
        f"{camera} has by its maker's figures: is it that camera, and that mode?"
    ]


@contextmanager
def _refusals_told() -> Iterator[None]:
    try:
        yield
    except LensRefused as problem:
        raise CommandError(str(problem)) from None


def _keep(order: Order, collector: Collector) -> str:
    """Write what was collected beside the lens file; return how to go on."""
    if collector.size_px is None or not collector.views:
        return "nothing was collected yet"
    kept = Kept(order.camera, collector.size_px, tuple(collector.views))
    files.replace(order.kept_path, msgspec.json.encode(kept))
    return f"{len(collector.views)} views are kept, --resume goes on from there"


def _resumed(order: Order) -> Collector:
    if not order.kept_path.exists():
        raise CommandError(f"nothing to resume: there is no {order.kept_path}")
    try:
        kept = msgspec.json.decode(order.kept_path.read_bytes(), type=Kept)
    except msgspec.DecodeError as problem:
        raise CommandError(f"{order.kept_path} cannot be read: {problem}; remove it") from None
    if order.camera and kept.camera != order.camera:
        raise CommandError(
            f"{order.kept_path} is of a camera {kept.camera}, not of a {order.camera}; remove it"
        )
    return Collector(views=list(kept.views), size_px=kept.size_px)
