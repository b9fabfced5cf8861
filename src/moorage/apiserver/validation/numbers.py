"""Validation of values that are a number or a percentage.

In: an IntOrString and its path. Out: errors. Rules: pkg/apis/apps/validation (IntOrPercent).
"""

import re

from moorage.api import names
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation.errors import go_int_or_string, invalid
from moorage.apiserver.validation.values import not_negative

_PERCENT = re.compile(r"([0-9]+)%", re.ASCII)


def positive_or_percent(path: str, value: int | str) -> list[FieldError]:
    """Require a number not below zero or a percentage."""
    if isinstance(value, int):
        return not_negative(path, value)
    return [invalid(path, go_int_or_string(value), sentence) for sentence in names.percent(value)]


def at_most_hundred_percent(path: str, value: int | str) -> list[FieldError]:
    """Refuse percentages above 100."""
    share = _percent(value)
    if share is None or share <= 100:
        return []
    return [invalid(path, go_int_or_string(value), "must not be greater than 100%")]


def is_zero(value: int | str) -> bool:
    """Return whether a number or percentage is zero; text that is no percentage counts as zero, as upstream has it."""
    if isinstance(value, int):
        return value == 0
    return (_percent(value) or 0) == 0


def _percent(value: int | str) -> int | None:
    match = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    return int(match[1]) if match else None
