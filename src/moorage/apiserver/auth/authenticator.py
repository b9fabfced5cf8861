"""Who asks, over the network: certificate, else bearer token, else nobody; then whom they speak for.

In: an HTTP request. Out: `User`. Raises ApiError 401 for a bad token, 403 for impersonation by anyone but an administrator.
"""

from aiohttp import web

from moorage.apiserver import errors
from moorage.apiserver.auth.attributes import Attributes, refusal
from moorage.apiserver.auth.authorizer import ADMINISTRATORS, AUTHENTICATED
from moorage.apiserver.auth.certificates import user_of
from moorage.apiserver.auth.tokens import Tokens
from moorage.client.ports import User

ANONYMOUS = User("system:anonymous", ("system:unauthenticated",))
_IMPERSONATE = "Impersonate-User"
_IMPERSONATION = ("Impersonate-User", "Impersonate-Group", "Impersonate-Uid")


class Authenticator:
    """Finds out who asks.

    Args:
        tokens: checks bearer tokens.
    """

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def user_of(self, request: web.BaseRequest) -> User:
        """Return who asks. Raises: ApiError (401, 403)."""
        user = self._proven(request)
        headers = request.headers
        if any(name in headers for name in _IMPERSONATION):
            return _impersonated(request, user)
        return user

    def _proven(self, request: web.BaseRequest) -> User:
        transport = request.transport
        certificate = transport.get_extra_info("peercert") if transport else None
        known = user_of(certificate)
        header = request.headers.get("Authorization", "")
        if known is not None and not header:
            return known
        scheme, _, token = header.partition(" ")
        if not header:
            return ANONYMOUS
        proven = self._tokens.user_of(token.strip()) if scheme.lower() == "bearer" else None
        if proven is None:
            raise errors.failure(401, "Unauthorized", "Unauthorized")
        return proven


def _impersonated(request: web.BaseRequest, user: User) -> User:
    """Return whom an administrator speaks for. Raises: ApiError (400, 403)."""
    name = request.headers.get(_IMPERSONATE, "")
    if ADMINISTRATORS not in user.groups:
        raise refusal(user, Attributes("impersonate", resource="users", name=name))
    if not name:
        raise errors.bad_request("impersonation needs a user: set the header Impersonate-User")
    groups = request.headers.getall("Impersonate-Group", [])
    return User(name, (*groups, AUTHENTICATED), request.headers.get("Impersonate-Uid", ""))
