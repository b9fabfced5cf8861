"""The new replica set: made where the template is new, kept up to date where it is there; old ones beyond the limit.

In: `Situation`. Out: writes. Source: getNewReplicaSet and cleanupDeployment of sync.go (1.32).
"""

from typing import Any

from moorage.api import meta, owners, templatehash
from moorage.api.refs import Document, ObjectKey
from moorage.api.scheme import DEPLOYMENTS, REPLICASETS
from moorage.base.errors import ApiError, MoorageError
from moorage.controllers.deployment import annotations, conditions, resize, rollout, status, templates
from moorage.controllers.deployment.situation import NEVER, Situation, size
from moorage.controllers.deployment.snapshot import age
from moorage.informer.cache import Cached
from moorage.reconcile.actions import Create, Delete, Emit, Update
from moorage.reconcile.plan import Plan

_MAX_NAME = 253
"""Longest name of an object, characters."""


def kept_up(situation: Situation) -> Update | None:
    """Return the write that brings annotations and minReadySeconds of the new replica set up to date."""
    new = situation.new
    if new is None:
        return None
    wanted = annotations.renewed(situation.document, new, annotations.next_revision(situation.old))
    seconds = situation.owner.view.spec.min_ready_seconds
    if wanted == meta.annotations(new.document) and seconds == new.view.spec.min_ready_seconds:
        return None
    spec = {key: value for key, value in new.document["spec"].items() if key != "minReadySeconds"}
    if seconds:
        spec["minReadySeconds"] = seconds
    return Update(REPLICASETS, resize.annotated({**new.document, "spec": spec}, wanted))


def creation(situation: Situation, draft: status.Draft) -> Plan:
    """Return the plan that makes the new replica set; where its name is taken, the next one is tried."""
    collisions = situation.owner.view.status.collision_count
    suffix = templatehash.hash_of(situation.owner.view.spec.template, collisions)
    name = f"{situation.name[: _MAX_NAME - len(suffix) - 1]}-{suffix}"
    key = ObjectKey(situation.owner.key.namespace, name)
    if any(one.key == key for one in (*situation.snapshot.sets, *situation.snapshot.namesakes)):
        return Plan(status=draft.collided().write())
    document = _document(situation, name, suffix)
    replicas = document["spec"]["replicas"]
    event = resize.told(situation, f"Scaled up replica set {name} from 0 to {replicas}") if replicas else None
    sentence = f'Failed to create new replica set "{name}": '
    failure = Emit(situation.document, "Warning", conditions.CREATE_ERROR, f"{sentence}{{error}}")
    done = draft.at_revision(document["metadata"]["annotations"][annotations.REVISION])
    if situation.deadline is not None:
        done = done.progressing("True", conditions.CREATED, f'Created new replica set "{name}"')
    return Plan(
        steps=(Create(REPLICASETS, document, on_success=event, on_failure=failure),),
        status=done.write(),
        status_if_failed=lambda error: _failed(situation, draft, sentence, error),
    )


def cleanup(situation: Situation) -> tuple[Delete, ...]:
    """Return deletions of the oldest replica sets beyond the limit; one that still has or wants pods is left out."""
    limit = situation.owner.view.spec.revision_history_limit
    if limit is None or limit == NEVER:
        return ()
    there = [one for one in situation.old if not one.view.metadata.deleting]
    excess = sorted(there, key=_by_revision)[: max(0, len(there) - limit)]
    return tuple(Delete(REPLICASETS, one.key, one.view.metadata.uid) for one in excess if _is_spent(one))


def _failed(situation: Situation, draft: status.Draft, sentence: str, error: MoorageError) -> Update | None:
    """Return the status after a failure; AlreadyExists is none, the cache was only behind."""
    taken = isinstance(error, ApiError) and error.reason == "AlreadyExists"
    if situation.deadline is not None and not taken:
        draft = draft.progressing("False", conditions.CREATE_ERROR, f"{sentence}{error}")
    return draft.write()


def _document(situation: Situation, name: str, suffix: str) -> Document:
    """Return a new replica set: the template and the selector, both with the hash."""
    owner, spec = situation.document, situation.document["spec"]
    mark = {templates.HASH_LABEL: suffix}
    template = spec["template"]
    labels = {**meta.labels(template), **mark}
    notes = annotations.copied(owner, {})
    notes[annotations.REVISION] = str(annotations.next_revision(situation.old))
    notes |= annotations.numbers(situation.wanted, situation.surge)
    selector = spec.get("selector") or {}
    made: Document = {
        "replicas": rollout.room_for_new(situation),
        "selector": {**selector, "matchLabels": {**(selector.get("matchLabels") or {}), **mark}},
        "template": {**template, "metadata": {**(template.get("metadata") or {}), "labels": labels}},
    }
    if spec.get("minReadySeconds"):
        made["minReadySeconds"] = spec["minReadySeconds"]
    metadata = {
        "name": name,
        "namespace": situation.owner.key.namespace,
        "labels": labels,
        "annotations": notes,
        "ownerReferences": [owners.controller_reference(owner, DEPLOYMENTS)],
    }
    return {"apiVersion": REPLICASETS.api_version, "kind": REPLICASETS.kind, "metadata": metadata, "spec": made}


def _by_revision(one: Cached[Any]) -> tuple[int, tuple[str, str]]:
    return annotations.revision_of(one), age(one)


def _is_spent(one: Cached[Any]) -> bool:
    observed = one.view.status.observed_generation >= one.view.metadata.generation
    return observed and size(one) == 0 and one.view.status.replicas == 0
