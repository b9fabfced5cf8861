"""A tiny read-only image registry on loopback: the only place images come from when `--mirror` points at it.

In: built images by reference. Out: `Registry.start` gives the URL for `hosts_toml`.
Nothing is ever fetched from elsewhere.
Source: OCI distribution specification 1.0, the pull half; containerd adds `?ns=HOST` to each request of a mirror.
"""

from collections.abc import Mapping

from aiohttp import web

from moorage.nodeagent.cri.imagebuild import MANIFEST_TYPE, Image
from moorage.nodeagent.cri.references import DEFAULT_HOST, full_reference


class Registry:
    """Serves images by tag and by digest.

    Args:
        images: image by reference, in any form `full_reference` takes.
    """

    def __init__(self, images: Mapping[str, Image]) -> None:
        self._images = {full_reference(reference): image for reference, image in images.items()}
        self._blobs = {key: blob for image in images.values() for key, blob in image.blobs.items()}
        self._manifests = {image.manifest_digest for image in images.values()}
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> str:
        """Listen on 127.0.0.1 (`port` 0: any free one) and return the URL."""
        application = web.Application()
        application.router.add_get("/v2/", self._version)
        application.router.add_get("/v2/{name:.+}/manifests/{reference}", self._manifest)
        application.router.add_get("/v2/{name:.+}/blobs/{digest}", self._blob)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def close(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _version(self, request: web.Request) -> web.Response:
        return web.json_response({})

    async def _manifest(self, request: web.Request) -> web.Response:
        name, reference = request.match_info["name"], request.match_info["reference"]
        key = reference if reference in self._manifests else self._tagged(request, name, reference)
        if key is None:
            return _unknown("MANIFEST_UNKNOWN", f"{name}:{reference} is not served here")
        return _content(self._blobs[key], key, MANIFEST_TYPE)

    async def _blob(self, request: web.Request) -> web.Response:
        key = request.match_info["digest"]
        if key not in self._blobs:
            return _unknown("BLOB_UNKNOWN", f"{key} is not served here")
        return _content(self._blobs[key], key, "application/octet-stream")

    def _tagged(self, request: web.Request, name: str, tag: str) -> str | None:
        image = self._images.get(f"{request.query.get('ns', DEFAULT_HOST)}/{name}:{tag}")
        return image.manifest_digest if image else None


def _content(data: bytes, key: str, media_type: str) -> web.Response:
    return web.Response(body=data, headers={"Content-Type": media_type, "Docker-Content-Digest": key})


def _unknown(code: str, message: str) -> web.Response:
    return web.json_response({"errors": [{"code": code, "message": message}]}, status=404)
