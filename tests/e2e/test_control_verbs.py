"""Verbs that steer a set beyond Kubernetes, told by the real command on made-up nodes."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.e2e.moor import Moor, eventually, with_set

pytestmark = pytest.mark.slow
WAIT = "--timeout=30s"
SET = """
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: web
spec:
  replicas: 3
  serviceName: web
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers: [{name: c, image: app:1}]
"""
NAME = "statefulset.apps/web"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moor]:
    """Two made-up nodes."""
    made = Moor(tmp_path_factory.mktemp("control") / "data")
    made.up("--runtime", "sim", "--nodes", "2")
    try:
        yield made
    finally:
        made.purge()


@pytest.fixture
def moor(cluster: Moor) -> Iterator[Moor]:
    """A cluster with a set of three pods that are ready."""
    cluster.must("apply", "-f", "-", text=SET)
    cluster.must("rollout", "status", "sts/web", WAIT)
    yield cluster
    cluster.must("delete", "sts/web", "--cascade=foreground", "--ignore-not-found")
    for index in range(5):
        cluster.run("wait", f"pod/web-{index}", "--for=delete", WAIT)


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moor]:
    """A cluster that obeys no annotation of ours, with the set."""
    yield from with_set(tmp_path_factory.mktemp("strict") / "data", SET, WAIT, "--strict")


def change(moor: Moor, old: str, new: str) -> None:
    """Apply the set's manifest with one thing changed."""
    assert old in SET
    moor.must("apply", "-f", "-", text=SET.replace(old, new))


def images(moor: Moor) -> dict[str, str]:
    """Return the image of each pod, by name."""
    return {pod["metadata"]["name"]: pod["spec"]["containers"][0]["image"] for pod in moor.objects("pods")}


def test_a_paused_set_waits_and_a_resumed_one_goes_on(moor: Moor) -> None:
    assert moor.must("rollout", "pause", "sts/web").lines == [f"{NAME} paused"]
    again = moor.run("rollout", "pause", "sts/web")
    assert (again.code, again.err) == (1, 'error: statefulsets.apps "web" is already paused\n')
    change(moor, "image: app:1", "image: app:2")
    asyncio.run(eventually(lambda: "RolloutPaused" in moor.must("why", "sts/web").out))
    waits = moor.run("rollout", "status", "sts/web", "--timeout=1s")
    said = "Waiting for partitioned roll out to finish: 0 out of 3 new pods have been updated..."
    assert (waits.code, set(waits.lines)) == (1, {said})
    hint = f"{NAME} waits: it is paused; to go on: moor rollout resume sts/web -n default"
    assert waits.err.splitlines().count(hint) == 1
    before = {pod["metadata"]["uid"] for pod in moor.objects("pods")}
    moor.must("delete", "pod", "web-1")
    asyncio.run(eventually(lambda: {pod["metadata"]["uid"] for pod in moor.objects("pods")} != before))
    asyncio.run(eventually(lambda: images(moor) == dict.fromkeys(("web-0", "web-1", "web-2"), "app:1")))
    assert moor.must("rollout", "resume", "sts/web").lines == [f"{NAME} resumed"]
    moor.must("rollout", "status", "sts/web", WAIT)
    assert set(images(moor).values()) == {"app:2"}


def test_an_order_is_obeyed(moor: Moor) -> None:
    moor.must("annotate", "sts", "web", "moorage.dev/update-order=forward")
    change(moor, "image: app:1", "image: app:2")
    moor.must("rollout", "status", "sts/web", WAIT)
    pods = sorted(moor.objects("pods"), key=lambda pod: int(pod["metadata"]["resourceVersion"]))
    assert [pod["metadata"]["name"] for pod in pods] == ["web-0", "web-1", "web-2"]


def test_a_canary_goes_alone_and_is_promoted(moor: Moor) -> None:
    refused = moor.run("rollout", "promote", "sts/web")
    assert (refused.code, "has no canary: moor rollout canary sts/web --ordinal N" in refused.err) == (1, True)
    assert moor.run("rollout", "canary", "sts/web").err == 'error: required flag(s) "ordinal" not set\n'
    assert 'pods "web-7" not found' in moor.run("rollout", "canary", "sts/web", "--ordinal", "7").err
    assert moor.must("rollout", "canary", "sts/web", "--ordinal", "1").lines == [f"{NAME} canary 1"]
    change(moor, "image: app:1", "image: app:2")
    moor.must("wait", "sts/web", "--for=jsonpath={.status.updatedReplicas}=1", WAIT)
    moor.must("wait", "pod/web-1", "--for=condition=Ready", WAIT)
    asyncio.run(eventually(lambda: "CanaryHolds" in moor.must("why", "sts/web").out))
    assert images(moor) == {"web-0": "app:1", "web-1": "app:2", "web-2": "app:1"}
    assert moor.must("rollout", "promote", "sts/web").lines == [f"{NAME} promoted"]
    moor.must("rollout", "status", "sts/web", WAIT)
    assert set(images(moor).values()) == {"app:2"}


