"""The apply patch: merge one manager's configuration into the live object.

In: live object, configuration, who applies. Out: `Applied`: the merged document and its managedFields, or `Conflicts`.
Next room: `api.decode.convert`, defaults and validation in `apiserver`.
"""

import datetime
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from moorage.api import meta, times
from moorage.api.patch.apply import managers, typed
from moorage.api.patch.apply.fieldset import FieldPath, FieldSet, compact, path_text
from moorage.api.patch.apply.managers import Entry, Key, Managed, ManagedFields, Times, Writer
from moorage.api.patch.errors import PatchError
from moorage.api.patch.json import same
from moorage.api.refs import Document, split_api_version
from moorage.api.schema import TypeTable
from moorage.base.errors import MoorageError

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_KUBECTL = "kubectl"


class Conflicts(MoorageError):
    """Other managers own fields that would change (HTTP 409).

    Args:
        found: (manager's key, path) in upstream's order.
    """

    def __init__(self, found: list[tuple[Key, FieldPath]]) -> None:
        super().__init__(_conflict_text(found))
        self.found = found

    @property
    def causes(self) -> list[dict[str, str]]:
        """Causes of the Status."""
        return [
            {"reason": "FieldManagerConflict", "message": f"conflict with {_shown(key)}", "field": path_text(path)}
            for key, path in self.found
        ]


@dataclass(frozen=True, slots=True)
class Applied:
    """Outcome of an apply.

    Args:
        document: merged, not yet decoded and defaulted; its managedFields are set.
        changed: whether it differs from the live document beyond managedFields.
    """

    document: Document
    changed: bool


@dataclass(frozen=True, slots=True)
class Request:
    """One apply.

    Args:
        writer: who applies.
        now: time of the write.
        force: take over fields of others instead of failing.
    """

    writer: Writer
    now: datetime.datetime
    force: bool = False


def apply(live: Document | None, config: Document, request: Request, table: TypeTable) -> Applied:
    """Return the live document with a configuration applied.

    Args:
        live: the stored document, None if there is none yet.
        config: the configuration, parsed.
        request: who, when, and whether to force.
        table: type of the kind.

    Raises:
        PatchError: the configuration has managedFields (400) or does not fit its type (500, as upstream).
        Conflicts: see there.
    """
    _check(config, table)
    base = _identity(config) if live is None else live
    context = Times(table, times.format_time(request.now))
    managed = _managed(live, request.writer, context)
    try:
        merged, entries = _merge(base, config, managed, request, table)
    except Conflicts as conflicts:
        if not _upgrades(base, request.writer, conflicts, table):
            raise
        forced = Request(request.writer, request.now, force=True)
        merged, entries = _merge(base, config, managed, forced, table)
    changed = live is None or not same(merged, managers.plain(base))
    key = managers.key_of(request.writer, "Apply")
    if changed and key in entries:
        entries[key] = replace(entries[key], time=context.now)
    merged = _with_last_applied(merged, config, request.writer, base)
    return Applied(_with_managed(merged, managers.encode(managers.capped(entries))), changed)


def _check(config: Document, table: TypeTable) -> None:
    if meta.metadata(config).get("managedFields"):
        raise PatchError("BadRequest", "metadata.managedFields must be nil")
    try:
        typed.check(config, table)
    except typed.Untypable as problem:
        group, version = split_api_version(config.get("apiVersion", ""))
        named = f"{meta.namespace(config)}/{meta.name(config)}; {group}/{version}, Kind={config.get('kind', '')}"
        raise PatchError("Internal", f"failed to create typed patch object ({named}): {problem}") from problem


def _identity(config: Document) -> Document:
    """Return the object an apply that creates starts from."""
    return {"apiVersion": config["apiVersion"], "kind": config["kind"], "metadata": {}}


def _managed(live: Document | None, writer: Writer, context: Times) -> Managed:
    """Return the entries before the apply; the fields of an object that has none get an entry of their own."""
    if live is None:
        return {}
    try:
        managed = managers.decode(meta.metadata(live).get("managedFields"))
    except ValueError:
        managed = {}
    if managed:
        return managed
    before = Writer(managers.BEFORE_APPLY, writer.api_version, writer.subresource, writer.reset)
    return managers.updated({}, managers.empty_document(context.table), live, before, context)


