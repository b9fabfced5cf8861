"""Priority: the number behind a pod's priority class.

In: new pods. Out: `spec.priority` and `spec.preemptionPolicy`. Rules: plugin/pkg/admission/priority upstream; own classes
come with their kind in a later issue.
"""

from moorage.api import scheme
from moorage.apiserver import errors
from moorage.apiserver.admission.ports import Gate, World, Write
from moorage.apiserver.documents import keep, own, part

SYSTEM_CLASSES = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}


def check(write: Write, _world: World) -> None:
    """Fill in the priority. Raises: ApiError (403)."""
    spec = own(write.new, "spec")
    if write.old is not None:
        for key in ("priority", "preemptionPolicy"):
            keep(spec, part(write.old, "spec"), key)
        return
    name = spec.get("priorityClassName", "")
    priority = SYSTEM_CLASSES.get(name) if name else 0
    if priority is None:
        raise errors.forbidden(scheme.PODS, write.shown_name, f"no PriorityClass with name {name} was found")
    given = spec.get("priority")
    if given is not None and given != priority:
        sentence = (
            f"the integer value of priority ({given}) must not be provided in pod spec; "
            f"priority admission controller computed {priority} from the given PriorityClass name"
        )
        raise errors.forbidden(scheme.PODS, write.shown_name, sentence)
    spec["priority"] = priority
    policy = spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
    if policy != "PreemptLowerPriority":
        sentence = (
            f"the string value of PreemptionPolicy ({policy}) must not be provided in pod spec; "
            "priority admission controller computed PreemptLowerPriority from the given PriorityClass name"
        )
        raise errors.forbidden(scheme.PODS, write.shown_name, sentence)


GATE = Gate("Priority", check, (scheme.PODS,), operations=("CREATE", "UPDATE"))
