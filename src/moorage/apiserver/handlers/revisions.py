"""How new the state must be that a read shows.

In: `resourceVersion` and `resourceVersionMatch` of a request. Out: the cache is there, or an error.
Rules: fact sheet apiserver.md 5.1.
"""

import asyncio

from moorage.apiserver import errors
from moorage.apiserver.call import Services
from moorage.apiserver.strategy import FieldError
from moorage.base.errors import ApiError
from moorage.base.limits import FUTURE_REVISION_SECONDS
from moorage.client.ports import Request


def parse_revision(text: str, kind: str = "") -> int:
    """Return a resourceVersion as a number; 0 for none.

    Args:
        text: as sent.
        kind: the option kind that takes the blame (`ListOptions`); "" for a plain 400.

    Raises: ApiError.
    """
    if not text:
        return 0
    if text.isascii() and text.isdigit() and len(text) < 20:
        return int(text)
    if kind:
        detail = f'strconv.ParseUint: parsing "{text}": invalid syntax'
        raise errors.invalid_options(kind, [FieldError("Invalid", "resourceVersion", text, detail)])
    raise errors.bad_request(f"Invalid value: {text!r}: invalid resourceVersion")


async def caught_up(request: Request, services: Services) -> int:
    """Wait until the cache shows every acknowledged write, and the revision asked for; return the latter.

    Raises: ApiError (504 for a revision that is not reached in time).
    """
    asked = parse_revision(request.param("resourceVersion"))
    await services.cache.reached(services.store.revision)
    if asked > services.cache.revision:
        await _wait(asked, services)
    return asked


async def _wait(asked: int, services: Services) -> None:
    try:
        async with asyncio.timeout(FUTURE_REVISION_SECONDS):
            await services.cache.reached(asked)
    except TimeoutError:
        raise _too_large(asked, services) from None


def _too_large(asked: int, services: Services) -> ApiError:
    return errors.too_large_revision(asked, services.cache.revision)
