"""What the API refused to a controller, and who is to blame: a quota, an account that is missing, or the template itself.

In: the error of a plan, or an event about a pod that could not be created. Out: `Found`s.
"""

import re
from collections.abc import Iterator

from moorage.api.scheme import RESOURCEQUOTAS, SERVICEACCOUNTS
from moorage.why.gate import Found, Ref, line

_CULPRITS = (
    ("QuotaExceeded", RESOURCEQUOTAS, re.compile(r"exceeded quota: ([^,\s]+)")),
    ("ServiceAccountMissing", SERVICEACCOUNTS, re.compile(r'serviceaccount "([^"]+)" not found')),
)
"""Gate, kind of the culprit, and where the API's words (upstream's) name it."""
_AGAIN = "the object has been modified"
"""A write that lost a race: it is tried again at once, and holds nothing back."""


def of(error: str, own: Ref, since: str, resource: str) -> Iterator[Found]:
    """Return the gate of a refused write, if it is one.

    Args:
        error: the API's words; "" for none.
        own: whose controller was refused.
        since: RFC 3339, "" if unknown.
        resource: the word for its kind on a command line.
    """
    if not error or _AGAIN in error:
        return
    words = {"namespace": own.namespace, "resource": resource}
    for gate, kind, pattern in _CULPRITS:
        match = pattern.search(error)
        if match is not None:
            yield Found(gate, Ref(kind.kind, own.namespace, match[1]), line(error), since, words=words).below(own)
            return
    yield Found("WriteRefused", own, line(error), since, words=words)
