"""What a decision was made on beside its message: recorded with it, so that it can be made again without its
people."""

import datetime as dt
from collections.abc import Sequence
from itertools import zip_longest
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace

from serai.journey.consignments.rows import RecordedFacts, Row
from serai.journey.decision.store import DecisionRow
from serai.journey.pipeline import Facts, Processed
from serai.law.pack import Reason
from serai.model.columns import Column, encode_words
from serai.model.findings import FindingOut
from serai.model.frames import ABSENT
from serai.model.packed_columns import (
    few_words,
    join_packed,
    list_numbers,
    pack_bits,
    pack_constant,
    pack_equally,
    pack_numbers,
    pack_words,
)
from serai.model.packed_detail import PackedFinding

FACT_WORDS = (
    "customs_territory_code",
    "tax_territory_code",
    "time_zone",
    "scheme_status_code",
    "consignee_region_code",
)
"""New ones come last: what was recorded before them holds fewer."""
FACT_FLAGS = ("has_buyer_tax_number", "has_buyer_identity", "is_party_listed")
_FLAGS_OF_FRAME = (*FACT_FLAGS, "has_order", "has_payment", "has_transport_document")
_FLAGS_OF_ROWS = ("is_paid_or_secured", "has_two_carriers", "has_two_declarants", "is_value_contradicted")
SELECTION_FLAGS = ("is_selected_for_review", "is_selected_for_examination")
_LATER_OF_FRAME = ("has_unknown_charge", "is_split_suspected", *SELECTION_FLAGS)
_FLAGS = (*_FLAGS_OF_FRAME, *_FLAGS_OF_ROWS, *_LATER_OF_FRAME)
"""By place of the bit; new ones come last."""


