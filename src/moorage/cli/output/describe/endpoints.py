"""Endpoints in detail.

In: Endpoints document. Out: lines. Layout: kubectl 1.32 describe endpoints.
"""

from moorage.api.refs import Document
from moorage.cli.output.describe.sheet import NONE, UNSET, Around, Sheet


def write(sheet: Sheet, endpoints: Document, _around: Around) -> None:
    """Fill the page."""
    sheet.head(endpoints)
    sheet.line("Subsets:")
    for subset in endpoints.get("subsets") or ():
        for title, key in (("Addresses", "addresses"), ("NotReadyAddresses", "notReadyAddresses")):
            sheet.field(title, ",".join(one["ip"] for one in subset.get(key) or ()) or NONE, 1)
        if subset.get("ports"):
            sheet.line("Ports:", 1)
            rows = [(one.get("name") or UNSET, one["port"], one.get("protocol", "")) for one in subset["ports"]]
            sheet.table(("Name", "Port", "Protocol"), rows, 2)
        sheet.line()
