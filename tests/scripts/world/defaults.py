"""The few defaults the controllers lean on.

In: a new document. Out: the same, filled in place. Source: facts/statefulset.md 2.1.
"""

from moorage.api.refs import Document, Resource
from moorage.api.scheme import PODS, STATEFULSETS


def fill(resource: Resource, document: Document) -> None:
    """Fill in what a real server would."""
    if resource == STATEFULSETS:
        document["spec"] = _stateful_set(dict(document["spec"]))
    if resource == PODS:
        document["spec"] = {"terminationGracePeriodSeconds": 30, **document["spec"]}


def _stateful_set(spec: Document) -> Document:
    strategy = dict(spec.get("updateStrategy") or {})
    if not strategy.get("type"):
        strategy = {"type": "RollingUpdate", "rollingUpdate": {}, **strategy}
    if strategy.get("rollingUpdate") is not None:
        strategy["rollingUpdate"] = {"partition": 0, **strategy["rollingUpdate"]}
    retention = {"whenDeleted": "Retain", "whenScaled": "Retain"} | (
        spec.get("persistentVolumeClaimRetentionPolicy") or {}
    )
    return {
        "podManagementPolicy": "OrderedReady",
        "replicas": 1,
        "revisionHistoryLimit": 10,
        **spec,
        "updateStrategy": strategy,
        "persistentVolumeClaimRetentionPolicy": retention,
    }
