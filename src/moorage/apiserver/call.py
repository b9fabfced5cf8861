"""One request on its way through the API server, and the parts that serve it.

In: `core`. Out: `Call` and `Services`, the two arguments of every handler.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from moorage.api.decode import Expected
from moorage.api.refs import Resource
from moorage.api.schema import Schemas
from moorage.apiserver.answers import Answer
from moorage.apiserver.auth.authorizer import Authorizer
from moorage.apiserver.auth.tokens import Tokens
from moorage.apiserver.deletion import Deleter
from moorage.apiserver.negotiate import PLAIN, Form
from moorage.apiserver.nodeclient import NodeClient
from moorage.apiserver.options import WriteOptions
from moorage.apiserver.registry import Order, Registry
from moorage.apiserver.routes import Route
from moorage.apiserver.settings import Ambient, ServerSettings
from moorage.apiserver.strategy import Strategy
from moorage.apiserver.watchcache import WatchCache
from moorage.client.ports import Request, User
from moorage.store.ports import Store


@dataclass(slots=True)
class Call:
    """One request.

    Args:
        request: as it came.
        route: what it asks.
        strategy: of the resource it names.
        form: the shape of the answer.
        warnings: texts for Warning headers, appended to by whoever has one.
    """

    request: Request
    route: Route
    strategy: Strategy
    form: Form = PLAIN
    warnings: list[str] = field(default_factory=list)

    @property
    def user(self) -> User:
        """Who asks."""
        return self.request.user

    @property
    def resource(self) -> Resource:
        """The kind asked about."""
        return self.route.resource

    def order(self, options: WriteOptions | None = None) -> Order:
        """Return what the registry needs to know of this request."""
        dry_run = options is not None and options.dry_run
        return Order(
            self.strategy,
            self.route.key,
            self.user,
            dry_run=dry_run,
            subresource=self.route.subresource,
            warnings=self.warnings,
            manager=options.manager if options is not None else "",
        )


@dataclass
class Services:
    """The parts of the API server that handlers use."""

    store: Store
    cache: WatchCache
    registry: Registry
    deleter: Deleter
    schemas: Schemas
    strategies: Mapping[Resource, Strategy]
    ambient: Ambient
    settings: ServerSettings
    tokens: Tokens
    authorizer: Authorizer
    nodes: NodeClient

    def expected(self, resource: Resource) -> Expected:
        """Return what a body of this kind must be."""
        return Expected(resource.api_version, resource.kind, self.schemas.table(resource.definition))


Handler = Callable[[Call, Services], Awaitable[Answer]]
