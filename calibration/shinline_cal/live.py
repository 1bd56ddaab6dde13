"""The calibration as a phone walks a lifter through it, while the camera runs.

One object is fed with what is seen in each picture, takes commands, and says how far each step has
come. The loop of ``shinline run`` must not wait for it: observing has a thread of its own.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np

from shinline import config as configuration
from shinline.app.words import tell
from shinline.config import Config
from shinline.types import DETECTION, NS_PER_S, CameraIdentity, Facing, Frame, Rows, U8Image
from shinline.wire.mount import Said, as_told
from shinline_cal import rig as rigs
from shinline_cal.result import rig_file, summary, worked_out
from shinline_cal.rigging.evidence import (
    Evidence,
    Fall,
    ObservationError,
    Place,
    Plumb,
    Rest,
    Roll,
    Swing,
    say,
)
from shinline_cal.sightings import Finder, apart_from, meanwhile
from shinline_cal.sizes import Sizes
from shinline_cal.steps import HUNG, KINDS, REDO, TIMEOUT_S, Step
from shinline_cal.store import load_step, save_step, section, store
from shinline_cal.trial import Trial

TRY_EVERY_S: Final = 1.0
MOST_ROWS: Final = 12_000
"""Of one step: at 120 pictures a second a hundred seconds. The oldest go first."""

RESUME_WITHIN: Final = timedelta(hours=2)
"""What was seen longer ago was perhaps seen by a camera that has been moved since."""


class RigCalibrator:
    """Walk through the steps, solve, check, and keep what stands up to the checks.

    Parameters
    ----------
    config
        As it was read; what is calibrated is not put into it.
    camera
        None for a source that does not know its camera: nothing is in force then, nor saved.
    folder
        Of the calibrations.
    now, find, trial
        The calendar's time; what finds the bar's marker in a picture; where observing is done.
    """

    def __init__(
        self,
        config: Config,
        camera: CameraIdentity | None,
        folder: Path,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        find: Callable[[U8Image, int], Rows] | None = None,
        trial: Trial | None = None,
    ) -> None:
        self._config = config
        self._find = find if find is not None else Finder(config).find
        self._nameless = camera is None
        self._camera = camera or CameraIdentity("", "", 0, 0)
        self._store = store(folder, camera)
        self._now = now
        self._steps = {kind.id: Step(kind) for kind in KINDS}
        self._trial = trial if trial is not None else Trial()
        self._seen: list[Rows] = []
        self._began_ns: int | None = None
        self._tried_ns = 0
        self._queue: list[str] = []
        self._sizes = Sizes(config)
        self._picture: U8Image | None = None
        self.stale: tuple[str, ...] = ()
        self.version = 0
        self.problem = ""
        self.rig: configuration.Rig | None = None
        self.lens: configuration.Lens | None = None
        self.room: U8Image | None = None
        self._in_force: rigs.Rig | None = None
        self._put_in_force()
        self._resume()

    def applied(self, config: Config) -> Config:
        """Return a configuration with the calibration in force, if there is one."""
        kept = self._in_force
        return config if kept is None else rigs.apply(kept, config, self._camera)

    @property
    def made_on(self) -> date | None:
        """The day of the calibration in force."""
        return None if self._in_force is None else self._in_force.date

    @property
    def residual_px(self) -> float | None:
        """RMS misfit of the calibration in force, of its worst observation."""
        return None if self._in_force is None else self._in_force.residual_px

    def _put_in_force(self) -> None:
        """Read the rig file; one that is another mount's is left alone, and said to be."""
        self.problem, self.rig, self.lens, self.room, self._in_force = "", None, None, None, None
        if self._nameless:
            return
        try:
            rig = self._store.rig()
            if rig is None:
                return
            applied = rigs.apply(rig, self._config, self._camera)
        except rigs.RigError as problem:
            self.problem = str(problem)
            return
        self.rig, self._in_force = applied.rig, rig
        self.lens = applied.lens if applied.lens.fx_px > 0.0 else None
        self.room = self._store.room()

    def steps(self) -> list[dict[str, Any]]:
        """Return the steps as the phone shows them."""
        return [step.told(self._config.words) for step in self._steps.values()]

    @property
    def step_ready(self) -> bool:
        """Whether all that is needed was seen."""
        return all(step.found is not None or step.kind.optional for step in self._steps.values())

    def offer(self, frame: Frame) -> None:
        """Look for markers in a picture, all over it: on a string one hangs beside the bar's."""
        step = self._active()
        if (step is not None and step.kind.id == "rest") or self._wants_picture:
            self._picture = frame.luma.copy()
        if step is None:
            return
        t_ns = frame.t_ns
        height, width = frame.luma.shape
        if (self._camera.width_px, self._camera.height_px) != (width, height):
            self._camera = replace(self._camera, width_px=width, height_px=height)
        bars = self._find(frame.luma, t_ns)
        if bars.size:
            self._seen.append(bars)
            del self._seen[:-MOST_ROWS]
        self._began_ns = t_ns if self._began_ns is None else self._began_ns
        waited_s = (t_ns - self._began_ns) / NS_PER_S
        step.progress = min(0.95, waited_s / step.kind.watch_s)
        self._take_result(step)
        if step.state == "active" and waited_s > TIMEOUT_S:
            step.fail(say("given_up", s=f"{TIMEOUT_S:.0f}"), *step.said)
        due = t_ns - self._tried_ns >= TRY_EVERY_S * NS_PER_S and waited_s >= step.kind.watch_s
        if step.state == "active" and self._trial.idle and due:
            self._tried_ns = t_ns
            self._try(step)

    def command(self, action: str, step: str, values: dict[str, float]) -> dict[str, Any]:
        """Do what the phone asks; ValueError says in plain words why it cannot be done."""
        actions: dict[str, Callable[[str], dict[str, Any]]] = {
            "start": self._start,
            "redo": self._redo,
            "skip": self._skip,
            "save": lambda _: self._save(),
            "restart": lambda _: self._restart(),
            "recalibrate": lambda _: self._recalibrate(),
        }
        if action not in actions:
            raise ValueError(f"Unknown action {action!r}; expected one of {', '.join(actions)}.")
        self._sizes.take(values)
        return actions[action](step)

    def cancel(self) -> None:
        """Leave the active step; what was found before stays."""
        step = self._active()
        self._queue.clear()
        if step is not None:
            step.leave()
        self._trial.drop()

    def moved(self, changed: tuple[str, ...]) -> None:
        """Learn that the camera has moved since it was calibrated, and by what that was seen."""
        redo = {step for what in changed for step in REDO.get(what, ())}
        needed = [s for s in self._steps if s in redo]
        self.stale = tuple(
            s
            for s in needed
            if not self._steps[s].kind.optional or self._steps[s].found is not None
        )

    def close(self) -> None:
        """End the thread."""
        self._trial.close()

    @property
    def _wants_picture(self) -> bool:
        """Whether a bar was seen at rest, before a power cut, and its picture is gone."""
        return self._picture is None and self._lying is not None

    # --- steps --------------------------------------------------------------------------------

    def _active(self) -> Step | None:
        return next((step for step in self._steps.values() if step.state == "active"), None)

    @property
    def _lying(self) -> Place | None:
        found = self._steps["rest"].found
        return found if isinstance(found, Place) else None

    def _named(self, name: str) -> Step:
        if name not in self._steps:
            raise ValueError(f"Unknown step {name!r}; expected one of {', '.join(self._steps)}.")
        return self._steps[name]

    def _start(self, name: str) -> dict[str, Any]:
        step = self._named(name)
        if self._config.marker.kind != "ring":
            raise ValueError(self._tell(say("ring_needed")))
        self.cancel()
        self._begin(step)
        return {"text": self._tell(*step.said)}

    def _begin(self, step: Step) -> None:
        step.begin()
        self._seen, self._began_ns, self._tried_ns = [], None, 0

    def _redo(self, name: str) -> dict[str, Any]:
        step = self._named(name)
        step.found, step.done_at = None, None
        self._store.steps_path(name).unlink(missing_ok=True)
        return self._start(name)

    def _skip(self, name: str) -> dict[str, Any]:
        step = self._named(name)
        if not step.kind.optional:
            title = self._tell(step.kind.title)
            raise ValueError(self._tell(say("not_left_out", title=title)))
        if step.state == "active":
            self.cancel()
        step.state, step.found, step.done_at = "skipped", None, None
        step.said = (say("left_out"),)
        self._store.steps_path(name).unlink(missing_ok=True)
        return {"text": self._tell(say("left_out"))}

    def _restart(self) -> dict[str, Any]:
        self.cancel()
        for name, step in self._steps.items():
            self._steps[name] = Step(step.kind)
            self._store.steps_path(name).unlink(missing_ok=True)
        self._picture = None
        return {"text": self._tell(say("restarted"))}

    def _recalibrate(self) -> dict[str, Any]:
        names = list(self.stale) or [n for n, step in self._steps.items() if not step.kind.optional]
        self.cancel()
        for name in names:
            self._steps[name] = Step(self._steps[name].kind)
            self._store.steps_path(name).unlink(missing_ok=True)
        self._queue = [*names[1:], "save"]
        self._begin(self._steps[names[0]])
        return {"text": self._tell(*self._steps[names[0]].said), "steps": names}

    def _go_on(self) -> None:
        """Begin what comes next of a calibration that was asked for with one tap."""
        if not self._queue:
            return
        name = self._queue.pop(0)
        if name != "save":
            self._begin(self._steps[name])
            return
        try:
            self._save()
        except ValueError as problem:
            self.problem = str(problem)

    # --- observing ----------------------------------------------------------------------------

    def _take_result(self, step: Step) -> None:
        """Take the result of what was tried, if it is there."""
        if (tried := self._trial.result()) is None or tried.step != step.kind.id:
            return
        if isinstance(tried.found, tuple):
            step.said = tried.found
            return
        step.finish(tried.found, tried.rows, self._now().isoformat(timespec="seconds"))
        self._keep(step)
        self._go_on()

    def _try(self, step: Step) -> None:
        rows = np.concatenate(self._seen) if self._seen else np.zeros(0, DETECTION)
        seen = apart_from(rows, self._lying) if step.kind.id in HUNG else rows
        diameter_m = self._sizes.diameter_m(step.kind.id)
        self._trial.begin(step.kind, rows, lambda: step.kind.observe(seen, diameter_m))

    def _keep(self, step: Step) -> None:
        about = {
            "done_at": step.done_at,
            "size_px": [self._camera.width_px, self._camera.height_px],
            "sizes_mm": self._sizes.given_mm,
        }
        try:
            save_step(self._store.steps_path(step.kind.id), step.rows, about)
        except OSError as problem:
            self.problem = self._tell(say("not_kept", name=f"{problem.strerror}"))

    def _resume(self) -> None:
        """Take up the steps of a calibration that was not finished."""
        size_px = [self._camera.width_px, self._camera.height_px]
        for name, step in self._steps.items():
            kept = load_step(self._store.steps_path(name))
            if kept is None or kept[1].get("size_px") != size_px:
                continue
            rows, about = kept
            done_at = str(about.get("done_at"))
            if self._now() - datetime.fromisoformat(done_at) > RESUME_WITHIN:
                continue
            self._sizes.take(about.get("sizes_mm", {}))
            try:
                seen = apart_from(rows, self._lying) if name in HUNG else rows
                step.finish(step.kind.observe(seen, self._sizes.diameter_m(name)), rows, done_at)
            except (ObservationError, ValueError):
                continue  # another version asks for more: the step is open again

    # --- solving ------------------------------------------------------------------------------

    def evidence(self) -> Evidence:
        """Return all that was seen, for the solver."""
        found = [step.found for step in self._steps.values() if step.found is not None]
        lying = self._lying
        if lying is not None:
            hung = [self._steps[name].rows for name in HUNG if self._steps[name].rows.size]
            found += [place for rows in hung if (place := meanwhile(rows, lying)) is not None]
        lens, _ = self._store.lens(self._camera, self._config.calibration.lens_profile)
        facing = self._config.marker.facing
        return Evidence(
            lens=section(lens),
            width_px=self._camera.width_px,
            height_px=self._camera.height_px,
            marker_diameter_m=self._sizes.diameter_m("rest"),
            plate_diameter_m=self._sizes.plate_diameter_m,
            rests=tuple(x for x in found if isinstance(x, Rest)),
            plumbs=tuple(x for x in found if isinstance(x, Plumb)),
            swings=tuple(x for x in found if isinstance(x, Swing)),
            falls=tuple(x for x in found if isinstance(x, Fall)),
            rolls=tuple(x for x in found if isinstance(x, Roll)),
            hung_diameter_m=self._sizes.diameter_m("plumb"),
            facing=Facing(facing).sign if facing != "auto" else 0.0,
        )

    def _tell(self, *said: Said) -> str:
        """Return sentences in the device's language."""
        return tell(said, self._config.words)

    def _not_saved(self, *why: Said) -> ValueError:
        return ValueError(self._tell(say("not_saved"), *why))

    def _save(self) -> dict[str, Any]:
        if self._nameless:
            raise self._not_saved(say("nameless"))
        missing = [
            f"calibrate.title_{step.kind.id}"
            for step in self._steps.values()
            if step.found is None and not step.kind.optional
        ]
        if missing:
            raise self._not_saved(say("still_to_do", titles=tuple(missing)))
        try:
            solution, reasons = worked_out(self.evidence(), self._picture)
        except ObservationError as problem:
            raise self._not_saved(*problem.said) from None
        if reasons:
            raise self._not_saved(*reasons, say("stays"))
        lens, why = self._store.lens(self._camera, self._config.calibration.lens_profile)
        rig = rig_file(
            solution,
            self._camera,
            self._store.serial,
            self._now().date(),
            "none" if lens is None else lens.source,
            why,
            marker_diameter_m=self._sizes.measured_m,
        )
        try:
            self._store.save(rig, self._picture)
        except rigs.RigError as problem:
            raise self._not_saved(as_told(str(problem))) from None
        self._put_in_force()
        self.stale, self.version = (), self.version + 1
        text = self._tell(*summary(rig))
        return {"text": text, "roll_deg": rig.roll_deg, "roll_sd_deg": rig.roll_sd_deg}


def make(config: Config, camera: CameraIdentity | None, folder: Path) -> RigCalibrator:
    """Return the calibrator: the entry point ``rig``."""
    return RigCalibrator(config, camera, folder)
