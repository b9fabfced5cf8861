"""Why a pod has no node: the scheduler's verdict, told by its commonest reason, with each node's where a ledger has it.

In: a pod without node, the picture. Out: one `Found`. The scheduler's words are upstream's (`scheduler.filters`); a
table turns them into gates.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from moorage.api import conditions, meta
from moorage.api.refs import Document, ObjectKey
from moorage.api.scheme import NODES, PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES, PODS
from moorage.why.gate import Found, Ref, line, ref_of
from moorage.why.picture import Picture
from moorage.why.words import about

DEFAULT_SCHEDULER = "default-scheduler"
_PART = re.compile(r"(\d+) ((?:\{[^}]*\}|[^,{])+)")
_TAINT = re.compile(r"\{([^:}]+): ?([^}]*)\}")
_OTHER_NODES = "[NodeAffinity]"
"""What all nodes but one say of a pod that is bound to that one by name."""
_UNSELECTED = "node affinity/selector"
_UNDECIDED = ("were unschedulable", "untolerated taint", _UNSELECTED, _OTHER_NODES)
"""What is said of nodes that the pod may or may not select; all that is asked later is asked of nodes it does select."""
_NOT_READY = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


class _Verdict(NamedTuple):
    """What is known of a pod without a node."""

    pod: Document
    message: str
    reason: str
    since: str
    picture: Picture

    @property
    def own(self) -> Ref:
        return ref_of(PODS, self.pod)


Judge = Callable[[_Verdict], tuple[Ref, Mapping[str, str]]]


def reasons(pod: Document, picture: Picture) -> list[Found]:
    """Return why a pod has no node."""
    own, words = ref_of(PODS, pod), about(pod)
    created = str(meta.metadata(pod).get("creationTimestamp") or "")
    gates = [one["name"] for one in pod["spec"].get("schedulingGates") or ()]
    if gates:
        return [Found("SchedulingGated", own, f"schedulingGates: {', '.join(gates)}", created, words=words)]
    condition = conditions.find(conditions.conditions(pod), "PodScheduled") or {}
    message = line(str(condition.get("message") or "")).partition(" preemption: ")[0]
    name = pod["spec"].get("schedulerName") or DEFAULT_SCHEDULER
    if not message and name != DEFAULT_SCHEDULER:
        words = {**words, "scheduler": name}
        return [Found("SchedulerUnknown", own, f"schedulerName {name}", created, words=words)]
    if not message:
        return [Found("Unscheduled", own, "no scheduler has looked at it yet", created, words=words)]
    reason = commonest(message, _OTHER_NODES if _bound_by_name(pod) else "")
    gate, judge = next(((gate, judge) for text, gate, judge in _PHRASES if text in reason), ("NoPlace", _of_pod))
    verdict = _Verdict(pod, message, reason, str(condition.get("lastTransitionTime") or created), picture)
    if gate == "TaintNotTolerated" and any(key in reason for key in _NOT_READY):
        gate = "NodeNotReady"
    culprit, more = judge(verdict)
    made = Found(gate, culprit, message, verdict.since, tuple(node_verdicts(pod, picture)), {**words, **more})
    return [made.below(own) if culprit != own else made]


def commonest(message: str, aside: str = "") -> str:
    """Return the reason that most nodes gave: of `0/3 nodes are available: 1 A, 2 B.` it is B; of one reason the whole.

    Nodes that the pod does not select are no reason where another one, that it selects, has no place for it.

    Args:
        message: the scheduler's.
        aside: reasons with this text in them count only where there is no other.
    """
    _, _, listed = message.partition("nodes are available: ")
    parts = [(int(count), text.strip(" .")) for count, text in _PART.findall(listed.partition(". preemption")[0])]
    selects = any(all(text not in said for text in _UNDECIDED) for _, said in parts)
    idle = [text for text in (aside, _UNSELECTED if selects else "") if text]
    ranked = sorted(parts, key=lambda part: (any(text in part[1] for text in idle), -part[0], _rank(part[1])))
    return ranked[0][1] if ranked else message


def _bound_by_name(pod: Document) -> bool:
    """Return whether a pod may run on one node only, named in its affinity, as the pods of a DaemonSet are."""
    affinity = (pod["spec"].get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    return any(term.get("matchFields") for term in required.get("nodeSelectorTerms") or ())


def node_verdicts(pod: Document, picture: Picture) -> Iterable[str]:
    """Return what the scheduler said of each node, where this process remembers it."""
    story = picture.plans(PODS.kind, ObjectKey(meta.namespace(pod), meta.name(pod)))
    own = [entry for entry in story if entry["controller"] == DEFAULT_SCHEDULER]
    gates = own[-1]["gates"] if own else ()
    return [text for gate in gates for text in gate.get("details") or ()]


def _rank(reason: str) -> int:
    return next((place for place, (text, _, _) in enumerate(_PHRASES) if text in reason), len(_PHRASES))


def _of_pod(verdict: _Verdict) -> tuple[Ref, Mapping[str, str]]:
    wanted = " ".join(f"{key}={value}" for key, value in (verdict.pod["spec"].get("nodeSelector") or {}).items())
    return verdict.own, {"wanted": wanted or "KEY=VALUE"}


def _cordoned(verdict: _Verdict) -> tuple[Ref, Mapping[str, str]]:
    nodes = (node for node in verdict.picture.all(NODES) if (node.get("spec") or {}).get("unschedulable"))
    return _first_node(nodes, verdict), {}


def _tainted(verdict: _Verdict) -> tuple[Ref, Mapping[str, str]]:
    match = _TAINT.search(verdict.reason)
    key = match[1] if match else ""
    nodes = (node for node in verdict.picture.all(NODES) if key in _taints(node))
    return _first_node(nodes, verdict), {"taint": key or "KEY"}


def _taints(node: Document) -> list[str]:
    return [taint.get("key", "") for taint in (node.get("spec") or {}).get("taints") or ()]


def _first_node(nodes: Iterable[Document], verdict: _Verdict) -> Ref:
    return next((ref_of(NODES, node) for node in nodes), verdict.own)


def _elsewhere(verdict: _Verdict) -> tuple[Ref, Mapping[str, str]]:
    """Return the first bound volume of the pod that is tied to nodes, and what to do about its node."""
    for volume in _volumes(verdict):
        names = tied_to(volume)
        if names:
            node = verdict.picture.get(NODES, "", names[0])
            cordoned = node is not None and (node.get("spec") or {}).get("unschedulable")
            command = f"kubectl uncordon {names[0]}" if cordoned else f"kubectl describe node {names[0]}"
            return ref_of(PERSISTENTVOLUMES, volume), {"node_command": command}
    return verdict.own, {"node_command": "kubectl get pv"}


def _volumes(verdict: _Verdict) -> Iterable[Document]:
    namespace = verdict.own.namespace
    for volume in verdict.pod["spec"].get("volumes") or ():
        name = (volume.get("persistentVolumeClaim") or {}).get("claimName")
        claim = verdict.picture.get(PERSISTENTVOLUMECLAIMS, namespace, name) if name else None
        bound = (claim or {"spec": {}})["spec"].get("volumeName")
        found = verdict.picture.get(PERSISTENTVOLUMES, "", bound) if bound else None
        if found is not None:
            yield found


def tied_to(volume: Document) -> list[str]:
    """Return the values of a volume's node affinity: names of nodes, as local volumes have them."""
    required = ((volume["spec"].get("nodeAffinity") or {}).get("required")) or {}
    terms: list[Any] = required.get("nodeSelectorTerms") or []
    return [value for term in terms for one in term.get("matchExpressions") or () for value in one.get("values") or ()]


_PHRASES: tuple[tuple[str, str, Judge], ...] = (
    ("no nodes available", "NoNodes", _of_pod),
    ("volume node affinity conflict", "VolumeElsewhere", _elsewhere),
    ("were unschedulable", "NodeCordoned", _cordoned),
    ("Insufficient ", "ResourcesInsufficient", _of_pod),
    ("Too many pods", "ResourcesInsufficient", _of_pod),
    ("untolerated taint", "TaintNotTolerated", _tainted),
    ("node affinity/selector", "NodeSelectorUnmatched", _of_pod),
    ("anti-affinity", "AntiAffinity", _of_pod),
    ("pod affinity rules", "AffinityUnmatched", _of_pod),
    ("topology spread", "TopologySpread", _of_pod),
    ("free ports", "HostPortTaken", _of_pod),
)
"""Words of the scheduler, the gate they mean, and who is the culprit; of reasons equally common the first counts."""
