"""What is special about each kind: one module a kind, each with a `STRATEGY`.

In: nothing. Out: `STRATEGIES` and `STRICT_STRATEGIES`, read by the registry and the tables of `apiserver`.
"""

from types import MappingProxyType

from moorage.api.refs import Resource
from moorage.apiserver.kinds import (
    clusterrole,
    clusterrolebinding,
    configmap,
    controllerrevision,
    cronjob,
    daemonset,
    deployment,
    endpoints,
    endpointslice,
    event,
    job,
    lease,
    namespace,
    node,
    persistentvolume,
    persistentvolumeclaim,
    pod,
    poddisruptionbudget,
    priorityclass,
    replicaset,
    resourcequota,
    role,
    rolebinding,
    secret,
    service,
    serviceaccount,
    statefulset,
    storageclass,
)
from moorage.apiserver.strategy import Strategy

_KINDS = (
    clusterrole,
    clusterrolebinding,
    configmap,
    controllerrevision,
    cronjob,
    daemonset,
    deployment,
    endpoints,
    endpointslice,
    event,
    job,
    lease,
    namespace,
    node,
    persistentvolume,
    persistentvolumeclaim,
    pod,
    poddisruptionbudget,
    priorityclass,
    replicaset,
    resourcequota,
    role,
    rolebinding,
    secret,
    service,
    serviceaccount,
    statefulset,
    storageclass,
)

STRATEGIES: MappingProxyType[Resource, Strategy] = MappingProxyType(
    {module.STRATEGY.resource: module.STRATEGY for module in _KINDS}
)
"""The strategy of each resource of the catalogue."""
STRICT_STRATEGIES: MappingProxyType[Resource, Strategy] = MappingProxyType(
    {**STRATEGIES, statefulset.STRICT.resource: statefulset.STRICT}
)
"""The same without what goes beyond Kubernetes (`moor up --strict`)."""
