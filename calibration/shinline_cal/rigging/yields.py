"""What each step of a calibration gives: standard deviations, by which steps were done.

``python -m shinline_cal.rigging.yields`` prints the table of docs/rig.md: medians over simulated
mounts, of what the solver states. Whether it is as sure as it says is for :mod:`.mounts` to show.
"""

import argparse
from dataclasses import replace
from math import sqrt
from typing import Final

import numpy as np

from shinline.config import Lens
from shinline.types import FloatArray
from shinline_cal.rigging import moving, steps, still, turning, world
from shinline_cal.rigging.evidence import Evidence, ObservationError
from shinline_cal.rigging.optics import AZIMUTH, PITCH
from shinline_cal.rigging.solve import solve
from shinline_cal.rigging.steps import Session, Trouble
from shinline_cal.rigging.vertical import lean_by, lens_of

SETS: Final = (
    ("string, two heights", ("plumbs",)),
    ("swing", ("swings",)),
    ("fall", ("falls",)),
    ("two edges of the room", ("edges",)),
    ("string + swing", ("plumbs", "swings")),
    ("string + swing + bar rolled", ("plumbs", "swings", "rolls")),
    ("string + swing + lens's height by tape", ("plumbs", "swings", "height")),
    ("everything", ("plumbs", "swings", "falls", "edges", "rolls", "height")),
    ("string + swing, no lens", ("plumbs", "swings", "no lens")),
)
STEPS: Final = ("plumbs", "swings", "falls", "edges", "rolls")


def everything(mount: world.Mount, rng: np.random.Generator, file: str) -> Evidence:
    """Carry out every step once.

    Raises
    ------
    ObservationError
        As in use: the fall may leave the picture.

    """
    session = Session(mount, rng, Trouble())
    aside, near, span, low = steps.fit_in(mount, rng, float(rng.normal(0.0, 0.2)), 0.05)
    return Evidence(
        lens=steps.lens_file(mount, rng, Trouble(), file),
        width_px=mount.width_px,
        height_px=mount.height_px,
        marker_diameter_m=steps.DIAMETER_M,
        marker_rel_sd=steps.PRINT_REL,
        plate_diameter_m=steps.PLATE_M,
        rests=(still.rest(session.rest()),),
        plumbs=(still.plumb(session.plumb(aside, near, span, low)),),
        swings=(moving.swing(session.swing(aside, near, span + 0.1, low)),),
        falls=(moving.fall(session.fall(aside, near, low + span)),),
        edges=session.edges(2),
        rolls=(turning.rolled(session.roll(0.38)),),
        camera_height_m=float(mount.eye[1]) + 0.225 + float(rng.normal(0.0, steps.TAPE_M)),
    )


def only(given: Evidence, kept: tuple[str, ...]) -> Evidence:
    """Return the evidence of some steps alone."""
    left: dict[str, object] = {name: () for name in STEPS if name not in kept}
    if "height" not in kept:
        left["camera_height_m"] = None
    if "no lens" in kept:
        left["lens"] = Lens()
    return replace(given, **left)  # type: ignore[arg-type]


def stated(given: Evidence) -> tuple[float, float, float, float]:
    """Return sds: of the vertical at the bar, pitch, azimuth, and ``roll_sd_deg``."""
    found = solve(given)
    by = lean_by(given, lens_of(given), found.values)
    vertical = sqrt(max(0.0, float(by @ found.covariance @ by)))
    sds = np.sqrt(np.diag(found.covariance))
    return vertical, float(sds[PITCH]), float(sds[AZIMUTH]), found.roll_sd_deg


def table(mounts: int, seed: int, file: str) -> list[tuple[str, FloatArray]]:
    """Return for each set of steps the medians (4,) of what is stated."""
    rows: dict[str, list[tuple[float, float, float, float]]] = {name: [] for name, _ in SETS}
    index = 0
    while min(len(found) for found in rows.values()) < mounts:
        rng = np.random.default_rng([seed, index])
        mount = world.draw_mount(rng, tuple(world.LENSES)[index % len(world.LENSES)])
        index += 1
        try:
            given = everything(mount, rng, file)
        except ObservationError:
            continue
        for name, kept in SETS:
            rows[name].append(stated(only(given, kept)))
    return [(name, np.median(found, axis=0)) for name, found in rows.items()]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mounts", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--file", choices=tuple(steps.FILES), default="nominal")
    asked = parser.parse_args()
    print("| steps | vertical at the bar | pitch | azimuth | `roll_sd_deg` |")
    print("|---|---|---|---|---|")
    for name, sds in table(asked.mounts, asked.seed, asked.file):
        shown = [f"{sds[0]:.2f}°", f"{sds[1]:.1f}°", f"{sds[2]:.1f}°", f"{sds[3]:.2f}°"]
        if "no lens" in name:
            shown[1:3] = ["—", "—"]
        print(f"| {name} | {' | '.join(shown)} |")


if __name__ == "__main__":
    main()
