"""Validation of label selectors and node selectors.

In: selectors and their paths. Out: errors. Rules: k8s.io/apimachinery/pkg/apis/meta/v1/validation, pkg/apis/core/validation.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from moorage.api import names
from moorage.api.refs import Document
from moorage.apiserver.documents import indexed, items
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation.errors import forbidden, invalid, invalid_each, required
from moorage.apiserver.validation.values import in_range

_BAD_OPERATOR = "not a valid selector operator"
_FIELDS = frozenset({"metadata.name"})


def label_selector(path: str, selector: Document | None) -> list[FieldError]:
    """Check a LabelSelector; none is fine."""
    if not selector:
        return []
    found = metadata.labels(f"{path}.matchLabels", selector.get("matchLabels"))
    for where, expression in indexed(f"{path}.matchExpressions", items(selector, "matchExpressions")):
        found += _label_expression(where, expression)
    return found


def _label_expression(path: str, expression: Document) -> list[FieldError]:
    key, operator, values = (expression.get("key", ""), expression.get("operator", ""), items(expression, "values"))
    found = []
    if operator in ("In", "NotIn"):
        if not values:
            found.append(required(f"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'"))
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            text = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            found.append(forbidden(f"{path}.values", text))
    else:
        found.append(invalid(f"{path}.operator", operator, _BAD_OPERATOR))
    found += invalid_each(f"{path}.key", key, names.qualified_name(key))
    for where, value in indexed(f"{path}.values", values):
        found += invalid_each(where, value, names.label_value(value))
    return found


def node_selector(path: str, selector: Document) -> list[FieldError]:
    """Check a NodeSelector: it needs at least one term."""
    terms = items(selector, "nodeSelectorTerms")
    if not terms:
        return [required(f"{path}.nodeSelectorTerms", "must have at least one node selector term")]
    return [
        error
        for where, term in indexed(f"{path}.nodeSelectorTerms", terms)
        for error in node_selector_term(where, term)
    ]


def node_selector_term(path: str, term: Document) -> list[FieldError]:
    """Check one term: expressions on labels, expressions on fields."""
    found = []
    for where, requirement in indexed(f"{path}.matchExpressions", items(term, "matchExpressions")):
        found += _node_expression(where, requirement)
    for where, requirement in indexed(f"{path}.matchFields", items(term, "matchFields")):
        found += _field_expression(where, requirement)
    return found


def preferred_terms(path: str, terms: list[Document]) -> list[FieldError]:
    """Check preferred node selector terms: weight and term."""
    found = []
    for where, term in indexed(path, terms):
        weight = term.get("weight", 0)
        if in_range("", weight, 1, 100):
            found.append(invalid(f"{where}.weight", weight, "must be in the range 1-100"))
        found += node_selector_term(f"{where}.preference", term.get("preference") or {})
    return found


def _node_expression(path: str, requirement: Document) -> list[FieldError]:
    key, operator = requirement.get("key", ""), requirement.get("operator", "")
    rule = _COUNTS.get(operator)
    found = [invalid(f"{path}.operator", operator, _BAD_OPERATOR)] if rule is None else rule(path, requirement)
    found += invalid_each(f"{path}.key", key, names.qualified_name(key))
    for where, value in indexed(f"{path}.values", items(requirement, "values")):
        found += invalid_each(where, value, names.label_value(value))
    return found


def _some(path: str, requirement: Document) -> list[FieldError]:
    text = "must be specified when `operator` is 'In' or 'NotIn'"
    return [] if items(requirement, "values") else [required(f"{path}.values", text)]


def _none(path: str, requirement: Document) -> list[FieldError]:
    text = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
    return [forbidden(f"{path}.values", text)] if items(requirement, "values") else []


def _single(path: str, requirement: Document) -> list[FieldError]:
    text = "must be specified single value when `operator` is 'Lt' or 'Gt'"
    return [] if len(items(requirement, "values")) == 1 else [required(f"{path}.values", text)]


_COUNTS: Mapping[str, Callable[[str, Document], list[FieldError]]] = MappingProxyType(
    {"In": _some, "NotIn": _some, "Exists": _none, "DoesNotExist": _none, "Gt": _single, "Lt": _single}
)


def _field_expression(path: str, requirement: Document) -> list[FieldError]:
    key, operator, values = requirement.get("key", ""), requirement.get("operator", ""), items(requirement, "values")
    found: list[FieldError] = []
    if operator not in ("In", "NotIn"):
        found.append(invalid(f"{path}.operator", operator, _BAD_OPERATOR))
    elif len(values) != 1:
        text = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        found.append(required(f"{path}.values", text))
    if key not in _FIELDS:
        return [*found, invalid(f"{path}.key", key, "not a valid field selector key")]
    for where, value in indexed(f"{path}.values", values):
        found += invalid_each(where, value, names.dns_subdomain(value))
    return found


def topology_terms(path: str, terms: list[Document]) -> list[FieldError]:
    """Check the allowed topologies of a StorageClass."""
    found: list[FieldError] = []
    for where, term in indexed(path, terms):
        for there, one in indexed(f"{where}.matchLabelExpressions", items(term, "matchLabelExpressions")):
            key: Any = one.get("key", "")
            if not items(one, "values"):
                found.append(required(f"{there}.values"))
            found += invalid_each(f"{there}.key", key, names.qualified_name(key))
    return found
