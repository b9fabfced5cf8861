"""What `wait --for` waits for.

In: the flag's text. Out: a test on documents. Rules: kubectl wait.
"""

from collections.abc import Callable

from moorage.api.refs import Document
from moorage.base.errors import UserError
from moorage.cli.output import jsonpath

Test = Callable[[Document], bool]


def test_of(text: str) -> Test | None:
    """Return the test; None for `delete`, which no document can pass. Raises: UserError."""
    if text.lower() == "delete":
        return None
    if text.startswith("condition="):
        name, _, value = text.removeprefix("condition=").partition("=")
        return lambda document: _condition(document, name.lower(), (value or "true").lower())
    if text.startswith("jsonpath="):
        return _jsonpath(text.removeprefix("jsonpath="))
    raise UserError(
        f'unrecognized condition: "{text}"; use condition=NAME[=VALUE], jsonpath={{PATH}}[=VALUE] or delete'
    )


def _condition(document: Document, name: str, value: str) -> bool:
    status = document.get("status") or {}
    generation, observed = document["metadata"].get("generation"), status.get("observedGeneration")
    if generation is not None and observed is not None and observed < generation:
        return False
    conditions = status.get("conditions") or ()
    return any(one["type"].lower() == name and str(one["status"]).lower() == value for one in conditions)


def _jsonpath(text: str) -> Test:
    path, brace, rest = text.partition("}")
    wanted = rest.removeprefix("=").strip("'\"")
    if not brace or (rest and (not rest.startswith("=") or not wanted)):
        raise UserError(f"jsonpath wait format must be --for=jsonpath='{{.status.readyReplicas}}'=3, not {text!r}")
    steps = jsonpath.path(f"{path}}}")

    def test(document: Document) -> bool:
        found = jsonpath.find(steps, document)
        return bool(found) and (not wanted or any(jsonpath.show(one) == wanted for one in found))

    return test
