"""What files a ConfigMap, a Secret or the downward API becomes.

In: the volume's source, the object. Out: `Payload`. Pure. Raises `Missing` for a key or object that must be there.
"""

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from moorage.api.refs import Document
from moorage.nodeagent.fields import PodFacts, pod_field, resource_field
from moorage.nodeagent.podspec import Pod
from moorage.nodeagent.volumes.atomicwriter import File, Payload

DEFAULT_MODE = 0o644
Source = Mapping[str, Any]
_TEXTS = {
    "configmaps": ('configmap "{name}" not found', "configmap references non-existent config key: {key}"),
    "secrets": ('secret "{name}" not found', "references non-existent secret key: {key}"),
}


class Missing(Exception):
    """Something a volume refers to does not exist; the text is the kubelet's."""


def of_object(plural: str, source: Source, document: Document | None, mode: int) -> Payload:
    """Return the files of a ConfigMap or Secret.

    Args:
        plural: `configmaps` or `secrets`.
        source: the volume source: `name` or `secretName`, `items`, `optional`.
        document: the object, None where there is none.
        mode: of files without one of their own.
    """
    no_object, no_key = _TEXTS[plural]
    optional = bool(source.get("optional"))
    if document is None:
        if optional:
            return {}
        raise Missing(no_object.format(name=source.get("secretName") or source.get("name")))
    contents = _contents(plural, document)
    items = source.get("items")
    if not items:
        return {key: File(content, mode) for key, content in contents.items()}
    payload = {}
    for item in items:
        if item["key"] in contents:
            payload[item["path"]] = File(contents[item["key"]], _mode(item, mode))
        elif not optional:
            raise Missing(no_key.format(key=item["key"]))
    return payload


def _contents(plural: str, document: Document) -> dict[str, bytes]:
    binary = document.get("binaryData") if plural == "configmaps" else document.get("data")
    contents = {key: base64.b64decode(value) for key, value in (binary or {}).items()}
    if plural == "configmaps":
        contents |= {key: value.encode() for key, value in (document.get("data") or {}).items()}
    return contents


def of_downward(pod: Pod, items: Iterable[Source], facts: PodFacts, mode: int) -> Payload:
    """Return the files of a downward API source."""
    payload = {}
    for item in items:
        if "fieldRef" in item:
            text = pod_field(pod, item["fieldRef"]["fieldPath"], facts)
        else:
            reference = item["resourceFieldRef"]
            container = pod.container(reference.get("containerName") or "")
            if container is None:
                raise Missing(f"unable to find container with name {reference.get('containerName')}")
            text = resource_field(container, reference, facts)
        payload[item["path"]] = File(text.encode(), _mode(item, mode))
    return payload


def _mode(item: Source, mode: int) -> int:
    own = item.get("mode")
    return mode if own is None else int(own)
