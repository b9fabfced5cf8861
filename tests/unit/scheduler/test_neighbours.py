"""Rules about other pods: affinity, anti-affinity, spreading."""

import pytest

from moorage.api.scheme import NAMESPACES
from tests.unit.scheduler.cluster import World, node, pod

HOST, ZONE = "kubernetes.io/hostname", "zone"
DB = {"labels": {"app": "db"}}


def term(key=HOST, app="db", **rest):
    return {"labelSelector": {"matchLabels": {"app": app}}, "topologyKey": key, **rest}


def near(*terms):
    return {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": list(terms)}}


def far(*terms):
    return {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": list(terms)}}


@pytest.fixture
def world():
    """Nodes a and b in zone x, c in zone y; a database on a."""
    found = World(node("a", labels={ZONE: "x"}), node("b", labels={ZONE: "x"}), node("c", labels={ZONE: "y"}))
    found.run(pod("db-0", metadata=DB), on="a")
    return found


def test_near_by_node_and_by_zone(world):
    assert world.where(pod(affinity=near(term()))) == "a"
    elsewhere = {"key": HOST, "operator": "NotIn", "values": ["a"]}
    node_terms = {"nodeSelectorTerms": [{"matchExpressions": [elsewhere]}]}
    both = near(term(ZONE)) | {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": node_terms}}
    assert world.where(pod(affinity=both)) == "b"


def test_near_pods_that_are_not_there(world):
    assert world.decide(pod(affinity=near(term(app="cache")))).message == (
        "0/3 nodes are available: 3 node(s) didn't match pod affinity rules. "
        "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."
    )


def test_the_first_pod_of_a_kind_that_wants_its_own_kind_near_goes_anywhere(world):
    cache = {"labels": {"app": "cache"}}
    assert world.where(pod(metadata=cache, affinity=near(term(app="cache")))) in ("a", "b", "c")
    text = "0/3 nodes are available: 3 node(s) didn't match pod affinity rules."
    assert world.why_not(pod(metadata=cache, affinity=near(term("rack", app="cache")))) == text


def test_all_terms_must_be_met_by_one_pod(world):
    both = {"matchLabels": {"tier": "back"}}
    terms = (term(), {"labelSelector": both, "topologyKey": HOST})
    world.run(pod("other", metadata={"labels": {"tier": "back"}}), on="a")
    assert "didn't match pod affinity rules" in world.why_not(pod(affinity=near(*terms)))
    world.run(pod("both", metadata={"labels": {"app": "db", "tier": "back"}}), on="c")
    assert world.where(pod(affinity=near(*terms))) == "c"


def test_far_by_zone(world):
    assert world.where(pod(affinity=far(term(ZONE)))) == "c"


def test_far_from_pods_on_every_node(world):
    world.run(pod("db-1", metadata=DB), on="b")
    world.run(pod("db-2", metadata=DB), on="c")
    assert world.decide(pod(affinity=far(term()))).message == (
        "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules. "
        "preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod."
    )


def test_pods_already_there_keep_others_away():
    world = World(node("a"))
    world.run(pod("shy", affinity=far(term())), on="a")
    assert world.where(pod()) == "a"
    text = "0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules."
    assert world.why_not(pod(metadata=DB)) == text


def test_a_term_speaks_of_the_pods_own_namespace_unless_it_says_more(world):
    world.add(NAMESPACES, {"metadata": {"name": "prod", "resourceVersion": "1", "labels": {"team": "x"}}})
    world.run(pod("db-9", metadata={"labels": {"app": "cache"}, "namespace": "prod"}), on="c")
    assert "affinity rules" in world.why_not(pod(affinity=near(term(app="cache"))))
    assert world.where(pod(affinity=near(term(app="cache", namespaces=["prod"])))) == "c"
    chosen = {"matchLabels": {"team": "x"}}
    assert world.where(pod(affinity=near(term(app="cache", namespaceSelector=chosen)))) == "c"
    others = {"matchLabels": {"team": "y"}}
    assert "affinity rules" in world.why_not(pod(affinity=near(term(app="cache", namespaceSelector=others))))


def spread(key=ZONE, **rest):
    selector = {"matchLabels": {"app": "db"}}
    rule = {"topologyKey": key, "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": selector}
    return [{**rule, **rest}]


def test_spreading_over_zones(world):
    assert world.where(pod(metadata=DB, topologySpreadConstraints=spread())) == "c"
    world.run(pod("db-1", metadata=DB), on="c")
    assert world.where(pod(metadata=DB, topologySpreadConstraints=spread(HOST))) == "b"


def test_spreading_that_cannot_be_had(world):
    full = World(node("a", labels={ZONE: "x"}), node("b", labels={ZONE: "y"}, unschedulable=True))
    full.run(pod("db-0", metadata=DB), on="a")
    assert full.why_not(pod(metadata=DB, topologySpreadConstraints=spread())) == (
        "0/2 nodes are available: 1 node(s) didn't match pod topology spread constraints, 1 node(s) were unschedulable."
    )
    assert full.where(pod(metadata=DB, topologySpreadConstraints=spread(maxSkew=2))) == "a"


def test_a_node_without_the_label_takes_no_pod_that_spreads_by_it():
    world = World(node("a"))
    text = "0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints (missing required label)."
    assert world.why_not(pod(metadata=DB, topologySpreadConstraints=spread())) == text


def test_nodes_the_pod_may_not_use_are_no_domains():
    world = World(node("a", labels={ZONE: "x", "disk": "ssd"}), node("b", labels={ZONE: "y"}))
    world.run(pod("db-0", metadata=DB), on="a")
    wish = {"nodeSelector": {"disk": "ssd"}}
    assert world.where(pod(metadata=DB, topologySpreadConstraints=spread(), **wish)) == "a"
    counted = spread(nodeAffinityPolicy="Ignore")
    assert "topology spread" in world.why_not(pod(metadata=DB, topologySpreadConstraints=counted, **wish))


def test_too_few_domains_count_as_one_more_empty_one(world):
    world.run(pod("db-1", metadata=DB), on="c")
    assert world.where(pod(metadata=DB, topologySpreadConstraints=spread(minDomains=2))) in ("a", "b", "c")
    text = "0/3 nodes are available: 3 node(s) didn't match pod topology spread constraints."
    assert world.why_not(pod(metadata=DB, topologySpreadConstraints=spread(minDomains=3))) == text


def test_label_keys_narrow_down_which_pods_count(world):
    second = {"labels": {"app": "db", "release": "2"}}
    assert world.where(pod(metadata=DB, topologySpreadConstraints=spread())) == "c"
    rules = spread(matchLabelKeys=["release"])
    world.run(pod("db-1", metadata=second), on="c")
    assert world.where(pod(metadata=second, topologySpreadConstraints=rules)) in ("a", "b")
