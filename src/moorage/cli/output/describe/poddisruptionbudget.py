"""A PodDisruptionBudget in detail.

In: its document. Out: lines. Layout: kubectl 1.32 describe poddisruptionbudget.
"""

from moorage.api import labels
from moorage.api.refs import Document
from moorage.cli.output.describe.sheet import Around, Sheet

_COUNTS = (
    ("Allowed disruptions", "disruptionsAllowed"),
    ("Current", "currentHealthy"),
    ("Desired", "desiredHealthy"),
    ("Total", "expectedPods"),
)


def write(sheet: Sheet, budget: Document, _around: Around) -> None:
    """Fill the page."""
    metadata, spec, status = budget["metadata"], budget["spec"], budget.get("status") or {}
    sheet.fields((("Name", metadata["name"]), ("Namespace", metadata.get("namespace", ""))))
    if "minAvailable" in spec:
        sheet.field("Min available", spec["minAvailable"])
    elif "maxUnavailable" in spec:
        sheet.field("Max unavailable", spec["maxUnavailable"])
    selector = spec.get("selector")
    sheet.field("Selector", "<unset>" if selector is None else labels.format_document(selector))
    sheet.line("Status:")
    sheet.fields(((text, status.get(name, 0)) for text, name in _COUNTS), 2)
