"""Decoding of request bodies: what is refused and how, what is dropped, what is made canonical."""

import copy
import json
import re
from typing import Any

import pytest

from moorage.api import decode
from moorage.api.decode import BadDocument, Expected, StrictError
from moorage.api.schema import Schemas
from tests.unit.api import goldens

KINDS = {
    "configmaps": ("v1", "ConfigMap", "io.k8s.api.core.v1.ConfigMap"),
    "pods": ("v1", "Pod", "io.k8s.api.core.v1.Pod"),
    "statefulsets": ("apps/v1", "StatefulSet", "io.k8s.api.apps.v1.StatefulSet"),
    "services": ("v1", "Service", "io.k8s.api.core.v1.Service"),
    "secrets": ("v1", "Secret", "io.k8s.api.core.v1.Secret"),
}
DECODER_TEXT = re.compile("cannot be handled as a|object provided is unrecognized")


def _recorded() -> list[Any]:
    """Return every recorded create and update of the kinds above that is JSON."""
    found = []
    for name, step in goldens.steps("validation"):
        plural = re.search(r"/namespaces/\w+/(\w+)", step["path"])
        plain = "yaml" not in str(step.get("headers"))
        # Where the message is not compared, the recorder left it out.
        compared = "message" not in step.get("ignore", [])
        if step["method"] in ("POST", "PUT") and plural and plural[1] in KINDS and plain and compared:
            found.append(pytest.param(plural[1], step, id=f"{name}-{step['method']}"))
    return found


def _wanted(step: dict[str, Any]) -> str:
    """Return the recorded sentence of the decoder, "" if it let the body pass."""
    body = step["expect"].get("body")
    text = body.get("message", "") if isinstance(body, dict) and body.get("kind") == "Status" else ""
    return text if DECODER_TEXT.search(text) and step["expect"]["code"] == 400 else ""


@pytest.mark.parametrize(("plural", "step"), _recorded())
def test_bodies_get_the_recorded_sentence(plural: str, step: dict[str, Any], schemas: Schemas) -> None:
    api_version, kind, definition = KINDS[plural]
    expected = Expected(api_version, kind, schemas.table(definition))
    mode = re.search(r"fieldValidation=(Strict|Warn|Ignore)\b", step["path"])
    got, warnings = "", ()
    try:
        warnings = decode.decode(goldens.body_bytes(step), expected, mode[1] if mode else "Warn").warnings  # type: ignore[arg-type] # the pattern allows only these
    except BadDocument as problem:
        got = problem.sentence
    if step["expect"]["code"] != 415:
        assert got == _wanted(step)
    assert [f"299 - {json.dumps(text)}" for text in warnings] == step["expect"].get("warnings", [])


def _stored() -> list[Any]:
    """Return recorded answers that show a whole object of the kinds above."""
    names = {(api_version, kind): definition for api_version, kind, definition in KINDS.values()}
    found = []
    for name, step in goldens.steps("defaults"):
        body = step["expect"].get("body")
        definition = names.get((body.get("apiVersion"), body.get("kind"))) if isinstance(body, dict) else None
        if definition and "spec" in body.keys() | {"data", "type"} and '"<' not in json.dumps(body.get("spec")):
            found.append(pytest.param(definition, body, id=name))
    return found


@pytest.mark.parametrize(("definition", "body"), _stored())
def test_stored_objects_stay_as_they_are(definition: str, body: dict[str, Any], schemas: Schemas) -> None:
    given = copy.deepcopy(body)
    expected = Expected(body["apiVersion"], body["kind"], schemas.table(definition))
    decoded = decode.convert(body, expected, "Strict").document
    masked = {key: value for key, value in decoded.items() if key in body}
    assert masked == given
    assert body == given


def _decoded(expected: Expected, **fields: Any) -> dict[str, Any]:
    return decode.decode(json.dumps(fields).encode(), expected, "Strict").document


def test_nulls_empties_and_zeroes_go_as_in_go(pod: Expected) -> None:
    made = _decoded(
        pod,
        metadata={"name": "p", "labels": {}, "creationTimestamp": None, "generation": 0},
        spec={
            "containers": [{"name": "c", "image": "", "env": [], "stdin": False}],
            "terminationGracePeriodSeconds": 0,
        },
    )
    assert made["metadata"] == {"name": "p"}
    assert made["spec"] == {"containers": [{"name": "c", "resources": {}}], "terminationGracePeriodSeconds": 0}
    assert (made["apiVersion"], made["kind"], made["status"]) == ("v1", "Pod", {})


