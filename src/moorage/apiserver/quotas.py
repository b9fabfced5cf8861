"""Admission by ResourceQuota: the last word before a write, when all else has accepted it.

In: documents about to be stored. Out: nothing, or 403 in upstream's words. What is used is counted from what is stored and from
the writes under way, so that two at once never get the last place; there is no account that could fall out of step.
Rules: apiserver/pkg/admission/plugin/resourcequota (CheckRequest, 1.32).
"""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager

from moorage.api import meta, scheme
from moorage.api.quantity import Quantity
from moorage.api.quota import podresources, scopes, usage
from moorage.api.quota.amounts import Amounts, minus, only, parsed, plus, shown
from moorage.api.refs import Document, Resource
from moorage.apiserver import errors
from moorage.apiserver.admission.ports import World
from moorage.apiserver.documents import part
from moorage.base.errors import ApiError


class Quotas:
    """Charges writes.

    Args:
        world: quotas, stored objects, the clock.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._held: dict[str, tuple[Resource, Document]] = {}

    @contextmanager
    def hold(self, resource: Resource, new: Document, old: Document | None) -> Iterator[None]:
        """Charge a write, and keep what it takes from others until it is over. Raises: ApiError (403)."""
        quotas = self._of_namespace(resource, new) if old is None or usage.charged_on_update(resource) else []
        for quota in quotas:
            self._check(quota, resource, new, old)
        if not quotas:
            yield
            return
        uid = meta.uid(new)
        self._held[uid] = (resource, new)
        try:
            yield
        finally:
            self._held.pop(uid, None)

    def _of_namespace(self, resource: Resource, new: Document) -> list[Document]:
        namespace = meta.namespace(new)
        if not resource.namespaced or resource == scheme.EVENTS:
            return []
        return [one.document for one in self._world.all_of(scheme.RESOURCEQUOTAS, namespace)]

    def _check(self, quota: Document, resource: Resource, new: Document, old: Document | None) -> None:
        """Refuse what does not fit into one quota. Raises: ApiError (403)."""
        status = part(quota, "status")
        counted = usage.names_of(resource, part(status, "hard"))
        if not counted or not scopes.covers(part(quota, "spec"), resource, new):
            return
        self._check_known(quota, resource, new, counted)
        now = self._world.ambient.clock.now()
        before = usage.of(resource, old, now) if old is not None else {}
        delta = minus(usage.of(resource, new, now), before)
        asked = only({name: amount for name, amount in delta.items() if amount.nanos}, counted)
        if not asked:
            return
        used = plus(self._used(quota, resource, new, now), only(before, counted))
        hard = parsed(part(status, "hard"))
        exceeded = [name for name, amount in asked.items() if plus(used, {name: amount})[name] > hard[name]]
        if exceeded:
            known = plus(dict.fromkeys(exceeded, Quantity(0)), used)
            requested, taken, limited = (shown(only(amounts, exceeded)) for amounts in (asked, known, hard))
            sentence = f"exceeded quota: {meta.name(quota)}, requested: {requested}, used: {taken}, limited: {limited}"
            raise _refused(resource, new, sentence)

    def _check_known(self, quota: Document, resource: Resource, new: Document, counted: frozenset[str]) -> None:
        """Refuse a pod that does not say what is counted, and writes while nothing is known. Raises: ApiError (403)."""
        name = meta.name(quota)
        silent = podresources.missing(part(new, "spec"), counted) if resource == scheme.PODS else {}
        if silent:
            texts = "; ".join(f"{one} for: {','.join(containers)}" for one, containers in silent.items())
            raise _refused(resource, new, f"failed quota: {name}: must specify {texts}")
        unknown = sorted(counted - part(quota, "status", "used").keys())
        if unknown:
            text = f"status unknown for quota: {name}, resources: {','.join(unknown)}"
            raise _refused(resource, new, text)

    def _used(self, quota: Document, resource: Resource, new: Document, now: datetime.datetime) -> Amounts:
        """Return what all other objects of the kind use of a quota."""
        namespace = meta.namespace(new)
        found = {meta.uid(one.document): one.document for one in self._world.all_of(resource, namespace)}
        under_way = self._held.items()
        found.update(
            (uid, document)
            for uid, (kind, document) in under_way
            if kind == resource and meta.namespace(document) == namespace
        )
        found.pop(meta.uid(new), None)
        spec = part(quota, "spec")
        used: Amounts = {}
        for document in found.values():
            if scopes.covers(spec, resource, document):
                used = plus(used, usage.of(resource, document, now))
        return used


def _refused(resource: Resource, new: Document, sentence: str) -> ApiError:
    return errors.forbidden(resource, meta.name(new), sentence)
