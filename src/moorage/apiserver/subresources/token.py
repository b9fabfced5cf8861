"""`serviceaccounts/token`: a signed token for an account.

In: POST of a TokenRequest. Out: it, with the token in its status. Rules: pkg/registry/core/serviceaccount/storage/token.go.
"""

from moorage.api import decode, meta, scheme
from moorage.api.refs import Document, ObjectKey
from moorage.api.times import format_time
from moorage.apiserver import bodies, errors
from moorage.apiserver.answers import Answer, Plain
from moorage.apiserver.auth.tokens import Claim
from moorage.apiserver.call import Call, Services
from moorage.apiserver.documents import items, part
from moorage.apiserver.options import write_options
from moorage.apiserver.strategy import FieldError

_DEFINITION = "io.k8s.api.authentication.v1.TokenRequest"
_DEFAULT_SECONDS = 3600
_MIN_SECONDS = 600
_MAX_SECONDS = 1 << 32
_MAX_GRANTED = 365 * 24 * 3600
"""Longest life of a token, seconds."""


async def create(call: Call, services: Services) -> Answer:
    """Sign a token. Raises: ApiError."""
    options = write_options(call.request, "CreateOptions")
    table = services.schemas.table(_DEFINITION)
    wanted = bodies.object_of(
        call, services, decode.Expected("authentication.k8s.io/v1", "TokenRequest", table), options
    )
    account = services.registry.get(call.order(options)).document
    spec = part(wanted, "spec")
    seconds = spec.get("expirationSeconds")
    seconds = _DEFAULT_SECONDS if seconds is None else seconds
    _check(seconds)
    services.registry.admit("CREATE", call.order(options), wanted, None)
    claim = Claim(
        account, tuple(items(spec, "audiences")), min(seconds, _MAX_GRANTED), _bound_pod(call, services, spec)
    )
    token, end = services.tokens.issue(claim, services.ambient.ids.uid())
    metadata = {"name": meta.name(account), "namespace": meta.namespace(account)}
    metadata["creationTimestamp"] = format_time(services.ambient.clock.now())
    audiences = list(claim.audiences or (services.settings.issuer,))
    return Plain(
        {
            "kind": "TokenRequest",
            "apiVersion": "authentication.k8s.io/v1",
            "metadata": metadata,
            "spec": {
                "audiences": audiences,
                "expirationSeconds": seconds,
                "boundObjectRef": spec.get("boundObjectRef"),
            },
            "status": {"token": token, "expirationTimestamp": format_time(end)},
        },
        201,
    )


def _check(seconds: int) -> None:
    detail = ""
    if seconds < _MIN_SECONDS:
        detail = "may not specify a duration less than 10 minutes"
    elif seconds > _MAX_SECONDS:
        detail = "may not specify a duration larger than 2^32 seconds"
    if detail:
        problem = FieldError("Invalid", "spec.expirationSeconds", seconds, detail)
        raise errors.invalid_kind("TokenRequest", "authentication.k8s.io", "", [problem])


def _bound_pod(call: Call, services: Services, spec: Document) -> Document | None:
    """Return the pod a token shall be bound to. Raises: ApiError (400, 404, 409)."""
    reference = spec.get("boundObjectRef")
    if not reference:
        return None
    if reference.get("kind") != "Pod":
        raise errors.bad_request(f"cannot bind token for serviceaccount to object kind {reference.get('kind')!r}")
    name = reference.get("name", "")
    pod = services.cache.get(scheme.PODS, ObjectKey(call.route.namespace, name))
    if pod is None:
        raise errors.not_found(scheme.PODS, name)
    wanted, uid = reference.get("uid", ""), meta.uid(pod.document)
    if wanted and wanted != uid:
        sentence = f"the UID in the bound object reference ({wanted}) does not match the UID in record. "
        sentence += "The object might have been deleted and then recreated"
        raise errors.conflict(scheme.PODS, name, sentence)
    return pod.document
