"""How brought-along commands of the product itself tell a problem: one line, and an exit code."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from shinline.config import ConfigError


class Told(click.ClickException):
    """What could not be done, in one line."""

    exit_code = 1

    def show(self, file: object = None) -> None:
        """Print it as all problems are."""
        click.echo(f"shinline: {' '.join(self.message.split())}", err=True)


class Misused(Told):
    """What was asked for wrongly, in one line."""

    exit_code = 2


def told(command: Callable[..., None]) -> Callable[..., None]:
    """Wrap a command: what cannot be done exits with 1, a wrong configuration with 2."""

    @wraps(command)
    def wrapper(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except ConfigError as problem:
            raise Misused(str(problem)) from None
        except OSError as problem:
            raise Told(str(problem)) from None

    return wrapper
