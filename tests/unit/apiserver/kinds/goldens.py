"""Recorded cases led through decoding, defaults and validation alone: no store, no admission, no network.

In: files of tests/fixtures/golden. Out: the answers a strategy gives to each step, in the recorded normal form.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from moorage.api import decode, meta, scheme
from moorage.api.patch import json as json_patch
from moorage.api.patch import merge, strategic
from moorage.api.refs import Document, Resource
from moorage.api.schema import Schemas
from moorage.api.schemadata import load_definitions, load_wire_table
from moorage.apiserver import errors
from moorage.apiserver.kinds import STRATEGIES
from moorage.apiserver.validation import meta as metadata_rules
from tests.fixtures.golden.replay import Normaliser

DATA = Path(__file__).resolve().parents[3] / "fixtures" / "golden"
MINOR = 32
NAMESPACE, TAG = "golden-abcdefgh", "abcdefgh"
UID = "00000000-1111-2222-3333-444444444444"
_PATH = re.compile(r"/(?:api|apis/(?P<group>[^/]+))/(?P<version>v[^/]+)(?:/namespaces/[^/]+(?=/))?/(?P<plural>[^/?]+)")
_FORMS = {"application/json-patch+json": json_patch, "application/merge-patch+json": merge}
_SYSTEM = ("creationTimestamp", "resourceVersion", "uid", "generation", "namespace", "finalizers", "managedFields")


@cache
def schemas() -> Schemas:
    """Return the type tables."""
    return Schemas(load_definitions(), load_wire_table())


def cases(file: str, pattern: str = "") -> Iterator[Document]:
    """Return the cases of a file that hold for this version, by id."""
    for line in (DATA / f"{file}.jsonl").read_text().splitlines():
        case = json.loads(line)
        since, until = case.get("since", "1.0"), case.get("until", "1.99")
        if int(since.split(".")[1]) <= MINOR <= int(until.split(".")[1]) and re.search(pattern, case["id"]):
            yield case


def resource_of(step: Document, *, status: bool = False) -> Resource | None:
    """Return the kind a step writes to; None if it is not served or the step is no plain write (or one to `/status`)."""
    match = _PATH.match(step.get("path", ""))
    wrong = "/status" in step.get("path", "") and not status
    if match is None or wrong or step["method"] not in ("POST", "PUT", "PATCH"):
        return None
    found = scheme.by_path(match["group"] or "", match["version"], match["plural"])
    return found if found in STRATEGIES else None


class Strategies:
    """Keeps one object a path and leads each step through its kind's strategy.

    Args:
        case: the recorded case.
    """

    def __init__(self, case: Document) -> None:
        self._kept: dict[str, Document] = {}
        self._normal = Normaliser(NAMESPACE, TAG, json.dumps(case))

    def answer(self, step: Document) -> tuple[int, Any]:
        """Return code and body that a strategy gives to a step."""
        step = json.loads(json.dumps(step).replace("{ns}", NAMESPACE).replace("{tag}", TAG))
        resource = resource_of(step, status=True)
        assert resource is not None
        code, body = self._write(resource, step)
        return code, self._normal.answer(body)

    def kept(self, name: str) -> tuple[Resource, Document]:
        """Return the object of a name and its kind."""
        path, document = next(pair for pair in self._kept.items() if pair[0].endswith(f"/{name}"))
        resource = resource_of({"path": path, "method": "PUT"})
        assert resource is not None
        return resource, json.loads(json.dumps(document))

    def _write(self, resource: Resource, step: Document) -> tuple[int, Document]:
        strategy = STRATEGIES[resource]
        path = step["path"].partition("?")[0]
        status, path = path.endswith("/status"), path.removesuffix("/status")
        if step["method"] == "POST":
            new = _decoded(resource, step["body"])
            _place(resource, new)
            strategy.default(new)
            strategy.prepare_create(new)
            problems = strategy.validate_create(new)
            path = f"{path}/{meta.name(new)}"
        else:
            old = self._kept[path]
            new = self._changed(resource, step, old)
            _place(resource, new)
            strategy.default(new)
            prepare, validate = (strategy.prepare_update, strategy.validate_update)
            if status:
                prepare, validate = (strategy.prepare_status, strategy.validate_status)
            prepare(new, old)
            problems = [*metadata_rules.common(new, old), *validate(new, old)]
        if problems:
            return 422, errors.invalid(resource, meta.name(new), problems).status
        self._kept[path] = new
        return (201 if step["method"] == "POST" else 200), new

    def _changed(self, resource: Resource, step: Document, old: Document) -> Document:
        if step["method"] == "PUT":
            return _decoded(resource, step["body"])
        table = schemas().table(resource.definition)
        form = (step.get("headers") or {}).get("Content-Type", "application/strategic-merge-patch+json")
        body = json.dumps(step["body"]).encode()
        if form in _FORMS:
            patched = _FORMS[form].apply(old, _FORMS[form].parse(body))
        else:
            patched = strategic.apply(old, strategic.parse(body), table)
        return decode.convert(patched, _expected(resource)).document


def once_defaulted(step: Document) -> Document:
    """Return the body of a create with its defaults."""
    resource = resource_of(step)
    assert resource is not None
    document = _decoded(resource, step["body"])
    STRATEGIES[resource].default(document)
    return document


def twice_defaulted(step: Document) -> Document:
    """Return the body of a create, stored and written back: decoded and defaulted twice."""
    resource = resource_of(step)
    assert resource is not None
    document = _decoded(resource, once_defaulted(step))
    STRATEGIES[resource].default(document)
    return document


def _expected(resource: Resource) -> decode.Expected:
    return decode.Expected(resource.api_version, resource.kind, schemas().table(resource.definition))


def _decoded(resource: Resource, body: Any) -> Document:
    raw = body if isinstance(body, str) else json.dumps(body)
    return decode.decode(raw.encode(), _expected(resource)).document


def _place(resource: Resource, document: Document) -> None:
    """Give an object the case's namespace and an identity, as the API server does before validation."""
    own = meta.own_metadata(document)
    own.setdefault("uid", UID)
    if resource.namespaced:
        own["namespace"] = NAMESPACE


def without_server(document: Any) -> Any:
    """Return a document without what the API server, allocation and admission add."""
    made = json.loads(json.dumps(document))
    if not isinstance(made, dict) or made.get("kind") == "Status":
        return made
    for key in _SYSTEM:
        made.get("metadata", {}).pop(key, None)
    _PRUNERS.get(made["kind"], lambda _made: None)(made)
    return made


def _prune_pod(pod: Document) -> None:
    spec = pod["spec"]
    for key in ("priority", "preemptionPolicy", "serviceAccount", "serviceAccountName"):
        spec.pop(key, None)
    _filter(spec, "tolerations", lambda one: one.get("tolerationSeconds") != 300)
    _filter(spec, "volumes", lambda one: not one["name"].startswith("kube-api-access"))
    for container in spec["containers"] + spec.get("initContainers", []):
        _filter(container, "volumeMounts", lambda one: not one["name"].startswith("kube-api-access"))


def _prune_service(service: Document) -> None:
    spec = service["spec"]
    spec.pop("healthCheckNodePort", None)
    for key in ("clusterIP", "clusterIPs"):
        if "<CLUSTERIP>" in spec.get(key, ""):
            del spec[key]
    for port in spec.get("ports", []):
        port.pop("nodePort", None)


def _filter(part: Document, key: str, keep: Any) -> None:
    kept = [one for one in part.get(key, []) if keep(one)]
    part.pop(key, None)
    if kept:
        part[key] = kept


_PRUNERS = {"Pod": _prune_pod, "Service": _prune_service}
