"""Calibration: rigs and, later, lenses and printable sheets."""
