"""What was decided upon a consignment, packed into one value of its row: goods items by code, charges,
findings, and the context it was decided in. No names and no free text.

The number of the format, then a zstd frame without its magic, made with the dictionary of that format. In it
MessagePack arrays without names, `[format, goods items, charges, findings, context]`; the fields stand in the
order of the structs below. A batch is packed column by column (`pack_details`), with the same bytes as
`pack_detail` gives for one (a test compares). Formats 1 and 2 were the arrays alone.
"""

from collections.abc import Callable, Iterable
from itertools import repeat
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa

from serai.model.columns import Frame, Int64s
from serai.model.errors import SeraiError
from serai.model.packed_columns import (
    few_flags,
    few_numbers,
    few_places,
    few_words,
    join_packed,
    list_numbers,
    pack_bit_sets,
    pack_bits,
    pack_blobs,
    pack_constant,
    pack_equally,
    pack_groups,
    pack_maps,
    pack_numbers,
    pack_words,
    rank_words,
    read_bits,
)
from serai.model.small_values import SmallValues

FORMAT = 3
"""Raised with each change of the fields below; older ones stay readable (`_READERS`)."""

CHARGE_KINDS = ("duty", "tax", "excise", "fee", "claim")
DUES = ("border", "sale", "buyer_return", "none")
"""Places in both are stored."""


