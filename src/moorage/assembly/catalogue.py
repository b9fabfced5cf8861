"""Every controller of the control plane, in one list.

In: what some of them must be told. Out: `Controller` values for `reconcile.loop`.
"""

import datetime
from typing import Any

from moorage.api import scheme
from moorage.controllers import (
    clusterroleaggregation,
    disruptiontarget,
    endpoints,
    garbage,
    namespace,
    persistentvolume,
    podgarbage,
    progress,
    protection,
    rootca,
    serviceaccount,
    servicewarning,
    tainteviction,
)
from moorage.controllers.daemonset import controller as daemonset
from moorage.controllers.deployment import controller as deployment
from moorage.controllers.endpointslice import controller as endpointslice
from moorage.controllers.node import controller as node
from moorage.controllers.persistentvolumeclaim import controller as persistentvolumeclaim
from moorage.controllers.poddisruptionbudget import controller as poddisruptionbudget
from moorage.controllers.replicaset import controller as replicaset
from moorage.controllers.resourcequota import controller as resourcequota
from moorage.controllers.statefulset import controller as statefulset
from moorage.controllers.statefulset.rules import Rules
from moorage.reconcile.controller import Controller
from moorage.why.picture import Plans


def all_controllers(
    authority: str, started: datetime.datetime, rules: Rules, plans: Plans
) -> tuple[Controller[Any], ...]:
    """Return every controller.

    Args:
        authority: certificate of the cluster's authority (PEM), published in each namespace.
        started: when this control plane started.
        rules: which version's rules StatefulSets follow.
        plans: what the ledger they all write to remembers.
    """
    return (
        statefulset.build(rules),
        replicaset.build(),
        deployment.build(),
        daemonset.build(),
        endpointslice.build(),
        endpoints.build(),
        persistentvolumeclaim.build(),
        persistentvolume.build(),
        protection.build_claims(),
        protection.build_volumes(),
        *garbage.build_all(scheme.CATALOGUE),
        namespace.build(scheme.CATALOGUE),
        node.build(started),
        tainteviction.build(),
        resourcequota.build(scheme.CATALOGUE),
        poddisruptionbudget.build(),
        disruptiontarget.build(),
        podgarbage.build(),
        clusterroleaggregation.build(),
        serviceaccount.build(),
        rootca.build(authority),
        servicewarning.build(),
        *((progress.build(plans),) if rules.extensions else ()),
    )
