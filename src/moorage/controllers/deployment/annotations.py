"""What a Deployment notes on its replica sets: revision, earlier revisions, the numbers it was scaled for.

In: annotations. Out: annotations. Source: deploymentutil SetNewReplicaSetAnnotations (1.32).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from moorage.api import meta
from moorage.informer.cache import Cached

REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MAXIMUM = "deployment.kubernetes.io/max-replicas"
NOT_COPIED = frozenset(
    (
        "kubectl.kubernetes.io/last-applied-configuration",
        REVISION,
        HISTORY,
        DESIRED,
        MAXIMUM,
        "deprecated.deployment.rollback.to",
    )
)
_MAX_HISTORY = 2000
"""Longest list of earlier revisions, characters."""
_MAX_NUMBER = 2**31 - 1


def revision_of(one: Cached[Any]) -> int:
    """Return the revision of a replica set, 0 where none is noted or it is no number."""
    text = meta.annotations(one.document).get(REVISION, "")
    return int(text) if text.isascii() and text.isdecimal() else 0


def next_revision(old: Iterable[Cached[Any]]) -> int:
    """Return the revision of what comes after the old replica sets."""
    return max(map(revision_of, old), default=0) + 1


def noted(one: Cached[Any], key: str) -> int | None:
    """Return a number noted on a replica set, None where there is none that makes sense."""
    text = meta.annotations(one.document).get(key, "")
    number = int(text) if text.isascii() and text.isdecimal() else None
    return number if number is not None and number <= _MAX_NUMBER else None


def numbers(wanted: int, surge: int) -> dict[str, str]:
    """Return the notes of a scaling: proportions are worked out from them later."""
    return {DESIRED: str(wanted), MAXIMUM: str(wanted + surge)}


def copied(owner: Mapping[str, Any], present: Mapping[str, str]) -> dict[str, str]:
    """Return annotations with those of the Deployment that its replica sets carry too."""
    own = meta.annotations(owner)
    return {**present, **{key: value for key, value in own.items() if key not in NOT_COPIED}}


def renewed(owner: Mapping[str, Any], new: Cached[Any], revision: int) -> dict[str, str]:
    """Return the annotations of the new replica set once it stands for `revision`; going back to it keeps its history."""
    present = meta.annotations(new.document)
    made, before = copied(owner, present), present.get(REVISION)
    if (before and not before.isdecimal()) or revision_of(new) >= revision:
        return made
    made[REVISION] = str(revision)
    if before is not None:
        made[HISTORY] = _history(present.get(HISTORY, ""), before)
    return made


def _history(past: str, before: str) -> str:
    """Return the list of earlier revisions with one more; the oldest go where it grows too long."""
    entries = [*past.split(","), before] if past else [before]
    while len(entries) > 1 and len(",".join(entries)) > _MAX_HISTORY:
        entries.pop(0)
    return ",".join(entries)
