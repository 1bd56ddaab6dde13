"""Errors of the numbers on measured bar paths: ``python tests/e2e/mocap_table.py [FOLDER]``.

A simulated camera looks at each path again and again, as in ``python -m
shinline.app.bench.lifts``, and what the product says of each repetition is compared with a
reference that owes it nothing (``mocap_paths.py``).
"""

import argparse
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from mocap_paths import (
    CUTOFF_HZ,
    MOCAP,
    POOR,
    STICKERS,
    VICON,
    Curve,
    Measured,
    below_cutoff,
    columns,
    filtered,
    gym_set,
    straight_reps,
    table,
    true_reps,
    vicon_ends,
)
from rich.console import Console
from rich.table import Table
from scipy.interpolate import Akima1DInterpolator

from shinline.app.bench.lifts.figures import column, drift, mean_velocity, rms, scaled
from shinline.app.bench.lifts.filming import film
from shinline.app.bench.lifts.kinds import KINDS
from shinline.app.bench.lifts.motion import TrueRep
from shinline.app.bench.lifts.pulls import Draw
from shinline.app.bench.lifts.ranges import CONDITIONS, JUDGING, Condition
from shinline.app.bench.lifts.score import Count, run, score
from shinline.types import NS_PER_S, FloatArray, Rep

FILMS = 20
"""How often each kind of camera is set up anew before each path."""

PLANE, HARD, UNLEVELLED = CONDITIONS
VICON_HZ = 60.0
PLANE_PX = 60.0
LOOKS = {
    PLANE.name: f"in the plane, marker {PLANE_PX:.0f} px",
    HARD.name: "10° beside it, blur, 2 % lost",
    UNLEVELLED.name: "out of the box",
}
MEAN, PEAK, ROM, DRIFT = "mean, m/s", "peak, m/s", "ROM, mm", "drift, mm"

DRAWS = 40
STILL_S = 5.0
SAMPLED_HZ = 30.0
WIDTH = 110

FAR = "Far off: more than 0.03 m/s and four of its standard deviations, or a ROM 30 mm wrong. "
RAW = FAR + (
    "Truth: the same samples after a zero-lag fourth-order Butterworth filter of "
    f"{CUTOFF_HZ:.0f} Hz, bounded by docs/numbers.md. It has an error of its own: see the table "
    "below. The camera sees the path as it was measured, with the tracker's trembling as if "
    "the bar did that. Films of the same few repetitions are not independent. "
)
GAPS = (
    "Samples in which a sticker was missed count as not seen (all are near the moments at which "
    "the plates strike)."
)
BRIDGED = "Samples in which a sticker was missed are bridged by a smooth curve, and seen."
EXACT = (
    f"The paths of both sets below {CUTOFF_HZ:.0f} Hz, as motions of their own: real shapes, "
    "exact truth, no trembling."
)
KNOTS = (
    "Sumo 80 kg and conventional 70 kg, each end of the bar seen from its own side. Taken from the "
    "file: seconds, height and forward distance in millimetres. Cubic Hermite curves through the "
    "means of the pairs with the slopes of the pairs; the bar lies until it can rise without "
    "sinking first; it stops 0.3 s after the last knot. Truth is exact for that curve. Four pulls."
)


@dataclass
class Errors:
    """What came of all films of one or more paths by one kind of camera."""

    condition: Condition
    count: Count = field(default_factory=Count)
    pairs: list[tuple[TrueRep, Rep]] = field(default_factory=list)

    def numbers(self) -> dict[str, FloatArray]:
        """Return errors by name, in m/s and mm; drift in both directions."""
        _, peak = column(self.pairs, lambda r: r.peak_velocity_mps, lambda t: t.peak_velocity_mps)
        _, rom = column(self.pairs, lambda r: r.rom_m, lambda t: t.rom_m)
        _, mean = mean_velocity(self.pairs)
        return {MEAN: mean, PEAK: peak, ROM: 1e3 * rom, DRIFT: 1e3 * drift(self.pairs)[1]}

    def scaled(self) -> dict[str, FloatArray]:
        """Return errors in units of the standard deviation that was published with them."""
        named = {MEAN: "mean_velocity_sd_mps", DRIFT: "drift_sd_m"}
        return {name: scaled(self.pairs, sd) for name, sd in named.items()}


