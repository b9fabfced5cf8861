"""Role-based access: what bindings give, what nobody may grant, and the roles of the start."""

from typing import Any

import pytest

from moorage.apiserver.auth import rules
from moorage.apiserver.auth.attributes import Attributes
from moorage.client.ports import User
from tests.fakes.apiserver import Asker, on_server, pod

RBAC = "/apis/rbac.authorization.k8s.io/v1"
MAPS = "/api/v1/namespaces/default/configmaps"
PODS = "/api/v1/namespaces/default/pods"
JOE = User("joe", ("team", "system:authenticated"))
ACCOUNT = User("system:serviceaccount:default:robot", ("system:serviceaccounts", "system:authenticated"))
READ_MAPS = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]}
WRITE_ROLES = {"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles", "rolebindings"], "verbs": ["create"]}


async def grant(asker: Asker, subject: dict[str, Any], *granted: dict[str, Any], everywhere: bool = False) -> None:
    """Bind a role of the subject's own."""
    kind, place = ("ClusterRole", RBAC) if everywhere else ("Role", f"{RBAC}/namespaces/default")
    name = {"metadata": {"name": f"for-{subject['name']}"}}
    made = await asker.post(f"{place}/{kind.lower()}s", {**name, "rules": list(granted)})
    assert made.get("kind") == kind, made
    reference = {"kind": kind, "name": name["metadata"]["name"]}
    bound = await asker.post(f"{place}/{kind.lower()}bindings", {**name, "roleRef": reference, "subjects": [subject]})
    assert bound["kind"] == f"{kind}Binding", bound


@pytest.mark.parametrize(
    ("user", "subject"),
    [
        (JOE, {"kind": "User", "name": "joe"}),
        (JOE, {"kind": "Group", "name": "team"}),
        (ACCOUNT, {"kind": "ServiceAccount", "name": "robot", "namespace": "default"}),
        (ACCOUNT, {"kind": "ServiceAccount", "name": "robot"}),
    ],
)
def test_a_binding_gives_its_subject_the_role_in_its_namespace_only(user: User, subject: dict[str, Any]) -> None:
    async def run(asker: Asker) -> None:
        mine = Asker(asker.core, user)
        assert (await mine.get(MAPS))["code"] == 403
        await grant(asker, subject, READ_MAPS)
        assert (await mine.get(MAPS))["kind"] == "ConfigMapList"
        assert (await mine.post(MAPS, {"metadata": {"name": "x"}}))["code"] == 403
        assert (await mine.get("/api/v1/namespaces/kube-system/configmaps"))["code"] == 403
        assert (await mine.get("/api/v1/configmaps"))["code"] == 403

    on_server(run)


def test_a_cluster_binding_holds_everywhere() -> None:
    async def run(asker: Asker) -> None:
        await grant(asker, {"kind": "User", "name": "joe"}, READ_MAPS, everywhere=True)
        joe = Asker(asker.core, JOE)
        assert (await joe.get("/api/v1/configmaps"))["kind"] == "ConfigMapList"
        assert (await joe.get("/api/v1/namespaces/kube-system/configmaps"))["kind"] == "ConfigMapList"

    on_server(run)


def test_nobody_grants_what_they_do_not_have() -> None:
    async def run(asker: Asker) -> None:
        await grant(asker, {"kind": "User", "name": "joe"}, READ_MAPS, WRITE_ROLES)
        joe = Asker(asker.core, JOE)
        roles, bindings = f"{RBAC}/namespaces/default/roles", f"{RBAC}/namespaces/default/rolebindings"
        assert (await joe.post(roles, {"metadata": {"name": "less"}, "rules": [READ_MAPS]}))["kind"] == "Role"
        more = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]}
        refused = await joe.post(roles, {"metadata": {"name": "more"}, "rules": [READ_MAPS, more]})
        assert refused["message"] == (
            'roles.rbac.authorization.k8s.io "more" is forbidden: user "joe" (groups=["team" "system:authenticated"]) is '
            "attempting to grant RBAC permissions not currently held:\n"
            '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}'
        )
        admin = {
            "roleRef": {"kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"kind": "User", "name": "joe"}],
        }
        taken = await joe.post(bindings, {"metadata": {"name": "root"}, **admin})
        assert (taken["code"], taken["reason"]) == (403, "Forbidden")
        gathers = {"clusterRoleSelectors": [{"matchLabels": {"x": "y"}}]}
        all_roles = {**WRITE_ROLES, "resources": ["clusterroles"]}
        await grant(asker, {"kind": "User", "name": "ann"}, all_roles, everywhere=True)
        ann = Asker(asker.core, User("ann", ("system:authenticated",)))
        blank = await ann.post(f"{RBAC}/clusterroles", {"metadata": {"name": "sum"}, "aggregationRule": gathers})
        assert blank["code"] == 403

    on_server(run)


def test_who_may_bind_or_escalate_is_free_to() -> None:
    async def run(asker: Asker) -> None:
        free = {
            **WRITE_ROLES,
            "resources": ["roles", "rolebindings", "clusterroles"],
            "verbs": ["create", "bind", "escalate"],
        }
        await grant(asker, {"kind": "User", "name": "joe"}, free)
        joe, place = Asker(asker.core, JOE), f"{RBAC}/namespaces/default"
        secrets = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}
        assert (await joe.post(f"{place}/roles", {"metadata": {"name": "r"}, "rules": [secrets]}))["kind"] == "Role"
        reference = {"kind": "ClusterRole", "name": "cluster-admin"}
        made = await joe.post(f"{place}/rolebindings", {"metadata": {"name": "b"}, "roleRef": reference})
        assert made["kind"] == "RoleBinding"

    on_server(run)


