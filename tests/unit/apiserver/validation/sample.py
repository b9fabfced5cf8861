"""Small documents and the texts of their errors, for tests of validators.

In: changes of a pod spec. Out: `path: message` texts as a Status shows them.
"""

from collections.abc import Iterable
from typing import Any

from moorage.api.refs import Document
from moorage.apiserver import errors
from moorage.apiserver.defaulting.pod import default_pod
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation.podspec import pod_spec


def texts(found: Iterable[FieldError]) -> list[str]:
    """Return errors as a Status shows them."""
    return [f"{one.path}: {errors.body(one)}" for one in found]


def of_spec(**fields: Any) -> list[str]:
    """Return the errors of a pod spec with one good container and these fields."""
    spec: Document = {"containers": [{"name": "c", "image": "i"}], **fields}
    default_pod(spec)
    return texts(pod_spec("spec", spec))


def of_container(**fields: Any) -> list[str]:
    """Return the errors of one container with these fields, without their common start."""
    found = of_spec(containers=[{"name": "c", "image": "i", **fields}], volumes=[{"name": "v"}, CLAIM])
    return [one.removeprefix("spec.containers[0].") for one in found]


CLAIM = {"name": "disk", "persistentVolumeClaim": {"claimName": "c"}}
