"""Names of a berth: everything that follows from (set name, ordinal, claim template).

In: text. Out: text; pure. Source: facts/statefulset.md 1.3 and 1.7, reliability ID6.
"""

from moorage.api.views.berth import POD_INDEX_LABEL, POD_NAME_LABEL


def pod_name(set_name: str, ordinal: int) -> str:
    """Return the name of the pod with `ordinal`."""
    return f"{set_name}-{ordinal}"


def claim_name(template: str, pod: str) -> str:
    """Return the claim's name for a claim template and a pod name (`data` and `web-1` → `data-web-1`)."""
    return f"{template}-{pod}"


def claim_stem(template: str, set_name: str) -> str:
    """Return what all claims of one template of a set have in common (`data-web`)."""
    return f"{template}-{set_name}"


def own_labels(set_name: str, ordinal: int) -> dict[str, str]:
    """Return the labels that name the berth."""
    return {POD_NAME_LABEL: pod_name(set_name, ordinal), POD_INDEX_LABEL: str(ordinal)}
