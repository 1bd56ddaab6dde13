"""Lifts as numbers: a population with exact truth, through the engine, and what came of it.

No pictures: what a camera's detector would report is drawn from the motion, the camera's place and
the noise, so that ten thousand repetitions take minutes. ``python -m shinline.app.bench.lifts``.
"""
