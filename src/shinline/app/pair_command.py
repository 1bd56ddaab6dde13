"""``shinline pair``: the code for phones, who was paired, and taking somebody out.

An entry point, as ``words`` is: it lies below the command line and tells its own problems.
"""

import json
from pathlib import Path
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shinline import config as configuration
from shinline.app import kiosk
from shinline.app.access import AccessBook, Phone, default_path
from shinline.app.pair_sheet import draw_sheet
from shinline.app.private import replace_private
from shinline.app.problems import told
from shinline.app.surroundings import page_address, pairing_link, qr_lines
from shinline.app.tls import TlsFolder, default_folder
from shinline.config import Config
from shinline.web.state import Credential

_PATH = click.Path(path_type=Path)


@click.command()
@click.option("--config", "config_path", type=_PATH, help="Configuration file (TOML).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port of the pages, if not configured.")
@click.option("--list", "listing", is_flag=True, help="Only list who is paired.")
@click.option("--name", help="Make a credential for another program, and print it this once.")
@click.option("--home-assistant", "home", is_flag=True, help="With --name: it is one.")
@click.option("--revoke", metavar="NAME", help="Take a phone out, by its name or user name.")
@click.option("--all", "everybody", is_flag=True, help="With --revoke or alone: take all out.")
@click.option("--renew", is_flag=True, help="Make a new code; the old one pairs nobody any more.")
@click.option("--sheet", type=_PATH, help="Write a page to print and hang up (PDF).")
@click.option(
    "--screen", type=_PATH, help="Write the page a second screen begins with (HTML; - stdout)."
)
@click.option("--sound", is_flag=True, help="With --screen: it sounds as well.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
@told
def pair(
    config_path: Path | None,
    port: int | None,
    listing: bool,
    name: str | None,
    home: bool,
    revoke: str | None,
    everybody: bool,
    renew: bool,
    sheet: Path | None,
    screen: Path | None,
    sound: bool,
    as_json: bool,
) -> None:
    """Pair a phone: print the address with its code, and who is paired already.

    A running device notices all that is changed here within a second; a phone that was taken out
    is put out at once.
    """
    asked = [name is not None, revoke is not None or everybody, renew, listing]
    asked += [sheet is not None, screen is not None]
    if sum(asked) > 1:
        raise click.UsageError(
            "expected one of --list, --name, --revoke (or --all), --renew, --sheet and "
            "--screen at a time"
        )
    if home and name is None:
        raise click.UsageError("expected --name NAME with --home-assistant")
    if sound and screen is None:
        raise click.UsageError("expected --screen FILE with --sound")
    if revoke is not None and everybody:
        raise click.UsageError("expected --revoke NAME or --all, not both")
    config = configuration.load(config_path) if config_path is not None else Config()
    book = AccessBook(default_path(config.access.path))
    shown = _Shown(Console(highlight=False), as_json)
    if name is not None:
        shown.credential(name, book.add(name, home), config, home)
    elif screen is not None:
        if any(phone.name == kiosk.NAME for phone in book.phones()):
            book.revoke(kiosk.NAME)  # what it was given before is in a file that is replaced
        address = kiosk.screen_address(config, _is_secure(config), sound, port)
        shown.screen(screen, kiosk.kiosk_page(address, book.add(kiosk.NAME)))
    elif everybody:
        shown.gone(book.revoke_all())
    elif revoke is not None:
        shown.gone((book.revoke(revoke),))
    elif listing:
        shown.phones(book.phones())
    else:
        code = book.renew() if renew else book.code()
        address = _address(config, port)
        if sheet is not None:
            replace_private(sheet, draw_sheet(address, code, config.platform))
            shown.sheet(sheet)
        else:
            shown.code(address, code, book.phones())


def _address(config: Config, port: int | None) -> str:
    """Return where a running device serves its pages, as the configuration has it."""
    secure = _is_secure(config)
    usual = config.web.tls_port if secure else config.web.port
    return page_address(config.web, port or usual, secure)


def _is_secure(config: Config) -> bool:
    folder = TlsFolder(default_folder(config.tls.folder))
    return config.tls.mode != "off" and folder.exists


class _Shown:
    """Prints for people, or for programs."""

    def __init__(self, console: Console, as_json: bool) -> None:
        self._console = console
        self._as_json = as_json

    def _json(self, document: Any) -> None:
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))

    def code(self, address: str, code: str, phones: tuple[Phone, ...]) -> None:
        link = pairing_link(address, code)
        if self._as_json:
            listed = [_public(phone) for phone in phones]
            self._json({"address": address, "code": code, "link": link, "phones": listed})
            return
        click.echo(f"On the phone, open {address} and type the code, or scan this:\n")
        click.echo(f"    {code}\n")
        click.echo(qr_lines(link))
        self.phones(phones)

    def phones(self, phones: tuple[Phone, ...]) -> None:
        if self._as_json:
            self._json([_public(phone) for phone in phones])
            return
        if not phones:
            click.echo("nobody is paired yet")
            return
        table = Table(box=box.SIMPLE_HEAD)
        for title in ("name", "user name", "paired", "seen"):
            table.add_column(title)
        for phone in phones:
            row = phone.name, phone.username, phone.created, phone.seen or "not yet"
            table.add_row(*map(Text, row))
        self._console.print(table)

    def credential(self, name: str, found: Credential, config: Config, home: bool) -> None:
        if self._as_json:
            self._json({"name": name, "username": found.username, "password": found.password})
            return
        click.echo(f"user name  {found.username}")
        click.echo(f"password   {found.password}")
        click.echo("\nThe password is shown this once; only a key of it is kept. It may read")
        click.echo(f"shinline/{config.platform}/# and write shinline/{config.platform}/request/#.")
        if home:
            prefix = config.home_assistant.prefix
            click.echo(f"It may also read {prefix}/# and write {prefix}/status.")

    def gone(self, phones: tuple[Phone, ...]) -> None:
        if self._as_json:
            self._json([_public(phone) for phone in phones])
            return
        for phone in phones:
            click.echo(f"taken out: {phone.name} ({phone.username})")
        if not phones:
            click.echo("nobody was paired")

    def sheet(self, path: Path) -> None:
        if self._as_json:
            self._json({"sheet": str(path)})
        else:
            click.echo(f"{path}: whoever sees it can pair a phone; shinline pair --renew ends that")

    def screen(self, path: Path, page: bytes) -> None:
        if str(path) == "-":
            click.echo(page, nl=False)
            return
        replace_private(path, page)
        if self._as_json:
            self._json({"screen": str(path)})
        else:
            click.echo(f"{path}: the screen's browser opens it; whoever reads it is let in")


def _public(phone: Phone) -> dict[str, str | None]:
    """Return what may be shown of a phone: not its key."""
    return {
        "name": phone.name,
        "username": phone.username,
        "created": phone.created,
        "seen": phone.seen,
    }
