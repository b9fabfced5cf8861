"""Update strategies of a StatefulSet: Recreate is taken, and with `moor up --strict` refused in Kubernetes' words."""

from typing import Any

import pytest

from moorage.api.refs import Document
from moorage.api.scheme import STATEFULSETS
from moorage.apiserver import errors
from moorage.apiserver.kinds import STRATEGIES, STRICT_STRATEGIES

_REFUSED = "spec.updateStrategy: Invalid value: {\"type\":\"Recreate\"}: must be 'RollingUpdate' or 'OnDelete'"


def _set(**strategy: Any) -> Document:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "app:1"}]}}
    spec = {"selector": {"matchLabels": {"app": "web"}}, "template": template, "updateStrategy": strategy}
    return {"metadata": {"name": "web", "namespace": "default"}, "spec": spec}


def _refusals(*, strict: bool, changed: bool, **strategy: Any) -> list[str]:
    rules = (STRICT_STRATEGIES if strict else STRATEGIES)[STATEFULSETS]
    new, old = _set(**strategy), _set(type="OnDelete")
    for document in (new, old):
        rules.default(document)
    found = rules.validate_update(new, old) if changed else rules.validate_create(new)
    return [f"{one.path}: {errors.body(one)}" for one in found]


@pytest.mark.parametrize("changed", [False, True])
def test_recreate_is_beyond_kubernetes(*, changed: bool) -> None:
    assert _refusals(strict=False, changed=changed, type="Recreate") == []
    assert _refusals(strict=True, changed=changed, type="Recreate") == [_REFUSED]


def test_recreate_has_no_rolling_update() -> None:
    (refusal,) = _refusals(strict=False, changed=False, type="Recreate", rollingUpdate={"partition": 1})
    assert refusal.startswith("spec.updateStrategy.rollingUpdate: Invalid value: ")
    assert refusal.endswith("only allowed for updateStrategy 'RollingUpdate'")
