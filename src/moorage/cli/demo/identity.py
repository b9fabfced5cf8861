"""Steps 5 to 7: hostname and data of each pod, names in DNS, and a pod that comes back as itself.

In: `Scene`. Out: claims on its stage.
"""

from collections.abc import Sequence

from moorage.cli.demo import evidence
from moorage.cli.demo.scene import PAGE_FOLDER, READY_SECONDS, SOON_SECONDS, Scene, names
from moorage.cli.demo.stage import Outcome

NO_INSIDE = "simulated pods have no inside: no exec, no HTTP, no DNS from within; the objects are shown instead"
ZONE = "default.svc.cluster.local"


async def identity(scene: Scene) -> None:
    """Step 5: each pod knows its name and has a volume of its own."""
    if not scene.options.real:
        scene.stage.note(NO_INSIDE)
    for name in names(2):
        await (_inside(scene, name) if scene.options.real else _specified(scene, name))
    await scene.stage.run("moor get pvc")
    volumes = [volume_of(scene, name) for name in names(2)]
    scene.stage.claim("each pod has a volume of its own", all(volumes) and len(set(volumes)) == 2, str(volumes))


async def write_page(scene: Scene, name: str) -> None:
    """Write a page that names its pod into the pod's volume."""
    outcome = await scene.stage.run(f"moor exec {name} -- sh -c 'echo \"data of {name}\" > {PAGE_FOLDER}/index.html'")
    scene.stage.claim(f"{name} writes a page into its volume", outcome.code == 0, outcome.text)


async def check_page(scene: Scene, name: str, how: str) -> None:
    """Claim that the page of a pod is what was written there; where pods have no inside, that the volume is the same."""
    page = await scene.page(name)
    scene.stage.claim(f"{how} at http://{scene.address(name)}/", page == f"data of {name}", page)


def volume_of(scene: Scene, name: str) -> str:
    """Return the volume bound to a pod's claim, with the claim's uid; "" for none."""
    claim = scene.eyes.claims.objects.get(f"myappdata-{name}")
    bound = claim is not None and claim["spec"].get("volumeName")
    return f"{claim['metadata']['uid']} {bound}" if claim is not None and bound else ""


async def dns(scene: Scene) -> None:
    """Step 6: the missing Service appears, and its names with it."""
    stage = scene.stage
    before = {name: scene.uid(name) for name in names(2)}
    absent = await stage.run("moor dig myapp-0.myapp-svc")
    stage.claim("myapp-0.myapp-svc does not resolve yet", absent.code == 1 and "NXDOMAIN" in absent.text, absent.text)
    await stage.run("moor apply -f service.yaml")
    there = await scene.eyes.slices.until(lambda: _endpoints(scene) == 2, SOON_SECONDS)
    stage.claim("the Service has both pods as endpoints", there, f"{_endpoints(scene)} endpoints")
    await _records(scene)
    if scene.options.real:
        await _from_inside(scene)
    same = all(scene.uid(name) == uid and _restarts(scene, name) == 0 for name, uid in before.items())
    stage.claim("no pod was restarted for that", same, scene.states())


async def replacement(scene: Scene) -> None:
    """Step 7: a deleted pod comes back as itself."""
    stage, pods = scene.stage, scene.eyes.pods
    uid, old, volume, since = scene.uid("myapp-0"), scene.address("myapp-0"), volume_of(scene, "myapp-0"), pods.mark()
    await stage.run("moor delete pod myapp-0")
    back = await pods.until(lambda: _renewed(scene, "myapp-0", uid), READY_SECONDS)
    await stage.run("moor get pods -o wide")
    stage.claim("myapp-0 is back under its name, as a new pod", back, scene.states())
    first = evidence.gone(pods.sightings, "myapp-0", since) < evidence.created(pods.sightings, "myapp-0", since)
    stage.claim("there were never two of it", first, evidence.tale(pods.sightings, since))
    new = scene.address("myapp-0")
    answer = await scene.until_dig("--short myapp-0.myapp-svc", lambda outcome: outcome.lines == [new])
    stage.claim(f"its DNS name leads to {new} (before: {old})", bool(new) and answer.lines == [new], answer.text)
    await same_data(scene, {"myapp-0": volume})