def test_a_role_named_in_advance_gives_nothing() -> None:
    async def run(asker: Asker) -> None:
        body = {"roleRef": {"kind": "Role", "name": "later"}, "subjects": [{"kind": "User", "name": "joe"}]}
        await asker.post(f"{RBAC}/namespaces/default/rolebindings", {"metadata": {"name": "b"}, **body})
        assert (await Asker(asker.core, JOE).get(MAPS))["code"] == 403

    on_server(run)


def test_the_view_of_the_start_shows_no_secrets() -> None:
    async def run(asker: Asker) -> None:
        # What the aggregation controller would write.
        part = await asker.get(f"{RBAC}/clusterroles/system:aggregate-to-view")
        await asker.merge(f"{RBAC}/clusterroles/view", {"rules": part["rules"]})
        body = {"roleRef": {"kind": "ClusterRole", "name": "view"}, "subjects": [{"kind": "User", "name": "joe"}]}
        await asker.post(f"{RBAC}/namespaces/default/rolebindings", {"metadata": {"name": "b"}, **body})
        joe = Asker(asker.core, JOE)
        assert (await joe.get(PODS))["kind"] == "PodList"
        assert (await joe.get("/api/v1/namespaces/default/secrets"))["code"] == 403
        assert (await joe.post(PODS, pod("p")))["code"] == 403

    on_server(run)


@pytest.mark.parametrize(
    ("rule", "wanted", "allowed"),
    [
        ({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}, Attributes("get", "apps", "statefulsets"), True),
        ({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}, Attributes("get", path="/metrics"), False),
        ({"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}, Attributes("get", "", "pods", "log"), False),
        ({"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]}, Attributes("get", "", "pods", "log"), True),
        ({"apiGroups": ["apps"], "resources": ["*/scale"], "verbs": ["update"]},
         Attributes("update", "apps", "statefulsets", "scale"), True),
        ({"apiGroups": [""], "resources": ["pods"], "resourceNames": ["a"], "verbs": ["get"]},
         Attributes("get", "", "pods", name="a"), True),
        ({"apiGroups": [""], "resources": ["pods"], "resourceNames": ["a"], "verbs": ["list"]},
         Attributes("list", "", "pods"), False),
        ({"nonResourceURLs": ["/apis/*"], "verbs": ["get"]}, Attributes("get", path="/apis/apps"), True),
        ({"nonResourceURLs": ["/apis"], "verbs": ["get"]}, Attributes("get", path="/apis/apps"), False),
    ],
)  # fmt: skip
def test_what_one_rule_allows(rule: dict[str, Any], wanted: Attributes, *, allowed: bool) -> None:
    assert rules.allows(rule, wanted) is allowed


@pytest.mark.parametrize(
    ("owned", "asked", "count"),
    [
        ([{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}], READ_MAPS, 0),
        ([READ_MAPS], {**READ_MAPS, "resourceNames": ["a"]}, 0),
        ([{**READ_MAPS, "resourceNames": ["a"]}], READ_MAPS, 2),
        ([{**READ_MAPS, "verbs": ["get"]}, {**READ_MAPS, "verbs": ["list"]}], READ_MAPS, 0),
        ([{"nonResourceURLs": ["/a/*"], "verbs": ["get"]}], {"nonResourceURLs": ["/a/b", "/c"], "verbs": ["get"]}, 1),
        ([], {"apiGroups": ["a", "b"], "resources": ["c"], "verbs": ["d"]}, 2),
    ],
)
def test_what_is_missing(owned: list[dict[str, Any]], asked: dict[str, Any], count: int) -> None:
    assert len(rules.missing(owned, [asked])) == count
