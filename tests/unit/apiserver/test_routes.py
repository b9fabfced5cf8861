"""What paths and methods mean."""

import pytest

from moorage.api import scheme
from moorage.apiserver import routes
from moorage.base.errors import ApiError
from moorage.client.ports import Request


def _parse(method: str, path: str, *query: tuple[str, str]) -> routes.Route | None:
    return routes.parse(Request(method, path, query), scheme.by_path, lambda _group, version: version == "v1")


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/api/v1/pods", ("list", "pods", "", "", "")),
        ("GET", "/api/v1/pods/", ("list", "pods", "", "", "")),
        ("POST", "/api/v1/namespaces/a/pods", ("create", "pods", "a", "", "")),
        ("DELETE", "/api/v1/namespaces/a/pods", ("deletecollection", "pods", "a", "", "")),
        ("GET", "/api/v1/namespaces/a/pods/p/log", ("get", "pods", "a", "p", "log")),
        ("POST", "/api/v1/namespaces/a/pods/p/binding", ("create", "pods", "a", "p", "binding")),
        ("GET", "/api/v1/namespaces/a", ("get", "namespaces", "", "a", "")),
        ("PUT", "/api/v1/namespaces/a/finalize", ("update", "namespaces", "", "a", "finalize")),
        ("PATCH", "/apis/apps/v1/namespaces/a/statefulsets/s", ("patch", "statefulsets", "a", "s", "")),
        ("GET", "/api/v1/watch/namespaces/a/pods", ("watch", "pods", "a", "", "")),
    ],
)
def test_meaning(method: str, path: str, expected: tuple[str, ...]) -> None:
    route = _parse(method, path)
    assert route is not None
    assert (route.verb, route.resource.plural, route.namespace, route.name, route.subresource) == expected


def test_watch_is_asked_by_query() -> None:
    for word, verb in (("true", "watch"), ("1", "watch"), ("false", "list")):
        route = _parse("GET", "/api/v1/pods", ("watch", word))
        assert route is not None
        assert route.verb == verb


@pytest.mark.parametrize("path", ["/", "/version", "/api", "/apis/apps/v1", "/nothing/here"])
def test_other_paths_are_no_resources(path: str) -> None:
    assert _parse("GET", path) is None


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/api/v1/nonsense", 404),
        ("GET", "/apis/apps/v2/statefulsets", 404),
        ("GET", "/api/v1/namespaces/a/nodes", 404),
        ("GET", "/api/v1/namespaces/a/pods/p/nonsense", 404),
        ("GET", "/api/v1/namespaces/a/pods/p/log/more", 404),
        ("POST", "/api/v1/namespaces/a/pods/p", 405),
        ("POST", "/api/v1/pods", 405),
        ("DELETE", "/api/v1/pods", 405),
        ("BREW", "/api/v1/pods", 405),
    ],
)
def test_refusals(method: str, path: str, code: int) -> None:
    with pytest.raises(ApiError) as refused:
        _parse(method, path)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "path", ["/api/v1/namespaces/a/../b/pods", "/api/v1//pods", "/api/v1/namespaces/a/pods/.", "/api/v1/pods/a\x00b"]
)
def test_paths_that_are_not_canonical_mean_nothing(path: str) -> None:
    assert _parse("GET", path) is None
