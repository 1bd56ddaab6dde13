"""One picture of a calibration: where the chart was seen, what is left over, how the lens bends."""

from collections.abc import Iterator
from html import escape
from typing import Final

import numpy as np

from shinline.types import FloatArray
from shinline_cal.lens import coverage as cover
from shinline_cal.lens.accept import Calibration
from shinline_cal.lens.model import project

WIDTH: Final = 900.0
TOP: Final = 34.0
BOTTOM: Final = 62.0
ARROW: Final = 12.0
"""Length at which the RMS residual is drawn."""

LINES: Final = 9
PLENTY: Final = 12

_STYLE: Final = """
text { font: 14px system-ui, sans-serif; fill: #333 }
.small { font-size: 13px; fill: #555 }
.page { fill: #fff }
.field { fill: none; stroke: #999 }
.cell { fill: #2f7d4f }
.empty { fill: #d9534f; fill-opacity: .14 }
.bend { fill: none; stroke: #6b7fa3; stroke-width: 1; stroke-opacity: .55 }
.dot { fill: #123c69 }
.miss { stroke: #c05a00; stroke-width: 1.1 }
"""


def picture(result: Calibration) -> str:
    """Return an SVG.

    Green cells were covered (darker: by more corners), red ones were not. The thin curves are
    straight lines as this lens draws them, the orange strokes the residuals, enlarged.
    """
    width_px, height_px = result.size_px
    scale = WIDTH / width_px
    high = height_px * scale
    enlarge = float(f"{ARROW / max(result.fit.solution.rms_px * scale, 1e-9):.1g}")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} '
        f'{TOP + high + BOTTOM:.0f}"><style>{_STYLE}</style>',
        f'<rect class="page" width="{WIDTH:.0f}" height="{TOP + high + BOTTOM:.0f}"/>',
        f'<text x="8" y="22">{escape(_title(result))}</text>',
        f'<g transform="translate(0 {TOP:.0f})">',
        *_cells(result, scale),
        *_bent(result, scale),
        *_corners(result, scale, enlarge),
        f'<rect class="field" width="{WIDTH:.0f}" height="{high:.1f}"/></g>',
        *_words(result, TOP + high, enlarge),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _title(result: Calibration) -> str:
    width_px, height_px = result.size_px
    count = sum(len(view.ids) for view in result.fit.corners)
    return (
        f"{len(result.views)} views, {count} corners, {width_px} x {height_px} pixels; "
        f"residual {result.fit.solution.rms_px:.3f} px, held out {result.held_out_px:.3f} px"
    )


def _words(result: Calibration, y: float, enlarge: float) -> Iterator[str]:
    empty = 1.0 - result.coverage
    yield (
        f'<text class="small" x="8" y="{y + 22:.0f}">green: covered ({result.coverage:.0%}), '
        f"red: not ({empty:.0%}); orange: residuals, drawn {enlarge:.0f} times as long</text>"
    )
    yield (
        f'<text class="small" x="8" y="{y + 44:.0f}">thin curves: straight lines as this lens '
        f"draws them; where it is known least, a point is unsure by "
        f"{result.spread.worst_px:.2f} px</text>"
    )


def _cells(result: Calibration, scale: float) -> Iterator[str]:
    counts = cover.counts(result.views, result.size_px)
    wide = result.size_px[0] * scale / cover.CELLS[0]
    high = result.size_px[1] * scale / cover.CELLS[1]
    for (row, column), count in np.ndenumerate(counts):
        place = (
            f'x="{column * wide:.1f}" y="{row * high:.1f}" width="{wide:.1f}" height="{high:.1f}"'
        )
        if count:
            shade = 0.12 + 0.28 * min(1.0, int(count) / PLENTY)
            yield f'<rect class="cell" fill-opacity="{shade:.2f}" {place}/>'
        else:
            yield f'<rect class="empty" {place}/>'


def _bent(result: Calibration, scale: float) -> Iterator[str]:
    """Draw the lines of an even grid as the lens draws them."""
    width_px, height_px = result.size_px
    theta = result.fit.solution.theta
    along = np.linspace(0.0, 1.0, 41)
    for share in np.linspace(0.0, 1.0, LINES):
        for x, y in ((along * width_px, np.full_like(along, share * height_px)),
                     (np.full_like(along, share * width_px), along * height_px)):  # fmt: skip
            rays = (np.stack([x, y], axis=1) - theta[2:4]) / theta[:2]
            yield _path(project(theta, rays) * scale)


def _path(points: FloatArray) -> str:
    steps = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline class="bend" points="{steps}"/>'


def _corners(result: Calibration, scale: float, enlarge: float) -> Iterator[str]:
    for view, miss in zip(result.fit.corners, result.fit.solution.misses, strict=True):
        for (x, y), (dx, dy) in zip(view.px * scale, miss * scale * enlarge, strict=True):
            yield (
                f'<line class="miss" x1="{x:.1f}" y1="{y:.1f}" x2="{x + dx:.1f}" '
                f'y2="{y + dy:.1f}"/><circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="1.4"/>'
            )
