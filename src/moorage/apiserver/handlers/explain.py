"""GET of explanations: why an object is not further, worked out when asked. Nothing is stored.

In: `explanations.moorage.dev`, by name or as a list. Out: documents of `moorage.why`, from the objects in memory and the
ledger of the controllers in this process. Whoever may not get an object is not told why it waits either.
"""

from collections.abc import Iterable, Iterator

from moorage.api import meta
from moorage.api.refs import Document, ObjectKey, Resource
from moorage.apiserver import errors, options
from moorage.apiserver.answers import Answer, Many, One
from moorage.apiserver.auth.attributes import Attributes, refusal
from moorage.apiserver.call import Call, Services
from moorage.apiserver.handlers.fieldlabels import known_labels
from moorage.apiserver.handlers.revisions import caught_up
from moorage.apiserver.stored import Stored
from moorage.apiserver.watchcache import WatchCache
from moorage.apiserver.watchers import Selection
from moorage.why import explain
from moorage.why.picture import Picture


class _Present:
    """The objects in memory, as `why.picture.Objects`."""

    def __init__(self, cache: WatchCache) -> None:
        self._cache = cache

    def get(self, resource: Resource, key: ObjectKey) -> Document | None:
        stored = self._cache.get(resource, key)
        return stored.document if stored else None

    def all(self, resource: Resource, namespace: str = "") -> Iterable[Document]:
        return (stored.document for stored in self._cache.shelf(resource).select(Selection(namespace)))


async def get(call: Call, services: Services) -> Answer:
    """Answer the explanation of one object; with `plans=true` what is remembered of it, too. Raises: ApiError (403, 404)."""
    await caught_up(call.request, services)
    subject = explain.subject_of(call.route.name)
    if subject is None:
        raise errors.not_found(call.resource, call.route.name)
    resource, name = subject
    wanted = Attributes("get", resource.group, resource.plural, "", call.route.namespace, name)
    if not services.authorizer.allows(call.user, wanted):
        raise refusal(call.user, wanted)
    stored = services.cache.get(resource, ObjectKey(call.route.namespace, name))
    if stored is None:
        raise errors.not_found(call.resource, call.route.name)
    picture = _picture(services)
    made = explain.explain(resource, stored.document, picture)
    if call.request.param("plans") == "true":
        made = {**made, "plans": explain.plans(resource, stored.document, picture)}
    return One(_stored(call, made, stored.revision))


async def listing(call: Call, services: Services) -> Answer:
    """Answer the explanations of every object whose kind the asker may list. Raises: ApiError (400)."""
    selection = options.selection(call.request, call.resource, call.route.namespace, known_labels(call.strategy))
    await caught_up(call.request, services)
    found = [one for one in _all(call, services) if selection.matches(one)]
    return Many(call.resource, found, {"resourceVersion": str(services.cache.revision)})


def _all(call: Call, services: Services) -> Iterator[Stored]:
    picture = _picture(services)
    namespace = call.route.namespace
    for resource in explain.EXPLAINED:
        wanted = Attributes("list", resource.group, resource.plural, "", namespace)
        if services.authorizer.allows(call.user, wanted):
            for subject in services.cache.shelf(resource).select(Selection(namespace)):
                yield _stored(call, explain.explain(resource, subject.document, picture), subject.revision)


def _picture(services: Services) -> Picture:
    return Picture(_Present(services.cache), services.settings.plans, services.ambient.clock.now())


def _stored(call: Call, document: Document, revision: int) -> Stored:
    metadata = {**meta.metadata(document), "resourceVersion": str(revision)}
    return Stored({**document, "metadata": metadata}, revision, call.strategy.fields)
