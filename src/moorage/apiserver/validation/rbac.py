"""Validation of roles and bindings.

In: documents. Out: errors. Rules: k8s.io/kubernetes/pkg/apis/rbac/validation.
"""

from moorage.api import names
from moorage.api.refs import Document
from moorage.apiserver.documents import indexed, items, part
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation import meta
from moorage.apiserver.validation.errors import go_strings, invalid, not_supported, required
from moorage.apiserver.validation.selectors import label_selector

GROUP = "rbac.authorization.k8s.io"
_SUBJECTS = {"Group": GROUP, "ServiceAccount": "", "User": GROUP}
"""Kinds of subjects and their API group."""


def role(document: Document) -> list[FieldError]:
    """Check a Role."""
    found = meta.created(document, names.path_segment)
    return found + _rules(document, namespaced=True)


def role_updated(new: Document, old: Document) -> list[FieldError]:
    """Check a changed Role."""
    return [*meta.updated(new, old), *_rules(new, namespaced=True)]


def cluster_role(document: Document) -> list[FieldError]:
    """Check a ClusterRole."""
    found = meta.created(document, names.path_segment, namespaced=False)
    return found + _rules(document, namespaced=False) + _aggregation(document)


def cluster_role_updated(new: Document, old: Document) -> list[FieldError]:
    """Check a changed ClusterRole."""
    return [*meta.updated(new, old), *_rules(new, namespaced=False), *_aggregation(new)]


def binding(document: Document) -> list[FieldError]:
    """Check a RoleBinding."""
    found = meta.created(document, names.path_segment)
    return found + _role_ref(document, ("ClusterRole", "Role")) + _subjects(document, namespaced=True)


def cluster_binding(document: Document) -> list[FieldError]:
    """Check a ClusterRoleBinding."""
    found = meta.created(document, names.path_segment, namespaced=False)
    return found + _role_ref(document, ("ClusterRole",)) + _subjects(document, namespaced=False)


def binding_updated(new: Document, old: Document) -> list[FieldError]:
    """Check a changed RoleBinding or ClusterRoleBinding: it keeps its role."""
    found = meta.updated(new, old)
    if new.get("roleRef") != old.get("roleRef"):
        found.append(invalid("roleRef", new.get("roleRef"), "cannot change roleRef"))
    return found + _subjects(new, namespaced=bool(new["metadata"].get("namespace")))


def _rules(document: Document, *, namespaced: bool) -> list[FieldError]:
    found = []
    for path, rule in indexed("rules", items(document, "rules")):
        found += _rule(path, rule, namespaced=namespaced)
    return found


def _rule(path: str, rule: Document, *, namespaced: bool) -> list[FieldError]:
    found = []
    if not rule.get("verbs"):
        found.append(required(f"{path}.verbs", "verbs must contain at least one value"))
    urls = items(rule, "nonResourceURLs")
    if urls:
        shown = go_strings(urls)
        if namespaced:
            found.append(
                invalid(f"{path}.nonResourceURLs", shown, "namespaced rules cannot apply to non-resource URLs")
            )
        if rule.get("apiGroups") or rule.get("resources") or rule.get("resourceNames"):
            text = "rules cannot apply to both regular resources and non-resource URLs"
            found.append(invalid(f"{path}.nonResourceURLs", shown, text))
        return found
    if not rule.get("apiGroups"):
        found.append(required(f"{path}.apiGroups", "resource rules must supply at least one api group"))
    if not rule.get("resources"):
        found.append(required(f"{path}.resources", "resource rules must supply at least one resource"))
    return found


def _aggregation(document: Document) -> list[FieldError]:
    if document.get("aggregationRule") is None:
        return []
    path = "aggregationRule.clusterRoleSelectors"
    selectors = items(part(document, "aggregationRule"), "clusterRoleSelectors")
    if not selectors:
        return [required(path, "at least one clusterRoleSelector required if aggregationRule is non-nil")]
    return [one for index, selector in indexed(path, selectors) for one in label_selector(index, selector)]


def _role_ref(document: Document, kinds: tuple[str, ...]) -> list[FieldError]:
    reference = part(document, "roleRef")
    found = []
    if reference.get("apiGroup") != GROUP:
        found.append(not_supported("roleRef.apiGroup", reference.get("apiGroup", ""), (GROUP,)))
    kind, name = reference.get("kind", ""), reference.get("name", "")
    if kind not in kinds:
        found.append(not_supported("roleRef.kind", kind, kinds))
    if not name:
        found.append(required("roleRef.name"))
    return found + [invalid("roleRef.name", name, sentence) for sentence in (names.path_segment(name) if name else ())]


def _subjects(document: Document, *, namespaced: bool) -> list[FieldError]:
    found = []
    for path, subject in indexed("subjects", items(document, "subjects")):
        found += _subject(path, subject, namespaced=namespaced)
    return found


def _subject(path: str, subject: Document, *, namespaced: bool) -> list[FieldError]:
    found = []
    kind, name, group = subject.get("kind", ""), subject.get("name", ""), subject.get("apiGroup", "")
    if not name:
        found.append(required(f"{path}.name"))
    if kind not in _SUBJECTS:
        return [*found, not_supported(f"{path}.kind", kind, tuple(_SUBJECTS))]
    if kind == "ServiceAccount":
        found += [invalid(f"{path}.name", name, sentence) for sentence in (names.dns_subdomain(name) if name else ())]
    if group != _SUBJECTS[kind]:
        found.append(not_supported(f"{path}.apiGroup", group, (_SUBJECTS[kind],)))
    if kind == "ServiceAccount" and not namespaced and not subject.get("namespace"):
        found.append(required(f"{path}.namespace"))
    return found
