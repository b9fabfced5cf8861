"""Why a ResourceQuota lets nothing more in.

In: a quota and the picture. Out: `Found`s. A full quota does what it is for, so it never counts as stalled.
"""

from moorage.api.quantity import Quantity
from moorage.api.quota.amounts import parsed
from moorage.api.refs import Document
from moorage.api.scheme import RESOURCEQUOTAS
from moorage.why.gate import Found, ref_of
from moorage.why.picture import Picture


def reasons(quota: Document, _picture: Picture) -> list[Found]:
    """Return which of its amounts are used up."""
    status = quota.get("status") or {}
    hard, used = parsed(status.get("hard")), parsed(status.get("used"))
    full = [name for name in sorted(hard) if used.get(name, Quantity(0)) >= hard[name]]
    if not full:
        return []
    evidence = ", ".join(f"{name}: {used.get(name, Quantity(0))}/{hard[name]}" for name in full)
    return [Found("QuotaFull", ref_of(RESOURCEQUOTAS, quota), evidence, holds="more of what it counts", mild=True)]
