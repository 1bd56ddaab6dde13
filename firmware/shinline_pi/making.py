"""Make a release: an environment with the program in it, compiled and tried before it is used.

Only the standard library, as :mod:`shinline_pi.releases`.
"""

import hashlib
import json
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shinline_pi.releases import ReleaseError, write_whole

USER: Final = "shinline"
CONFIG: Final = Path("/etc/shinline/shinline.toml")
CACHE: Final = Path("/var/cache/shinline")
DATA_HOME: Final = Path("/var/lib")

LOCK: Final = "requirements.lock"
DEPLOY: Final = "shinline_pi/deploy"
"""Where a wheel keeps the folder ``deploy`` and the lock file."""

PARTS: Final = ("pyproject.toml", "README.md", "LICENSE", LOCK, "src", "firmware", "calibration",
                "deploy")  # fmt: skip
"""What of a source folder gets into the program."""

FOR_NUMPY_1: Final = {"opencv-python-headless": "<4.12"}
"""Packages whose locked version refuses the numpy of Debian 12, and the versions that take it."""

WARM_S: Final = 3600
CHECK_S: Final = 600
_PIN: Final = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)[^\S\n]*(;[^\\\n]*)?", flags=re.MULTILINE)

Tell = Callable[[str], None]
Command = list[str | Path]

_SYSTEM_PACKAGES: Final = """
import importlib.metadata, json
print(json.dumps({d.name: d.version for d in importlib.metadata.distributions() if d.name}))
"""

_WARM: Final = """
import sys
from pathlib import Path
from shinline import config
from shinline.app.detectors import warm_up
from shinline.app.warming import warm
path = Path(sys.argv[1])
warm(lambda what, share: None)
warm_up(config.load(path) if path.is_file() else config.Config())
"""


@dataclass(frozen=True, slots=True)
class Source:
    """What a release is made from: a folder with ``pyproject.toml``, or a wheel."""

    path: Path

    @property
    def version(self) -> str:
        """Return its version.

        Raises
        ------
        ReleaseError
            It is neither a source folder nor a wheel of Shinline.

        """
        if self.path.is_dir():
            init = self.path / "src" / "shinline" / "__init__.py"
            text = init.read_text(encoding="utf-8") if init.is_file() else ""
            found = re.search(r'^__version__ = "([0-9A-Za-z.+]+)"$', text, flags=re.MULTILINE)
        else:
            found = re.fullmatch(r"shinline-([0-9A-Za-z.+]+)-.*\.whl", self.path.name)
            if found and not zipfile.is_zipfile(self.path):
                raise ReleaseError(f"{self.path}: is damaged: it is no archive")
        if found is None:
            raise ReleaseError(
                f"{self.path}: expected a wheel (shinline-VERSION-py3-none-any.whl) or a folder "
                "with Shinline's source"
            )
        return found[1]

    def digest(self) -> str:
        """Return a digest of all that gets into the program, in hexadecimal."""
        summed = hashlib.sha256()
        for file in self._files():
            summed.update(f"{file.relative_to(self.path.parent)}\0".encode())
            summed.update(hashlib.sha256(file.read_bytes()).digest())
        return summed.hexdigest()

    def pins(self) -> str:
        """Return the lock file that came with it; empty where there is none."""
        if self.path.is_dir():
            lock = self.path / LOCK
            return lock.read_text(encoding="utf-8") if lock.is_file() else ""
        with zipfile.ZipFile(self.path) as wheel:
            name = f"{DEPLOY}/{LOCK}"
            return wheel.read(name).decode() if name in wheel.namelist() else ""

    def _files(self) -> list[Path]:
        if self.path.is_file():
            return [self.path]
        found = [self.path / part for part in PARTS]
        inside = [file for part in found for file in sorted(part.rglob("*"))]
        files = [file for file in [*found, *inside] if file.is_file()]
        return [file for file in files if "__pycache__" not in file.parts]


def system_packages() -> dict[str, str]:
    """Return the versions of the Python packages that the system brings, by normalised name."""
    said = _said([base_python(), "-I", "-c", _SYSTEM_PACKAGES])
    return {_plain(name): version for name, version in json.loads(said).items()}


def constraints(pins: str, system: Mapping[str, str]) -> str:
    """Return what pip must keep to: the locked versions, but numpy as the system has it.

    The system's camera package was compiled for the system's numpy and refuses another. Other
    packages of the system serve where they are new enough; what pip adds to them is as locked.
    """
    numpy = system.get("numpy", "")
    older = FOR_NUMPY_1 if numpy.startswith("1.") else {}
    lines = [
        f"{name}{older.get(_plain(name), f'=={version}')} {marker}".rstrip()
        for name, version, marker in _PIN.findall(pins)
        if _plain(name) not in system
    ]
    if numpy:
        lines.append(f"numpy=={numpy}")
    return "".join(f"{line}\n" for line in lines)


