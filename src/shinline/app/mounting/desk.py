"""The desk between the loop and the phone: takes requests between frames, and answers them.

It has no clock and no thread: time comes with the frames. While nobody asks, a frame costs it a
comparison or two.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, Protocol

import msgspec

from shinline.app.body_drawing import HipTrail
from shinline.app.mounting.assess import Progress, assessment, level
from shinline.app.mounting.plugin import Calibrator
from shinline.app.mounting.preview import Mark, Previewer
from shinline.app.mounting.scene import Scene, Window, is_sound, light_on
from shinline.config import Config, Lens, Rig
from shinline.engine import Engine
from shinline.steps import Pending, Steps, done
from shinline.types import (
    NS_PER_S,
    CameraEvent,
    Event,
    Frame,
    Phase,
    PhaseEvent,
    Role,
    Rows,
)
from shinline.wire import requests
from shinline.wire.mount import Mount, Step
from shinline.wire.requests import CoachBody, Request

ON_S: Final = 60
"""A page that shows the preview asks again every 20 s; one that was closed does not."""

EVERY_NS: Final = NS_PER_S // 2
"""At most so often the ``mount`` topic says something new."""

GLANCE_NS: Final = NS_PER_S // 5
"""While nobody asks, so often a frame is remembered, so that an answer has a second to stand on."""

NOT_INSTALLED: Final = "no calibration tool is installed; expected a package that brings one"

NO_SESSION: Final = "nothing is measured at the moment; expected a session under way"

Coach = Callable[[Request], dict[str, Any]]
"""Answers what is asked of the coach; ValueError, in plain words, when it cannot be done."""

LIFTED: Final = frozenset({Phase.PULL, Phase.LOCKOUT, Phase.LOWERING})


class Line(Protocol):
    """What the desk needs of the connection to the phone."""

    def take_request(self) -> Request | None:
        """Return the request that has waited longest; None when there is none. Never waits."""
        ...

    def answer(self, request: Request, data: dict[str, Any]) -> None:
        """Answer a request."""
        ...

    def refuse(self, request: Request, error: str) -> None:
        """Answer a request that cannot be fulfilled."""
        ...

    def publish_mount(self, mount: Mount, t_ns: int) -> None:
        """Say how the camera stands."""
        ...

    def publish_preview(self, jpeg: bytes) -> None:
        """Send a picture; called on the previewer's thread."""
        ...


