"""Continue tokens: where the next page of a list starts, and at which revision.

In: a revision, the last path, and which list it is. Out: opaque text and back. A token is bound to its resource and namespace,
so that a forged one cannot leave them (fact sheet reliability.md E.2, test 22).
"""

import base64
import binascii
from typing import NamedTuple

import msgspec

from moorage.apiserver import errors
from moorage.base.errors import ApiError


class Position(NamedTuple):
    """Where a list goes on.

    Args:
        revision: of the snapshot; 0 after it expired: the present.
        after: path of the last object seen.
        scope: which list it is.
    """

    revision: int
    after: str
    scope: str


def write(position: Position) -> str:
    """Return the token of a position."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def read(token: str, scope: str) -> Position:
    """Return the position of a token. Raises: ApiError (400)."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        position = msgspec.json.decode(raw, type=Position)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as problem:
        raise _bad(f"{problem}") from problem
    if position.scope != scope or position.revision < 0:
        raise _bad("it belongs to another list")
    return position


def _bad(why: str) -> ApiError:
    return errors.bad_request(f"continue key is not valid: {why}")
