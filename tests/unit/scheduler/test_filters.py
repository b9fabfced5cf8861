"""Each filter that looks at nodes and pods: whom it lets pass, and upstream's words where it does not."""

import pytest

from tests.unit.scheduler.cluster import World, key, node, pod


def test_a_pod_goes_to_the_only_node():
    assert World(node("a")).where(pod()) == "a"


def test_without_nodes_there_is_nothing_to_say_per_node():
    assert World().decide(pod()).message == "no nodes available to schedule pods"


def test_a_cordoned_node_takes_only_pods_that_bear_it():
    world = World(node("a", unschedulable=True))
    assert world.why_not(pod()) == "0/1 nodes are available: 1 node(s) were unschedulable."
    bears = [{"key": "node.kubernetes.io/unschedulable", "operator": "Exists", "effect": "NoSchedule"}]
    assert world.where(pod(tolerations=bears)) == "a"


def test_a_named_node_is_the_only_one():
    world = World(node("a"), node("b"))
    assert world.where(pod(nodeName="b")) == "b"
    text = "0/2 nodes are available: 2 node(s) didn't match the requested node name."
    assert world.why_not(pod(nodeName="c")) == text


@pytest.mark.parametrize(
    ("toleration", "passes"),
    [
        ({}, False),
        ({"key": "disk", "operator": "Equal", "value": "ssd", "effect": "NoSchedule"}, True),
        ({"key": "disk", "value": "ssd"}, True),
        ({"key": "disk", "operator": "Exists"}, True),
        ({"operator": "Exists"}, True),
        ({"key": "disk", "operator": "Equal", "value": "hdd"}, False),
        ({"key": "disk", "operator": "Exists", "effect": "NoExecute"}, False),
        ({"key": "other", "operator": "Exists"}, False),
    ],
)
def test_a_taint_keeps_away_who_does_not_tolerate_it(toleration, passes):
    world = World(node("a", taints=[{"key": "disk", "value": "ssd", "effect": "NoSchedule"}]))
    newcomer = pod(tolerations=[toleration] if toleration else [])
    if passes:
        assert world.where(newcomer) == "a"
    else:
        assert world.why_not(newcomer) == "0/1 nodes are available: 1 node(s) had untolerated taint {disk: ssd}."


def test_a_soft_taint_keeps_nobody_away_and_an_execute_taint_does():
    soft = World(node("a", taints=[{"key": "k", "effect": "PreferNoSchedule"}]))
    assert soft.where(pod()) == "a"
    hard = World(node("a", taints=[{"key": "k", "effect": "NoExecute"}]))
    assert hard.why_not(pod()) == "0/1 nodes are available: 1 node(s) had untolerated taint {k: }."


def test_a_node_selector_must_match():
    world = World(node("a", labels={"disk": "hdd"}), node("b", labels={"disk": "ssd"}))
    assert world.where(pod(nodeSelector={"disk": "ssd"})) == "b"
    text = "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector."
    assert world.why_not(pod(nodeSelector={"disk": "tape"})) == text


def required(*terms):
    selector = {"nodeSelectorTerms": list(terms)}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": selector}}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ({"key": "zone", "operator": "In", "values": ["y", "z"]}, "b"),
        ({"key": "zone", "operator": "NotIn", "values": ["x"]}, "b"),
        ({"key": "cores", "operator": "Exists"}, "b"),
        ({"key": "cores", "operator": "DoesNotExist"}, "a"),
        ({"key": "cores", "operator": "Gt", "values": ["7"]}, "b"),
        ({"key": "cores", "operator": "Lt", "values": ["9"]}, "b"),
        ({"key": "cores", "operator": "Gt", "values": ["8"]}, ""),
    ],
)
def test_required_node_affinity(expression, expected):
    world = World(node("a", labels={"zone": "x"}), node("b", labels={"zone": "y", "cores": "8"}))
    newcomer = pod(affinity=required({"matchExpressions": [expression]}))
    if expected:
        assert world.where(newcomer) == expected
    else:
        assert "2 node(s) didn't match Pod's node affinity/selector" in world.why_not(newcomer)


def test_one_term_of_node_affinity_is_enough_and_an_empty_one_holds_nowhere():
    world = World(node("a"), node("b", labels={"zone": "y"}))
    zone = {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["y"]}]}
    assert world.where(pod(affinity=required({}, zone))) == "b"
    assert "2 node(s) didn't match" in world.why_not(pod(affinity=required({})))


