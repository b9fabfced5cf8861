"""What a list of sightings proves: order of creation, readiness and removal. Pure.

In: `Sighting`s in the order they came. Out: places in that list, and sentences about them.
"""

import itertools
from collections.abc import Sequence

from moorage.api import conditions
from moorage.api.refs import Document
from moorage.cli.demo.watcher import Sighting

NEVER = 10**9
"""Place of what did not happen."""


def ready(pod: Document) -> bool:
    """Return whether a pod is Ready and stays."""
    return "deletionTimestamp" not in pod["metadata"] and conditions.is_true(pod, "Ready")


def address(pod: Document) -> str:
    """Return a pod's IP, "" for none."""
    return str(pod.get("status", {}).get("podIP", ""))


def created(sightings: Sequence[Sighting], name: str, since: int = 0) -> int:
    """Return the place of a pod's creation."""
    return _place(sightings, since, [one.name == name and one.kind == "ADDED" for one in sightings])


def became_ready(sightings: Sequence[Sighting], name: str, since: int = 0) -> int:
    """Return the place where a pod was first seen Ready."""
    return _place(
        sightings, since, [one.name == name and one.kind != "DELETED" and ready(one.object) for one in sightings]
    )


def marked(sightings: Sequence[Sighting], name: str, since: int = 0) -> int:
    """Return the place where a pod's end began."""
    ending = ["deletionTimestamp" in one.object["metadata"] or one.kind == "DELETED" for one in sightings]
    return _place(sightings, since, [one.name == name and end for one, end in zip(sightings, ending, strict=True)])


def gone(sightings: Sequence[Sighting], name: str, since: int = 0) -> int:
    """Return the place of a pod's removal."""
    return _place(sightings, since, [one.name == name and one.kind == "DELETED" for one in sightings])


def ascending(sightings: Sequence[Sighting], names: Sequence[str], since: int = 0) -> bool:
    """Return whether each pod was Ready before the next was created."""
    return all(
        became_ready(sightings, first, since) < created(sightings, second, since) < NEVER
        for first, second in itertools.pairwise(names)
    )


def descending(sightings: Sequence[Sighting], names: Sequence[str], since: int = 0) -> bool:
    """Return whether each pod was gone before the end of the next began."""
    return all(
        gone(sightings, first, since) < marked(sightings, second, since) < NEVER
        for first, second in itertools.pairwise(names)
    )


def replaced_in_turn(sightings: Sequence[Sighting], names: Sequence[str], since: int = 0) -> bool:
    """Return whether each pod's successor was Ready before the end of the next pod began."""
    return all(
        became_ready(sightings, first, gone(sightings, first, since)) < marked(sightings, second, since) < NEVER
        for first, second in itertools.pairwise(names)
    )


def tale(sightings: Sequence[Sighting], since: int = 0) -> str:
    """Return creations, first readiness and removals in order, e.g. `+myapp-0 myapp-0 Ready -myapp-1`."""
    words: list[str] = []
    state: dict[str, bool] = {}
    for one in sightings[since:]:
        if one.kind != "MODIFIED":
            words.append(f"{'+' if one.kind == 'ADDED' else '-'}{one.name}")
        now = one.kind != "DELETED" and ready(one.object)
        if now and not state.get(one.name):
            words.append(f"{one.name} Ready")
        state[one.name] = now
    return ", ".join(words) or "no event"


def _place(sightings: Sequence[Sighting], since: int, fits: list[bool]) -> int:
    return next((place for place in range(since, len(sightings)) if fits[place]), NEVER)
