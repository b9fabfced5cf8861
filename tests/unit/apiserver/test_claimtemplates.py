"""Claim templates of a set change where it asks for that and its claims can follow; every refusal says what to do instead."""

import copy
from typing import Any

import pytest

from moorage.api.refs import Document
from moorage.api.scheme import STATEFULSETS
from moorage.apiserver import errors
from moorage.apiserver.kinds import STRATEGIES, STRICT_STRATEGIES
from moorage.apiserver.settings import ServerSettings
from tests.fakes.apiserver import Asker, on_server

SETS = "/apis/apps/v1/namespaces/default/statefulsets"
CLAIMS = "/api/v1/namespaces/default/persistentvolumeclaims"
CLASSES = "/apis/storage.k8s.io/v1/storageclasses"
UPDATES = {"moorage.dev/update-claims": "true"}
UPSTREAM = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)
ANEW = "add a claim template of another name instead, and move the data"


def template(name: str, size: str = "1Gi", **spec: Any) -> Document:
    """Return a claim template."""
    body = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}, **spec}
    return {"metadata": {"name": name}, "spec": body}


def set_of(*templates: Document, mounts: tuple[str, ...] = ("data",), volumes: tuple[str, ...] = ()) -> Document:
    """Return a set whose container mounts volumes of these names."""
    mounted = [{"name": one, "mountPath": f"/{one}"} for one in mounts]
    pods = {
        "containers": [{"name": "c", "image": "nginx", "volumeMounts": mounted}],
        "volumes": [{"name": one, "emptyDir": {}} for one in volumes],
    }
    spec = {
        "serviceName": "web",
        "replicas": 1,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web"}}, "spec": pods},
        "volumeClaimTemplates": copy.deepcopy(list(templates)),
    }
    return {"metadata": {"name": "web", "namespace": "default", "annotations": UPDATES}, "spec": spec}


def refusals(new: Document, old: Document, *, strict: bool = False) -> list[str]:
    """Return the errors of an update."""
    strategy = (STRICT_STRATEGIES if strict else STRATEGIES)[STATEFULSETS]
    for document in (new, old):
        strategy.default(document)
    return [f"{one.path}: {errors.body(one)}" for one in strategy.validate_update(new, old)]


def labelled(template: Document, **labels: str) -> Document:
    """Return a template with labels."""
    return {**template, "metadata": {**template["metadata"], "labels": labels}}


FIRST = "spec.volumeClaimTemplates[0]"
SECOND = "spec.volumeClaimTemplates[1]"


@pytest.mark.parametrize(
    ("new", "refused"),
    [
        (set_of(template("data", "5Gi")), []),
        (set_of(labelled(template("data"), tier="gold")), []),
        (set_of(template("data"), template("logs"), mounts=("data", "logs")), []),
        (
            set_of(template("data", storageClassName="fast")),
            [f"{FIRST}.spec.storageClassName: Forbidden: claims keep their StorageClass: {ANEW}"],
        ),
        (
            set_of(template("data", accessModes=["ReadWriteMany"])),
            [f"{FIRST}.spec.accessModes: Forbidden: claims keep what they were made with: {ANEW}"],
        ),
        (
            set_of(template("data", resources={"requests": {"storage": "1Gi"}, "limits": {"storage": "9Gi"}})),
            [f"{FIRST}.spec.resources: Forbidden: of a claim only requests.storage can change"],
        ),
        (
            set_of(template("renamed"), mounts=("renamed",)),
            [
                (
                    "spec.volumeClaimTemplates: Forbidden: claim template data cannot be removed or renamed while the set "
                    "exists: to go on without it, delete the set with --cascade=orphan and create it anew; its claims stay"
                )
            ],
        ),
        (
            set_of(template("data"), template("logs")),
            [
                (
                    f"{SECOND}: Forbidden: no container mounts logs: add a volumeMount of that name to the pod template in the "
                    "same change, so that the pods are replaced in order"
                )
            ],
        ),
        (
            set_of(template("data"), template("logs"), mounts=("data", "logs"), volumes=("logs",)),
            [f"{SECOND}: Forbidden: the pod template has a volume logs, too: remove that one in the same change"],
        ),
        (
            set_of(template("data"), template("logs", accessModes=[]), mounts=("data", "logs")),
            [f"{SECOND}.spec.accessModes: Required value: at least 1 access mode is required"],
        ),
        (set_of(template("data"), template("data")), [f'{SECOND}.metadata.name: Duplicate value: "data"']),
    ],
)
def test_what_may_change(new: Document, refused: list[str]) -> None:
    assert refusals(new, set_of(template("data"))) == refused


def test_a_bad_label_is_refused_before_claims_would_refuse_it() -> None:
    (refused,) = refusals(set_of(labelled(template("data"), tier="not a label")), set_of(template("data")))
    assert refused.startswith(f"{FIRST}.metadata.labels: Invalid value")


