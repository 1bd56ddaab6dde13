"""``shinline update``: another release beside this one, and back again."""

import os
from pathlib import Path

import click

from shinline.app.problems import told
from shinline_pi import installing
from shinline_pi.releases import ReleaseError, Releases


@click.command()
@click.argument("source", required=False, metavar="[FILE|FOLDER|URL]")
@click.option("--rollback", is_flag=True, help="Go back to the release before.")
@click.option("--untried", is_flag=True, help="Do not compile and try it first.")
@told
def update(source: str | None, rollback: bool, untried: bool) -> None:
    """Install another release from a wheel, a source folder or an https address, or list them.

    It is made beside the running one, compiled and tried, and only then switched to. One that does
    not start is taken back by itself. The two newest stay.
    """
    releases = Releases(installing.ROOT)
    if rollback and source is not None:
        raise click.UsageError("expected --rollback or something to install, not both")
    if releases.current() is None:
        raise ReleaseError(
            f"{releases.root}: nothing was installed there with deploy/install.sh, so nothing can "
            "be updated: an environment of your own is updated with its own pip"
        )
    if source is None and not rollback:
        _list(releases)
        return
    _expect_to_be_able()
    if rollback:
        installing.roll_back(releases, installing.systemd(), click.echo)
        return
    with installing.fetched(source or "") as found:
        installing.install(releases, found, installing.systemd(), click.echo, tried=not untried)


def _list(releases: Releases) -> None:
    for release in releases.whole():
        mark = "current" if release == releases.current() else "before"
        click.echo(f"{mark:<8} {release.name}")


def _expect_to_be_able() -> None:
    if os.geteuid() != 0:
        raise ReleaseError("only root may change what is installed: expected sudo shinline update")
    mounts = Path("/proc/mounts").read_text(encoding="utf-8")
    if installing.read_only_root(mounts) or not os.access(installing.ROOT, os.W_OK):
        raise ReleaseError(
            "the system disk is read-only: switch that off first (deploy/read-only.sh off)"
        )
