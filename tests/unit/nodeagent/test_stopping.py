"""How pods end: hooks, grace periods, deletions that hurry, deletions during a pull; and startup probes."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

from moorage.base.system import SystemIds
from moorage.nodeagent.ports import ContainerState
from moorage.nodeagent.rotation import LogRotation, surplus_files
from moorage.sim.runtime import Physics, SimRuntime
from tests.unit.nodeagent.kit import SETTINGS, Rig, pod_document


def ready(rig: Rig, name: str = "web-0") -> bool:
    conditions = rig.server.status(name).get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def behaving(rules: dict[str, str], **spec: Any) -> dict[str, Any]:
    """Return a pod whose made-up containers follow rules under sim.moorage.dev/."""
    document = pod_document(**spec)
    annotations = {f"sim.moorage.dev/{name}": value for name, value in rules.items()}
    return {**document, "metadata": {**document["metadata"], "annotations": annotations}}


def web(**fields: Any) -> list[dict[str, Any]]:
    return [{"name": "web", "image": "busybox:1", **fields}]


def run(story: Any) -> None:
    async def whole() -> None:
        rig = Rig()
        await rig.start()
        await story(rig)
        await rig.stop()

    asyncio.run(whole())


def test_a_stubborn_container_is_killed_at_the_end_of_its_grace() -> None:
    async def story(rig: Rig) -> None:
        await rig.apply(behaving({"stop-seconds": "999"}))
        await rig.until(lambda: ready(rig), 1.0)
        await rig.server.delete("web-0", 30)
        await rig.clock.advance(29.0)
        assert rig.server.pod("web-0") is not None
        await rig.clock.advance(2.0)
        assert rig.server.pod("web-0") is None
        ended = rig.server.status_writes[-1]["containerStatuses"][0]["state"]["terminated"]
        assert ended["exitCode"] == 137

    run(story)


def test_a_shorter_grace_period_is_obeyed_while_stopping() -> None:
    async def story(rig: Rig) -> None:
        await rig.apply(behaving({"stop-seconds": "999"}))
        await rig.until(lambda: ready(rig), 1.0)
        await rig.server.delete("web-0", 600)
        await rig.clock.advance(5.0)
        await rig.server.delete("web-0", 3)
        await rig.clock.advance(4.0)
        assert rig.server.pod("web-0") is None

    run(story)


def test_pre_stop_takes_its_time_out_of_the_grace_period() -> None:
    async def story(rig: Rig) -> None:
        hook = {"preStop": {"sleep": {"seconds": 20}}}
        await rig.apply(behaving({"stop-seconds": "999"}, containers=web(lifecycle=hook)))
        await rig.until(lambda: ready(rig), 1.0)
        await rig.server.delete("web-0", 30)
        await rig.clock.advance(19.0)
        (found,) = await rig.runtime.list_pods()
        assert found.containers[0].state is ContainerState.RUNNING
        await rig.clock.advance(12.0)
        assert rig.server.pod("web-0") is None

    run(story)


def test_a_failed_pre_stop_hook_is_told_and_the_stop_goes_on() -> None:
    async def story(rig: Rig) -> None:
        await rig.apply(pod_document(containers=web(lifecycle={"preStop": {"exec": {"command": ["nonsense"]}}})))
        await rig.until(lambda: ready(rig), 1.0)
        await rig.server.delete("web-0", 30)
        await rig.clock.advance(1.0)
        assert rig.server.pod("web-0") is None
        assert ("FailedPreStopHook", "PreStopHook failed") in rig.server.events()

    run(story)


def test_a_failed_post_start_hook_ends_the_container() -> None:
    async def story(rig: Rig) -> None:
        await rig.apply(pod_document(containers=web(lifecycle={"postStart": {"exec": {"command": ["nonsense"]}}})))
        await rig.clock.advance(1.0)
        assert ("FailedPostStartHook", "PostStartHook failed") in rig.server.events()
        waiting = rig.server.status("web-0")["containerStatuses"][0]["state"]["waiting"]
        assert waiting["reason"] in ("PostStartHookError", "CrashLoopBackOff")

    run(story)


def test_a_deletion_does_not_wait_for_a_pull() -> None:
    async def story(rig: Rig) -> None:
        rig.runtime = SimRuntime(rig.clock, SystemIds(), "10.42.0.0/24", Physics(pull_seconds=3600.0))
        await rig.agent.stop()
        rig.agent = rig.new_agent()
        await rig.start()
        await rig.apply(pod_document())
        await rig.clock.advance(5.0)
        await rig.server.delete("web-0", 30)
        await rig.clock.advance(1.0)
        assert rig.server.pod("web-0") is None

    run(story)


def test_a_container_that_starts_slowly_is_ready_after_its_startup_probe() -> None:
    async def story(rig: Rig) -> None:
        startup = {"tcpSocket": {"port": 80}, "periodSeconds": 1, "failureThreshold": 30}
        rig.network.codes["10.42.0.2:80"] = 0
        await rig.apply(pod_document(containers=web(startupProbe=startup)))
        await rig.clock.advance(3.0)
        status = rig.server.status("web-0")["containerStatuses"][0]
        assert (status["started"], status["ready"]) == (False, False)
        rig.network.codes.clear()
        await rig.clock.advance(1.0)
        assert ready(rig)

    run(story)


def test_a_startup_probe_that_never_passes_restarts_the_container() -> None:
    async def story(rig: Rig) -> None:
        startup = {"tcpSocket": {"port": 80}, "periodSeconds": 1, "failureThreshold": 2}
        rig.network.codes["10.42.0.2:80"] = 0
        await rig.apply(pod_document(containers=web(startupProbe=startup)))
        await rig.clock.advance(2.0)
        assert ("Killing", "Container web failed startup probe, will be restarted") in rig.server.events()
        assert rig.server.status("web-0")["containerStatuses"][0]["restartCount"] == 1

    run(story)


def test_a_job_like_pod_succeeds_and_keeps_its_container_for_the_log() -> None:
    async def story(rig: Rig) -> None:
        rules = {"exit-after": "1", "exit-code": "0"}
        await rig.apply(behaving(rules, restartPolicy="Never"))
        await rig.clock.advance(3.0)
        status = rig.server.status("web-0")
        assert status["phase"] == "Succeeded"
        assert status["podIP"].startswith("10.42.0.")
        (found,) = await rig.runtime.list_pods()
        assert [one.state for one in found.containers] == [ContainerState.EXITED]
        assert not found.sandboxes[0].ready

    run(story)


def test_a_rejected_pod_fails_and_never_runs() -> None:
    async def story(rig: Rig) -> None:
        await rig.apply(pod_document(containers=web(resources={"requests": {"cpu": "64"}})))
        await rig.clock.advance(1.0)
        status = rig.server.status("web-0")
        assert (status["phase"], status["reason"]) == ("Failed", "OutOfcpu")
        assert await rig.runtime.list_pods() == []

    run(story)


def test_what_cannot_be_read_stops_nobody_else() -> None:
    async def story(rig: Rig) -> None:
        await rig.apply(pod_document("broken", restartPolicy=7))
        await rig.apply(pod_document())
        await rig.until(lambda: ready(rig), 1.0)

    run(story)


def test_an_api_that_is_away_for_a_while_costs_nothing_but_time() -> None:
    async def story(rig: Rig) -> None:
        down = {"kind": "Status", "code": 503, "reason": "ServiceUnavailable", "message": "away"}
        rig.server.refuse = lambda request: down if request.method != "GET" else None
        await rig.apply(pod_document())
        await rig.clock.advance(5.0)
        assert rig.server.status("web-0")["phase"] == "Pending"
        rig.server.refuse = lambda request: None
        await rig.until(lambda: ready(rig), 15.0)

    run(story)


def test_only_the_newest_rotated_logs_stay(tmp_path: Path) -> None:
    log = tmp_path / "0.log"
    names = [f"0.log.2026010{day}-000000" for day in range(1, 8)]
    for name in (*names, "1.log.20260101-000000"):
        (tmp_path / name).touch()
    assert [path.name for path in surplus_files(log)] == names[:3]


def test_a_log_that_grew_too_long_is_set_aside(tmp_path: Path) -> None:
    async def story() -> None:
        rig = Rig(settings=replace(SETTINGS, data_dir=tmp_path), keeps_files=True)
        await rig.start()
        await rig.apply(pod_document())
        await rig.until(lambda: ready(rig), 1.0)
        log = tmp_path / "pod-logs/default_web-0_web-0-uid/web/0.log"
        await LogRotation(rig.agent.tools).once()
        assert log.exists()
        await LogRotation(rig.agent.tools, max_bytes=1).once()
        assert [file.name.rpartition("-")[0] for file in log.parent.iterdir()] == ["0.log.20260101"]
        await rig.stop()

    asyncio.run(story())
