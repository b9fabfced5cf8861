"""What every runtime must do: the rules of `nodeagent.ports`.

In: each backend. Out: agreement.
"""

import asyncio

import pytest

from moorage.base.errors import RuntimeFailure
from moorage.nodeagent.ports import ContainerState, Mount
from tests.conformance.runtime.backends import (
    NO_END,
    SERVED,
    STUBBORN,
    TOOLS,
    WAIT_SECONDS,
    Backend,
    Pods,
    container,
    launch,
    pod,
    run,
    wait_for,
)


def test_tells_name_and_version(backend: Backend) -> None:
    async def body() -> None:
        async with backend.open() as runtime:
            name, _, version = (await runtime.version()).partition("://")
            assert name
            assert version[0].isdigit()

    run(body())


def test_a_sandbox_has_an_address_and_keeps_what_it_was_given(backend: Backend, pods: Pods) -> None:
    async def body() -> None:
        async with backend.open() as runtime:
            first = pods.sandbox("a", annotations={"kept": "yes"})
            second = pods.sandbox("b")
            identity = await runtime.start_sandbox(first)
            await runtime.start_sandbox(second)
            found, other = await pod(runtime, first.uid), await pod(runtime, second.uid)
            assert (found.name, found.namespace) == ("a", "default")
            (sandbox,) = found.sandboxes
            assert (sandbox.id, sandbox.ready, sandbox.attempt) == (identity, True, 0)
            assert sandbox.annotations == {"kept": "yes"}
            assert sandbox.ip.startswith("10.241.0.")
            assert other.sandboxes[0].ip not in ("", sandbox.ip)

    run(body())


def test_creating_what_exists_returns_it(backend: Backend, pods: Pods) -> None:
    async def body() -> None:
        async with backend.open() as runtime:
            sandbox = pods.sandbox("a")
            sandbox_id = await runtime.start_sandbox(sandbox)
            assert await runtime.start_sandbox(sandbox) == sandbox_id
            container_id = await runtime.create_container(sandbox_id, sandbox, container())
            assert await runtime.create_container(sandbox_id, sandbox, container()) == container_id

    run(body())


@pytest.mark.parametrize(("script", "code", "reason"), [("exit 3", 3, "Error"), ("true", 0, "Completed")])
def test_an_end_is_seen_with_its_code(backend: Backend, pods: Pods, script: str, code: int, reason: str) -> None:
    async def body() -> None:
        async with backend.open() as runtime:
            sandbox = pods.sandbox("a")
            config = container("sh", "-c", script, annotations={"hash": "1"})
            await launch(runtime, sandbox, config)
            found = await wait_for(runtime, sandbox.uid, lambda one: one.containers[0].state is ContainerState.EXITED)
            (ended,) = found.containers
            assert (ended.exit_code, ended.reason) == (code, reason)
            assert 0 < ended.created_at <= ended.started_at <= ended.finished_at
            assert ended.annotations == {"hash": "1"}
            assert ended.image == TOOLS

    run(body())


def test_attempts_follow_one_another_in_the_same_sandbox(backend: Backend, pods: Pods) -> None:
    async def body() -> None:
        async with backend.open() as runtime:
            sandbox = pods.sandbox("a")
            sandbox_id = await runtime.start_sandbox(sandbox)
            for attempt, command in enumerate([("sh", "-c", "exit 1"), NO_END]):
                config = container(*command, attempt=attempt, log_name=f"main/{attempt}.log")
                await runtime.start_container(await runtime.create_container(sandbox_id, sandbox, config))
                found = await wait_for(
                    runtime,
                    sandbox.uid,
                    lambda one: one.containers[0].state in (ContainerState.EXITED, ContainerState.RUNNING),
                )
            found = await wait_for(runtime, sandbox.uid, lambda one: one.containers[1].state is ContainerState.EXITED)
            assert [one.attempt for one in found.containers] == [1, 0]
            assert found.containers[0].state is ContainerState.RUNNING
            await runtime.remove_container(found.containers[1].id)
            assert [one.attempt for one in (await pod(runtime, sandbox.uid)).containers] == [1]

    run(body())


