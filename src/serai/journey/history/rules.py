"""Decided rows as the tables of the history: what was decided, and the reversal of what that replaced."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
import pyarrow as pa

from serai.journey.decision.rules import SHOWN_LANES, shown_lane
from serai.model.frames import LANES, RELEASED, STATUSES
from serai.model.packed_detail import CHARGE_KINDS, DUES, Detail

SCHEMA_VERSION: Final = 1
"""Raised with each change of the schemas below."""


class Recorded(msgspec.Struct, frozen=True):
    """A decision as the store has it.

    person_ids: the vault's numbers of the persons that the declaration names, by role; they say nothing once
    a person is erased. arrived_at: of what stands; for what was replaced the store does not keep it.
    """

    decision_id: int
    consignment_id: int
    supersedes: int | None
    declarant_id: int
    person_ids: Mapping[str, int]
    received_at: dt.datetime
    accepted_at: dt.datetime
    arrived_at: dt.datetime | None
    decided_at: dt.datetime
    law_on: dt.date
    basis_id: int
    version: int
    lane: int
    status: int
    kind: str
    is_provisional: bool
    logistics_channel_code: str
    consignee_country_code: str
    reason_bits: int
    detail: Detail


class LawOfDecision(msgspec.Struct, frozen=True):
    """What a decision's codes mean. reason_set, charge_set: rule ids by bit and by number."""

    law_code: str
    basis_hash: str
    currency_code: str
    reason_set: list[str]
    charge_set: list[str]


class Entry(msgspec.Struct, frozen=True):
    """A decision that is entered: with its own hour, or reversed in the hour of the one that replaced it."""

    of: Recorded
    recorded_at: dt.datetime
    reversed_by: int | None = None

    @property
    def sign(self) -> int:
        """Return 1, or -1 for a reversal."""
        return 1 if self.reversed_by is None else -1


_INSTANT: Final = pa.timestamp("ms", tz="UTC")
_OWN: Final = (
    ("decision_id", pa.int64()),
    ("consignment_id", pa.int64()),
    ("row_count", pa.int64()),
    ("reversed_by_decision_id", pa.int64()),
    ("decided_at", _INSTANT),
    ("recorded_at", _INSTANT),
    ("consignee_country_code", pa.string()),
)
"""What every table begins with. row_count: 1, or -1 for a reversal, whose amounts are negative, too."""

DECISION: Final = pa.schema(
    [
        *_OWN,
        ("supersedes_decision_id", pa.int64()),
        ("kind", pa.string()),
        ("lane", pa.string()),
        ("status", pa.string()),
        ("is_provisional", pa.bool_()),
        ("reason_codes", pa.list_(pa.string())),
        ("law_code", pa.string()),
        ("law_on", pa.date32()),
        ("basis_hash", pa.string()),
        ("logistics_channel_code", pa.string()),
        ("declarant_party_id", pa.int64()),
        ("declaration_version", pa.int16()),
        ("goods_item_count", pa.int64()),
        ("received_at", _INSTANT),
        ("accepted_at", _INSTANT),
        ("arrived_at", _INSTANT),
    ]
)
"""lane: one of SHOWN_LANES. reason_codes: rules that spoke. arrived_at: of what was released, else null."""
GOODS_ITEM: Final = pa.schema(
    [
        *_OWN,
        ("sequence_number", pa.int32()),
        ("commodity_code", pa.string()),
        ("origin_country_code", pa.string()),
        ("currency_code", pa.string()),
        ("customs_value_minor", pa.int64()),
        ("relief_code", pa.string()),
        ("lane", pa.string()),
        ("reason_codes", pa.list_(pa.string())),
    ]
)
"""customs_value_minor: in minor units of currency_code; null: not known."""
CHARGE: Final = pa.schema(
    [
        *_OWN,
        ("sequence_number", pa.int32()),
        ("law_code", pa.string()),
        ("law_on", pa.date32()),
        ("rule_id", pa.string()),
        ("kind", pa.string()),
        ("due", pa.string()),
        ("is_waived", pa.bool_()),
        ("tax_type_code", pa.string()),
        ("debtor_code", pa.string()),
        ("payer_party_id", pa.int64()),
        ("bearer_id", pa.int64()),
        ("currency_code", pa.string()),
        ("base_minor", pa.int64()),
        ("rate_numerator", pa.int64()),
        ("rate_denominator", pa.int64()),
        ("amount_minor", pa.int64()),
    ]
)
"""sequence_number 0: of the consignment. law_code, law_on, rule_id: the charge's place in the law.
payer_party_id: whose account is debited, the declarant's. bearer_id: the vault's number of the person in the
debtor's role, else of the consignee; null where the declaration names none."""
FINDING: Final = pa.schema(
    [
        *_OWN,
        ("sequence_number", pa.int32()),
        ("code", pa.string()),
        ("pointer", pa.string()),
        ("severity", pa.string()),
    ]
)
"""sequence_number 0: of the consignment. Parameters may quote a message, so they stay in the store."""
SCHEMAS: Final[Mapping[str, Any]] = {
    "decision": DECISION,
    "goods_item": GOODS_ITEM,
    "charge": CHARGE,
    "finding": FINDING,
}


