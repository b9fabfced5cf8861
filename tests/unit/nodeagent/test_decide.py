"""What is to be done for a pod, state by state."""

from dataclasses import replace

import pytest

from moorage.nodeagent.decide import decide
from moorage.nodeagent.marks import ContainerMarks, spec_hash
from moorage.nodeagent.plan import Start
from moorage.nodeagent.ports import ContainerState
from moorage.nodeagent.snapshot import Failure, ProbeResults, Termination
from tests.unit.nodeagent.kit import NOW, container, exited, pod, sandbox, snapshot

INIT = {"name": "init", "image": "busybox:1"}
SIDECAR = {"name": "side", "image": "busybox:1", "restartPolicy": "Always"}
UP = (sandbox(),)


def test_an_unconfirmed_pod_is_confirmed_before_anything_else() -> None:
    plan = decide(snapshot(pod(), confirmed=False, volumes_ready=False), NOW)
    assert (plan.confirm, plan.mount, plan.sandbox, plan.start) == (True, False, None, ())


def test_a_pod_held_back_by_an_older_namesake_does_nothing() -> None:
    assert decide(snapshot(pod(), hold="an older pod still runs"), NOW).idle


def test_volumes_come_before_the_sandbox_and_the_sandbox_before_containers() -> None:
    assert decide(snapshot(pod(), volumes_ready=False), NOW).mount
    assert decide(snapshot(pod()), NOW).sandbox == 0
    assert decide(snapshot(pod(), sandboxes=UP), NOW).start == (Start("web", 0),)


def test_a_running_pod_needs_nothing() -> None:
    assert decide(snapshot(pod(), container(), sandboxes=UP), NOW + 99).idle


def test_a_failed_step_waits_for_its_time() -> None:
    waits = {"": Failure("FailedMount", "no such claim", NOW + 4)}
    plan = decide(snapshot(pod(), volumes_ready=False, waits=waits), NOW)
    assert plan.idle
    assert plan.wake_at == NOW + 4
    assert decide(snapshot(pod(), volumes_ready=False, waits=waits), NOW + 4).mount


def test_init_containers_run_one_after_the_other_and_before_the_others() -> None:
    one = pod(initContainers=[INIT, {**INIT, "name": "init2"}])
    assert decide(snapshot(one, sandboxes=UP), NOW).start == (Start("init", 0),)
    assert decide(snapshot(one, exited("init"), sandboxes=UP), NOW).start == (Start("init2", 0),)
    both = (exited("init"), exited("init2"))
    assert decide(snapshot(one, *both, sandboxes=UP), NOW).start == (Start("web", 0),)


def test_a_started_sidecar_lets_the_others_go_and_is_restarted_beside_them() -> None:
    one = pod(initContainers=[SIDECAR])
    assert decide(snapshot(one, container("side"), sandboxes=UP), NOW).start == (Start("web", 0),)
    running = snapshot(one, container("web"), exited("side"), sandboxes=UP)
    assert [start.name for start in decide(running, NOW).start] == ["side"]


def test_a_failed_init_container_of_a_pod_that_never_restarts_ends_it() -> None:
    one = pod(initContainers=[INIT], restartPolicy="Never")
    plan = decide(snapshot(one, exited("init", code=1), sandboxes=UP), NOW)
    assert plan.start == ()
    assert plan.stop_sandboxes == ("sandbox-0",)


@pytest.mark.parametrize(
    ("policy", "code", "again"),
    [("Always", 0, True), ("OnFailure", 1, True), ("OnFailure", 0, False), ("Never", 1, False)],
)
def test_the_restart_policy_decides_about_an_end(policy: str, code: int, *, again: bool) -> None:
    plan = decide(snapshot(pod(restartPolicy=policy), exited(code=code), sandboxes=UP), NOW)
    assert bool(plan.start) is again


def test_a_second_crash_waits_and_says_so() -> None:
    crashed = exited(attempt=1, code=1, marks=ContainerMarks(restart_delay=10.0))
    plan = decide(snapshot(pod(), crashed, sandboxes=UP), NOW + 1)
    assert plan.start == ()
    assert plan.wake_at == NOW + 10
    wait = plan.waits["web"]
    assert wait.reason == "CrashLoopBackOff"
    assert wait.message == "back-off 10s restarting failed container=web pod=web-0_default(web-0-uid)"
    assert decide(snapshot(pod(), crashed, sandboxes=UP), NOW + 10).start == (Start("web", 2, 20.0),)


