"""The hash of a pod template, equal to upstream's: `pod-template-hash` of Deployments, revision hash of DaemonSets.

In: a template with its defaults, as the API server stores it. Out: text such as `5869d7778c`.
Upstream hashes how Go prints the template's struct, so the hash depends on the fields a version's struct has: `layout` has
those of 1.32. Source: pkg/controller ComputeHash, pkg/util/hash DeepHashObject, spew's `%#v`.
"""

from collections.abc import Mapping
from typing import Any

from moorage.api import safehash
from moorage.api.templatehash.printing import printed

_COUNT_BYTES = 8


def hash_of(template: Mapping[str, Any], collisions: int | None = None) -> str:
    """Return the hash of a pod template, at most 10 characters.

    Args:
        template: with all defaults filled in; a label the hash itself is kept in must not be there.
        collisions: `status.collisionCount` of the workload, None where it has none.
    """
    data = printed("PodTemplateSpec", template).encode()
    if collisions is not None:
        data += collisions.to_bytes(_COUNT_BYTES, "little")
    return safehash.fnv1a(data)
