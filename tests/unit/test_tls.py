"""Certificates: what the authority may vouch for, when they are renewed, who can read the keys."""

import socket
import ssl
import stat
import threading
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from shinline.app.tls import TlsError, TlsFolder, default_folder, store
from shinline.app.tls.authority import Names, new_authority, new_server

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HERE = Names(("rack2.local", "rack2", "localhost"), (ip_address("192.168.0.7"), ip_address("::1")))


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Decide what this machine is called and where it is."""
    known: dict[str, object] = {"names": ("localhost", "rack2", "rack2.local"), "ip": HERE.ip}
    monkeypatch.setattr(store, "host_names", lambda: known["names"])
    monkeypatch.setattr(store, "addresses", lambda: known["ip"])
    return known


@pytest.fixture
def folder(tmp_path: Path, names: dict[str, object]) -> TlsFolder:
    return TlsFolder(tmp_path / "tls")


def handshake(folder: TlsFolder, authority: Path, name: str) -> str:
    """Connect to a server with the folder's certificate; return what the client found wrong."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(folder.files.certificate, folder.files.key)
    trusting = ssl.create_default_context(cafile=authority)
    ours, theirs = socket.socketpair()

    def serve() -> None:
        try:
            serving.wrap_socket(ours, server_side=True).close()
        except OSError:
            ours.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        trusting.wrap_socket(theirs, server_hostname=name).close()
    except ssl.SSLCertVerificationError as problem:
        return problem.verify_message
    finally:
        theirs.close()
        thread.join()
    return ""


@pytest.mark.parametrize("name", ["rack2.local", "rack2", "localhost", "192.168.0.7", "::1"])
def test_a_client_that_trusts_the_authority_accepts_every_name(
    folder: TlsFolder, name: str
) -> None:
    folder.make()
    assert handshake(folder, folder.download, name) == ""


def test_a_client_refuses_another_name_and_another_authority(
    folder: TlsFolder, tmp_path: Path
) -> None:
    folder.make()
    other = TlsFolder(tmp_path / "other")
    other.make()
    assert "IP address mismatch" in handshake(folder, folder.download, "192.168.0.8")
    assert "Hostname mismatch" in handshake(folder, folder.download, "example.org")
    assert handshake(folder, other.download, "localhost") != ""


@pytest.mark.parametrize(
    "stolen",
    [
        Names(("bank.example.com",), ()),
        Names(("rack2.local", "bank.example.com"), ()),
        Names(("localhost",), (ip_address("8.8.8.8"),)),
        Names(("notlocal",), ()),
    ],
)
def test_the_key_of_the_authority_opens_no_strangers_site(folder: TlsFolder, stolen: Names) -> None:
    """Whoever has taken it makes a certificate, and clients do not accept it."""
    folder.make()
    pair = store._read(folder.authority)
    forged = new_server(pair, stolen)
    folder.server.write_bytes(store._pem(forged))
    assert handshake(folder, folder.download, stolen.dns[0]) == "permitted subtree violation"


def test_the_certificates_are_what_phones_ask_for() -> None:
    authority = new_authority("Shinline on rack2.local", HERE, NOW)
    server = new_server(authority, HERE, NOW).certificate
    constraints = authority.certificate.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    basic = authority.certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (basic.ca, basic.path_length) == (True, 0)
    assert server.not_valid_after_utc - server.not_valid_before_utc <= timedelta(days=825)
    assert server.not_valid_before_utc < NOW  # a phone's clock may be behind
    usage = server.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    ten_years = authority.certificate.not_valid_after_utc - NOW
    assert timedelta(days=3640) < ten_years < timedelta(days=3660)


def test_a_public_address_of_this_machine_is_vouched_for_alone(
    folder: TlsFolder, names: dict[str, object]
) -> None:
    names["ip"] = (ip_address("203.0.113.5"), *HERE.ip)
    folder.make()
    assert handshake(folder, folder.download, "203.0.113.5") == ""
    names["ip"] = (ip_address("203.0.113.6"), *HERE.ip)
    assert folder.standing().reason == ""  # it could not vouch for that one anyway
    assert ip_address("203.0.113.6") not in folder.make().names.ip


def test_keys_are_private_and_the_download_is_no_key(folder: TlsFolder) -> None:
    folder.make()
    for path in (folder.authority, folder.server):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.folder.stat().st_mode) == 0o700
    assert "PRIVATE" not in folder.download.read_text()
    assert len(list(folder.folder.iterdir())) == 3


def test_a_new_certificate_is_due_shortly_before_the_old_one_ends(folder: TlsFolder) -> None:
    made = folder.make(now=NOW)
    assert made.reason == ""
    late = made.ends - timedelta(days=59)
    assert folder.standing(now=late).reason == f"it ends on {made.ends.date()}"
    again = folder.make(now=late)
    assert again.ends > made.ends + timedelta(days=700)
    assert again.fingerprint == made.fingerprint


def test_a_new_certificate_is_due_when_the_address_changed_and_added_names_stay(
    folder: TlsFolder, names: dict[str, object]
) -> None:
    made = folder.make(["gym.example.org"])
    assert "gym.example.org" in made.names.dns
    names["ip"] = (ip_address("10.1.2.3"),)
    assert folder.standing().reason == "it does not name 10.1.2.3 yet"
    again = folder.make()
    assert again.names.ip == (ip_address("10.1.2.3"),)
    assert "gym.example.org" in again.names.dns
    assert again.fingerprint == made.fingerprint
    assert folder.standing().reason == ""


def test_a_name_the_authority_may_not_vouch_for_is_refused_with_a_way_out(
    folder: TlsFolder,
) -> None:
    folder.make()
    before = folder.server.read_bytes()
    with pytest.raises(TlsError, match=r"shinline tls --remove, then .* --name gym\.example\.org"):
        folder.make(["gym.example.org"])
    assert folder.server.read_bytes() == before


def test_an_authority_that_has_ended_is_made_anew(folder: TlsFolder) -> None:
    made = folder.make(now=NOW)
    assert folder.make(now=NOW + timedelta(days=4000)).fingerprint != made.fingerprint


@pytest.mark.parametrize("name", ["authority", "server"])
def test_a_damaged_file_is_told_without_a_word_of_it(folder: TlsFolder, name: str) -> None:
    folder.make()
    path: Path = getattr(folder, name)
    path.write_text(path.read_text()[:80])
    with pytest.raises(TlsError, match="is damaged; make certificates anew") as caught:
        folder.standing()
    assert path.read_text()[30:60] not in str(caught.value)
    assert str(path) in str(caught.value)


def test_half_of_the_files_is_told_too(folder: TlsFolder) -> None:
    folder.make()
    folder.server.unlink()
    assert folder.exists
    with pytest.raises(TlsError, match="No such file"):
        folder.standing()
    folder.make()
    assert folder.standing().reason == ""


def test_what_is_removed_is_gone(folder: TlsFolder) -> None:
    folder.make()
    assert folder.remove()
    assert not folder.exists
    assert not folder.folder.exists()
    assert not folder.remove()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TlsError, match="cannot be written: Not a directory"):
        TlsFolder(tmp_path / "file" / "tls").make()


def test_the_folder_is_the_configured_one_or_with_the_data(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/somewhere")
    assert default_folder() == Path("/somewhere/shinline/tls")
    assert default_folder("/else") == Path("/else")
