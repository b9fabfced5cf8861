"""Reviews: who am I, may I, may they.

In: POST of a review. Out: 201 and the review with its status. Nothing is stored.
"""

from moorage.api import meta
from moorage.api.refs import Document
from moorage.apiserver import bodies, errors
from moorage.apiserver.answers import Answer, Plain
from moorage.apiserver.auth.attributes import Attributes
from moorage.apiserver.auth.authorizer import ADMINISTRATORS
from moorage.apiserver.call import Call, Services
from moorage.apiserver.documents import items, part
from moorage.apiserver.options import write_options
from moorage.apiserver.strategy import FieldError
from moorage.client.ports import User

_GROUP = "authorization.k8s.io"


async def self_subject(call: Call, services: Services) -> Answer:
    """Answer who asks."""
    review = _body(call, services)
    return Plain({**review, "status": {"userInfo": _user_info(call.user)}}, 201)


async def self_access(call: Call, services: Services) -> Answer:
    """Answer whether the asker may."""
    review = _body(call, services)
    return _judged(services, review, call.user)


async def access(call: Call, services: Services) -> Answer:
    """Answer whether somebody else may."""
    review = _body(call, services)
    spec = part(review, "spec")
    return _judged(services, review, User(spec.get("user", ""), tuple(items(spec, "groups"))))


async def local_access(call: Call, services: Services) -> Answer:
    """Answer whether somebody else may, in one namespace."""
    review = _body(call, services)
    namespace = part(review, "spec", "resourceAttributes").get("namespace", "")
    if namespace != call.route.namespace:
        detail = "must match metadata.namespace"
        raise _invalid(FieldError("Invalid", "spec.resourceAttributes.namespace", namespace, detail))
    spec = part(review, "spec")
    return _judged(services, review, User(spec.get("user", ""), tuple(items(spec, "groups"))))


async def self_rules(call: Call, services: Services) -> Answer:
    """Answer what the asker may do, as far as rules can say."""
    review = _body(call, services)
    if not part(review, "spec").get("namespace"):
        raise errors.bad_request("no namespace on request")
    everything = ADMINISTRATORS in call.user.groups
    resources = [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}] if everything else []
    paths = [{"verbs": ["*"], "nonResourceURLs": ["*"]}] if everything else []
    status = {"resourceRules": resources, "nonResourceRules": paths, "incomplete": not everything}
    return Plain({**review, "status": status}, 201)


async def token(call: Call, services: Services) -> Answer:
    """Answer whose a token is."""
    review = _body(call, services)
    user = services.tokens.user_of(part(review, "spec").get("token", ""))
    status: Document = {"user": {}}
    if user is not None:
        status = {"authenticated": True, "user": _user_info(user), "audiences": [services.settings.issuer]}
    return Plain({**review, "status": status}, 201)


def _body(call: Call, services: Services) -> Document:
    options = write_options(call.request, "CreateOptions")
    review = bodies.object_of(call, services, services.expected(call.resource), options)
    if call.route.namespace:
        meta.own_metadata(review)["namespace"] = call.route.namespace
    return review


def _judged(services: Services, review: Document, user: User) -> Answer:
    wanted = _wanted(part(review, "spec"))
    return Plain({**review, "status": {"allowed": services.authorizer.allows(user, wanted)}}, 201)


def _wanted(spec: Document) -> Attributes:
    """Return what a review asks about. Raises: ApiError (422)."""
    resource, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if resource is not None and path is not None:
        detail = "cannot be specified in combination with resourceAttributes"
        raise _invalid(FieldError("Invalid", "spec.nonResourceAttributes", path, detail))
    if path is not None:
        return Attributes(path.get("verb", ""), path=path.get("path", ""))
    if resource is None:
        detail = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        raise _invalid(FieldError("Invalid", "spec.resourceAttributes", None, detail))
    keys = ("verb", "group", "resource", "subresource", "namespace", "name")
    return Attributes(*(resource.get(key, "") for key in keys))


def _invalid(problem: FieldError) -> Exception:
    return errors.invalid_kind("", _GROUP, "", [problem])


def _user_info(user: User) -> Document:
    info: Document = {"username": user.name, "groups": list(user.groups)}
    if user.uid:
        info["uid"] = user.uid
    if user.extra:
        info["extra"] = {key: [value] for key, value in user.extra}
    return info
