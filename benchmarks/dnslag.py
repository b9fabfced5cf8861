"""How long after a pod became Ready its name answers: set of 10 made-up pods behind a headless Service, scaled up one by one.

In: nothing. Out: the median and the worst of the times from the Ready condition seen by a watch to the first DNS answer.
Run: `python -m benchmarks.dnslag`.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.machine import machine
from benchmarks.sets import NAME, manifest, service
from moorage.api import conditions, meta, scheme
from moorage.client import kubeconfig
from moorage.client.api import Api
from moorage.client.requests import ListOptions, PatchBody
from moorage.client.transports.http import HttpTransport
from moorage.dns import client
from moorage.dns.message import Code, Type

PODS = 10
MOOR = [sys.executable, "-m", "moorage"]
LOOK_SECONDS = 0.002


def main() -> None:
    """Print the figures."""
    print(machine())
    with tempfile.TemporaryDirectory(prefix="moorage-bench-") as folder:
        where = ["--data-dir", folder]
        subprocess.run(
            [*MOOR, "up", "--detach", "--runtime", "sim", "--port", "0", *where], check=True, capture_output=True
        )
        try:
            lags = asyncio.run(_lags(Path(folder)))
        finally:
            subprocess.run([*MOOR, "down", "--purge", *where], check=True, capture_output=True)
    median, worst = statistics.median(lags) * 1000, max(lags) * 1000
    print(f"from Ready to the first DNS answer, {PODS} pods: median {median:.0f} ms, worst {worst:.0f} ms")


async def _lags(folder: Path) -> list[float]:
    note = json.loads((folder / "run" / "dns.json").read_text())
    access = kubeconfig.load([folder / "kubeconfig"])
    api = Api(HttpTransport(access.server, access.tls()), "bench")
    try:
        await api.create(scheme.SERVICES, service())
        made = await api.create(scheme.STATEFULSETS, manifest("OrderedReady"))
        events = api.watch(scheme.PODS, NAME.namespace, ListOptions(revision=meta.resource_version(made)))
        await api.patch(scheme.STATEFULSETS, NAME, PatchBody({"spec": {"replicas": PODS}}))
        lags: dict[str, float] = {}
        async for event in events:
            name = meta.name(event.object)
            if name not in lags and conditions.is_true(event.object, "Ready"):
                lags[name] = await asyncio.to_thread(_until_answered, (note["host"], note["port"]), name)
            if len(lags) == PODS:
                return list(lags.values())
        raise RuntimeError("the watch ended early")
    finally:
        await api.close()


def _until_answered(server: tuple[str, int], pod: str) -> float:
    """Return the seconds until a pod's name has an address."""
    begun = time.monotonic()
    name = (pod, NAME.name, NAME.namespace, "svc", "cluster", "local")
    while True:
        answer = client.ask(server, 1, name, Type.A)
        if answer.code == Code.NOERROR and answer.answers:
            return time.monotonic() - begun
        time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    main()
