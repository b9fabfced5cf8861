"""GET of a collection: selected objects at one consistent revision, in pages if asked.

In: selectors, limit, continue, resourceVersion. Out: `Many`, or a Table of it. Rules: fact sheet apiserver.md 5.1.
"""

from moorage.api.refs import Document
from moorage.apiserver import continuation, errors, options
from moorage.apiserver.answers import Answer, Many
from moorage.apiserver.call import Call, Services
from moorage.apiserver.continuation import Position
from moorage.apiserver.handlers.fieldlabels import known_labels
from moorage.apiserver.handlers.revisions import caught_up, parse_revision
from moorage.apiserver.shelf import Shelf
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.watchers import Selection
from moorage.client.ports import Request

_MATCHES = ("Exact", "NotOlderThan")


async def handle(call: Call, services: Services) -> Answer:
    """Answer the selected objects. Raises: ApiError (400, 410, 422, 504)."""
    request = call.request
    selection = options.selection(request, call.resource, call.route.namespace, known_labels(call.strategy))
    limit = options.whole(request, "limit")
    token = request.param("continue")
    _check(request, token)
    asked = await caught_up(request, services)
    shelf = services.cache.shelf(call.resource)
    position = _start(call, services, token, asked)
    found = _select(shelf, selection, position, token, services.cache.revision)
    revision = position.revision or services.cache.revision
    metadata: Document = {"resourceVersion": str(revision)}
    if 0 < limit < len(found) and not (asked == 0 and request.param("resourceVersion") == "0"):
        metadata["continue"] = continuation.write(Position(revision, found[limit - 1].path, _scope(call)))
        if not request.param("labelSelector") and not request.param("fieldSelector"):
            metadata["remainingItemCount"] = len(found) - limit
        found = found[:limit]
    return Many(call.resource, found, metadata)


def _start(call: Call, services: Services, token: str, asked: int) -> Position:
    """Return the snapshot to read (0: the present) and where to begin."""
    if token:
        position = continuation.read(token, _scope(call))
        return position if position.revision != services.cache.revision else position._replace(revision=0)
    exact = call.request.param("resourceVersionMatch") == "Exact"
    return Position(asked if exact and asked != services.cache.revision else 0, "", "")


def _select(shelf: Shelf, selection: Selection, position: Position, token: str, present: int) -> list:  # type: ignore[type-arg]
    if position.revision and position.revision < shelf.oldest:
        raise _expired(position, token, present)
    found = shelf.select(selection, position.revision)
    return [stored for stored in found if stored.path > position.after] if position.after else found


def _expired(position: Position, token: str, present: int) -> Exception:
    if not token:
        return errors.expired(
            f"The resourceVersion for the provided list is too old: {position.revision} (oldest kept is newer)"
        )
    problem = errors.expired(
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
        "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
        "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
        "deleted between the time the first chunk was returned and now may show up in the list."
    )
    fresh = continuation.write(Position(present, position.after, position.scope))
    return type(problem)({**problem.status, "metadata": {"continue": fresh}})


def _scope(call: Call) -> str:
    return f"{call.resource.qualified}/{call.route.namespace}"


def _check(request: Request, token: str) -> None:
    """Refuse combinations of options that make no sense (ValidateListOptions)."""
    match, revision = request.param("resourceVersionMatch"), request.param("resourceVersion")
    problems = []
    if request.param("sendInitialEvents"):
        problems.append(FieldError("Forbidden", "sendInitialEvents", None, "sendInitialEvents is forbidden for list"))
    if match:
        problems += _match_problems(match, revision, token)
    if problems:
        raise errors.invalid_options("ListOptions", problems)
    if token and revision not in ("", "0"):
        raise errors.bad_request("specifying resource version is not allowed when using continue")
    parse_revision(revision, "ListOptions")


def _match_problems(match: str, revision: str, token: str) -> list[FieldError]:
    problems = []
    if not revision:
        detail = "resourceVersionMatch is forbidden unless resourceVersion is provided"
        problems.append(FieldError("Forbidden", "resourceVersionMatch", None, detail))
    if token:
        detail = "resourceVersionMatch is forbidden when continue is provided"
        problems.append(FieldError("Forbidden", "resourceVersionMatch", None, detail))
    if match not in _MATCHES:
        supported = ", ".join(f'"{word}"' for word in (*_MATCHES, ""))
        problems.append(FieldError("NotSupported", "resourceVersionMatch", match, supported))
    if match == "Exact" and revision == "0":
        detail = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
        problems.append(FieldError("Forbidden", "resourceVersionMatch", None, detail))
    return problems
