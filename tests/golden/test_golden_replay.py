"""What was recorded on one machine comes out again on every other.

The journal is replayed to the last bit (law 4). Detections are held to a tolerance, because the
arithmetic is the same everywhere and the library of sines and exponentials is not: what was found
on which machine is in docs/pi-performance.md.
"""

from itertools import islice
from typing import Final

import golden_material as golden
import numpy as np

from shinline import replay
from shinline.journal.reader import Catalogue

LOOKED_AT: Final = 400
"""Frames of the recording that are looked at again: the set-up and the first repetition."""

POSITION_PX: Final = 1e-6
RELATIVE: Final = 1e-6


def test_the_journal_replays_to_the_last_bit() -> None:
    report = replay.check(Catalogue(golden.JOURNAL), golden.SESSION)
    assert report.frames == 1636
    assert report.events > 40
    assert report.identical, report.first_difference


def test_the_recording_gives_the_detections_that_were_recorded() -> None:
    recorded = islice(Catalogue(golden.JOURNAL).recorded(golden.SESSION), LOOKED_AT)
    found = 0
    for (head, rows), (golden_head, golden_rows) in zip(
        golden.look(LOOKED_AT), recorded, strict=True
    ):
        assert head["seq"] == golden_head["seq"]
        assert head["t_ns"] == golden_head["t_ns"]
        assert rows["role"].tolist() == golden_rows["role"].tolist()
        for name in ("x_px", "y_px"):
            np.testing.assert_allclose(rows[name], golden_rows[name], rtol=0.0, atol=POSITION_PX)
        for name in set(rows.dtype.names or ()) - {"t_ns", "role", "x_px", "y_px"}:
            np.testing.assert_allclose(
                rows[name], golden_rows[name], rtol=RELATIVE, atol=1e-9, err_msg=name
            )
        found += len(rows)
    assert found > LOOKED_AT  # more than the bar alone
