"""The node table: what it counts, whatever order the news come in."""

from hypothesis import given
from hypothesis import strategies as st

from moorage.api.scheme import NODES
from moorage.api.views import view
from moorage.scheduler.cluster import Cluster
from tests.unit.scheduler.cluster import facts, key, node, pod


def state(cluster, name="a"):
    return next(one for one in cluster.nodes if one.name == name)


def test_an_assumed_pod_takes_its_place_at_once_and_gives_it_back_when_forgotten():
    cluster = Cluster()
    cluster.set_node(view(NODES, node("a")))
    cluster.assume(facts(pod(requests={"cpu": "1"})), "a")
    assert state(cluster).used == {"cpu": 1000, "pods": 1}
    assert cluster.is_assumed(key("web-0"))
    cluster.forget(key("web-0"))
    assert state(cluster).used == {}


def test_a_pod_seen_on_its_node_is_counted_once_and_is_no_assumption_any_more():
    cluster = Cluster()
    cluster.set_node(view(NODES, node("a")))
    seen = facts(pod(requests={"cpu": "1"}))
    cluster.assume(seen, "a")
    cluster.place(seen, "a")
    assert state(cluster).used == {"cpu": 1000, "pods": 1}
    cluster.forget(key("web-0"))
    assert len(state(cluster).pods) == 1


def test_a_pod_bound_elsewhere_than_assumed_is_where_it_was_bound():
    cluster = Cluster()
    for name in "ab":
        cluster.set_node(view(NODES, node(name)))
    cluster.assume(facts(pod()), "a")
    cluster.place(facts(pod()), "b")
    assert [len(one.pods) for one in cluster.nodes] == [0, 1]


def test_pods_of_a_node_not_seen_yet_or_gone_for_a_while_are_not_lost():
    cluster = Cluster()
    cluster.place(facts(pod(requests={"cpu": "1"})), "a")
    assert cluster.nodes == ()
    cluster.set_node(view(NODES, node("a")))
    assert state(cluster).used["cpu"] == 1000
    cluster.remove_node("a")
    cluster.place(facts(pod("web-1", requests={"cpu": "2"})), "a")
    cluster.remove_pod(key("web-0"))
    cluster.set_node(view(NODES, node("a")))
    assert state(cluster).used == {"cpu": 2000, "pods": 1}


def test_an_assumption_about_volumes_is_taken_back_by_its_owner_only():
    cluster = Cluster()
    cluster.assume_volumes({"pv": key("mine")}, {key("mine"): "a"})
    cluster.forget_volumes({"pv": key("other")}, {})
    assert cluster.assumed.volumes == {"pv": key("mine")}
    cluster.forget_volumes({"pv": key("mine")}, {key("mine"): "a"})
    assert (cluster.assumed.volumes, cluster.assumed.nodes) == ({}, {})


NEWS = st.lists(
    st.tuples(
        st.sampled_from(["place", "assume", "forget", "remove", "node", "no node"]),
        st.sampled_from(["p", "q", "r"]),
        st.sampled_from("ab"),
    ),
    max_size=30,
)


@given(NEWS)
def test_counts_equal_a_fresh_count_after_any_news(news):
    """A dumb second version: which pod is where, counted anew each time."""
    cluster, nodes, places, assumed = Cluster(), set(), {}, set()
    for what, name, where in news:
        if what == "node":
            cluster.set_node(view(NODES, node(where)))
            nodes.add(where)
        elif what == "no node":
            cluster.remove_node(where)
            nodes.discard(where)
        elif what in ("place", "assume"):
            document = pod(name, containers=_with_port())
            getattr(cluster, what)(facts(document), where)
            places[name] = where
            (assumed.add if what == "assume" else assumed.discard)(name)
        elif what == "remove" or name in assumed:
            (cluster.remove_pod if what == "remove" else cluster.forget)(key(name))
            places.pop(name, None)
            assumed.discard(name)
    assert [one.name for one in cluster.nodes] == sorted(nodes)
    for one in cluster.nodes:
        here = sorted(name for name, where in places.items() if where == one.name)
        assert sorted(facts.key.name for facts in one.pods) == here
        assert one.used == ({"cpu": 1000 * len(here), "pods": len(here)} if here else {})
        assert len(one.ports) == len(here)


def _with_port():
    return [{"name": "main", "resources": {"requests": {"cpu": "1"}}, "ports": [{"hostPort": 80, "containerPort": 1}]}]
