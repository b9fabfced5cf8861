"""Validation of pod volumes.

In: the volumes of a pod spec. Out: errors, and the volumes that containers may mount. Rules: pkg/apis/core/validation.
"""

from typing import NamedTuple

from moorage.api import names
from moorage.api.refs import Document
from moorage.apiserver.documents import indexed
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation.errors import duplicate, forbidden, required
from moorage.apiserver.validation.values import named
from moorage.apiserver.validation.volumesources import SOURCES


class Volumes(NamedTuple):
    """Volumes of a pod.

    Args:
        usable: name → volume, of those without error; only these can be mounted.
        errors: what is wrong with the others.
    """

    usable: dict[str, Document]
    errors: list[FieldError]


def volumes(path: str, given: list[Document]) -> Volumes:
    """Check the volumes of a pod."""
    usable: dict[str, Document] = {}
    errors: list[FieldError] = []
    for where, volume in indexed(path, given):
        name = volume.get("name", "")
        found = source(where, volume)
        found += named(f"{where}.name", name, names.dns_label) if name else [required(f"{where}.name")]
        if name in usable:
            found.append(duplicate(f"{where}.name", name))
        if not found:
            usable[name] = volume
        errors += found
    return Volumes(usable, errors)


def source(path: str, volume: Document) -> list[FieldError]:
    """Check that a volume, or the spec of a PersistentVolume, has exactly one source, and that it is a good one."""
    found: list[FieldError] = []
    present = [name for name in SOURCES if name in volume]
    if not present:
        return [required(path, "must specify a volume type")]
    for index, name in enumerate(present):
        if index:
            found.append(forbidden(f"{path}.{name}", "may not specify more than 1 volume type"))
        else:
            found += SOURCES[name](f"{path}.{name}", volume[name])
    return found
