"""What an update is made from comes over a line nobody can change, and is what was published."""

import hashlib
import io
import urllib.error
from contextlib import nullcontext
from pathlib import Path

import pytest

from shinline_pi import installing
from shinline_pi.releases import ReleaseError


@pytest.mark.parametrize("where", ["http://x.example/shinline-1-py3-none-any.whl", "ftp://x/y.whl"])
def test_nothing_is_fetched_over_a_line_that_anybody_can_change(where: str) -> None:
    with pytest.raises(ReleaseError, match="https://"), installing.fetched(where):
        pass


WHEEL = "shinline-1-py3-none-any.whl"


def listed(data: bytes, name: str = WHEEL) -> bytes:
    """Return a list of sums as ``sha256sum`` writes it."""
    return f"{hashlib.sha256(data).hexdigest()}  {name}\n".encode()


@pytest.mark.parametrize(
    ("sums", "trouble"),
    [
        (listed(b"wheel"), ""),
        (listed(b"wheel").replace(b"  ", b" *"), ""),
        (listed(b"other"), "is damaged, or another one"),
        (listed(b"wheel", "shinline-2-py3-none-any.whl"), "does not name shinline-1"),
        (b"<html>not found</html>", "does not name shinline-1"),
        (None, "SHA256SUMS: could not be fetched"),
    ],
)
def test_what_is_fetched_is_held_against_the_list_of_its_release(
    sums: bytes | None, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = {"https://x.example/r/SHA256SUMS": sums, f"https://x.example/r/{WHEEL}?a=1": b"wheel"}

    def urlopen(where: str, timeout: float) -> io.BytesIO:
        if (data := served[where]) is None:
            raise urllib.error.URLError("404")
        return io.BytesIO(data)

    monkeypatch.setattr(installing.urllib.request, "urlopen", urlopen)
    expected = pytest.raises(ReleaseError, match=trouble) if trouble else nullcontext()
    with expected, installing.fetched(f"https://x.example/r/{WHEEL}?a=1") as found:
        assert found.path.read_bytes() == b"wheel"


def test_a_file_is_held_against_the_list_beside_it_if_there_is_one(tmp_path: Path) -> None:
    (tmp_path / WHEEL).write_bytes(b"wheel")
    with installing.fetched(str(tmp_path / WHEEL)):
        pass
    (tmp_path / "SHA256SUMS").write_bytes(listed(b"wheel"))
    with installing.fetched(str(tmp_path / WHEEL)):
        pass
    (tmp_path / WHEEL).write_bytes(b"whee")
    with pytest.raises(ReleaseError, match="damaged"), installing.fetched(str(tmp_path / WHEEL)):
        pass
