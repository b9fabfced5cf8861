"""The catalogue of resources: one row a kind, in the order discovery lists them.

In: nothing. Out: `Resource` values by name, `CATALOGUE`, and look-ups by kind and by path segment.
Source: API reference of Kubernetes 1.32; names, short names, verbs and subresources as a real server's discovery.
"""

from moorage.api.refs import Resource, Subresource

_GET_SET = ("get", "patch", "update")
_STATUS_ONLY = ("get", "patch", "update")


def _status(kind: str) -> Subresource:
    return Subresource("status", kind, _STATUS_ONLY)


_SCALE = Subresource("scale", "Scale", _GET_SET, "autoscaling", "v1")
_CONNECT = ("create", "get")

PODS = Resource(
    "",
    "v1",
    "pods",
    "Pod",
    definition="io.k8s.api.core.v1.Pod",
    short_names=("po",),
    categories=("all",),
    subresources=(
        Subresource("attach", "PodAttachOptions", _CONNECT),
        Subresource("binding", "Binding", ("create",)),
        Subresource("ephemeralcontainers", "Pod", _GET_SET),
        Subresource("eviction", "Eviction", ("create",), "policy", "v1"),
        Subresource("exec", "PodExecOptions", _CONNECT),
        Subresource("log", "Pod", ("get",)),
        Subresource("portforward", "PodPortForwardOptions", _CONNECT),
        Subresource("proxy", "PodProxyOptions", ("create", "delete", "get", "patch", "update")),
        _status("Pod"),
    ),
)
SERVICES = Resource(
    "",
    "v1",
    "services",
    "Service",
    definition="io.k8s.api.core.v1.Service",
    short_names=("svc",),
    categories=("all",),
    subresources=(
        Subresource("proxy", "ServiceProxyOptions", ("create", "delete", "get", "patch", "update")),
        _status("Service"),
    ),
)
ENDPOINTS = Resource("", "v1", "endpoints", "Endpoints", definition="io.k8s.api.core.v1.Endpoints", short_names=("ep",))
CONFIGMAPS = Resource(
    "", "v1", "configmaps", "ConfigMap", definition="io.k8s.api.core.v1.ConfigMap", short_names=("cm",)
)
RESOURCEQUOTAS = Resource(
    "",
    "v1",
    "resourcequotas",
    "ResourceQuota",
    definition="io.k8s.api.core.v1.ResourceQuota",
    short_names=("quota",),
    subresources=(_status("ResourceQuota"),),
)
SECRETS = Resource("", "v1", "secrets", "Secret", definition="io.k8s.api.core.v1.Secret")
SERVICEACCOUNTS = Resource(
    "",
    "v1",
    "serviceaccounts",
    "ServiceAccount",
    definition="io.k8s.api.core.v1.ServiceAccount",
    short_names=("sa",),
    subresources=(Subresource("token", "TokenRequest", ("create",), "authentication.k8s.io", "v1"),),
)
PERSISTENTVOLUMES = Resource(
    "",
    "v1",
    "persistentvolumes",
    "PersistentVolume",
    namespaced=False,
    definition="io.k8s.api.core.v1.PersistentVolume",
    short_names=("pv",),
    subresources=(_status("PersistentVolume"),),
)
PERSISTENTVOLUMECLAIMS = Resource(
    "",
    "v1",
    "persistentvolumeclaims",
    "PersistentVolumeClaim",
    definition="io.k8s.api.core.v1.PersistentVolumeClaim",
    short_names=("pvc",),
    subresources=(_status("PersistentVolumeClaim"),),
)
NODES = Resource(
    "",
    "v1",
    "nodes",
    "Node",
    namespaced=False,
    definition="io.k8s.api.core.v1.Node",
    short_names=("no",),
    subresources=(
        Subresource("proxy", "NodeProxyOptions", ("create", "delete", "get", "patch", "update")),
        _status("Node"),
    ),
)
NAMESPACES = Resource(
    "",
    "v1",
    "namespaces",
    "Namespace",
    namespaced=False,
    definition="io.k8s.api.core.v1.Namespace",
    short_names=("ns",),
    verbs=("create", "delete", "get", "list", "patch", "update", "watch"),
    subresources=(Subresource("finalize", "Namespace", ("update",)), _status("Namespace")),
)
EVENTS = Resource("", "v1", "events", "Event", definition="io.k8s.api.core.v1.Event", short_names=("ev",))
STATEFULSETS = Resource(
    "apps",
    "v1",
    "statefulsets",
    "StatefulSet",
    definition="io.k8s.api.apps.v1.StatefulSet",
    short_names=("sts",),
    categories=("all",),
    subresources=(_SCALE, _status("StatefulSet")),
)
CONTROLLERREVISIONS = Resource(
    "apps", "v1", "controllerrevisions", "ControllerRevision", definition="io.k8s.api.apps.v1.ControllerRevision"
)
DEPLOYMENTS = Resource(
    "apps",
    "v1",
    "deployments",
    "Deployment",
    definition="io.k8s.api.apps.v1.Deployment",
    short_names=("deploy",),
    categories=("all",),
    subresources=(_SCALE, _status("Deployment")),
)
REPLICASETS = Resource(
    "apps",
    "v1",
    "replicasets",
    "ReplicaSet",
    definition="io.k8s.api.apps.v1.ReplicaSet",
    short_names=("rs",),
    categories=("all",),
    subresources=(_SCALE, _status("ReplicaSet")),
)
DAEMONSETS = Resource(
    "apps",
    "v1",
    "daemonsets",
    "DaemonSet",
    definition="io.k8s.api.apps.v1.DaemonSet",
    short_names=("ds",),
    categories=("all",),
    subresources=(_status("DaemonSet"),),
)
JOBS = Resource(
    "batch",
    "v1",
    "jobs",
    "Job",
    definition="io.k8s.api.batch.v1.Job",
    categories=("all",),
    subresources=(_status("Job"),),
)
CRONJOBS = Resource(
    "batch",
    "v1",
    "cronjobs",
    "CronJob",
    definition="io.k8s.api.batch.v1.CronJob",
    short_names=("cj",),
    categories=("all",),
    subresources=(_status("CronJob"),),
)
PODDISRUPTIONBUDGETS = Resource(
    "policy",
    "v1",
    "poddisruptionbudgets",
    "PodDisruptionBudget",
    definition="io.k8s.api.policy.v1.PodDisruptionBudget",
    short_names=("pdb",),
    subresources=(_status("PodDisruptionBudget"),),
)
PRIORITYCLASSES = Resource(
    "scheduling.k8s.io",
    "v1",
    "priorityclasses",
    "PriorityClass",
    namespaced=False,
    definition="io.k8s.api.scheduling.v1.PriorityClass",
    short_names=("pc",),
)
LEASES = Resource("coordination.k8s.io", "v1", "leases", "Lease", definition="io.k8s.api.coordination.v1.Lease")
ENDPOINTSLICES = Resource(
    "discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", definition="io.k8s.api.discovery.v1.EndpointSlice"
)
CLUSTERROLEBINDINGS = Resource(
    "rbac.authorization.k8s.io",
    "v1",
    "clusterrolebindings",
    "ClusterRoleBinding",
    namespaced=False,
    definition="io.k8s.api.rbac.v1.ClusterRoleBinding",
)
CLUSTERROLES = Resource(
    "rbac.authorization.k8s.io",
    "v1",
    "clusterroles",
    "ClusterRole",
    namespaced=False,
    definition="io.k8s.api.rbac.v1.ClusterRole",
)
ROLEBINDINGS = Resource(
    "rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", definition="io.k8s.api.rbac.v1.RoleBinding"
)
ROLES = Resource("rbac.authorization.k8s.io", "v1", "roles", "Role", definition="io.k8s.api.rbac.v1.Role")
STORAGECLASSES = Resource(
    "storage.k8s.io",
    "v1",
    "storageclasses",
    "StorageClass",
    namespaced=False,
    definition="io.k8s.api.storage.v1.StorageClass",
    short_names=("sc",),
)

