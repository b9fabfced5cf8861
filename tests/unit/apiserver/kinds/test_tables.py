"""Table columns and cells: recorded ones of a real server, and the states of pods that were not recorded."""

import datetime
from typing import Any

import pytest

from moorage.api import scheme
from moorage.api.refs import Document
from moorage.apiserver import cells
from moorage.apiserver.kinds import STRATEGIES, podtable
from moorage.apiserver.strategy import Column
from tests.fixtures.golden.replay import AGE
from tests.unit.apiserver.kinds import goldens

NOW = datetime.datetime(2026, 11, 23, 12, 0, tzinfo=datetime.UTC)
BORN = "2026-11-23T11:59:30Z"


def _writes(case: Document) -> list[Document]:
    return [step for step in case["steps"] if step.get("method") in ("POST", "PATCH")]


def _table(case: Document) -> Document | None:
    bodies = [step.get("expect", {}).get("body") for step in case["steps"]]
    return next((one for one in bodies if isinstance(one, dict) and one.get("kind") == "Table" and one["rows"]), None)


def _recorded() -> list[Any]:
    found = []
    for case in goldens.cases("lists_watches", "table-"):
        writes = _writes(case)
        served = all(goldens.resource_of({**step, "method": "POST"}, status=True) for step in writes)
        plain = all(step.get("method") != "DELETE" for step in case["steps"])
        if writes and served and plain and _table(case) and len(_table(case)["rows"]) == 1:  # type: ignore[index]  # not None
            found.append(pytest.param(case, id=case["id"]))
    return found


@pytest.mark.parametrize("case", _recorded())
def test_row_is_that_of_a_real_server(case: Document) -> None:
    table = _table(case)
    assert table is not None
    server = goldens.Strategies(case)
    for step in _writes(case):
        server.answer(step)
    named = table["rows"][0]["cells"][0].replace("{tag}", goldens.TAG)
    resource, document = server.kept(named)
    document["metadata"]["creationTimestamp"] = BORN
    strategy = STRATEGIES[resource]
    row = strategy.row(document, NOW)
    masked = ["<AGE>" if isinstance(cell, str) and AGE.match(cell) else cell for cell in row]
    wanted = [
        cell.replace("{tag}", goldens.TAG) if isinstance(cell, str) else cell for cell in table["rows"][0]["cells"]
    ]
    assert masked == wanted
    columns = (Column("Name", format="name"), *strategy.columns)
    shown = [(one["name"], one["type"], one["format"], one["priority"]) for one in table["columnDefinitions"]]
    assert [(one.name, one.type, one.format, one.priority) for one in columns] == shown
    assert strategy.row_conditions(document) == table["rows"][0].get("conditions", [])


def test_enough_tables_were_recorded() -> None:
    assert len(_recorded()) >= 20


@pytest.mark.parametrize(("resource", "strategy"), STRATEGIES.items())
def test_every_kind_has_one_cell_a_column(resource: Any, strategy: Any) -> None:
    document = {"metadata": {"name": "x", "creationTimestamp": BORN}}
    extra = 0 if resource is scheme.EVENTS else 1
    assert len(strategy.row(document, NOW)) == len(strategy.columns) + extra


def _pod(status: Document, **spec: Any) -> Document:
    return {
        "metadata": {"name": "web-0", "creationTimestamp": BORN},
        "spec": {"containers": [{"name": "a"}, {"name": "b"}], **spec},
        "status": status,
    }


def _status(name: str, *, ready: bool = False, restarts: int = 0, **states: Document) -> Document:
    found: Document = {"name": name, "ready": ready, "restartCount": restarts, "state": states}
    last = states.pop("last", None)
    return {**found, "lastState": {"terminated": last}} if last else found


RUNNING: Document = {"running": {}}
SIDECAR = {"name": "s", "restartPolicy": "Always"}


