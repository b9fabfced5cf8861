"""The pre-removal hook on the node: run until it succeeds, answered in the API, run again by an agent that starts anew."""

import asyncio
from typing import Any

from moorage.api import removal
from moorage.api.refs import Document
from moorage.api.removal import Request
from tests.fakes.podserver import PODS
from tests.unit.nodeagent.kit import Rig, pod_document

READY = {"exec": {"command": ["test", "-e", "/left"]}}


def run(story: Any) -> None:
    async def whole() -> None:
        rig = Rig()
        await rig.start()
        await rig.apply(pod_document())
        await rig.until(lambda: phase(rig) == "Running", 5.0)
        await story(rig)
        await rig.stop()

    asyncio.run(whole())


def phase(rig: Rig) -> str:
    return str(rig.server.status("web-0").get("phase"))


def answer(rig: Rig) -> Document:
    """Return the condition that answers, {} while there is none."""
    found = rig.server.status("web-0").get("conditions") or ()
    return next((one for one in found if one["type"] == removal.CONDITION), {})


async def ask(rig: Rig, request: Request | None) -> None:
    pod = rig.server.pod("web-0") or {}
    annotations = {removal.REQUEST: removal.request_text(request)} if request else {}
    await rig.server.put(f"{PODS}/web-0", {**pod, "metadata": {**pod["metadata"], "annotations": annotations}})


async def touch(rig: Rig) -> None:
    (found,) = await rig.runtime.list_pods()
    await rig.runtime.exec(found.containers[0].id, ["touch", "/left"], 1.0)


def test_a_hook_is_run_until_it_succeeds_and_told_once() -> None:
    async def story(rig: Rig) -> None:
        await ask(rig, Request("1", READY))
        await rig.until(lambda: answer(rig).get("status") == "False")
        assert answer(rig)["message"] == "request 1: the hook failed: no output"
        await rig.clock.advance(30.0)
        await touch(rig)
        await rig.until(lambda: answer(rig).get("status") == "True", 61.0)
        assert answer(rig)["message"] == "request 1: the hook succeeded"
        told = [reason for reason, _ in rig.server.events() if "PreRemovalHook" in reason]
        assert told == ["FailedPreRemovalHook", "PreRemovalHookSucceeded"]
        assert phase(rig) == "Running"

    run(story)


def test_a_request_that_is_withdrawn_is_answered_no_more() -> None:
    async def story(rig: Rig) -> None:
        await ask(rig, Request("1", READY))
        await rig.until(lambda: answer(rig).get("status") == "False")
        await ask(rig, None)
        await rig.clock.advance(0.1)
        await touch(rig)
        await rig.clock.advance(120.0)
        assert answer(rig)["status"] == "False"
        await ask(rig, Request("2", READY))
        await rig.until(lambda: answer(rig).get("message") == "request 2: the hook succeeded")

    run(story)


def test_a_restarted_agent_runs_what_is_not_answered() -> None:
    async def story(rig: Rig) -> None:
        await ask(rig, Request("1", READY))
        await rig.until(lambda: answer(rig).get("status") == "False")
        await rig.agent.stop()
        await touch(rig)
        rig.agent = rig.new_agent()
        await rig.agent.start()
        await rig.until(lambda: answer(rig).get("status") == "True")

    run(story)


def test_http_and_a_container_that_does_not_run() -> None:
    async def story(rig: Rig) -> None:
        url = "http://10.42.0.2:8080/leave"
        rig.network.codes[url] = 503
        await ask(rig, Request("1", {"httpGet": {"port": 8080, "path": "/leave"}}))
        await rig.until(lambda: "statuscode: 503" in answer(rig).get("message", ""))
        rig.network.codes[url] = 202
        await rig.until(lambda: answer(rig).get("status") == "True")
        await ask(rig, Request("2", {**READY, "container": "other"}))
        await rig.until(lambda: answer(rig).get("message", "").endswith("container other does not run"))

    run(story)
