"""What a query names (things, transactions, events): captured events and cases found by index."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from serai.formats.epcis.event import BizTransaction, Query
from serai.formats.epcis.identifiers import canonical_identifier, is_pattern, pattern_beginnings
from serai.journey.epcis.query_faults import QueryFaultyError
from serai.journey.tracking import case_store, store
from serai.journey.tracking.joining import UNIT, Key, keys_of_thing, keys_of_transaction
from serai.journey.tracking.service import Connection, TrackingService
from serai.model.errors import SeraiError
from serai.model.findings import Finding
from serai.model.message_text import MessageText

KEYED_COUNT_MAX: Final = 10_000
SENDER_COUNT_MAX: Final = 1_000
"""Events of one sender about one thing that are looked at, the newest."""
_TRANSACTION: Final = "EQ_bizTransaction_"
Names = tuple[tuple[str, ...], tuple[BizTransaction, ...]]


class Asked(NamedTuple):
    """Things and transactions that a query names, by the keys they may be found by in cases."""

    things: dict[Key, str]
    transactions: dict[Key, BizTransaction]


def is_key(name: str) -> bool:
    """Say whether a parameter names things, transactions or events: these are found by index."""
    return name.startswith(("MATCH_", _TRANSACTION)) or name == "EQ_eventID"


async def find_ids(service: TrackingService, connection: Connection, query: Query) -> set[int]:
    """Return the events that have all that a query names, at most KEYED_COUNT_MAX by each parameter."""
    found: set[int] | None = None
    for name, values in query.parameters.items():
        if not is_key(name):
            continue
        ids = await _find_by(service, connection, name, values)
        found = ids if found is None else found & ids
    return found or set()


async def _find_by(
    service: TrackingService, connection: Connection, name: str, values: Sequence[str]
) -> set[int]:
    common: dict[str, Any] = {
        "administration_id": service.administration_id,
        "limit": KEYED_COUNT_MAX + 1,
        "of_sender": SENDER_COUNT_MAX,
    }
    if name == "EQ_eventID":
        uris = [store.stored_name(one) for one in values]
        found = await store.find_ids(connection, "find_by_uri", {**common, "event_uris": uris})
        return _bounded(found, name)
    whole = [store.stored_name(canonical_identifier(one)) for one in values]
    found = await store.find_ids(connection, "find_by_thing", {**common, "names": whole})
    for beginning in _stored_beginnings(name, values):
        found |= await store.find_ids(
            connection,
            "find_by_beginning",
            {**common, "beginning": beginning, "end": beginning + "\U0010ffff"},
        )
    return _bounded(found, name)


def _stored_beginnings(name: str, values: Sequence[str]) -> list[str]:
    """Return how the canonical names begin that patterns stand for. Raises QueryFaultyError."""
    beginnings: list[str] = []
    for pattern in filter(is_pattern, values):
        told = pattern_beginnings(pattern)
        if not told:
            raise QueryFaultyError(
                [Finding("epcis-pattern-unsupported", name, parameters={"pattern": pattern[:120]})]
            )
        beginnings += told
    return beginnings


def _bounded(found: set[int], name: str) -> set[int]:
    if len(found) > KEYED_COUNT_MAX:
        raise SeraiError(
            "epcis-query-too-large",
            MessageText("{name} finds more than {count_max} events.", name=name, count_max=KEYED_COUNT_MAX),
            "Name fewer things, or ask without it, by time, page after page.",
        )
    return found


def asked_of(query: Query) -> Asked:
    """Return what a query names that may be found in cases."""
    asked = Asked({}, {})
    for name, values in query.parameters.items():
        if name.startswith("MATCH_"):
            asked.things.update(
                {key: uri for uri in values if not is_pattern(uri) for key in keys_of_thing(uri)}
            )
        elif name.startswith(_TRANSACTION):
            code = name.removeprefix(_TRANSACTION)
            for uri in values:
                keys = keys_of_transaction(uri, code)
                asked.transactions.update({key: BizTransaction(id=uri, type_code=code) for key in keys})
    return asked


async def named_cases(service: TrackingService, connection: Connection, asked: Asked) -> dict[int, Names]:
    """Return the cases that what is asked for names, each with the names that lead to it.

    A transport unit asked for does not bring the decisions on all that lies in it: those are asked by parcel.
    """
    keys = [key for key in {**asked.things, **asked.transactions} if key[0] != UNIT]
    by_hash = dict(zip(service.hash_keys(keys), keys, strict=True))
    things: dict[int, list[str]] = {}
    transactions: dict[int, list[BizTransaction]] = {}
    found = await case_store.cases_of_keys(
        connection, list(by_hash), administration_id=service.administration_id
    )
    for hashed, case_id, _ in found:
        key = by_hash[hashed]
        if key in asked.things:
            things.setdefault(case_id, []).append(asked.things[key])
        if key in asked.transactions:
            transactions.setdefault(case_id, []).append(asked.transactions[key])
    return {
        case_id: (
            tuple(dict.fromkeys(things.get(case_id, ()))),
            tuple(dict.fromkeys(transactions.get(case_id, ()))),
        )
        for case_id in {*things, *transactions}
    }