def errors(paths: list[Measured], condition: Condition, films: int = FILMS) -> Errors:
    """Film each path so many times, each time with a camera that stands a little otherwise."""
    ranges = JUDGING
    if condition.name == PLANE.name:
        ranges = replace(ranges, marker_px=(PLANE_PX, PLANE_PX))
    total = Errors(condition)
    for number, path in enumerate(paths):
        for seed in range(films):
            draw = Draw(ranges, np.random.default_rng([number, seed]))
            seen = replace(path, sway=draw.normal(1.0))
            filmed = film(seen, KINDS[0], condition, draw)
            scored = score(seen, filmed, KINDS[0], run(filmed))
            total.count.add(scored.count)
            total.pairs += scored.found
    return total


def errors_table(title: str, caption: str, all_errors: list[Errors]) -> Table:
    """Return four lines for each kind of camera, one for each number."""
    out = _table(title, caption, ("camera", "number", "n", "bias", "RMSE", "median", "worst",
                                  "1 sd", "2 sd"))  # fmt: skip
    for found in all_errors:
        count, inside = found.count, found.scaled()
        about = (
            f"{LOOKS[found.condition.name]}, {found.condition.rate_hz:.0f} Hz",
            f"{count.found} of {count.true} reps valid",
            f"{count.wrong} of them far off",
            f"{count.invented} invented",
        )
        for said, (name, off) in zip(about, found.numbers().items(), strict=True):
            size = np.abs(off)
            values = (np.mean(off), rms(off), np.median(size), off[np.argmax(size)])
            shares = [f"{100 * np.mean(np.abs(inside[name]) <= k):.0f} %" for k in (1, 2)
                      if name in inside]  # fmt: skip
            out.add_row(
                said, name, str(len(off)), *(f"{v:.{_digits(name)}f}" for v in values), *shares
            )
        out.add_section()
    return out


def _table(title: str, caption: str, names: tuple[str, ...]) -> Table:
    out = Table(title=title, title_justify="left", caption=caption, caption_justify="left",
                width=WIDTH)  # fmt: skip
    for name in names:
        left = name in ("camera", "number", "path", "style")
        out.add_column(name, justify="left" if left else "right", no_wrap=True)
    return out


def _digits(number: str) -> int:
    return 1 if number.endswith("mm") else 4


def _reference(raw: Measured, curve: Curve, cutoff_hz: float = CUTOFF_HZ) -> FloatArray:
    """Return mean, peak, ROM and the larger drift of each rep, (n, 4), in the table's units."""
    reps = true_reps(filtered(curve, raw.duration_s, cutoff_hz), raw.duration_s)
    return np.array([
        (r.mean_velocity_mps, r.peak_velocity_mps, 1e3 * r.rom_m,
         1e3 * max(r.drift_forward_m, r.drift_backward_m)) for r in reps
    ])  # fmt: skip


def _trembling(raw: Measured, sd_m: FloatArray, rng: np.random.Generator) -> Curve:
    """Return the path with as much noise again as the tracker has, sample by sample."""
    t_s = np.arange(0.0, raw.duration_s + 1.0 / SAMPLED_HZ, 1.0 / SAMPLED_HZ)
    noise = Akima1DInterpolator(t_s, sd_m * rng.standard_normal((len(t_s), 2)), method="makima")

    def curve(at_s: FloatArray) -> FloatArray:
        return np.stack([*(raw.curve(at_s)[:2] + noise(at_s).T), np.zeros(len(at_s))])

    return curve


