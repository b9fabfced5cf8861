"""Which form of an answer a client wants, and what type its body has.

In: Accept and Content-Type headers. Out: `Form`, media types. Clauses are walked in order and those we cannot do are skipped
(fact sheet apiserver.md section 3: metadata informers).
"""

from dataclasses import dataclass
from typing import Literal

from moorage.apiserver import errors
from moorage.client.ports import Request

JSON = "application/json"
YAML = "application/yaml"
PROTOBUF = "application/vnd.kubernetes.protobuf"
STREAM = "application/json;stream=watch"
APPLY_PATCH = "application/apply-patch+yaml"
OFFERED = (JSON, YAML, PROTOBUF)
_REPRESENTATIONS = (*OFFERED, STREAM, f"{PROTOBUF};stream=watch")
_TEXT = frozenset({JSON, "*/*", "application/*", STREAM})

Shape = Literal["object", "table", "partial"]
_SHAPES: dict[str, Shape] = {
    "Table": "table",
    "PartialObjectMetadata": "partial",
    "PartialObjectMetadataList": "partial",
}


@dataclass(frozen=True, slots=True)
class Form:
    """How an answer looks.

    Args:
        shape: the objects themselves, a Table of them, or their metadata.
        version: API version of a Table or of partial metadata.
        include: what Table rows carry: `None`, `Metadata` or `Object`.
        many: whether metadata of a list is meant.
    """

    shape: Shape = "object"
    version: str = "v1"
    include: str = "Metadata"
    many: bool = False


PLAIN = Form()


def form_of(request: Request) -> Form:
    """Return the first form of the Accept header that can be served. Raises: ApiError (406)."""
    accept = request.headers.get("accept", "")
    if accept in ("", JSON, "*/*"):
        return PLAIN
    known = False
    for clause in accept.split(","):
        media, parameters = _clause(clause)
        known = known or media in _TEXT or media in OFFERED
        if media in _TEXT or media == YAML:
            form = _form(parameters, request)
            if form is not None:
                return form
    raise errors.not_acceptable(OFFERED) if known else errors.no_representation(_REPRESENTATIONS)


def _form(parameters: dict[str, str], request: Request) -> Form | None:
    wanted = parameters.get("as")
    if wanted is None:
        return PLAIN
    version = parameters.get("v", "")
    if parameters.get("g") != "meta.k8s.io" or version not in ("v1", "v1beta1") or wanted not in _SHAPES:
        return None
    if _SHAPES[wanted] == "partial":
        return Form("partial", version, many=wanted.endswith("List"))
    include = request.param("includeObject") or "Metadata"
    if include not in ("None", "Metadata", "Object"):
        raise errors.bad_request(
            f'Unable to convert to Table as requested: includeObject: Invalid value: "{include}": '
            "must be 'Metadata', 'Object', 'None', or empty"
        )
    return Form("table", version, include)


def wants_yaml(request: Request) -> bool:
    """Return whether the answer's text shall be YAML."""
    return request.headers.get("accept", "").startswith(YAML)


def media_type(request: Request) -> str:
    """Return the media type of a request's body without parameters; JSON where nothing is said."""
    return _clause(request.headers.get("content-type", ""))[0] or JSON


def _clause(text: str) -> tuple[str, dict[str, str]]:
    media, *rest = (part.strip() for part in text.split(";"))
    pairs = (part.partition("=") for part in rest)
    return media.lower(), {key.strip(): value.strip() for key, _, value in pairs}
