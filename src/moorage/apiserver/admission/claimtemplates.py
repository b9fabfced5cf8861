"""moorage's own: claim templates of a StatefulSet change only as far as the claims they stand for can follow.

In: updates of StatefulSets. Out: 403 where a claim cannot grow, 422 where one would have to shrink; to a set that does not
ask for updates of its claims, a warning that says how. What may change at all is in `validation.claimtemplates`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from moorage.api import extensions, meta, scheme
from moorage.api.quantity import Quantity, parse
from moorage.api.refs import Document
from moorage.api.views.berth import split_ordinal
from moorage.apiserver import errors
from moorage.apiserver.admission.claimresize import may_grow
from moorage.apiserver.admission.ports import Gate, World, Write
from moorage.apiserver.documents import indexed, items, part
from moorage.apiserver.validation.claimtemplates import PATH
from moorage.apiserver.validation.errors import forbidden

_TEMPLATES = "volumeClaimTemplates"


@dataclass(frozen=True, slots=True)
class Resized:
    """A claim template whose request changed.

    Args:
        path: of the template in the set.
        name: of the template.
        after, before: its requests.
    """

    path: str
    name: str
    after: Quantity
    before: Quantity


def check(write: Write, world: World) -> None:
    """Refuse sizes that existing claims cannot follow. Raises: ApiError (403, 422)."""
    assert write.old is not None
    for one in _resized(write.new, write.old):
        stem = f"{one.name}-{write.key.name}"
        claims = [claim for claim in _claims(world, write.key.namespace) if split_ordinal(meta.name(claim))[0] == stem]
        if one.after > one.before:
            _check_growth(write, world, one, claims)
        else:
            _check_shrinking(write, one, claims)


def hint(write: Write, world: World) -> None:
    """Say how claim templates can change, ahead of the refusal."""
    assert write.old is not None
    before, after = (items(one, "spec", _TEMPLATES) for one in (write.old, write.new))
    if before != after and not extensions.updates_claims(write.new) and not world.settings.strict:
        write.warnings.append(
            f'claim templates of StatefulSet "{write.key.name}" can change, and its claims with them, '
            f'once it has the annotation {extensions.UPDATE_CLAIMS}: "true"'
        )


def _check_growth(write: Write, world: World, one: Resized, claims: list[Document]) -> None:
    for claim in claims:
        if _held(claim) < one.after and not may_grow(claim, world):
            sentence = f'claim "{meta.name(claim)}" cannot grow: {_why_fixed(claim, world)}'
            raise errors.forbidden(write.resource, write.key.name, sentence)


def _check_shrinking(write: Write, one: Resized, claims: list[Document]) -> None:
    """Let a request go down as far as a growth that has not come about can be withdrawn."""
    waiting = [claim for claim in claims if _held(claim) < one.before]
    most = max(waiting or claims, key=_held, default=None)
    if most is None or (waiting and _held(most) < one.after):
        return
    text = (
        f'volumes do not shrink, and claim "{meta.name(most)}" has {_held(most)}: '
        "add a claim template of another name with the smaller size instead, and move the data"
    )
    if waiting:
        text = f'the growth of claim "{meta.name(most)}" can be withdrawn only to more than the {_held(most)} it has'
    problem = forbidden(f"{one.path}.spec.resources.requests.storage", text)
    raise errors.invalid(write.resource, write.key.name, [problem])


def _resized(new: Document, old: Document) -> Iterator[Resized]:
    before = {meta.name(one): _request(one) for one in items(old, "spec", _TEMPLATES)}
    for path, template in indexed(PATH, items(new, "spec", _TEMPLATES)):
        name, size = meta.name(template), _request(template)
        if name in before and size != before[name]:
            yield Resized(path, name, size, before[name])


def _claims(world: World, namespace: str) -> Iterator[Document]:
    found = (stored.document for stored in world.all_of(scheme.PERSISTENTVOLUMECLAIMS, namespace))
    return (claim for claim in found if not meta.is_deleting(claim))


def _why_fixed(claim: Document, world: World) -> str:
    name = part(claim, "spec").get("storageClassName") or ""
    if not name:
        return "it has no StorageClass, so nobody resizes its volume"
    if world.get(scheme.STORAGECLASSES, "", name) is None:
        return f'its StorageClass "{name}" does not exist'
    patch = '{"allowVolumeExpansion":true}'
    return (
        f'its StorageClass "{name}" does not allow volume expansion; if its provisioner can resize: '
        f"kubectl patch storageclass {name} -p '{patch}'"
    )


def _held(claim: Document) -> Quantity:
    """Return what a claim has: its capacity, or while it is not bound what it is being given."""
    capacity = part(claim, "status", "capacity")
    return _storage(capacity) if capacity else _storage(part(claim, "spec", "resources", "requests"))


def _request(template: Document) -> Quantity:
    return _storage(part(template, "spec", "resources", "requests"))


def _storage(amounts: Mapping[str, str]) -> Quantity:
    return parse(amounts.get("storage") or "0")


_SEEN = (scheme.STATEFULSETS,)
GATE = Gate("ClaimTemplates", check, _SEEN, operations=("UPDATE",), late=True)
HINT = Gate("ClaimTemplatesHint", hint, _SEEN, operations=("UPDATE",))
