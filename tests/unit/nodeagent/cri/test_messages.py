"""Configs as CRI messages, and containerd's answers and errors as ours."""

from dataclasses import replace

import pytest
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from moorage.base.errors import RuntimeFailure, Unavailable
from moorage.nodeagent.cri import messages
from moorage.nodeagent.cri.calls import STARTING, NotFound, translate
from moorage.nodeagent.cri.events import subject
from moorage.nodeagent.cri.generated import cri_pb2 as pb
from moorage.nodeagent.cri.generated.events_pb2 import Envelope, TaskDelete, TaskEvent, TaskExit
from moorage.nodeagent.cri.layout import NODE_LABEL
from moorage.nodeagent.ports import ContainerConfig, Limits, Mount, SandboxConfig, Security

SANDBOX = SandboxConfig("uid-1", "web-0", "shop", 2, "web-0", "/logs", annotations={"kept": "yes"})
CONTAINER = ContainerConfig("main", 3, "nginx", "main/3.log")


def test_containers_do_not_see_each_others_processes_unless_asked() -> None:
    def pid(sandbox: SandboxConfig) -> tuple[int, int]:
        of_pod = messages.sandbox_config(sandbox, "n", "/c").linux.security_context.namespace_options.pid
        of_container = messages.container_config(CONTAINER, sandbox, "n").linux.security_context.namespace_options.pid
        return of_pod, of_container

    assert pid(SANDBOX) == (1, 1)
    assert pid(replace(SANDBOX, share_processes=True)) == (0, 0)
    assert pid(replace(SANDBOX, host_pid=True)) == (2, 2)


def test_with_the_nodes_network_there_is_no_hostname() -> None:
    form = messages.sandbox_config(replace(SANDBOX, host_network=True), "n", "/c")
    assert form.hostname == ""
    assert form.linux.security_context.namespace_options.network == 2


def test_what_recognises_a_pod_is_in_the_labels() -> None:
    labels = dict(messages.container_config(CONTAINER, SANDBOX, "node-1").labels)
    assert labels == {
        "io.kubernetes.pod.name": "web-0",
        "io.kubernetes.pod.namespace": "shop",
        "io.kubernetes.pod.uid": "uid-1",
        "io.kubernetes.container.name": "main",
        NODE_LABEL: "node-1",
    }


def test_our_own_note_on_a_sandbox_is_not_given_back() -> None:
    form = messages.sandbox_config(SANDBOX, "n", "/kubepods/pod1")
    assert form.annotations[messages.CGROUP_ANNOTATION] == "/kubepods/pod1"
    assert messages.own_annotations(form.annotations) == {"kept": "yes"}


def test_user_zero_and_no_user_are_different() -> None:
    def user(security: Security) -> bool:
        form = messages.container_config(replace(CONTAINER, security=security), SANDBOX, "n")
        return form.linux.security_context.HasField("run_as_user")

    assert user(Security(run_as_user=0)) is True
    assert user(Security()) is False


def test_only_the_privileged_see_everything() -> None:
    plain = messages.container_config(CONTAINER, SANDBOX, "n").linux.security_context
    freed = messages.container_config(replace(CONTAINER, security=Security(privileged=True)), SANDBOX, "n")
    assert "/proc/kcore" in plain.masked_paths
    assert list(freed.linux.security_context.masked_paths) == []


def test_limits_never_allow_swap_and_mounts_keep_their_propagation() -> None:
    limits = messages.resources(Limits(memory_bytes=1024))
    assert (limits.memory_limit_in_bytes, limits.memory_swap_limit_in_bytes, limits.cpu_period) == (1024, 1024, 0)
    mounts = (Mount("/host", "/in", read_only=True, propagation="rslave"),)
    (mount,) = messages.container_config(replace(CONTAINER, mounts=mounts), SANDBOX, "n").mounts
    assert (mount.readonly, mount.propagation) == (True, 1)


def test_an_end_is_never_before_its_start() -> None:
    status = pb.ContainerStatus(state=2, created_at=1_000_000_000, started_at=3_000_000_000, finished_at=2_000_000_000)
    found = messages.container(status, "nginx")
    assert (found.created_at, found.started_at, found.finished_at) == (1.0, 2.0, 2.0)


@pytest.mark.parametrize(
    ("error", "kind", "text"),
    [
        (GRPCError(Status.UNKNOWN, STARTING), Unavailable, "not ready"),
        (GRPCError(Status.NOT_FOUND, "no container"), NotFound, "rpc error: code = NotFound desc = no container"),
        (GRPCError(Status.DEADLINE_EXCEEDED, "late"), TimeoutError, "rpc error: code = DeadlineExceeded desc = late"),
        (GRPCError(Status.UNKNOWN, "bad"), RuntimeFailure, "Why: rpc error: code = Unknown desc = bad"),
        (GRPCError(Status.CANCELLED, "x"), RuntimeFailure, "code = Canceled"),
    ],
)
def test_errors_are_put_into_our_words(error: GRPCError, kind: type[Exception], text: str) -> None:
    found = translate(error, "Why")
    assert type(found) is kind
    assert text in str(found)


def test_ends_of_exec_processes_are_no_hints() -> None:
    def event(topic: str, message: TaskExit | TaskDelete | TaskEvent) -> str:
        envelope = Envelope(topic=topic)
        envelope.event.value = message.SerializeToString()
        return subject(envelope)

    assert event("/tasks/exit", TaskExit(container_id="c", id="c")) == "c"
    assert event("/tasks/exit", TaskExit(container_id="c", id="exec-1")) == ""
    assert event("/tasks/delete", TaskDelete(container_id="c")) == "c"
    assert event("/tasks/oom", TaskEvent(container_id="c")) == "c"
