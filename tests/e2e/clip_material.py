"""The real recordings: where they are, and what is made of each, once for all tests."""

import os
from functools import cache
from pathlib import Path

import pytest

from shinline.app.analyze import Analysis, analyze
from shinline.config import Config, Marker

DEFAULT = Path(__file__).parents[2] / ".." / "shared" / "clips"
CLIPS = Path(os.environ.get("SHINLINE_CLIPS") or DEFAULT)

FIXED = ("black-plate-single-vfr", "blue-bumper-4-reps", "blue-plate-single-short")
IN_HAND, BENCH = "touch-and-go-handheld", "not-a-deadlift-bench"

needs_clips = [
    pytest.mark.clips,
    pytest.mark.skipif(
        not CLIPS.is_dir(), reason=f"no recordings in {CLIPS}; set SHINLINE_CLIPS to their folder"
    ),
]


@cache
def analyzed(name: str) -> Analysis:
    """Analyze a recording, whose plate is the marker."""
    config = Config(marker=Marker(kind="plate"))
    return analyze(CLIPS / f"{name}.mp4", config, lambda what, share: None)
