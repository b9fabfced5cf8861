"""The events of an object, at the end of its description.

In: Event documents. Out: a table, the longest ago first.
"""

from collections.abc import Sequence

from moorage.api.refs import Document
from moorage.cli.output.describe.sheet import Around, Sheet

_HEADS = ("Type", "Reason", "Age", "From", "Message")
_DASHES = ("----", "------", "----", "----", "-------")


def write(sheet: Sheet, events: Sequence[Document], around: Around) -> None:
    """Add the table, or `<none>`."""
    if not events:
        sheet.field("Events", "<none>")
        return
    sheet.line("Events:")
    ordered = sorted(events, key=lambda event: event.get("lastTimestamp") or "")
    for cells in (_HEADS, _DASHES, *(_row(event, around) for event in ordered)):
        sheet.line("\t".join(cells), 1)


def _row(event: Document, around: Around) -> tuple[str, ...]:
    source = (event.get("source") or {}).get("component") or event.get("reportingComponent", "")
    message = str(event.get("message", "")).strip()
    return event.get("type", ""), event.get("reason", ""), interval(event, around), source, message


def interval(event: Document, around: Around) -> str:
    """Return when an event happened: `5s`, or `2s (x3 over 5m)` for a repeated one."""
    first = around.since(event.get("eventTime") or event.get("firstTimestamp"))
    series = event.get("series")
    if series:
        return f"{around.since(series.get('lastObservedTime'))} (x{series.get('count', 0)} over {first})"
    if event.get("count", 0) > 1:
        return f"{around.since(event.get('lastTimestamp'))} (x{event['count']} over {first})"
    return first
