"""Steps 8 to 10: scaling, a rolling update and its way back, and the end.

In: `Scene`. Out: claims on its stage.
"""

from moorage.assembly.paths import Paths
from moorage.cli.demo import evidence, identity
from moorage.cli.demo.beginning import REVISION
from moorage.cli.demo.scene import READY_SECONDS, SOON_SECONDS, Scene, names

UPDATE = "sed -e 's/myapp:v5/myapp:v6/' -e 's/replicas: 2/replicas: 4/' article.yaml | moor apply -f -"


async def scaling(scene: Scene) -> None:
    """Step 8: up, down and up again."""
    stage, pods = scene.stage, scene.eyes.pods
    since = pods.mark()
    await _scale(scene, 4)
    up = evidence.ascending(pods.sightings, names(4)[2:], since)
    stage.claim("ascending: myapp-3 was created only after myapp-2 was Ready", up, evidence.tale(pods.sightings, since))
    if scene.options.real:
        for name in names(4)[2:]:
            await identity.write_page(scene, name)
    volumes = {name: identity.volume_of(scene, name) for name in names(4)[2:]}
    since = pods.mark()
    await _scale(scene, 2)
    down = evidence.descending(pods.sightings, ["myapp-3", "myapp-2"], since)
    stage.claim("descending: myapp-2 stayed until myapp-3 was gone", down, evidence.tale(pods.sightings, since))
    outcome = await stage.run("moor get pvc")
    stage.claim("all four claims stay", len(outcome.lines) == 5, f"{len(outcome.lines) - 1} claims")
    await _scale(scene, 4)
    await identity.same_data(scene, volumes)


async def update(scene: Scene) -> None:
    """Step 9: to v6 and back."""
    stage, pods = scene.stage, scene.eyes.pods
    since = pods.mark()
    await stage.run(UPDATE)
    await _rolled_out(scene, "v6")
    backwards = names(4)[::-1]
    in_turn = evidence.replaced_in_turn(pods.sightings, backwards, since)
    tale = evidence.tale(pods.sightings, since)
    stage.claim("highest ordinal first, each Ready before the next is touched", in_turn, tale)
    if scene.options.real and not scene.options.pull:
        outcome = await stage.run("moor exec myapp-0 -- cat /etc/myapp-version")
        stage.claim("v6 runs inside myapp-0", outcome.lines == ["v6"], outcome.text)
    history = await stage.run("moor rollout history statefulset/myapp")
    stage.claim("the history has both revisions", _revisions(history.lines) == 2, history.text)
    await stage.run("moor rollout undo statefulset/myapp")
    await _rolled_out(scene, "v5")
    revisions = {scene.pod(name)["metadata"].get("labels", {}).get("controller-revision-hash") for name in names(4)}
    stage.claim(f"every pod is of revision {REVISION} again", revisions == {REVISION}, str(revisions))


async def removal(scene: Scene) -> None:
    """Step 10, first half: the application goes, then its data."""
    stage, eyes = scene.stage, scene.eyes
    since = eyes.pods.mark()
    await stage.run("moor delete -f article.yaml -f service.yaml")
    gone = await eyes.pods.until(lambda: not eyes.pods.objects, READY_SECONDS)
    stage.claim("the set and its pods are gone", gone, scene.states())
    ends = [_graceful(scene, name, since) for name in names(4)]
    tale = evidence.tale(eyes.pods.sightings, since)
    stage.claim("each pod was asked to end, and ended within its grace period", all(ends), tale)
    outcome = await stage.run("moor get pvc")
    stage.claim("the claims remain", len(outcome.lines) == 5, outcome.text)
    await stage.run("moor delete pvc --all")
    empty = await eyes.volumes.until(lambda: not eyes.volumes.objects and not eyes.claims.objects, SOON_SECONDS)
    await stage.run("moor get pvc,pv")
    left = ", ".join([*eyes.claims.objects, *eyes.volumes.objects])
    stage.claim("claims and volumes are gone", empty, left)
    folders = [path.name for path in Paths(scene.options.data_dir).volumes.glob("*")]
    stage.claim("and so are their directories", not folders, ", ".join(folders))


async def _scale(scene: Scene, replicas: int) -> None:
    await scene.stage.run(f"moor scale statefulset/myapp --replicas={replicas}")
    ready = await scene.until_ready(names(replicas))
    scene.stage.claim(f"{replicas} pods, all Ready", ready, scene.states())


async def _rolled_out(scene: Scene, version: str) -> None:
    """Claim that a rollout ends with every pod Ready on an image."""
    wanted = f"ikubernetes/myapp:{version}"
    outcome = await scene.stage.run("moor rollout status statefulset/myapp --timeout=180s", 200)

    def done() -> bool:
        pods = [scene.pod(name) for name in names(4)]
        return all(evidence.ready(pod) and pod["spec"]["containers"][0]["image"] == wanted for pod in pods)

    ready = outcome.code == 0 and await scene.eyes.pods.until(done, SOON_SECONDS)
    scene.stage.claim(f"all four pods are Ready on image {wanted}", ready, scene.states())


def _graceful(scene: Scene, name: str, since: int) -> bool:
    """Return whether a pod was first marked and then went before its time was over."""
    sightings = scene.eyes.pods.sightings
    marked, gone = evidence.marked(sightings, name, since), evidence.gone(sightings, name, since)
    if not marked < gone < evidence.NEVER:
        return False
    grace = float(sightings[marked].object["metadata"].get("deletionGracePeriodSeconds", 0))
    return sightings[gone].at - sightings[marked].at < grace


def _revisions(lines: list[str]) -> int:
    return sum(line.split()[0].isdigit() for line in lines)
