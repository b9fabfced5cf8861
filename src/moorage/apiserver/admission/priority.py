"""Priority: the number behind a pod's priority class, and at most one default class.

In: new pods and classes. Out: `spec.priorityClassName`, `spec.priority` and `spec.preemptionPolicy` of pods.
Rules: plugin/pkg/admission/priority upstream.
"""

from moorage.api import meta, scheme
from moorage.api.refs import Document
from moorage.apiserver import errors
from moorage.apiserver.admission.ports import Gate, World, Write
from moorage.apiserver.documents import keep, own, part

_NO_CLASS: Document = {"value": 0, "preemptionPolicy": "PreemptLowerPriority"}


def check(write: Write, world: World) -> None:
    """Fill in a pod's priority, refuse a second default class. Raises: ApiError (403)."""
    if write.resource == scheme.PRIORITYCLASSES:
        _check_class(write, world)
    elif write.old is None:
        _fill(write, world)
    else:
        for key in ("priority", "preemptionPolicy"):
            keep(own(write.new, "spec"), part(write.old, "spec"), key)


def _fill(write: Write, world: World) -> None:
    spec = own(write.new, "spec")
    chosen = _named(write, world) if spec.get("priorityClassName") else _default(world)
    if chosen is not _NO_CLASS:
        spec["priorityClassName"] = meta.name(chosen)
    computed = {"priority": chosen.get("value", 0), "preemptionPolicy": chosen["preemptionPolicy"]}
    for key, shown in (
        ("priority", "integer value of priority"),
        ("preemptionPolicy", "string value of PreemptionPolicy"),
    ):
        given = spec.setdefault(key, computed[key])
        if given != computed[key]:
            sentence = (
                f"the {shown} ({given}) must not be provided in pod spec; "
                f"priority admission controller computed {computed[key]} from the given PriorityClass name"
            )
            raise errors.forbidden(scheme.PODS, write.shown_name, sentence)


def _named(write: Write, world: World) -> Document:
    name = write.new["spec"]["priorityClassName"]
    found = world.get(scheme.PRIORITYCLASSES, "", name)
    if found is None:
        raise errors.forbidden(scheme.PODS, write.shown_name, f"no PriorityClass with name {name} was found")
    return found.document


def _default(world: World) -> Document:
    """Return the default class: the lowest, should there be several."""
    found = [one.document for one in world.all_of(scheme.PRIORITYCLASSES) if one.document.get("globalDefault")]
    return min(found, key=lambda one: int(one.get("value", 0)), default=_NO_CLASS)


def _check_class(write: Write, world: World) -> None:
    default = _default(world)
    if write.new.get("globalDefault") and default is not _NO_CLASS and meta.name(default) != meta.name(write.new):
        sentence = f"PriorityClass {meta.name(default)} is already marked as default. Only one default can exist"
        raise errors.forbidden(scheme.PRIORITYCLASSES, write.shown_name, sentence)


GATE = Gate("Priority", check, (scheme.PODS, scheme.PRIORITYCLASSES), operations=("CREATE", "UPDATE"))
