"""`moor why` on a cluster that explains nothing itself: the same answer, from what may be read."""

import asyncio
from typing import Any

import pytest

from moorage.api import scheme
from moorage.api.refs import Document, ObjectKey, key_of
from moorage.base.errors import ApiError
from moorage.cli import explaining
from moorage.cli.context import Context
from moorage.client.api import Api
from moorage.client.ports import Request
from moorage.client.responses import status
from tests.fakes.server import FakeServer
from tests.unit.why.cluster import container, node, pod, thing

DB = pod(container({"waiting": {"reason": "ImagePullBackOff"}}))
HERE = ObjectKey("default", "web-0")


def _cluster(*documents: Document, hidden: tuple[str, ...] = ()) -> Context:
    """Return a plain Kubernetes whose `hidden` resources may not be listed."""
    server = FakeServer()

    def refuse(request: Request) -> Document | None:
        if request.path.startswith("/apis/moorage.dev"):
            return status(404, "the server could not find the requested resource")
        return status(403, "forbidden") if request.path.rsplit("/", 1)[-1] in hidden else None

    async def fill() -> None:
        for document in documents:
            resource = next(one for one in scheme.CATALOGUE if one.kind == document["kind"])
            await server.put(resource.path(*key_of(document)), {**document, "apiVersion": resource.api_version})

    asyncio.run(fill())
    server.refuse = refuse
    return Context(Api(server, "moor"), "default")


def _told(found: Document) -> list[tuple[str, str]]:
    return [(one["gate"], one["culprit"]["name"]) for one in found["gates"]]


def test_one_object() -> None:
    found = asyncio.run(explaining.one(_cluster(DB, node()), scheme.PODS, HERE))
    assert _told(found) == [("ImagePullFailed", "web-0")]


def test_everything_that_is_not_settled() -> None:
    settled = thing("ConfigMap", "conf")
    found = asyncio.run(explaining.everything(_cluster(DB, node(), settled)))
    assert [one["metadata"]["name"] for one in found] == ["pod.web-0"]


@pytest.mark.parametrize("hidden", ["nodes", "secrets", "persistentvolumeclaims"])
def test_what_may_not_be_read_is_no_culprit_but_is_named(hidden: str, capsys: Any) -> None:
    volumes = [
        {"name": "s", "secret": {"secretName": "pass"}},
        {"name": "d", "persistentVolumeClaim": {"claimName": "data"}},
    ]
    there = {"nodes": node(), "secrets": thing("Secret", "pass")}
    there["persistentvolumeclaims"] = thing("PersistentVolumeClaim", "data", status={"phase": "Bound"})
    visible = [document for name, document in there.items() if name != hidden]
    subject = pod({"phase": "Pending"}, {"volumes": volumes})
    found = asyncio.run(explaining.one(_cluster(subject, *visible, hidden=(hidden,)), scheme.PODS, HERE))
    assert _told(found) == [("PodStarting", "web-0")]
    assert capsys.readouterr().err == f"may not be read, taken to be in order: {hidden}\n"


def test_an_object_that_is_not_there_is_the_servers_own_error() -> None:
    with pytest.raises(ApiError, match='web-0" not found'):
        asyncio.run(explaining.one(_cluster(node()), scheme.PODS, HERE))
