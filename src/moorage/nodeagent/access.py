"""Who may talk to the agent, and how its URLs and queries are read. Pure.

In: certificates, paths, queries. Out: decisions and typed options for `server`.
"""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from moorage.api.times import BadTime, parse_time
from moorage.nodeagent.logs import LogOptions

ADMINS = "system:masters"
Peer = Mapping[str, Any]


class BadQuery(ValueError):
    """A query that makes no sense; the text says why."""


def groups(certificate: Peer | None) -> tuple[str, ...]:
    """Return the groups (organisations) of a verified client certificate, as Python's ssl shows it."""
    subject: Sequence[Any] = (certificate or {}).get("subject") or ()
    return tuple(value for part in subject for name, value in part if name == "organizationName")


def allowed(certificate: Peer | None) -> bool:
    """Return whether a client may use the agent: only the API server and administrators hold such a certificate."""
    return ADMINS in groups(certificate)


def log_options(query: Mapping[str, str], now: datetime.datetime) -> LogOptions:
    """Return the options of a log request. Raises: BadQuery."""
    return LogOptions(
        follow=flag(query, "follow"),
        tail=_number(query, "tailLines"),
        since=_since(query, now),
        timestamps=flag(query, "timestamps"),
        limit_bytes=_number(query, "limitBytes") or 0,
    )


def flag(query: Mapping[str, str], name: str) -> bool:
    """Return a boolean parameter; present without a value is true."""
    return name in query and query[name].lower() in ("", "1", "true")


def _number(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name, "")
    if not text:
        return None
    if not text.isdecimal():
        raise BadQuery(f"{name} must be a number that is not negative, not {text!r}")
    return int(text)


def _since(query: Mapping[str, str], now: datetime.datetime) -> datetime.datetime | None:
    seconds = _number(query, "sinceSeconds")
    if seconds is not None:
        return now - datetime.timedelta(seconds=seconds)
    text = query.get("sinceTime", "")
    try:
        return parse_time(text) if text else None
    except BadTime as error:
        raise BadQuery(str(error)) from error
