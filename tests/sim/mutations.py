"""Known-bad changes of the product, each of which the simulation must catch (the test of the tests).

In: nothing. Out: `MUTATIONS`. A change is a piece of source that must occur exactly once, what stands there instead, and the laws
of which at least one must be found broken. It is made in a copy of the package; the product has no hooks for it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutation:
    """One known-bad change.

    Args:
        name: what is wrong.
        file: under `moorage/`.
        right: source that stands there once.
        wrong: what stands there instead.
        laws: that notice.
        seed: one that showed it last time, tried before all others.
    """

    name: str
    file: str
    right: str
    wrong: str
    laws: frozenset[str]
    seed: int = 0


_SEEDS = {
    "skip the partition check": 14,
    "act on a stale cache: do not wait for the own last write": 105,
    "create the next pod before the last one is ready": 3,
    "scale down from the lowest ordinal": 6,
    "update although the strategy is OnDelete": 7,
    "go on while the set is being deleted": 59,
    "force-delete on silence": 3,
    "evict without the brake": 10,
    "delete claims whatever the policy": 2,
    "let a claim go while a pod uses it": 4,
    "evict without spending the budget": 9,
    "never look again by itself": 3,
}
"""The first seed that showed a change when it was last looked for; 0 where none is named."""


def _mutation(name: str, file: str, right: str, wrong: str, *laws: str) -> Mutation:
    return Mutation(name, file, right, wrong, frozenset(laws), _SEEDS.get(name, 0))


_SET = "controllers/statefulset"
MUTATIONS = (
    _mutation(
        "drop the uid precondition of deletions",
        "reconcile/apply.py",
        "options = DeleteOptions(action.uid, action.resource_version,",
        'options = DeleteOptions("", action.resource_version,',
        "ID4",
    ),
    _mutation(
        "skip the partition check",
        f"{_SET}/canary.py",
        "else range(spec.start + spec.partition, MAX_ORDINAL + 1)",
        "else range(spec.start, MAX_ORDINAL + 1)",
        "OR5",
    ),
    _mutation(
        "take a terminating pod for a healthy one",
        f"{_SET}/fleet.py",
        "return ready and not berth.deleting",
        "return ready",
        "OR3", "OR4", "OR6",
    ),
    _mutation(
        "act on a stale cache: do not wait for the own last write",
        "reconcile/loop.py",
        "if self._freshness.stale(key) or self._pauses(key, started):",
        "if self._pauses(key, started):",
        "OR2", "OR11",
    ),
    _mutation(
        "acknowledge before commit",
        "apiserver/writer.py",
        "return await self._put(strategy, document, value, lambda: self._store.update(key, value, old.revision))",
        "import asyncio\n"
        "            work = self._put(strategy, document, value, lambda: self._store.update(key, value, old.revision))\n"
        "            asyncio.get_running_loop().create_task(work).add_done_callback(lambda done: done.exception())\n"
        "            answered = {**document, 'metadata': {**document['metadata']}}\n"
        "            answered['metadata']['resourceVersion'] = str(self._store.revision + 1)\n"
        "            return Stored(answered, self._store.revision + 1, strategy.fields)",
        "ST2",
    ),
    _mutation(
        "create the next pod before the last one is ready",
        f"{_SET}/scale.py",
        "if situation.spec.ordered and gate:\n        return Outcome(actions, gate, stops=True)",
        "if situation.spec.ordered and gate:\n        return Outcome(actions, gate)",
        "OR1",
    ),
    _mutation(
        "scale down from the lowest ordinal",
        f"{_SET}/scale.py",
        "pod = situation.fleet.condemned[0]",
        "pod = situation.fleet.condemned[-1]",
        "OR3",
    ),
    _mutation(
        "update although the strategy is OnDelete",
        f"{_SET}/rollout.py",
        'if situation.spec.strategy == "OnDelete":\n        return Progress(',
        'if situation.spec.strategy == "Never":\n        return Progress(',
        "OR7",
    ),
    _mutation(
        "go on while the set is being deleted",
        f"{_SET}/decide.py",
        "progress = teardown.take_down(situation) if spec.deleting else _advance(situation)",
        "progress = _advance(situation)",
        "OR8",
    ),
    _mutation(
        "force-delete on silence",
        "controllers/tainteviction.py",
        "Delete(PODS, pod.key, uid)",
        "Delete(PODS, pod.key, uid, grace_seconds=0)",
        "ID2", "ND1",
    ),
    _mutation(
        "evict without the brake",
        "base/limits.py",
        "EVICTION_BRAKE = 0.55",
        "EVICTION_BRAKE = 2.0",
        "ND2",
    ),
    _mutation(
        "delete claims whatever the policy",
        f"{_SET}/claims.py",
        "if spec.when_deleted == DELETE else []",
        "",
        "VO4",
    ),
    _mutation(
        "let a claim go while a pod uses it",
        "controllers/protection.py",
        "    if snapshot.users:\n",
        "    if snapshot:\n        return Plan(_removed(PERSISTENTVOLUMECLAIMS, claim, CLAIM_FINALIZER))\n"
        "    if snapshot.users:\n",
        "VO5",
    ),
    _mutation(
        "evict without spending the budget",
        "apiserver/subresources/disruption.py",
        'left = status["disruptionsAllowed"] - 1',
        'left = status["disruptionsAllowed"]',
        "PD1",
    ),
    _mutation(
        "bind a pod that is bound already",
        "apiserver/subresources/binding.py",
        '    if node:\n        raise _conflict(name, f\'pod {name} is already',
        '    if False:\n        raise _conflict(name, f\'pod {name} is already',
        "ID7",
    ),
    _mutation(
        "never look again by itself",
        "reconcile/loop.py",
        "if plan.wake_after is not None:",
        "if False:",
        "LV1", "LV3",
    ),
)  # fmt: skip
