"""The smallest scenario that still breaks a law: steps are left out as long as what remains breaks it too.

In: a scenario and the laws it broke. Out: which of its steps are needed, by index. Halves go first, then single steps.
"""

from collections.abc import Callable

Broken = Callable[[frozenset[int]], bool]


def shrink(count: int, broken: Broken) -> tuple[int, ...]:
    """Return indexes of steps without which nothing breaks any more; none of them can be left out alone.

    Args:
        count: how many steps there are.
        broken: (indexes) → whether the scenario with only those still breaks a law.
    """
    kept = list(range(count))
    size = max(1, count // 2)
    while True:
        smaller = _without_one_chunk(kept, size, broken)
        if smaller is not None:
            kept = smaller
        elif size > 1:
            size //= 2
        else:
            return tuple(kept)


def _without_one_chunk(kept: list[int], size: int, broken: Broken) -> list[int] | None:
    for start in range(0, len(kept), size):
        rest = kept[:start] + kept[start + size :]
        if broken(frozenset(rest)):
            return rest
    return None
