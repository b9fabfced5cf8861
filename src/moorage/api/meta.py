"""Reading metadata of documents, and the few changes to it that many rooms need.

In: documents. Out: values; a function that changes says so and changes only the document it was given, which must be
the caller's own.
"""

import datetime
from collections.abc import Mapping
from typing import Any

from moorage.api import times
from moorage.api.refs import Document

Metadata = Mapping[str, Any]


def metadata(document: Mapping[str, Any]) -> Metadata:
    """Return the metadata, empty if there is none."""
    found: Metadata = document.get("metadata") or {}
    return found


def own_metadata(document: Document) -> dict[str, Any]:
    """Return the metadata for changing; added if there is none."""
    found = document.get("metadata")
    if not isinstance(found, dict):
        found = document["metadata"] = {}
    return found


def _text(document: Mapping[str, Any], key: str) -> str:
    return metadata(document).get(key) or ""


def name(document: Mapping[str, Any]) -> str:
    """Return metadata.name, "" if unset."""
    return _text(document, "name")


def namespace(document: Mapping[str, Any]) -> str:
    """Return metadata.namespace, "" if cluster-scoped or unset."""
    return _text(document, "namespace")


def uid(document: Mapping[str, Any]) -> str:
    """Return metadata.uid, "" if unset."""
    return _text(document, "uid")


def resource_version(document: Mapping[str, Any]) -> str:
    """Return metadata.resourceVersion, "" if unset."""
    return _text(document, "resourceVersion")


def generate_name(document: Mapping[str, Any]) -> str:
    """Return metadata.generateName, "" if unset."""
    return _text(document, "generateName")


def labels(document: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the labels, empty if there are none."""
    return metadata(document).get("labels") or {}


def annotations(document: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the annotations, empty if there are none."""
    return metadata(document).get("annotations") or {}


def finalizers(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the finalizers in order."""
    return tuple(metadata(document).get("finalizers") or ())


def generation(document: Mapping[str, Any]) -> int:
    """Return metadata.generation, 0 if unset."""
    return metadata(document).get("generation") or 0


def observed_generation(document: Mapping[str, Any]) -> int:
    """Return status.observedGeneration, 0 if unset."""
    return (document.get("status") or {}).get("observedGeneration") or 0


def creation_time(document: Mapping[str, Any]) -> datetime.datetime | None:
    """Return metadata.creationTimestamp, None if unset."""
    return _moment(document, "creationTimestamp")


def deletion_time(document: Mapping[str, Any]) -> datetime.datetime | None:
    """Return metadata.deletionTimestamp, None if the object is not being deleted."""
    return _moment(document, "deletionTimestamp")


def deletion_request_time(document: Mapping[str, Any]) -> datetime.datetime | None:
    """Return when the deletion was asked for: the deletionTimestamp says when its grace period ends. None if it was not."""
    end = deletion_time(document)
    return end - datetime.timedelta(seconds=deletion_grace_seconds(document) or 0) if end else None


def is_deleting(document: Mapping[str, Any]) -> bool:
    """Return whether the object has a deletionTimestamp."""
    return bool(metadata(document).get("deletionTimestamp"))


def deletion_grace_seconds(document: Mapping[str, Any]) -> int | None:
    """Return metadata.deletionGracePeriodSeconds, None if unset."""
    grace: int | None = metadata(document).get("deletionGracePeriodSeconds")
    return grace


def set_label(document: Document, key: str, value: str) -> None:
    """Set one label, in place."""
    own = own_metadata(document)
    own["labels"] = {**(own.get("labels") or {}), key: value}


def set_annotation(document: Document, key: str, value: str) -> None:
    """Set one annotation, in place."""
    own = own_metadata(document)
    own["annotations"] = {**(own.get("annotations") or {}), key: value}


def with_finalizers(document: Document, wanted: tuple[str, ...]) -> Document:
    """Return a document with these finalizers, the given one unchanged."""
    kept = {key: value for key, value in metadata(document).items() if key != "finalizers"}
    if wanted:
        kept["finalizers"] = list(wanted)
    return {**document, "metadata": kept}


def _moment(document: Mapping[str, Any], key: str) -> datetime.datetime | None:
    text = _text(document, key)
    return times.parse_time(text) if text else None
