"""The same costs with 128-bit vectors, and what a Raspberry Pi may make of them."""

import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import Final

from shinline.app.bench.timing import READ, Timing

BUILD: Final = {"NUMBA_CPU_NAME": "nehalem", "NUMBA_CPU_FEATURES": "+sse4.2,+popcnt"}
"""An x86-64 whose widest vectors are as wide as NEON's."""

PI5_COMPARING_NS: Final = 12.1 / 2.4
"""16 bytes against eight others: 12.1 cycles of a Cortex-A76 by llvm-mca, at 2.4 GHz."""

PI4_PER_PI5: Final = 2.25
"""A Cortex-A72 at 1.8 GHz, two 64-bit halves per vector: 2 to 2.5 times as long."""

RULE: Final = (
    "estimate, not measured: time with 128-bit vectors here x (16 bytes compared with eight others"
    f" in {PI5_COMPARING_NS:.1f} ns on a Pi 5, by llvm-mca) / (the same measured here);"
    f" Pi 4 = {PI4_PER_PI5} x Pi 5"
)


@dataclass(frozen=True, slots=True)
class Narrow:
    """Costs with 128-bit vectors, and how long the comparing yardstick takes with them."""

    rows: list[Timing]
    comparing_ns: float

    def pi5_us(self, row: Timing) -> float:
        """Estimate what a row costs on a Raspberry Pi 5."""
        return row.median_us * PI5_COMPARING_NS / self.comparing_ns

    def pi4_us(self, row: Timing) -> float:
        """Estimate what a row costs on a Raspberry Pi 4."""
        return self.pi5_us(row) * PI4_PER_PI5


def measure_narrow(frames: int) -> Narrow | None:
    """Measure in another process, its kernels compiled anew; None on other machines than x86-64."""
    if platform.machine() not in ("x86_64", "AMD64"):
        return None
    with tempfile.TemporaryDirectory() as cache:
        command = [sys.executable, "-m", "shinline.app.bench.timing", "--frames", str(frames)]
        environment = os.environ | BUILD | {"NUMBA_CACHE_DIR": cache}
        said = subprocess.run(  # noqa: S603  (our own interpreter)
            command, env=environment, capture_output=True, text=True, check=True
        )
    figures = json.loads(said.stdout)
    rows = [Timing(**row) for row in figures["rows"]]
    return Narrow([row for row in rows if row.name != READ], figures["comparing_ns"])