async def same_data(scene: Scene, volumes: dict[str, str]) -> None:
    """Claim that pods have the volumes they had, and in them the data."""
    for name, volume in volumes.items():
        found = volume_of(scene, name)
        scene.stage.claim(f"{name} has the same claim and volume", bool(volume) and found == volume, found)
        if scene.options.real:
            await check_page(scene, name, f"the data of {name} is back")


async def _inside(scene: Scene, name: str) -> None:
    hostname = await scene.stage.run(f"moor exec {name} -- hostname")
    scene.stage.claim(f"{name} calls itself {name}", hostname.lines == [name], hostname.text)
    await write_page(scene, name)
    await check_page(scene, name, "and serves it")


async def _specified(scene: Scene, name: str) -> None:
    spec = scene.pod(name).get("spec", {})
    found = f"{spec.get('hostname')}.{spec.get('subdomain')}"
    scene.stage.claim(f"{name} is given the name {name}.myapp-svc", found == f"{name}.myapp-svc", found)


async def _records(scene: Scene) -> None:
    """The three kinds of records, asked from this machine."""
    addresses = sorted(scene.address(name) for name in names(2))
    answer = await scene.until_dig("--short myapp-svc", lambda outcome: sorted(outcome.lines) == addresses)
    scene.stage.claim("myapp-svc has an A record for each pod", sorted(answer.lines) == addresses, answer.text)
    for name in names(2):
        answer = await scene.stage.run(f"moor dig --short {name}.myapp-svc")
        scene.stage.claim(f"{name}.myapp-svc is {name}", answer.lines == [scene.address(name)], answer.text)
    answer = await scene.stage.run("moor dig --short _web._tcp.myapp-svc SRV")
    scene.stage.claim("_web._tcp.myapp-svc has one target a ready pod", _targets(answer) == _peers(), answer.text)


async def _from_inside(scene: Scene) -> None:
    """The same from within a pod, by the resolver it was given."""
    name, wanted = f"myapp-1.myapp-svc.{ZONE}", scene.address("myapp-1")
    answer = await scene.stage.run(f"moor exec myapp-0 -- nslookup {name}")
    scene.stage.claim("from inside myapp-0, its peer resolves", _address_line(answer, wanted), answer.text)
    page = await scene.stage.run("moor exec myapp-0 -- wget -q -O - http://myapp-1.myapp-svc/")
    scene.stage.claim("and can be reached by its short name", page.lines == ["data of myapp-1"], page.text)
    if not scene.options.pull:
        answer = await scene.stage.run(f"moor exec myapp-0 -- nslookup -type=srv _web._tcp.myapp-svc.{ZONE}")
        named = all(peer in answer.text for peer in _peers())
        scene.stage.claim("from inside, the SRV record names both pods", answer.code == 0 and named, answer.text)


def _address_line(answer: Outcome, wanted: str) -> bool:
    return any(wanted in line.split() for line in answer.lines if line.startswith("Address"))


def _targets(answer: Outcome) -> Sequence[str]:
    return sorted(line.split()[-1].rstrip(".") for line in answer.lines)


def _peers() -> list[str]:
    return [f"{name}.myapp-svc.{ZONE}" for name in names(2)]


def _endpoints(scene: Scene) -> int:
    return sum(
        (endpoint.get("conditions") or {}).get("ready") is True
        for found in scene.eyes.slices.objects.values()
        if (found["metadata"].get("labels") or {}).get("kubernetes.io/service-name") == "myapp-svc"
        for endpoint in found.get("endpoints") or ()
    )


def _restarts(scene: Scene, name: str) -> int:
    statuses = scene.pod(name).get("status", {}).get("containerStatuses") or ()
    return sum(int(one.get("restartCount", 0)) for one in statuses)


def _renewed(scene: Scene, name: str, uid: str) -> bool:
    return scene.uid(name) not in ("", uid) and evidence.ready(scene.pod(name))
