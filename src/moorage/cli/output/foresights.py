"""A plan as people read it: what becomes of each object, the steps, how it ends, what was assumed.

In: a `Foresight`. Out: text.
"""

from moorage.apiserver.cells import human_duration
from moorage.cli.output import gates, tabs
from moorage.cli.output.describe.sheet import Around
from moorage.cli.plan.foresight import Foresight
from moorage.cli.plan.steps import Step, names

NOTHING = "nothing would change"


def story(found: Foresight) -> str:
    """Return the whole plan."""
    parts = ["\n".join(_outcomes(found)), _table(found.steps), _end(found), *_stalls(found)]
    assumed = "\n".join(f"Assumed: {sentence}." for sentence in found.assumptions)
    return "\n\n".join(part for part in (*parts, assumed) if part)


def _outcomes(found: Foresight) -> list[str]:
    done = [f"{name} {verb}" for name, verb in found.applied]
    refused = [f"{name} refused: {sentence}" for name, sentence in found.refused]
    return [*done, *refused, *_fixed(found), *(f"Warning: {warning}" for warning in found.warnings)]


def _fixed(found: Foresight) -> list[str]:
    """Return the fields Kubernetes does not let change; a server that took them all the same was asked to."""
    if not found.fixed:
        return []
    head = "fields that cannot change:" if found.refused else "other clusters refuse to change:"
    return [head, *(f"  {name}: {line}" for name, line in found.fixed)]


def _table(steps: list[Step]) -> str:
    if not steps:
        return ""
    rows = [f"+{_seconds(step.at)}\t{step.verb}\t{step.kind}/{step.name}\t{step.detail}" for step in steps]
    aligned = tabs.align("\n".join(["AT\tSTEP\tOBJECT\tDETAIL", *rows]))
    return "\n".join(line.rstrip() for line in aligned.splitlines())


def _end(found: Foresight) -> str:
    replaced, created = names(found.steps, "Pod", "delete"), names(found.steps, "Pod", "create")
    claims = names(found.steps, "PersistentVolumeClaim", "create")
    counted = f"{_count(len(created), 'pod')} created, {len(replaced)} deleted, {_count(len(claims), 'claim')} created"
    if found.refused:
        return "It does not complete: see what is refused."
    if found.stalls:
        return f"It stalls {f'after {_seconds(found.steps[-1].at)}' if found.steps else 'at once'}: {counted}."
    return f"It completes after {_seconds(found.seconds)}: {counted}." if found.steps else f"It completes: {NOTHING}."


def _stalls(found: Foresight) -> list[str]:
    if found.ended is None:
        return []
    around = Around(found.ended)
    return [gates.explained(one, around) for one in found.stalls]


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f}s" if seconds < 10 else human_duration(round(seconds))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
