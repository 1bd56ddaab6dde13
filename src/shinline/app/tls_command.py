"""``shinline tls``: an authority of this machine's own, so that phones are served encrypted.

An entry point, as ``words`` is: it lies below the command line and tells its own problems.
"""

from pathlib import Path

import click

from shinline import config as configuration
from shinline.app.problems import told
from shinline.app.surroundings import page_address
from shinline.app.tls import TlsFolder, default_folder
from shinline.app.tls.store import Standing
from shinline.config import Config

_PATH = click.Path(path_type=Path)


@click.command()
@click.option("--config", "config_path", type=_PATH, help="Configuration file (TOML).")
@click.option("--name", "names", multiple=True, help="A further host name of this machine.")
@click.option("--remove", is_flag=True, help="Delete authority and certificate: no encryption.")
@told
def tls(config_path: Path | None, names: tuple[str, ...], remove: bool) -> None:
    """Make certificates, or renew them: from the next start on phones are served encrypted.

    The authority stays what it is for ten years; phones install it once. It may vouch for this
    machine, names such as NAME.local and addresses of local networks, and for nothing else.
    """
    if remove and names:
        raise click.UsageError("--remove deletes everything; it cannot go with --name")
    config = configuration.load(config_path) if config_path is not None else Config()
    folder = TlsFolder(default_folder(config.tls.folder))
    if remove:
        _remove(folder)
        return
    _check_names(names)
    is_new = not folder.exists
    _tell(folder, folder.make((*config.web.names, *names)), config, is_new)


def _check_names(names: tuple[str, ...]) -> None:
    """Refuse what is no host name, as the configuration would."""
    for name in names:
        try:
            configuration.parse(f"[web]\nnames = [{_quoted(name)}]")
        except configuration.ConfigError:
            raise click.UsageError(
                f"--name {name!r}: expected a host name such as rack2.example.org, in small letters"
            ) from None


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _remove(folder: TlsFolder) -> None:
    if folder.remove():
        click.echo(f"{folder.folder}: removed. From the next start on nothing is encrypted.")
        click.echo("Take the authority off the phones too; it is called Shinline on …")
    else:
        click.echo(f"{folder.folder}: there was nothing to remove")


def _tell(folder: TlsFolder, made: Standing, config: Config, is_new: bool) -> None:
    if config.tls.mode == "off":
        click.echo('not used: the configuration says [tls] mode = "off"')
    click.echo(f"{'made' if is_new else 'renewed'}: {folder.folder}")
    click.echo(f"for     {', '.join([*made.names.dns, *map(str, made.names.ip)])}")
    click.echo(f"until   {made.ends.date()}; renewed by itself at a start shortly before")
    click.echo(f"SHA-256 of the authority: {made.fingerprint}\n")
    click.echo("Start shinline run again. Then, once on each phone, open")
    click.echo(f"  {page_address(config.web, config.web.port, False)}")
    click.echo("which says how it comes to trust the device; and pair it again (shinline pair).")
    click.echo(f"Other programs trust {folder.download} (mosquitto_sub --cafile).")
