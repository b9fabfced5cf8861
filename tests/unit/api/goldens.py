"""Recorded requests and answers of a real server, as data for tests of pure functions.

In: tests/fixtures/golden. Out: cases and steps; `{ns}` and masked times become plain values.
"""

import json
import pathlib
from collections.abc import Iterator
from typing import Any

GOLDEN = pathlib.Path(__file__).parents[2] / "fixtures" / "golden"
NAMESPACE = "golden"
_MASKS = {"<TIME>": "2026-11-22T18:55:43Z", "<MICROTIME>": "2026-11-22T18:55:43.000001Z", "{ns}": NAMESPACE}


def cases(name: str) -> Iterator[dict[str, Any]]:
    """Yield the cases of one file."""
    for line in (GOLDEN / f"{name}.jsonl").read_text().splitlines():
        for mask, value in _MASKS.items():
            line = line.replace(mask, value)
        yield json.loads(line)


def steps(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (case id, step) of every plain request of one file."""
    for case in cases(name):
        for step in case["steps"]:
            if "method" in step:
                yield case["id"], step


def body_bytes(step: dict[str, Any]) -> bytes:
    """Return the request body as sent."""
    body = step.get("body", "")
    return (body if isinstance(body, str) else json.dumps(body)).encode()
