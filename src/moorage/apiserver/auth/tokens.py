"""Service account tokens: made for TokenRequest, checked on every request that carries one.

In: a signing key, accounts and pods in the cache. Out: JWTs (RS256), or the `User` one proves.
Claims: fact sheet apiserver.md 5.10. A token dies with its account, and with the pod it is bound to.
"""

import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from moorage.api import meta, scheme
from moorage.api.refs import Document, ObjectKey
from moorage.apiserver.auth.authorizer import AUTHENTICATED
from moorage.apiserver.documents import part
from moorage.apiserver.settings import ServerSettings
from moorage.apiserver.watchcache import WatchCache
from moorage.base.errors import Unavailable
from moorage.base.ports import Clock
from moorage.client.ports import User

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

PREFIX = "system:serviceaccount:"
GROUP = "system:serviceaccounts"


class Claim(NamedTuple):
    """What a token says.

    Args:
        account: the ServiceAccount.
        audiences: for whom it is; empty for the API itself.
        seconds: how long it holds.
        pod: the Pod it is bound to, None for none.
    """

    account: Document
    audiences: tuple[str, ...]
    seconds: int
    pod: Document | None = None


class Tokens:
    """Makes and checks tokens.

    Args:
        settings: key and issuer.
        cache: accounts and pods.
        clock: for times in tokens.
    """

    def __init__(self, settings: ServerSettings, cache: WatchCache, clock: Clock) -> None:
        self._settings = settings
        self._cache = cache
        self._clock = clock
        self._loaded: RSAPrivateKey | None = None

    def issue(self, claim: Claim, ids: str) -> tuple[str, datetime.datetime]:
        """Return a token and when it ends.

        Args:
            claim: what it says.
            ids: a fresh uid, its `jti`.

        Raises: Unavailable (no signing key).
        """
        import jwt

        now = self._clock.now()
        end = now + datetime.timedelta(seconds=claim.seconds)
        key = meta.name(claim.account), meta.namespace(claim.account), meta.uid(claim.account)
        private: Document = {"namespace": key[1], "serviceaccount": {"name": key[0], "uid": key[2]}}
        if claim.pod is not None:
            private["pod"] = {"name": meta.name(claim.pod), "uid": meta.uid(claim.pod)}
            node = part(claim.pod, "spec").get("nodeName")
            private |= {"node": {"name": node}} if node else {}
        body = {
            "aud": list(claim.audiences or (self._settings.issuer,)),
            "exp": int(end.timestamp()),
            "iat": int(now.timestamp()),
            "nbf": int(now.timestamp()),
            "iss": self._settings.issuer,
            "jti": ids,
            "sub": f"{PREFIX}{key[1]}:{key[0]}",
            "kubernetes.io": private,
        }
        return jwt.encode(body, self._key(), "RS256"), end

    def user_of(self, token: str) -> User | None:
        """Return the user a token proves, None for a bad one."""
        if token.count(".") != 2 or not self._settings.signing_key:
            return None
        claims = self._verified(token)
        private = claims.get("kubernetes.io") if claims else None
        return self._known(private) if isinstance(private, dict) else None

    def _verified(self, token: str) -> dict[str, Any] | None:
        import jwt

        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key().public_key(),
                ["RS256"],
                audience=self._settings.issuer,
                issuer=self._settings.issuer,
                options={"require": ["exp", "iat", "nbf", "sub", "aud"], "verify_exp": False, "verify_nbf": False},
            )
        except jwt.PyJWTError:
            return None
        now = self._clock.now().timestamp()
        return claims if claims["nbf"] - 1 <= now < claims["exp"] else None

    def _known(self, private: dict[str, Any]) -> User | None:
        namespace, account = str(private.get("namespace", "")), private.get("serviceaccount") or {}
        name, uid = str(account.get("name", "")), str(account.get("uid", ""))
        stored = self._cache.get(scheme.SERVICEACCOUNTS, ObjectKey(namespace, name))
        if stored is None or meta.uid(stored.document) != uid:
            return None
        pod = private.get("pod")
        if pod and not self._pod_lives(namespace, pod):
            return None
        return User(f"{PREFIX}{namespace}:{name}", (GROUP, f"{GROUP}:{namespace}", AUTHENTICATED), uid)

    def _pod_lives(self, namespace: str, pod: dict[str, Any]) -> bool:
        stored = self._cache.get(scheme.PODS, ObjectKey(namespace, str(pod.get("name", ""))))
        return stored is not None and meta.uid(stored.document) == pod.get("uid")

    def _key(self) -> "RSAPrivateKey":
        if self._loaded is None:
            from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
            from cryptography.hazmat.primitives.serialization import load_pem_private_key

            if not self._settings.signing_key:
                raise Unavailable("this server has no key for service account tokens")
            key = load_pem_private_key(self._settings.signing_key, None)
            assert isinstance(key, RSAPrivateKey)
            self._loaded = key
        return self._loaded