def enter(decided: Iterable[Recorded], replaced: Mapping[int, Recorded]) -> list[Entry]:
    """Return the entries of decisions, each behind the reversal of the one it replaced. replaced: by id."""
    entries = []
    for one in decided:
        if one.supersedes is not None:
            entries.append(Entry(replaced[one.supersedes], one.decided_at, one.decision_id))
        entries.append(Entry(one, one.decided_at))
    return entries


def build_tables(entries: Sequence[Entry], laws: Mapping[int, LawOfDecision]) -> dict[str, Any]:
    """Return a table (pyarrow) for each of SCHEMAS, in the order of the entries. laws: by basis."""
    rows: dict[str, Iterator[tuple[Any, ...]]] = {
        "decision": (_decision(one, laws[one.of.basis_id]) for one in entries),
        "goods_item": (row for one in entries for row in _goods_items(one, laws[one.of.basis_id])),
        "charge": (row for one in entries for row in _charges(one, laws[one.of.basis_id])),
        "finding": (row for one in entries for row in _findings(one)),
    }
    return {name: _table(rows[name], schema) for name, schema in SCHEMAS.items()}


def _table(rows: Iterable[tuple[Any, ...]], schema: Any) -> Any:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _own(entry: Entry) -> tuple[Any, ...]:
    of = entry.of
    return (
        of.decision_id,
        of.consignment_id,
        entry.sign,
        entry.reversed_by,
        of.decided_at,
        entry.recorded_at,
        of.consignee_country_code,
    )


def _decision(entry: Entry, law: LawOfDecision) -> tuple[Any, ...]:
    of = entry.of
    return (
        *_own(entry),
        of.supersedes,
        of.kind,
        SHOWN_LANES[shown_lane(of.lane, of.reason_bits)],
        STATUSES[of.status],
        of.is_provisional,
        _reason_codes(of.reason_bits, law),
        law.law_code,
        of.law_on,
        law.basis_hash,
        of.logistics_channel_code,
        of.declarant_id,
        of.version,
        entry.sign * len(of.detail.items),
        of.received_at,
        of.accepted_at,
        of.arrived_at if of.status == RELEASED else None,
    )


def _goods_items(entry: Entry, law: LawOfDecision) -> Iterator[tuple[Any, ...]]:
    for item in entry.of.detail.items:
        value = item.customs_value_minor
        yield (
            *_own(entry),
            item.sequence_number,
            item.commodity_code,
            item.origin_country_code,
            law.currency_code,
            None if value is None else entry.sign * value,
            item.relief_code,
            LANES[item.lane],
            _reason_codes(item.reason_bits, law),
        )


def _charges(entry: Entry, law: LawOfDecision) -> Iterator[tuple[Any, ...]]:
    of = entry.of
    for charge in of.detail.charges:
        yield (
            *_own(entry),
            charge.sequence_number,
            law.law_code,
            of.law_on,
            law.charge_set[charge.charge_number],
            CHARGE_KINDS[charge.kind],
            DUES[charge.due],
            charge.is_waived,
            charge.tax_type_code,
            charge.debtor_code,
            of.declarant_id,
            of.person_ids.get(charge.debtor_code.partition("-via-")[0], of.person_ids.get("consignee")),
            charge.currency_code,
            entry.sign * charge.base_minor,
            charge.rate_numerator,
            charge.rate_denominator,
            entry.sign * charge.amount_minor,
        )


def _findings(entry: Entry) -> Iterator[tuple[Any, ...]]:
    for one in entry.of.detail.findings:
        yield (*_own(entry), one.sequence_number, one.code, one.pointer, one.severity)


def _reason_codes(bits: int, law: LawOfDecision) -> list[str]:
    return [rule_id for place, rule_id in enumerate(law.reason_set) if bits >> place & 1]
