"""``shinline calibrate``: lens and rig."""

import click

from shinline_cal.rig_command import rig


@click.group()
def calibrate() -> None:
    """Measure the lens, and how the camera stands."""


calibrate.add_command(rig)
