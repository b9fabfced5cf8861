"""Writes that turn out to be creations: whoever may change an object may not therefore create one.

In: a PUT or an apply patch of an object that does not exist. Out: nothing, or the 403 of the creation.
Source: k8s.io/apiserver/pkg/endpoints/handlers `withAuthorization` (update and patch authorise the create they fall back to).
"""

from dataclasses import replace

from moorage.apiserver.auth import attributes
from moorage.apiserver.call import Call, Services


def allow_create(call: Call, services: Services) -> None:
    """Refuse users who may not create what they name. Raises: ApiError (403)."""
    wanted = replace(attributes.of_route(call.request, call.route), verb="create")
    if not services.authorizer.allows(call.user, wanted):
        raise attributes.refusal(call.user, wanted)
