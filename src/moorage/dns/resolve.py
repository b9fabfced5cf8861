"""From a question to an answer: a pure function of the zone.

In: `message.Query` and a `Zone`. Out: `message.Reply`, or None for names that are not ours (`forward` takes those).
"""

from moorage.dns import names
from moorage.dns.message import CLASS_ANY, CLASS_IN, Code, Query, Record, Reply, Type
from moorage.dns.zone import Zone

# The SOA minimum is the negative TTL (RFC 2308): 0, because a peer that asks too early must not remember the refusal.
_SOA_TIMES = (7200, 1800, 86400, 0)


def resolve(query: Query, zone: Zone, serial: int) -> Reply | None:
    """Return the authoritative answer, or None where the zone does not cover the name.

    Args:
        query: the question.
        zone: the records.
        serial: serial number for the SOA record.
    """
    if query.opcode != 0:
        return Reply(Code.NOTIMP, authoritative=False)
    if not zone.covers(query.name):
        return None
    if query.klass not in (CLASS_IN, CLASS_ANY):
        return Reply(Code.REFUSED, authoritative=False)
    soa = _soa(zone, serial)
    if query.name == zone.domain and query.type in (Type.SOA, Type.ANY):
        return Reply(answers=(soa,))
    answers = _matching(zone.find(query.name), query.type)
    if answers:
        return Reply(answers=answers, additional=_additional(answers, zone))
    if zone.exists(query.name):
        return Reply(authority=(soa,))
    return Reply(Code.NXDOMAIN, authority=(soa,))


def _matching(records: list[Record], wanted: int) -> tuple[Record, ...]:
    return tuple(record for record in records if wanted in (record.type, Type.ANY) or record.type == Type.CNAME)


def _additional(answers: tuple[Record, ...], zone: Zone) -> tuple[Record, ...]:
    """Return the addresses of SRV targets, so that the client need not ask again."""
    targets = dict.fromkeys(record.data[3] for record in answers if record.type == Type.SRV)
    found = [record for target in targets if isinstance(target, tuple) for record in zone.find(target)]
    return tuple(record for record in found if record.type in (Type.A, Type.AAAA))


def _soa(zone: Zone, serial: int) -> Record:
    server = names.parse("ns.dns." + names.show(zone.domain))
    mailbox = names.parse("hostmaster." + names.show(zone.domain))
    return Record(zone.domain, Type.SOA, 0, (server, mailbox, serial & 0xFFFFFFFF, *_SOA_TIMES))
