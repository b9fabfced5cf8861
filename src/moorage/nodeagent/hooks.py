"""Hooks of containers: postStart and preStop.

In: a handler, a running container. Out: None, or why it failed. Rules: kubelet/lifecycle/handlers.go, 1.32.
"""

from collections.abc import Mapping
from typing import Any

import aiohttp

from moorage.base.errors import RuntimeFailure, Unavailable
from moorage.base.ports import Clock
from moorage.nodeagent.attempts import Network, Target, resolve_port, url_of
from moorage.nodeagent.ports import Runtime

AGENT = "kube-lifecycle/1.32"


async def run(handler: Mapping[str, Any], target: Target, means: tuple[Runtime, Network, Clock], seconds: float) -> str:
    """Run a hook to its end, at most `seconds` (0 for no bound); return why it failed, "" for success."""
    runtime, network, clock = means
    if "exec" in handler:
        return await _command(handler["exec"].get("command") or [], target, runtime, seconds)
    if "sleep" in handler:
        wanted = float(handler["sleep"]["seconds"])
        await clock.sleep(min(wanted, seconds) if seconds else wanted)
        return ""
    if "httpGet" in handler:
        return await _http(handler["httpGet"], target, network, seconds)
    return "invalid handler: no known action"


async def _command(command: list[str], target: Target, runtime: Runtime, seconds: float) -> str:
    try:
        result = await runtime.exec(target.container_id, command, seconds)
    except TimeoutError:
        return "command timed out"
    except (RuntimeFailure, Unavailable) as error:
        return str(error)
    if result.exit_code == 0:
        return ""
    shown = " ".join(command)
    output = (result.stdout + result.stderr)[:1024].decode(errors="replace")
    return f"command '{shown}' exited with {result.exit_code}: {output}"


async def _http(action: Mapping[str, Any], target: Target, network: Network, seconds: float) -> str:
    port = resolve_port(target.container, action.get("port") or 80)
    if port is None:
        return f"couldn't find port: {action.get('port')}"
    headers = {"User-Agent": AGENT} | {one["name"]: one["value"] for one in action.get("httpHeaders") or ()}
    try:
        await network.http(url_of(action, target.address, port), headers, seconds or 60.0)
    except (TimeoutError, OSError, aiohttp.ClientError) as error:
        return str(error) or type(error).__name__
    return ""
