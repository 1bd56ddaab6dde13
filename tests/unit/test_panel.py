"""The panel on simulated pins: what it shows, sounds and asks for, and that it ends dark."""

import itertools
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from gpiozero import BadPinFactory, Device, PinFactoryFallback
from gpiozero.pins.mock import MockFactory, MockPWMPin
from strip_wire import Wire, decoded

from shinline.app.indicators import Answer, Loop, News
from shinline.config import Config, Indicators
from shinline.types import (
    AskEvent,
    CueEvent,
    MarkerEvent,
    Moment,
    RepEvent,
    RepKind,
    Role,
    SetEvent,
    SetupEvent,
    Severity,
)
from shinline_pi import button, dark, gpio, strip, terminal
from shinline_pi.colours import Colour
from shinline_pi.panel import Panel, open_indicator

RED, YELLOW, GREEN, BLUE, BUZZER, BUTTON, LAMP = 17, 27, 22, 5, 23, 24, 18
THREE: dict[str, Any] = {"red_pin": RED, "yellow_pin": YELLOW, "green_pin": GREEN}
READY: tuple[News, ...] = (Loop.RUNNING, MarkerEvent(1, Role.BAR, True), SetupEvent(1, (), True))
UNKNOWN = ("best_velocity_mps", "last_velocity_mps", "velocity_loss", "path_spread_m")
SUM: dict[str, Any] = {"reps": 1, "faults": {}, **dict.fromkeys(UNKNOWN)}


@pytest.fixture
def pins(monkeypatch: pytest.MonkeyPatch) -> Iterator[MockFactory]:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    factory = MockFactory(pin_class=MockPWMPin)
    monkeypatch.setattr(Device, "pin_factory", factory)
    yield factory
    factory.reset()


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def wire(asked: list[str], pins: MockFactory) -> Iterator[Callable[..., Panel]]:
    opened: list[Panel] = []

    def ask(verb: str, fields: Mapping[str, Any]) -> None:
        assert not fields
        asked.append(verb)

    def make(**wired: Any) -> Panel:
        opened.append(open_indicator(Config(indicators=Indicators(**wired)), ask))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


