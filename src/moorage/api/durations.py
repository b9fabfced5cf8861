"""Durations in annotations under `moorage.dev/`: whole hours, minutes and seconds, `90s`, `10m`, `1h30m`.

In: text. Out: seconds.
"""

import re

_WHOLE = re.compile(r"(?:\d+[smh])+")
_PART = re.compile(r"(\d+)([smh])")
_UNITS = {"s": 1, "m": 60, "h": 3600}


def seconds_of(text: str) -> float | None:
    """Return a duration in seconds, None where the text is none, is empty, or says zero."""
    if not _WHOLE.fullmatch(text):
        return None
    return float(sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(text))) or None
