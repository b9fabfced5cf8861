"""What `rollout status` says of a set that goes on only when its owner says so."""

import pytest

from moorage.api.refs import Document
from moorage.cli import sets

PAUSED, CANARY, HIBERNATE = (
    {key: value} for key, value in ((sets.PAUSED, "true"), (sets.CANARY, "1"), (sets.HIBERNATE, "true"))
)


def _set(annotations: dict[str, str], updated: int = 0, partition: int = 0) -> Document:
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"partition": partition}}
    metadata = {"name": "web", "namespace": "shop", "annotations": annotations}
    return {
        "metadata": metadata,
        "spec": {"replicas": 3, "updateStrategy": strategy},
        "status": {"updatedReplicas": updated},
    }


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (_set({}), ""),
        (_set(PAUSED), "it is paused; to go on: moor rollout resume sts/web -n shop"),
        (_set({sets.PAUSED: "false"}), ""),
        (_set(PAUSED, updated=3), ""),
        (_set(PAUSED, updated=2, partition=1), ""),
        (_set(CANARY, 1), "only canary 1 is updated; to go on with the others: moor rollout promote sts/web -n shop"),
        (_set({**CANARY, **PAUSED}), "it is paused; to go on: moor rollout resume sts/web -n shop"),
        (_set(HIBERNATE, 3), "it hibernates; to bring its pods back: moor wake sts/web -n shop"),
        (_set({sets.HIBERNATE: "false"}), ""),
    ],
)
def test_what_a_set_waits_for(found: Document, told: str) -> None:
    assert sets.held(found) == told