@pytest.mark.parametrize(
    ("pod", "ready", "word", "restarts"),
    [
        (_pod({"phase": "Pending"}), "0/2", "Pending", "0"),
        (_pod({"phase": "Failed", "reason": "Evicted"}), "0/2", "Evicted", "0"),
        (
            _pod({"phase": "Pending", "conditions": [{"type": "PodScheduled", "reason": "SchedulingGated"}]}),
            "0/2",
            "SchedulingGated",
            "0",
        ),
        (
            _pod(
                {
                    "phase": "Running",
                    "containerStatuses": [
                        _status("a", ready=True, running={}),
                        _status("b", restarts=3, waiting={"reason": "CrashLoopBackOff"}, last={"finishedAt": BORN}),
                    ],
                }
            ),
            "1/2",
            "CrashLoopBackOff",
            "3 (30s ago)",
        ),
        (
            _pod(
                {
                    "phase": "Succeeded",
                    "containerStatuses": [
                        _status("a", terminated={"reason": "Completed", "exitCode": 0}),
                        _status("b", terminated={"reason": "Completed", "exitCode": 0}),
                    ],
                }
            ),
            "0/2",
            "Completed",
            "0",
        ),
        (
            _pod(
                {
                    "phase": "Running",
                    "containerStatuses": [
                        _status("a", terminated={"reason": "Completed", "exitCode": 0}),
                        _status("b", ready=True, running={}),
                    ],
                }
            ),
            "1/2",
            "NotReady",
            "0",
        ),
        (
            _pod(
                {
                    "phase": "Running",
                    "conditions": [{"type": "Ready", "status": "True"}],
                    "containerStatuses": [
                        _status("a", terminated={"reason": "Completed", "exitCode": 0}),
                        _status("b", ready=True, running={}),
                    ],
                }
            ),
            "1/2",
            "Running",
            "0",
        ),
        (
            _pod(
                {"phase": "Pending", "initContainerStatuses": [_status("i", waiting={"reason": "ImagePullBackOff"})]},
                initContainers=[{"name": "i"}],
            ),
            "0/2",
            "Init:ImagePullBackOff",
            "0",
        ),
        (
            _pod(
                {
                    "phase": "Pending",
                    "initContainerStatuses": [_status("i", restarts=2, terminated={"exitCode": 1, "signal": 9})],
                },
                initContainers=[{"name": "i"}],
            ),
            "0/2",
            "Init:Signal:9",
            "2",
        ),
        (
            _pod(
                {
                    "phase": "Running",
                    "initContainerStatuses": [
                        _status("i", restarts=4, terminated={"exitCode": 0}),
                        {**_status("s", ready=True, restarts=1, running={}), "started": True},
                    ],
                    "containerStatuses": [_status("a", ready=True, running={}), _status("b", ready=True, running={})],
                },
                initContainers=[{"name": "i"}, SIDECAR],
            ),
            "3/3",
            "Running",
            "1",
        ),
    ],
)
def test_state_of_a_pod_in_one_word(pod: Document, ready: str, word: str, restarts: str) -> None:
    assert podtable.row(pod, NOW)[1:4] == [ready, word, restarts]


def test_a_pod_being_deleted_is_terminating_unless_its_node_is_lost() -> None:
    pod = _pod({"phase": "Running"})
    pod["metadata"]["deletionTimestamp"] = BORN
    assert podtable.row(pod, NOW)[2] == "Terminating"
    pod["status"]["reason"] = "NodeLost"
    assert podtable.row(pod, NOW)[2] == "Unknown"


def test_readiness_gates_count_true_conditions() -> None:
    gates = [{"conditionType": "a"}, {"conditionType": "b"}]
    pod = _pod({"conditions": [{"type": "b", "status": "True"}]}, readinessGates=gates)
    assert podtable.row(pod, NOW)[-1] == "1/2"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-2, "<invalid>"), (-1, "0s"), (0, "0s"), (119, "119s"), (120, "2m"), (125, "2m5s"), (599, "9m59s"),
        (600, "10m"), (10799, "179m"), (10800, "3h"), (11000, "3h3m"), (28799, "7h59m"), (28800, "8h"),
        (172799, "47h"), (172800, "2d"), (176400, "2d1h"), (691199, "7d23h"), (691200, "8d"), (63071999, "729d"),
        (63072000, "2y"), (63158400, "2y1d"), (252288000, "8y"),
    ],
)  # fmt: skip
def test_ages_are_short(seconds: int, text: str) -> None:
    assert cells.human_duration(seconds) == text


def test_service_addresses_and_ports() -> None:
    service = {
        "metadata": {"name": "x", "creationTimestamp": BORN},
        "spec": {
            "type": "LoadBalancer",
            "clusterIPs": ["10.43.0.7"],
            "externalIPs": ["1.2.3.4"],
            "ports": [{"port": 80, "nodePort": 30080, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}],
        },
    }
    row = STRATEGIES[scheme.SERVICES].row
    assert row(service, NOW)[1:5] == ["LoadBalancer", "10.43.0.7", "1.2.3.4", "80:30080/TCP,53/UDP"]
    del service["spec"]["externalIPs"]  # type: ignore[attr-defined]  # a dict
    assert row(service, NOW)[3] == "<pending>"


def test_claims_show_their_volume_only_once_bound() -> None:
    claim: Document = {
        "metadata": {"name": "x", "creationTimestamp": BORN},
        "spec": {"storageClassName": "local", "volumeMode": "Filesystem"},
        "status": {"phase": "Pending"},
    }
    row = STRATEGIES[scheme.PERSISTENTVOLUMECLAIMS].row
    assert row(claim, NOW) == ["x", "Pending", "", "", "", "local", "<unset>", "30s", "Filesystem"]
    claim["spec"]["volumeName"] = "pv-1"
    claim["status"] = {
        "phase": "Bound",
        "capacity": {"storage": "1Gi"},
        "accessModes": ["ReadWriteMany", "ReadWriteOnce"],
    }
    assert row(claim, NOW)[1:5] == ["Bound", "pv-1", "1Gi", "RWO,RWX"]
