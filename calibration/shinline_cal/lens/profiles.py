"""Lenses as their makers describe them: starting points, marked nominal."""

from datetime import date
from functools import cache
from importlib.resources import files
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from shinline_cal.lens.file import LensError, LensFile

CENTRE_SD: Final = 0.01
"""Of the optical centre, as a share of the array's width: two measured modules lie 0.4 and 1.4 %
from the middle."""

SIDE_STEP_PX: Final = 2
WIDTH_MAX_PX: Final = 1536
WIDTH_STEP_PX: Final = 128
"""How the size of the picture follows from the sensor's mode: as in ``shinline_pi.modes``, which is
not imported, because it belongs to the device; a test compares the two."""

Pair = tuple[int, int]


class Mode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A size that the sensor sends, and the part of its array (x, y, width, height) in it."""

    size_px: Pair
    crop_px: tuple[int, int, int, int]

    @property
    def output_px(self) -> Pair:
        """Size of the picture that the product takes in this mode."""
        width, height = self.size_px
        output = min(width, WIDTH_MAX_PX) // WIDTH_STEP_PX * WIDTH_STEP_PX
        return output, height * output // width // SIDE_STEP_PX * SIDE_STEP_PX


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One camera with one lens; see the head of ``profiles.toml``."""

    title: str
    focal_mm: Annotated[float, Meta(gt=0.0)]
    pitch_um: Annotated[float, Meta(gt=0.0)]
    array_px: Pair
    focal_rel_sd: float
    k1: float
    k2: float
    k1_sd: float
    focus: bool
    modes: tuple[Mode, ...]
    field_deg: float | None = None
    field_px: float | None = None

    @property
    def focal_px(self) -> float:
        """Focal length in pixels of the array."""
        return 1000.0 * self.focal_mm / self.pitch_um


@cache
def profiles() -> dict[str, Profile]:
    """Return all profiles by name."""
    text = files("shinline_cal.lens").joinpath("profiles.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=dict[str, Profile])


def nominal(name: str, width_px: int, height_px: int, serial: str = "nominal") -> LensFile:
    """Return the lens of a profile for a size of the picture.

    Parameters
    ----------
    name
        Of the profile: the camera's model, and of its lens where it can be changed. An ending
        ``_noir`` makes no difference.
    width_px, height_px
        Of the picture: one that the product takes, or one that the sensor sends.
    serial
        Of the camera.

    Raises
    ------
    LensError
        No such profile, or a size that none of its modes has.

    """
    profile = _profile(name)
    mode = next((m for m in profile.modes if m.output_px == (width_px, height_px)), None)
    mode = mode or next((m for m in profile.modes if m.size_px == (width_px, height_px)), None)
    if mode is None:
        sizes = sorted({size for m in profile.modes for size in (m.output_px, m.size_px)})
        known = ", ".join(f"{w} x {h}" for w, h in sizes)
        raise LensError(
            f"{name} sends no picture of {width_px} x {height_px} pixels; there are: {known}"
        )
    # The picture keeps its shape: what of the mode does not fit in it is cut off.
    scale = max(width_px / mode.crop_px[2], height_px / mode.crop_px[3])
    left, top = (
        mode.crop_px[n] + 0.5 * (mode.crop_px[n + 2] - side / scale)
        for n, side in ((0, width_px), (1, height_px))
    )
    focal_px = profile.focal_px * scale
    return LensFile(
        serial=serial,
        camera=name,
        width_px=width_px,
        height_px=height_px,
        date=date.today(),
        source="nominal",
        fx_px=focal_px,
        fy_px=focal_px,
        cx_px=(0.5 * profile.array_px[0] - left) * scale - 0.5,
        cy_px=(0.5 * profile.array_px[1] - top) * scale - 0.5,
        k1=profile.k1,
        k2=profile.k2,
        p1=0.0,
        p2=0.0,
        k3=0.0,
        focal_rel_sd=profile.focal_rel_sd,
        centre_sd_px=CENTRE_SD * profile.array_px[0] * scale,
        k1_sd=profile.k1_sd,
        notes=f"{profile.title}: from its maker's figures, not measured",
    )


def default_size(name: str) -> Pair:
    """Return the size of the picture that the product takes from a camera."""
    return _profile(name).modes[0].output_px


def _profile(name: str) -> Profile:
    known = profiles()
    plain = name.removesuffix("_noir")
    if plain not in known:
        raise LensError(f"no profile {name!r}; there are: {', '.join(known)}")
    return known[plain]
