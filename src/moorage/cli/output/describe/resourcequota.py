"""A ResourceQuota in detail.

In: its document. Out: lines. Layout: kubectl 1.32 describe resourcequota.
"""

from moorage.api.refs import Document
from moorage.cli.output.describe.sheet import Around, Sheet

_HELP = {
    "Terminating": (
        "Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being "
        "actively terminated by the system."
    ),
    "NotTerminating": (
        "Matches all pods that do not have an active deadline. These pods usually include long running pods whose "
        "container command is not expected to terminate."
    ),
    "BestEffort": (
        "Matches all pods that do not have resource requirements set. These pods have a best effort quality of service."
    ),
    "NotBestEffort": (
        "Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed "
        "quality of service."
    ),
}


def write(sheet: Sheet, quota: Document, _around: Around) -> None:
    """Fill the page."""
    metadata, status = quota["metadata"], quota.get("status") or {}
    sheet.fields((("Name", metadata["name"]), ("Namespace", metadata.get("namespace", ""))))
    scopes = sorted(quota["spec"].get("scopes") or ())
    if scopes:
        sheet.field("Scopes", ", ".join(scopes))
    for scope in scopes:
        if scope in _HELP:
            sheet.line(f" * {_HELP[scope]}")
    hard, used = status.get("hard") or {}, status.get("used") or {}
    sheet.table(("Resource", "Used", "Hard"), ((name, used.get(name, "0"), hard[name]) for name in sorted(hard)), 0)
