"""What is wired is told without contradiction: each pin once, each light with its own pins."""

import pytest

from shinline.config import ConfigError, parse

THREE = "light = 'three'\nred_pin = 17\nyellow_pin = 27\ngreen_pin = 22\n"


def wired(text: str) -> str:
    return f"[indicators]\ndevice = 'gpio'\n{text}"


def test_all_that_can_be_wired_is_taken() -> None:
    config = parse(wired(THREE + "buzzer_pin = 23\nbutton_pin = 24\nlamp_pin = 18"))
    assert (config.indicators.green_pin, config.indicators.blue_pin) == (22, None)
    assert parse(wired("light = 'rgb'\nred_pin=5\ngreen_pin=6\nblue_pin=13")).indicators.blue_pin
    assert parse(wired("light = 'strip'\nbuzzer_pin = 17")).indicators.strip_pixels == 8
    assert parse("").indicators.device == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (THREE + "buzzer_pin = 22", "pin 22 is used twice, by green_pin and buzzer_pin"),
        ("button_pin = 4\nlamp_pin = 4", "pin 4 is used twice, by button_pin and lamp_pin"),
        ("light = 'strip'\nlamp_pin = 10", "pin 10 is used twice, by light 'strip' and lamp_pin"),
        ("light = 'three'\nred_pin = 17", "yellow_pin is missing for light 'three'; expected red"),
        ("light = 'rgb'\nred_pin=5\ngreen_pin=6\nblue_pin=13\nyellow_pin=7", "yellow_pin is not"),
        ("red_pin = 17", "red_pin is not for light 'none'"),
        ("buzzer_pin = 28", "<= 27"),
        ("buzzer_pin = 1", ">= 2"),
        ("buzer_pin = 5", "buzer_pin"),
        ("light = 'laser'", "laser"),
        ("strip_pixels = 61", "<= 60"),
    ],
)
def test_what_cannot_be_is_refused_with_its_keys(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=r"\$\.indicators") as refused:
        parse(wired(text))
    assert said in str(refused.value)
