"""The quick median is numpy's, to the last bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from shinline.geometry.middle import median

NUMBERS = arrays(np.float64, st.integers(1, 60), elements=st.floats(-1e9, 1e9))
WHOLE = arrays(np.int64, st.integers(1, 60), elements=st.integers(-(1 << 62), 1 << 62))


@given(st.one_of(NUMBERS, WHOLE))
def test_it_is_that_of_numpy(values: np.ndarray) -> None:  # type: ignore[type-arg]
    assert median(values) == np.median(values)


@pytest.mark.parametrize("values", [[], [np.nan], [1.0, np.nan, 2.0], [np.nan, -np.inf]])
def test_what_is_no_number_has_no_median(values: list[float]) -> None:
    assert np.isnan(median(np.array(values)))


def test_a_list_and_a_column_of_a_table_do_as_well() -> None:
    assert median([3.0, 1.0, np.inf]) == 3.0
    assert median(np.array([(1, 5.0), (2, 7.0)], "i4,f8")["f1"]) == 6.0
