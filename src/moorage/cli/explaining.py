"""Explanations for the command line: the server's own where it has them, else worked out here from what can be read.

In: a context and what is asked. Out: `Explanation` documents. The same pure room (`moorage.why`) makes both.
"""

import sys

from moorage.api import meta
from moorage.api.refs import Document, ObjectKey, Resource
from moorage.base.errors import ApiError
from moorage.base.system import SystemClock
from moorage.cli.context import Context
from moorage.cli.gather import Gathered, gather
from moorage.client.ports import Request
from moorage.client.requests import ListOptions
from moorage.why.explain import EXPLAINED, EXPLANATIONS, explain, name_of
from moorage.why.picture import Picture, no_plans

SETTLED = "Settled"


async def one(where: Context, resource: Resource, key: ObjectKey, *, plans: bool = False) -> Document:
    """Return why an object is not further; with `plans` what a ledger remembers, too. Raises: ApiError (404: of the object)."""
    path = EXPLANATIONS.path(key.namespace, name_of(resource, key.name))
    try:
        return await where.api.send(Request("GET", path, (("plans", "true"),) if plans else ()))
    except ApiError as problem:
        if problem.code != 404:
            raise
    subject = await where.api.get(resource, key)
    return explain(resource, subject, _picture(await gather(where.api, key.namespace)))


async def served(where: Context, resource: Resource, document: Document) -> Document | None:
    """Return the server's explanation of an object that is held back; None where nothing is, and where it tells us none.

    Raises: ApiError.
    """
    if resource not in EXPLAINED:
        return None
    try:
        key = ObjectKey(meta.namespace(document), name_of(resource, meta.name(document)))
        found = await where.api.get(EXPLANATIONS, key)
    except ApiError as problem:
        if problem.code in (403, 404):
            return None
        raise
    return found if found["gates"] else None


async def everything(where: Context) -> list[Document]:
    """Return the explanations of all that is not settled, in the context's namespace or in all. Raises: ApiError."""
    try:
        listed = await where.api.list(EXPLANATIONS, where.namespace, ListOptions(fields=f"state!={SETTLED}"))
        return list(listed["items"])
    except ApiError as problem:
        if problem.code != 404:
            raise
    gathered = await gather(where.api, where.namespace)
    picture = _picture(gathered)
    found = [explain(resource, subject, picture) for resource in EXPLAINED for subject in gathered.all(resource)]
    found.sort(key=lambda made: meta.namespace(made))
    return [made for made in found if made["state"] != SETTLED]


def _picture(gathered: Gathered) -> Picture:
    if gathered.unreadable:
        names = ", ".join(resource.plural for resource in gathered.unreadable)
        print(f"may not be read, taken to be in order: {names}", file=sys.stderr)
    return Picture(gathered, no_plans, SystemClock().now())