class PackedItem(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A goods item as decided. lane: place in LANES. reasons: of `pack_bits`."""

    sequence_number: int
    commodity_code: str
    origin_country_code: str
    customs_value_minor: int | None
    relief_code: str | None
    lane: int
    reasons: bytes

    @property
    def reason_bits(self) -> int:
        """Return the reasons as one number, bit by bit."""
        return read_bits(self.reasons)


class PackedCharge(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A charge. sequence_number 0: of the consignment. kind, due: places in CHARGE_KINDS and DUES.

    charge_number: the rule's place in the program the basis names. Amounts: minor units of the currency.
    """

    sequence_number: int
    charge_number: int
    kind: int
    due: int
    is_waived: bool
    tax_type_code: str
    debtor_code: str
    currency_code: str
    base_minor: int
    rate_numerator: int
    rate_denominator: int
    amount_minor: int

    @property
    def is_owed(self) -> bool:
        """Say whether it is asked for: neither waived nor a claim."""
        return not self.is_waived and CHARGE_KINDS[self.kind] != "claim"

    @property
    def is_border_due(self) -> bool:
        """Say whether it is asked for at the border."""
        return self.is_owed and DUES[self.due] == "border"


class PackedFinding(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A finding beyond the reasons. sequence_number 0: of the consignment. word: the datum or rule it names,
    or what is known of the gap. parameters: all that its sentence names; empty: the word alone.
    """

    sequence_number: int
    code: str
    pointer: str
    severity: str
    word: str
    parameters: dict[str, str] = {}


class Detail(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One consignment's detail. Goods items by sequence number, charges then by charge number, findings then
    by code. context: what the store knew when it was decided, as it was read."""

    format: int
    items: tuple[PackedItem, ...]
    charges: tuple[PackedCharge, ...]
    findings: tuple[PackedFinding, ...]
    context: bytes


_SMALL = SmallValues("details-1")
_NUMBER = bytes([FORMAT])
_FIRST_SMALL = 3
_decode = msgspec.msgpack.Decoder(Detail).decode
_READERS: dict[int, Callable[[bytes], bytes]] = {
    1: bytes,
    2: bytes,
    3: lambda packed: _SMALL.decompress(packed[1:]),
}
"""By format number: each gives the arrays. Findings of format 1 had a word and no parameters."""


def unpack_detail(packed: bytes) -> Detail:
    """Return a detail. Raises SeraiError `detail-format-unknown` where this version does not know it."""
    return _decode(read_plain(packed))


def read_plain(packed: bytes) -> bytes:
    """Return the MessagePack arrays of a detail. Raises as `unpack_detail`."""
    number = _format_of(packed)
    reader = _READERS.get(number)
    if reader is None:
        raise SeraiError(
            "detail-format-unknown",
            f"A stored consignment has packed detail of format {number}; this version reads "
            f"{', '.join(map(str, sorted(_READERS)))}.",
            "Run the version of Serai that wrote it, or a newer one.",
        )
    return reader(packed)


def pack_detail(detail: Detail) -> bytes:
    """Return one detail packed, as `pack_details` packs many."""
    return _NUMBER + _SMALL.compress(msgspec.msgpack.encode(detail))


def _format_of(packed: bytes) -> int:
    # The number itself; up to format 2 an array of few fields, then the number.
    if len(packed) < 2:
        return -1
    if packed[0] >> 4 == 9:
        return packed[1] if packed[1] < _FIRST_SMALL else -1
    return packed[0] if packed[0] >= _FIRST_SMALL else -1


# ---- a batch at once ----


class DetailColumns(NamedTuple):
    """What is packed: the pipeline's frames, the sequence number of each charge and finding (0: of the
    consignment), and a context a consignment (pyarrow, binary; of a small batch a list)."""

    items: Frame
    charges: Frame
    charge_sequence: Int64s
    findings: Frame
    finding_sequence: Int64s
    contexts: Any


def pack_details(columns: DetailColumns) -> Any:
    """Return the packed detail of each consignment of a batch, as its contexts came: pyarrow, or a list."""
    if isinstance(columns.contexts, list):
        return _pack_few(columns)
    count = len(columns.contexts)
    plain = join_packed(
        [
            pack_constant(0x95, count),
            pack_constant(FORMAT, count),
            pack_groups(
                count,
                _items(columns.items),
                columns.items.numbers("owner"),
                columns.items.numbers("sequence_number"),
            ),
            pack_groups(
                count,
                _charges(columns.charges, columns.charge_sequence),
                columns.charges.numbers("consignment"),
                columns.charge_sequence,
                columns.charges.numbers("charge_number"),
            ),
            pack_groups(
                count,
                _findings(columns.findings, columns.finding_sequence),
                columns.findings.numbers("consignment"),
                columns.finding_sequence,
                rank_words(columns.findings.words("code")),
            ),
            pack_blobs(columns.contexts),
        ]
    )
    return pa.array([_NUMBER + one for one in _SMALL.compress_all(plain.to_pylist())], pa.binary())


def _items(items: Frame) -> Any:
    return join_packed(
        [
            pack_constant(0x97, items.row_count),
            pack_numbers(items.numbers("sequence_number")),
            pack_words(items.words("commodity_code"), absent=""),
            pack_words(items.words("origin_country_code"), absent=""),
            pack_numbers(items.numbers("customs_value_minor")),
            pack_words(items.words("relief_code"), absent=None),
            pack_numbers(items.numbers("lane_number")),
            pack_bit_sets(items.bit_sets("reason_bits")),
        ]
    )


def _charges(charges: Frame, sequence_numbers: Int64s) -> Any:
    return join_packed(
        [
            pack_constant(0x9C, charges.row_count),
            pack_numbers(sequence_numbers),
            # Few rules, each with its kind, due, tax type and currency: told apart once, worded once.
            pack_equally(
                charges.row_count,
                few_numbers(charges.numbers("charge_number")),
                few_places(charges.words("kind_code"), CHARGE_KINDS, absent=None),
                few_places(charges.words("due_code"), DUES, absent="none"),
                few_flags(charges.flags("is_waived")),
                few_words(charges.words("tax_type_code"), absent=""),
                few_words(charges.words("debtor_code"), absent="none"),
                few_words(charges.words("currency_code"), absent=""),
            ),
            pack_numbers(charges.numbers("base_minor")),
            pack_equally(
                charges.row_count,
                few_numbers(charges.numbers("rate_numerator")),
                few_numbers(charges.numbers("rate_denominator")),
            ),
            pack_numbers(charges.numbers("amount_minor")),
        ]
    )


def _findings(findings: Frame, sequence_numbers: Int64s) -> Any:
    return join_packed(
        [
            pack_constant(0x96, findings.row_count),
            pack_numbers(sequence_numbers),
            pack_words(findings.words("code"), absent=""),
            pack_words(findings.words("pointer"), absent=""),
            pack_words(findings.words("severity"), absent="hold"),
            pack_words(findings.words("word"), absent=""),
            pack_maps(findings.words("parameters")),
        ]
    )


# ---- a small batch, for which each call of Arrow costs more than its rows ----


def _pack_few(columns: DetailColumns) -> list[bytes]:
    count, charges, findings = len(columns.contexts), columns.charges, columns.findings
    items = _group(count, columns.items.numbers("owner"), _item_rows(columns.items), 1)
    charge_rows = _charge_rows(charges, columns.charge_sequence)
    finding_rows = _finding_rows(findings, columns.finding_sequence)
    rows = zip(
        repeat(FORMAT),
        items,
        _group(count, charges.numbers("consignment"), charge_rows, 2),
        _group(count, findings.numbers("consignment"), finding_rows, 2),
        columns.contexts,
        strict=False,
    )
    return [_NUMBER + _SMALL.compress(msgspec.msgpack.encode(row)) for row in rows]


def _group(count: int, owners: Int64s, rows: Iterable[Any], key_length: int) -> list[list[Any]]:
    """Return the rows of each consignment, in the order of their first fields."""
    groups: list[list[Any]] = [[] for _ in range(count)]
    for owner, row in zip(owners.tolist(), rows, strict=True):
        groups[owner].append(row)
    for group in groups:
        group.sort(key=lambda row: row[:key_length])
    return groups


def _item_rows(items: Frame) -> Iterable[Any]:
    reasons = items.bit_sets("reason_bits")
    packed = [pack_bits(one) for one in reasons.sets]
    return zip(
        items.numbers("sequence_number").tolist(),
        _texts(items, "commodity_code", ""),
        _texts(items, "origin_country_code", ""),
        list_numbers(items.numbers("customs_value_minor")),
        _texts(items, "relief_code", None),
        items.numbers("lane_number").tolist(),
        [packed[code] for code in reasons.codes.tolist()],
        strict=True,
    )


def _charge_rows(charges: Frame, sequence_numbers: Int64s) -> Iterable[Any]:
    return zip(
        sequence_numbers.tolist(),
        charges.numbers("charge_number").tolist(),
        [CHARGE_KINDS.index(word) for word in _texts(charges, "kind_code", None)],
        [DUES.index(word) for word in _texts(charges, "due_code", "none")],
        charges.flags("is_waived").tolist(),
        _texts(charges, "tax_type_code", ""),
        _texts(charges, "debtor_code", "none"),
        _texts(charges, "currency_code", ""),
        *(
            list_numbers(charges.numbers(name))
            for name in ("base_minor", "rate_numerator", "rate_denominator", "amount_minor")
        ),
        strict=True,
    )


def _finding_rows(findings: Frame, sequence_numbers: Int64s) -> Iterable[Any]:
    parameters = findings.words("parameters")
    decoded = [*(msgspec.json.decode(word) for word in parameters.words), {}]
    return zip(
        sequence_numbers.tolist(),
        _texts(findings, "code", ""),
        _texts(findings, "pointer", ""),
        _texts(findings, "severity", "hold"),
        _texts(findings, "word", ""),
        [decoded[code] for code in parameters.codes.tolist()],
        strict=True,
    )


def _texts(frame: Frame, name: str, absent: str | None) -> list[Any]:
    coded = frame.words(name)
    words = (*coded.words, absent)
    return [words[code] for code in coded.codes.tolist()]


# ---- many at once, for readers ----


def border_dues(details: Iterable[Detail]) -> list[dict[str, int]]:
    """Return for each consignment what it owes at the border, by currency, minor units."""
    dues = []
    for detail in details:
        owed: dict[str, int] = {}
        for charge in detail.charges:
            if charge.is_border_due:
                owed[charge.currency_code] = owed.get(charge.currency_code, 0) + charge.amount_minor
        dues.append(owed)
    return dues