class Desk:
    """The mounting assistant of one camera, over all passes of a recording.

    Parameters
    ----------
    config
        As the engine has it.
    line
        To the phone.
    calibrator
        None where none is installed.
    """

    def __init__(self, config: Config, line: Line, calibrator: Calibrator | None) -> None:
        self._config = config
        self._line = line
        self._calibrator = calibrator
        self._previewer = Previewer(line.publish_preview)
        self._window = Window()
        self._trail = HipTrail()
        self._answers: dict[str, Callable[[Any, Frame, Rows, Engine], dict[str, Any]]] = {
            "preview": self._preview,
            "level": self._level,
            "calibrate": self._calibrate,
            "cancel": self._cancel,
            "health_check": self._health_check,
        }
        self._coach: Coach | None = None
        self.active = False
        """Whether somebody looks, or has just asked for something."""

        self._live = False
        self._until_ns = 0
        self._next_ns = 0
        """When the window takes the next frame in."""

        self._last_ns = 0
        self._news = True
        """Whether something happened that the topic must tell even while nobody looks."""

        self._problem = ""
        self._told: Mount | None = None
        self._told_ns: int | None = None
        self._telling: Pending[None] | None = None
        self._rest_px: tuple[float, float] | None = None
        self._lifted = False
        self._changed: tuple[str, ...] = ()
        self._moved = ""

    # --- what the loop calls ------------------------------------------------------------------

    def offer(self, frame: Frame, rows: Rows, engine: Engine) -> None:
        """Take in a frame and what was seen in it, answer what was asked meanwhile."""
        t_ns = frame.t_ns
        if t_ns < self._last_ns:
            self._set_back(t_ns)
        self._last_ns = t_ns
        if self._calibrator is not None:
            self._calibrator.offer(frame)
        request = self._line.take_request()  # one a frame: many at once would cost the next one
        self.active = self._live or request is not None
        if request is not None:
            self._handle(request, frame, rows, engine)
        busy = engine.busy
        if self._telling is not None and not busy:
            busy = True
            if self._telling.go_on(t_ns):
                self._telling = None
        if t_ns >= self._next_ns:
            self._glance(frame, rows, engine, busy)

    def events(self, events: list[Event]) -> None:
        """Follow what the engine found."""
        for event in events:
            if isinstance(event, PhaseEvent):
                self._lifted = event.phase in LIFTED
            elif isinstance(event, CameraEvent):
                self._changed = event.changed
                self._moved = event.text if event.changed else ""
                self._news = True
                if self._calibrator is not None:
                    self._calibrator.moved(event.changed)

    @property
    def lifting(self) -> bool:
        """Whether the bar is off the floor, as far as the engine has said."""
        return self._lifted

    def begin(self, coach: Coach | None = None) -> None:
        """Follow a session from its beginning: another pass of a recording, a camera reopened.

        ``coach`` answers the requests that are not about the camera.
        """
        self._coach = coach
        self._lifted, self._rest_px, self._news = False, None, True
        self._changed, self._moved = (), ""
        self._window, self._telling = Window(), None
        self._trail = HipTrail()

    def close(self) -> None:
        """Stop sending pictures."""
        self._previewer.close()
        if self._calibrator is not None:
            self._calibrator.close()

    # --- between frames -----------------------------------------------------------------------

    def _glance(self, frame: Frame, rows: Rows, engine: Engine, busy: bool) -> None:
        """Remember a frame; show it and tell what is new, if somebody looks.

        A ``busy`` frame has enough to do without it: the next one will do as well.
        """
        t_ns = frame.t_ns
        self._window.add(t_ns, rows)
        self._live = self._live and t_ns < self._until_ns
        self._next_ns = t_ns + (0 if self._live else GLANCE_NS)
        if self._live:
            self._trail.take(rows)
        if self._live and not busy:
            busy = self._previewer.offer(
                frame.luma,
                t_ns,
                lambda: (*self._trail.back(engine.sights(), t_ns, self._config), *_marks(rows)),
            )
        if not (self._live or self._news):
            return
        if self._told_ns is None:
            self._told_ns = t_ns  # one picture says little: wait for a few
        elif t_ns - self._told_ns >= EVERY_NS and self._telling is None and not busy:
            self._news, self._told_ns = False, t_ns
            self._telling = Pending(self._tell(self._mount(frame, rows, engine), t_ns))

    def _set_back(self, t_ns: int) -> None:
        """Follow a clock that was set back, or a recording that began again."""
        self._told_ns = self._telling = None
        self._until_ns += t_ns - self._last_ns
        self._next_ns = t_ns

    def _tell(self, assessed: Steps[Mount], t_ns: int) -> Steps[None]:
        """Say how the camera stands, if that is news: in steps, it takes as long as some frames."""
        mount = yield from assessed
        yield
        if mount != self._told:
            self._told = mount
            self._line.publish_mount(mount, t_ns)

    def _mount(self, frame: Frame, rows: Rows, engine: Engine) -> Steps[Mount]:
        return self._assessed(self._scene(frame, rows, engine))

    def _assessed(self, gathered: Steps[Scene]) -> Steps[Mount]:
        scene = yield from gathered
        return (yield from assessment(scene, self._progress()))

    def _progress(self) -> Progress:
        calibrator = self._calibrator
        if calibrator is None:
            return Progress()
        try:
            steps = tuple(msgspec.convert(step, Step) for step in calibrator.steps())
        except msgspec.ValidationError as problem:
            return Progress(problem=f"the steps of the calibration cannot be shown: {problem}")
        return Progress(steps, calibrator.step_ready, self._problem or calibrator.problem)

    def _scene(self, frame: Frame, rows: Rows, engine: Engine) -> Steps[Scene]:
        """Look at the picture now, which is borrowed, and gather what is known in steps."""
        height_px, width_px = frame.luma.shape
        grey = light_on(frame.luma, rows) if self._config.marker.kind == "ring" else None
        seen = Scene(
            config=self._config,
            width_px=width_px,
            height_px=height_px,
            grey=grey,
            exposure_us=frame.exposure_us,
            facing=engine.facing,
        )
        return self._gathered(seen)

    def _gathered(self, seen: Scene) -> Steps[Scene]:
        markers = yield from self._window.boil()
        bar = markers.get(Role.BAR)
        if bar is not None and bar.still and not self._lifted:
            self._rest_px = bar.x_px, bar.y_px
        scene = replace(
            seen,
            markers=markers,
            rest_px=self._rest_px,
            lens=_lens(self._config.lens),
            rig=_rig(self._config.rig),
            changed=self._changed,
            moved=self._moved,
        )
        calibrator = self._calibrator
        if calibrator is None:
            return scene
        return replace(
            scene,
            lens=calibrator.lens or scene.lens,
            rig=calibrator.rig or scene.rig,
            rig_problem=calibrator.problem,
            stale=calibrator.stale,
        )

    # --- answers ------------------------------------------------------------------------------

    def _handle(self, request: Request, frame: Frame, rows: Rows, engine: Engine) -> None:
        if isinstance(request.body, CoachBody):
            self._ask_coach(request)
            return
        if not self._live:
            self._window.add(frame.t_ns, rows)
        try:
            data = self._answers[request.verb](request.body, frame, rows, engine)
        except (ValueError, OSError) as problem:  # in plain words, or a file cannot be written
            self._problem = str(problem)
            self._line.refuse(request, self._problem)
            return
        self._line.answer(request, data)

    def _ask_coach(self, request: Request) -> None:
        """Pass on what is not about the camera. A refusal there is no problem of the camera's."""
        if self._coach is None:
            self._line.refuse(request, NO_SESSION)
            return
        try:
            data = self._coach(request)
        except ValueError as problem:
            self._line.refuse(request, str(problem))
            return
        self._line.answer(request, data)

    def _preview(
        self, asked: requests.Preview, frame: Frame, _rows: Rows, _engine: Engine
    ) -> dict[str, Any]:
        self._live = asked.on
        self._until_ns = frame.t_ns + ON_S * NS_PER_S
        self._next_ns = frame.t_ns
        self._news = True
        return {"on": asked.on, "for_s": ON_S if asked.on else 0}

    def _level(
        self, _asked: requests.Level, frame: Frame, rows: Rows, engine: Engine
    ) -> dict[str, Any]:
        told: dict[str, Any] = msgspec.to_builtins(level(done(self._scene(frame, rows, engine))))
        return told

    def _health_check(
        self, _asked: requests.HealthCheck, frame: Frame, rows: Rows, engine: Engine
    ) -> dict[str, Any]:
        mount = done(self._mount(frame, rows, engine))
        return {"verdict": mount.verdict, "headline": mount.headline}

    def _calibrate(
        self, asked: requests.Calibrate, _frame: Frame, _rows: Rows, _engine: Engine
    ) -> dict[str, Any]:
        if self._calibrator is None:
            raise ValueError(NOT_INSTALLED)
        self._news, self._problem = True, ""
        data = self._calibrator.command(asked.action, asked.step, asked.values.given())
        self._config = _measured(self._config, asked.values)
        return data

    def _cancel(
        self, _asked: requests.Cancel, _frame: Frame, _rows: Rows, _engine: Engine
    ) -> dict[str, Any]:
        if self._calibrator is not None:
            self._calibrator.cancel()
        self._news, self._problem = True, ""
        return {}