def test_a_chosen_pod_is_removed(moor: Moor) -> None:
    assert moor.run("scale", "sts/web").err == 'error: required flag(s) "replicas" not set\n'
    assert "--remove wants different pods of web" in moor.run("scale", "sts/web", "--remove", "db-1").err
    assert moor.must("scale", "sts/web", "--remove", "web-1").lines == [f"{NAME} scaled"]
    moor.must("wait", "pod/web-1", "--for=delete", WAIT)
    moor.must("rollout", "status", "sts/web", WAIT)
    assert set(images(moor)) == {"web-0", "web-2"}
    owner = moor.objects("sts")[0]
    assert (owner["spec"]["replicas"], owner["metadata"]["annotations"]["moorage.dev/reserved-ordinals"]) == (2, "1")
    moor.must("annotate", "sts", "web", "moorage.dev/reserved-ordinals-")


def test_a_set_sleeps_and_wakes(moor: Moor) -> None:
    assert moor.must("hibernate", "sts/web").lines == [f"{NAME} hibernating"]
    for index in range(3):
        moor.must("wait", f"pod/web-{index}", "--for=delete", WAIT)
    assert "Hibernating" in moor.must("why", "sts/web").out
    assert moor.objects("sts")[0]["spec"]["replicas"] == 3
    assert moor.run("hibernate", "sts/web").err == 'error: statefulsets.apps "web" is already hibernating\n'
    assert moor.must("wake", "sts/web").lines == [f"{NAME} awake"]
    moor.must("rollout", "status", "sts/web", WAIT)
    assert set(images(moor)) == {"web-0", "web-1", "web-2"}


def test_a_set_takes_its_pods_along_in_order(moor: Moor) -> None:
    moor.must("annotate", "sts", "web", "moorage.dev/ordered-delete=true")
    moor.must("wait", "sts/web", "--for=jsonpath={.metadata.finalizers[0]}=moorage.dev/ordered-delete", WAIT)
    uid = moor.objects("sts")[0]["metadata"]["uid"]
    moor.must("delete", "sts/web")
    assert moor.objects("pods,sts") == []
    told = [one for one in moor.objects("events") if one["involvedObject"].get("uid") == uid]
    told.sort(key=lambda one: int(one["metadata"]["resourceVersion"]))
    deleted = [one["message"].split()[2] for one in told if one["reason"] == "SuccessfulDelete"]
    assert deleted == ["web-2", "web-1", "web-0"]


def test_a_pod_goes_for_good_only_after_its_hook(moor: Moor) -> None:
    hook = 'moorage.dev/pre-removal-hook={"exec":{"command":["%s"]}}'
    moor.must("annotate", "sts", "web", hook % "false")
    moor.must("scale", "sts/web", "--replicas=2")
    asyncio.run(eventually(lambda: "the hook failed" in moor.must("why", "sts/web").out))
    assert set(images(moor)) == {"web-0", "web-1", "web-2"}
    moor.must("annotate", "--overwrite", "sts", "web", hook % "true")
    moor.must("wait", "pod/web-2", "--for=delete", WAIT)
    assert set(images(moor)) == {"web-0", "web-1"}
    moor.must("annotate", "sts", "web", "moorage.dev/pre-removal-hook-")


@pytest.mark.parametrize(
    "words",
    [
        ("scale", "sts/web", "--remove", "web-0"),
        ("rollout", "pause", "sts/web"),
        ("rollout", "canary", "sts/web", "--ordinal", "1"),
        ("rollout", "unstick", "sts/web"),
        ("hibernate", "sts/web"),
    ],
)
def test_a_cluster_that_obeys_no_annotation_is_asked_for_nothing(strict: Moor, words: tuple[str, ...]) -> None:
    before = strict.objects("sts")[0]
    refused = strict.run(*words)
    told = "error: nothing was changed: moor up --strict obeys no annotation under moorage.dev/\n"
    assert (refused.code, refused.out, refused.err) == (1, "", told)
    after = strict.objects("sts")[0]
    assert (after["spec"], after["metadata"].get("annotations")) == (
        before["spec"],
        before["metadata"].get("annotations"),
    )


def test_a_plan_of_nothing_is_wrong_usage(strict: Moor) -> None:
    nothing = strict.run("plan")
    assert (nothing.code, nothing.out) == (2, "")
    assert nothing.err.startswith("error: name files or objects: moor plan -f FILE, or moor plan TYPE/NAME")


def test_a_plan_obeys_no_annotation_where_the_cluster_does_not(strict: Moor) -> None:
    asked = SET.replace("  name: web\n", "  name: web\n  annotations: {moorage.dev/paused: 'true'}\n", 1)
    told = strict.must("plan", "-f", "-", text=asked.replace("app:1", "app:2")).out
    assert [line.split()[2] for line in told.splitlines() if " delete " in line] == [
        "Pod/web-2",
        "Pod/web-1",
        "Pod/web-0",
    ]
    strict.must("annotate", "sts", "web", "moorage.dev/reserved-ordinals=1")
    assert "delete  Pod/web-2  one too many" in strict.must("plan", "sts/web", "--replicas", "2").out
    strict.must("annotate", "sts", "web", "moorage.dev/reserved-ordinals-")
