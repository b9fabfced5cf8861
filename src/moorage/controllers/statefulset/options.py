"""What a set asks for beyond Kubernetes: its annotations under `moorage.dev/`, each off unless it is there.

In: the set's document. Out: `Options`, frozen; values that make no sense are listed and otherwise ignored.
Every annotation has a row in docs/deviations.md and an example in docs/statefulset.md.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from moorage.api import meta
from moorage.api.refs import Document

UNSTICK = "moorage.dev/unstick"
REVERT_AFTER = "moorage.dev/auto-revert-after"
REVERTED = "moorage.dev/reverted"
PAUSED = "moorage.dev/paused"
PAUSED_AT = "moorage.dev/paused-at"
UPDATE_ORDER = "moorage.dev/update-order"
ROLE_LABEL = "moorage.dev/role"
"""Label of a pod that tells its role, unless `role:KEY` names another."""
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"(?:\d+[smh])+")
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
        paused_at: revision by ordinal of the pods that are not at the current one, written by the controller.
        update_order: `forward`, `label:KEY`, `zone`, `role` or `role:KEY`; "" for Kubernetes' order, `reverse`.
        problems: (annotation, what is wrong with its value).
    """

    unstick: str = ""
    revert_after: float | None = None
    reverted: tuple[str, ...] = ()
    paused: bool = False
    paused_at: Mapping[int, str] = field(default_factory=dict)
    update_order: str = ""
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def mends(self) -> bool:
        """Whether pods that hold up a rollout may be replaced at once."""
        return bool(self.unstick or self.reverted)


NONE = Options()


def read(document: Document) -> Options:
    """Read a set's annotations."""
    given = meta.annotations(document)
    if not any(name.startswith("moorage.dev/") for name in given):
        return NONE
    after = given.get(REVERT_AFTER, "")
    seconds = _seconds(after)
    problems = []
    if after and not seconds:
        problems.append((REVERT_AFTER, f"{after!r} is no duration such as 5m or 1m30s"))
    unstick = given.get(UNSTICK, "")
    order = given.get(UPDATE_ORDER, "")
    if order and not _ORDER.fullmatch(order):
        problems.append((UPDATE_ORDER, f"{order!r} is none of reverse, forward, label:KEY, zone, role, role:KEY"))
    return Options(
        unstick="" if unstick == "false" else unstick,
        revert_after=seconds or None,
        reverted=_words(given, REVERTED),
        paused=_flag(given, PAUSED, problems),
        paused_at={int(one): revision for one, revision in _AHEAD.findall(given.get(PAUSED_AT, ""))},
        update_order=order if _ORDER.fullmatch(order) and order != "reverse" else "",
        problems=tuple(problems),
    )


def _flag(given: Mapping[str, str], name: str, problems: list[tuple[str, str]]) -> bool:
    """Return whether an annotation is `true`."""
    value = given.get(name, "")
    if value not in ("", "true", "false"):
        problems.append((name, f"{value!r} is neither true nor false"))
    return value == "true"


def _words(given: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(word for part in given.get(name, "").split(",") if (word := part.strip()))


def _seconds(text: str) -> float:
    """Return a duration in seconds, 0 where it is none."""
    if not _DURATION.fullmatch(text):
        return 0.0
    return sum(int(part[:-1]) * _UNITS[part[-1]] for part in re.findall(r"\d+[smh]", text))
