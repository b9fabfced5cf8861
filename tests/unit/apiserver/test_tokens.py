"""Service account tokens: what they say, and which are refused."""

import asyncio
import base64
import hmac

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from moorage.apiserver.settings import ServerSettings
from tests.fakes.apiserver import Asker, on_server, pod, serving
from tests.fakes.clock import ManualClock

ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts"
HEADER = b'{"alg":"HS256","typ":"JWT"}'
PODS = "/api/v1/namespaces/default/pods"


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def settings(key: rsa.RSAPrivateKey) -> ServerSettings:
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return ServerSettings(signing_key=key.private_bytes(encoding, form, serialization.NoEncryption()))


async def _token(asker: Asker, **spec: object) -> str:
    answer = await asker.post(f"{ACCOUNTS}/default/token", {"spec": spec})
    token: str = answer["status"]["token"]
    return token


def _hs256(token: str, secret: bytes) -> str:
    """Return a token's claims signed with HS256: the old trick with the public key as secret."""

    def packed(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    signed = f"{packed(HEADER)}.{token.split('.')[1]}"
    return f"{signed}.{packed(hmac.digest(secret, signed.encode(), 'sha256'))}"


def test_a_token_proves_its_account(settings: ServerSettings) -> None:
    async def run(asker: Asker) -> None:
        user = asker.core.services.tokens.user_of(await _token(asker))
        assert user is not None
        assert user.name == "system:serviceaccount:default:default"
        assert user.groups == ("system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated")

    on_server(run, settings)


def test_a_token_dies_with_its_pod_and_its_account(settings: ServerSettings) -> None:
    async def run(asker: Asker) -> None:
        made = await asker.post(PODS, pod("p"))
        bound = {"kind": "Pod", "apiVersion": "v1", "name": "p", "uid": made["metadata"]["uid"]}
        of_pod, of_account = await _token(asker, boundObjectRef=bound), await _token(asker)
        tokens = asker.core.services.tokens
        assert tokens.user_of(of_pod) is not None
        await asker.delete(f"{PODS}/p")
        assert tokens.user_of(of_pod) is None
        assert tokens.user_of(of_account) is not None
        await asker.delete(f"{ACCOUNTS}/default")
        await asker.post(ACCOUNTS, {"metadata": {"name": "default"}})
        assert tokens.user_of(of_account) is None

    on_server(run, settings)


def test_forgeries_are_refused(settings: ServerSettings, key: rsa.RSAPrivateKey) -> None:
    async def run(asker: Asker) -> None:
        tokens = asker.core.services.tokens
        good = await _token(asker)
        claims = jwt.decode(good, options={"verify_signature": False})
        other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        forged = [
            jwt.encode(claims, None, "none"),
            _hs256(good, public),
            jwt.encode(claims, other, "RS256"),
            jwt.encode({**claims, "aud": ["else"]}, key, "RS256"),
            jwt.encode({**claims, "iss": "else"}, key, "RS256"),
            jwt.encode({**claims, "exp": claims["iat"] - 1}, key, "RS256"),
            jwt.encode({**claims, "nbf": claims["iat"] + 900}, key, "RS256"),
            jwt.encode({**claims, "kubernetes.io": {}}, key, "RS256"),
            good[:-4] + "AAAA",
            "a.b.c",
            "",
        ]
        assert [token for token in forged if tokens.user_of(token) is not None] == []
        assert tokens.user_of(jwt.encode(claims, key, "RS256")) is not None

    on_server(run, settings)


def test_a_token_expires(settings: ServerSettings) -> None:
    async def run() -> None:
        clock = ManualClock()
        async with serving(settings, clock) as asker:
            token = await _token(asker, expirationSeconds=600)
            assert asker.core.services.tokens.user_of(token) is not None
            clock.jump(601)
            assert asker.core.services.tokens.user_of(token) is None

    asyncio.run(run())


def test_bad_requests(settings: ServerSettings) -> None:
    async def run(asker: Asker) -> None:
        path = f"{ACCOUNTS}/default/token"
        assert (await asker.post(path, {"spec": {"expirationSeconds": 5}}))["code"] == 422
        absent = {"kind": "Pod", "apiVersion": "v1", "name": "nope"}
        assert (await asker.post(path, {"spec": {"boundObjectRef": absent}}))["code"] == 404
        assert (await asker.post(f"{ACCOUNTS}/nope/token", {"spec": {}}))["code"] == 404

    on_server(run, settings)
