"""Material for the tests of ``shinline verify``: files as users bring them."""

import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange
from numpy.typing import NDArray

from shinline_cal.verify.paths import MarkerPath

PX_PER_M = 500.0
RATE_HZ = 60
SIDE_PX = (560, 240)


def write_path(file: Path, path: MarkerPath) -> Path:
    """Write a path as a table of positions."""
    rows = zip(path.t_s, path.x_m, path.y_m, strict=True)
    text = "\n".join(f"{t:.6f},{x:.6f},{y:.6f}" for t, x, y in rows)
    file.write_text(f"t_s,x_m,y_m\n{text}\n")
    return file


def write_fall(file: Path, g_mps2: float) -> Path:
    """Render a ring marker of 80 mm that rests for 0.5 s, falls 0.8 m, and rests again."""
    t_s = np.arange(0.0, 1.4, 1.0 / RATE_HZ)
    fallen = np.clip(0.5 * g_mps2 * np.maximum(0.0, t_s - 0.5) ** 2, 0.0, 0.8)
    with av.open(str(file), "w") as container:
        stream = container.add_stream("libx264", rate=RATE_HZ)
        stream.height, stream.width = SIDE_PX
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, 90_000)
        stream.codec_context.color_range = ColorRange.JPEG
        stream.options = {"preset": "ultrafast", "crf": "12", "bf": "0"}
        for t, down in zip(t_s, fallen, strict=True):
            luma = ring(120.0 + 4.0 * down, 70.0 + PX_PER_M * float(down))
            frame = av.VideoFrame.from_ndarray(luma, format="gray").reformat(
                format="yuv420p", src_color_range=ColorRange.JPEG, dst_color_range=ColorRange.JPEG
            )
            frame.pts, frame.time_base = round(t * 90_000), Fraction(1, 90_000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file


def ring(x_px: float, y_px: float) -> NDArray[np.uint8]:
    """Draw the bar's target with soft edges on a grey, slightly uneven wall."""
    rows, columns = np.mgrid[0 : SIDE_PX[0], 0 : SIDE_PX[1]].astype(np.float64)
    picture = 110.0 + 6.0 * np.sin(columns / 17.0) + 5.0 * np.cos(rows / 23.0)
    distance = np.hypot(columns - x_px, rows - y_px)
    radius = 0.04 * PX_PER_M
    for r, grey in ((1.6 * radius, 225.0), (radius, 25.0), (0.41 * radius, 225.0)):
        picture += np.clip(r - distance + 0.5, 0.0, 1.0) * (grey - picture)
    return np.rint(picture).astype(np.uint8)


def write_reps(folder: Path, n_sets: int = 8, seed: int = 5) -> tuple[Path, Path]:
    """Write reps as ``analyze --json`` does, and another device's CSV of the same lifts.

    The other device misses one rep, we miss another; its clock is 812.3 s ahead, it reads 0.004
    m/s more, and writes decimal commas.
    """
    rng = np.random.default_rng(seed)
    ours, theirs, at_s = list[dict[str, object]](), list[str](), 0.0
    for s in range(n_sets):
        at_s += 150.0
        for r in range(5):
            at_s += rng.uniform(2.5, 4.5)
            speed, rom = rng.uniform(0.15, 0.85), rng.normal(0.56, 0.01)
            if (s, r) != (3, 2):
                ours.append(
                    {
                        "set": s + 1,
                        "rep": r + 1,
                        "valid": True,
                        "liftoff_s": at_s,
                        "mean_velocity_mps": speed + rng.normal(0, 0.006),
                        "mean_velocity_sd_mps": 0.01,
                        "rom_m": rom + rng.normal(0, 0.002),
                    }
                )
            if (s, r) != (1, 0):
                clock_s = at_s + 812.3 + rng.normal(0, 0.1)
                time = f"{int(clock_s // 3600)}:{int(clock_s // 60 % 60):02d}:{clock_s % 60:05.2f}"
                values = f"{speed + 0.004 + rng.normal(0, 0.01):.3f};{100 * rom:.1f}"
                theirs.append(f"Deadlift;{s + 1};{r + 1};{time};{values}".replace(".", ","))
            at_s += rom / speed
    files = folder / "reps.json", folder / "theirs.csv"
    files[0].write_text(json.dumps({"reps": ours, "path": []}))
    header = "Exercise;Set;Rep;Time;Mean Velocity (m/s);Height (cm)"
    files[1].write_text("\r\n".join([header, *theirs]), encoding="utf-8-sig")
    return files
