"""The life of a write: admit, default, prepare, validate, store.

In: decoded documents, or a function from what is stored to what shall be. Out: `Stored`. Deletion is `deletion`.
Order: create = default, admit, name, system fields, prepare, validate; update = default, admit, prepare, generation, validate
(k8s.io/apiserver/pkg/registry/rest BeforeCreate and BeforeUpdate).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field

from moorage.api import meta
from moorage.api.patch.apply.managers import ManagedFields
from moorage.api.refs import Document, ObjectKey, Resource, key_of
from moorage.api.times import format_time
from moorage.apiserver import allocation, errors
from moorage.apiserver.admission.ports import Gate, Operation, World, Write, admit
from moorage.apiserver.ownership import Ownership, set_entries, writer_of
from moorage.apiserver.quotas import Quotas
from moorage.apiserver.stored import Stored
from moorage.apiserver.strategy import FieldError, GoText, Strategy, nothing
from moorage.apiserver.validation import meta as metadata_rules
from moorage.apiserver.writer import Stale, Writer
from moorage.base.errors import ApiError
from moorage.base.limits import UPDATE_TRIES
from moorage.client.ports import User

NAME_PREFIX_LENGTH = 58
NAME_SUFFIX_LENGTH = 5
GENERATE_TRIES = 8
"""Tries to find a free generated name (KEP-4420)."""
_NEVER_GIVEN = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")
_SYSTEM = (*_NEVER_GIVEN, "generation")

Transform = Callable[[Document], Document]
Prepare = Callable[[Document, Document], None]
Check = Callable[[Document, Document], list[FieldError]]


@dataclass(slots=True)
class Order:
    """What a write was asked for.

    Args:
        strategy: its kind.
        key: its object; the name is "" where it is to be generated.
        user: who asks.
        dry_run: do everything but store.
        subresource: "" for the object itself.
        uid: precondition, "" for none.
        warnings: texts for Warning headers, appended to.
        manager: field manager of the write; "" for the server's own changes, which nobody owns.
        applies: the document comes from an apply patch, with its managedFields.
    """

    strategy: Strategy
    key: ObjectKey
    user: User
    dry_run: bool = False
    subresource: str = ""
    uid: str = ""
    warnings: list[str] = field(default_factory=list)
    manager: str = ""
    applies: bool = False

    @property
    def resource(self) -> Resource:
        """Its kind's row of the catalogue."""
        return self.strategy.resource


@dataclass(frozen=True, slots=True)
class Rules:
    """How one sort of update treats the object: the main resource, `/status`, a binding …"""

    prepare: Prepare
    validate: Check
    bumps_generation: Callable[[Document, Document], bool] | None = None
    default: Callable[[Document], None] = nothing
    unconditional: bool = True
    owned: bool = True
    """Whether the writer comes to own what it changes."""


def main_rules(strategy: Strategy) -> Rules:
    """Return the rules of a write to the object itself."""
    return Rules(
        strategy.prepare_update,
        strategy.validate_update,
        strategy.bumps_generation,
        strategy.default,
        unconditional=strategy.unconditional_update,
    )


def status_rules(strategy: Strategy) -> Rules:
    """Return the rules of a write to `/status`."""
    default = strategy.default_status or strategy.default
    return Rules(strategy.prepare_status, strategy.validate_status, default=default)


def bare_rules() -> Rules:
    """Return the rules of the server's own changes: nothing is restored or checked."""
    return Rules(lambda _new, _old: None, lambda _new, _old: [], owned=False)


