"""What only the real runtime can show: the kernel's part, containerd's death, two lives of the agent, no leftovers.

In: a running containerd. Out: the promises of `nodeagent.cri` observed.
"""

import asyncio
import signal
import urllib.request
from collections.abc import Iterable
from pathlib import Path

import pytest

from moorage.base.errors import RuntimeFailure, UserError
from moorage.base.system import SystemClock
from moorage.nodeagent.cri import machine, network, process, standins
from moorage.nodeagent.cri.cgroups import hierarchies
from moorage.nodeagent.cri.imagebuild import oci_archive
from moorage.nodeagent.cri.layout import Layout, Settings, node_networks
from moorage.nodeagent.cri.leftovers import leftovers, processes
from moorage.nodeagent.cri.runtime import CriRuntime
from moorage.nodeagent.ports import ContainerState, Limits, PortMapping
from tests.conformance.runtime.backends import (
    BUSYBOX,
    CLUSTER_CIDR,
    SERVICE_CIDR,
    ContainerdBackend,
    Pods,
    container,
    launch,
    pod,
    run,
    wait_for,
)
from tests.e2e.moor import eventually, listens

pytestmark = pytest.mark.e2e
MEBIBYTE = 1024 * 1024


def test_identity_of_a_pod(real: ContainerdBackend, pods: Pods) -> None:
    async def body() -> None:
        async with real.open() as runtime:
            sandbox = pods.sandbox(
                "myapp-0",
                dns_servers=("10.43.0.10",),
                dns_searches=("default.svc.cluster.local", "svc.cluster.local"),
                dns_options=("ndots:5",),
            )
            identity = await launch(runtime, sandbox, container())
            script = "cat /etc/hostname /etc/resolv.conf; cat /proc/1/comm"
            output = (await runtime.exec(identity, ["sh", "-c", script], 5)).stdout.decode().splitlines()
            assert output == [
                "myapp-0",
                "search default.svc.cluster.local svc.cluster.local",
                "nameserver 10.43.0.10",
                "options ndots:5",
                "sh",  # not the pause process: that is in another pid namespace
            ]

    run(body())


def test_memory_beyond_the_limit_is_told_as_oomkilled(real: ContainerdBackend, pods: Pods) -> None:
    async def body() -> None:
        async with real.open() as runtime:
            sandbox = pods.sandbox("a")
            greedy = container("sh", "-c", "exec tail /dev/zero", limits=Limits(memory_bytes=16 * MEBIBYTE))
            await launch(runtime, sandbox, greedy)
            # The kernel tells of the kill a moment before the process has ended.
            found = await wait_for(runtime, sandbox.uid, lambda one: one.containers[0].finished_at > 0)
            assert (found.containers[0].reason, found.containers[0].exit_code) == ("OOMKilled", 137)

    run(body())


def test_pod_limits_are_in_the_pods_cgroup_which_goes_with_it(real: ContainerdBackend, pods: Pods) -> None:
    async def body() -> None:
        async with real.open() as runtime:
            limits = Limits(memory_bytes=32 * MEBIBYTE, pids=64)
            sandbox = pods.sandbox("a", cgroup_parent="/kubepods/burstable/pod-a", limits=limits)
            sandbox_id = await runtime.start_sandbox(sandbox)
            tree = next(tree for tree in hierarchies() if "pids" in tree.controllers)
            place = tree.root / real.layout.cgroup_root.lstrip("/") / "kubepods/burstable/pod-a"
            assert (place / "pids.max").read_text() == "64\n"
            await runtime.stop_sandbox(sandbox_id)
            await runtime.remove_sandbox(sandbox_id)
            assert not place.exists()

    run(body())


def test_pods_live_on_when_containerd_dies(real: ContainerdBackend, pods: Pods) -> None:
    async def body() -> None:
        async with real.open() as runtime:
            lasting, brief = pods.sandbox("lasting"), pods.sandbox("brief")
            identity = await launch(runtime, lasting, container())
            await launch(runtime, brief, container("sh", "-c", "sleep 0.3; exit 9"))
            daemon = process.load(real.layout.pid)
            assert daemon is not None
            daemon.signal(signal.SIGKILL)
            await machine.up(real.settings, SystemClock())
            again = process.load(real.layout.pid)
            assert again is not None
            assert again.pid != daemon.pid
            found = await wait_for(runtime, brief.uid, lambda one: one.containers[0].state is ContainerState.EXITED)
            assert found.containers[0].exit_code == 9
            assert (await pod(runtime, lasting.uid)).containers[0].state is ContainerState.RUNNING
            assert (await runtime.exec(identity, ["true"], 5)).exit_code == 0

    run(body())


def test_a_second_start_reuses_the_living_containerd(real: ContainerdBackend) -> None:
    before = process.load(real.layout.pid)
    run(_up(real))
    assert before is not None
    assert process.load(real.layout.pid) == before


async def _up(real: ContainerdBackend) -> None:
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(machine.up(real.settings, SystemClock()))


def test_a_new_connection_sees_the_same_pods(real: ContainerdBackend, pods: Pods) -> None:
    async def body() -> None:
        sandbox = pods.sandbox("a", annotations={"kept": "yes"})
        async with real.open() as first:
            await launch(first, sandbox, container(annotations={"hash": "1"}))
            async with real.open() as second:
                assert await second.list_pods() == await first.list_pods()

    run(body())


