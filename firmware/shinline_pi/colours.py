"""The colours of a light; apart from what they mean, so that switching off needs no program."""

from enum import Enum


class Colour(Enum):
    """The colours that every kind of light has."""

    OFF = "off"
    RED = "red"
    YELLOW = "yellow"
    GREEN = "green"
