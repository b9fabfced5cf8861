"""A Namespace in detail.

In: Namespace document. Out: lines. Layout: kubectl 1.32 describe namespace, for a server without quotas and limit ranges.
"""

from moorage.api.refs import Document
from moorage.cli.output.describe.sheet import Around, Sheet


def write(sheet: Sheet, namespace: Document, _around: Around) -> None:
    """Fill the page."""
    status = namespace.get("status") or {}
    sheet.head(namespace, namespaced=False)
    sheet.field("Status", status.get("phase", ""))
    if status.get("conditions"):
        sheet.line("Conditions:\n  Type\tStatus\tLastTransitionTime\tReason\tMessage")