def test_a_stop_is_gentle_first_and_forced_after_the_grace(backend: Backend, pods: Pods) -> None:
    async def body() -> None:
        async with backend.open() as runtime:
            gentle, stubborn = pods.sandbox("gentle"), pods.sandbox("stubborn")
            first = await launch(runtime, gentle, container())
            rule = {"sim.moorage.dev/stop-seconds": "600"}
            second = await launch(runtime, stubborn, container(*STUBBORN, annotations=rule))
            await runtime.stop_container(first, 30)
            await runtime.stop_container(second, 1)
            ends = [(await pod(runtime, one.uid)).containers[0] for one in (gentle, stubborn)]
            assert [(one.exit_code, one.reason) for one in ends] == [(0, "Completed"), (137, "Error")]
            assert 1 <= ends[1].finished_at - ends[1].started_at < WAIT_SECONDS

    run(body())


def test_stopping_and_removing_what_is_gone_succeeds(backend: Backend, pods: Pods) -> None:
    async def body() -> None:
        async with backend.open() as runtime:
            sandbox = pods.sandbox("a")
            container_id = await launch(runtime, sandbox, container())
            sandbox_id = (await pod(runtime, sandbox.uid)).sandboxes[0].id
            for _ in range(2):
                await runtime.stop_container(container_id, 30)
                await runtime.remove_container(container_id)
            for _ in range(2):
                await runtime.stop_sandbox(sandbox_id)
                await runtime.remove_sandbox(sandbox_id)
            assert [one for one in await runtime.list_pods() if one.uid == sandbox.uid] == []

    run(body())


def test_a_stopped_sandbox_is_not_ready_and_takes_its_containers_along(backend: Backend, pods: Pods) -> None:
    async def body() -> None:
        async with backend.open() as runtime:
            sandbox = pods.sandbox("a")
            await launch(runtime, sandbox, container())
            sandbox_id = (await pod(runtime, sandbox.uid)).sandboxes[0].id
            await runtime.stop_sandbox(sandbox_id)
            found = await pod(runtime, sandbox.uid)
            assert (found.sandboxes[0].ready, found.sandboxes[0].ip) == (False, "")
            assert found.containers[0].state is ContainerState.EXITED
            again = pods.sandbox("a", attempt=1)
            newer = await runtime.start_sandbox(again)
            assert [one.id for one in (await pod(runtime, sandbox.uid)).sandboxes] == [newer, sandbox_id]

    run(body())


def test_exec_gives_output_and_code(backend: Backend, pods: Pods) -> None:
    async def body() -> None:
        async with backend.open() as runtime:
            identity = await launch(runtime, pods.sandbox("peer"), container(env=(("COLOUR", "blue"),)))
            assert (await runtime.exec(identity, ["hostname"], 5)).stdout == b"peer\n"
            assert (await runtime.exec(identity, ["sh", "-c", "echo $COLOUR"], 5)).stdout == b"blue\n"
            failed = await runtime.exec(identity, ["cat", "/no/file"], 5)
            assert (failed.exit_code, failed.stdout) == (1, b"")
            assert b"No such file" in failed.stderr
            with pytest.raises(RuntimeFailure, match="executable file not found"):
                await runtime.exec(identity, ["no-such-program"], 5)
            with pytest.raises(TimeoutError):
                await runtime.exec(identity, ["sleep", "30"], 1)

    run(body())