def until(true: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + 5.0
    while not true():
        assert time.monotonic() < deadline_s, "it never came true"
        time.sleep(0.002)


def cue(severity: Severity) -> CueEvent:
    return CueEvent(1, "c", "hitch", severity, Moment.AFTER, "words", "r", 4000)


def lit(pins: MockFactory) -> set[int]:
    return {number for number in (RED, YELLOW, GREEN, BUZZER, LAMP) if pins.pin(number).state}


def pulses(pins: MockFactory, number: int) -> list[float]:
    """Return how long the pin was on each time, in seconds."""
    states = pins.pin(number).states
    pairs = itertools.pairwise(states)
    return [after.timestamp for before, after in pairs if before.state and not after.state]


# --- light ------------------------------------------------------------------------------------


def test_the_light_stands_still_at_ready_and_a_fault_comes_before_it(
    wire: Callable[..., Panel], pins: MockFactory
) -> None:
    shown = wire(light="three", **THREE)
    for news in READY:
        shown.show(news)
    until(lambda: lit(pins) == {GREEN})
    shown.show(cue(Severity.FAULT))
    until(lambda: lit(pins) == {RED})
    until(lambda: lit(pins) == {GREEN})
    assert len(pulses(pins, RED)) == 4
    assert pulses(pins, RED) == pytest.approx([0.35] * 4, abs=0.15)


def test_what_changes_while_a_cue_is_shown_is_shown_after_it(
    wire: Callable[..., Panel], pins: MockFactory
) -> None:
    shown = wire(light="three", **THREE)
    for news in READY:
        shown.show(news)
    shown.show(cue(Severity.GOOD))
    until(lambda: lit(pins) == {GREEN})
    shown.show(SetupEvent(2, (), False))
    until(lambda: lit(pins) == {YELLOW})
    assert len(pulses(pins, GREEN)) >= 2


def test_one_led_mixes_the_same_colours(wire: Callable[..., Panel], pins: MockFactory) -> None:
    wired = {"red_pin": RED, "green_pin": GREEN, "blue_pin": BLUE}
    shown = wire(light="rgb", **wired)
    shown.show(Loop.STARTING)
    until(lambda: 0 < pins.pin(GREEN).state < pins.pin(RED).state)
    for news in READY:
        shown.show(news)
    until(lambda: (pins.pin(RED).state, pins.pin(GREEN).state) == (0, 1))
    assert not pulses(pins, BLUE)


@pytest.mark.parametrize("rgb", [(255, 0, 0), (0, 255, 0), (1, 2, 128), (0, 0, 0), (170, 85, 3)])
def test_a_pixel_reads_from_the_wire_what_was_meant(rgb: tuple[int, int, int]) -> None:
    sent = strip.encode(*rgb, 5)
    assert decoded(sent) == [rgb] * 5
    assert len(strip.encode(*rgb, 60)) < 4096  # one transfer of the kernel's driver


def test_a_strip_shows_the_same_and_is_dark_at_the_end(
    wire: Callable[..., Panel], monkeypatch: pytest.MonkeyPatch
) -> None:
    far = Wire()
    monkeypatch.setattr(strip, "open_wire", lambda: far)
    shown = wire(light="strip", strip_pixels=3)
    for news in READY:
        shown.show(news)
    until(lambda: far.sent[-1] == [strip.RGB[Colour.GREEN]] * 3)
    shown.show(cue(Severity.STOP))
    until(lambda: far.sent[-1] == [strip.RGB[Colour.RED]] * 3)
    shown.close()
    assert far.sent[-1] == [(0, 0, 0)] * 3
    assert far.closed


def test_without_spi_a_strip_is_refused_and_what_was_opened_is_let_go(
    wire: Callable[..., Panel], pins: MockFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> strip.Wire:
        raise FileNotFoundError(2, "no such device", "/dev/spidev0.0")

    monkeypatch.setattr(strip, "open_wire", missing)
    with pytest.raises(OSError, match="spidev"):
        wire(light="strip", lamp_pin=LAMP)
    assert lit(pins) == set()
    wire(lamp_pin=LAMP)  # the pin is free again
    (tmp_path / "file").touch()
    monkeypatch.undo()
    with pytest.raises(OSError):
        strip.open_wire(tmp_path / "file")  # a file is no SPI device
    with pytest.raises(FileNotFoundError):
        strip.open_wire(tmp_path / "none")
    assert not (tmp_path / "none").exists()


# --- buzzer and lamp --------------------------------------------------------------------------


def test_the_buzzer_is_silent_until_it_matters(
    wire: Callable[..., Panel], pins: MockFactory
) -> None:
    shown = wire(buzzer_pin=BUZZER)
    for news in (*READY, cue(Severity.WARN), cue(Severity.INFO)):
        shown.show(news)
    time.sleep(0.1)
    assert pulses(pins, BUZZER) == []
    shown.show(cue(Severity.FAULT))
    until(lambda: len(pulses(pins, BUZZER)) == 2)
    assert pulses(pins, BUZZER) == pytest.approx([0.25, 0.25], abs=0.1)


def test_an_acknowledgement_breaks_no_cue_off_and_a_cue_breaks_off_anything(
    wire: Callable[..., Panel], pins: MockFactory
) -> None:
    shown = wire(buzzer_pin=BUZZER)
    shown.show(cue(Severity.FAULT))
    until(lambda: BUZZER in lit(pins))
    shown.show(Answer("feedback_now"))
    until(lambda: len(pulses(pins, BUZZER)) == 2)
    time.sleep(0.05)
    shown.show(cue(Severity.FAULT))
    until(lambda: BUZZER in lit(pins))
    shown.show(cue(Severity.STOP))
    until(lambda: len(pulses(pins, BUZZER)) >= 10)
    assert min(pulses(pins, BUZZER)[:2]) > 0.15


def test_the_lamp_is_on_from_the_opening_to_the_end(
    wire: Callable[..., Panel], pins: MockFactory
) -> None:
    shown = wire(light="three", **THREE, buzzer_pin=BUZZER, button_pin=BUTTON, lamp_pin=LAMP)
    assert LAMP in lit(pins)
    for news in (*READY, cue(Severity.STOP)):
        shown.show(news)
    until(lambda: BUZZER in lit(pins))
    shown.close()
    assert lit(pins) == set()
    assert not [t for t in threading.enumerate() if t.name.startswith(("shinline-l", "shinline-b"))]


def test_what_a_killed_process_left_on_is_switched_off(
    pins: MockFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (RED, BUZZER, LAMP):
        pin = pins.pin(number)
        pin.function, pin.state = "output", True
    wired = f"device='gpio'\nbuzzer_pin={BUZZER}\nlamp_pin={LAMP}\n"
    (tmp_path / "c.toml").write_text(f"[indicators]\n{wired}")
    assert dark.main([str(tmp_path / "c.toml")]) is None
    assert lit(pins) == {RED}  # which is not ours
    assert dark.main([]) is None
    assert "cannot be read" in str(dark.main([str(tmp_path / "none.toml")]))
    far = Wire()
    monkeypatch.setattr(strip, "open_wire", lambda: far)
    dark.dark(Config(indicators=Indicators(device="gpio", light="strip", strip_pixels=2)))
    assert far.sent == [[(0, 0, 0)] * 2]


def test_switching_off_loads_nothing_of_the_program_that_was_killed() -> None:
    """It stands between a crash and the next start, on a small machine."""
    code = "import sys, shinline_pi.dark; print(*(n for n in sys.modules if '.app' in n), sep='')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


# --- button -----------------------------------------------------------------------------------


def press(pins: MockFactory, for_s: float, bounces: int = 0) -> None:
    """Press the button, which connects the pin to ground; the contact bounces at both ends."""
    pin = pins.pin(BUTTON)
    time.sleep(2 * button.SETTLE_S)
    for _ in range(bounces):
        pin.drive_low()
        pin.drive_high()
    pin.drive_low()
    time.sleep(for_s)
    for _ in range(bounces):
        pin.drive_high()
        pin.drive_low()
    pin.drive_high()
    time.sleep(2 * button.SETTLE_S)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(button, "LONG_S", 0.2)


def test_a_short_press_asks_for_feedback_once_however_the_contact_bounces(
    wire: Callable[..., Panel], pins: MockFactory, asked: list[str]
) -> None:
    wire(button_pin=BUTTON)
    press(pins, 0.1)
    press(pins, 0.1, bounces=20)
    until(lambda: len(asked) == 2)
    press(pins, 0.0)  # shorter than the contact takes to settle: an impulse on the wire
    time.sleep(0.1)
    assert asked == ["feedback_now"] * 2


@pytest.mark.usefixtures("soon")
def test_a_long_press_begins_a_set_and_the_next_one_ends_it(
    wire: Callable[..., Panel], pins: MockFactory, asked: list[str]
) -> None:
    shown = wire(button_pin=BUTTON)
    press(pins, 0.3, bounces=5)
    assert asked == ["start_set"]
    shown.show(AskEvent(7, 1, "start_set"))
    shown.show(SetEvent(7, 1, **SUM))  # the one before, which the new one ended
    press(pins, 0.3)
    assert asked == ["start_set", "end_set"]
    shown.show(AskEvent(9, 1, "end_set"))
    shown.show(SetEvent(9, 2, **SUM))
    press(pins, 0.3)
    assert asked[2:] == ["start_set"]


@pytest.mark.usefixtures("soon")
def test_repetitions_are_a_set_under_way_until_it_has_ended(
    wire: Callable[..., Panel], pins: MockFactory, asked: list[str]
) -> None:
    shown = wire(button_pin=BUTTON)
    shown.show(RepEvent(1, RepKind.END, "r", 1, 1))
    press(pins, 0.3)
    shown.show(SetEvent(9, 1, **SUM))
    press(pins, 0.3)
    assert asked == ["end_set", "start_set"]


@pytest.mark.usefixtures("soon")
def test_a_button_that_is_stuck_from_the_start_asks_for_nothing(
    wire: Callable[..., Panel], pins: MockFactory, asked: list[str]
) -> None:
    wire(button_pin=BUTTON)
    pins.pin(BUTTON).drive_low()  # before it has ever settled
    time.sleep(0.5)
    assert asked == []
    pins.pin(BUTTON).drive_high()
    time.sleep(2 * button.SETTLE_S)
    press(pins, 0.1)
    assert asked == ["feedback_now"]


def test_a_driver_that_fails_on_its_thread_is_noticed_at_the_next_news(
    wire: Callable[..., Panel], pins: MockFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = wire(light="three", **THREE)

    def fail(_self: MockPWMPin, _value: object) -> None:
        raise OSError("the pin is gone")

    monkeypatch.setattr(MockPWMPin, "_set_state", fail)
    monkeypatch.setattr(MockPWMPin, "state", property(lambda self: False, fail))

    def raised() -> bool:
        try:
            shown.show(Loop.STARTING)
        except OSError as problem:
            return "gone" in str(problem)
        return False

    until(raised)
    monkeypatch.undo()


# --- without pins -----------------------------------------------------------------------------


def test_without_gpiozero_the_package_is_named(
    wire: Callable[..., Panel], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(gpio.importlib, "import_module", missing)
    with pytest.raises(RuntimeError, match="apt install python3-gpiozero"):
        wire(lamp_pin=LAMP)


def test_where_nothing_drives_the_pins_it_is_said_in_a_line(
    wire: Callable[..., Panel], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Device, "pin_factory", None)
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "")
    monkeypatch.setattr(Device, "_default_pin_factory", staticmethod(_no_driver))
    with pytest.raises(RuntimeError, match="apt install python3-lgpio"):
        wire(lamp_pin=LAMP)


def _no_driver() -> None:
    warnings.warn("Falling back from lgpio", PinFactoryFallback, stacklevel=1)
    raise BadPinFactory("Unable to load any default pin factory!")


def test_the_twin_prints_what_would_show_and_says_that_it_is_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    twin = terminal.open_indicator(Config(), lambda _verb, _fields: None)
    for news in (*READY, cue(Severity.FAULT), Answer("end_set")):
        twin.show(news)
    twin.close()
    lines = capsys.readouterr().err.splitlines()
    assert all(line.startswith("simulated ") for line in lines)
    assert [line.partition("(")[0].strip() for line in lines] == [
        "simulated light: yellow, looking",
        "simulated light: green, watching",
        "simulated light: green, ready",
        "simulated light: red, fault",
        "simulated buzzer: fault",
        "simulated buzzer: set ended",
    ]