def test_times_quantities_and_bytes_become_canonical(pod: Expected, schemas: Schemas) -> None:
    requests = {"cpu": 0.5, "memory": "1024Mi"}
    made = _decoded(
        pod,
        metadata={"name": "p", "deletionTimestamp": "2026-11-22T18:55:43.9+02:00"},
        spec={"containers": [{"name": "c", "resources": {"requests": requests}}]},
    )
    assert made["metadata"]["deletionTimestamp"] == "2026-11-22T16:55:43Z"
    assert made["spec"]["containers"][0]["resources"]["requests"] == {"cpu": "500m", "memory": "1Gi"}
    secret = Expected("v1", "Secret", schemas.table("io.k8s.api.core.v1.Secret"))
    assert _decoded(secret, data={"k": "YWJj\n"})["data"] == {"k": "YWJj"}
    with pytest.raises(BadDocument, match="illegal base64 data at input byte 4"):
        _decoded(secret, data={"k": "YWJj!"})


def test_conditions_and_slices_keep_the_nulls_of_go(pod: Expected, schemas: Schemas) -> None:
    made = _decoded(pod, status={"conditions": [{"type": "Ready", "status": "True"}]})
    condition = {"type": "Ready", "status": "True", "lastProbeTime": None, "lastTransitionTime": None}
    assert made["status"] == {"conditions": [condition]}
    table = schemas.table("io.k8s.api.discovery.v1.EndpointSlice")
    made = _decoded(Expected("discovery.k8s.io/v1", "EndpointSlice", table), addressType="IPv4", endpoints=[])
    assert (made["endpoints"], made["ports"]) == (None, None)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"data":{"a":NaN}}', "invalid character 'N' looking for beginning of value"),
        (b'{"data":{"a":"b",}}', "invalid character '}' looking for beginning of object key string"),
        (b'{"data":{"a":"b"}} x', "invalid character 'x' after top-level value"),
        (b'{"data":{"a":-}}', "invalid character '}' in numeric literal"),
        (b'{"data":{"a":tru}}', "invalid character '}' in literal true (expecting 'e')"),
        (b'{"data":{"a":"\\q"}}', "invalid character 'q' in string escape code"),
        (b'{"data":{"a":"\n"}}', "invalid character '\\n' in string literal"),
        (b"[" * 100_000, "exceeded max depth"),
        (b"[" * 3, "unexpected end of JSON input"),
        (b'{"data":' + b"[" * 80 + b"]" * 80 + b"}", "exceeded max depth"),
        (b'{"a":' + b"9" * 5000 + b"}", "a number has too many digits"),
    ],
)
def test_what_is_no_json_gets_the_sentence_of_go(body: bytes, text: str, configmap: Expected) -> None:
    with pytest.raises(BadDocument) as caught:
        decode.decode(body, configmap)
    assert caught.value.text == text


def test_half_characters_become_the_replacement_character(configmap: Expected) -> None:
    assert decode.decode(b'{"data":{"a":"x\\ud800y"}}', configmap).document["data"] == {"a": "x\ufffdy"}
    assert decode.decode(b'{"data":{"a":"\\ud83d\\ude00"}}', configmap).document["data"] == {"a": "\U0001f600"}
    assert decode.decode(b'{"data":{"a":"x\xff"}}', configmap).document["data"] == {"a": "x\ufffd"}


def test_the_last_of_equal_keys_wins_and_strict_names_each_once(configmap: Expected) -> None:
    body = b'{"data":{"a":"1","a":"2","a":"3"},"bogus":1}'
    assert decode.decode(body, configmap, "Ignore").document["data"] == {"a": "3"}
    with pytest.raises(StrictError) as caught:
        decode.decode(body, configmap, "Strict")
    assert caught.value.text == 'strict decoding error: unknown field "bogus", duplicate field "data.a"'


def test_another_version_is_refused_before_anything_else(statefulset: Expected) -> None:
    with pytest.raises(BadDocument) as caught:
        decode.decode(b'{"apiVersion":"apps/v2","kind":"StatefulSet","spec":3}', statefulset)
    wanted = "the API version in the data (apps/v2) does not match the expected API version (apps/v1)"
    assert caught.value.sentence == wanted


def test_custom_resources_pass_untyped() -> None:
    expected = Expected("example.com/v1", "Thing", Schemas({}).table(""))
    body = b'{"apiVersion":"example.com/v1","kind":"Thing","spec":{"n":null,"x":[1.5]}}'
    assert decode.decode(body, expected, "Strict").document == json.loads(body)
