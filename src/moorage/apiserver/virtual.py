"""Kinds that are asked, never stored: reviews, bindings by their own path, explanations.

In: nothing. Out: `Resource` rows beside the catalogue's, `BY_PATH`, `STRATEGIES`, `DEFINITIONS`.
Handlers: `subresources.table.ASKED`.
"""

from moorage.api.refs import Resource
from moorage.apiserver.kinds import explanation
from moorage.apiserver.strategy import Strategy
from moorage.why.explain import EXPLANATIONS

_AUTHENTICATION = "io.k8s.api.authentication.v1."
_AUTHORIZATION = "io.k8s.api.authorization.v1."


def _review(group: str, plural: str, kind: str, definition: str, *, namespaced: bool = False) -> Resource:
    return Resource(group, "v1", plural, kind, namespaced, definition + kind, verbs=("create",))


BINDINGS = Resource("", "v1", "bindings", "Binding", definition="io.k8s.api.core.v1.Binding", verbs=("create",))
SELF_SUBJECT_REVIEWS = _review("authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview", _AUTHENTICATION)
TOKEN_REVIEWS = _review("authentication.k8s.io", "tokenreviews", "TokenReview", _AUTHENTICATION)
LOCAL_ACCESS_REVIEWS = _review(
    "authorization.k8s.io", "localsubjectaccessreviews", "LocalSubjectAccessReview", _AUTHORIZATION, namespaced=True
)
SELF_ACCESS_REVIEWS = _review(
    "authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview", _AUTHORIZATION
)
SELF_RULES_REVIEWS = _review(
    "authorization.k8s.io", "selfsubjectrulesreviews", "SelfSubjectRulesReview", _AUTHORIZATION
)
ACCESS_REVIEWS = _review("authorization.k8s.io", "subjectaccessreviews", "SubjectAccessReview", _AUTHORIZATION)

VIRTUAL: tuple[Resource, ...] = (
    BINDINGS,
    SELF_SUBJECT_REVIEWS,
    TOKEN_REVIEWS,
    LOCAL_ACCESS_REVIEWS,
    SELF_ACCESS_REVIEWS,
    SELF_RULES_REVIEWS,
    ACCESS_REVIEWS,
    EXPLANATIONS,
)
STRATEGIES = {row: Strategy(row) for row in VIRTUAL} | {EXPLANATIONS: explanation.STRATEGY}
DEFINITIONS = explanation.DEFINITIONS
BY_PATH = {(row.group, row.version, row.plural): row for row in VIRTUAL}
