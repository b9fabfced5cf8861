"""What a set asks for beyond Kubernetes: its annotations under `moorage.dev/`, each off unless it is there.

In: the set's document. Out: `Options`, frozen; values that make no sense are listed and otherwise ignored.
Every annotation has a row in docs/deviations.md and an example in docs/statefulset.md.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from moorage.api import extensions, meta, removal
from moorage.api.durations import seconds_of
from moorage.api.refs import Document
from moorage.why.stalls import DEADLINE as PROGRESS_DEADLINE

UNSTICK = "moorage.dev/unstick"
REVERT_AFTER = "moorage.dev/auto-revert-after"
REVERTED = "moorage.dev/reverted"
PAUSED = "moorage.dev/paused"
CANARY = "moorage.dev/canary"
AHEAD = "moorage.dev/ahead"
RESERVED = "moorage.dev/reserved-ordinals"
ORDERED_DELETE = "moorage.dev/ordered-delete"
PRE_REMOVAL = "moorage.dev/pre-removal-hook"
HIBERNATE = "moorage.dev/hibernate"
NOBODY = -1
"""The canary of a set whose annotation names none that make sense: a slip must not start a rollout.
For the same reason a `moorage.dev/paused` that makes no sense pauses."""
MAX_NUMBERS = 10_000
"""Most ordinals one annotation may name: ranges are written out."""
UPDATE_ORDER = "moorage.dev/update-order"
ROLE_LABEL = "moorage.dev/role"
"""Label of a pod that tells its role, unless `role:KEY` names another."""
_RANGE = re.compile(r"(\d{1,10})(?:-(\d{1,10}))?")
_AHEAD = re.compile(r"(\d+)=([^,]+)")
_ORDER = re.compile(r"reverse|forward|zone|role|(?:role|label):[\w./-]+")


@dataclass(frozen=True, slots=True)
class Options:
    """What one set asks for.

    Args:
        unstick: "" for no, `true` for always, or the revision towards which outdated pods that are not ready go at once.
        revert_after: seconds a pod of a new revision may be not ready before the set goes back; None for never.
        reverted: revisions the set has gone back from: never a second time.
        paused: whether the rollout stands still.
        canary: the only ordinals that take a rollout step.
        ahead: revision by ordinal of the pods that are not at the current one, written by the controller.
        reserved: ordinals that must not be used.
        asleep: whether the set has no pods for now.
        pre_removal: the hook before a pod goes for good; None for none, empty where it makes no sense.
        ordered_delete: whether its pods go in reverse order when it is deleted.
        update_order: `forward`, `label:KEY`, `zone`, `role` or `role:KEY`; "" for Kubernetes' order, `reverse`.
        update_claims: existing claims follow the claim templates.
        problems: (annotation, what is wrong with its value).
    """

    unstick: str = ""
    revert_after: float | None = None
    reverted: tuple[str, ...] = ()
    paused: bool = False
    canary: frozenset[int] = frozenset()
    reserved: frozenset[int] = frozenset()
    asleep: bool = False
    ordered_delete: bool = False
    pre_removal: Document | None = None
    ahead: Mapping[int, str] = field(default_factory=dict)
    update_order: str = ""
    update_claims: bool = False
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def mends(self) -> bool:
        """Whether pods that hold up a rollout may be replaced at once."""
        return bool(self.unstick or self.reverted)

    @property
    def holds(self) -> bool:
        """Whether pods wait for their update because the set asks for it."""
        return self.paused or bool(self.canary)


NONE = Options()


def read(document: Document) -> Options:
    """Read a set's annotations."""
    given = meta.annotations(document)
    if not any(name.startswith("moorage.dev/") for name in given):
        return NONE
    problems = [
        (name, f"{given[name]!r} is no duration such as 5m or 1m30s")
        for name in (REVERT_AFTER, PROGRESS_DEADLINE)
        if given.get(name) and seconds_of(given[name]) is None
    ]
    unstick = given.get(UNSTICK, "")
    order = given.get(UPDATE_ORDER, "")
    if order and not _ORDER.fullmatch(order):
        problems.append((UPDATE_ORDER, f"{order!r} is none of reverse, forward, label:KEY, zone, role, role:KEY"))
    return Options(
        unstick="" if unstick == "false" else unstick,
        revert_after=seconds_of(given.get(REVERT_AFTER, "")),
        reverted=_words(given, REVERTED),
        paused=_flag(given, PAUSED, problems) or given.get(PAUSED, "") not in ("", "true", "false"),
        canary=_numbers(given, CANARY, problems) or (frozenset((NOBODY,)) if given.get(CANARY) else frozenset()),
        reserved=_numbers(given, RESERVED, problems),
        asleep=_flag(given, HIBERNATE, problems),
        pre_removal=_hook(given, problems),
        ordered_delete=_flag(given, ORDERED_DELETE, problems),
        ahead={int(one): revision for one, revision in _AHEAD.findall(given.get(AHEAD, ""))},
        update_order=order if _ORDER.fullmatch(order) and order != "reverse" else "",
        update_claims=_flag(given, extensions.UPDATE_CLAIMS, problems),
        problems=tuple(problems),
    )


def _hook(given: Mapping[str, str], problems: list[tuple[str, str]]) -> Document | None:
    """Return the pre-removal hook: an empty one, which never succeeds, rather than none because of a slip."""
    if not given.get(PRE_REMOVAL):
        return None
    try:
        return removal.parse_hook(given[PRE_REMOVAL])
    except removal.BadHook as problem:
        problems.append((PRE_REMOVAL, f"it {problem}"))
        return {}


def _numbers(given: Mapping[str, str], name: str, problems: list[tuple[str, str]]) -> frozenset[int]:
    """Return the ordinals an annotation lists, `1,4-6`; words that make no sense are left out."""
    found: set[int] = set()
    for word in _words(given, name):
        match = _RANGE.fullmatch(word)
        low, high = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if high < low or high - low + len(found) >= MAX_NUMBERS:
            problems.append((name, f"{word!r} is no ordinal such as 1, nor a range such as 4-6"))
            low, high = 1, 0
        found.update(range(low, high + 1))
    return frozenset(found)


def _flag(given: Mapping[str, str], name: str, problems: list[tuple[str, str]]) -> bool:
    """Return whether an annotation is `true`."""
    value = given.get(name, "")
    if value not in ("", "true", "false"):
        problems.append((name, f"{value!r} is neither true nor false"))
    return value == "true"


def _words(given: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(word for part in given.get(name, "").split(",") if (word := part.strip()))
