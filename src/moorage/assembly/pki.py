"""The cluster's own certificate authority, and a key pair for everyone who must prove who they are.

In: a directory and who needs what. Out: PEM files (keys mode 0600) and TLS contexts. Leaves are renewed at start
when less than 30 days are left; the authority lives ten years. Names in subjects follow the field's convention: CN is
the user, O the groups (Kubernetes documentation, "PKI certificates and requirements").
"""

import datetime
import ipaddress
import json
import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from moorage.base.ports import Clock

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

AUTHORITY_DAYS = 3650
LEAF_DAYS = 365
RENEW_DAYS = 30


@dataclass(frozen=True, slots=True)
class Leaf:
    """One certificate to have.

    Args:
        name: file name without ending.
        user: common name.
        groups: organisations.
        hosts: DNS names and IP addresses it serves under; none for a client.
    """

    name: str
    user: str
    groups: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Where a certificate and its key are, as PEM."""

    certificate: Path
    key: Path

    @staticmethod
    def at(folder: Path, leaf: Leaf) -> "KeyPair":
        """Return where `folder` holds the pair of `leaf`."""
        return KeyPair(folder / f"{leaf.name}.crt", folder / f"{leaf.name}.key")


class Authority:
    """The certificate authority in one directory.

    Nothing of the cryptography library is imported when every file is there and fresh: a second start is quick.

    Args:
        folder: existing directory, mode 0700.
        clock: for validity.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._index_file = folder / "index.json"
        self._index: dict[str, dict[str, object]] = {}
        if self._index_file.exists():
            self._index = json.loads(self._index_file.read_text())

    @property
    def certificate(self) -> Path:
        """The authority's own certificate."""
        return self._folder / "ca.crt"

    def ensure_authority(self) -> None:
        """Make the authority unless it exists."""
        if not (self.certificate.exists() and (self._folder / "ca.key").exists()):
            self._make_authority()

    def ensure(self, leaf: Leaf, folder: Path | None = None) -> KeyPair:
        """Return the key pair of `leaf`, made or renewed if it is missing, different or about to expire.

        It lies in `folder`, an existing directory; by default the authority's own.
        """
        pair = KeyPair.at(folder or self._folder, leaf)
        known = self._index.get(leaf.name, {})
        wanted = {"user": leaf.user, "groups": list(leaf.groups), "hosts": list(leaf.hosts)}
        fresh = float(str(known.get("renew_after", 0))) > self._clock.now().timestamp()
        same = all(known.get(key) == value for key, value in wanted.items())
        if fresh and same and pair.certificate.exists() and pair.key.exists():
            return pair
        self._sign(leaf, pair)
        renew = self._clock.now() + datetime.timedelta(days=LEAF_DAYS - RENEW_DAYS)
        self._index[leaf.name] = {**wanted, "renew_after": renew.timestamp()}
        write_private(self._index_file, json.dumps(self._index, indent=1).encode())
        return pair

    def ensure_signing_key(self) -> Path:
        """Return the RSA key that signs service account tokens (RS256), made on first use."""
        path = self._folder / "sa.key"
        if not path.exists():
            from cryptography.hazmat.primitives.asymmetric import rsa

            write_private(path, _private_pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)))
        return path

    def server_context(self, pair: KeyPair) -> ssl.SSLContext:
        """Return a TLS context that serves with `pair` and asks clients for a certificate of this authority."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(pair.certificate, pair.key)
        context.load_verify_locations(self.certificate)
        context.verify_mode = ssl.CERT_OPTIONAL
        context.set_alpn_protocols(["http/1.1"])
        return context

    def client_context(self, pair: KeyPair | None) -> ssl.SSLContext:
        """Return a TLS context that trusts only this authority and shows `pair`."""
        return client_context(self.certificate, pair)

    def _make_authority(self) -> None:
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(_subject("moorage-ca", ()), key.public_key(), AUTHORITY_DAYS)
        certificate = _sign_authority(builder, key)
        self._index = {}
        write_private(self._folder / "ca.key", _private_pem(key))
        write_private(self.certificate, certificate)

    def _sign(self, leaf: Leaf, pair: KeyPair) -> None:
        from cryptography import x509
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        authority = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        authority_key = serialization.load_pem_private_key((self._folder / "ca.key").read_bytes(), None)
        assert isinstance(authority_key, ec.EllipticCurvePrivateKey)
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(_subject(leaf.user, leaf.groups), key.public_key(), LEAF_DAYS)
        builder = builder.issuer_name(authority.subject)
        write_private(pair.key, _private_pem(key))
        write_private(pair.certificate, _sign_leaf(builder, leaf.hosts, authority_key))

    def _builder(
        self, subject: "x509.Name", public: "ec.EllipticCurvePublicKey", days: int
    ) -> "x509.CertificateBuilder":
        from cryptography import x509

        now = self._clock.now()
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(minutes=5))
            .not_valid_after(now + datetime.timedelta(days=days))
        )


def client_context(authority: Path, pair: KeyPair | None) -> ssl.SSLContext:
    """Return a TLS context that trusts only the certificate in the file `authority` and shows `pair`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(authority)
    if pair is not None:
        context.load_cert_chain(pair.certificate, pair.key)
    return context


def write_private(path: Path, content: bytes) -> None:
    """Write a file of mode 0600 whole or not at all: a crash in between leaves the old one."""
    scratch = path.with_name(f".{path.name}.new")
    scratch.unlink(missing_ok=True)
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)


def _subject(user: str, groups: tuple[str, ...]) -> "x509.Name":
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    attributes = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
    return x509.Name([*attributes, x509.NameAttribute(NameOID.COMMON_NAME, user)])


def _sign_authority(builder: "x509.CertificateBuilder", key: "ec.EllipticCurvePrivateKey") -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    usage = _key_usage(signs_certificates=True)
    certificate = (
        builder.issuer_name(_subject("moorage-ca", ()))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)


def _sign_leaf(
    builder: "x509.CertificateBuilder", hosts: tuple[str, ...], authority_key: "ec.EllipticCurvePrivateKey"
) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509.oid import ExtendedKeyUsageOID

    purpose = ExtendedKeyUsageOID.SERVER_AUTH if hosts else ExtendedKeyUsageOID.CLIENT_AUTH
    builder = (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
    )
    if hosts:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_alternative(host) for host in hosts]), critical=False
        )
    return builder.sign(authority_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _alternative(host: str) -> "x509.GeneralName":
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key_usage(*, signs_certificates: bool) -> "x509.KeyUsage":
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _private_pem(key: "ec.EllipticCurvePrivateKey | object") -> bytes:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    assert isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
