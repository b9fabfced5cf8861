"""DNS names as people write them, and answers as dig prints them.

In: words and `dns.client.Answer`s. Out: names to ask in order; text.
"""

import ipaddress
from collections.abc import Iterable, Sequence

from moorage.base.errors import UserError
from moorage.cli.output import tabs
from moorage.dns import names
from moorage.dns.client import Answer, Line
from moorage.dns.message import Code, Type
from moorage.dns.names import Name

NDOTS = 5
"""A name with as many dots is asked as it is first; what kubelet writes into a pod's resolv.conf."""


def candidates(text: str, namespace: str, zone: str) -> list[Name]:
    """Return the names to ask, in the order of a pod of that namespace; one with a final dot is asked as it is."""
    own = names.parse(text)
    if text.endswith(".") or names.below(own, names.parse(zone)):
        return [own]
    suffixes = (f"{namespace}.svc.{zone}", f"svc.{zone}", zone)
    completed = [(*own, *names.parse(suffix)) for suffix in suffixes]
    return [own, *completed] if len(own) - 1 >= NDOTS else [*completed, own]


def reverse(text: str) -> Name:
    """Return the name that an address' PTR record has. Raises: UserError."""
    try:
        return names.reverse(str(ipaddress.ip_address(text)))
    except ValueError:
        raise UserError(f"{text!r} is no address: -x takes one such as 10.42.0.5") from None


def type_of(word: str) -> Type:
    """Return the record type of a word such as `srv`. Raises: UserError."""
    try:
        return Type[word.upper()]
    except KeyError:
        raise UserError(f"unknown record type {word!r}: use one of {', '.join(one.name for one in Type)}") from None


def code_name(code: int) -> str:
    """Return a response code's name."""
    return Code(code).name if code in list(Code) else f"RCODE{code}"


def show(answer: Answer, asked: Name, kind: Type, server: tuple[str, int]) -> str:
    """Return status, question and records."""
    flags = "".join(f" {flag}" for flag, given in (("aa", answer.authoritative), ("tc", answer.truncated)) if given)
    lines = [f";; status: {code_name(answer.code)}, flags: qr{flags}, server: {server[0]}#{server[1]}"]
    lines += [f";; question: {names.show(asked)} IN {kind.name}"]
    sections = (("answer", answer.answers), ("authority", answer.authority), ("additional", answer.additional))
    for title, records in sections:
        if records:
            lines += ["", f";; {title}", *_records(records)]
    return "\n".join(lines)


def short(records: Iterable[Line]) -> str:
    """Return the data alone, one record a line."""
    return "\n".join(record.data for record in records)


def _records(records: Sequence[Line]) -> list[str]:
    rows = [f"{names.show(one.name)}\t{one.ttl}\tIN\t{type_name(one.type)}\t{one.data}" for one in records]
    return tabs.align("\n".join(rows)).split("\n")


def type_name(kind: int) -> str:
    """Return a record type's name."""
    return Type(kind).name if kind in list(Type) else f"TYPE{kind}"
