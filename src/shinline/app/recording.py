"""A recording prepared for the engine: opened, and for a plate looked through once."""

from collections.abc import Callable
from typing import Final

from shinline.config import Config
from shinline.sources.video import VideoFile
from shinline.types import BarPrior
from shinline.vision.survey import Survey

MIN_SAMPLES: Final = 24
MAX_SAMPLES: Final = 90
SAMPLES_PER_S: Final = 2.0

Progress = Callable[[str, float], None]
"""Called with what is being done and the share that is done."""


class NoPlateError(Exception):
    """No plate that could be followed was found; the message says why."""


def look_through(video: VideoFile, config: Config, progress: Progress) -> BarPrior | None:
    """Find the bar's plate in a recording; None when a printed marker is used.

    Raises
    ------
    NoPlateError
        There is no plate to follow.

    """
    if config.marker.kind != "plate":
        return None
    wanted = min(MAX_SAMPLES, max(MIN_SAMPLES, round(video.info.duration_s * SAMPLES_PER_S)))
    survey = Survey(video.info.height_px, video.info.width_px)
    for done, frame in enumerate(video.sampled(wanted)):
        survey.add(frame.luma)
        progress("looking for the plate", min(1.0, (done + 1) / wanted))
    finding = survey.conclude()
    if finding.prior is None:
        raise NoPlateError(finding.reason)
    return finding.prior
