"""Why an object is not further: the gates of its newest plans, and on request every plan the ledger remembers.

In: entries of the ledger (`reconcile.ledger.story`). Out: text.
"""

from collections.abc import Sequence

from moorage.api.refs import Document
from moorage.cli.output import tabs
from moorage.cli.output.describe.sheet import Around, Sheet

SETTLED = "nothing is held back"


def newest(entries: Sequence[Document]) -> list[Document]:
    """Return the newest plan of each controller, by name: what held earlier ones back is over."""
    return [entry for _, entry in sorted({entry["controller"]: entry for entry in entries}.items())]


def held_back(name: str, entries: Sequence[Document], around: Around) -> str:
    """Return what holds an object back at present.

    Args:
        name: of the object, e.g. `statefulset.apps/web`.
        entries: its plans, oldest first.
        around: the present.
    """
    if not entries:
        return f"{name}: no plan is known; no controller has looked at it since the control plane started\n"
    current = newest(entries)
    stops = [part for entry in current for part in _stops(entry, around)]
    if not stops:
        last = max(entry["last"] for entry in current)
        return f"{name}: {SETTLED} (last decided {around.since(last)} ago)\n"
    return f"{name}\n\n" + "\n".join(stops)


def _stops(entry: Document, around: Around) -> list[str]:
    gates = [show_gate(gate, around) for gate in entry.get("gates") or ()]
    if not entry.get("error"):
        return gates
    sheet = Sheet()
    sheet.fields(
        (("Failed", entry["controller"]), ("Error", entry["error"]), ("Since", _since(entry["first"], around)))
    )
    return [sheet.aligned(), *gates]


def show_gate(gate: Document, around: Around) -> str:
    """Return one gate: its name, what it holds, what it waits for, what was seen, since when, what opens it."""
    culprit = gate["culprit"]
    sheet = Sheet()
    sheet.fields(
        (
            ("Gate", gate["name"]),
            ("Holds", gate["holds"]),
            ("Waits for", f"{culprit['kind']} {culprit['name']}"),
            ("Evidence", gate.get("evidence") or "<none>"),
            ("Since", _since(gate.get("since"), around)),
            ("Opens", gate.get("opens") or "<unknown>"),
        )
    )
    return sheet.aligned()


def story(entries: Sequence[Document], around: Around) -> str:
    """Return every remembered plan, oldest first: when, by whom, what it did, what held it back."""
    lines = ["AGE\tCONTROLLER\tTIMES\tPLAN"]
    for entry in entries:
        head = f"{around.since(entry['last'])}\t{entry['controller']}\t{entry['times']}"
        for index, text in enumerate(_plan(entry) or ["-"]):
            lines.append(f"{head}\t{text}" if index == 0 else f"\t\t\t{text}")
    return tabs.align("\n".join(lines)) + "\n"


def _plan(entry: Document) -> list[str]:
    held = [f"held by {gate['name']}: {gate['holds']}" for gate in entry.get("gates") or ()]
    failed = [f"failed: {entry['error']}"] if entry.get("error") else []
    return [*(entry.get("actions") or ()), *failed, *held]


def _since(moment: str | None, around: Around) -> str:
    return f"{around.since(moment)} ago ({around.moment(moment)})" if moment else "<unknown>"
