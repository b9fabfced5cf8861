"""A ConfigMap in detail.

In: ConfigMap document. Out: lines. Layout: kubectl 1.32 describe configmap.
"""

from base64 import b64decode

from moorage.api.refs import Document
from moorage.cli.output.describe.sheet import Around, Sheet


def write(sheet: Sheet, found: Document, _around: Around) -> None:
    """Fill the page."""
    sheet.head(found)
    sheet.line("\nData\n====")
    for key, value in sorted((found.get("data") or {}).items()):
        sheet.line(f"{key}:\n----\n{value}\n")
    sheet.line("\nBinaryData\n====")
    for key, value in sorted((found.get("binaryData") or {}).items()):
        sheet.line(f"{key}: {len(b64decode(value))} bytes")
    sheet.line()
