"""What the files of a projected volume are now: ConfigMaps, Secrets, downward API, service account tokens.

In: volume sources. Out: `Payload`, asked of the API. Next room: `atomicwriter`.
A token is asked for again when four fifths of its life are over (the kubelet's rule).
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moorage.base.ports import Clock
from moorage.nodeagent.cluster import Cluster, Token, TokenWish
from moorage.nodeagent.fields import PodFacts
from moorage.nodeagent.podspec import Pod
from moorage.nodeagent.volumes.atomicwriter import File, Payload
from moorage.nodeagent.volumes.payload import DEFAULT_MODE, of_downward, of_object

Source = Mapping[str, Any]
TOKEN_SECONDS = 3600
RENEW_AT = 0.8


@dataclass(frozen=True, slots=True)
class _Kept:
    token: Token
    renew: datetime.datetime


class Projections:
    """Works out payloads.

    Args:
        cluster: where the objects are.
        clock: when tokens are renewed.
        facts: what the downward API tells of the node.
    """

    def __init__(self, cluster: Cluster, clock: Clock, facts: PodFacts) -> None:
        self._cluster = cluster
        self._clock = clock
        self._facts = facts
        self._tokens: dict[tuple[str, TokenWish], _Kept] = {}

    async def config_map(self, pod: Pod, source: Source) -> Payload:
        """Return the files of a configMap volume. Raises: Missing."""
        return await self._object("configmaps", pod, source, _mode(source))

    async def secret(self, pod: Pod, source: Source) -> Payload:
        """Return the files of a secret volume. Raises: Missing."""
        return await self._object("secrets", pod, source, _mode(source))

    async def downward(self, pod: Pod, source: Source) -> Payload:
        """Return the files of a downwardAPI volume. Raises: Missing."""
        return of_downward(pod, source.get("items") or (), self._facts, _mode(source))

    async def projected(self, pod: Pod, source: Source) -> Payload:
        """Return the files of a projected volume: of all its sources, later ones winning. Raises: Missing."""
        mode = _mode(source)
        payload: dict[str, File] = {}
        for one in source.get("sources") or ():
            if "configMap" in one:
                payload |= await self._object("configmaps", pod, one["configMap"], mode)
            elif "secret" in one:
                payload |= await self._object("secrets", pod, one["secret"], mode)
            elif "downwardAPI" in one:
                payload |= of_downward(pod, one["downwardAPI"].get("items") or (), self._facts, mode)
            elif "serviceAccountToken" in one:
                payload |= await self._token(pod, one["serviceAccountToken"], mode)
        return payload

    def forget(self, uid: str) -> None:
        """Drop the tokens of a pod."""
        self._tokens = {key: kept for key, kept in self._tokens.items() if key[0] != uid}

    async def _object(self, plural: str, pod: Pod, source: Source, mode: int) -> dict[str, File]:
        name = source.get("secretName") or source.get("name") or ""
        return dict(of_object(plural, source, await self._cluster.config(plural, pod.namespace, name), mode))

    async def _token(self, pod: Pod, source: Source, mode: int) -> dict[str, File]:
        seconds = int(source.get("expirationSeconds") or TOKEN_SECONDS)
        wish = TokenWish(str(source.get("audience") or ""), seconds)
        now = self._clock.now()
        kept = self._tokens.get((pod.uid, wish))
        if kept is None or kept.renew <= now:
            token = await self._cluster.token(pod, wish)
            kept = _Kept(token, now + (token.expires - now) * RENEW_AT)
            self._tokens[pod.uid, wish] = kept
        return {source["path"]: File(kept.token.text.encode(), mode)}


def _mode(source: Source) -> int:
    mode = source.get("defaultMode")
    return DEFAULT_MODE if mode is None else int(mode)
