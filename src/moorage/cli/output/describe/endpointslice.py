"""An EndpointSlice in detail.

In: EndpointSlice document. Out: lines. Layout: kubectl 1.32 describe endpointslice.
"""

from moorage.api.refs import Document
from moorage.cli.output.describe.sheet import UNSET, Around, Sheet, shown


def write(sheet: Sheet, piece: Document, _around: Around) -> None:
    """Fill the page."""
    sheet.head(piece)
    sheet.field("AddressType", piece.get("addressType", ""))
    ports = piece.get("ports") or ()
    if ports:
        sheet.line("Ports:")
        rows = [(one.get("name") or UNSET, one.get("port") or UNSET, one.get("protocol", "")) for one in ports]
        sheet.table(("Name", "Port", "Protocol"), rows)
    else:
        sheet.field("Ports", UNSET)
    endpoints = piece.get("endpoints") or ()
    if not endpoints:
        sheet.line("Endpoints: <none>")
        return
    sheet.line("Endpoints:")
    for endpoint in endpoints:
        _endpoint(sheet, endpoint)


def _endpoint(sheet: Sheet, endpoint: Document) -> None:
    sheet.line(f"- Addresses:\t{','.join(endpoint.get('addresses') or ())}", 1)
    sheet.line("Conditions:", 2)
    ready = (endpoint.get("conditions") or {}).get("ready")
    sheet.field("Ready", UNSET if ready is None else shown(ready), 3)
    sheet.field("Hostname", endpoint.get("hostname") or UNSET, 2)
    target = endpoint.get("targetRef")
    if target:
        sheet.field("TargetRef", f"{target.get('kind', '')}/{target.get('name', '')}", 2)
    sheet.field("NodeName", endpoint.get("nodeName") or UNSET, 2)
    sheet.field("Zone", endpoint.get("zone") or UNSET, 2)
