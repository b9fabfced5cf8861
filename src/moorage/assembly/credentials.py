"""What one node agent needs to prove who it is, in a directory of its own: the authority's key stays with the control plane.

In: the authority, a node. Out: two key pairs and the authority's certificate, files of mode 0600 in a directory of mode 0700.
"""

from dataclasses import dataclass
from pathlib import Path

from moorage.assembly import identities
from moorage.assembly.pki import Authority, KeyPair, write_private


@dataclass(frozen=True, slots=True)
class Credentials:
    """Where an agent's files are.

    Args:
        client: shown to the API server.
        server: shown to those who ask for logs and exec.
        authority: the certificate that both sides trust.
    """

    client: KeyPair
    server: KeyPair
    authority: Path


def find(folder: Path, name: str) -> Credentials:
    """Return the credentials of node `name` that were handed over in `folder`."""
    client, server = identities.node_client(name), identities.node_server(name, "")
    return Credentials(KeyPair.at(folder, client), KeyPair.at(folder, server), folder / "ca.crt")


def hand_over(authority: Authority, folder: Path, name: str, address: str) -> Credentials:
    """Put the credentials of node `name`, serving at `address`, into `folder`; fresh ones stay."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    client = authority.ensure(identities.node_client(name), folder)
    server = authority.ensure(identities.node_server(name, address), folder)
    write_private(folder / "ca.crt", authority.certificate.read_bytes())
    return Credentials(client, server, folder / "ca.crt")
