"""Images as rows of a table.

In: images of the runtime. Out: rows with heads: one a tag, by name.
"""

from collections.abc import Sequence

from moorage.nodeagent.ports import RuntimeImage

SHORT_ID = 13
_UNITS = ("B", "kB", "MB", "GB", "TB")


def rows(images: Sequence[RuntimeImage]) -> list[list[str]]:
    """Return the rows, heads first."""
    found = [
        [*split(tag), image.id.removeprefix("sha256:")[:SHORT_ID], size(image.size_bytes)]
        for image in images
        for tag in image.tags or image.digests[:1] or ("<none>",)
    ]
    return [["IMAGE", "TAG", "IMAGE ID", "SIZE"], *sorted(found)]


def split(reference: str) -> tuple[str, str]:
    """Return name and tag: `host:5000/a/b:v1` → (`host:5000/a/b`, `v1`); a digest has the tag `<none>`."""
    name, at, _ = reference.partition("@")
    if at:
        return name, "<none>"
    head, colon, tag = reference.rpartition(":")
    return (head, tag) if colon and "/" not in tag else (reference, "<none>")


def size(count: int) -> str:
    """Return bytes with three digits and a decimal unit: `4.26MB`."""
    amount, unit = float(count), 0
    while amount >= 1000 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.3g}{_UNITS[unit]}"
