"""A cluster of real containers with images made on the spot; afterwards the machine is as before."""

import asyncio
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from moorage.nodeagent.cri import hostrecord
from moorage.nodeagent.cri.layout import Layout
from moorage.nodeagent.cri.leftovers import leftovers
from moorage.nodeagent.cri.prerequisites import missing
from moorage.nodeagent.cri.registry import Registry
from moorage.nodeagent.cri.standins import demo_images
from tests.e2e.moor import ARTICLE, DEADLINE_SECONDS, STORAGE_CLASS, Moor, running

WAIT = "--timeout=60s"
# Not the defaults: a cluster of the developer's may be running.
NETWORKS = ("--pod-cidr", "10.251.0.0/16", "--service-cidr", "10.252.0.0/16")


@pytest.fixture(scope="session")
def mirror() -> Iterator[str]:
    """URL of a registry that serves the article's images."""
    busybox = shutil.which("busybox")
    lacks = missing() + ([] if busybox else ["busybox is not installed: apt-get install busybox-static"])
    if lacks or busybox is None:
        pytest.skip(f"REAL CONTAINERS NOT TESTED: {'; '.join(lacks)}")
    registry = Registry(demo_images(Path(busybox).read_bytes()))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(registry.start(), loop).result(DEADLINE_SECONDS)
    finally:
        asyncio.run_coroutine_threadsafe(registry.close(), loop).result(DEADLINE_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture(scope="module")
def real(mirror: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moor]:
    """A node of real containers with the article's application rolled out; what it leaves behind fails the run."""
    cluster = Moor(tmp_path_factory.mktemp("real") / "data")
    before = asyncio.run(hostrecord.look())
    try:
        cluster.up("--mirror", mirror, *NETWORKS)
        cluster.must("apply", "-f", "-", text=STORAGE_CLASS)
        cluster.must("apply", "-f", str(ARTICLE))
        cluster.must("rollout", "status", "sts/myapp", WAIT)
        yield cluster
    finally:
        purged = cluster.purge()
    assert (purged.code, purged.err) == (0, "")
    assert not cluster.data_dir.exists()
    assert running(cluster.data_dir) == {}
    assert asyncio.run(leftovers(Layout(cluster.data_dir), before)) == []
