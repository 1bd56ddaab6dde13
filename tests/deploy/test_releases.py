"""Releases side by side: whatever goes wrong, and wherever the power goes, one that works runs."""

import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from shinline_pi import installing, making
from shinline_pi.installing import Service
from shinline_pi.making import Source
from shinline_pi.releases import COMPLETE, ReleaseError, Releases

GUARD = Path(__file__).parents[2] / "deploy" / "guard"


@pytest.fixture
def releases(tmp_path: Path) -> Releases:
    return Releases(tmp_path)


def made(releases: Releases, version: str = "1.0", fingerprint: str = "f") -> Path:
    release = releases.reserve(version)
    releases.finish(release, fingerprint)
    return release


def names(found: list[Path]) -> list[str]:
    return [path.name for path in found]


def test_releases_are_counted_and_listed_from_old_to_new(releases: Releases) -> None:
    for version in ("1.9", "1.10", "1.2"):
        made(releases, version)
    assert names(releases.whole()) == ["1.9-1", "1.10-2", "1.2-3"]


def test_a_release_without_its_last_file_does_not_exist_and_is_cleared_away(
    releases: Releases,
) -> None:
    half = releases.reserve("1.0")
    assert releases.whole() == []
    (half / "venv").mkdir()
    again = releases.reserve("1.0")
    assert again.name == half.name
    assert list(again.iterdir()) == []


def test_current_is_what_was_switched_to_last(releases: Releases) -> None:
    first, second = made(releases), made(releases)
    assert releases.current() is None
    releases.switch_to(first, on_trial=False)
    releases.switch_to(second, on_trial=True)
    assert releases.current() == second
    assert releases.other() == first
    assert releases.trial.read_text() == f"{first.name}\n"
    assert (releases.root / "current").readlink() == Path("releases", second.name)


def test_the_newest_two_stay_after_a_rollback_too(releases: Releases) -> None:
    first, second = made(releases), made(releases)
    releases.switch_to(first, on_trial=False)
    third = made(releases)
    releases.switch_to(third, on_trial=False)
    assert releases.prune() == [first]
    releases.switch_to(second, on_trial=False)
    fourth = made(releases)
    releases.switch_to(fourth, on_trial=False)
    releases.prune()
    assert releases.current() == fourth
    assert len(releases.whole()) == 2


class PowerCut(BaseException):
    """The machine is off from here on."""


