"""Durations as Go writes them on command lines: `5s`, `1m30s`, `1.5h`.

In: text. Out: seconds.
"""

import re

from moorage.base.errors import UserError

_UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)")
_WHOLE = re.compile(r"(?:\d+(?:\.\d+)?(?:ns|us|ms|s|m|h))+|0")


def seconds(text: str) -> float:
    """Return a duration in seconds. Raises: UserError."""
    if _WHOLE.fullmatch(text):
        return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
    if re.fullmatch(r"\d+(\.\d+)?", text):
        raise UserError(f"invalid duration {text!r}: a unit is missing, e.g. {text}s")
    raise UserError(f"invalid duration {text!r}: use e.g. 5s, 2m or 3h")
