"""Secret: keys and encoded values, with rules for each type.

In: documents. Out: `STRATEGY`. Rules: pkg/apis/core/validation (ValidateSecret, ValidateSecretUpdate).
"""

import base64
import datetime
import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from moorage.api import gojson, meta, names, scheme
from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.apiserver.documents import part
from moorage.apiserver.strategy import Column, FieldError, Strategy
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation.errors import invalid, required, too_long
from moorage.apiserver.validation.keyed import MAX_BYTES, frozen
from moorage.apiserver.validation.values import immutable, named

_ACCOUNT = "kubernetes.io/service-account.name"
_TLS = "kubernetes.io/tls"
_REDACTED = "<secret contents redacted>"


def default(document: Document) -> None:
    """Merge `stringData` into `data`; a Secret without type is Opaque."""
    plain = document.pop("stringData", None)
    if plain:
        encoded = {key: base64.b64encode(value.encode()).decode() for key, value in plain.items()}
        document["data"] = {**part(document, "data"), **encoded}
    if not document.get("type"):
        document["type"] = "Opaque"


def prepare_update(new: Document, old: Document) -> None:
    """An update without type keeps the old one."""
    if not new.get("type"):
        new["type"] = old.get("type", "")


def validate_create(document: Document) -> list[FieldError]:
    """Check metadata, keys, size and what the type asks for."""
    found = metadata.created(document, names.dns_subdomain)
    size = 0
    for key, value in part(document, "data").items():
        found += named(f"data[{key}]", key, names.config_key)
        size += len(base64.b64decode(value))
    if size > MAX_BYTES:
        found.append(too_long("data", MAX_BYTES))
    rule = _TYPES.get(document.get("type", ""))
    return found + (rule(document) if rule else [])


def validate_update(new: Document, old: Document) -> list[FieldError]:
    """Refuse another type and changes of a frozen Secret, and check the rest as on create."""
    return [
        *metadata.updated(new, old),
        *immutable(new, old, ("type",)),
        *frozen(new, old, ("data",)),
        *validate_create(new),
    ]


def _account_token(document: Document) -> list[FieldError]:
    if meta.annotations(document).get(_ACCOUNT):
        return []
    return [required(f"metadata.annotations[{_ACCOUNT}]")]


def _keys(*keys: str) -> Callable[[Document], list[FieldError]]:
    """Return a rule that asks for keys; they may be empty."""
    return lambda document: [required(f"data[{key}]") for key in keys if key not in part(document, "data")]


def _json(key: str) -> Callable[[Document], list[FieldError]]:
    """Return a rule that asks for a key that holds JSON."""

    def rule(document: Document) -> list[FieldError]:
        value = part(document, "data").get(key)
        if value is None:
            return [required(f"data[{key}]")]
        problem = _not_an_object(base64.b64decode(value))
        return [invalid(f"data[{key}]", _REDACTED, problem)] if problem else []

    return rule


def _not_an_object(content: bytes) -> str:
    """Return Go's sentence for bytes that hold no JSON object, "" if they do."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return gojson.syntax_error(content)
    if isinstance(value, dict) or value is None:
        return ""
    return f"json: cannot unmarshal {gojson.kind_of(value)} into Go value of type map[string]interface {{}}"


def _basic_auth(document: Document) -> list[FieldError]:
    if part(document, "data").keys() & {"username", "password"}:
        return []
    return [required("data[username]"), required("data[password]")]


_TYPES: Mapping[str, Callable[[Document], list[FieldError]]] = MappingProxyType(
    {
        "kubernetes.io/service-account-token": _account_token,
        "kubernetes.io/dockercfg": _json(".dockercfg"),
        "kubernetes.io/dockerconfigjson": _json(".dockerconfigjson"),
        "kubernetes.io/basic-auth": _basic_auth,
        "kubernetes.io/ssh-auth": lambda document: (
            [] if part(document, "data").get("ssh-privatekey") else [required("data[ssh-privatekey]")]
        ),
        _TLS: _keys("tls.crt", "tls.key"),
    }
)


def warnings(new: Document, _old: Document | None) -> list[str]:
    """Return Go's sentence for a TLS Secret whose certificate or key is no PEM at all."""
    if new.get("type") != _TLS:
        return []
    for key, word in (("tls.crt", "certificate"), ("tls.key", "key")):
        if b"-----BEGIN " not in base64.b64decode(part(new, "data").get(key, "")):
            return [f"tls: failed to find any PEM data in {word} input"]
    return []


def fields(document: Document) -> dict[str, str]:
    """Return what it can be selected by."""
    return {"type": document.get("type", "")}


def row(document: Document, now: datetime.datetime) -> list[Any]:
    """Return its Table cells."""
    return [meta.name(document), document.get("type", ""), len(part(document, "data")), cells.age(document, now)]


STRATEGY = Strategy(
    scheme.SECRETS,
    default=default,
    prepare_update=prepare_update,
    validate_create=validate_create,
    validate_update=validate_update,
    warnings=warnings,
    columns=(Column("Type"), Column("Data"), Column("Age")),
    row=row,
    fields=fields,
)
