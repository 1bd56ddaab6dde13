"""Private files: who can read them, and who owns what root writes."""

import os
import stat
from pathlib import Path

import pytest

from shinline.app.private import open_private, private_folder, replace_private

SERVICE = 12345


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_writes_belongs_to_whose_folder_it_is(tmp_path: Path) -> None:
    os.chown(tmp_path, SERVICE, SERVICE)
    private_folder(tmp_path / "shinline" / "tls")
    replace_private(tmp_path / "shinline" / "access.json", b"{}")
    os.close(open_private(tmp_path / "shinline" / "lock", os.O_RDWR))
    made = [tmp_path / "shinline", *(tmp_path / "shinline").iterdir()]
    assert len(made) == 4
    assert {(path.stat().st_uid, path.stat().st_gid) for path in made} == {(SERVICE, SERVICE)}


def test_only_the_owner_can_read(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    private_folder(folder)
    private_folder(folder)
    for _ in range(2):
        replace_private(folder / "file", b"secret")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "file").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["file"]


def test_a_folder_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="Not a directory"):
        private_folder(tmp_path / "file" / "folder")


@pytest.mark.parametrize("dangling", [True, False])
def test_a_link_that_somebody_put_there_is_not_followed(tmp_path: Path, dangling: bool) -> None:
    service, root = tmp_path / "service", tmp_path / "root"
    for folder in (service, root):
        folder.mkdir()
    if os.geteuid() == 0:
        os.chown(service, SERVICE, SERVICE)
    target = root / "target"
    if not dangling:
        target.write_text("of root")
    (service / "lock").symlink_to(target)
    with pytest.raises(OSError, match="symbolic links"):
        open_private(service / "lock", os.O_RDWR)
    assert target.exists() != dangling
    if not dangling:
        assert (target.stat().st_uid, target.read_text()) == (os.geteuid(), "of root")


def test_a_file_that_exists_is_opened_as_it_is_unless_it_has_to_be_new(tmp_path: Path) -> None:
    (tmp_path / "lock").write_bytes(b"kept")
    handle = open_private(tmp_path / "lock", os.O_RDWR)
    assert os.read(handle, 9) == b"kept"
    os.close(handle)
    with pytest.raises(FileExistsError):
        open_private(tmp_path / "lock", os.O_WRONLY | os.O_EXCL)