class Registry:
    """Creates and updates objects.

    Args:
        writer: the last step.
        ownership: keeps managedFields.
        gates: admission, in order.
        world: what gates see.
    """

    def __init__(self, writer: Writer, ownership: Ownership, gates: tuple[Gate, ...], world: World) -> None:
        self._writer = writer
        self._ownership = ownership
        self._cache = world.cache
        self._gates = gates
        self._world = world
        self._allocator = allocation.Allocator(world)
        self._quotas = Quotas(world)

    def get(self, order: Order) -> Stored:
        """Return the object an order means. Raises: ApiError (404)."""
        stored = self._cache.get(order.resource, order.key)
        if stored is None:
            raise errors.not_found(order.resource, order.key.name)
        return stored

    async def create(self, order: Order, document: Document) -> Stored:
        """Create an object.

        Args:
            order: its key may lack the name where metadata.generateName is set.
            document: decoded; becomes the registry's own.

        Raises: ApiError.
        """
        strategy = order.strategy
        if meta.resource_version(document):
            raise errors.failure(500, "", "resourceVersion should not be set on objects to be created")
        strategy.default(document)
        entries = self._entries(order, document, None)
        self.admit("CREATE", order, document, None)
        document = _ordered(strategy, document)
        self._stamp(strategy, document)
        strategy.prepare_create(document)
        set_entries(document, entries)
        generated = not meta.name(document) and bool(meta.generate_name(document))
        for attempt in range(GENERATE_TRIES if generated else 1):
            if generated:
                self._generate_name(document)
            try:
                return await self._create(order, document)
            except ApiError as problem:
                if problem.reason != "AlreadyExists" or not generated or attempt == GENERATE_TRIES - 1:
                    raise
        raise errors.internal("no free name was found")

    async def _create(self, order: Order, document: Document) -> Stored:
        strategy = order.strategy
        problems = strategy.validate_create(document)
        if problems:
            raise errors.invalid(strategy.resource, meta.name(document), problems)
        order.warnings += strategy.warnings(document, None)
        with self._held(order, document, None):
            if order.dry_run:
                if self._cache.get(strategy.resource, key_of(document)):
                    raise errors.already_exists(strategy.resource, meta.name(document))
                return Stored(document, 0, strategy.fields)
            return await self._writer.create(strategy, document)

    async def update(self, order: Order, transform: Transform, rules: Rules) -> Stored:
        """Change an object.

        Args:
            order: which one.
            transform: from what is stored to what the client wants; its answer becomes the registry's own.
            rules: how the change is treated.

        Raises: ApiError; 409 where the client named a stale resourceVersion or others kept winning.
        """
        for _ in range(UPDATE_TRIES):
            old = self.get(order)
            new = transform(old.document)
            self._check_revision(order, new, old, rules)
            self._merge(order, new, old, rules)
            if new == old.document:
                return old
            with self._held(order, new, old.document):
                try:
                    return await self._replace(order, new, old)
                except Stale:
                    continue  # whoever named a resourceVersion is refused at the next look
        raise errors.modified(order.resource, order.key.name)

    def admit(
        self, operation: Operation, order: Order, new: Document, old: Document | None, *, late: bool = False
    ) -> None:
        """Lead a write through admission. Raises: ApiError."""
        write = Write(
            operation,
            order.resource,
            order.key,
            new,
            old,
            order.user,
            order.subresource,
            order.warnings,
        )
        admit(self._gates, write, self._world, late=late)

    @contextmanager
    def _held(self, order: Order, new: Document, old: Document | None) -> Iterator[None]:
        """Charge quotas and take addresses for a write, until it is over. Raises: ApiError (403, 422)."""
        charged = nullcontext() if order.subresource else self._quotas.hold(order.resource, new, old)
        with charged, self._allocator.hold(order.resource, new, old):
            yield

    def _check_revision(self, order: Order, new: Document, old: Stored, rules: Rules) -> None:
        """Refuse another uid, and a resourceVersion that is not the present one. Raises: ApiError (409, 422)."""
        resource, name = order.resource, order.key.name
        given, uid = meta.resource_version(new), order.uid
        if uid and uid != meta.uid(old.document):
            sentence = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {meta.uid(old.document)}"
            raise errors.conflict(resource, name, sentence)
        if given in ("", "0"):
            if not rules.unconditional:
                problem = FieldError(
                    "Invalid", "metadata.resourceVersion", GoText("0x0"), "must be specified for an update"
                )
                raise errors.invalid_kind(resource.plural, resource.group, name, [problem])
        elif given != str(old.revision):
            raise errors.modified(resource, name)

    def _merge(self, order: Order, new: Document, old: Stored, rules: Rules) -> None:
        """Bring what the client wants into the form that is stored, in place."""
        before = old.document
        rules.default(new)
        _restore_system_fields(new, before)
        entries = self._entries(order, new, before) if rules.owned else None
        self.admit("UPDATE", order, new, before)
        rules.prepare(new, before)
        if entries is not None:
            set_entries(new, entries)
        if rules.bumps_generation is not None and rules.bumps_generation(new, before):
            meta.own_metadata(new)["generation"] = meta.generation(before) + 1
        problems = rules.validate(new, before)
        if problems:
            raise errors.invalid(order.resource, order.key.name, [*metadata_rules.common(new, before), *problems])
        self.admit("UPDATE", order, new, before, late=True)
        if not order.subresource:
            order.warnings += order.strategy.warnings(new, before)

    def _entries(self, order: Order, new: Document, old: Document | None) -> ManagedFields:
        """Return the managedFields of a write, before admission changes it."""
        if order.applies or not order.manager:
            found: ManagedFields = meta.metadata(new).get("managedFields") or []
            return found
        writer = writer_of(order.strategy, order.subresource, order.manager)
        return self._ownership.after(new, old, order.strategy, writer)

    async def _replace(self, order: Order, new: Document, old: Stored) -> Stored:
        strategy = order.strategy
        if order.dry_run:
            return Stored(new, old.revision, strategy.fields)
        if _is_finished(new):
            await self._writer.delete(strategy.resource, old)
            return Stored(new, old.revision, strategy.fields)
        return await self._writer.update(strategy, _ordered(strategy, new), old)

    def _stamp(self, strategy: Strategy, document: Document) -> None:
        """Set what the server alone sets on a new object."""
        metadata = meta.own_metadata(document)
        for key in (*_NEVER_GIVEN, "selfLink"):
            metadata.pop(key, None)
        metadata["uid"] = self._world.ambient.ids.uid()
        metadata["creationTimestamp"] = format_time(self._world.ambient.clock.now())
        if strategy.bumps_generation is not None:
            metadata["generation"] = 1

    def _generate_name(self, document: Document) -> None:
        prefix = meta.generate_name(document)[:NAME_PREFIX_LENGTH]
        meta.own_metadata(document)["name"] = prefix + self._world.ambient.ids.suffix(NAME_SUFFIX_LENGTH)


def _ordered(strategy: Strategy, document: Document) -> Document:
    """Return a document that begins with kind, apiVersion and metadata (see `answers.type_prefix`)."""
    head: Document = {"kind": strategy.resource.kind, "apiVersion": strategy.resource.api_version}
    head["metadata"] = document["metadata"]
    head.update((key, value) for key, value in document.items() if key not in head)
    return head


def _restore_system_fields(new: Document, old: Document) -> None:
    """What a client may leave out is filled in; what it changed all the same is for validation to refuse."""
    metadata, before = meta.own_metadata(new), meta.metadata(old)
    for key in ("creationTimestamp", "generation", "resourceVersion", "selfLink"):
        metadata.pop(key, None)
    for key in (*_SYSTEM, "resourceVersion"):
        if key in before and not metadata.get(key):
            metadata[key] = before[key]


def _is_finished(document: Document) -> bool:
    """Return whether an update took away the last thing that kept a deleted object."""
    if not meta.is_deleting(document) or meta.finalizers(document) or meta.deletion_grace_seconds(document):
        return False
    return document["kind"] != "Namespace" or not (document.get("spec") or {}).get("finalizers")
