"""Install a release beside the running one, switch to it, see whether it starts, go back if not.

Only the standard library, as :mod:`shinline_pi.releases`. ``deploy/install.sh`` calls it as
``python3 -m shinline_pi.installing SOURCE``; ``shinline update`` calls its functions.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shinline_pi import making
from shinline_pi.making import Source, Tell
from shinline_pi.releases import ReleaseError, Releases
from shinline_pi.sums import SUMS, expect_sum

ROOT: Final = Path("/opt/shinline")
UNIT: Final = "shinline.service"
FORGETTING: Final = "upperdir=/media/root-rw"
START_S: Final = 900.0
"""Longer than the unit's own patience with a start (TimeoutStartSec)."""

SETTLE_S: Final = 20.0
"""A release that was not started again by the service manager for so long has got going."""

ANSWER_S: Final = 30.0
FREE_MIN_B: Final = 1_500_000_000
"""A release takes about 0.5 GB with its packages, and pip as much again in between."""


@dataclass(frozen=True, slots=True)
class Service:
    """The service manager, as far as it is needed here; ``run`` gives (exit code, output)."""

    run: Callable[[list[str], float], tuple[int, str]]
    booted: bool
    """Whether it runs at all; in a root folder that is being prepared it does not."""

    def works(self) -> bool:
        """Tell whether the service runs now."""
        return self.booted and self.run(["is-active", "--quiet", UNIT], ANSWER_S)[0] == 0

    def wanted(self) -> bool:
        """Tell whether it is to run: it does, or is just being started again."""
        state = self.run(["is-active", UNIT], ANSWER_S)[1].strip() if self.booted else ""
        return state in ("active", "activating", "reloading", "deactivating")

    def restart(self) -> bool:
        """Start the service anew; tell whether it said that it is ready."""
        self.run(["daemon-reload"], ANSWER_S)
        return self.run(["restart", UNIT], START_S)[0] == 0

    def restarts(self) -> str:
        """Return how often the manager had to start it again by itself."""
        return self.run(["show", "--value", "--property=NRestarts", UNIT], ANSWER_S)[1].strip()


