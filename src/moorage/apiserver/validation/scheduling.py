"""Validation of what steers the scheduler: affinity, tolerations, spread constraints, gates.

In: parts of a pod spec and their paths. Out: errors. Rules: pkg/apis/core/validation.
"""

from collections.abc import Iterator

from moorage.api import names
from moorage.api.refs import Document
from moorage.apiserver.documents import indexed, items, part
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation.errors import (
    duplicate,
    forbidden,
    invalid,
    invalid_each,
    not_supported,
    required,
)
from moorage.apiserver.validation.selectors import label_selector, node_selector, preferred_terms
from moorage.apiserver.validation.values import named, one_of

TAINT_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_UNSATISFIABLE = ("DoNotSchedule", "ScheduleAnyway")
_INCLUSION = ("Honor", "Ignore")
_EMPTY = "can not be empty"


def affinity(path: str, given: Document) -> list[FieldError]:
    """Check the affinity of a pod."""
    found: list[FieldError] = []
    node = part(given, "nodeAffinity")
    if _REQUIRED in node:
        found += node_selector(f"{path}.nodeAffinity.{_REQUIRED}", node[_REQUIRED])
    found += preferred_terms(f"{path}.nodeAffinity.{_PREFERRED}", items(node, _PREFERRED))
    for kind in ("podAffinity", "podAntiAffinity"):
        found += _pod_affinity(f"{path}.{kind}", part(given, kind))
    return found


def affinity_terms(spec: Document) -> Iterator[tuple[str, Document]]:
    """Return each pod affinity term with its path below the pod spec."""
    for kind in ("podAffinity", "podAntiAffinity"):
        given = part(spec, "affinity", kind)
        yield from indexed(f"affinity.{kind}.{_REQUIRED}", items(given, _REQUIRED))
        for where, term in indexed(f"affinity.{kind}.{_PREFERRED}", items(given, _PREFERRED)):
            yield f"{where}.podAffinityTerm", part(term, "podAffinityTerm")


def _pod_affinity(path: str, given: Document) -> list[FieldError]:
    found = []
    for where, term in indexed(f"{path}.{_REQUIRED}", items(given, _REQUIRED)):
        found += _pod_term(where, term)
    for where, term in indexed(f"{path}.{_PREFERRED}", items(given, _PREFERRED)):
        weight = term.get("weight", 0)
        if not 1 <= weight <= 100:
            found.append(invalid(f"{where}.weight", weight, "must be in the range 1-100"))
        found += _pod_term(f"{where}.podAffinityTerm", part(term, "podAffinityTerm"))
    return found


def _pod_term(path: str, term: Document) -> list[FieldError]:
    found = label_selector(f"{path}.labelSelector", term.get("labelSelector"))
    found += label_selector(f"{path}.namespaceSelector", term.get("namespaceSelector"))
    for where, namespace in indexed(f"{path}.namespace", items(term, "namespaces")):
        found += named(where, namespace, names.dns_label)
    key = term.get("topologyKey", "")
    if not key:
        found.append(required(f"{path}.topologyKey", _EMPTY))
    return found + invalid_each(f"{path}.topologyKey", key, names.qualified_name(key))


def tolerations(path: str, given: list[Document]) -> list[FieldError]:
    """Check the tolerations of a pod."""
    return [error for where, one in indexed(path, given) for error in _toleration(where, one)]


def _toleration(path: str, one: Document) -> list[FieldError]:
    key, operator, effect = one.get("key", ""), one.get("operator", ""), one.get("effect", "")
    found = invalid_each(f"{path}.key", key, names.qualified_name(key)) if key else []
    if not key and operator != "Exists":
        text = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
        found.append(invalid(f"{path}.operator", operator, text))
    if "tolerationSeconds" in one and effect != "NoExecute":
        text = "effect must be 'NoExecute' when `tolerationSeconds` is set"
        found.append(invalid(f"{path}.effect", effect, text))
    found += _toleration_value(path, one)
    return found + (one_of(f"{path}.effect", effect, TAINT_EFFECTS) if effect else [])


def _toleration_value(path: str, one: Document) -> list[FieldError]:
    operator, value = one.get("operator", ""), one.get("value", "")
    if operator in ("", "Equal"):
        sentences = names.label_value(value)
        return [invalid(f"{path}.operator", value, ";".join(sentences))] if sentences else []
    if operator == "Exists":
        return [invalid(f"{path}.operator", one, "value must be empty when `operator` is 'Exists'")] if value else []
    return [not_supported(f"{path}.operator", operator, ("Equal", "Exists"))]


def spread_constraints(path: str, constraints: list[Document]) -> list[FieldError]:
    """Check topology spread constraints."""
    found: list[FieldError] = []
    seen: set[tuple[str, str]] = set()
    for where, one in indexed(path, constraints):
        key, action = one.get("topologyKey", ""), one.get("whenUnsatisfiable", "")
        if one.get("maxSkew", 0) <= 0:
            found.append(invalid(f"{where}.maxSkew", one.get("maxSkew", 0), "must be greater than zero"))
        if not key:
            found.append(required(f"{where}.topologyKey", _EMPTY))
        found += one_of(f"{where}.whenUnsatisfiable", action, _UNSATISFIABLE)
        if (key, action) in seen:
            found.append(duplicate(f"{where}.{{topologyKey, whenUnsatisfiable}}", f"{{{key}, {action}}}"))
        seen.add((key, action))
        found += _spread_details(where, one)
    return found


def _spread_details(path: str, one: Document) -> list[FieldError]:
    found = []
    fewest = one.get("minDomains")
    if fewest is not None and fewest <= 0:
        found.append(invalid(f"{path}.minDomains", fewest, "must be greater than zero"))
    if fewest is not None and one.get("whenUnsatisfiable") != "DoNotSchedule":
        text = f"can only use minDomains if whenUnsatisfiable={_UNSATISFIABLE[0]}, not {one.get('whenUnsatisfiable')}"
        found.append(invalid(f"{path}.minDomains", fewest, text))
    for key in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
        if key in one:
            found += one_of(f"{path}.{key}", one[key], _INCLUSION)
    found += _match_keys(f"{path}.matchLabelKeys", items(one, "matchLabelKeys"), one.get("labelSelector"))
    return found + label_selector(f"{path}.labelSelector", one.get("labelSelector"))


def _match_keys(path: str, keys: list[str], selector: Document | None) -> list[FieldError]:
    if not keys:
        return []
    if selector is None:
        return [forbidden(path, "must not be specified when labelSelector is not set")]
    taken = set(selector.get("matchLabels") or {})
    taken |= {expression.get("key", "") for expression in items(selector, "matchExpressions")}
    found: list[FieldError] = []
    for where, key in indexed(path, keys):
        found += invalid_each(where, key, names.qualified_name(key))
        if key in taken:
            found.append(invalid(where, key, "exists in both matchLabelKeys and labelSelector"))
    return found


def gates(path: str, given: list[Document]) -> list[FieldError]:
    """Check scheduling gates."""
    found: list[FieldError] = []
    seen: set[str] = set()
    for where, gate in indexed(path, given):
        name = gate.get("name", "")
        found += invalid_each(where, name, names.qualified_name(name))
        if name in seen:
            found.append(duplicate(where, name))
        seen.add(name)
    return found


def readiness_gates(path: str, given: list[Document]) -> list[FieldError]:
    """Check readiness gates."""
    found = []
    for where, gate in indexed(path, given):
        kind = gate.get("conditionType", "")
        found += invalid_each(f"{where}.conditionType", kind, names.qualified_name(kind))
    return found
