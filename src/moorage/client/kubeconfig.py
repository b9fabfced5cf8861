"""kubeconfig: where the API is and how we prove who we are.

In: files as kubectl reads them. Out: `Access`, and our own file for others to read. Ours is written as JSON, which is YAML
too, so that reading it needs no YAML parser; other files are parsed as YAML.
"""

import base64
import json
import os
import ssl
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moorage.base.errors import UserError


@dataclass(frozen=True, slots=True)
class Access:
    """One context of a kubeconfig, resolved.

    Args:
        server: base URL.
        namespace: default namespace of the context.
        authority: certificate of the server's authority, PEM; b"" is the system's trust.
        certificate: client certificate, PEM; b"" is none.
        key: its key, PEM.
        token: bearer token, "" for none.
        insecure: whether the server's certificate goes unchecked, because the file says so.
    """

    server: str
    namespace: str = "default"
    authority: bytes = b""
    certificate: bytes = b""
    key: bytes = b""
    token: str = ""
    insecure: bool = False

    def tls(self) -> ssl.SSLContext | None:
        """Return the TLS context; None for an http server."""
        if not self.server.startswith("https://"):
            return None
        context = ssl.create_default_context(cadata=self.authority.decode() if self.authority else None)
        if self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if self.certificate:
            _load_pair(context, self.certificate, self.key)
        return context


def find(explicit: str, environment: Mapping[str, str], own: Path) -> list[Path]:
    """Return the files to read, most important first: `--kubeconfig`, `KUBECONFIG`, our own cluster's, `~/.kube/config`."""
    if explicit:
        return [Path(explicit)]
    named = [Path(part) for part in environment.get("KUBECONFIG", "").split(os.pathsep) if part]
    if named:
        return [path for path in named if path.exists()] or named[:1]
    home = Path(environment.get("HOME", ".")) / ".kube" / "config"
    return [path for path in (own, home) if path.exists()][:1] or [own]


def load(paths: list[Path], context: str = "") -> Access:
    """Return the access that the current (or named) context describes; earlier files win. Raises: UserError."""
    documents = [_parse(path) for path in paths]
    chosen = context or next((text for text in (doc.get("current-context") for doc, _ in documents) if text), "")
    if not chosen:
        raise UserError(f"{paths[0]}: no current-context; set one with: kubectl config use-context NAME")
    where = _entry(documents, "contexts", chosen)[0].get("context") or {}
    cluster, cluster_folder = _entry(documents, "clusters", where.get("cluster", ""))
    user, user_folder = _entry(documents, "users", where.get("user", ""))
    server, identity = cluster.get("cluster") or {}, user.get("user") or {}
    return Access(
        server.get("server", ""),
        where.get("namespace") or "default",
        _data(server, "certificate-authority", cluster_folder),
        _data(identity, "client-certificate", user_folder),
        _data(identity, "client-key", user_folder),
        identity.get("token", ""),
        bool(server.get("insecure-skip-tls-verify", False)),
    )


def document(name: str, access: Access) -> dict[str, Any]:
    """Return a kubeconfig document with one cluster, one user and one context, all called `name`."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": name, "cluster": {"server": access.server, "certificate-authority-data": _text(access.authority)}}
        ],
        "users": [
            {
                "name": name,
                "user": {
                    "client-certificate-data": _text(access.certificate),
                    "client-key-data": _text(access.key),
                },
            }
        ],
        "contexts": [
            {"name": name, "context": {"cluster": name, "user": name, "namespace": access.namespace}},
        ],
        "current-context": name,
    }


def _parse(path: Path) -> tuple[dict[str, Any], Path]:
    try:
        text = path.read_text()
    except FileNotFoundError:
        raise UserError(f"no cluster found: {path} does not exist. Start one with: moor up") from None
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from None
    try:
        parsed = json.loads(text)
    except ValueError:
        parsed = _parse_yaml(path, text)
    if not isinstance(parsed, dict):
        raise UserError(f"{path} is not a kubeconfig: expected a mapping")
    return parsed, path.parent


def _parse_yaml(path: Path, text: str) -> Any:
    from moorage.api import yamltext

    try:
        return next(yamltext.documents(text), None)
    except yamltext.BadYaml as error:
        raise UserError(f"{path} is not a kubeconfig: {error}") from None


def _entry(documents: list[tuple[dict[str, Any], Path]], section: str, name: str) -> tuple[dict[str, Any], Path]:
    for parsed, folder in documents:
        for entry in parsed.get(section) or ():
            if entry.get("name") == name:
                return entry, folder
    raise UserError(f"kubeconfig has no {section[:-1]} named {name!r}")


def _data(section: dict[str, Any], field: str, folder: Path) -> bytes:
    if section.get(f"{field}-data"):
        return base64.b64decode(section[f"{field}-data"])
    if section.get(field):
        return (folder / str(section[field])).read_bytes()
    return b""


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _load_pair(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    """Load a key pair held in memory: the ssl module takes files only, so one of mode 0600 exists for a moment."""
    with tempfile.NamedTemporaryFile(prefix="moorage-") as file:
        file.write(certificate + b"\n" + key)
        file.flush()
        context.load_cert_chain(file.name)
