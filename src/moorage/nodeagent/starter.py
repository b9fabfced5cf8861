"""Starts a pod's sandbox and containers.

In: a pod, a `Start`. Out: something that runs, with its events; `RuntimeFailure` with the reason the status shows.
Rules: kuberuntime_container.go startContainer, Kubernetes 1.32.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

from moorage.api import meta
from moorage.api.refs import Document
from moorage.base.errors import ApiError, RuntimeFailure, Unavailable
from moorage.nodeagent import configs, environment, hooks, security
from moorage.nodeagent.attempts import Target
from moorage.nodeagent.events import PodEvents
from moorage.nodeagent.fields import PodFacts
from moorage.nodeagent.plan import Start
from moorage.nodeagent.podspec import Container, Pod
from moorage.nodeagent.ports import RuntimeImage, RuntimeSandbox, SandboxConfig
from moorage.nodeagent.settings import AgentSettings
from moorage.nodeagent.tools import Tools

CREATE_REASONS = ("CreateContainerError", "CreateContainerConfigError")
MIN_STOP_SECONDS = 2.0


class Interrupted(Exception):
    """The pod is to stop: what was being waited for is no longer wanted."""


class Starter:
    """Starts what one pod needs.

    Args:
        tools: of the node.
        events: of the pod.
    """

    def __init__(self, tools: Tools, events: PodEvents) -> None:
        self._tools = tools
        self._events = events
        self._pull: asyncio.Task[RuntimeImage | Exception] | None = None

    def interrupt(self) -> None:
        """Give up a pull under way: whoever waits for it gets `Interrupted`."""
        if self._pull is not None:
            self._pull.cancel()

    async def sandbox(self, pod: Pod, attempt: int) -> None:
        """Start a sandbox. Raises: RuntimeFailure, Unavailable."""
        if attempt > 0:
            self._events.normal("SandboxChanged", "Pod sandbox changed, it will be killed and re-created.")
        try:
            await self._tools.runtime.start_sandbox(self._sandbox_config(pod, attempt))
        except RuntimeFailure as failure:
            self._events.warning("FailedCreatePodSandBox", f"Failed to create pod sandbox: {failure.message}")
            raise

    async def container(self, pod: Pod, start: Start, sandbox: RuntimeSandbox) -> None:
        """Pull, create and start one container, and run its postStart hook.

        Raises:
            RuntimeFailure: its reason is what the container's status shows.
            Unavailable: the runtime or the API cannot answer.
            Interrupted: the pod is to stop.
        """
        spec = pod.container(start.name)
        if spec is None:
            raise RuntimeFailure("CreateContainerConfigError", f"pod has no container {start.name!r}")
        try:
            image = await self._image(pod, spec)
            security.check_user(pod, spec, image)
            identity = await self._create(pod, spec, start, sandbox)
            await self._tools.runtime.start_container(identity)
        except RuntimeFailure as failure:
            text = failure.message if failure.reason in (*CREATE_REASONS, "RunContainerError") else failure.reason
            self._events.warning("Failed", f"Error: {text}", spec.name)
            raise
        self._events.normal("Started", f"Started container {spec.name}", spec.name)
        if spec.lifecycle.post_start is not None:
            await self._post_start(pod, spec, identity, self._address(pod, sandbox))

    async def _image(self, pod: Pod, spec: Container) -> RuntimeImage:
        self._pull = self._tools.tasks.start("image", _caught(self._tools.images.ensure(pod, spec, self._events)))
        await asyncio.wait([self._pull])
        done, self._pull = self._pull, None
        if done.cancelled():
            raise Interrupted
        found = done.result()
        if isinstance(found, Exception):
            raise found
        return found

    async def _create(self, pod: Pod, spec: Container, start: Start, sandbox: RuntimeSandbox) -> str:
        tools = self._tools
        address = self._address(pod, sandbox)
        values = await self._environment(pod, spec, address)
        try:
            mounts = tools.volumes.mounts(pod, spec, values)
            mounts += tools.files.mounts(pod, spec, start.attempt, [address] if address else [])
        except OSError as error:
            raise RuntimeFailure("CreateContainerConfigError", f"cannot prepare its files: {error}") from error
        prepared = configs.Prepared(values, mounts)
        config = configs.container_config(pod, spec, start, prepared, tools.settings, sandbox.attempt)
        around = self._sandbox_config(pod, sandbox.attempt)
        identity = await tools.runtime.create_container(sandbox.id, around, config)
        self._events.normal("Created", f"Created container: {spec.name}", spec.name)
        return identity

    async def _environment(self, pod: Pod, spec: Container, address: str) -> dict[str, str]:
        tools, settings = self._tools, self._tools.settings
        wanted = sorted(environment.references(spec))
        try:
            found = [await tools.cluster.config(plural, pod.namespace, name) for plural, name in wanted]
            services = with_api(await tools.cluster.services(pod.namespace), settings)
        except ApiError as error:
            raise RuntimeFailure("CreateContainerConfigError", error.message) from error
        facts = PodFacts(
            settings.address,
            (address,) if address else (),
            settings.capacity.cpu_millis,
            settings.capacity.memory_bytes,
            settings.capacity.storage_bytes,
        )
        sources = environment.Sources(dict(zip(wanted, found, strict=True)), services)
        return environment.build(pod, spec, sources, facts)

    def _sandbox_config(self, pod: Pod, attempt: int) -> SandboxConfig:
        return configs.sandbox_config(pod, self._tools.settings, attempt, self._tools.files.log_directory(pod))

    def _address(self, pod: Pod, sandbox: RuntimeSandbox) -> str:
        return self._tools.settings.address if pod.spec.host_network else sandbox.ip

    async def _post_start(self, pod: Pod, spec: Container, identity: str, address: str) -> None:
        tools = self._tools
        means = (tools.runtime, tools.network, tools.clock)
        problem = await hooks.run(spec.lifecycle.post_start or {}, Target(spec, identity, address), means, 0.0)
        if problem:
            self._events.warning("FailedPostStartHook", "PostStartHook failed", spec.name)
            self._events.normal("Killing", "FailedPostStartHook", spec.name)
            await tools.runtime.stop_container(identity, max(MIN_STOP_SECONDS, float(pod.grace_seconds)))
            raise RuntimeFailure("PostStartHookError", problem)


def with_api(services: Sequence[Document], settings: AgentSettings) -> list[Document]:
    """Return the Services with the API's own replaced by the address at which pods of this node reach it, if set."""
    if not settings.api_host:
        return list(services)
    others = [one for one in services if (meta.namespace(one), meta.name(one)) != ("default", "kubernetes")]
    ports = [{"name": "https", "port": settings.api_port, "protocol": "TCP"}]
    metadata = {"namespace": "default", "name": "kubernetes"}
    return [*others, {"metadata": metadata, "spec": {"clusterIP": settings.api_host, "ports": ports}}]


async def _caught(work: Coroutine[Any, Any, RuntimeImage]) -> RuntimeImage | Exception:
    """Return the result, or the error that is an ordinary answer: only surprises reach the supervisor."""
    try:
        return await work
    except (RuntimeFailure, Unavailable) as error:
        return error
