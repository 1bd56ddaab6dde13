"""How a camera stands, from sightings of markers that gravity, the floor and a printer place.

:mod:`.observe` and its neighbours turn DETECTION rows into observations and refuse what is none.
:mod:`.bundle` puts all of them together: the seven numbers of a calibration and, beside each
observation, what it brings along that nobody knows (where it hangs, how far a draught pushes it).
:mod:`.solve` reads the result, :mod:`.checks` says whether to believe it, and :mod:`.mounts`
tries all of it on mounts whose truth is known.
"""
