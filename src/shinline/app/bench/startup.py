"""How long a new process takes to the first centre, with its kernels compiled before."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import numpy as np

from shinline.app.bench.scenes import BY_NAME, Scene, render

STARTS: Final = 3

CHILD: Final = """
import sys
sys.modules["scipy"] = None  # comes with the tests only; Numba would import it where it is there
import numpy as np
from shinline.vision.ring import detect_image
row = detect_image(np.load(sys.argv[1]))[0]
print(row["x_px"], row["y_px"], flush=True)
"""


def start_seconds() -> float:
    """Return the median time from starting Python to the first centre, written to a pipe.

    Raises
    ------
    RuntimeError
        The process found another centre than the marker's.
    """
    scene = render(BY_NAME["base"], 0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "frame.npy"
        np.save(path, scene.luma)
        _start(path, scene)  # compiles what is not compiled yet
        return float(np.median([_start(path, scene) for _ in range(STARTS)]))


def _start(path: Path, scene: Scene) -> float:
    command = [sys.executable, "-c", CHILD, str(path)]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        said = process.stdout.readline() if process.stdout else ""
        took = time.perf_counter() - began
    x, y = (float(word) for word in said.split())
    if abs(x - scene.truth["x_px"][0]) > 1.0 or abs(y - scene.truth["y_px"][0]) > 1.0:
        raise RuntimeError(f"the first centre is at {x}, {y}")
    return took