def made_from(source: Source, system: Mapping[str, str]) -> str:
    """Return what makes a release differ from another: its source, the Python, the numpy."""
    python = _said([base_python(), "-I", "-c", "import sys; print(sys.version)"])
    parts = (source.digest(), python, system.get("numpy", ""))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def make(release: Path, source: Source, system: Mapping[str, str], tell: Tell) -> None:
    """Make environment, units and settings of a release in its folder.

    Raises
    ------
    ReleaseError
        A step failed; the message names it. Nothing outside the folder was touched.

    """
    tell(f"making the environment {release / 'venv'}")
    venv = release / "venv"
    _do([base_python(), "-m", "venv", "--system-site-packages", venv], "python3 -m venv")
    kept = release / "constraints.txt"
    kept.write_text(constraints(source.pins(), system), encoding="utf-8")
    tell("installing the program and the packages it needs (some minutes on a small machine)")
    pip: Command = [venv / "bin/python", "-m", "pip", "--disable-pip-version-check", "install"]
    _do([*pip, "--quiet", "--no-input", "--constraint", kept, source.path], "pip install")
    for unit in _deployed(release).glob("shinline*.*"):
        if unit.suffix in (".service", ".path"):
            shutil.copyfile(unit, release / unit.name)
    write_whole(
        release / "environment",
        f"XDG_DATA_HOME={DATA_HOME}\nXDG_CACHE_HOME={CACHE / release.name}\n",
    )


def warm(release: Path, tell: Tell) -> None:
    """Compile the kernels of the loop for this machine, as the service's user.

    Raises
    ------
    ReleaseError
        They cannot be compiled, or the configuration is not one of this release.

    """
    cache = CACHE / release.name
    cache.mkdir(parents=True, exist_ok=True)
    for folder in (CACHE, cache):
        _give_to_service(folder)
    tell("compiling the vision kernels for this processor (minutes, once for each release)")
    command: Command = [release / "venv/bin/python", "-c", _WARM, CONFIG]
    _do(command, "compiling", WARM_S, _environment(release, DATA_HOME), as_service=True)


def check(release: Path, tell: Tell) -> None:
    """Start the whole program on the bundled recording: broker, pages, frames, repetitions.

    It takes free ports and a folder of its own, beside the running service.

    Raises
    ------
    ReleaseError
        It does not start, or finds no repetitions; with what it said last.

    """
    tell("trying it: the whole program on the bundled recording")
    with tempfile.TemporaryDirectory(prefix="shinline-check-") as name:
        folder = Path(name)
        _give_to_service(folder)
        ports = ["--port", "0", "--mqtt-port", "0", "--ws-port", "0"]
        command: Command = [release / "venv/bin/shinline", "run", *ports]
        said = _do(command, "the trial run", CHECK_S, _environment(release, folder), True)
    if not re.search(r"^[1-9]\d* frames, bar seen in [1-9]", said, flags=re.MULTILINE):
        raise ReleaseError(f"the trial run saw no frames; it said: {_last(said)}")


def forget(release: Path) -> None:
    """Remove what was compiled for a release."""
    shutil.rmtree(CACHE / release.name, ignore_errors=True)


def base_python() -> str:
    """Return the Python that environments are made with: the system's, also from within one."""
    return str(getattr(sys, "_base_executable", "") or sys.executable)


def _deployed(release: Path) -> Path:
    (site,) = (release / "venv" / "lib").glob("python3*/site-packages")
    return site / DEPLOY


def _environment(release: Path, data_home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG")}
    return {
        **kept,
        "HOME": str(data_home),
        "XDG_DATA_HOME": str(data_home),
        "XDG_CACHE_HOME": str(CACHE / release.name),
    }


def _give_to_service(folder: Path) -> None:
    owner = pwd.getpwnam(USER)
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    folder.chmod(0o700)


def _do(
    command: Command,
    name: str,
    patience_s: float | None = None,
    environment: Mapping[str, str] | None = None,
    as_service: bool = False,
) -> str:
    """Run a command and return what it said; a failure is a :class:`ReleaseError`."""
    who = pwd.getpwnam(USER) if as_service else None
    try:
        done = subprocess.run(  # noqa: S603  (fixed commands, no shell)
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=patience_s,
            env=environment,
            cwd="/",
            user=None if who is None else who.pw_uid,
            group=None if who is None else who.pw_gid,
            extra_groups=None if who is None else [],
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ReleaseError(f"{name} was not done after {patience_s:.0f} s") from None
    if done.returncode != 0:
        raise ReleaseError(f"{name} failed ({done.returncode}): {_last(done.stdout)}")
    return done.stdout


def _said(command: list[str]) -> str:
    return _do([*command], command[0]).strip()


def _last(said: str) -> str:
    """Return the lines that tell most of a failure: the last ones."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return " | ".join(lines[-4:]) or "nothing"


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
