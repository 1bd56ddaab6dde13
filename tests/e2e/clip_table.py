"""Reps found, missed and invented in recordings with truth: ``python tests/e2e/clip_table.py DIR``.

A folder holds ``name.mp4`` and, beside it, ``name.json`` with the true reps (none without it). A
rep is found when lift-off and lockout are each within 0.25 s.
"""

import json
import sys
import time
from pathlib import Path

from shinline.app.analyze import analyze
from shinline.config import Config, Marker
from shinline.types import NS_PER_S

WITHIN_S = 0.25


def row(clip: Path) -> str:
    """Analyze one recording and return its line of the table."""
    beside = clip.with_suffix(".json")
    truth = json.loads(beside.read_text()) if beside.exists() else {"reps": []}
    began_s = time.monotonic()
    result = analyze(clip, Config(marker=Marker(kind="plate")), lambda what, share: None)
    spent_s = time.monotonic() - began_s
    left = [(rep.start_ns / NS_PER_S, rep.lockout_ns / NS_PER_S) for rep in result.reps]
    worst = 0.0
    found = 0
    for true in truth["reps"]:
        errors = [max(abs(a - true["liftoff_s"]), abs(b - true["lockout_s"])) for a, b in left]
        best = min(range(len(left)), key=errors.__getitem__, default=None)
        if best is not None and errors[best] <= WITHIN_S:
            found, worst = found + 1, max(worst, errors[best])
            left.pop(best)
    return (
        f"{clip.stem:<28} {len(truth['reps']):>5} {found:>6} {len(truth['reps']) - found:>7} "
        f"{len(left):>9} {worst:>9.2f} {result.frames_tracked:>6}/{result.frames:<6} "
        f"{result.facing:<8} {spent_s:>5.1f}  {result.problem}"
    )


if __name__ == "__main__":
    print(
        f"{'clip':<28} {'reps':>5} {'found':>6} {'missed':>7} {'invented':>9} {'worst s':>9} "
        f"{'tracked':>13} {'facing':<8} {'took':>5}"
    )
    for path in sorted(Path(sys.argv[1]).glob("*.mp4")):
        print(row(path), flush=True)
