"""Times as Kubernetes writes them: RFC 3339 in UTC, whole seconds (`Time`) or six digits (`MicroTime`).

In: `datetime` values or text of clients in any RFC 3339 spelling. Out: canonical text, `datetime` values, Go's error
texts.
"""

import datetime
import re

_LAYOUT = "2006-01-02T15:04:05Z07:00"
_MICRO_LAYOUT = "2006-01-02T15:04:05.000000Z07:00"
_CANONICAL = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ")
_PARTS = (
    (r"(\d{4})", "2006"), (r"-", "-"), (r"(\d\d)", "01"), (r"-", "-"), (r"(\d\d)", "02"), (r"T", "T"),
    (r"(\d\d)", "15"), (r":", ":"), (r"(\d\d)", "04"), (r":", ":"), (r"(\d\d)", "05"),
)  # fmt: skip
_FRACTION = re.compile(r"[.,](\d+)")
_ZONE = re.compile(r"Z|[+-](\d\d):(\d\d)")
_RANGES = (("month", 1, 12), ("day", 1, 31), ("hour", 0, 23), ("minute", 0, 59), ("second", 0, 59))


class BadTime(ValueError):
    """The text is no RFC 3339 time; the message is Go's."""


def format_time(moment: datetime.datetime) -> str:
    """Return `2026-11-22T18:55:43Z`; fractions of a second are cut off."""
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def format_micro_time(moment: datetime.datetime) -> str:
    """Return `2026-11-22T18:55:43.000001Z`."""
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def parse_time(text: str) -> datetime.datetime:
    """Return the moment (UTC) of RFC 3339 text with or without a fraction.

    Raises:
        BadTime: with the sentence of Go's `time.Parse`.
    """
    if _CANONICAL.fullmatch(text):
        try:
            return datetime.datetime.fromisoformat(text)  # ten times as fast; what it refuses gets its sentence below
        except ValueError:
            pass
    return _parse(text, _LAYOUT)


def normal_time(text: str) -> str:
    """Return the canonical `Time` text of any RFC 3339 text. Raises `BadTime`."""
    if _CANONICAL.fullmatch(text):
        return text
    return format_time(_parse(text, _LAYOUT))


def normal_micro_time(text: str) -> str:
    """Return the canonical `MicroTime` text of any RFC 3339 text. Raises `BadTime`."""
    return format_micro_time(_parse(text, _MICRO_LAYOUT))


def _parse(text: str, layout: str) -> datetime.datetime:
    numbers, at = _numbers(text, layout)
    fraction = _FRACTION.match(text, at)
    micro = 0
    if fraction:
        micro = int(fraction[1][:6].ljust(6, "0"))
        at = fraction.end()
    zone = _ZONE.match(text, at)
    if zone is None:
        raise _unparsed(text, layout, at, "Z07:00")
    if zone.end() != len(text):
        raise BadTime(f'parsing time "{text}": extra text: "{text[zone.end() :]}"')
    return _moment(text, (*numbers, micro), _offset(zone))


def _numbers(text: str, layout: str) -> tuple[tuple[int, ...], int]:
    """Return year … second and where they end."""
    at, numbers = 0, []
    for pattern, element in _PARTS:
        match = re.compile(pattern, re.ASCII).match(text, at)
        if match is None:
            raise _unparsed(text, layout, at, element)
        at = match.end()
        numbers += [int(group) for group in match.groups()]
    return tuple(numbers), at


def _offset(zone: re.Match[str]) -> datetime.timedelta:
    if zone[0] == "Z":
        return datetime.timedelta()
    offset = datetime.timedelta(hours=int(zone[1]), minutes=int(zone[2]))
    return -offset if zone[0].startswith("-") else offset


def _moment(text: str, numbers: tuple[int, ...], offset: datetime.timedelta) -> datetime.datetime:
    for (name, low, high), number in zip(_RANGES, numbers[1:6], strict=True):
        if not low <= number <= high:
            raise BadTime(f'parsing time "{text}": {name} out of range')
    year, month, day, hour, minute, second, micro = numbers
    try:
        moment = datetime.datetime(year, month, day, hour, minute, second, micro, tzinfo=datetime.UTC)
        return moment - offset
    except (ValueError, OverflowError) as problem:
        raise BadTime(f'parsing time "{text}": day out of range') from problem


def _unparsed(text: str, layout: str, at: int, element: str) -> BadTime:
    return BadTime(f'parsing time "{text}" as "{layout}": cannot parse "{text[at:]}" as "{element}"')
