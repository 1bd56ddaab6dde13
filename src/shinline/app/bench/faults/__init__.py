"""The coach before a population of lifters with faults of known size, and how often it is right.

No pictures: where the stickers are follows from the simulated lifter, what a detector would report
of them from the camera's place, what stands in the way, and noise. The truth beside it is that of
the exact motion. ``python -m shinline.app.bench.faults``.
"""
