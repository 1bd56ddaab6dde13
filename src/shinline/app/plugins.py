"""Commands that others bring along: entry points of the group ``shinline.commands``.

The product does not import its calibration tools (they import it), so ``shinline verify`` arrives
the way cameras do: by name, and only when it is asked for. A stranger's package can do the same.
"""

from importlib.metadata import EntryPoint, entry_points
from typing import Final

import click

GROUP: Final = "shinline.commands"


class CommandError(Exception):
    """A brought-along command could not do it; the message says why, and is told in one line."""


class Plugged(click.Group):
    """A group that also knows the commands of :data:`GROUP`. Its own come first."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted({*super().list_commands(ctx), *_found()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, imported now if it is a brought-along one."""
        own = super().get_command(ctx, cmd_name)
        if own is not None or cmd_name not in (found := _found()):
            return own
        return _loaded(found[cmd_name])


def _found() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def _loaded(point: EntryPoint) -> click.Command:
    """Import a command; one that cannot be imported says so when used, and harms no other."""
    try:
        command = point.load()
    except (ImportError, AttributeError) as problem:
        return _broken(point, str(problem))
    return command if isinstance(command, click.Command) else _broken(point, "it is no command")


def _broken(point: EntryPoint, reason: str) -> click.Command:
    message = f"{point.name} (from {point.value}) cannot be used: {reason}"

    @click.command(
        point.name,
        help=f"Not usable: {reason}",
        context_settings={"ignore_unknown_options": True},
    )
    @click.argument("rest", nargs=-1, type=click.UNPROCESSED)
    def broken(rest: tuple[str, ...]) -> None:
        raise click.ClickException(message)

    return broken
