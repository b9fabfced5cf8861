"""The agent's HTTPS server: what the API server asks of a node on behalf of users.

In: requests with a certificate of group system:masters. Out: logs, spliced streams, pods, health; the kubelet's paths.
"""

import ssl
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from aiohttp import web

from moorage.base.errors import RuntimeFailure, Unavailable
from moorage.base.log import logger
from moorage.base.ports import Clock
from moorage.client.transports.splice import splice
from moorage.nodeagent import access, logs
from moorage.nodeagent.agent import NodeAgent
from moorage.nodeagent.podspec import Pod
from moorage.nodeagent.ports import ContainerState, Runtime, RuntimeContainer
from moorage.nodeagent.settings import AgentSettings

_log = logger("nodeagent.server")
MAX_LINE = 256 * 1024
"""Longest request line: a command of exec is in it, bytes."""
SHUTDOWN_SECONDS = 1.0


class AgentServer:
    """Serves one node.

    Args:
        agent: the pods.
        runtime: streams.
        settings: address, log directories.
        clock: for logs.
    """

    def __init__(self, agent: NodeAgent, runtime: Runtime, settings: AgentSettings, clock: Clock) -> None:
        self._agent = agent
        self._runtime = runtime
        self._settings = settings
        self._clock = clock
        self._runner: web.AppRunner | None = None

    def app(self) -> web.Application:
        """Return the application."""
        app = web.Application(middlewares=[_only_admins, _as_text])
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/pods", self._pods)
        app.router.add_get("/containerLogs/{namespace}/{pod}/{container}", self._logs)
        for verb in ("GET", "POST"):
            app.router.add_route(verb, "/exec/{namespace}/{pod}/{container}", self._exec)
            app.router.add_route(verb, "/attach/{namespace}/{pod}/{container}", self._attach)
            app.router.add_route(verb, "/portForward/{namespace}/{pod}", self._port_forward)
        return app

    async def start(self, tls: ssl.SSLContext | None) -> int:
        """Listen; return the port. `tls` must demand client certificates of the cluster's CA."""
        self._runner = web.AppRunner(
            self.app(),
            access_log=None,
            max_line_size=MAX_LINE,
            max_field_size=MAX_LINE,
            shutdown_timeout=SHUTDOWN_SECONDS,
        )
        await self._runner.setup()
        host = self._settings.server_host or self._settings.address
        site = web.TCPSite(self._runner, host, self._settings.server_port, ssl_context=tls)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop listening and end what is open."""
        if self._runner is not None:
            await self._runner.cleanup()

    # --- plain answers ---

    async def _healthz(self, request: web.Request) -> web.StreamResponse:
        if not self._agent.relist.healthy:
            return web.Response(status=500, text="container runtime is down")
        return web.Response(text="ok")

    async def _pods(self, request: web.Request) -> web.StreamResponse:
        items = [pod.document for pod in self._agent.pods()]
        return web.json_response({"apiVersion": "v1", "kind": "PodList", "metadata": {}, "items": items})

    async def _logs(self, request: web.Request) -> web.StreamResponse:
        pod = self._pod(request)
        name = request.match_info["container"]
        options = access.log_options(request.query, self._clock.now())
        chosen = self._attempt(pod, name, previous=access.flag(request.query, "previous"))
        path = self._log_path(pod, chosen)

        def alive() -> bool:
            return self._runs(pod, chosen.id)

        source = logs.read(path, options, self._clock, alive)
        answer = web.StreamResponse(headers={"Content-Type": "text/plain", "Transfer-Encoding": "chunked"})
        try:
            first = await anext(source, b"")
        except OSError as error:
            raise _problem(404, f"failed to open log file of container {name!r}: {error.strerror}") from error
        await answer.prepare(request)
        await answer.write(first)
        async for block in source:
            await answer.write(block)
        await answer.write_eof()
        return answer

    # --- streams ---

    async def _exec(self, request: web.Request) -> web.StreamResponse:
        pod, query = self._pod(request), request.query
        found = self._running(pod, request.match_info["container"])
        command = query.getall("command", [])
        if not command:
            raise _problem(400, "you must specify at least 1 of stdin, stdout, stderr and a command")
        url = await self._runtime.exec_url(
            found.id, command, tty=_any(query, "tty"), stdin=_any(query, "stdin", "input"),
            stderr=_any(query, "stderr", "error"),
        )  # fmt: skip
        return await self._splice(request, url)

    async def _attach(self, request: web.Request) -> web.StreamResponse:
        pod, query = self._pod(request), request.query
        found = self._running(pod, request.match_info["container"])
        spec = pod.container(found.name)
        url = await self._runtime.attach_url(
            found.id, tty=spec is not None and spec.tty, stdin=_any(query, "stdin", "input"),
            stderr=_any(query, "stderr", "error"),
        )  # fmt: skip
        return await self._splice(request, url)

    async def _port_forward(self, request: web.Request) -> web.StreamResponse:
        pod = self._pod(request)
        runtime = self._agent.relist.pods.get(pod.uid)
        ready = [one for one in (runtime.sandboxes if runtime else ()) if one.ready]
        if not ready:
            raise _problem(404, f"pod {pod.name} has no running sandbox")
        texts = ",".join(request.query.getall("port", request.query.getall("ports", []))).split(",")
        url = await self._runtime.port_forward_url(ready[0].id, [int(text) for text in texts if text.isdecimal()])
        return await self._splice(request, url)

    async def _splice(self, request: web.Request, url: str) -> web.StreamResponse:
        if "upgrade" not in request.headers.get("Connection", "").lower():
            raise _problem(400, "Upgrade request required")
        return await splice(request, url)

    # --- looking things up ---

    def _pod(self, request: web.Request) -> Pod:
        namespace, name = request.match_info["namespace"], request.match_info["pod"]
        pod = self._agent.pod(namespace, name)
        # After a pod was replaced, what was meant for the old one must not reach the new one.
        uid = request.query.get("uid", "")
        if pod is None or (uid and pod.uid != uid):
            raise _problem(404, f"pod does not exist: {namespace}/{name}")
        return pod

    def _containers(self, pod: Pod, name: str) -> list[RuntimeContainer]:
        runtime = self._agent.relist.pods.get(pod.uid)
        found = [one for one in (runtime.containers if runtime else ()) if one.name == name]
        if pod.container(name) is None:
            raise _problem(404, f"container {name} not found in pod {pod.name}_{pod.namespace}")
        return found

    def _attempt(self, pod: Pod, name: str, *, previous: bool) -> RuntimeContainer:
        found = [one for one in self._containers(pod, name) if one.state is not ContainerState.CREATED]
        if previous:
            ended = [one for one in found if one.state is ContainerState.EXITED]
            running = [one for one in found if one.state is not ContainerState.EXITED]
            chosen = ended if running else ended[1:] or ended
            if not chosen:
                raise _problem(400, f'previous terminated container "{name}" in pod "{pod.name}" not found')
            return chosen[0]
        if not found:
            raise _problem(400, f'container "{name}" in pod "{pod.name}" is waiting to start: {self._why(pod, name)}')
        return found[0]

    def _why(self, pod: Pod, name: str) -> str:
        for status in pod.status.get("containerStatuses") or ():
            if status.get("name") == name:
                return str(((status.get("state") or {}).get("waiting") or {}).get("reason") or "ContainerCreating")
        return "ContainerCreating"

    def _running(self, pod: Pod, name: str) -> RuntimeContainer:
        for one in self._containers(pod, name):
            if one.state is ContainerState.RUNNING:
                return one
        raise _problem(404, f"container not found ({name!r})")

    def _runs(self, pod: Pod, identity: str) -> bool:
        runtime = self._agent.relist.pods.get(pod.uid)
        states = [one.state for one in (runtime.containers if runtime else ()) if one.id == identity]
        return ContainerState.RUNNING in states

    def _log_path(self, pod: Pod, container: RuntimeContainer) -> Path:
        folder = self._settings.log_dir(pod.namespace, pod.name, pod.uid)
        return folder / container.name / f"{container.attempt}.log"


def tls_context(certificate: Path, key: Path, authority: Path) -> ssl.SSLContext:
    """Return the TLS settings of an agent's server: its own certificate, and clients of the cluster's CA only."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(authority))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(certificate, key)
    return context


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def _only_admins(request: web.Request, handler: Handler) -> web.StreamResponse:
    transport = request.transport
    certificate = transport.get_extra_info("peercert") if transport is not None else None
    if not certificate:
        raise _problem(401, "Unauthorized")
    if not access.allowed(certificate):
        raise _problem(403, f"Forbidden: only group {access.ADMINS} may use this node's API")
    return await handler(request)


@web.middleware
async def _as_text(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what went wrong into one line for the client."""
    try:
        return await handler(request)
    except access.BadQuery as error:
        raise _problem(400, str(error)) from error
    except RuntimeFailure as failure:
        raise _problem(500, failure.message) from failure
    except (Unavailable, OSError) as error:
        raise _problem(503, str(error)) from error


def _problem(code: int, text: str) -> web.HTTPException:
    kinds: dict[int, type[web.HTTPException]] = {
        400: web.HTTPBadRequest,
        401: web.HTTPUnauthorized,
        403: web.HTTPForbidden,
        404: web.HTTPNotFound,
        503: web.HTTPServiceUnavailable,
    }
    return kinds.get(code, web.HTTPInternalServerError)(text=text)


def _any(query: Mapping[str, str], *names: str) -> bool:
    return any(access.flag(query, name) for name in names)