def test_host_ports_answer_on_loopback_and_streams_have_addresses(real: ContainerdBackend, pods: Pods) -> None:
    async def body() -> None:
        async with real.open() as runtime:
            sandbox = pods.sandbox("a", ports=(PortMapping(80, 38080),))
            serve = (
                "trap 'exit 0' TERM; echo hello > /tmp/index.html; httpd -p 80 -h /tmp; while :; do sleep 0.05; done"
            )
            identity = await launch(runtime, sandbox, container("sh", "-c", serve))
            page = await asyncio.to_thread(_fetch, "http://127.0.0.1:38080/")
            assert page == b"hello\n"
            sandbox_id = (await pod(runtime, sandbox.uid)).sandboxes[0].id
            urls = [
                await runtime.exec_url(identity, ["sh"], tty=True, stdin=True, stderr=True),
                await runtime.attach_url(identity, tty=False, stdin=False, stderr=True),
                await runtime.port_forward_url(sandbox_id, [80]),
            ]
            assert [url.startswith("http://127.0.0.1:") for url in urls] == [True] * 3

    run(body())


def _fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=5) as answer:
        body: bytes = answer.read()
        return body


def test_the_demo_stand_in_keeps_its_page_and_ends_at_once(real: ContainerdBackend, pods: Pods) -> None:
    async def body() -> None:
        file = pods.folder / "demo.tar"
        images = standins.demo_images(BUSYBOX.read_bytes())
        file.write_bytes(oci_archive({f"docker.io/{name}": image for name, image in images.items()}))
        names = await machine.import_archive(file, real.layout, SystemClock())
        assert sorted(names) == ["docker.io/ikubernetes/myapp:v5", "docker.io/ikubernetes/myapp:v6"]
        async with real.open() as runtime:
            sandbox = pods.sandbox("myapp-0")
            config = container(image="ikubernetes/myapp:v5", command=())
            identity = await launch(runtime, sandbox, config)
            ip = (await pod(runtime, sandbox.uid)).sandboxes[0].ip
            await eventually(lambda: listens(ip))
            assert await asyncio.to_thread(_fetch, f"http://{ip}/") == b"Hello MyApp | Version: v5 | myapp-0\n"
            await runtime.stop_container(identity, 30)
            (ended,) = (await pod(runtime, sandbox.uid)).containers
            assert ended.exit_code == 0
            assert ended.finished_at - ended.started_at < 10

    run(body())


def test_a_file_that_is_no_archive_is_refused(real: ContainerdBackend, tmp_path: Path) -> None:
    file = tmp_path / "not.tar"
    file.write_text("no archive")
    with pytest.raises(RuntimeFailure, match="import"):
        run(_import(real, file))


async def _import(real: ContainerdBackend, file: Path) -> None:
    await machine.import_archive(file, real.layout, SystemClock())


def test_two_clusters_share_a_machine_but_not_a_range(real: ContainerdBackend, tmp_path: Path) -> None:
    other = Settings(tmp_path, node_networks(["n0"], CLUSTER_CIDR), CLUSTER_CIDR, SERVICE_CIDR)
    with pytest.raises(UserError, match="in use by interface mo"):
        run(network.check_free(other, Layout(tmp_path)))


def test_after_a_crash_nothing_is_left(tmp_path_factory: pytest.TempPathFactory, real: ContainerdBackend) -> None:
    async def body() -> None:
        own = await _second_cluster(tmp_path_factory.mktemp("gone"))
        async with real.open() as bystander:
            witness = Pods(own.settings.data_dir).sandbox("witness")
            await launch(bystander, witness, container())
            _kill(processes(own.layout))
            assert await leftovers(own.layout)
            assert await own.stop() == []
            assert not own.layout.home.exists()
            assert (await pod(bystander, witness.uid)).containers[0].state is ContainerState.RUNNING

    run(body())


def test_even_without_containerd_nothing_is_left(tmp_path_factory: pytest.TempPathFactory) -> None:
    async def body() -> None:
        own = await _second_cluster(tmp_path_factory.mktemp("torn"))
        daemon = process.load(own.layout.pid)
        assert daemon is not None
        _kill([daemon.pid])
        (own.layout.root / "io.containerd.metadata.v1.bolt" / "meta.db").write_bytes(b"torn" * 4096)
        assert len(processes(own.layout)) > 1
        assert await own.stop() == []

    run(body())


async def _second_cluster(folder: Path) -> ContainerdBackend:
    """Return another cluster with one running pod that has a host port."""
    own = ContainerdBackend(folder)
    nodes = node_networks(["n0"], "10.243.0.0/16")
    own.settings = Settings(folder, nodes, "10.243.0.0/16", "10.244.0.0/16", ("10.244.0.10",))
    await own.start()
    runtime = CriRuntime(own.layout, nodes[0], SystemClock())
    await launch(runtime, Pods(folder).sandbox("lost", ports=(PortMapping(80, 38081),)), container())
    await runtime.close()
    return own


def _kill(pids: Iterable[int]) -> None:
    for pid in pids:
        identity = process.identify(pid)
        if identity:
            identity.signal(signal.SIGKILL)
