"""Why an object is not further: its state and culprit in one line, then evidence and way out; on request every plan.

In: `Explanation` documents (`moorage.why`). Out: text, one block an object.
"""

from collections.abc import Iterator, Sequence

from moorage.api.refs import Document
from moorage.cli.output import tabs
from moorage.cli.output.describe.sheet import Around, Sheet

NOTHING = "nothing is held back"
SHOWN_GATES = 3
"""Gates told in full; the others are named in one line."""


def explained(found: Document, around: Around) -> str:
    """Return what holds an object back.

    Args:
        found: its explanation.
        around: the present.
    """
    subject, gates = found["subject"], found["gates"]
    name = f"{subject['kind']} {subject['name']}"
    if not gates:
        return f"{name}: {NOTHING}"
    blocks = [
        _block(f"{name} is {found['state'].lower()}: " if first else "", gate, around) for first, gate in _told(gates)
    ]
    more = gates[SHOWN_GATES:]
    if more:
        blocks.append("also: " + ", ".join(f"{gate['gate']} ({_culprit(gate)})" for gate in more))
    return "\n".join(blocks)


def section(found: Document, around: Around) -> str:
    """Return the same as a section at the end of a description."""
    return "Why:\n" + "".join(f"  {line}\n" for line in explained(found, around).splitlines())


def in_one_line(found: Document, around: Around, *, everywhere: bool = False) -> str:
    """Return the state of an object and what it waits for first; `everywhere`: with its namespace."""
    subject, gates = found["subject"], found["gates"]
    name = (
        f"{subject['kind']} {subject['namespace']}/{subject['name']}"
        if everywhere
        else f"{subject['kind']} {subject['name']}"
    )
    if not gates:
        return f"{name}: {NOTHING}"
    return f"{name} is {found['state'].lower()}: {_head(gates[0], around)}"


def _told(gates: Sequence[Document]) -> Iterator[tuple[bool, Document]]:
    return ((index == 0, gate) for index, gate in enumerate(gates[:SHOWN_GATES]))


def _culprit(gate: Document) -> str:
    return f"{gate['culprit']['kind']} {gate['culprit']['name']}"


def _block(start: str, gate: Document, around: Around) -> str:
    """Return one gate: culprit and gate first, then what was seen and what to do."""
    sheet = Sheet()
    sheet.line(f"{start}{_head(gate, around)}")
    sheet.several("saw", [gate.get("evidence", ""), *(gate.get("details") or ())], 1)
    for name, value in (("holds", _holds(gate)), ("opens", gate.get("opens")), ("do", gate.get("command"))):
        if value:
            sheet.field(name, value, 1)
    return sheet.aligned().rstrip("\n")


def _head(gate: Document, around: Around) -> str:
    since = f", for {around.since(gate['since'])}" if gate.get("since") else ""
    return f"{gate['gate']}, {_culprit(gate)}{since}"


def _holds(gate: Document) -> str:
    """Return what waits: the step a controller holds back, and the way from there to the culprit."""
    through = ", ".join(gate.get("through") or ())
    chain = " <- ".join([*(gate.get("path") or ()), _culprit(gate)]) if len(gate.get("path") or ()) > 1 else ""
    held = " ".join(part for part in (gate.get("holds"), f"({through})" if through else "") if part)
    return ": ".join(part for part in (held, chain) if part)


def story(found: Document, around: Around) -> str:
    """Return every remembered plan of an explanation, oldest first: when, by whom, what it did, what held it back."""
    entries = found.get("plans") or ()
    if not entries:
        return f"{found['subject']['kind']} {found['subject']['name']}: no plan is remembered"
    lines = ["AGE\tCONTROLLER\tTIMES\tPLAN"]
    for entry in entries:
        head = f"{around.since(entry['last'])}\t{entry['controller']}\t{entry['times']}"
        for index, text in enumerate(_plan(entry) or ["-"]):
            lines.append(f"{head}\t{text}" if index == 0 else f"\t\t\t{text}")
    return tabs.align("\n".join(lines))


def _plan(entry: Document) -> list[str]:
    held = [f"held by {gate['name']}: {gate['holds']}" for gate in entry.get("gates") or ()]
    failed = [f"failed: {entry['error']}"] if entry.get("error") else []
    return [*(entry.get("actions") or ()), *failed, *held]