def _merge(
    base: Document, config: Document, managed: Managed, request: Request, table: TypeTable
) -> tuple[Document, Managed]:
    """Return the merged document without managedFields, and the entries.

    Raises:
        Conflicts: unless forced.
    """
    live = managers.plain(base)
    merged = typed.merge(live, config, table)
    key = managers.key_of(request.writer, "Apply")
    last = managed.get(key)
    wanted = typed.field_set(config, table)
    own = managers.owned(wanted, request.writer)
    entries = {**managed, key: Entry.of(request.writer.api_version, own, last.time if last else "")}
    if last:
        # What nobody owns but the configuration names (`metadata.name`) keeps its parents from going.
        merged = _pruned(merged, [wanted, *(entry.paths for entry in entries.values())], last.paths, table)
    comparison = managers.written(live, merged, request.writer, table)
    taken = comparison.modified | comparison.added
    others = {other: entry for other, entry in entries.items() if other != key}
    conflicts = list(_conflicts(others, taken))
    if conflicts and not request.force:
        raise Conflicts(conflicts)
    kept = managers.without_paths(others, taken | comparison.removed)
    return merged, kept | ({key: entries[key]} if own else {})


def _conflicts(others: Managed, taken: FieldSet) -> Iterator[tuple[Key, FieldPath]]:
    for key in sorted(others):
        for path in others[key].paths & taken:
            yield key, path


def _pruned(merged: Document, owned: Iterable[FieldSet], last: FieldSet, table: TypeTable) -> Document:
    """Return the document without what the manager applied before, leaves out now, and nobody else owns."""

    def named(paths: FieldSet) -> FieldSet:
        return typed.with_named_fields(paths, table)

    everyone = FieldSet()
    for paths in owned:
        everyone = everyone | paths
    whole = named(typed.field_set(merged, table))
    pruned = named(typed.field_set(typed.remove(merged, named(last), table) or {}, table))
    kept = typed.remove(merged, whole - (pruned | named(everyone)), table) or {}
    dangling = whole - named(typed.field_set(kept, table))
    made: Document = typed.remove(merged, dangling & named(last), table) or {}
    return made


def _upgrades(base: Document, writer: Writer, conflicts: Conflicts, table: TypeTable) -> bool:
    """Return whether all conflicts are with what the same user applied client-side before (kubectl's own migration)."""
    text = meta.annotations(base).get(LAST_APPLIED)
    if writer.manager != _KUBECTL or not text:
        return False
    try:
        config = json.loads(text)
        typed.check(config, table)
    except ValueError:
        return False
    allowed = typed.field_set(config, table)
    return not FieldSet.of(path for _, path in conflicts.found) - allowed


def _with_last_applied(merged: Document, config: Document, writer: Writer, base: Document) -> Document:
    """Return the document with kubectl's annotation kept in step, where there is one and kubectl applies."""
    if writer.manager != _KUBECTL or LAST_APPLIED not in meta.annotations(base):
        return merged
    metadata = dict(meta.metadata(config))
    annotations = {key: value for key, value in meta.annotations(config).items() if key != LAST_APPLIED}
    metadata |= {"annotations": annotations} if annotations else {}
    metadata = {key: value for key, value in metadata.items() if key != "annotations" or value == annotations}
    text = compact({**config, "metadata": metadata}) + "\n"
    made: dict[str, Any] = {**merged, "metadata": dict(meta.metadata(merged))}
    meta.set_annotation(made, LAST_APPLIED, text)
    return made


def _with_managed(document: Document, entries: ManagedFields) -> Document:
    metadata = {**meta.metadata(document)}
    if entries:
        metadata["managedFields"] = entries
    return {**document, "metadata": metadata}


def _shown(key: Key) -> str:
    text = json.dumps(key.manager, ensure_ascii=False)
    if key.subresource:
        text += f' with subresource "{key.subresource}"'
    return f"{text} using {key.api_version}" if key.operation == "Update" else text


def _conflict_text(found: list[tuple[Key, FieldPath]]) -> str:
    if len(found) == 1:
        key, path = found[0]
        return f"Apply failed with 1 conflict: conflict with {_shown(key)}: {path_text(path)}"
    lines: list[str] = []
    for key in dict.fromkeys(key for key, _ in found):
        lines.append(f"conflicts with {_shown(key)}:")
        lines += [f"- {path_text(path)}" for other, path in found if other == key]
    return f"Apply failed with {len(found)} conflicts: " + "\n".join(lines)
