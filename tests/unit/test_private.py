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
