"""The roles that exist from the start, and who has them.

In: nothing. Out: `ROLES` and `BINDINGS`, documents of `rbac.authorization.k8s.io/v1`, kept up to date by `bootstrap`.
Source: kubernetes.io, "Using RBAC Authorization", default roles; for the kinds served here.
"""

from typing import Final

from moorage.api.refs import Document

_GROUP: Final = "rbac.authorization.k8s.io"
AUTOUPDATE: Final = "rbac.authorization.kubernetes.io/autoupdate"
_LABELS: Final = {"kubernetes.io/bootstrapping": "rbac-defaults"}
_READ: Final = ("get", "list", "watch")
_WRITE: Final = ("create", "delete", "deletecollection", "patch", "update")
_HEALTH: Final = ("/healthz", "/livez", "/readyz", "/version", "/version/")
_DISCOVERY: Final = ("/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*", *_HEALTH)
_ISSUER: Final = (
    "/.well-known/openid-configuration",
    "/.well-known/openid-configuration/",
    "/openid/v1/jwks",
    "/openid/v1/jwks/",
)

_EDITED: Final = {
    "": ("configmaps", "persistentvolumeclaims", "pods", "secrets", "serviceaccounts", "services", "services/proxy"),
    "apps": (
        "daemonsets", "deployments", "deployments/scale", "replicasets", "replicasets/scale", "statefulsets",
        "statefulsets/scale",
    ),
    "batch": ("cronjobs", "jobs"),
    "policy": ("poddisruptionbudgets",),
}  # fmt: skip
"""What `edit` writes, by group."""
_SEEN: Final = {
    "": (
        "configmaps", "endpoints", "events", "limitranges", "namespaces", "namespaces/status", "persistentvolumeclaims",
        "persistentvolumeclaims/status", "pods", "pods/log", "pods/status", "resourcequotas", "resourcequotas/status",
        "serviceaccounts", "services", "services/status",
    ),
    "apps": (
        "controllerrevisions", "daemonsets", "daemonsets/status", "deployments", "deployments/scale", "deployments/status",
        "replicasets", "replicasets/scale", "replicasets/status", "statefulsets", "statefulsets/scale", "statefulsets/status",
    ),
    "batch": ("cronjobs", "cronjobs/status", "jobs", "jobs/status"),
    "discovery.k8s.io": ("endpointslices",),
    "moorage.dev": ("explanations",),
    "policy": ("poddisruptionbudgets", "poddisruptionbudgets/status"),
}  # fmt: skip
"""What `view` reads, by group: no secrets, for their contents would be more than a view."""


def _rule(group: str, resources: tuple[str, ...], verbs: tuple[str, ...]) -> Document:
    return {"apiGroups": [group], "resources": list(resources), "verbs": list(verbs)}


def _paths(urls: tuple[str, ...], verbs: tuple[str, ...] = ("get",)) -> Document:
    return {"nonResourceURLs": list(urls), "verbs": list(verbs)}


def _role(name: str, *rules: Document, part_of: str = "") -> Document:
    labels = {**_LABELS, **({f"{_GROUP}/aggregate-to-{part_of}": "true"} if part_of else {})}
    return {"metadata": {"name": name, "labels": labels, "annotations": {AUTOUPDATE: "true"}}, "rules": list(rules)}


def _sum(name: str, part_of: str = "") -> Document:
    """Return a role that gathers the rules of every role labelled for it."""
    selector = {"matchLabels": {f"{_GROUP}/aggregate-to-{name}": "true"}}
    whole = _role(name, part_of=part_of)
    del whole["rules"]
    return {**whole, "aggregationRule": {"clusterRoleSelectors": [selector]}}


ROLES: Final[tuple[Document, ...]] = (
    _role("cluster-admin", {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}, _paths(("*",), ("*",))),
    _role("system:discovery", _paths(_DISCOVERY)),
    _role("system:public-info-viewer", _paths(_HEALTH)),
    _role("system:service-account-issuer-discovery", _paths(_ISSUER)),
    _role(
        "system:basic-user",
        _rule("authorization.k8s.io", ("selfsubjectaccessreviews", "selfsubjectrulesreviews"), ("create",)),
        _rule("authentication.k8s.io", ("selfsubjectreviews",), ("create",)),
    ),
    _role(
        "system:auth-delegator",
        _rule("authentication.k8s.io", ("tokenreviews",), ("create",)),
        _rule("authorization.k8s.io", ("subjectaccessreviews",), ("create",)),
    ),
    _role(
        "system:aggregate-to-admin",
        _rule("authorization.k8s.io", ("localsubjectaccessreviews",), ("create",)),
        _rule(_GROUP, ("rolebindings", "roles"), (*_READ, *_WRITE)),
        part_of="admin",
    ),
    _role(
        "system:aggregate-to-edit",
        _rule("", ("pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "secrets", "services/proxy"), _READ),
        _rule("", ("serviceaccounts",), ("impersonate",)),
        _rule("", ("pods/attach", "pods/exec", "pods/portforward", "pods/proxy"), _WRITE),
        _rule("", ("pods/eviction", "serviceaccounts/token"), ("create",)),
        *(_rule(group, resources, _WRITE) for group, resources in _EDITED.items()),
        part_of="edit",
    ),
    _role(
        "system:aggregate-to-view",
        *(_rule(group, resources, _READ) for group, resources in _SEEN.items()),
        part_of="view",
    ),
    _sum("admin"),
    _sum("edit", part_of="admin"),
    _sum("view", part_of="edit"),
)


def _binding(name: str, *groups: str) -> Document:
    return {
        "metadata": {"name": name, "labels": dict(_LABELS), "annotations": {AUTOUPDATE: "true"}},
        "roleRef": {"apiGroup": _GROUP, "kind": "ClusterRole", "name": name},
        "subjects": [{"apiGroup": _GROUP, "kind": "Group", "name": group} for group in groups],
    }


BINDINGS: Final[tuple[Document, ...]] = (
    _binding("cluster-admin", "system:masters"),
    _binding("system:discovery", "system:authenticated"),
    _binding("system:public-info-viewer", "system:authenticated", "system:unauthenticated"),
    _binding("system:basic-user", "system:authenticated"),
    _binding("system:service-account-issuer-discovery", "system:serviceaccounts"),
)
