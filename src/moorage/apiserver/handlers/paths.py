"""Everything outside the resources: health, version, discovery, OpenAPI, metrics.

In: a request whose path names no resource. Out: an answer; 404 in plain text for an unknown path.
"""

from collections.abc import Callable
from dataclasses import dataclass

from moorage.api.refs import Document
from moorage.apiserver.answers import Answer, Plain, Text
from moorage.apiserver.discovery import Discovery, aggregated_version, etag
from moorage.apiserver.errors import no_such_resource
from moorage.apiserver.openapi import V2_PROTOBUF, V2_PROTOBUF_TYPE, OpenApi
from moorage.base.metrics import Registry as Metrics
from moorage.client.ports import Request

NOT_FOUND = Text(b"404 page not found\n", 404, {"Content-Type": "text/plain; charset=utf-8"})
_PLAIN = {"Content-Type": "text/plain; charset=utf-8"}
_HEALTH = frozenset({"healthz", "livez", "readyz"})


@dataclass(frozen=True, slots=True)
class Paths:
    """Serves them.

    Args:
        discovery: what is served.
        openapi: its schemas.
        version: `/version`.
        address: where the API is, `host:port`.
        metrics: counters of this process.
        failure: why the server is not healthy, "" if it is.
    """

    discovery: Discovery
    openapi: OpenApi
    version: Document
    address: str
    metrics: Metrics
    failure: Callable[[], str]

    def handle(self, request: Request) -> Answer:
        """Answer a request. Raises: ApiError (404)."""
        parts = [part for part in request.path.split("/") if part]
        head = parts[0] if parts else ""
        if head in _HEALTH:
            return self._health(request, head, parts[1:])
        serve = {
            "": self._root,
            "version": lambda _request, rest: NOT_FOUND if rest else Plain(self.version),
            "api": self._api,
            "apis": self._apis,
            "openapi": self._openapi,
            "metrics": self._metrics,
        }.get(head)
        return serve(request, parts[1:]) if serve else NOT_FOUND

    def _root(self, _request: Request, _rest: list[str]) -> Answer:
        groups = [f"/apis/{group}/{version}" for group, version in self.discovery.group_versions if group]
        fixed = ["/api", "/api/v1", "/apis", "/healthz", "/livez", "/metrics", "/openapi/v2", "/openapi/v3", "/readyz"]
        return Plain({"paths": sorted([*fixed, *groups, "/version"])})

    def _health(self, request: Request, which: str, rest: list[str]) -> Answer:
        failure = self.failure()
        if rest and rest != ["ping"]:
            return NOT_FOUND
        if failure:
            return Text(f"{which} check failed: {failure}\n".encode(), 500, _PLAIN)
        if any(key == "verbose" for key, _ in request.query):
            return Text(f"[+]ping ok\n[+]watchcache ok\n{which} check passed\n".encode(), 200, _PLAIN)
        return Text(b"ok", 200, _PLAIN)

    def _api(self, request: Request, rest: list[str]) -> Answer:
        if not rest:
            return self._discovered(request, core=True)
        return self._resources("", rest[0]) if len(rest) == 1 else NOT_FOUND

    def _apis(self, request: Request, rest: list[str]) -> Answer:
        if not rest:
            return self._discovered(request, core=False)
        if len(rest) == 1:
            group = self.discovery.group(rest[0])
            return Plain(group) if group else NOT_FOUND
        return self._resources(rest[0], rest[1]) if len(rest) == 2 else NOT_FOUND

    def _resources(self, group: str, version: str) -> Answer:
        if not self.discovery.serves(group, version):
            if group and self.discovery.group(group) is None:
                return NOT_FOUND
            raise no_such_resource()
        return Plain(self.discovery.resource_list(group, version))

    def _discovered(self, request: Request, *, core: bool) -> Answer:
        version = aggregated_version(request.headers.get("accept", ""))
        if not version:
            document = self.discovery.core_versions(self.address) if core else self.discovery.group_list()
            return Plain(document, headers={"Vary": "Accept"})
        document = self.discovery.aggregated(core=core, version=version)
        kind = f"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList"
        return _cached(request, document, {"Vary": "Accept", "Content-Type": kind})

    def _openapi(self, request: Request, rest: list[str]) -> Answer:
        if rest == ["v2"]:
            return self._openapi_v2(request)
        if rest == ["v3"]:
            return _cached(request, self.openapi.index(), {})
        group, version = ("", rest[-1]) if rest[1:2] == ["api"] else (rest[2] if len(rest) == 4 else "", rest[-1])
        body = self.openapi.v3(group, version) if rest[:1] == ["v3"] and len(rest) in (3, 4) else None
        if body is None:
            return NOT_FOUND
        tag = f'"{self.openapi.hash_of(group, version)}"'
        headers = {"Content-Type": "application/json", "ETag": tag}
        if request.param("hash"):
            headers["Cache-Control"] = "public, immutable"
        return Text(b"", 304, headers) if request.headers.get("if-none-match") == tag else Text(body, 200, headers)

    def _openapi_v2(self, request: Request) -> Answer:
        if "proto-openapi" in request.headers.get("accept", ""):
            return Text(V2_PROTOBUF, 200, {"Content-Type": V2_PROTOBUF_TYPE})
        return Text(self.openapi.v2(), 200, {"Content-Type": "application/json"})

    def _metrics(self, _request: Request, rest: list[str]) -> Answer:
        if rest:
            return NOT_FOUND
        return Text(self.metrics.render().encode(), 200, {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


def _cached(request: Request, document: Document, headers: dict[str, str]) -> Answer:
    """Answer a document, or 304 where the client has it."""
    tag = etag(document)
    headers = {**headers, "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Text(b"", 304, headers)
    return Plain(document, headers=headers)
