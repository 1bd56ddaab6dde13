"""Hips that shoot up, judged from rendered pictures of lifters without stickers, against truth.

``python -m shinline.app.bench.hips``.
"""
