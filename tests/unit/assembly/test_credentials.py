"""A node agent's directory holds its own credentials and nothing with which it could make others."""

from pathlib import Path

from moorage.assembly import credentials
from moorage.assembly.pki import Authority, client_context
from moorage.base.system import SystemClock


def handed(folder: Path, name: str) -> credentials.Credentials:
    (folder / "pki").mkdir(exist_ok=True)
    authority = Authority(folder / "pki", SystemClock())
    authority.ensure_authority()
    return credentials.hand_over(authority, folder / name, name, "10.42.0.1")


def test_an_agent_has_only_its_own_keys_and_only_it_can_read_them(tmp_path: Path) -> None:
    handed(tmp_path, "node-0")
    handed(tmp_path, "node-1")
    files = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "node-0").iterdir()}
    pairs = [f"node-{role}-node-0.{ending}" for role in ("client", "server") for ending in ("crt", "key")]
    assert files == dict.fromkeys([*pairs, "ca.crt"], 0o600)
    assert (tmp_path / "node-0").stat().st_mode & 0o777 == 0o700
    assert not list((tmp_path / "pki").glob("node-*"))


def test_the_agent_finds_what_was_handed_over(tmp_path: Path) -> None:
    given = handed(tmp_path, "node-0")
    found = credentials.find(tmp_path / "node-0", "node-0")
    assert found == given
    assert client_context(found.authority, found.client).get_ca_certs()[0]["subject"]


def test_fresh_credentials_stay(tmp_path: Path) -> None:
    before = handed(tmp_path, "node-0").client.certificate.read_bytes()
    assert handed(tmp_path, "node-0").client.certificate.read_bytes() == before
