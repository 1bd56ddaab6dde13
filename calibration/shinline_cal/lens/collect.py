"""Takes in pictures one by one, keeps the views that help, and says of the others why not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import cv2
import msgspec
import numpy as np

from shinline.sources.video import VideoFile
from shinline.types import NS_PER_S, FrameSource, U8Image
from shinline_cal.lens import coverage as cover
from shinline_cal.lens.find import Refusal, Sighting, Trouble, View, measure, sight
from shinline_cal.lens.fit import LensRefused

PICTURES: Final = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp", ".pgm")
LOOK_EVERY_S: Final = 0.12
"""A recording is looked at so often: a chart held by hand stands still for a second at a time."""

STILL_PX: Final = 0.5
"""How far the chart may move from one frame to the next. A rolling shutter reads the picture row by
row for up to that long, so a chart that moves is drawn askew by about as much, and sharp."""

MEMORY_S: Final = 0.6
"""A look older than this says nothing about whether the chart moves now."""

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Taken:
    """One picture: its name, its light (H, W), and for a stream when it was taken, and the period.

    ``share`` is how much of the input has been gone through, 0 when that is not known.
    """

    name: str
    luma: U8Image
    t_ns: int | None = None
    period_s: float = 0.0
    share: float = 0.0


@dataclass(slots=True)
class Collector:
    """What has been collected.

    ``views`` in the order in which they were taken, ``refused`` why others were not, ``streamed``
    whether pictures came from a camera or a recording.
    """

    views: list[View] = field(default_factory=list)
    size_px: Size | None = None
    looked: int = 0
    streamed: bool = False
    refused: list[tuple[str, Refusal]] = field(default_factory=list)
    last: View | Refusal | None = None
    _before: tuple[int, Sighting] | None = None

    def offer(self, taken: Taken) -> View | Refusal:
        """Look at a picture; keep what it shows if that is new.

        Raises
        ------
        LensRefused
            It is of another size than those before.

        """
        self._same_size(taken)
        self.looked += 1
        self.streamed |= taken.t_ns is not None
        self.last = self._judge(taken)
        if isinstance(self.last, View):
            self.views.append(self.last)
        else:
            self.refused.append((taken.name, self.last))
        return self.last

    @property
    def size(self) -> Size:
        """Size of the pictures; (0, 0) before the first."""
        return self.size_px or (0, 0)

    def complete(self, wanted: int) -> bool:
        """Tell whether nothing more is needed; twice the wanted number is enough in any case."""
        if self.size_px is None or len(self.views) < wanted:
            return False
        return len(self.views) >= 2 * wanted or not cover.wants(self.views, self.size_px)

    def sentence(self) -> str:
        """Return the one thing to do now."""
        refusal = self.last if isinstance(self.last, Refusal) else None
        if self.size_px is None:
            return cover.TOLD[Trouble.UNSEEN]
        return cover.sentence(self.views, self.size_px, refusal)

    def chosen(self, most: int) -> list[View]:
        """Return the views to use: all, or the most different ones.

        Raises
        ------
        LensRefused
            There is none; the message says what was wrong with the pictures.

        """
        if not self.views:
            raise LensRefused(self._why_none())
        return cover.pick(self.views, self.size, most)

    def troubles(self) -> dict[Trouble, int]:
        """Return how many pictures were refused for each reason."""
        found = [refusal.trouble for _, refusal in self.refused]
        return {trouble: found.count(trouble) for trouble in Trouble if trouble in found}

    def _judge(self, taken: Taken) -> View | Refusal:
        seen = sight(taken.luma)
        before, self._before = self._before, None
        if isinstance(seen, Refusal):
            return seen
        if taken.t_ns is not None:
            self._before = (taken.t_ns, seen)
            moving = _moving(before, taken.t_ns, seen, taken.period_s)
            if moving is not None:
                return moving
        rough = View("", (), (), (), 0.0, tuple(seen.outline.ravel().tolist()))
        same = cover.repeated(rough, self.views, self.size)
        if same is not None:
            return Refusal(Trouble.ALIKE, f"repeats {same.name}: move or tilt the chart")
        return measure(taken.luma, seen, self._unused(taken.name))

    def _unused(self, name: str) -> str:
        known = {view.name for view in self.views}
        again = (f"{name} ({n})" for n in range(2, len(known) + 3))
        return next(each for each in (name, *again) if each not in known)

    def _same_size(self, taken: Taken) -> None:
        size = (taken.luma.shape[1], taken.luma.shape[0])
        self.size_px = self.size_px or size
        if size != self.size_px:
            raise LensRefused(
                f"{taken.name} is {size[0]} x {size[1]} pixels and those before are "
                f"{self.size_px[0]} x {self.size_px[1]}: each mode needs its own calibration"
            )

    def _why_none(self) -> str:
        counts = self.troubles()
        if not counts:
            return "there is no picture"
        trouble = max(counts, key=counts.__getitem__)
        text = next(refusal.text for _, refusal in self.refused if refusal.trouble is trouble)
        return f"none of {self.looked} pictures can be used; of {counts[trouble]} of them: {text}"


def _moving(
    before: tuple[int, Sighting] | None, t_ns: int, seen: Sighting, period_s: float
) -> Refusal | None:
    """Return a refusal when the chart moves, or is seen for the first time."""
    if before is None or t_ns - before[0] > MEMORY_S * NS_PER_S or t_ns <= before[0]:
        return Refusal(Trouble.MOVING, "just came into the picture")
    _, old, new = np.intersect1d(before[1].ids, seen.ids, return_indices=True)
    if len(old) < 4:
        return Refusal(Trouble.MOVING, "moves fast")
    moved = np.median(np.hypot(*(seen.px[new] - before[1].px[old]).T))
    each_px = float(moved) * period_s * NS_PER_S / (t_ns - before[0])
    if each_px <= STILL_PX:
        return None
    return Refusal(
        Trouble.MOVING,
        f"moves {each_px:.1f} px from frame to frame; at most {STILL_PX} px are allowed",
    )


def is_picture(path: Path) -> bool:
    """Tell whether a file is a still picture, by its name."""
    return path.suffix.lower() in PICTURES


def listed(paths: Sequence[Path]) -> list[Path]:
    """Return the files meant, those of folders in the order of their names."""
    out: list[Path] = []
    for path in paths:
        out += sorted(filter(is_picture, path.iterdir())) if path.is_dir() else [path]
    return out


def stills(paths: Sequence[Path]) -> Iterator[Taken]:
    """Read pictures.

    Raises
    ------
    LensRefused
        A file is missing or no picture.

    """
    for done, path in enumerate(paths, 1):
        luma = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) if path.exists() else None
        if luma is None:
            what = "is no picture that can be read" if path.exists() else "no such file"
            raise LensRefused(f"{path}: {what}")
        yield Taken(path.name, np.asarray(luma, np.uint8), share=done / len(paths))


def recording(video: VideoFile) -> Iterator[Taken]:
    """Read a video; it may end early, which ``video.problem`` then says."""
    due_ns, period_s = 0, 1.0 / video.info.rate_hz
    for frame in video.frames():
        if frame.t_ns < due_ns:
            continue
        due_ns = frame.t_ns + round(LOOK_EVERY_S * NS_PER_S)
        t_s = frame.t_ns / NS_PER_S
        share = min(1.0, t_s / max(video.info.duration_s, 1e-3))
        yield Taken(f"{video.path.name} at {t_s:.1f} s", frame.luma, frame.t_ns, period_s, share)


def live(source: FrameSource) -> Iterator[Taken]:
    """Read a camera until it ends."""
    start_ns: int | None = None
    while (frame := source.read()) is not None:
        start_ns = frame.t_ns if start_ns is None else start_ns
        name = f"view at {(frame.t_ns - start_ns) / NS_PER_S:.1f} s"
        yield Taken(name, frame.luma, frame.t_ns, 1.0 / source.rate_hz)


class Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An interrupted collection."""

    camera: str
    size_px: Size
    views: tuple[View, ...]