def test_a_pod_that_names_nodes_as_daemon_sets_do_asks_no_other():
    world = World(node("a"), node("b", unschedulable=True), node("c", allocatable={"pods": 0}))
    names = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["c"]}]}
    assert world.decide(pod(affinity=required(names))).message == (
        "0/3 nodes are available: 1 Too many pods, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. "
        "preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, "
        "2 Preemption is not helpful for scheduling."
    )


def ports(*numbers, **rest):
    return [{"name": "main", "ports": [{"containerPort": 80, "hostPort": number, **rest} for number in numbers]}]


def test_a_host_port_is_given_once_a_node():
    world = World(node("a"))
    world.run(pod("old", containers=ports(80)), on="a")
    text = "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports."
    assert world.why_not(pod(containers=ports(80))) == text
    assert world.why_not(pod(containers=ports(80, hostIP="10.0.0.1"))) == text
    assert world.where(pod(containers=ports(81))) == "a"
    assert world.where(pod(containers=ports(80, protocol="UDP"))) == "a"


def test_one_host_port_on_two_addresses_is_two_ports():
    world = World(node("a"))
    world.run(pod("old", containers=ports(80, hostIP="10.0.0.1")), on="a")
    assert world.where(pod(containers=ports(80, hostIP="10.0.0.2"))) == "a"


@pytest.mark.parametrize(
    ("requests", "reasons"),
    [
        ({"cpu": "5"}, "1 Insufficient cpu"),
        ({"memory": "9Gi"}, "1 Insufficient memory"),
        ({"ephemeral-storage": "11Gi"}, "1 Insufficient ephemeral-storage"),
        ({"nvidia.com/gpu": "1"}, "1 Insufficient nvidia.com/gpu"),
        ({"memory": "9Gi", "cpu": "4001m"}, "1 Insufficient cpu, 1 Insufficient memory"),
    ],
)
def test_a_node_gives_no_more_than_it_has(requests, reasons):
    assert World(node("a")).why_not(pod(requests=requests)) == f"0/1 nodes are available: {reasons}."


def test_what_other_pods_took_is_gone_until_they_leave():
    world = World(node("a"))
    world.run(pod("old", requests={"cpu": "3500m"}), on="a")
    assert world.where(pod(requests={"cpu": "500m"})) == "a"
    assert world.why_not(pod(requests={"cpu": "501m"})) == "0/1 nodes are available: 1 Insufficient cpu."
    world.cluster.remove_pod(key("old"))
    assert world.where(pod(requests={"cpu": "4"})) == "a"


def test_a_node_takes_so_many_pods_and_no_more():
    world = World(node("a", allocatable={"pods": 1}))
    world.run(pod("old"), on="a")
    assert world.why_not(pod()) == "0/1 nodes are available: 1 Too many pods."


def test_init_containers_and_sidecars_count_as_they_run():
    def container(cpu, **rest):
        return {"name": f"c{cpu}", "resources": {"requests": {"cpu": cpu}}, **rest}

    world = World(node("a"))
    sidecar = container("1", restartPolicy="Always")
    inits = [sidecar, container("3")]
    assert world.where(pod(initContainers=inits, containers=[container("3")])) == "a"
    assert "Insufficient cpu" in world.why_not(pod(initContainers=inits, containers=[container("3001m")]))
    assert "Insufficient cpu" in world.why_not(pod(initContainers=[sidecar, container("3001m")]))
    assert world.where(pod(initContainers=[container("4"), sidecar])) == "a"
    assert "Insufficient cpu" in world.why_not(pod(requests={"cpu": "4"}, overhead={"cpu": "1m"}))


def test_reasons_are_counted_over_nodes_and_sorted():
    taints = [{"key": "k", "value": "v", "effect": "NoSchedule"}]
    world = World(node("a", allocatable={"cpu": "1"}), node("b", taints=taints), node("c", taints=taints))
    assert world.decide(pod(requests={"cpu": "2"})).message == (
        "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {k: v}. "
        "preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, "
        "2 Preemption is not helpful for scheduling."
    )


def test_only_the_first_rule_that_rejects_a_node_is_named():
    world = World(node("a", unschedulable=True, allocatable={"cpu": "1"}))
    assert world.why_not(pod(requests={"cpu": "2"})) == "0/1 nodes are available: 1 node(s) were unschedulable."


def test_a_pod_that_never_preempts_says_so():
    message = World(node("a")).decide(pod(requests={"cpu": "5"}, preemptionPolicy="Never")).message
    assert message.endswith("Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.")


def test_a_refusal_names_the_rules_that_could_open():
    world = World(node("a", unschedulable=True), node("b"))
    refusal = world.decide(pod(requests={"cpu": "5"}))
    assert refusal.rules == {"NodeUnschedulable", "NodeResourcesFit"}
