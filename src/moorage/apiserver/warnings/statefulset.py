"""Warnings about StatefulSets.

In: defaulted documents. Out: sentences. Upstream's are those about its template; ours say ahead of time what upstream leaves
to failing pods: names that make a label too long (docs/deviations.md).
"""

from moorage.api import meta, names
from moorage.api.refs import Document
from moorage.apiserver.documents import part
from moorage.apiserver.warnings import podspec

_HASH_LENGTH = 10
"""Longest hash of a revision name (fact sheet statefulset.md 1.4)."""
_REVISION_LABEL = "controller-revision-hash"
_NAME_LABEL = "statefulset.kubernetes.io/pod-name"


def of_set(new: Document, old: Document | None) -> list[str]:
    """Return warnings about a set: of its template, and on create of its name."""
    found = of_template(new, old)
    return found if old is not None else found + _long_name(new)


def of_template(new: Document, old: Document | None) -> list[str]:
    """Return upstream's own warnings."""
    before = part(old, "spec", "template") if old is not None else None
    return podspec.of_template("spec.template", part(new, "spec", "template"), before)


def _long_name(document: Document) -> list[str]:
    """Return one warning if no pod of the set, or not every one, can be created."""
    name, spec = meta.name(document), part(document, "spec")
    last = part(spec, "ordinals").get("start", 0) + max(spec.get("replicas", 1), 1) - 1
    pod, revision = f"{name}-{last}", len(name) + 1 + _HASH_LENGTH
    if len(pod) > names.LABEL_LENGTH:
        return [_sentence(f"pod {pod}", _NAME_LABEL, len(pod), names.LABEL_LENGTH - len(pod) + len(name))]
    if revision > names.LABEL_LENGTH:
        room = names.LABEL_LENGTH - 1 - _HASH_LENGTH
        return [_sentence("its pods", _REVISION_LABEL, revision, room)]
    return []


def _sentence(who: str, label: str, length: int, room: int) -> str:
    return (
        f"metadata.name: {who} cannot be created: label {label} would have {length} characters, "
        f"at most {names.LABEL_LENGTH} are allowed; use a name of at most {room} characters"
    )
