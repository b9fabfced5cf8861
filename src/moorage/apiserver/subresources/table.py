"""Which handler serves which subresource and which asked-only kind.

In: nothing. Out: `SUBRESOURCES` by (subresource, verb), `ASKED` by (plural, verb).
"""

from collections.abc import Mapping

from moorage.apiserver.call import Handler
from moorage.apiserver.handlers import explain
from moorage.apiserver.handlers import get as plain_get
from moorage.apiserver.handlers import patch as plain_patch
from moorage.apiserver.handlers import update as plain_update
from moorage.apiserver.subresources import binding, ephemeral, eviction, finalize, nodeproxy, reviews, scale, token

SUBRESOURCES: Mapping[tuple[str, str], Handler] = {
    ("status", "get"): plain_get.handle,
    ("status", "update"): plain_update.handle,
    ("status", "patch"): plain_patch.handle,
    ("scale", "get"): scale.get,
    ("scale", "update"): scale.update,
    ("scale", "patch"): scale.patch,
    ("binding", "create"): binding.create,
    ("eviction", "create"): eviction.create,
    ("finalize", "update"): finalize.update,
    ("token", "create"): token.create,
    ("ephemeralcontainers", "get"): ephemeral.get,
    ("ephemeralcontainers", "update"): ephemeral.update,
    ("ephemeralcontainers", "patch"): ephemeral.patch,
    ("log", "get"): nodeproxy.log,
}
ASKED: Mapping[tuple[str, str], Handler] = {
    ("bindings", "create"): binding.create,
    ("selfsubjectreviews", "create"): reviews.self_subject,
    ("tokenreviews", "create"): reviews.token,
    ("localsubjectaccessreviews", "create"): reviews.local_access,
    ("selfsubjectaccessreviews", "create"): reviews.self_access,
    ("selfsubjectrulesreviews", "create"): reviews.self_rules,
    ("subjectaccessreviews", "create"): reviews.access,
    ("explanations", "get"): explain.get,
    ("explanations", "list"): explain.listing,
}
