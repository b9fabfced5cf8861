"""Role-based rules: what one allows, what several together cover, and how a missing one is spelt.

In: rules as roles hold them, attributes. Out: booleans and texts. Pure.
Source: k8s.io/kubernetes/pkg/registry/rbac/validation (RuleAllows, Covers), pkg/apis/rbac/v1 helpers.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from moorage.api.goquote import quote
from moorage.api.refs import Document
from moorage.apiserver.auth.attributes import Attributes

_ALL = "*"
_LISTS = (
    ("APIGroups", "apiGroups"),
    ("Resources", "resources"),
    ("ResourceNames", "resourceNames"),
    ("NonResourceURLs", "nonResourceURLs"),
    ("Verbs", "verbs"),
)


def allows(rule: Document, wanted: Attributes) -> bool:
    """Return whether a rule allows something."""
    if not _has(rule, "verbs", wanted.verb):
        return False
    if wanted.path:
        return any(_url_fits(one, wanted.path) for one in rule.get("nonResourceURLs") or ())
    names = rule.get("resourceNames") or ()
    return (
        _has(rule, "apiGroups", wanted.group)
        and _resource_fits(rule.get("resources") or (), wanted)
        and (not names or (bool(wanted.name) and wanted.name in names))
    )


def missing(owned: Sequence[Document], asked: Iterable[Document]) -> list[Document]:
    """Return the asked rules, one verb, group, resource and name at a time, that nothing owned covers.

    O(owned × asked), with the asked ones split.
    """
    return [one for rule in asked for one in _split(rule) if not any(_covers(other, one) for other in owned)]


def text(rule: Document) -> str:
    """Return a rule as upstream's refusals spell it: `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`."""
    shown = (f"{title}:{spelt(rule[key])}" for title, key in _LISTS if rule.get(key))
    return f"{{{', '.join(shown)}}}"


def spelt(items: Iterable[str]) -> str:
    """Return a list as Go's `%q` prints it: `["get" "list"]`."""
    return f"[{' '.join(map(quote, items))}]"


def joined(split: Iterable[Document]) -> list[Document]:
    """Return split rules with the verbs of each resource and name together again."""
    found: dict[str, Document] = {}
    for rule in split:
        others = {key: value for key, value in rule.items() if key != "verbs"}
        whole = found.setdefault(repr(sorted(others.items())), {**others, "verbs": []})
        whole["verbs"] += rule["verbs"]
    return list(found.values())


def _has(rule: Document, key: str, value: str) -> bool:
    values = rule.get(key) or ()
    return _ALL in values or value in values


def _resource_fits(resources: Iterable[str], wanted: Attributes) -> bool:
    return any(
        one in (_ALL, wanted.kind) or (wanted.subresource and one == f"*/{wanted.subresource}") for one in resources
    )


def _url_fits(pattern: str, path: str) -> bool:
    return pattern in (_ALL, path) or (pattern.endswith(_ALL) and path.startswith(pattern[:-1]))


def _split(rule: Document) -> Iterator[Document]:
    verbs = rule.get("verbs") or ()
    for url, verb in product(rule.get("nonResourceURLs") or (), verbs):
        yield {"nonResourceURLs": [url], "verbs": [verb]}
    names = [[name] for name in rule.get("resourceNames") or ()] or [[]]
    groups, resources = rule.get("apiGroups") or (), rule.get("resources") or ()
    for group, resource, name, verb in product(groups, resources, names, verbs):
        yield {
            "apiGroups": [group],
            "resources": [resource],
            **({"resourceNames": name} if name else {}),
            "verbs": [verb],
        }


def _covers(owned: Document, one: Document) -> bool:
    """Return whether an owned rule covers a split one."""
    if not _has(owned, "verbs", one["verbs"][0]):
        return False
    if "nonResourceURLs" in one:
        url = one["nonResourceURLs"][0]
        return any(_url_covers(pattern, url) for pattern in owned.get("nonResourceURLs") or ())
    resource = one["resources"][0]
    resources = owned.get("resources") or ()
    wildcard = f"*/{resource.partition('/')[2]}" if "/" in resource else resource
    names = owned.get("resourceNames") or ()
    return (
        _has(owned, "apiGroups", one["apiGroups"][0])
        and (_ALL in resources or resource in resources or wildcard in resources)
        and (not names or ("resourceNames" in one and one["resourceNames"][0] in names))
    )


def _url_covers(pattern: str, url: str) -> bool:
    return pattern in (_ALL, url) or (pattern.endswith(_ALL) and url.rstrip(_ALL).startswith(pattern[:-1]))
