"""What was measured with."""

import platform
from pathlib import Path
from typing import Final

import cv2
import numba
import numpy as np

from shinline import __version__

CPU: Final = Path("/proc/cpuinfo")


def machine() -> dict[str, str]:
    """Return what was measured with."""
    model = platform.processor() or platform.machine()
    if CPU.exists():
        lines = CPU.read_text(encoding="utf-8", errors="replace").splitlines()
        model = next((line.split(":")[1].strip() for line in lines if "model name" in line), model)
    return {
        "machine": f"{model}, {platform.machine()}, {platform.system()}",
        "shinline": __version__,
        "Python": platform.python_version(),
        "NumPy": np.__version__,
        "Numba": numba.__version__,
        "OpenCV": cv2.__version__,
    }
