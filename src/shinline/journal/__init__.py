"""What happened, kept: one SQLite file with what the engine ate and what it said.

Writing (:mod:`.writer`) never blocks the loop, reading (:mod:`.reader`) never disturbs the writer.
What is stored, and why in this shape, is written down once in :mod:`.schema`.
"""