def systemd() -> Service:
    """Return the machine's own service manager."""

    def run(arguments: list[str], patience_s: float) -> tuple[int, str]:
        try:
            done = subprocess.run(  # noqa: S603  (fixed commands of the system, no shell)
                ["systemctl", *arguments],  # noqa: S607
                capture_output=True,
                text=True,
                timeout=patience_s,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as problem:
            return 1, str(problem)
        return done.returncode, done.stdout

    return Service(run, Path("/run/systemd/system").is_dir())


def install(
    releases: Releases, source: Source, service: Service, tell: Tell, tried: bool = True
) -> Path:
    """Make a release of ``source`` and switch to it; return the release that runs then.

    Nothing happens if the current release was made from the same. ``tried``: compile it and run
    it on the bundled recording before anything is switched.

    Raises
    ------
    ReleaseError
        It could not be made, or did not start; what ran before runs still, or again.

    """
    version = source.version
    with releases.alone():
        system = making.system_packages()
        fingerprint = making.made_from(source, system)
        before = releases.current()
        if before is not None and releases.fingerprint() == fingerprint:
            tell(f"{before.name} was made from the same: nothing to do")
            return before
        _expect_room(releases.root)
        release = releases.reserve(version)
        try:
            making.make(release, source, system, tell)
            if tried:
                making.warm(release, tell)
                making.check(release, tell)
            releases.finish(release, fingerprint)
        except BaseException:
            making.forget(release)
            shutil.rmtree(release, ignore_errors=True)
            raise
        _take_up(releases, release, before, service, tell)
        for gone in releases.prune():
            making.forget(gone)
            tell(f"{gone.name} is removed; kept is the release before")
        return release


def roll_back(releases: Releases, service: Service, tell: Tell) -> Path:
    """Switch to the release before; return it.

    Raises
    ------
    ReleaseError
        There is none, or the service did not start with it.

    """
    with releases.alone():
        target = releases.other()
        if target is None:
            raise ReleaseError("there is no release to go back to: none but this one is installed")
        ran = service.wanted()
        releases.switch_to(target, on_trial=False)
        releases.trial.unlink(missing_ok=True)
        tell(f"current is {target.name}")
        if ran and not service.restart():
            raise ReleaseError(f"{target.name} is current, but did not start: journalctl -u {UNIT}")
        return target


def _take_up(
    releases: Releases, release: Path, before: Path | None, service: Service, tell: Tell
) -> None:
    """Switch; where a service was running, see that the new one starts, else switch back."""
    ran = service.wanted()
    releases.switch_to(release, on_trial=True)
    tell(f"current is {release.name}")
    if before is None:
        return
    if not ran:
        tell("the service does not run now: whether this one starts shows when it is started")
        return
    tell("starting the service anew and watching it")
    if service.restart() and _stays(service) and releases.current() == release:
        releases.trial.unlink(missing_ok=True)
        return
    releases.switch_to(before, on_trial=False)
    releases.trial.unlink(missing_ok=True)
    releases.remove(release)
    making.forget(release)
    back = "and runs again" if service.restart() else "but does not start either"
    raise ReleaseError(
        f"{release.name} did not get going: journalctl -u {UNIT}; {before.name} is current {back}"
    )


def _stays(service: Service) -> bool:
    first = service.restarts()
    deadline = time.monotonic() + SETTLE_S
    while time.monotonic() < deadline:
        time.sleep(min(1.0, SETTLE_S))
        if not service.works() or service.restarts() != first:
            return False
    return True


@contextmanager
def fetched(where: str) -> Iterator[Source]:
    """Give the wheel or folder that ``where`` names; an ``https`` address is downloaded first.

    A wheel is held against the list of sums beside it, which an address must have.

    Raises
    ------
    ReleaseError
        It cannot be had, is none, or is not the one of the list.

    """
    if "://" not in where:
        path = Path(where).resolve()
        sums = path.with_name(SUMS)
        if path.is_file() and sums.is_file():
            expect_sum(path, sums.read_text(encoding="utf-8"))
        yield Source(path)
        return
    if not where.startswith("https://"):
        raise ReleaseError(f"{where}: expected a file, a folder, or an address with https://")
    with tempfile.TemporaryDirectory(prefix="shinline-update-") as folder:
        beside, _, name = where.partition("?")[0].rpartition("/")
        path = Path(folder) / name
        if path.suffix != ".whl":
            raise ReleaseError(f"{where}: expected the address of a wheel (….whl)")
        _download(f"{beside}/{SUMS}", path.with_name(SUMS))
        _download(where, path)
        expect_sum(path, path.with_name(SUMS).read_text(encoding="utf-8"))
        yield Source(path)


def _download(where: str, path: Path) -> None:
    try:
        with urllib.request.urlopen(where, timeout=ANSWER_S) as answer, path.open("wb") as file:  # noqa: S310
            shutil.copyfileobj(answer, file)
    except (urllib.error.URLError, OSError) as problem:
        raise ReleaseError(f"{where}: could not be fetched: {problem}") from None


def read_only_root(mounts: str) -> bool:
    """Tell from /proc/mounts whether the system disk lies under a memory that forgets at a boot.

    That is how the package overlayroot makes it read-only. Other overlays (containers) last.
    """
    fields = [line.split() for line in mounts.splitlines()]
    roots = [options for _device, where, _kind, options, *_rest in fields if where == "/"]
    return bool(roots) and FORGETTING in roots[-1]


def _expect_room(root: Path) -> None:
    free_b = shutil.disk_usage(root).free
    if free_b < FREE_MIN_B:
        raise ReleaseError(
            f"{root}: {free_b / 1e9:.1f} GB are free; expected {FREE_MIN_B / 1e9:.1f} GB"
        )


def main() -> int:
    """Install what is named on the command line: this is what ``deploy/install.sh`` calls."""
    parser = argparse.ArgumentParser(prog="shinline_pi.installing")
    parser.add_argument("source", help="source folder or wheel")
    parser.add_argument("--untried", action="store_true", help="compile at the first start")
    asked = parser.parse_args()

    def tell(line: str) -> None:
        print(f"install: {line}", flush=True)

    try:
        with fetched(asked.source) as source:
            install(Releases(ROOT), source, systemd(), tell, tried=not asked.untried)
    except OSError as problem:
        print(f"install: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