def _measured(config: Config, values: requests.Values) -> Config:
    """Return a configuration with what a lifter measured, so that the ghost is this lifter's."""
    marker, lifter = config.marker, config.lifter
    if values.marker_diameter_mm is not None:
        marker = msgspec.structs.replace(marker, diameter_m=values.marker_diameter_mm / 1000.0)
    if values.plate_diameter_mm is not None:
        plate_m = values.plate_diameter_mm / 1000.0
        marker = msgspec.structs.replace(marker, plate_diameter_m=plate_m)
    if values.stature_m is not None:
        lifter = msgspec.structs.replace(lifter, stature_m=values.stature_m)
    return msgspec.structs.replace(config, marker=marker, lifter=lifter)


def _rig(rig: Rig) -> Rig | None:
    """Return a configured rig, None when its roll is nobody's measurement but the default."""
    usual = Rig()
    given = (rig.roll_deg, rig.roll_sd_deg) != (usual.roll_deg, usual.roll_sd_deg)
    return rig if given else None


def _lens(lens: Lens) -> Lens | None:
    return lens if lens.fx_px > 0.0 else None


def _marks(rows: Rows) -> tuple[Mark, ...]:
    return tuple(
        Mark(Role(int(row["role"])), float(row["x_px"]), float(row["y_px"]), float(row["r_px"]))
        for row in rows
        if is_sound(row)
    )
