"""The table of gates: documented in full, and nothing else documented."""

import re
from pathlib import Path

from moorage.why.table import GATES, Opener

DOCS = Path(__file__).parents[3] / "docs" / "gates.md"


def test_every_gate_is_documented_and_no_other() -> None:
    rows = [line.split("|")[1] for line in DOCS.read_text().splitlines() if line.startswith("| `")]
    documented = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert documented == set(GATES)


def test_what_only_a_person_opens_says_how() -> None:
    told_by_controller = {"NameTaken", "OptionInvalid"}
    silent = [
        name for name, row in GATES.items()
        if row.opener is Opener.PERSON and not row.command and name not in told_by_controller
    ]  # fmt: skip
    assert silent == []
