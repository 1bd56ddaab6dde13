"""A strip of NeoPixels (WS2812B) on SPI: the kernel's own driver, and no package.

A pixel tells a one from a zero by how long the line is high. At 2.4 MHz three SPI bits take as long
as one bit of a pixel: 110 is a one (0.83 µs high), 100 a zero (0.42 µs); the data sheet allows
0.58 to 1 µs and 0.22 to 0.38 µs on newer parts, 0.8 +- 0.15 and 0.4 +- 0.15 µs on older ones, and
what is sold takes both. 300 µs of low end the picture.
"""

import fcntl
import os
import struct
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from shinline_pi.colours import Colour

DEVICE: Final = Path("/dev/spidev0.0")
CLOCK_HZ: Final = 2_400_000
LATCH_BYTES: Final = 96
"""320 µs; also sent before the first bit, because the line may have been left high."""

# linux/spi/spidev.h: _IOW('k', 1, __u8) and _IOW('k', 4, __u32)
WR_MODE: Final = 0x4001_6B01
WR_MAX_SPEED_HZ: Final = 0x4004_6B04

LEVEL: Final = 64
"""Of 255. Eight pixels draw some 0.1 A then; full white would be half an ampere."""

RGB: Final = {
    Colour.OFF: (0, 0, 0),
    Colour.RED: (LEVEL, 0, 0),
    Colour.YELLOW: (LEVEL, LEVEL // 2, 0),
    Colour.GREEN: (0, LEVEL, 0),
}


class Wire(Protocol):
    """What takes the bytes."""

    def write(self, data: bytes, /) -> int | None:
        """Send all of it in one go."""
        ...

    def close(self) -> None:
        """Let go of the device."""
        ...


def encode(red: int, green: int, blue: int, pixels: int) -> bytes:
    """Return the bytes on SPI that give all pixels one colour, 0 to 255 each."""
    bits = np.unpackbits(np.array([green, red, blue] * pixels, np.uint8))  # in this order
    threes = np.stack([np.ones_like(bits), bits, np.zeros_like(bits)], axis=1)
    latch = bytes(LATCH_BYTES)
    return latch + np.packbits(threes.ravel()).tobytes() + latch


def open_wire(device: Path = DEVICE) -> Wire:
    """Open the SPI device; OSError where there is none, or we may not."""
    wire = os.fdopen(os.open(device, os.O_WRONLY | os.O_CLOEXEC), "wb", buffering=0)
    try:
        fcntl.ioctl(wire, WR_MODE, struct.pack("B", 0))
        fcntl.ioctl(wire, WR_MAX_SPEED_HZ, struct.pack("I", CLOCK_HZ))
    except OSError:
        wire.close()
        raise
    return wire


class Strip:
    """All pixels in one colour."""

    def __init__(self, wire: Wire, pixels: int) -> None:
        self._wire = wire
        self._frames = {colour: encode(*rgb, pixels) for colour, rgb in RGB.items()}
        self.put(Colour.OFF, False)

    def put(self, colour: Colour, is_on: bool) -> None:
        """Show a colour, or nothing."""
        self._wire.write(self._frames[colour if is_on else Colour.OFF])

    def close(self) -> None:
        """Let go of the device; the pixels keep what they were last sent."""
        self._wire.close()
