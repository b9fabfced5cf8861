"""Why a pod that is being deleted is still there, and why one that has ended holds things up.

In: a deleted or failed pod, the picture. Out: one `Found`. Rule: only its node may say that a pod has stopped
(fact sheet reliability.md ND1); a lost node leaves it for a person who knows that the machine is off.
"""

from moorage.api import conditions, meta, owners
from moorage.api.refs import Document
from moorage.api.scheme import NODES, PODS
from moorage.api.times import format_time
from moorage.why.gate import Found, Ref, line, ref_of
from moorage.why.picture import Picture
from moorage.why.words import about


def reasons(pod: Document, picture: Picture) -> list[Found]:
    """Return why a pod that is being deleted is not gone."""
    own = ref_of(PODS, pod)
    asked = meta.deletion_request_time(pod)
    since = format_time(asked) if asked else ""
    deadline = meta.deletion_time(pod)
    late = deadline is not None and picture.now > deadline
    lost = _lost_node(pod, picture)
    if lost is not None:
        evidence, found_since = lost
        node = str(pod["spec"]["nodeName"])
        words = {**about(pod), "node": node}
        return [Found("NodeLost", Ref(NODES.kind, "", node), evidence, found_since or since, words=words).below(own)]
    held = ", ".join(meta.finalizers(pod))
    if held and late:
        return [Found("FinalizerHolds", own, f"finalizers: {held}", since, words=about(pod))]
    grace = meta.deletion_grace_seconds(pod) or 0
    evidence = f"being deleted, grace period {grace} s" + (f", finalizers: {held}" if held else "")
    if late and deadline is not None:
        evidence += f", over for {(picture.now - deadline).total_seconds():.0f} s"
    return [Found("PodTerminating", own, evidence, since, words=about(pod))]


def finished(pod: Document, picture: Picture) -> Found:
    """Return the gate of a Failed pod."""
    status = pod.get("status") or {}
    parts = ("Failed", status.get("reason"), status.get("message"), *_exits(status))
    evidence = line(": ".join(part for part in parts if part))
    found = owners.controller_of(pod)
    opens = f"{found['kind']} {found['name']} replaces it" if found else ""
    since = str(meta.metadata(pod).get("creationTimestamp") or "")
    ready = conditions.find(conditions.conditions(pod), "Ready")
    since = str(ready["lastTransitionTime"]) if ready and ready.get("lastTransitionTime") else since
    return Found("PodFinished", ref_of(PODS, pod), evidence, since, words=about(pod), opens=opens)


def _exits(status: Document) -> list[str]:
    ended = [
        (one["name"], (one.get("state") or {}).get("terminated") or {}) for one in status.get("containerStatuses") or ()
    ]
    return [f"container {name} exit code {one['exitCode']}" for name, one in ended if one.get("exitCode")]


def _lost_node(pod: Document, picture: Picture) -> tuple[str, str] | None:
    """Return what is wrong with the pod's node and since when, None where it reports."""
    name = pod["spec"].get("nodeName")
    if not name:
        return None
    node = picture.get(NODES, "", name)
    if node is None:
        return f"node {name} is not in the cluster", ""
    ready = conditions.find(conditions.conditions(node), "Ready") or {}
    if ready.get("status") == "True":
        return None
    reason = ready.get("reason") or "no status reported"
    return line(f"node {name}: {reason}: {ready.get('message') or ''}").rstrip(": "), str(
        ready.get("lastTransitionTime") or ""
    )
