"""Everything the agent asks of the API, and nothing more: pods of its node and the objects they refer to.

In: `client.api.Api` with the node's own credential. Out: documents and writes, each guarded by a uid (reliability ND3).
"""

import datetime
from dataclasses import dataclass
from typing import Any

from moorage.api import meta, scheme, times
from moorage.api.refs import Document, ObjectKey, Resource
from moorage.base.errors import ApiError, Unavailable
from moorage.client.api import Api
from moorage.client.requests import DeleteOptions, PatchBody
from moorage.nodeagent.podspec import Pod

PLURALS: dict[str, Resource] = {"configmaps": scheme.CONFIGMAPS, "secrets": scheme.SECRETS}
_GONE = ("NotFound", "Conflict")


@dataclass(frozen=True, slots=True)
class Token:
    """A service account's token and when it expires."""

    text: str
    expires: datetime.datetime


@dataclass(frozen=True, slots=True)
class TokenWish:
    """What token a volume asks for."""

    audience: str = ""
    seconds: int = 3600


class Cluster:
    """The agent's view of the API. Methods raise `ApiError` or `Unavailable`."""

    def __init__(self, api: Api) -> None:
        self.api = api

    async def pod(self, namespace: str, name: str) -> Document | None:
        """Read a pod consistently."""
        return await self.api.find(scheme.PODS, ObjectKey(namespace, name))

    async def config(self, plural: str, namespace: str, name: str) -> Document | None:
        """Read a ConfigMap or Secret."""
        return await self.api.find(PLURALS[plural], ObjectKey(namespace, name))

    async def claim(self, namespace: str, name: str) -> Document | None:
        """Read a PersistentVolumeClaim."""
        return await self.api.find(scheme.PERSISTENTVOLUMECLAIMS, ObjectKey(namespace, name))

    async def volume(self, name: str) -> Document | None:
        """Read a PersistentVolume."""
        return await self.api.find(scheme.PERSISTENTVOLUMES, ObjectKey("", name))

    async def services(self, namespace: str) -> list[Document]:
        """Return the Services whose addresses pods of a namespace learn: its own, and the API's."""
        listed: list[Document] = (await self.api.list(scheme.SERVICES, namespace)).get("items") or []
        if namespace == "default":
            return listed
        own = await self.api.find(scheme.SERVICES, ObjectKey("default", "kubernetes"))
        return [*listed, *([own] if own else [])]

    async def token(self, pod: Pod, wish: TokenWish) -> Token:
        """Ask for a token of the pod's service account, bound to the pod."""
        bound = {"apiVersion": "v1", "kind": "Pod", "name": pod.name, "uid": pod.uid}
        spec: dict[str, Any] = {"expirationSeconds": wish.seconds, "boundObjectRef": bound}
        spec["audiences"] = [wish.audience] if wish.audience else []
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        account = ObjectKey(pod.namespace, pod.spec.service_account_name)
        answer = await self.api.create_under(scheme.SERVICEACCOUNTS, account, "token", request)
        status = answer["status"]
        return Token(status["token"], times.parse_time(status["expirationTimestamp"]))

    async def write_status(self, pod: Pod, patch: Document) -> int:
        """Patch a pod's status; return its resourceVersion, 0 where the pod is gone or another one has its name."""
        body = PatchBody(patch, "strategic", "status")
        try:
            made = await self.api.patch(scheme.PODS, ObjectKey(pod.namespace, pod.name), body)
        except ApiError as error:
            if error.reason in _GONE:
                return 0
            raise
        return int(meta.resource_version(made))

    async def finish(self, pod: Pod) -> None:
        """Tell the API that nothing of a deleted pod is left (reliability ID2)."""
        options = DeleteOptions(uid=pod.uid, grace_seconds=0)
        try:
            await self.api.delete(scheme.PODS, ObjectKey(pod.namespace, pod.name), options)
        except ApiError as error:
            if error.reason not in _GONE:
                raise

    async def still_ours(self, pod: Pod, node: str) -> bool:
        """Return whether the pod, read live, may be started here: same uid, this node, not deleted (reliability ID5)."""
        found = await self.pod(pod.namespace, pod.name)
        if found is None or meta.uid(found) != pod.uid or meta.is_deleting(found):
            return False
        spec = found.get("spec") or {}
        phase = (found.get("status") or {}).get("phase")
        return spec.get("nodeName") == node and phase not in ("Succeeded", "Failed")


RETRIABLE = (ApiError, Unavailable)
"""What a call may raise that is worth trying again later."""
