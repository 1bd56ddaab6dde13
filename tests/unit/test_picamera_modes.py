"""Which of a sensor's modes is taken, for the sensors people have."""

from typing import Any

import pytest

from shinline_pi import modes


def listed(*entries: tuple[int, int, int, float]) -> list[dict[str, Any]]:
    return [{"size": (w, h), "bit_depth": bits, "fps": fps} for w, h, bits, fps in entries]


@pytest.mark.parametrize(
    ("entries", "chosen", "output_px"),
    [
        pytest.param(
            listed((1536, 864, 10, 120.13), (2304, 1296, 10, 56.03), (4608, 2592, 10, 14.35)),
            modes.Mode(1536, 864, 10, 120.0),
            (1536, 864),
            id="camera module 3",
        ),
        pytest.param(
            listed((1332, 990, 10, 120.05), (2028, 1080, 12, 50.03), (4056, 3040, 12, 10.0)),
            modes.Mode(1332, 990, 10, 120.0),
            (1280, 950),
            id="high quality camera",
        ),
        pytest.param(
            listed((640, 400, 8, 309.79), (1280, 720, 8, 171.79), (1280, 800, 8, 143.66))
            + listed((640, 400, 10, 247.83), (1280, 720, 10, 137.42), (1280, 800, 10, 114.93)),
            modes.Mode(1280, 800, 8, 120.0),
            (1280, 800),
            id="global shutter, monochrome",
        ),
        pytest.param(
            listed((1456, 1088, 10, 60.38)),
            modes.Mode(1456, 1088, 10, 60.38),
            (1408, 1052),
            id="global shutter camera",
        ),
        pytest.param(
            listed((640, 480, 10, 103.33), (1920, 1080, 10, 47.57), (3280, 2464, 10, 21.19)),
            modes.Mode(1920, 1080, 10, 47.57),
            (1536, 864),
            id="camera module 2: wide before fast",
        ),
        pytest.param(
            listed((640, 480, 10, 90.0)),
            modes.Mode(640, 480, 10, 90.0),
            (640, 480),
            id="narrow is better than none",
        ),
    ],
)
def test_the_mode_of_a_known_sensor(
    entries: list[dict[str, Any]], chosen: modes.Mode, output_px: tuple[int, int]
) -> None:
    assert modes.choose(entries) == chosen
    assert modes.choose(reversed(entries)) == chosen
    assert chosen.output_px == output_px


def test_a_mode_that_crops_most_of_the_view_is_the_last_resort() -> None:
    """An old driver's fastest mode of a wide enough picture shows a third of the sensor."""
    cropped, whole = listed((1280, 720, 10, 120.0), (1640, 1232, 10, 41.85))
    cropped["crop_limits"], whole["crop_limits"] = (1000, 872, 1280, 720), (0, 0, 3280, 2464)
    assert modes.choose([cropped, whole]) == modes.Mode(1640, 1232, 10, 41.85)
    assert modes.choose([cropped]) == modes.Mode(1280, 720, 10, 120.0)


def test_entries_without_a_size_are_passed_over() -> None:
    assert modes.choose([{"format": "MJPEG"}]) is None
