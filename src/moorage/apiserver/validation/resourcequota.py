"""Validation of ResourceQuotas.

In: documents. Out: errors. Rules: pkg/apis/core/validation (ValidateResourceQuota, 1.32).
"""

from collections.abc import Iterable

from moorage.api import names, quantity
from moorage.api.quota.scopes import SCOPES
from moorage.api.refs import Document
from moorage.apiserver.documents import items, part
from moorage.apiserver.strategy import FieldError, GoText
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation.errors import go_quantity, go_strings, invalid, invalid_each, required
from moorage.apiserver.validation.values import IMMUTABLE, NOT_NEGATIVE

_COUNTS = frozenset(
    (
        "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "persistentvolumeclaims", "configmaps",
        "services.nodeports", "services.loadbalancers",
    )
)  # fmt: skip
_COMPUTE = frozenset(("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"))
_STANDARD = (
    _COUNTS
    | _COMPUTE
    | {"ephemeral-storage", "requests.storage", "requests.ephemeral-storage", "limits.ephemeral-storage"}
)
_CONFLICTS = (frozenset(("BestEffort", "NotBestEffort")), frozenset(("Terminating", "NotTerminating")))
_ONLY_EXISTS = (
    "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
    "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
)
_WANTS_VALUES = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
_WANTS_NONE = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"


def created(document: Document) -> list[FieldError]:
    """Check a new quota."""
    return [*metadata.created(document, names.dns_subdomain), *_spec(part(document, "spec"))]


def updated(new: Document, old: Document) -> list[FieldError]:
    """Check a changed quota: its scopes stay."""
    found = [*metadata.updated(new, old), *_spec(part(new, "spec"))]
    before, after = items(old, "spec", "scopes"), items(new, "spec", "scopes")
    if set(before) != set(after):
        found.append(invalid("spec.scopes", _go_scopes(after), IMMUTABLE))
    return found


def status_updated(new: Document, old: Document) -> list[FieldError]:
    """Check the amounts of a status."""
    status = part(new, "status")
    amounts = [error for key in ("hard", "used") for error in _amounts(f"status.{key}", part(status, key))]
    return [*metadata.updated(new, old), *amounts]


def _spec(spec: Document) -> list[FieldError]:
    hard = part(spec, "hard")
    found = _amounts("spec.hard", hard)
    chosen = items(spec, "scopes")
    for scope in chosen:
        found += [invalid("spec.scopes", _go_scopes(chosen), sentence) for sentence in _misfits(scope, hard)]
    found += _conflicting("spec.scopes", chosen, chosen)
    return found + _selector(spec, hard)


def _amounts(path: str, given: Document) -> list[FieldError]:
    found: list[FieldError] = []
    for name, text in given.items():
        here, amount = f"{path}[{name}]", quantity.parse(text)
        found += invalid_each(here, name, names.qualified_name(name))
        if "/" not in name and name not in _STANDARD:
            found.append(invalid(here, name, "must be a standard resource for quota"))
        if amount.nanos < 0:
            found.append(invalid(here, str(amount), NOT_NEGATIVE))
        if _is_whole(name) and amount.milli % 1000:
            found.append(invalid(here, go_quantity(str(amount)), "must be an integer"))
    return found


def _misfits(scope: str, hard: Iterable[str]) -> list[str]:
    """Return a sentence for a scope nobody knows, and one for each resource that it does not go with."""
    if scope not in SCOPES:
        return ["unsupported scope"]
    fitting = {"pods"} if scope == "BestEffort" else {"pods"} | _COMPUTE
    return ["unsupported scope applied to resource" for name in hard if name in _STANDARD - fitting]


def _conflicting(path: str, chosen: Iterable[str], shown: Iterable[str]) -> list[FieldError]:
    present = set(chosen)
    return [invalid(path, _go_scopes(shown), "conflicting scopes") for pair in _CONFLICTS if pair <= present]


def _selector(spec: Document, hard: Document) -> list[FieldError]:
    path = "spec.scopeSelector.matchExpressions"
    found: list[FieldError] = []
    terms = items(spec, "scopeSelector", "matchExpressions")
    for term in terms:
        scope = term.get("scopeName", "")
        for sentence in _misfits(scope, hard):
            unknown = sentence == "unsupported scope"
            where = f"{path}.scopeName" if unknown else path
            found.append(invalid(where, scope if unknown else part(spec, "scopeSelector"), sentence))
        found += _operator(path, term)
    return found + _conflicting(path, [term.get("scopeName", "") for term in terms], items(spec, "scopes"))


def _operator(path: str, term: Document) -> list[FieldError]:
    operator, values = term.get("operator", ""), term.get("values") or []
    found = []
    if term.get("scopeName") in set(SCOPES) - {"PriorityClass"} and operator != "Exists":
        found.append(invalid(f"{path}.operator", operator, _ONLY_EXISTS))
    if operator in ("In", "NotIn"):
        return found if values else [*found, required(f"{path}.values", _WANTS_VALUES)]
    if operator in ("Exists", "DoesNotExist"):
        return [*found, invalid(f"{path}.values", go_strings(values), _WANTS_NONE)] if values else found
    return [*found, invalid(f"{path}.operator", operator, "not a valid selector operator")]


def _go_scopes(scopes: Iterable[str]) -> GoText:
    return GoText(go_strings(scopes).replace("string", "core.ResourceQuotaScope", 1))


def _is_whole(name: str) -> bool:
    return name in _COUNTS or ("/" in name and "kubernetes.io/" not in name and not name.startswith("requests."))
