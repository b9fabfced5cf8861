"""Who owns which field: the managedFields of every write, kept by `api.patch.apply`.

In: the order of a write, the document about to be written and what it replaces. Out: its new entries, set in place once
admission and strategy are done with it (`registry`); the apply patch itself (`applying`) brings its own.
Rules: kubernetes.io, "Server-Side Apply"; fact sheet apiserver.md 5.6.
"""

from moorage.api import meta
from moorage.api.patch.apply import managers
from moorage.api.patch.apply.fieldset import FieldPath
from moorage.api.patch.apply.managers import ManagedFields, Writer
from moorage.api.refs import Document
from moorage.api.schema import Schemas
from moorage.apiserver.strategy import Strategy
from moorage.base.ports import Clock

_STATUS_KEEPS: dict[str, tuple[FieldPath, ...]] = {
    "Pod": (("f:metadata", "f:deletionTimestamp"), ("f:metadata", "f:ownerReferences")),
    "Deployment": (("f:metadata", "f:labels"),),
}
"""What a write to `/status` leaves alone beside `spec` (each strategy's GetResetFields)."""


def writer_of(strategy: Strategy, subresource: str, manager: str) -> Writer:
    """Return a writer as the bookkeeping of entries sees one.

    Args:
        strategy: of the kind.
        subresource: "" for the object itself.
        manager: field manager.
    """
    return Writer(manager, strategy.resource.api_version, subresource, _reset(strategy, subresource))


def _reset(strategy: Strategy, subresource: str) -> tuple[FieldPath, ...]:
    """Return the paths an endpoint never writes, whatever the body says."""
    if not strategy.has_status:
        return ()
    if subresource != "status":
        return (("f:status",),)
    return (("f:spec",), *_STATUS_KEEPS.get(strategy.resource.kind, ()))


class Ownership:
    """Keeps managedFields.

    Args:
        schemas: type tables.
        clock: dates entries.
    """

    def __init__(self, schemas: Schemas, clock: Clock) -> None:
        self._schemas = schemas
        self._clock = clock

    def after(self, new: Document, old: Document | None, strategy: Strategy, writer: Writer) -> ManagedFields:
        """Return the entries after a plain write; its cost grows with the object on a create, else with the change.

        Args:
            new: decoded and defaulted, before admission: only what the client wrote is recorded.
            old: what is stored, None for a create.
            strategy: of the kind.
            writer: who writes.
        """
        table = self._schemas.table(strategy.resource.definition)
        return managers.update_managers(old, new, writer, table, self._clock.now())


def set_entries(document: Document, entries: ManagedFields) -> None:
    """Set the managedFields of a document, in place."""
    metadata = meta.own_metadata(document)
    metadata.pop("managedFields", None)
    if entries:
        metadata["managedFields"] = entries
