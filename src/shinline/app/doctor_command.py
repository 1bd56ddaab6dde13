"""``shinline doctor``, as an entry point: it must start where the rest of the program cannot."""

import sys
from pathlib import Path

import click

from shinline import config as configuration
from shinline.app.doctor import checks
from shinline.app.doctor_start import starts
from shinline.app.problems import told
from shinline.config import Config
from shinline.journal.schema import default_path

_PATH = click.Path(path_type=Path)


@click.command()
@click.option("--config", "config_path", type=_PATH, help="Configuration file (TOML).")
@click.option("--journal", "journal_path", type=_PATH, help="Journal file.")
@click.option(
    "--camera",
    metavar="[SOURCE]",
    is_flag=False,
    flag_value="picamera",
    help="Try the camera as well (picamera, if no other source is named). Stop the service first.",
)
@told
def doctor(config_path: Path | None, journal_path: Path | None, camera: str | None) -> None:
    """Check this machine and say what to do about what is not right."""
    config = configuration.load(config_path) if config_path is not None else Config()
    results = checks(config, journal_path or default_path(config.journal.path))
    camera_s = None
    if camera is not None:
        from shinline.app.doctor_trial import trials

        tried, camera_s = trials(config, camera)
        results += tried
    results += starts(camera_s)
    for check in results:
        click.echo(f"{'ok ' if check.ok else 'BAD'}  {check.name}: {check.detail}")
        if check.advice:
            click.echo(f"     {check.advice}")
    if not all(check.ok for check in results):
        sys.exit(1)
