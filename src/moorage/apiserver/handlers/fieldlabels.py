"""Which field labels a kind can be selected by.

In: a strategy. Out: the names its `fields` gives for an empty object, and the two every kind has.
"""

from moorage.apiserver.strategy import Strategy


def known_labels(strategy: Strategy) -> frozenset[str]:
    """Return the field labels of a kind."""
    empty = {"kind": strategy.resource.kind, "apiVersion": strategy.resource.api_version, "metadata": {}}
    return frozenset(strategy.fields(empty)) | {"metadata.name", "metadata.namespace"}
