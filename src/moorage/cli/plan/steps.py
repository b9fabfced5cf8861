"""What happened in the copy, told as steps: pods and claims that come, go, start and grow.

In: the history of a played change, the objects before it. Out: `Step`s in order. Pure.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from moorage.api import meta, owners
from moorage.api.refs import Document
from moorage.sim.podreport import says_ready
from moorage.sim.recording import StateChange

_REVISION = "controller-revision-hash"
_ORDINAL = "apps.kubernetes.io/pod-index"


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Args:
        at: virtual seconds since the change.
        verb: `create`, `ready`, `delete`, `gone`, `grow` or `grown`.
        kind: of the object.
        namespace: of the object.
        name: of the object.
        detail: why, or to what.
    """

    at: float
    verb: str
    kind: str
    namespace: str
    name: str
    detail: str = ""

    def document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {**asdict(self), "at": round(self.at, 3)}


def told(changes: Iterable[StateChange], before: Iterable[Document], begin: float) -> list[Step]:
    """Return the steps.

    Args:
        changes: of the copy, in order.
        before: the objects before them.
        begin: virtual instant of the change.
    """
    history = list(changes)
    sets = _Sets(before, history)
    found = []
    for change in history:
        tell = _TELLERS.get(change.resource)
        verb, detail = tell(change, sets) if tell else ("", "")
        if verb:
            document = change.document
            place = (document["kind"], meta.namespace(document), meta.name(document))
            found.append(Step(change.instant - begin, verb, *place, detail))
    return found


class _Sets:
    """StatefulSets as they were and became.

    Args:
        before: the objects at the start.
        history: what was written.
    """

    def __init__(self, before: Iterable[Document], history: Sequence[StateChange]) -> None:
        self._forms: dict[str, list[tuple[int, Document]]] = {}
        for one in before:
            if one["kind"] == "StatefulSet":
                self._forms[meta.uid(one)] = [(0, one)]
        for change in history:
            if change.resource == "statefulsets" and change.after:
                self._forms.setdefault(meta.uid(change.after), []).append((change.revision, change.after))

    def next_form(self, uid: str, revision: int) -> Document | None:
        """Return a set as it was next written after a revision: a controller acts first and then says so in the status."""
        forms = self._forms.get(uid, ())
        later = (form for written, form in forms if written > revision)
        return next(later, forms[-1][1] if forms else None)


def _pod(change: StateChange, sets: _Sets) -> tuple[str, str]:
    before, after = change.before, change.after
    if after is None:
        return "gone", ""
    if before is None:
        revision = meta.labels(after).get(_REVISION, "")
        return "create", f"revision {revision}" if revision else ""
    if meta.is_deleting(after) and not meta.is_deleting(before):
        return "delete", _why(after, sets, change.revision)
    if says_ready(after) and not says_ready(before) and not meta.is_deleting(after):
        return "ready", ""
    return "", ""


def _why(pod: Document, sets: _Sets, revision: int) -> str:
    """Return why a pod is deleted, where its set tells."""
    owner = owners.controller_of(pod)
    found = sets.next_form(owner["uid"], revision) if owner else None
    if found is None:
        return ""
    spec, labels = found["spec"], meta.labels(pod)
    start = (spec.get("ordinals") or {}).get("start", 0)
    ordinal = int(labels.get(_ORDINAL, start))
    if meta.is_deleting(found) or not start <= ordinal < start + spec.get("replicas", 1):
        return "one too many"
    newest = (found.get("status") or {}).get("updateRevision", "")
    return f"for revision {newest}" if newest and labels.get(_REVISION) != newest else "replaced"


def _claim(change: StateChange, _sets: _Sets) -> tuple[str, str]:
    before, after = change.before, change.after
    if after is None:
        return "gone", ""
    if before is None:
        return "create", f"{_asked(after)}"
    if meta.is_deleting(after) and not meta.is_deleting(before):
        return "delete", ""
    if _asked(before) != _asked(after):
        return "grow", f"{_asked(before)} -> {_asked(after)}"
    old, new = _capacity(before), _capacity(after)
    return ("grown", new) if old and old != new else ("", "")


def _asked(claim: Document) -> str:
    return str((((claim.get("spec") or {}).get("resources") or {}).get("requests") or {}).get("storage", ""))


def _capacity(claim: Document) -> str:
    return str(((claim.get("status") or {}).get("capacity") or {}).get("storage", ""))


def _replica_set(change: StateChange, _sets: _Sets) -> tuple[str, str]:
    if change.before is None:
        return "create", ""
    return ("gone", "") if change.after is None else ("", "")


Teller = Callable[[StateChange, _Sets], tuple[str, str]]
_TELLERS: dict[str, Teller] = {"pods": _pod, "persistentvolumeclaims": _claim, "replicasets": _replica_set}


def names(steps: Sequence[Step], kind: str, verb: str) -> list[str]:
    """Return the names of the objects of a kind that a verb happens to, each once."""
    return list(dict.fromkeys(step.name for step in steps if (step.kind, step.verb) == (kind, verb)))
