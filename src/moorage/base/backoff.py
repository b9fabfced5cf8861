"""Exponential back-off per key, as a value.

In: failures and successes of a key. Out: how long to wait. Pure; the caller owns the clock.
"""

from collections.abc import Hashable


class Backoff:
    """Doubling wait per key: `base`, 2·base, 4·base … up to `longest`.

    Args:
        base: first wait, seconds.
        longest: bound, seconds.
    """

    def __init__(self, base: float, longest: float) -> None:
        self._base = base
        self._longest = longest
        self._failures: dict[Hashable, int] = {}

    def failed(self, key: Hashable) -> float:
        """Count one more failure of `key` and return the wait before its next try, seconds."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        if failures > 63:
            return self._longest
        return min(self._base * float(1 << failures), self._longest)

    def succeeded(self, key: Hashable) -> None:
        """Forget the failures of `key`."""
        self._failures.pop(key, None)

    def failures(self, key: Hashable) -> int:
        """Return how often `key` failed in a row."""
        return self._failures.get(key, 0)
