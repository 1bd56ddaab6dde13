"""``--overlay``: the recording with what was tracked drawn into it, to believe one's own eyes."""

from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import cv2
import numpy as np

from shinline.app.analyze import Analysis
from shinline.app.body_drawing import draw_sight, hip_path, is_weak, sight_words
from shinline.app.lettering import write
from shinline.app.recording import Progress
from shinline.sources.video import VideoFile
from shinline.types import NS_PER_S, BodySight

TRAIL_S: Final = 4.0
GREEN: Final = (90, 220, 90)
AMBER: Final = (60, 170, 250)
WHITE: Final = (240, 240, 240)
BETWEEN_NS: Final = NS_PER_S // 10
TIME_BASE: Final = Fraction(1, 90_000)


def write_overlay(analysis: Analysis, out: Path, progress: Progress) -> None:
    """Write an H.264 video of the same size and timing as the recording.

    Raises
    ------
    OSError
        The file cannot be written.

    """
    video = VideoFile(analysis.clip)
    info = video.info
    points = {round(row["t_s"] * NS_PER_S): row for row in analysis.path}
    with av.open(str(out), "w") as container:
        stream: Any = container.add_stream("libx264", rate=max(1, round(info.rate_hz)))
        stream.width, stream.height = info.width_px // 2 * 2, info.height_px // 2 * 2
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = TIME_BASE
        stream.options = {"crf": "23", "preset": "veryfast"}
        trail: list[dict[str, Any]] = []
        for n, frame in enumerate(video.frames()):
            point = points.get(frame.t_ns)
            if point is not None:
                trail.append(point)
            picture = cv2.cvtColor(frame.luma, cv2.COLOR_GRAY2BGR)
            sight = shown(analysis.sights, frame.t_ns)
            if sight is not None:
                _draw_body(picture, sight, analysis)
            _draw(picture, frame.t_ns / NS_PER_S, point, trail, analysis)
            even: Any = np.ascontiguousarray(picture[: stream.height, : stream.width])
            image = av.VideoFrame.from_ndarray(even, format="bgr24")
            image.pts = round(frame.t_ns / NS_PER_S / TIME_BASE)
            image.time_base = TIME_BASE
            container.mux(stream.encode(image))
            progress("writing the overlay", min(1.0, (n + 1) / info.frames_estimate))
        container.mux(stream.encode())


def shown(sights: dict[int, BodySight], t_ns: int) -> BodySight | None:
    """Return what a picture shows of the trunk; between two that were looked at, the one before.

    Of those before a pull only some are looked at, and what flickers cannot be looked at.
    """
    if t_ns in sights:
        return sights[t_ns]
    before = [at for at in sights if t_ns - BETWEEN_NS < at < t_ns]
    after = {sights[at].since_ns for at in sights if t_ns < at < t_ns + BETWEEN_NS}
    last = sights[max(before)] if before else None
    return last if last is not None and last.since_ns in after else None


def _draw_body(picture: Any, sight: BodySight, analysis: Analysis) -> None:
    path = hip_path(analysis.sights.values(), sight)
    weak = is_weak(sight, analysis.config)
    draw_sight(picture, sight, path, weak=weak, thick=max(1, picture.shape[0] // 400))


def _draw(
    picture: Any,
    now_s: float,
    point: dict[str, Any] | None,
    trail: list[dict[str, Any]],
    analysis: Analysis,
) -> None:
    thick = max(1, picture.shape[0] // 400)
    recent = [row for row in trail if now_s - row["t_s"] <= TRAIL_S]
    line = np.array([[row["x_px"], row["y_px"]] for row in recent])
    if len(line) > 1:
        cv2.polylines(picture, [np.rint(line).astype(np.int32)], False, GREEN, thick, cv2.LINE_AA)
    if point is not None:
        colour = AMBER if point["coasting"] else GREEN
        centre = round(point["x_px"]), round(point["y_px"])
        cv2.circle(picture, centre, round(point["r_px"]), colour, thick, cv2.LINE_AA)
        cv2.drawMarker(picture, centre, colour, cv2.MARKER_CROSS, 8 * thick, thick)
    for i, text in enumerate(words(now_s, point, analysis)):
        scale = picture.shape[0] / 1200
        place = (round(20 * scale), round((40 + 40 * i) * scale))
        write(picture, text, place, scale, WHITE, thick)


def words(now_s: float, point: dict[str, Any] | None, analysis: Analysis) -> list[str]:
    """Return the lines written into a picture: time and speed, a moved camera, the rep."""
    speed = "bar not seen" if point is None else f"{point['vy_mps']:+.2f} m/s"
    lines = [f"{now_s:6.2f} s  {speed}"]
    camera = [event for event in analysis.camera if event.t_ns / NS_PER_S <= now_s]
    if camera and camera[-1].changed:
        lines.append(f"camera moved: {', '.join(camera[-1].changed)}")
    for rep in analysis.reps:
        start, top, end = (t / NS_PER_S for t in (rep.start_ns, rep.lockout_ns, rep.end_ns))
        if start <= now_s <= end:
            lines.append(f"rep {rep.rep} {'up' if now_s <= top else 'top and down'}")
    sight = shown(analysis.sights, round(now_s * NS_PER_S))
    if sight is not None and analysis.scale_m_per_px is not None:
        weak = is_weak(sight, analysis.config)
        lines += sight_words(sight, analysis.scale_m_per_px, weak=weak)
    return lines
