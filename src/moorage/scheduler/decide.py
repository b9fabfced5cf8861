"""Where a pod goes, or why nowhere.

In: `Snapshot`, and `Chance` for ties. Out: `Placement` or `Refusal`. Pure. Next: `loop`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from moorage.base.ports import Chance
from moorage.scheduler import explain
from moorage.scheduler.rules import FILTERS, SCORES
from moorage.scheduler.snapshot import NodeState, Snapshot
from moorage.scheduler.verdicts import Impossible, OnlyNodes, Rejection, hopeless
from moorage.scheduler.volumes import VolumePlan, plan


@dataclass(frozen=True, slots=True)
class Placement:
    """The node, and what has to happen to the pod's claims first."""

    node: str
    volumes: VolumePlan


@dataclass(frozen=True, slots=True)
class Refusal:
    """No node.

    Args:
        message: upstream's words.
        rules: names of the filters that said no (none: there are no nodes): only a change that concerns one of them
            is worth another try.
        nodes: what was said of each node, one line each, as far as nodes were asked.
    """

    message: str
    rules: frozenset[str]
    nodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Question:
    """What a filter asks each node."""

    rule: str
    ask: Callable[[NodeState], Rejection | None]


def decide(snapshot: Snapshot, chance: Chance) -> Placement | Refusal:
    """Return the best node for the pod; among equally good ones chance decides."""
    if not snapshot.nodes:
        return Refusal(explain.NO_NODES, frozenset())
    questions: list[_Question] = []
    for rule in FILTERS:
        verdict = rule.check(snapshot)
        if isinstance(verdict, Impossible):
            message = explain.impossible(snapshot.pod, len(snapshot.nodes), verdict.message)
            return Refusal(message, frozenset((rule.name,)))
        if isinstance(verdict, OnlyNodes):
            # Nodes that the pod does not name are not asked anything else.
            questions.insert(0, _Question(rule.name, _named(rule.name, verdict)))
            questions.append(_Question(rule.name, verdict.check))
        elif verdict is not None:
            questions.append(_Question(rule.name, verdict))
    return _choose(snapshot, questions, chance)


def _named(rule: str, verdict: OnlyNodes) -> Callable[[NodeState], Rejection | None]:
    reason = f"node(s) didn't satisfy plugin(s) [{rule}]"
    return lambda node: None if node.name in verdict.names else hopeless(reason)


def _choose(snapshot: Snapshot, questions: list[_Question], chance: Chance) -> Placement | Refusal:
    fitting: list[NodeState] = []
    rejections: list[Rejection] = []
    rules: set[str] = set()
    verdicts: list[str] = []
    for node in snapshot.nodes:
        answers = ((question.rule, question.ask(node)) for question in questions)
        found = next(((rule, answer) for rule, answer in answers if answer is not None), None)
        if found is None:
            fitting.append(node)
        else:
            rules.add(found[0])
            rejections.append(found[1])
            verdicts.append(f"{node.name}: {', '.join(found[1].reasons)}")
    if not fitting:
        return Refusal(explain.rejected(snapshot.pod, rejections), frozenset(rules), tuple(verdicts))
    best = _best(snapshot, fitting, chance)
    volumes = plan(snapshot, best)
    return Placement(best.name, volumes or VolumePlan())


def _best(snapshot: Snapshot, nodes: list[NodeState], chance: Chance) -> NodeState:
    if len(nodes) == 1:
        return nodes[0]
    totals = [0.0] * len(nodes)
    for rule in SCORES:
        scores = rule.score(snapshot, nodes)
        totals = [total + rule.weight * score for total, score in zip(totals, scores, strict=True)]
    top = max(totals)
    ties = [node for node, total in zip(nodes, totals, strict=True) if total >= top - 1e-9]
    if len(ties) == 1:
        return ties[0]
    return ties[min(int(chance.uniform(0, len(ties))), len(ties) - 1)]
