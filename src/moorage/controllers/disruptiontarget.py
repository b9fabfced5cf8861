"""A pod marked for disruption that is still there and not going loses the mark after two minutes.

In: pods. Out: plans that set condition `DisruptionTarget` to False. Upstream: syncStalePodDisruption of the disruption
controller (KEP-3329); what the node's own agent set stays.
"""

import datetime
from typing import Any

from moorage.api import conditions
from moorage.api.refs import Document, ObjectKey
from moorage.api.scheme import PODS
from moorage.api.times import format_time
from moorage.base.limits import DISRUPTION_SECONDS
from moorage.informer.cache import Cached, Caches
from moorage.reconcile.actions import Patch
from moorage.reconcile.controller import Controller, Trigger
from moorage.reconcile.plan import Plan

CONDITION = "DisruptionTarget"
_BY_KUBELET = "TerminationByKubelet"


def build() -> Controller[Cached[Any]]:
    """Return the controller."""
    return Controller(
        name="disruption-target-controller",
        resource=PODS,
        triggers=(Trigger(PODS, _marked_key),),
        take=take,
        decide=decide,
        workers=1,
    )


def take(key: ObjectKey, caches: Caches) -> Cached[Any] | None:
    """Return a marked pod, None where there is none or it is going."""
    pod = caches.of(PODS).get(key)
    return pod if pod is not None and _is_marked(pod) else None


def decide(pod: Cached[Any], now: datetime.datetime) -> Plan:
    """Take the mark back once it is stale."""
    mark = pod.view.condition(CONDITION)
    since = mark.last_transition_time or now
    left = (since - now).total_seconds() + DISRUPTION_SECONDS
    if left > 0:
        return Plan(wake_after=left)
    made: Document = {"type": CONDITION, "status": "False", "lastTransitionTime": format_time(now)}
    old = conditions.find(conditions.conditions(pod.document), CONDITION) or {}
    gone = {key: None for key in ("reason", "message") if key in old}
    body = {"status": {"conditions": [{**made, **gone}]}}
    revision = pod.view.metadata.resource_version
    return Plan((Patch(PODS, pod.key, body, pod.view.metadata.uid, "strategic", "status", revision, missing_ok=True),))


def _is_marked(pod: Cached[Any]) -> bool:
    mark = pod.view.condition(CONDITION)
    if mark is None or mark.status != "True" or mark.reason == _BY_KUBELET:
        return False
    return not (pod.view.metadata.deleting or pod.view.finished)


def _marked_key(_before: Cached[Any] | None, after: Cached[Any] | None, _caches: Caches) -> tuple[ObjectKey, ...]:
    return (after.key,) if after is not None and _is_marked(after) else ()
