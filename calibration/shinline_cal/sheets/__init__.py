"""``shinline markers``: what is printed, exact to a tenth of a millimetre, as a vector PDF.

Lengths are in millimetres, places from the page's top-left corner, x to the right, y down.

The PDF is written by reportlab: its licence is BSD (fpdf2's is LGPL), it brings Pillow and
charset-normalizer along and nothing else (fpdf2 also brings fontTools, 30 MB), it is pure Python,
writes curves as curves, and has a switch for files without time stamps. Nothing is compressed, so
that the bytes do not depend on the version of zlib.
"""