def reference_table(folder: Path) -> Table:
    """Return how sure the reference itself is."""
    caption = (
        "Hz: how far filters of 4, 5 and 6 Hz (and of 8 and 10 Hz) are apart. Tremble: standard "
        f"deviation when noise is added of the size that the resting bar shows in the first "
        f"{STILL_S:.0f} s. Means over the repetitions, and the worst of them."
    )
    names = ("path", "number", "4-6 Hz\nmean", "4-6 Hz\nworst", "4-10 Hz\nworst",
             "tremble\nmean", "tremble\nworst")  # fmt: skip
    out = _table("The reference's own error", caption, names)
    for name in STICKERS:
        raw, named = gym_set(name, folder), columns(name, folder)
        still = named["t"] < STILL_S
        sd_m = np.array([np.nanstd(named[axis][still]) for axis in ("x", "height")])
        by_cutoff = [_reference(raw, raw.curve, hz) for hz in (4.0, 5.0, 6.0, 8.0, 10.0)]
        rng = np.random.default_rng(1)
        by_noise = [_reference(raw, _trembling(raw, sd_m, rng)) for _ in range(DRAWS)]
        usual, any_hz = np.ptp(by_cutoff[:3], axis=0), np.ptp(by_cutoff, axis=0)
        tremble = np.std(by_noise, axis=0)
        said = (name, f"at rest {1e3 * sd_m[0]:.2f}, {1e3 * sd_m[1]:.2f} mm", "", "")
        for k, number in enumerate((MEAN, PEAK, ROM, DRIFT)):
            values = (usual[:, k].mean(), usual[:, k].max(), any_hz[:, k].max(),
                      tremble[:, k].mean(), tremble[:, k].max())  # fmt: skip
            out.add_row(said[k], number, *(f"{v:.{_digits(number)}f}" for v in values))
        out.add_section()
    return out


def poor_table(folder: Path) -> Table:
    """Return what is published of the set whose tracker lost the plate again and again."""
    rows = table(POOR, folder)
    reps = straight_reps(rows)
    valid = sum(rep.valid for rep in reps)
    caption = (
        "No reference: 6 real repetitions under gross errors of the tracker. Jump: the farthest "
        "that it went sideways from one sample to the next in the pull. A dash is null."
    )
    title = f"{POOR}: {len(reps)} repetitions, {valid} valid"
    names = ("rep", "from s", "ROM m", "mean m/s", "sd", "peak m/s", "m/s²", "fore mm", "back mm",
             "sd", "jump mm", "style")  # fmt: skip
    out = _table(title, caption, names)
    for rep in reps:
        start_s, lockout_s = rep.start_ns / NS_PER_S, rep.lockout_ns / NS_PER_S
        pull = (rows[:, 0] >= start_s) & (rows[:, 0] <= lockout_s)
        drifts = (rep.drift_forward_m, rep.drift_backward_m, rep.drift_sd_m)
        out.add_row(
            f"{rep.rep}" if rep.valid else f"{rep.rep} not valid",
            f"{start_s:.2f}",
            _said(rep.rom_m, 3),
            *(_said(v, 3) for v in (rep.mean_velocity_mps, rep.mean_velocity_sd_mps)),
            _said(rep.peak_velocity_mps, 2),
            _said(rep.peak_acceleration_mps2, 1),
            *(_said(v, 0, 1e3) for v in drifts),
            f"{1e3 * np.abs(np.diff(rows[pull, 1])).max():.0f}",
            rep.style.value,
        )
    return out


def _said(value: float | None, digits: int, unit: float = 1.0) -> str:
    return "-" if value is None else f"{unit * value:.{digits}f}"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=MOCAP, metavar="FOLDER")
    parser.add_argument("--films", type=int, default=FILMS, help="of each path by each camera")
    parser.add_argument(
        "--bridged", action="store_true", help="let the bar be seen where the tracker lost it, too"
    )
    asked = parser.parse_args()
    files = [f"{name}.csv" for name in (*STICKERS, POOR)] + [f"{VICON}.json"]
    missing = [name for name in files if not (asked.folder / name).is_file()]
    if missing:
        parser.error(f"expected in {asked.folder}: {', '.join(files)}; not there: {missing}")
    if asked.films < 1:
        parser.error("--films: expected 1 or more")
    sets = [gym_set(name, asked.folder) for name in STICKERS]
    measured = RAW + (BRIDGED if asked.bridged else GAPS)
    if asked.bridged:
        sets = [replace(path, hidden=()) for path in sets]
    console = Console(width=WIDTH)
    at_60_hz = [replace(condition, rate_hz=VICON_HZ) for condition in CONDITIONS]
    for title, caption, paths, conditions in (
        *((f"{path.name}, as measured", measured, [path], CONDITIONS) for path in sets),
        ("Both sets, filtered", EXACT, [below_cutoff(path) for path in sets], CONDITIONS),
        ("Vicon, both ends of two trials", KNOTS, vicon_ends(asked.folder), at_60_hz),
    ):
        found = [errors(paths, condition, asked.films) for condition in conditions]
        console.print(errors_table(title, caption, found), "")
    console.print(reference_table(asked.folder), "")
    console.print(poor_table(asked.folder))


if __name__ == "__main__":
    main()
