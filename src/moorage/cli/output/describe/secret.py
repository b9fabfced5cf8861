"""A Secret in detail: the sizes of its values, never the values; a token is shown, as kubectl does.

In: Secret document. Out: lines. Layout: kubectl 1.32 describe secret.
"""

from base64 import b64decode

from moorage.api.refs import Document
from moorage.cli.output.describe.sheet import Around, Sheet

_TOKEN_TYPE = "kubernetes.io/service-account-token"


def write(sheet: Sheet, found: Document, _around: Around) -> None:
    """Fill the page."""
    sheet.head(found)
    sheet.line(f"\nType:\t{found.get('type', '')}\n\nData\n====")
    for key, value in sorted((found.get("data") or {}).items()):
        plain = b64decode(value)
        token = key == "token" and found.get("type") == _TOKEN_TYPE
        sheet.field(key, plain.decode(errors="replace") if token else f"{len(plain)} bytes")
