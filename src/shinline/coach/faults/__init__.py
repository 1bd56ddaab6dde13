"""The faults of the deadlift: one file each, with its card as its docstring, and one row each.

A file says in its docstring what is measured (formula, window, markers, threshold, source); its
``measure`` is a pure function of the :class:`~shinline.coach.faults.card.Evidence`. What is common
to all (levels, uncertainty, confidence, "not assessed") is in :mod:`.verdict`.
"""
