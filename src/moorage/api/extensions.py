"""Annotations under `moorage.dev/` that more than one room reads.

In: documents. Out: what they ask for. Each is opt-in and has a row in docs/deviations.md.
"""

from collections.abc import Mapping
from typing import Any

from moorage.api import meta

UPDATE_CLAIMS = "moorage.dev/update-claims"
"""On a StatefulSet, `true`: its claim templates may change where that is safe, and existing claims follow."""


def updates_claims(document: Mapping[str, Any]) -> bool:
    """Return whether a StatefulSet lets its claims follow its claim templates."""
    return meta.annotations(document).get(UPDATE_CLAIMS) == "true"
