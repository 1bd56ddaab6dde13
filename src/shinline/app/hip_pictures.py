"""``shinline analyze --explain``: how a lifter without stickers was followed, a picture a pull."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from shinline.app.analyze import Analysis
from shinline.app.body_drawing import draw_sight, draw_words, hip_path, is_weak, sight_words
from shinline.app.lettering import write
from shinline.app.recording import Progress
from shinline.coach.outline import WINDOW_M
from shinline.sources.video import VideoFile
from shinline.types import NS_PER_S, BodySight, FaultVerdict, Rep, U8Image

TALL_PX: Final = 640
MARGIN: Final = 0.35
"""Around what is drawn, as a share of it."""

FOOT_PX: Final = 30
SCALE: Final = 0.6
NEAR_NS: Final = NS_PER_S // 2
BEFORE_NS: Final = 3 * NS_PER_S // 10
WHITE: Final = (240, 240, 240)


def explain_hips(analysis: Analysis, folder: Path, progress: Progress) -> list[Path]:
    """Draw each pull that was followed: shortly before, lift-off, and 120 mm up.

    Returns the files written into ``folder`` (made if need be).

    Raises
    ------
    OSError
        The folder or a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pulls = _pulls(analysis)
    wanted = {sight.t_ns for three in pulls.values() for _, sight in three}
    lumas = dict(_pictures(analysis, wanted, progress))
    written = []
    for n, (since_ns, three) in enumerate(pulls.items(), start=1):
        picture = _picture(analysis, since_ns, three, lumas)
        path = folder / f"{analysis.clip.stem}-hips-{n}.png"
        done, data = cv2.imencode(".png", picture)
        if not done:
            raise OSError(f"{path}: the picture could not be encoded")
        path.write_bytes(data.tobytes())
        written.append(path)
    return written


def _pulls(analysis: Analysis) -> dict[int, list[tuple[str, BodySight]]]:
    """Return, by the time of lift-off, three sights of each pull and what they are."""
    scale = analysis.scale_m_per_px
    if scale is None:
        return {}
    by_pull: dict[int, list[BodySight]] = defaultdict(list)
    for sight in analysis.sights.values():
        by_pull[sight.since_ns].append(sight)
    found = {}
    for since_ns, sights in sorted(by_pull.items()):
        good = sorted((s for s in sights if s.holds), key=lambda sight: sight.t_ns)
        off = next((sight for sight in good if sight.t_ns == since_ns), None)
        if off is None:
            continue
        height_px = WINDOW_M / scale
        up = min(good, key=lambda sight: abs(sight.bar_rise_px - height_px))
        set_up = min(good, key=lambda sight: abs(sight.t_ns - since_ns + BEFORE_NS))
        found[since_ns] = [("before", set_up), ("lift-off", off), ("early in the pull", up)]
    return found


def _pictures(
    analysis: Analysis, wanted: set[int], progress: Progress
) -> Iterable[tuple[int, U8Image]]:
    video = VideoFile(analysis.clip)
    for n, frame in enumerate(video.frames()):
        if frame.t_ns in wanted:
            yield frame.t_ns, frame.luma.copy()
        progress("drawing the hips", min(1.0, (n + 1) / video.info.frames_estimate))


def _picture(
    analysis: Analysis,
    since_ns: int,
    three: list[tuple[str, BodySight]],
    lumas: dict[int, U8Image],
) -> Any:
    places = np.vstack([place for _, s in three for place in (s.patches_px, s.back_px)])
    low, high = places.min(axis=0), places.max(axis=0)
    room = MARGIN * float((high - low).max())
    low, high = low - room, high + room
    panels = [_panel(analysis, name, sight, lumas[sight.t_ns], low, high) for name, sight in three]
    row = np.hstack(panels)
    foot = np.zeros((FOOT_PX, row.shape[1], 3), np.uint8)
    write(foot, _verdict(analysis, since_ns), (10, FOOT_PX - 10), SCALE, WHITE)
    return np.vstack([row, foot])


def _panel(
    analysis: Analysis, name: str, sight: BodySight, luma: U8Image, low: Any, high: Any
) -> Any:
    """Return the part of a picture between two corners, enlarged, with the sight drawn into it."""
    share = TALL_PX / float(high[1] - low[1])
    size = round(share * float(high[0] - low[0])), TALL_PX
    moved = 0.5 * share - 0.5 - share * low
    place = np.array([[share, 0.0, moved[0]], [0.0, share, moved[1]]])
    panel = cv2.cvtColor(cv2.warpAffine(luma, place, size), cv2.COLOR_GRAY2BGR)
    weak = is_weak(sight, analysis.config)
    path = hip_path(analysis.sights.values(), sight)
    shifted = _shifted(sight, low)
    draw_sight(panel, shifted, path - low, weak=weak, thick=3, share=share)
    scale = analysis.scale_m_per_px or 0.0
    when_s = (sight.t_ns - sight.since_ns) / NS_PER_S
    lines = [f"{name}, {when_s:+.2f} s", *sight_words(sight, scale, weak=weak)]
    draw_words(panel, lines, (10, 26), weak=weak)
    return panel


def _shifted(sight: BodySight, by: Any) -> BodySight:
    return replace(sight, patches_px=sight.patches_px - by, back_px=sight.back_px - by)


def _verdict(analysis: Analysis, since_ns: int) -> str:
    """Return what became of it in the repetition that began then."""
    rep = next((r for r in analysis.reps if abs(r.start_ns - since_ns) < NEAR_NS), None)
    verdict = None if rep is None else _of_hips(rep)
    if rep is None or verdict is None:
        return "no repetition"
    if not verdict.assessed or verdict.value is None or verdict.sd is None:
        return f"rep {rep.rep}: hips not judged: {verdict.reason}"
    told = f"{verdict.value:.1f} +- {verdict.sd:.1f} deg lost"
    return f"rep {rep.rep}: hips rise first: {verdict.severity.value}, {told}"


def _of_hips(rep: Rep) -> FaultVerdict | None:
    return next((fault for fault in rep.faults if fault.code == "hips_shoot_up"), None)
