"""What a lifter has measured with a ruler: markers and plate."""

from typing import Final

from shinline.config import Config
from shinline_cal.steps import HUNG

RANGES_MM: Final = {
    "marker_diameter_mm": (20.0, 300.0),
    "hung_diameter_mm": (20.0, 300.0),
    "plate_diameter_mm": (150.0, 600.0),
}
NOT_OURS: Final = "stature_m"
"""Comes along with the sizes: it is for the picture of where the bar will go."""


class Sizes:
    """Sizes as they were given, and the configuration's where none was."""

    def __init__(self, config: Config) -> None:
        self.given_mm: dict[str, float] = {}
        self._usual_mm = 1000.0 * config.marker.diameter_m

    def take(self, values: dict[str, float]) -> None:
        """Take sizes in.

        Raises
        ------
        ValueError
            One is unknown or out of its range; the message says what was expected.

        """
        for name, value in values.items():
            if name == NOT_OURS:
                continue
            if name not in RANGES_MM:
                raise ValueError(f"Unknown value {name!r}; expected one of {', '.join(RANGES_MM)}.")
            least, most = RANGES_MM[name]
            if not least <= value <= most:
                raise ValueError(
                    f"{name.replace('_mm', '').replace('_', ' ')}: expected {least:.0f} to "
                    f"{most:.0f} mm, not {value:g}."
                )
        self.given_mm |= {name: value for name, value in values.items() if name in RANGES_MM}

    def diameter_m(self, step: str) -> float:
        """Return the diameter of the marker that a step looks at."""
        bar_mm = self.given_mm.get("marker_diameter_mm", self._usual_mm)
        mm = self.given_mm.get("hung_diameter_mm", bar_mm) if step in HUNG else bar_mm
        return mm / 1000.0

    @property
    def measured_m(self) -> float:
        """The bar marker's diameter as it was measured; 0 where it was not."""
        return self.given_mm.get("marker_diameter_mm", 0.0) / 1000.0

    @property
    def plate_diameter_m(self) -> float | None:
        """The plate's diameter, None where it was not measured."""
        mm = self.given_mm.get("plate_diameter_mm")
        return None if mm is None else mm / 1000.0
