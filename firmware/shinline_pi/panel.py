"""Light, buzzer, button and lamp on the pins of a Raspberry Pi: the indicator named ``gpio``.

gpiozero brings the pins; with ``GPIOZERO_PIN_FACTORY=mock`` they are simulated. The lamp is on for
as long as the panel is open. What a pin does when the process is killed: docs/indicators.md.
"""

import logging
import os
from collections.abc import Callable
from contextlib import ExitStack
from typing import Final, Protocol

from shinline.app.indicators import Ask, News
from shinline.config import Config
from shinline.pins import Indicators
from shinline.types import AskEvent, RepEvent, RepKind, SetEvent
from shinline_pi import strip
from shinline_pi.button import Presses
from shinline_pi.colours import Colour
from shinline_pi.gpio import zero
from shinline_pi.player import Player
from shinline_pi.signals import Signal, Standing, light_of, sound_of

_LOG = logging.getLogger(__name__)

Put = Callable[[Colour, bool], None]

MIXED: Final = {
    Colour.OFF: (0.0, 0.0, 0.0),
    Colour.RED: (1.0, 0.0, 0.0),
    Colour.YELLOW: (1.0, 0.45, 0.0),  # a green LED is brighter than a red one
    Colour.GREEN: (0.0, 1.0, 0.0),
}


class Trouble:
    """What a driver raised on another thread; raised again where our caller sees it."""

    def __init__(self) -> None:
        self._problem: Exception | None = None

    def note(self, problem: Exception) -> None:
        """Remember it."""
        self._problem = problem

    def check(self) -> None:
        """Raise it."""
        if self._problem is not None:
            raise self._problem


class Rhythm(Protocol):
    """What plays signals, such as a :class:`~shinline_pi.player.Player`."""

    def stand(self, signal: Signal) -> None:
        """Repeat a signal from now on."""
        ...

    def once(self, signal: Signal, matters: bool = True) -> None:
        """Play a signal before it; one that does not matter breaks no other off."""
        ...


class Panel:
    """Shows and sounds what happens, and asks for what the button is pressed for.

    ``light`` and ``buzzer`` are None where there is none; ``closing`` closes all devices.
    """

    def __init__(
        self,
        ask: Ask,
        light: Rhythm | None,
        buzzer: Rhythm | None,
        trouble: Trouble,
        closing: ExitStack,
    ) -> None:
        self._ask = ask
        self._light = light
        self._buzzer = buzzer
        self._trouble = trouble
        self._closing = closing
        self._standing = Standing()
        self._in_set = False
        self._begun_ns: int | None = None

    def show(self, news: News) -> None:
        """Take in what happened. Only switches a rhythm, which takes some microseconds."""
        self._trouble.check()
        self._standing.take(news)
        self._follow_set(news)
        if self._light is not None:
            self._light.stand(self._standing.signal)
            if (signal := light_of(news)) is not None:
                self._light.once(signal)
        if self._buzzer is not None and (sound := sound_of(news)) is not None:
            self._buzzer.once(*sound)

    def close(self) -> None:
        """Switch everything off, the lamp last, and let go of the pins."""
        self._closing.close()

    def pressed(self) -> None:
        """Ask for feedback."""
        self._ask("feedback_now", {})

    def held(self) -> None:
        """Begin a set, or end the one that is under way."""
        self._ask("end_set" if self._in_set else "start_set", {})

    def _follow_set(self, news: News) -> None:
        if isinstance(news, RepEvent):
            self._in_set = self._in_set or news.kind is RepKind.END
        elif isinstance(news, AskEvent) and news.verb in ("start_set", "end_set"):
            self._in_set = news.verb == "start_set"
            self._begun_ns = news.t_ns if self._in_set else None
        elif isinstance(news, SetEvent):
            self._in_set = news.t_ns == self._begun_ns  # then it is the one before that ended


def open_indicator(config: Config, ask: Ask) -> Panel:
    """Open what is wired, as ``config.indicators`` tells.

    Raises
    ------
    RuntimeError, OSError, gpiozero.GPIOZeroError
        gpiozero is missing, or a pin or the SPI device cannot be had.

    """
    wired, trouble = config.indicators, Trouble()
    if os.environ.get("GPIOZERO_PIN_FACTORY") == "mock":
        _LOG.warning("the pins are simulated: GPIOZERO_PIN_FACTORY is mock")
    with ExitStack() as opening:
        _light_up(wired, opening)
        light = _player(_light(wired, opening), "shinline-light", trouble, opening)
        buzzer = _player(_buzzer(wired, opening), "shinline-buzzer", trouble, opening)
        closing = ExitStack()
        panel = Panel(ask, light, buzzer, trouble, closing)
        if wired.button_pin is not None:
            contact = zero().Button(wired.button_pin)  # to ground, with the Pi's own pull-up
            presses = Presses(contact, panel.pressed, panel.held, trouble.note)
            opening.callback(presses.close)
        closing.push(opening.pop_all())
    return panel


def _light_up(wired: Indicators, opening: ExitStack) -> None:
    if wired.lamp_pin is not None:
        lamp = zero().DigitalOutputDevice(wired.lamp_pin)
        opening.callback(lamp.close)
        opening.callback(lamp.off)
        lamp.on()


def _light(wired: Indicators, opening: ExitStack) -> Put | None:
    if wired.light == "three":
        return _three(wired, opening)
    if wired.light == "rgb":
        return _rgb(wired, opening)
    if wired.light == "strip":
        pixels = strip.Strip(strip.open_wire(), wired.strip_pixels)
        opening.callback(pixels.close)
        return pixels.put
    return None


def _three(wired: Indicators, opening: ExitStack) -> Put:
    pins = {Colour.RED: wired.red_pin, Colour.YELLOW: wired.yellow_pin}
    pins[Colour.GREEN] = wired.green_pin
    lamps = {colour: zero().LED(pin) for colour, pin in pins.items()}
    for lamp in lamps.values():
        opening.callback(lamp.close)

    def put(colour: Colour, is_on: bool) -> None:
        for each, lamp in lamps.items():
            lamp.value = is_on and each is colour

    return put


def _rgb(wired: Indicators, opening: ExitStack) -> Put:
    lamp = zero().RGBLED(wired.red_pin, wired.green_pin, wired.blue_pin)
    opening.callback(lamp.close)

    def put(colour: Colour, is_on: bool) -> None:
        lamp.value = MIXED[colour if is_on else Colour.OFF]

    return put


def _buzzer(wired: Indicators, opening: ExitStack) -> Put | None:
    if wired.buzzer_pin is None:
        return None
    buzzer = zero().DigitalOutputDevice(wired.buzzer_pin)
    opening.callback(buzzer.close)

    def put(_colour: Colour, is_on: bool) -> None:
        buzzer.value = is_on

    return put


def _player(put: Put | None, name: str, trouble: Trouble, opening: ExitStack) -> Player | None:
    if put is None:
        return None
    player = Player(put, name, trouble.note)
    opening.callback(player.close)
    return player