def test_mounts_are_the_hosts_own_folders(backend: Backend, pods: Pods) -> None:
    async def body() -> None:
        async with backend.open() as runtime:
            for name in ("data", "fixed"):
                (pods.folder / name).mkdir()
            (pods.folder / "fixed" / "page").write_text("old\n")
            mounts = (
                Mount(str(pods.folder / "data"), "/data"),
                Mount(str(pods.folder / "fixed"), "/fixed", read_only=True),
            )
            identity = await launch(runtime, pods.sandbox("a"), container(mounts=mounts))
            written = await runtime.exec(
                identity, ["sh", "-c", "echo one > /data/page && cat /data/page /fixed/page"], 5
            )
            assert written.stdout == b"one\nold\n"
            assert (pods.folder / "data" / "page").read_text() == "one\n"
            refused = await runtime.exec(identity, ["sh", "-c", "echo new > /fixed/page"], 5)
            assert refused.exit_code == 1
            assert b"Read-only" in refused.stderr

    run(body())


def test_logs_go_to_the_named_file(backend: Backend, pods: Pods) -> None:
    async def body() -> None:
        async with backend.open() as runtime:
            sandbox = pods.sandbox("a")
            await launch(runtime, sandbox, container("sh", "-c", "echo hello"))
            await wait_for(runtime, sandbox.uid, lambda one: one.containers[0].state is ContainerState.EXITED)
            (line,) = (pods.folder / "logs" / "a" / "main" / "0.log").read_text().splitlines()
            stamp, stream, tag, _ = line.split(" ", 3)
            assert (stamp[4], stamp[-1], stream, tag) == ("-", "Z", "stdout", "F")

    run(body())


def test_a_start_that_fails_is_told_and_shown(backend: Backend, pods: Pods) -> None:
    async def body() -> None:
        async with backend.open() as runtime:
            sandbox = pods.sandbox("a")
            rule = {"sim.moorage.dev/start-error": 'exec: "nowhere": executable file not found in $PATH'}
            with pytest.raises(RuntimeFailure, match="executable file not found") as caught:
                await launch(runtime, sandbox, container("nowhere", annotations=rule))
            assert caught.value.reason == "RunContainerError"
            (found,) = (await pod(runtime, sandbox.uid)).containers
            assert (found.state, found.exit_code, found.reason) == (ContainerState.EXITED, 128, "StartError")
            assert "executable file not found" in found.message

    run(body())


def test_images_come_and_go(backend: Backend) -> None:
    async def body() -> None:
        async with backend.open() as runtime:
            assert await runtime.image(SERVED) is None
            pulled = await runtime.pull_image(SERVED)
            assert f"docker.io/{SERVED}" in pulled.tags
            assert await runtime.image(SERVED) == await runtime.image(pulled.id) == pulled
            assert pulled in await runtime.images()
            await runtime.remove_image(SERVED)
            await runtime.remove_image(SERVED)
            assert await runtime.image(SERVED) is None

    run(body())


def test_an_image_nobody_has_is_told(backend: Backend) -> None:
    async def body() -> None:
        async with backend.open() as runtime:
            with pytest.raises(RuntimeFailure, match=r"code = NotFound.*not found") as caught:
                await runtime.pull_image("missing/image:v1")
            assert caught.value.reason == "ErrImagePull"

    run(body())


def test_a_container_needs_its_image(backend: Backend, pods: Pods) -> None:
    async def body() -> None:
        async with backend.open() as runtime:
            with pytest.raises(RuntimeFailure) as caught:
                await launch(runtime, pods.sandbox("a"), container(image="never-pulled:1"))
            assert caught.value.reason == "CreateContainerError"

    run(body())


def test_nodes_see_only_their_own(backend: Backend, pods: Pods) -> None:
    async def body() -> None:
        async with backend.open(0) as first, backend.open(1) as second:
            here, there = pods.sandbox("here"), pods.sandbox("there")
            await asyncio.gather(first.start_sandbox(here), second.start_sandbox(there))
            assert [one.name for one in await first.list_pods()] == ["here"]
            assert [one.name for one in await second.list_pods()] == ["there"]
            assert (await second.list_pods())[0].sandboxes[0].ip.startswith("10.241.1.")

    run(body())