CATALOGUE: tuple[Resource, ...] = (
    CONFIGMAPS,
    ENDPOINTS,
    EVENTS,
    NAMESPACES,
    NODES,
    PERSISTENTVOLUMECLAIMS,
    PERSISTENTVOLUMES,
    PODS,
    RESOURCEQUOTAS,
    SECRETS,
    SERVICEACCOUNTS,
    SERVICES,
    CONTROLLERREVISIONS,
    DAEMONSETS,
    DEPLOYMENTS,
    REPLICASETS,
    STATEFULSETS,
    CRONJOBS,
    JOBS,
    LEASES,
    ENDPOINTSLICES,
    PODDISRUPTIONBUDGETS,
    CLUSTERROLEBINDINGS,
    CLUSTERROLES,
    ROLEBINDINGS,
    ROLES,
    PRIORITYCLASSES,
    STORAGECLASSES,
)

_BY_PATH = {(row.group, row.version, row.plural): row for row in CATALOGUE}
_BY_KIND = {(row.api_version, row.kind): row for row in CATALOGUE}


def by_path(group: str, version: str, plural: str) -> Resource | None:
    """Return the resource of a URL's group, version and plural."""
    return _BY_PATH.get((group, version, plural))


def by_kind(api_version: str, kind: str) -> Resource | None:
    """Return the resource of a document's apiVersion and kind."""
    return _BY_KIND.get((api_version, kind))