def test_without_the_annotation_and_with_strict_nothing_may_change() -> None:
    plain = set_of(template("data", "5Gi"))
    plain["metadata"].pop("annotations")
    assert refusals(plain, set_of(template("data"))) == [f"spec: Forbidden: {UPSTREAM}"]
    assert refusals(set_of(template("data", "5Gi")), set_of(template("data")), strict=True) == [
        f"spec: Forbidden: {UPSTREAM}"
    ]


def test_the_other_fields_stay_forbidden() -> None:
    other = set_of(template("data", "5Gi"))
    other["spec"]["serviceName"] = "another"
    assert refusals(other, set_of(template("data"))) == [f"spec: Forbidden: {UPSTREAM}"]


async def _with_claims(asker: Asker, *claims: tuple[str, str, str]) -> None:
    """Make the set and claims of it, each (name, class, capacity), at a request of 2Gi; class `soft` may grow."""
    for name, grows in (("soft", True), ("hard", False)):
        await asker.post(CLASSES, {"metadata": {"name": name}, "provisioner": "p", "allowVolumeExpansion": grows})
    await asker.post(SETS, set_of(template("data", "2Gi")))
    for name, kind, capacity in claims:
        spec = template(name, "2Gi", storageClassName=kind, volumeName="v")["spec"]
        made = await asker.post(CLAIMS, {"metadata": {"name": name}, "spec": spec})
        assert made["kind"] == "PersistentVolumeClaim", made
        if capacity:
            status = {"phase": "Bound", "capacity": {"storage": capacity}}
            await asker.merge(f"{CLAIMS}/{name}/status", {"status": status})


def _answer_to(size: str, *claims: tuple[str, str, str]) -> tuple[int, str]:
    """Return (code, message) of asking for another size while these claims exist."""

    async def run(asker: Asker) -> tuple[int, str]:
        await _with_claims(asker, *claims)
        patched = await asker.merge(f"{SETS}/web", {"spec": {"volumeClaimTemplates": [template("data", size)]}})
        return patched.get("code", 200), patched.get("message", "")

    return on_server(run)


def test_sizes_claims_can_follow() -> None:
    assert _answer_to("3Gi") == (200, "")
    assert _answer_to("3Gi", ("data-web-0", "soft", "2Gi"), ("data-other-0", "hard", "2Gi")) == (200, "")
    assert _answer_to("1Gi") == (200, "")  # nobody holds anything yet
    assert _answer_to("1500Mi", ("data-web-0", "soft", "1Gi"), ("data-web-1", "soft", "2Gi")) == (200, "")


def test_a_class_that_does_not_grow() -> None:
    code, message = _answer_to("3Gi", ("data-web-0", "soft", "2Gi"), ("data-web-1", "hard", "2Gi"))
    assert (code, message) == (
        403,
        (
            'statefulsets.apps "web" is forbidden: claim "data-web-1" cannot grow: its StorageClass "hard" does not allow volume '
            "expansion; if its provisioner can resize: kubectl patch storageclass hard -p '{\"allowVolumeExpansion\":true}'"
        ),
    )
    code, message = _answer_to("3Gi", ("data-web-0", "", "2Gi"))
    assert (code, message.partition("cannot grow: ")[2]) == (
        403,
        "it has no StorageClass, so nobody resizes its volume",
    )
    code, message = _answer_to("3Gi", ("data-web-0", "gone", "2Gi"))
    assert (code, message.partition("cannot grow: ")[2]) == (403, 'its StorageClass "gone" does not exist')


def test_volumes_do_not_shrink() -> None:
    path = (
        'StatefulSet.apps "web" is invalid: spec.volumeClaimTemplates[0].spec.resources.requests.storage: Forbidden: '
    )
    assert _answer_to("1Gi", ("data-web-0", "soft", "2Gi")) == (
        422,
        (
            f'{path}volumes do not shrink, and claim "data-web-0" has 2Gi: add a claim template of another name with the '
            "smaller size instead, and move the data"
        ),
    )
    assert _answer_to("1Gi", ("data-web-0", "soft", "1Gi"), ("data-web-1", "soft", "2Gi")) == (
        422,
        f'{path}the growth of claim "data-web-0" can be withdrawn only to more than the 1Gi it has',
    )


@pytest.mark.parametrize("strict", [False, True])
def test_a_refused_change_is_told_how_it_could_be_made(*, strict: bool) -> None:
    async def run(asker: Asker) -> tuple[str, ...]:
        plain = set_of(template("data"))
        plain["metadata"].pop("annotations")
        await asker.post(SETS, plain)
        body = {"spec": {"volumeClaimTemplates": [template("data", "5Gi")]}}
        kind = {"content_type": "application/merge-patch+json"}
        refused = await asker.answer("PATCH", f"{SETS}/web", body, **kind)
        assert refused.code == 422
        unchanged = {"spec": {"volumeClaimTemplates": [template("data")], "replicas": 2}}
        assert (await asker.answer("PATCH", f"{SETS}/web", unchanged, **kind)).warnings == ()
        return refused.warnings

    hint = (
        'claim templates of StatefulSet "web" can change, and its claims with them, once it has the annotation '
        'moorage.dev/update-claims: "true"'
    )
    assert on_server(run, ServerSettings(strict=strict)) == (() if strict else (hint,))
