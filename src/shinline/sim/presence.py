"""The lifter as seen at an instant: there or not yet, walking in, dressed in what hangs late."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from shinline.sim.clothes import Dress, hang, late_weights, slid_m
from shinline.sim.figure import Points, figure_points
from shinline.sim.looks import WALK_S
from shinline.sim.people import walked_in, walking
from shinline.sim.pose import Pose
from shinline.sim.scenario import Scenario
from shinline.sim.timeline import Timeline
from shinline.types import FloatArray

_SLOWS_M: Final = 0.5  # before the bar, to stand still there
_NO_LAG: Final = {"waist": np.zeros(3), "chest": np.zeros(3)}


@dataclass(frozen=True, slots=True)
class Appearance:
    """The points of the near side and of the far one, and how far the shirt has slid.

    ``at_bar`` is False while the lifter still walks in.
    """

    near: Points
    far: Points
    slid_m: float
    at_bar: bool


class Presence:
    """Tells for one recording how the lifter appears."""

    def __init__(self, scenario: Scenario, timeline: Timeline, dress: Dress) -> None:
        self._room = scenario.room
        self._timeline = timeline
        self._body = timeline.body
        self._dress = dress
        self._ago_s, self._weights = late_weights()

    def at(self, pose: Pose, index: int, t_s: float) -> Appearance | None:
        """Return how the lifter appears in one of a pose's instants; None: nobody is there."""
        if not self._room.lifter or t_s < self._room.walk_in_s:
            return None
        away_m = walked_in(t_s, self._room.walk_in_s, WALK_S) if self._room.walk_in_s else 0.0
        if away_m > 0.0:
            return self._walking(away_m)
        points = figure_points(self._body, pose, index)
        if self._dress.loose_m == 0.0 and "shirt" not in self._dress.cloth:
            return Appearance(points, points, 0.0, at_bar=True)
        lately, lately_rad = self._lately(t_s)
        lag = {name: lately[name] - points[name] for name in lately}
        points |= hang(points, self._dress, lag)
        return Appearance(points, points, slid_m(self._dress, lately_rad), at_bar=True)

    def _walking(self, away_m: float) -> Appearance:
        near, far = walking(self._body, -away_m, min(1.0, away_m / _SLOWS_M))
        shift = np.array([-away_m, 0.0, 0.0])
        near = {name: point + shift for name, point in near.items()}
        near |= hang(near, self._dress, _NO_LAG)
        far = {name: point + shift for name, point in far.items()}
        return Appearance(near, far, slid_m(self._dress, 0.5 * np.pi), at_bar=False)

    def _lately(self, t_s: float) -> tuple[dict[str, FloatArray], float]:
        """Return where waist and chest lately were, on average, and the trunk's angle."""
        pose = self._timeline.sample(t_s - self._ago_s).pose(self._body)
        past = [figure_points(self._body, pose, i) for i in range(len(self._ago_s))]
        places = {
            name: np.asarray(self._weights @ np.array([points[name] for points in past]))
            for name in ("waist", "chest")
        }
        return places, float(self._weights @ pose.trunk_rad)
