"""Steps 1 to 4: start, apply, ordered creation, labels.

In: `Scene`. Out: claims on its stage.
"""

import asyncio
import stat

from moorage.api import scheme
from moorage.api.refs import Resource
from moorage.assembly import readiness
from moorage.assembly.paths import Paths
from moorage.cli.demo import evidence
from moorage.cli.demo.scene import READY_SECONDS, SOON_SECONDS, Eyes, Scene, names
from moorage.cli.demo.stage import next_line
from moorage.cli.demo.watcher import Watcher
from moorage.client import kubeconfig
from moorage.client.api import Api
from moorage.client.transports.http import HttpTransport

REVISION = "myapp-6c6b4f98d5"
"""What Kubernetes 1.28.7 computes for the manifest, and what the article shows."""
HEAD = ["NAME", "READY", "STATUS", "RESTARTS", "AGE", "LABELS"]


async def start(scene: Scene) -> None:
    """Step 1: the cluster comes up."""
    stage, options = scene.stage, scene.options
    mirror = f" --mirror {options.mirror}" if options.mirror else ""
    line = f"moor up --detach --port 0 --runtime {options.runtime} --data-dir {options.data_dir}{mirror}"
    outcome = await stage.run(line)
    paths = Paths(options.data_dir)
    serving = readiness.read(paths.run)
    if not stage.claim("the cluster starts", outcome.code == 0 and serving is not None, _last(outcome.lines)):
        return
    access = kubeconfig.load([paths.kubeconfig])
    api = Api(HttpTransport(access.server, access.tls(), access.token), "moor-demo")
    scene.closing.append(api.close)
    scene.look(_eyes(api, scene))
    seconds = serving.seconds if serving else 0.0
    ready = await scene.eyes.nodes.until(lambda: any(map(evidence.ready, scene.eyes.nodes.objects.values())), 30.0)
    answered = bool(scene.eyes.nodes.sightings)
    stage.claim(f"the API answers at {access.server}; it took {seconds:.2f} s from its process' start", answered)
    stage.claim("node-0 is Ready", ready, ", ".join(scene.eyes.nodes.objects) or "no node")
    status = await stage.run(f"moor status --data-dir {options.data_dir}")
    stage.claim("its processes are alive", status.code == 0 and "control-plane" in status.text, _last(status.lines))
    mode = stat.S_IMODE(paths.kubeconfig.stat().st_mode)
    stage.claim(f"only you can read the kubeconfig {paths.kubeconfig}", mode == 0o600, f"mode {mode:o}")


async def apply(scene: Scene) -> None:
    """Step 2: the manifest unchanged, and what is wrong with it."""
    stage = scene.stage
    outcome = await stage.run("moor apply -f article.yaml")
    stage.claim("the manifest is accepted as it is", outcome.code == 0, _last(outcome.lines))
    warnings = [line for line in outcome.lines if line.startswith("Warning:")]
    stage.claim(
        "apply warns: Service myapp-svc is missing, and demo-svc is the one that selects these pods",
        any("myapp-svc" in line and "demo-svc" in line for line in warnings),
        _last(warnings),
    )
    said = await scene.eyes.events.until(lambda: _service_events(scene), SOON_SECONDS)
    found = await stage.run("moor get events --field-selector reason=ServiceNotFound")
    named = all(text in found.text for text in ("Warning", "statefulset/myapp", "myapp-svc", "demo-svc"))
    stage.claim("a Warning event on the set says the same", said and named, _last(found.lines))


async def order(scene: Scene) -> None:
    """Step 3: the pods come one after the other, while a live table runs."""
    stage, pods = scene.stage, scene.eyes.pods
    stage.note("the manifest wants the class managed-nfs-storage; this demo makes one of that name that is no NFS:")
    stage.note("its provisioner is moorage.dev/local, a directory on the node that runs the pod")
    table = await stage.start("moor get pods --watch")
    # The table is on before anything moves: its head and the waiting myapp-0 are its first two lines.
    await _next(scene, table)
    await _next(scene, table)
    shown = scene.tasks.start("table", _show(scene, table))
    created = await stage.run("moor apply -f storageclass.yaml")
    stage.claim("the class is made", created.code == 0, _last(created.lines))
    ready = await scene.until_ready(names(2), READY_SECONDS)
    await asyncio.wait([shown], timeout=0.3)
    await stage.end(table)
    stage.claim("myapp-0 and myapp-1 are Ready", ready, scene.states())
    in_order = evidence.ascending(pods.sightings, names(2))
    stage.claim("myapp-1 was not created before myapp-0 was Ready", in_order, evidence.tale(pods.sightings))


async def labels(scene: Scene) -> None:
    """Step 4: the table to the letter."""
    stage = scene.stage
    outcome = await stage.run("moor get pods --show-labels")
    lines = outcome.lines or [""]
    stage.claim("the columns are kubectl's", lines[0].split() == HEAD, lines[0])
    for index, name in enumerate(names(2)):
        wanted = (
            f"app=myapp-pod,apps.kubernetes.io/pod-index={index},controller-revision-hash={REVISION},"
            f"statefulset.kubernetes.io/pod-name={name}"
        )
        row = next((line for line in lines if line.startswith(f"{name} ")), "")
        stage.claim(f"{name} has the four labels, revision {REVISION}", row.split()[-1:] == [wanted], row)


def _eyes(api: Api, scene: Scene) -> Eyes:
    def eye(resource: Resource, namespace: str = "default") -> Watcher:
        return Watcher(api, resource, scene.clock, namespace)

    return Eyes(
        pods=eye(scheme.PODS),
        claims=eye(scheme.PERSISTENTVOLUMECLAIMS),
        volumes=eye(scheme.PERSISTENTVOLUMES, ""),
        slices=eye(scheme.ENDPOINTSLICES),
        events=eye(scheme.EVENTS),
        nodes=eye(scheme.NODES, ""),
    )


def _service_events(scene: Scene) -> bool:
    return any(event.get("reason") == "ServiceNotFound" for event in scene.eyes.events.objects.values())


async def _next(scene: Scene, child: asyncio.subprocess.Process) -> None:
    """Show the next line of a command if it comes in time."""
    try:
        scene.stage.show((await asyncio.wait_for(next_line(child), SOON_SECONDS)).rstrip())
    except TimeoutError:
        scene.stage.show("(nothing yet)")


async def _show(scene: Scene, child: asyncio.subprocess.Process) -> None:
    while line := await next_line(child):
        scene.stage.show(line.rstrip())


def _last(lines: list[str]) -> str:
    return lines[-1] if lines else ""
