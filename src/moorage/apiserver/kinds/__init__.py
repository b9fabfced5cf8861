"""What is special about each kind: one module a kind, each with a `STRATEGY`.

In: nothing. Out: `STRATEGIES`, read by the registry and the tables of `apiserver`.
"""

from dataclasses import replace
from types import MappingProxyType

from moorage.api.refs import Resource
from moorage.apiserver.kinds import (
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
    secret,
    service,
    serviceaccount,
    statefulset,
    storageclass,
)
from moorage.apiserver.strategy import Strategy
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation.meta import UpdateValidator

_KINDS = (
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
    secret,
    service,
    serviceaccount,
    statefulset,
    storageclass,
)


def _checked(strategy: Strategy) -> Strategy:
    """Return a strategy whose updates are first checked for what every kind's are."""
    return replace(
        strategy,
        validate_update=_after_common(strategy.validate_update),
        validate_status=_after_common(strategy.validate_status),
    )


def _after_common(validate: UpdateValidator) -> UpdateValidator:
    return lambda new, old: [*metadata.common(new, old), *validate(new, old)]


STRATEGIES: MappingProxyType[Resource, Strategy] = MappingProxyType(
    {module.STRATEGY.resource: _checked(module.STRATEGY) for module in _KINDS}
)
"""The strategy of each resource of the catalogue."""
