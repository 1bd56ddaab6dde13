"""The configuration of lamps, buzzer and button: which pin each of them hangs on.

Pins are numbered as BCM2835 numbers them ("GPIO17"), not by their place on the connector.
"""

from typing import Annotated, Final, Literal

from msgspec import Meta

from shinline.section import Section

Pin = Annotated[int, Meta(ge=2, le=27)]
"""0 and 1 belong to the memory of boards that are put on top."""

SPI_PINS: Final = (7, 8, 9, 10, 11)
"""What the kernel takes for SPI 0; a strip's data leave on 10."""

LIGHTS: Final = {
    "none": (),
    "three": ("red_pin", "yellow_pin", "green_pin"),
    "rgb": ("red_pin", "green_pin", "blue_pin"),
    "strip": (),
}
"""Which pins belong to each kind of light: all of them are needed, and no others."""

_OF_LIGHTS: Final = ("red_pin", "yellow_pin", "green_pin", "blue_pin")
_OTHERS: Final = ("buzzer_pin", "button_pin", "lamp_pin")


class Indicators(Section, frozen=True):
    """Light, buzzer, button and lamp at the platform.

    ``device`` is the entry point that drives them, ``gpio`` on a Raspberry Pi or ``terminal`` for
    one that only prints; empty: there are none. ``light`` is ``three`` single LEDs, one ``rgb``
    LED, or a ``strip`` of NeoPixels on SPI. ``lamp_pin`` switches what lights the markers.
    """

    device: Annotated[str, Meta(pattern=r"^[a-z0-9_-]{0,32}$")] = ""
    light: Literal["none", "three", "rgb", "strip"] = "none"
    red_pin: Pin | None = None
    yellow_pin: Pin | None = None
    green_pin: Pin | None = None
    blue_pin: Pin | None = None
    strip_pixels: Annotated[int, Meta(ge=1, le=60)] = 8
    buzzer_pin: Pin | None = None
    button_pin: Pin | None = None
    lamp_pin: Pin | None = None

    def __post_init__(self) -> None:
        """Refuse a light without its pins, a pin without its light, and a pin used twice."""
        wanted = LIGHTS[self.light]
        for key in _OF_LIGHTS:
            given = getattr(self, key) is not None
            if given != (key in wanted):
                needs = ", ".join(wanted) or "none of the light's pins"
                what = "is not for" if given else "is missing for"
                raise ValueError(f"{key} {what} light '{self.light}'; expected {needs}")
        taken = dict.fromkeys(SPI_PINS, "light 'strip'") if self.light == "strip" else {}
        for key in (*_OF_LIGHTS, *_OTHERS):
            pin = getattr(self, key)
            if pin is None:
                continue
            if pin in taken:
                raise ValueError(f"pin {pin} is used twice, by {taken[pin]} and {key}")
            taken[pin] = key
