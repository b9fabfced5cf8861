"""The API server without a network: one request in, one answer or one watch out.

In: `client.ports.Request` with its user set by whoever authenticated it. Out: `Response`, `WatchEvent`s. Authorisation, admission
and validation happen here, whatever carried the request. `app` puts it on TLS; the in-process transport calls it directly.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping

from moorage.api import scheme
from moorage.api.refs import Document, Resource
from moorage.api.schema import Schemas
from moorage.apiserver import errors, presentation, routes, virtual
from moorage.apiserver.admission.gates import GATES
from moorage.apiserver.admission.ports import World
from moorage.apiserver.answers import Answer, Plain, Text
from moorage.apiserver.auth import attributes
from moorage.apiserver.auth.authorizer import Authorizer
from moorage.apiserver.auth.tokens import Tokens
from moorage.apiserver.call import Call, Handler, Services
from moorage.apiserver.deletion import Deleter
from moorage.apiserver.discovery import Discovery
from moorage.apiserver.handlers import create, delete, deletecollection, get, patch, update, watch
from moorage.apiserver.handlers import list as listing
from moorage.apiserver.handlers.paths import Paths
from moorage.apiserver.handlers.watch import Bookmark, Failed, Item, Opened
from moorage.apiserver.maintenance import Maintenance
from moorage.apiserver.negotiate import YAML, form_of, wants_yaml
from moorage.apiserver.nodeclient import NodeClient
from moorage.apiserver.openapi import OpenApi
from moorage.apiserver.ownership import Ownership
from moorage.apiserver.registry import Registry
from moorage.apiserver.settings import Ambient, ServerSettings
from moorage.apiserver.stored import encode
from moorage.apiserver.strategy import Strategy
from moorage.apiserver.subresources.table import ASKED, SUBRESOURCES
from moorage.apiserver.version import version_document
from moorage.apiserver.watchcache import WatchCache
from moorage.apiserver.watchers import Event
from moorage.apiserver.writer import Writer
from moorage.base.errors import ApiError
from moorage.base.log import logger
from moorage.base.metrics import Registry as Metrics
from moorage.base.tasks import Tasks
from moorage.client.ports import Request, Response, WatchEvent
from moorage.store.ports import Store

_HANDLERS: Mapping[str, Handler] = {
    "get": get.handle,
    "list": listing.handle,
    "create": create.handle,
    "update": update.handle,
    "patch": patch.handle,
    "delete": delete.handle,
    "deletecollection": deletecollection.handle,
}
_LOG = logger("apiserver")


class ApiServer:
    """The Kubernetes API over one store.

    Args:
        store: opened, empty or not.
        schemas: type tables.
        strategies: every kind that is served.
        ambient: time, ids, chance.
        settings: see `ServerSettings`.
        metrics: counters of this process; own ones if not given.
    """

    def __init__(
        self,
        store: Store,
        schemas: Schemas,
        strategies: Mapping[Resource, Strategy],
        ambient: Ambient,
        settings: ServerSettings,
        metrics: Metrics | None = None,
    ) -> None:
        cache = WatchCache(store, strategies.values(), ambient.clock.monotonic)
        writer = Writer(store, cache)
        registry = Registry(writer, Ownership(schemas, ambient.clock), GATES, World(cache, ambient, settings))
        self.services = Services(
            store,
            cache,
            registry,
            Deleter(registry, writer, ambient.clock),
            schemas,
            strategies,
            ambient,
            settings,
            Tokens(settings, cache, ambient.clock),
            Authorizer(cache),
            NodeClient(settings.node_tls),
        )
        self.metrics = metrics or Metrics()
        self._discovery = Discovery((*strategies, *virtual.VIRTUAL))
        self._paths = self._make_paths(settings)
        self._tasks = Tasks("apiserver", self._died)
        self._maintenance = Maintenance(self.services)
        self.failure: BaseException | None = None
        """Why a background task died: the server is no longer healthy."""

    async def start(self) -> None:
        """Load the cache and begin to follow the store."""
        await self.services.cache.load()
        self._tasks.start("watchcache", self.services.cache.run())
        self._tasks.start("maintenance", self._maintenance.run())

    async def stop(self) -> None:
        """End watches and background work; the store stays open."""
        await self.services.cache.close()
        await self._tasks.stop()
        await self.services.nodes.close()

    async def call(self, request: Request) -> Response:
        """Answer a request with a document, text or a byte stream. Never raises for what a client did."""
        return (await self._answer(request))[0]

    async def serve(self, request: Request) -> Response:
        """Answer a request with bytes or a byte stream: for the wire."""
        response, answer = await self._answer(request)
        if isinstance(answer, Text):
            return response
        if wants_yaml(request) and isinstance(response.body, dict):
            return _as_yaml(response, response.body)
        if answer is not None:
            return _as_bytes(response, answer.encoded())
        return _as_bytes(response, encode(response.body)) if isinstance(response.body, dict) else response

    async def watch(self, request: Request) -> AsyncGenerator[WatchEvent, None]:
        """Answer a watch with events. Raises: ApiError (it was refused)."""
        call = self.admitted(request)
        opened = await watch.open_watch(call, self.services)
        first = True
        async for batch in watch.follow(opened, self.services):
            for item in batch:
                yield self._event(call, item, first=first)
                first = False

    def admitted(self, request: Request) -> Call:
        """Return what a request to a resource asks, if its user may ask it. Raises: ApiError."""
        route = routes.parse(request, _lookup, self._discovery.serves)
        if route is None:
            raise errors.no_such_resource()
        return self._allowed(request, route)

    async def _answer(self, request: Request) -> tuple[Response, Answer | None]:
        warnings: list[str] = []
        try:
            answer = await self._handle(request, warnings)
        except ApiError as problem:
            return Response(problem.code, dict(problem.status), _retry_after(problem), tuple(warnings)), None
        except Exception as problem:  # noqa: BLE001  # no request may end without an answer
            return self._unexpected(request, problem), None
        body = answer.content if isinstance(answer, Text) else answer.document()
        headers = answer.headers if isinstance(answer, Text | Plain) else {}
        return Response(answer.code, body, headers, tuple(warnings)), answer

    async def _handle(self, request: Request, warnings: list[str]) -> Answer:
        """Route, authorise, and let the handler answer. Raises: ApiError."""
        route = routes.parse(request, _lookup, self._discovery.serves)
        if route is None:
            self._allow_path(request)
            return self._paths.handle(request)
        call = self._allowed(request, route)
        call.warnings = warnings
        if route.verb == "watch":
            opened = await watch.open_watch(call, self.services)
            return Text(self._lines(call, opened), 200, {"Content-Type": "application/json"})
        answer = await _handler(route)(call, self.services)
        return presentation.present(call, answer, self.services.ambient.clock.now())

    def _allowed(self, request: Request, route: routes.Route) -> Call:
        wanted = attributes.of_route(request, route)
        if not self.services.authorizer.allows(request.user, wanted):
            raise attributes.refusal(request.user, wanted)
        if route.verb == "watch" and route.resource in virtual.VIRTUAL:
            raise errors.method_not_allowed()
        strategy = self.services.strategies.get(route.resource) or virtual.STRATEGIES[route.resource]
        return Call(request, route, strategy, form_of(request))

    def _allow_path(self, request: Request) -> None:
        wanted = attributes.of_path(request)
        if not self.services.authorizer.allows(request.user, wanted):
            raise attributes.refusal(request.user, wanted)

    async def _lines(self, call: Call, opened: Opened) -> AsyncIterator[bytes]:
        """Yield one chunk of event lines a batch; bytes of plain objects are shared by every watcher."""
        first = True
        async for batch in watch.follow(opened, self.services):
            lines = []
            for item in batch:
                if isinstance(item, Event) and call.form.shape == "object":
                    lines.append(b'{"type":"%s","object":%s}\n' % (item.type.encode(), item.stored.encoded))
                else:
                    event = self._event(call, item, first=first)
                    lines.append(encode({"type": event.type, "object": event.object}) + b"\n")
                first = False
            yield b"".join(lines)

    def _event(self, call: Call, item: Item, *, first: bool) -> WatchEvent:
        if isinstance(item, Bookmark):
            return WatchEvent("BOOKMARK", presentation.bookmark(call, item.revision))
        if isinstance(item, Failed):
            return WatchEvent("ERROR", item.status)
        now = self.services.ambient.clock.now()
        return WatchEvent(item.type, presentation.event_object(call, item.stored, now, first=first))

    def _make_paths(self, settings: ServerSettings) -> Paths:
        version = version_document(strict=settings.strict)
        definitions = {**self.services.schemas.definitions, **virtual.DEFINITIONS}
        openapi = OpenApi(definitions, self._discovery, version["gitVersion"])
        address = f"{settings.advertise}:{settings.port}"
        return Paths(self._discovery, openapi, version, address, self.metrics, self._why_unhealthy)

    def _why_unhealthy(self) -> str:
        return type(self.failure).__name__ if self.failure else ""

    def _unexpected(self, request: Request, problem: Exception) -> Response:
        """Log a fault of our own and answer 500: the text tells no secrets."""
        _LOG.error("request failed", problem, method=request.method, path=request.path)
        return Response(500, dict(errors.internal(f"{type(problem).__name__} (see the server's log)").status))

    def _died(self, name: str, problem: BaseException) -> None:
        self.failure = problem
        _LOG.error("background task died", problem, task=name)


def _lookup(group: str, version: str, plural: str) -> Resource | None:
    return scheme.by_path(group, version, plural) or virtual.BY_PATH.get((group, version, plural))


def _handler(route: routes.Route) -> Handler:
    """Return who answers. Raises: ApiError (405)."""
    if route.subresource:
        found = SUBRESOURCES.get((route.subresource, route.verb))
    elif route.resource in virtual.VIRTUAL:
        found = ASKED.get((route.resource.plural, route.verb))
    else:
        found = _HANDLERS.get(route.verb)
    if found is None:
        raise errors.method_not_allowed()
    return found


def _retry_after(problem: ApiError) -> dict[str, str]:
    """Return the header that repeats what the details say: clients wait that long by themselves."""
    seconds = (problem.status.get("details") or {}).get("retryAfterSeconds")
    return {"Retry-After": str(seconds)} if seconds else {}


def _as_yaml(response: Response, document: Document) -> Response:
    import yaml

    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    return Response(response.code, text.encode(), {"Content-Type": YAML, **response.headers}, response.warnings)


def _as_bytes(response: Response, body: bytes) -> Response:
    headers: dict[str, str] = {"Content-Type": "application/json", **response.headers}
    return Response(response.code, body, headers, response.warnings)
