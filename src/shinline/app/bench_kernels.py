"""The yardstick of the benchmark: reading a frame once."""

from shinline.kernel import kernel
from shinline.types import IntArray


@kernel
def read_once(words: IntArray) -> int:
    """Sum a frame seen as 64-bit words: as fast as memory can be read."""
    total = 0
    for i in range(words.size):
        total += words[i]
    return total
