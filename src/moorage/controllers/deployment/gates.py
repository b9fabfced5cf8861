"""Why a Deployment holds back: the gates of docs/gates.md.

In: `Situation`. Out: gates.
"""

from typing import Any

from moorage.api import conditions as stored
from moorage.api import meta
from moorage.api.scheme import DEPLOYMENTS, PODS, REPLICASETS
from moorage.controllers.deployment import conditions, rollout
from moorage.controllers.deployment.situation import Situation, size, sizes
from moorage.informer.cache import Cached
from moorage.reconcile.plan import Culprit, Gate


def paused(situation: Situation) -> tuple[Gate, ...]:
    """Return the gate of a paused Deployment whose template has changed or whose rollout is under way."""
    if situation.new is not None and not situation.active_old:
        return ()
    command = f"kubectl rollout resume deployment/{situation.name} -n {situation.owner.key.namespace}"
    return (
        Gate(
            "RolloutPaused",
            _rest(situation),
            _culprit(situation.owner, DEPLOYMENTS.kind),
            "spec.paused is true",
            command,
        ),
    )


def rolling(situation: Situation) -> tuple[Gate, ...]:
    """Return the gate of a rollout that waits for pods of the new template, or for room for more of them."""
    new = situation.new
    if new is None or (size(new) == situation.wanted and not situation.active_old):
        return ()
    reported = new.view.status
    culprit = _culprit(new, REPLICASETS.kind)
    failure = stored.find(reported.conditions, conditions.FAILURE)
    if failure is not None:
        return (
            Gate("WriteRefused", _rest(situation), culprit, failure.get("message", ""), "the API accepts its Pods"),
        )
    evidence = f"{reported.available_replicas} of {size(new)} Pods available"
    return (Gate("MaxUnavailableReached", _rest(situation), culprit, evidence, "its Pods are available"),)


def recreating(situation: Situation) -> tuple[Gate, ...]:
    """Return the gate of a Deployment that waits for its old pods to be gone."""
    if not rollout.lingering(situation):
        return ()
    for pod in rollout.old_pods(situation):
        name = pod.key.name
        opens = f"Pod {name} is gone"
        return (Gate("PodTerminating", _rest(situation), _culprit(pod, PODS.kind), pod.view.status.phase, opens),)
    return ()


def _rest(situation: Situation) -> str:
    """Say what is held: how many pods still have an old template, or how many new ones are to come."""
    old = sizes(situation.old)
    have = size(situation.new) if situation.new is not None else 0
    return f"replace {old} Pods of earlier templates" if old else f"create {situation.wanted - have} Pods"


def _culprit(one: Cached[Any], kind: str) -> Culprit:
    return Culprit(kind, one.key, meta.uid(one.document))
