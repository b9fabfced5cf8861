"""Validation of pods: what a template may not have, and what may change in a living pod.

In: defaulted pods. Out: errors. Rules: pkg/apis/core/validation (ValidatePodCreate, ValidatePodUpdate, ValidatePodStatusUpdate).
"""

from moorage.api import names
from moorage.api.refs import Document
from moorage.apiserver.documents import indexed, items, keep, part, without
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation import scheduling
from moorage.apiserver.validation.containers import images_without_blanks
from moorage.apiserver.validation.errors import forbidden, invalid, required
from moorage.apiserver.validation.podspec import pod_spec
from moorage.apiserver.validation.values import in_range, named

_CONTAINER_LISTS = ("containers", "initContainers")
_MUTABLE = (
    "`spec.containers[*].image`",
    "`spec.initContainers[*].image`",
    "`spec.activeDeadlineSeconds`",
    "`spec.tolerations` (only additions to existing tolerations)",
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
)
_FIXED = f"pod updates may not change fields other than {','.join(_MUTABLE)}"
_LONGEST_DEADLINE = 2**31 - 1
_DEADLINE = "spec.activeDeadlineSeconds"


def created(document: Document) -> list[FieldError]:
    """Check a new pod."""
    found = _whole(document)
    spec = part(document, "spec")
    if items(spec, "ephemeralContainers"):
        found.append(forbidden("spec.ephemeralContainers", "cannot be set on create"))
    if spec.get("nodeName") and items(spec, "schedulingGates"):
        text = "cannot be set until all schedulingGates have been cleared"
        found.append(forbidden("spec.nodeName", text))
    return found


def _whole(document: Document) -> list[FieldError]:
    """Check metadata and spec, as on create and on update."""
    spec = part(document, "spec")
    found = [*metadata.created(document, names.dns_subdomain), *pod_spec("spec", spec)]
    for key in ("containers", "initContainers", "ephemeralContainers"):
        found += images_without_blanks(f"spec.{key}", items(spec, key))
    return found


def updated(new: Document, old: Document) -> list[FieldError]:
    """Check a changed pod: images, deadline, tolerations, gates and little else may change."""
    found = [*metadata.updated(new, old), *_whole(new)]
    after, before = part(new, "spec"), part(old, "spec")
    for key in _CONTAINER_LISTS:
        if len(items(after, key)) != len(items(before, key)):
            return [*found, forbidden(f"spec.{key}", "pod updates may not add or remove containers")]
        found += _images(f"spec.{key}", items(after, key))
    found += _deadline(after, before)
    found += _tolerations(items(after, "tolerations"), items(before, "tolerations"))
    found += _gates(items(after, "schedulingGates"), items(before, "schedulingGates"))
    if _munged(after, before) != before:
        found.append(forbidden("spec", _FIXED))
    return found


def ephemeral_updated(new: Document, old: Document) -> list[FieldError]:
    """Check a changed list of ephemeral containers: what is there stays as it is (ValidatePodEphemeralContainersUpdate)."""
    path = "spec.ephemeralContainers"
    found = [*metadata.updated(new, old), *_whole(new)]
    after = {container.get("name"): container for container in items(new, "spec", "ephemeralContainers")}
    for container in items(old, "spec", "ephemeralContainers"):
        name = container.get("name")
        if after.get(name) != container:
            word = "changed" if name in after else "removed"
            found.append(forbidden(path, f'existing ephemeral containers "{name}" may not be {word}\n'))
    return found


def _images(path: str, containers: list[Document]) -> list[FieldError]:
    missing = [required(f"{where}.image") for where, one in indexed(path, containers) if not one.get("image")]
    return missing + images_without_blanks(path, containers)


def _deadline(after: Document, before: Document) -> list[FieldError]:
    """Let a deadline be set and shortened only."""
    new, old = after.get("activeDeadlineSeconds"), before.get("activeDeadlineSeconds")
    if new is None:
        text = "must not update from a positive integer to nil value"
        return [invalid(_DEADLINE, None, text)] if old is not None else []
    found = in_range(_DEADLINE, new, 0, _LONGEST_DEADLINE)
    if not found and old is not None and new > old:
        found.append(invalid(_DEADLINE, new, "must be less than or equal to previous value"))
    return found


def _tolerations(after: list[Document], before: list[Document]) -> list[FieldError]:
    """Let tolerations be added, and their seconds change."""
    known = [without(one, "tolerationSeconds") for one in after]
    if any(without(one, "tolerationSeconds") not in known for one in before):
        text = "existing toleration can not be modified except its tolerationSeconds"
        return [forbidden("spec.tolerations", text)]
    return scheduling.tolerations("spec.tolerations", after)


def _gates(after: list[Document], before: list[Document]) -> list[FieldError]:
    """Let scheduling gates be removed."""
    known = {gate.get("name") for gate in before}
    text = "only deletion is allowed, but found new scheduling gate"
    return [
        forbidden(f"{where}.name", f"{text} '{gate.get('name')}'")
        for where, gate in indexed("spec.schedulingGates", after)
        if gate.get("name") not in known
    ]


def _munged(after: Document, before: Document) -> Document:
    """Return the new spec with all that may change set back."""
    made = dict(after)
    for key in _CONTAINER_LISTS:
        if key in made:
            made[key] = [_with_image(*pair) for pair in zip(items(after, key), items(before, key), strict=True)]
    for key in ("activeDeadlineSeconds", "tolerations", "schedulingGates"):
        keep(made, before, key)
    grace = before.get("terminationGracePeriodSeconds")
    if grace is not None and grace < 0 and after.get("terminationGracePeriodSeconds") == 1:
        made["terminationGracePeriodSeconds"] = grace
    if items(before, "schedulingGates"):
        _gated(made, before)
    return made


def _with_image(after: Document, before: Document) -> Document:
    made = dict(after)
    keep(made, before, "image")
    return made


def _gated(made: Document, before: Document) -> None:
    """A gated pod may narrow where it can run: set back a node selector that only grew, and node affinity."""
    old = part(before, "nodeSelector")
    if all(part(made, "nodeSelector").get(key) == value for key, value in old.items()):
        keep(made, before, "nodeSelector")
    if "nodeAffinity" not in part(before, "affinity"):
        kept = without(part(made, "affinity"), "nodeAffinity")
        made["affinity"] = kept
        if not kept and "affinity" not in before:
            made.pop("affinity")


def status_updated(new: Document, old: Document) -> list[FieldError]:
    """Check a changed status: finished containers of a pod that does not restart stay finished."""
    found = metadata.updated(new, old)
    after, before = part(new, "status"), part(old, "status")
    nominated = after.get("nominatedNodeName")
    if nominated:
        found += named("status.nominatedNodeName", nominated, names.dns_subdomain)
    policy = part(old, "spec").get("restartPolicy")
    for key in ("containerStatuses", "initContainerStatuses"):
        if policy in ("Never", "OnFailure"):
            found += _still_ended(f"status.{key}", items(after, key), items(before, key), policy)
    return found


def _still_ended(path: str, after: list[Document], before: list[Document], policy: str) -> list[FieldError]:
    ended = {}
    for status in before:
        terminated = part(status, "state").get("terminated")
        if terminated is not None and (policy == "Never" or terminated.get("exitCode", 0) == 0):
            ended[status.get("name")] = status
    return [
        forbidden(f"{where}.state", "may not be transitioned to non-terminated state")
        for where, status in indexed(path, after)
        if status.get("name") in ended and "terminated" not in part(status, "state")
    ]