def test_a_dead_sandbox_is_replaced_after_its_containers_stopped() -> None:
    dead = (sandbox(ready=False),)
    stops = decide(snapshot(pod(), container(), sandboxes=dead), NOW).stop
    assert [stop.id for stop in stops] == ["web-0"]
    assert decide(snapshot(pod(), exited(), sandboxes=dead), NOW).sandbox == 1


def test_containers_of_a_replaced_sandbox_start_again_with_the_next_attempt() -> None:
    both = (sandbox(1), sandbox(0, ready=False))
    assert decide(snapshot(pod(), exited(), sandboxes=both), NOW).start == (Start("web", 1),)


def test_the_attempt_goes_on_from_the_api_when_the_runtime_forgot() -> None:
    known = {"containerStatuses": [{"name": "web", "restartCount": 4, "containerID": "containerd://x"}]}
    assert decide(snapshot(pod(status=known), sandboxes=UP), NOW).start == (Start("web", 5),)


def test_an_unhealthy_container_is_stopped_with_the_probes_own_grace() -> None:
    probe = {"tcpSocket": {"port": 1}, "terminationGracePeriodSeconds": 3}
    one = pod(containers=[{"name": "web", "image": "i", "livenessProbe": probe}])
    plan = decide(snapshot(one, container(), sandboxes=UP, probes={"web-0": ProbeResults(unhealthy="liveness")}), NOW)
    assert plan.stop[0].deadline == NOW + 3
    assert plan.stop[0].message == "Container web failed liveness probe, will be restarted"


def test_a_changed_image_replaces_the_container() -> None:
    old = container(marks=ContainerMarks(spec_hash=spec_hash("web", "busybox:0")))
    assert (
        decide(snapshot(pod(), old, sandboxes=UP), NOW).stop[0].message.startswith("Container web definition changed")
    )


def test_only_the_newest_dead_container_of_a_name_is_kept() -> None:
    dead = [exited(attempt=attempt) for attempt in (2, 1, 0)]
    running = snapshot(pod(), container(attempt=3), *dead, sandboxes=UP)
    assert decide(running, NOW).remove_containers == ("web-1", "web-0")


def test_a_deleted_pod_stops_step_by_step() -> None:
    ended = Termination("deleted", NOW + 30)
    still = snapshot(pod(), container(), sandboxes=UP, termination=ended, volumes_left=True)
    assert decide(still, NOW).stop[0].deadline == NOW + 30
    quiet = snapshot(pod(), exited(), sandboxes=UP, termination=ended, volumes_left=True)
    assert decide(quiet, NOW).stop_sandboxes == ("sandbox-0",)
    down = snapshot(pod(), exited(), sandboxes=(sandbox(ready=False),), termination=ended, volumes_left=True)
    assert decide(down, NOW).unmount
    assert decide(replace(down, volumes_left=False), NOW).release
    assert decide(replace(down, volumes_left=False, termination=Termination("orphaned", NOW)), NOW).clear


def test_the_api_is_not_told_while_a_process_may_live() -> None:
    ended = Termination("deleted", NOW)
    for state in (ContainerState.RUNNING, ContainerState.UNKNOWN):
        plan = decide(snapshot(pod(), container(state=state), sandboxes=UP, termination=ended), NOW + 999)
        assert not plan.release


def test_sidecars_stop_after_the_others_last_declared_first() -> None:
    one = pod(initContainers=[SIDECAR, {**SIDECAR, "name": "side2"}])
    ended = Termination("deleted", NOW + 30)
    sides = (container("side"), container("side2"))
    first = decide(snapshot(one, container("web"), *sides, sandboxes=UP, termination=ended), NOW)
    assert [stop.name for stop in first.stop] == ["web"]
    second = decide(snapshot(one, exited("web"), *sides, sandboxes=UP, termination=ended), NOW)
    assert [stop.name for stop in second.stop] == ["side2"]


def test_a_pod_past_its_deadline_fails() -> None:
    one = pod(activeDeadlineSeconds=60)
    running = snapshot(one, container(), sandboxes=UP)
    assert decide(running, NOW + 59).wake_at == NOW + 60
    fail = decide(running, NOW + 60).fail
    assert fail is not None
    assert fail.reason == "DeadlineExceeded"


def test_a_finished_pod_is_never_started_again() -> None:
    plan = decide(snapshot(pod(status={"phase": "Failed"}), volumes_ready=False), NOW)
    assert plan.idle
