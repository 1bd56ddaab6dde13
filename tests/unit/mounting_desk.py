"""A line without a broker, a calibrator that follows a script, and frames for the desk."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from mounting_material import rows, seen

from shinline.app.mounting.desk import Desk
from shinline.app.mounting.plugin import Calibrator
from shinline.app.mounting.scene import Seen
from shinline.config import Config, Lens, Rig
from shinline.engine import Engine
from shinline.types import FRAME, NS_PER_S, Frame, Role, U8Image
from shinline.wire.mount import Mount
from shinline.wire.requests import Request, parse

FRAME_NS = NS_PER_S // 60


@dataclass
class Line:
    """What the desk says, kept."""

    asked: deque[Request] = field(default_factory=deque)
    answers: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    refusals: list[tuple[str, str]] = field(default_factory=list)
    mounts: list[tuple[int, Mount]] = field(default_factory=list)
    pictures: list[bytes] = field(default_factory=list)

    def take_request(self) -> Request | None:
        return self.asked.popleft() if self.asked else None

    def answer(self, request: Request, data: dict[str, Any]) -> None:
        self.answers.append((request.verb, data))

    def refuse(self, request: Request, error: str) -> None:
        self.refusals.append((request.verb, error))

    def publish_mount(self, mount: Mount, t_ns: int) -> None:
        self.mounts.append((t_ns, mount))

    def publish_preview(self, jpeg: bytes) -> None:
        self.pictures.append(jpeg)


class Script:
    """A calibrator that does as it is told."""

    def __init__(self) -> None:
        self.step_ready = False
        self.stale: tuple[str, ...] = ()
        self.rig: Rig | None = None
        self.lens: Lens | None = None
        self.problem = ""
        self.made_with: Any = None
        self.offered = 0
        self.commands: list[tuple[str, str, dict[str, float]]] = []
        self.cancelled = 0
        self.told: tuple[str, ...] | None = None
        self.shown: list[dict[str, Any]] = [
            {"id": "rest", "state": "todo", "title": "Bar on the floor", "text": "Lay it down."}
        ]
        self.error = ""
        self.version = 0
        self.room: U8Image | None = None
        self.closed = False

    def steps(self) -> list[dict[str, Any]]:
        return self.shown

    def offer(self, frame: Frame) -> None:
        assert frame.luma.shape == (720, 960)
        self.offered += 1

    def command(self, action: str, step: str, values: dict[str, float]) -> dict[str, Any]:
        if self.error:
            raise ValueError(self.error)
        self.commands.append((action, step, values))
        self.shown = [{**self.shown[0], "state": "active"}]
        return {"step": step}

    def applied(self, config: Config) -> Config:
        return config

    def close(self) -> None:
        self.closed = True

    def cancel(self) -> None:
        self.cancelled += 1

    def moved(self, changed: tuple[str, ...]) -> None:
        self.told = self.stale = changed


def _drawn(bar: Seen) -> U8Image:
    """Draw the bar's marker on a grey wall."""
    luma = np.full((720, 960), 90, np.uint8)
    rows, columns = np.mgrid[:720, :960]
    away = np.hypot(columns - bar.x_px, rows - bar.y_px) / bar.r_px
    for share, level in ((1.6, 228), (1.0, 24), (0.41, 228)):
        luma[away < share] = level
    return luma


class Bench:
    """A desk, and time that passes frame by frame."""

    def __init__(self, calibrator: Calibrator | None = None, config: Config | None = None) -> None:
        self.line = Line()
        config = config or Config()
        self.desk = Desk(config, self.line, calibrator)
        self.engine = Engine(config, "bench")
        self.t_ns = NS_PER_S
        self._drawn: Seen | None = None
        self._luma = np.full((720, 960), 90, np.uint8)
        self._head = np.zeros(1, FRAME)

    def ask(self, verb: str, payload: str = "{}") -> None:
        self.line.asked.append(parse(verb, payload.encode()))

    def run(self, seconds: float, *markers: Seen) -> None:
        """Let frames pass; without markers given, those of a bar at rest."""
        markers = markers or (seen(),)
        shown = rows(*markers)
        self._draw(*markers)
        head: np.void = self._head[0]
        head["detections"] = len(shown)
        for _ in range(max(1, round(seconds * 60))):
            head["t_ns"] = shown["t_ns"] = self.t_ns
            frame = Frame(0, self.t_ns, 1000, self._luma)
            self.desk.offer(frame, shown, self.engine)
            self.t_ns += FRAME_NS

    def _draw(self, *markers: Seen) -> None:
        bar = next((one for one in markers if one.role is Role.BAR), None)
        if bar != self._drawn:
            self._luma = np.full((720, 960), 90, np.uint8) if bar is None else _drawn(bar)
            self._drawn = bar

    @property
    def mount(self) -> Mount:
        return self.line.mounts[-1][1]
