"""DETECTION rows and pictures to observations: the steps of a calibration, one function each.

Each takes the rows of one role, with mid-exposure times, and returns what :mod:`.evidence` calls
it; what was seen is refused with :class:`ObservationError` where it is not what the step asks for.
"""

from shinline_cal.rigging.edges import edges
from shinline_cal.rigging.evidence import ObservationError
from shinline_cal.rigging.moving import fall, swing
from shinline_cal.rigging.still import plumb, rest
from shinline_cal.rigging.turning import rolled, spun

__all__ = ["ObservationError", "edges", "fall", "plumb", "rest", "rolled", "spun", "swing"]
