"""The far end of a strip's wire, which reads it as the pixels do."""

import numpy as np


def decoded(sent: bytes) -> list[tuple[int, int, int]]:
    """Read SPI bytes as a pixel does: a long high is a one, a short one a zero."""
    assert sent[:90] == sent[-90:] == bytes(90)  # 300 µs of low, before and after
    line = "".join(f"{byte:08b}" for byte in sent).strip("0") + "00"
    highs = [len(high) for high in line.split("0") if high]
    assert set(highs) <= {1, 2}
    bits = np.array([high == 2 for high in highs])
    values = np.packbits(bits).reshape(-1, 3)
    return [(int(red), int(green), int(blue)) for green, red, blue in values]


class Wire:
    """The far end of SPI, kept."""

    def __init__(self) -> None:
        self.sent: list[list[tuple[int, int, int]]] = []
        self.closed = False

    def write(self, data: bytes, /) -> int:
        assert not self.closed
        self.sent.append(decoded(data))
        return len(data)

    def close(self) -> None:
        self.closed = True
