"""A run with its indicator: told what happens, heard as a phone is, dark at the end."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory, MockPWMPin
from rich.console import Console

from shinline.app import indicators as seam
from shinline.app.run import run
from shinline.config import Access, Config, Indicators, Mqtt, Tls, Web
from shinline.sources.pacing import PacedFrames
from shinline.types import BarPrior, Frame, FrameSource

GREEN, BUZZER, BUTTON, LAMP = 22, 23, 24, 18
LIGHT: dict[str, Any] = {"light": "three", "red_pin": 17, "yellow_pin": 27, "green_pin": GREEN}


@pytest.fixture
def pins(monkeypatch: pytest.MonkeyPatch) -> Iterator[MockFactory]:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    factory = MockFactory(pin_class=MockPWMPin)
    monkeypatch.setattr(Device, "pin_factory", factory)
    monkeypatch.setattr(seam, "LOOK_S", 0.1)
    yield factory
    factory.reset()


def an_empty_room(pins: MockFactory, seen: dict[str, object]) -> Iterator[Frame]:
    """Picture an empty room; somebody holds the button until the buzzer has sounded."""
    luma = np.full((120, 160), 100, np.uint8)
    for seq in range(3000):
        yield Frame(seq, (seq + 1) * 33_333_333, 1000, luma)
        time.sleep(0.005)
        if seq == 40:
            pins.pin(BUTTON).drive_low()
            seen["lamp"] = pins.pin(LAMP).state
        if len([state for state in pins.pin(BUZZER).states if state.state]) == 2:
            pins.pin(BUTTON).drive_high()
            return
    raise TimeoutError("the buzzer was not heard")


def test_a_long_press_begins_a_set_and_all_is_dark_at_the_end(
    tmp_path: Path, pins: MockFactory
) -> None:
    seen: dict[str, object] = {}

    def open_source() -> tuple[FrameSource, BarPrior | None]:
        seen["before the camera"] = pins.pin(LAMP).state
        frames = an_empty_room(pins, seen)
        return PacedFrames(frames, "camera", 160, 120, 30.0, realtime=False), None

    wired = Indicators(device="gpio", buzzer_pin=BUZZER, button_pin=BUTTON, lamp_pin=LAMP, **LIGHT)
    config = Config(
        mqtt=Mqtt(port=0, ws_port=0),
        web=Web(bind="127.0.0.1", port=0),
        access=Access(path=str(tmp_path / "access.json")),
        tls=Tls(mode="off"),
        indicators=wired,
    )
    journal = tmp_path / "journal.sqlite3"
    outcome = run(config, open_source, journal, Console(quiet=True), loop=False)
    assert outcome.reason == "finished"
    assert seen == {"before the camera": 1, "lamp": 1}
    assert not any(pins.pin(number).state for number in (17, 27, GREEN, BUZZER, LAMP))
    with sqlite3.connect(journal) as connection:
        (row,) = connection.execute("SELECT json FROM events WHERE kind = 'ask'").fetchall()
    connection.close()
    assert "start_set" in row[0]