class DecisionContext(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """facts: FACT_WORDS in order. flags: FACT_FLAGS and what was known of the case, a bit each. Instants:
    milliseconds of UTC; law_on: days since 1970.

    officer_reasons: which of the reasons are for officers alone (`pack_bits`), so that the public answer can
    be written again for ever. allowance_used, same_day_value: what stood on the law's cumulative allowances
    before it.
    """

    facts: tuple[str | None, ...]
    flags: int
    lodged_at_ms: int
    accepted_at_ms: int
    law_on: int
    declarant: int
    version: int
    form_code: str | None = None
    officer_reasons: bytes = b""
    arrived_at_ms: int | None = None
    allowance_used: int | None = None
    same_day_value: int | None = None

    def has(self, flag: str) -> bool:
        """Return one of FACT_FLAGS, of those of the case, or whether a charge was unknown."""
        return bool(self.flags >> _FLAGS.index(flag) & 1)

    @property
    def is_counted(self) -> bool:
        """Say whether its law counted it on a cumulative allowance."""
        return self.allowance_used is not None or self.same_day_value is not None

    def as_facts(self) -> RecordedFacts:
        """Return what was recorded of people and surroundings."""
        return RecordedFacts(
            dict(zip_longest(FACT_WORDS, self.facts)),
            {name: self.has(name) for name in (*FACT_FLAGS, *SELECTION_FLAGS)},
        )


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_DECODER = msgspec.msgpack.Decoder(DecisionContext)


def read_context(packed: bytes) -> DecisionContext:
    """Return the context a decision was made in, as stored with it."""
    return _DECODER.decode(packed)


def recorded_context(decision: DecisionRow) -> DecisionContext:
    """Return the context of a decision, with the arrival that made it where one did."""
    context = read_context(decision.context)
    if decision.arrived_at is None:
        return context
    return replace(
        context,
        arrived_at_ms=_milliseconds(decision.arrived_at),
        accepted_at_ms=_milliseconds(decision.accepted_at),
    )


def _milliseconds(at: dt.datetime) -> int:
    return (at - _EPOCH) // dt.timedelta(milliseconds=1)


def encode_contexts(rows: Sequence[Row], processed: Processed) -> Any:
    """Write the context of each decision of a batch (pyarrow, binary; of a small batch a list)."""
    consignments, count = processed.consignments, len(rows)
    if count <= _FEW:
        return _encode_few(rows, processed)
    bits = np.zeros(count, dtype=np.int64)
    for bit, name in enumerate(_FLAGS_OF_FRAME):
        bits |= consignments.flags(name).astype(np.int64) << bit
    for bit, name in enumerate(_FLAGS_OF_ROWS, len(_FLAGS_OF_FRAME)):
        bits |= np.array(list(map(attrgetter(name), rows)), dtype=np.int64) << bit
    for bit, name in enumerate(_LATER_OF_FRAME, len(_FLAGS_OF_FRAME) + len(_FLAGS_OF_ROWS)):
        bits |= consignments.flags(name).astype(np.int64) << bit
    laws, places = np.unique(consignments.numbers("law_number"), return_inverse=True)
    hidden = [msgspec.msgpack.encode(pack_bits(officer_bits(processed, number))) for number in laws.tolist()]
    arrived = [ABSENT if row.arrived_at_ms is None else row.arrived_at_ms for row in rows]
    return join_packed(
        [
            pack_constant(0x9C, count),
            pack_constant(0x90 | len(FACT_WORDS), count),
            pack_equally(count, *(few_words(consignments.words(name), absent=None) for name in FACT_WORDS)),
            pack_numbers(bits),
            pack_numbers(consignments.numbers("lodged_at")),
            pack_numbers(consignments.numbers("accepted_at")),
            pack_numbers(consignments.numbers("law_on")),
            pack_numbers(np.array([row.sender.party_id for row in rows], dtype=np.int64)),
            pack_numbers(np.array([row.version for row in rows], dtype=np.int64)),
            pack_words(consignments.words("declaration_form_code"), absent=None),
            pack_equally(count, (hidden, places)),
            pack_numbers(np.array(arrived, dtype=np.int64)),
            pack_numbers(consignments.numbers("allowance_used")),
            pack_numbers(consignments.numbers("same_day_value")),
        ]
    )


_FEW = 200
"""Up to so many rows a Python object for each costs less than the calls of NumPy and Arrow."""


def _encode_few(rows: Sequence[Row], processed: Processed) -> list[bytes]:
    consignments = processed.consignments
    laws = consignments.numbers("law_number").tolist()
    hidden = {number: pack_bits(officer_bits(processed, number)) for number in set(laws)}
    flags = [consignments.flags(name).tolist() for name in _FLAGS_OF_FRAME]
    flags += [list(map(attrgetter(name), rows)) for name in _FLAGS_OF_ROWS]
    flags += [consignments.flags(name).tolist() for name in _LATER_OF_FRAME]
    contexts = zip(
        zip(*(consignments.words(name).texts() for name in FACT_WORDS), strict=True),
        [sum(flag << bit for bit, flag in enumerate(its)) for its in zip(*flags, strict=True)],
        *(list_numbers(consignments.numbers(name)) for name in ("lodged_at", "accepted_at", "law_on")),
        [row.sender.party_id for row in rows],
        [row.version for row in rows],
        consignments.words("declaration_form_code").texts(),
        [hidden[number] for number in laws],
        [row.arrived_at_ms for row in rows],
        *(list_numbers(consignments.numbers(name)) for name in ("allowance_used", "same_day_value")),
        strict=True,
    )
    return [msgspec.msgpack.encode(one) for one in contexts]


def officer_bits(processed: Processed, number: int) -> int:
    """Return the bits of a law's reasons that are for officers alone."""
    program = next((governed.run.program for governed in processed.runs if governed.number == number), None)
    if program is None:
        return 0
    bits: int | None = program.kept.get("officer bits")
    if bits is None:
        hidden = {
            rule.rule_id
            for rule in program.rules
            if isinstance(rule.rule, Reason) and rule.rule.audience == "officer"
        }
        rule_ids = processed.reason_sets[number].rule_ids
        bits = program.kept["officer bits"] = sum(
            1 << bit for bit, rule_id in enumerate(rule_ids) if rule_id in hidden
        )
    return bits


def fact_columns(facts: Sequence[RecordedFacts]) -> Facts:
    """Return recorded facts of a batch as the columns they stand for."""
    columns: dict[str, Column] = {name: encode_words(one.words[name] for one in facts) for name in FACT_WORDS}
    for name in FACT_FLAGS[:-1]:
        columns[name] = np.array([one.flags[name] for one in facts], dtype=np.bool_)
    is_listed, for_review, for_examination = (
        np.array([one.flags[name] for one in facts], dtype=np.bool_)
        for name in ("is_party_listed", *SELECTION_FLAGS)
    )
    return Facts(columns, is_listed, (for_review, for_examination))


def finding_out(one: PackedFinding) -> FindingOut:
    """Return a finding as it was answered: its word stands for the parameters where there are none."""
    parameters = one.parameters or ({"value": one.word} if one.word else {})
    return FindingOut(
        one.code, one.pointer, one.severity, parameters, sequence_number=one.sequence_number or None
    )
