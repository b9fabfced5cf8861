"""The authority signs what can prove who it is, keeps keys private and renews in time."""

import datetime
import socket
import ssl
import threading
from pathlib import Path

from moorage.assembly.pki import Authority, Leaf
from moorage.base.system import SystemClock

SERVER = Leaf("apiserver", "kube-apiserver", hosts=("localhost", "127.0.0.1"))
ADMIN = Leaf("admin", "moorage-admin", ("system:masters",))


class LaterClock(SystemClock):
    """A clock that runs some days ahead."""

    def __init__(self, days: int) -> None:
        self._ahead = datetime.timedelta(days=days)

    def now(self) -> datetime.datetime:
        return super().now() + self._ahead


def authority(folder: Path, days: int = 0) -> Authority:
    made = Authority(folder, LaterClock(days))
    made.ensure_authority()
    return made


def test_a_client_is_known_by_its_certificate(tmp_path: Path) -> None:
    made = authority(tmp_path)
    server_pair, admin_pair = made.ensure(SERVER), made.ensure(ADMIN)
    near, far = socket.socketpair()
    near.settimeout(10)
    far.settimeout(10)
    subject: list[object] = []

    def serve() -> None:
        with made.server_context(server_pair).wrap_socket(far, server_side=True) as connection:
            subject.append((connection.getpeercert() or {})["subject"])

    server = threading.Thread(target=serve)
    server.start()
    context = made.client_context(admin_pair)
    with context.wrap_socket(near, server_hostname="127.0.0.1") as connection:
        connection.read(1)
        server.join()
    assert subject == [((("organizationName", "system:masters"),), (("commonName", "moorage-admin"),))]


def test_keys_are_private(tmp_path: Path) -> None:
    made = authority(tmp_path)
    paths = [made.ensure(ADMIN).key, made.ensure_signing_key(), tmp_path / "ca.key"]
    assert [path.stat().st_mode & 0o777 for path in paths] == [0o600] * 3


def test_a_leaf_is_kept_until_it_must_be_renewed(tmp_path: Path) -> None:
    first = authority(tmp_path).ensure(ADMIN).certificate.read_bytes()
    assert authority(tmp_path, days=300).ensure(ADMIN).certificate.read_bytes() == first
    assert authority(tmp_path, days=340).ensure(ADMIN).certificate.read_bytes() != first


def test_other_hosts_mean_another_certificate(tmp_path: Path) -> None:
    made = authority(tmp_path)
    first = made.ensure(SERVER).certificate.read_bytes()
    assert made.ensure(Leaf("apiserver", "kube-apiserver", hosts=("localhost",))).certificate.read_bytes() != first


def test_contexts_refuse_old_protocols(tmp_path: Path) -> None:
    made = authority(tmp_path)
    assert made.server_context(made.ensure(SERVER)).minimum_version == ssl.TLSVersion.TLSv1_2
