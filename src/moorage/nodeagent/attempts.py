"""One attempt of one probe: over HTTP, TCP, or a command in the container.

In: probe, address, container. Out: `Attempt` with the kubelet's message. Never raises for what the container does.
A made-up node brings its own `Network` (`sim`): nothing answers on made-up addresses.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp

from moorage.base.errors import RuntimeFailure, Unavailable
from moorage.nodeagent.podspec import Container, Probe
from moorage.nodeagent.ports import Runtime
from moorage.nodeagent.probes import Attempt, Verdict

AGENT = "kube-probe/1.32"
MAX_OUTPUT = 10 * 1024
OK = Attempt(Verdict.SUCCESS)


@dataclass(frozen=True, slots=True)
class Target:
    """What a probe is made against: the container, its id, and the pod's address."""

    container: Container
    container_id: str
    address: str


class Network(Protocol):
    """How probes reach pods. Both raise OSError or TimeoutError where they cannot."""

    async def http(self, url: str, headers: Mapping[str, str], timeout: float) -> tuple[int, str]:
        """Get `url`, certificates unchecked; return status code and (some of) the body."""
        ...

    async def tcp(self, host: str, port: int, timeout: float) -> None:
        """Connect and hang up."""
        ...


class HostNetwork:
    """The node's own network."""

    async def http(self, url: str, headers: Mapping[str, str], timeout: float) -> tuple[int, str]:
        """See `Network.http`. A redirect to another host is not followed (kubelet's rule)."""
        limit = aiohttp.ClientTimeout(total=timeout)
        connector = aiohttp.TCPConnector(ssl=False, force_close=True)
        async with (
            aiohttp.ClientSession(connector=connector, timeout=limit, auto_decompress=False) as session,
            session.get(url, headers=dict(headers), allow_redirects=False) as answer,
        ):
            body = await answer.content.read(MAX_OUTPUT)
            return answer.status, body.decode(errors="replace")

    async def tcp(self, host: str, port: int, timeout: float) -> None:
        """See `Network.tcp`."""
        async with asyncio.timeout(timeout):
            _, writer = await asyncio.open_connection(host, port)
        writer.close()


async def attempt(probe: Probe, target: Target, runtime: Runtime, network: Network) -> Attempt:
    """Make one attempt."""
    if probe.exec is not None:
        return await _command(probe, target, runtime)
    if probe.http_get is not None:
        return await _http(probe, probe.http_get, target, network)
    if probe.tcp_socket is not None:
        return await _tcp(probe, probe.tcp_socket, target, network)
    return Attempt(Verdict.ERROR, "missing probe handler")


async def _command(probe: Probe, target: Target, runtime: Runtime) -> Attempt:
    command = (probe.exec or {}).get("command") or []
    try:
        result = await runtime.exec(target.container_id, command, probe.timeout_seconds)
    except TimeoutError:
        return Attempt(Verdict.FAILURE, f'command timed out: "{" ".join(command)}" timed out')
    except RuntimeFailure as failure:
        return Attempt(Verdict.FAILURE, failure.message)
    except Unavailable as error:
        return Attempt(Verdict.ERROR, str(error))
    output = (result.stdout + result.stderr)[:MAX_OUTPUT].decode(errors="replace")
    return OK if result.exit_code == 0 else Attempt(Verdict.FAILURE, output)


async def _http(probe: Probe, action: Mapping[str, Any], target: Target, network: Network) -> Attempt:
    port = resolve_port(target.container, action["port"])
    if port is None:
        return Attempt(Verdict.ERROR, f"couldn't find port: {action['port']}")
    url = url_of(action, target.address, port)
    headers = {"User-Agent": AGENT, "Accept": "*/*", "Connection": "close"}
    headers |= {header["name"]: header["value"] for header in action.get("httpHeaders") or ()}
    try:
        code, body = await network.http(url, headers, probe.timeout_seconds)
    except TimeoutError:
        late = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
        return Attempt(Verdict.FAILURE, f'Get "{url}": {late}')
    except (aiohttp.ClientError, OSError) as error:
        return Attempt(Verdict.FAILURE, f'Get "{url}": {_dial(target.address, port, error)}')
    if 200 <= code < 400:
        return Attempt(Verdict.SUCCESS, body)
    return Attempt(Verdict.FAILURE, f"HTTP probe failed with statuscode: {code}")


async def _tcp(probe: Probe, action: Mapping[str, Any], target: Target, network: Network) -> Attempt:
    port = resolve_port(target.container, action["port"])
    host = str(action.get("host") or target.address)
    if port is None:
        return Attempt(Verdict.ERROR, f"couldn't find port: {action['port']}")
    try:
        await network.tcp(host, port, probe.timeout_seconds)
    except TimeoutError:
        return Attempt(Verdict.FAILURE, f"dial tcp {host}:{port}: i/o timeout")
    except OSError as error:
        return Attempt(Verdict.FAILURE, _dial(host, port, error))
    return OK


def resolve_port(container: Container, port: int | str) -> int | None:
    """Return a port given by number or by the container's name for it."""
    text = str(port)
    if text.isdecimal():
        return int(text)
    return next((one.container_port for one in container.ports if one.name == text), None)


def url_of(action: Mapping[str, Any], address: str, port: int) -> str:
    """Return the URL of an httpGet action."""
    host = str(action.get("host") or address)
    path = str(action.get("path") or "/")
    scheme = str(action.get("scheme") or "HTTP").lower()
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}:{port}{path if path.startswith('/') else '/' + path}"


def _dial(host: str, port: int, error: Exception) -> str:
    cause = getattr(error, "os_error", error)
    if isinstance(cause, ConnectionRefusedError):
        return f"dial tcp {host}:{port}: connect: connection refused"
    text = getattr(cause, "strerror", None) or str(cause)
    return f"dial tcp {host}:{port}: {text}"