@pytest.mark.parametrize("survived", range(6))
def test_a_power_cut_while_switching_leaves_the_old_one_or_the_new_one(
    releases: Releases, monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    old, new = made(releases), made(releases)
    releases.switch_to(old, on_trial=False)
    left = iter(range(survived))

    def cut(name: str) -> None:
        real = getattr(Path, name)

        def step(self: Path, *args: object, **kwargs: object) -> object:
            if next(left, None) is None:
                raise PowerCut
            return real(self, *args, **kwargs)

        monkeypatch.setattr(Path, name, step)

    for name in ("replace", "symlink_to", "unlink", "open"):
        cut(name)
    with pytest.raises(PowerCut) if survived < 5 else nullcontext():
        releases.switch_to(new, on_trial=True)
    monkeypatch.undo()
    assert releases.current() in (old, new)
    if releases.current() == new:
        assert releases.trial.read_text() == f"{old.name}\n"


# --- the guard, which the service manager runs before each start --------------------------------


def guard(releases: Releases, word: str) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(GUARD), word, str(releases.root)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_release_that_fails_three_starts_is_taken_back_by_the_fourth(releases: Releases) -> None:
    old, new = made(releases), made(releases)
    releases.switch_to(old, on_trial=False)
    releases.switch_to(new, on_trial=True)
    for _ in range(3):
        assert guard(releases, "starting").returncode == 0
        assert releases.current() == new
    said = guard(releases, "starting")
    assert (said.returncode, old.name in said.stdout) == (0, True)
    assert releases.current() == old
    assert not releases.trial.exists()
    assert releases.whole() == [old]  # a rollback shall not lead to the broken one


def test_a_release_that_got_ready_is_not_on_trial_any_more(releases: Releases) -> None:
    old, new = made(releases), made(releases)
    releases.switch_to(old, on_trial=False)
    releases.switch_to(new, on_trial=True)
    guard(releases, "starting")
    guard(releases, "ready")
    for _ in range(5):
        guard(releases, "starting")
    assert releases.current() == new


@pytest.mark.parametrize("before", ["", "../../etc", "gone-1"])
def test_the_guard_goes_back_to_nothing_that_is_no_release(releases: Releases, before: str) -> None:
    new = made(releases)
    releases.switch_to(new, on_trial=False)
    releases.trial.write_text(f"{before}\n" + "start\n" * 3)
    assert guard(releases, "starting").returncode == 1
    assert releases.current() == new
    assert guard(releases, "starting").returncode == 0  # and it keeps no later start from happening


# --- an installation from beginning to end, with a maker that makes little -----------------------


class Manager:
    """A service manager of which some releases do not start."""

    def __init__(self, releases: Releases) -> None:
        self.releases = releases
        self.active = True
        self.state = "active"
        self.broken: set[str] = set()
        self.looping: set[str] = set()
        self.restarts = 0

    def run(self, arguments: list[str], _patience_s: float) -> tuple[int, str]:
        current = self.releases.current()
        name = "" if current is None else current.name.partition("-")[0]
        if arguments[0] == "restart":
            self.active = name not in self.broken
            return (0 if self.active else 1), ""
        if arguments[0] == "show":
            self.restarts += name in self.looping
            return 0, f"{self.restarts}\n"
        if arguments == ["is-active", installing.UNIT]:
            return 0, f"{self.state}\n"
        return (0 if self.active else 3), ""

    @property
    def service(self) -> Service:
        return Service(self.run, booted=True)


@pytest.fixture
def manager(releases: Releases, monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
    monkeypatch.setattr(making, "system_packages", dict)
    monkeypatch.setattr(making, "make", lambda release, *_: (release / "venv").mkdir())
    monkeypatch.setattr(making, "warm", lambda *_: None)
    monkeypatch.setattr(making, "check", lambda *_: None)
    monkeypatch.setattr(making, "forget", lambda _: None)
    monkeypatch.setattr(installing, "SETTLE_S", 0.01)
    monkeypatch.setattr(installing, "FREE_MIN_B", 0)
    yield Manager(releases)


def source(folder: Path, version: str) -> Source:
    init = folder / version / "src" / "shinline" / "__init__.py"
    init.parent.mkdir(parents=True, exist_ok=True)
    init.write_text(f'__version__ = "{version}"\n')
    return Source(folder / version)


def put(manager: Manager, folder: Path, version: str) -> Path:
    said: list[str] = []
    return installing.install(
        manager.releases, source(folder, version), manager.service, said.append
    )


def test_the_same_again_changes_nothing(manager: Manager, tmp_path: Path) -> None:
    first = put(manager, tmp_path / "in", "1")
    assert put(manager, tmp_path / "in", "1") == first
    assert manager.releases.whole() == [first]


def test_an_update_and_back_and_forth_again(manager: Manager, tmp_path: Path) -> None:
    first, second = (put(manager, tmp_path / "in", version) for version in ("1", "2"))
    assert manager.releases.current() == second
    for expected in (first, second):
        found = installing.roll_back(manager.releases, manager.service, lambda _: None)
        assert found == expected == manager.releases.current()


@pytest.mark.parametrize("state", ["active", "activating"])
@pytest.mark.parametrize("trouble", ["broken", "looping"])
def test_a_release_that_does_not_get_going_is_taken_back(
    manager: Manager, tmp_path: Path, trouble: str, state: str
) -> None:
    first = put(manager, tmp_path / "in", "1")
    manager.state = state
    getattr(manager, trouble).add("2")
    with pytest.raises(ReleaseError, match=r"2-2 did not get going.* 1-1 .* runs again"):
        put(manager, tmp_path / "in", "2")
    assert manager.releases.current() == first
    assert manager.active
    assert not manager.releases.trial.exists()
    assert manager.releases.whole() == [first]


def test_a_service_that_was_stopped_stays_so_and_its_next_start_is_watched(
    manager: Manager, tmp_path: Path
) -> None:
    first = put(manager, tmp_path / "in", "1")
    manager.state, manager.active = "inactive", False
    second = put(manager, tmp_path / "in", "2")
    assert not manager.active
    assert manager.releases.current() == second
    assert manager.releases.trial.read_text() == f"{first.name}\n"


def test_a_release_that_cannot_be_made_leaves_nothing(
    manager: Manager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = put(manager, tmp_path / "in", "1")

    def fail(*_: object) -> None:
        raise ReleaseError("the trial run failed (1): no frames")

    monkeypatch.setattr(making, "check", fail)
    with pytest.raises(ReleaseError, match="no frames"):
        put(manager, tmp_path / "in", "2")
    assert list(manager.releases.folder.iterdir()) == [first]
    assert manager.releases.current() == first


def test_a_full_disk_is_noticed_before_anything_is_made(
    manager: Manager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installing, "FREE_MIN_B", 1 << 62)
    with pytest.raises(ReleaseError, match="GB are free; expected"):
        put(manager, tmp_path / "in", "1")
    assert not manager.releases.folder.exists()


def test_two_updates_do_not_meet(manager: Manager, tmp_path: Path) -> None:
    with manager.releases.alone(), pytest.raises(ReleaseError, match=r"another .* runs"):
        put(manager, tmp_path / "in", "1")


def test_there_is_nothing_to_go_back_to_at_first(manager: Manager, tmp_path: Path) -> None:
    put(manager, tmp_path / "in", "1")
    with pytest.raises(ReleaseError, match="no release to go back to"):
        installing.roll_back(manager.releases, manager.service, lambda _: None)


# --- what a release is made from ------------------------------------------------------------------


def test_a_source_is_a_folder_of_ours_or_a_wheel(tmp_path: Path) -> None:
    assert source(tmp_path, "1.2.3").version == "1.2.3"
    wheel = tmp_path / "shinline-1.3-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("shinline_pi/deploy/requirements.lock", "av==18.1.0\n")
    assert Source(wheel).version == "1.3"
    assert Source(wheel).pins() == "av==18.1.0\n"


@pytest.mark.parametrize("name", ["other-1.0-py3-none-any.whl", "shinline-1.0.tar.gz", "", "gone"])
def test_what_is_neither_is_refused_with_what_was_expected(tmp_path: Path, name: str) -> None:
    if name.endswith((".whl", ".gz")):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(ReleaseError, match="expected a wheel"):
        _ = Source(tmp_path / name).version


def test_a_damaged_wheel_is_refused(tmp_path: Path) -> None:
    wheel = tmp_path / "shinline-1.0-py3-none-any.whl"
    wheel.write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(ReleaseError, match="damaged"):
        _ = Source(wheel).version


def test_a_change_of_the_source_makes_another_release(tmp_path: Path) -> None:
    found = source(tmp_path, "1")
    before = found.digest()
    cache = tmp_path / "1" / "src" / "__pycache__"
    cache.mkdir()
    (cache / "x.pyc").write_bytes(b"x")
    assert found.digest() == before
    (tmp_path / "1" / "src" / "new.py").write_text("")
    assert found.digest() != before


LOCK = """\
numpy==2.4.6 \\
    --hash=sha256:00
opencv-python-headless==5.0.0.93 \\
    --hash=sha256:11
win-thing==1.0 ; sys_platform == 'win32' \\
    --hash=sha256:22
Click==8.4 \\
    --hash=sha256:33
"""


def test_the_systems_numpy_stays_and_the_rest_is_as_locked() -> None:
    assert making.constraints(LOCK, {"numpy": "2.2.4", "click": "8.2"}).splitlines() == [
        "opencv-python-headless==5.0.0.93",
        "win-thing==1.0 ; sys_platform == 'win32'",
        "numpy==2.2.4",
    ]


def test_an_old_numpy_gets_the_opencv_that_takes_it() -> None:
    kept = making.constraints(LOCK, {"numpy": "1.24.2"})
    assert "opencv-python-headless<4.12\n" in kept
    assert "numpy==1.24.2\n" in kept


def test_a_read_only_system_is_told_from_a_container() -> None:
    card = "/dev/mmcblk0p2 / ext4 rw 0 0\n"
    locked = (
        "overlayroot / overlay rw,lowerdir=/media/root-ro,upperdir=/media/root-rw/overlay 0 0\n"
    )
    container = "overlay / overlay rw,lowerdir=/a,upperdir=/b,workdir=/c 0 0\n"
    assert [installing.read_only_root(text) for text in (card, card + locked, container)] == [
        False,
        True,
        False,
    ]


def test_a_release_is_whole_only_with_its_mark(releases: Releases) -> None:
    release = made(releases)
    releases.switch_to(release, on_trial=False)
    assert releases.fingerprint() == "f"
    (release / COMPLETE).unlink()
    assert releases.current() is None
    shutil.rmtree(release)
    assert releases.fingerprint() == ""
