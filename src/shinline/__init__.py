"""Shinline: a real-time deadlift bar-path tracker."""

__version__ = "0.1.0"
