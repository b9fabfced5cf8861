"""The read-only registry, asked over HTTP as containerd asks it."""

import asyncio

import aiohttp

from moorage.nodeagent.cri.imagebuild import MANIFEST_TYPE, Entry, Recipe, build
from moorage.nodeagent.cri.registry import Registry

IMAGE = build(Recipe((Entry("file", b"content"),)))


async def ask(path: str) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of one request to a fresh registry."""
    registry = Registry({"team/app:v1": IMAGE, "quay.io/other/app:v1": build(Recipe(()))})
    url = await registry.start()
    try:
        async with aiohttp.ClientSession() as session, session.get(url + path) as answer:
            return answer.status, dict(answer.headers), await answer.read()
    finally:
        await registry.close()


def test_a_tag_leads_to_its_manifest() -> None:
    status, headers, body = asyncio.run(ask("/v2/team/app/manifests/v1?ns=docker.io"))
    assert (status, body) == (200, IMAGE.manifest)
    assert headers["Docker-Content-Digest"] == IMAGE.manifest_digest
    assert headers["Content-Type"] == MANIFEST_TYPE


def test_manifests_and_blobs_are_served_by_digest() -> None:
    for kind, key in (("manifests", IMAGE.manifest_digest), ("blobs", next(iter(IMAGE.blobs)))):
        status, _, body = asyncio.run(ask(f"/v2/team/app/{kind}/{key}"))
        assert (status, body) == (200, IMAGE.blobs[key])


def test_another_host_or_tag_is_unknown() -> None:
    for path in ("/v2/team/app/manifests/v1?ns=quay.io", "/v2/team/app/manifests/v2?ns=docker.io"):
        status, _, body = asyncio.run(ask(path))
        assert status == 404
        assert b"MANIFEST_UNKNOWN" in body
