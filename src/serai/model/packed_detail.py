"""What was decided upon a consignment, packed into one value of its row: goods items by code, charges,
findings, and the context it was decided in. No names and no free text.

MessagePack arrays without names, `[format, goods items, charges, findings, context]`, so that whoever has a
MessagePack reader can open one; the fields stand in the order of the structs below. A batch is packed column
by column (`pack_details`), with the same bytes as `msgspec.msgpack.encode` gives for one (a test compares).
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from serai.model.columns import BitSets, Coded, Flags, Frame, Int64s
from serai.model.errors import SeraiError
from serai.model.frames import ABSENT

FORMAT = 1
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
    liable_code: str
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
    """A finding beyond the reasons. sequence_number 0: of the consignment. parameters: the datum or rule it
    names, or what is known of the gap."""

    sequence_number: int
    code: str
    pointer: str
    severity: str
    parameters: str


class Detail(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One consignment's detail. Goods items by sequence number, charges then by charge number, findings then
    by code. context: what the store knew when it was decided, as it was read (JSON)."""

    format: int
    items: tuple[PackedItem, ...]
    charges: tuple[PackedCharge, ...]
    findings: tuple[PackedFinding, ...]
    context: bytes


_READERS: dict[int, Callable[[bytes], Detail]] = {FORMAT: msgspec.msgpack.Decoder(Detail).decode}
"""By format number: each gives today's shape."""


def unpack_detail(packed: bytes) -> Detail:
    """Return a detail. Raises SeraiError `detail-format-unknown` where this version does not know it."""
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
    return msgspec.msgpack.encode(detail)


def _format_of(packed: bytes) -> int:
    # An array of few fields, then a small number.
    return packed[1] if len(packed) > 1 and packed[0] >> 4 == 9 and packed[1] < 0x80 else -1


# ---- reasons: sets of any size ----


def pack_bits(bits: int) -> bytes:
    """Return a set of bits as bytes, the lowest first, without zeros at the end."""
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def read_bits(packed: bytes) -> int:
    """Return the set of bits that `pack_bits` packed."""
    return int.from_bytes(packed, "little")


# ---- a batch at once ----


class DetailColumns(NamedTuple):
    """What is packed: the pipeline's frames, the sequence number of each charge and finding (0: of the
    consignment), and a context a consignment (bytes, JSON)."""

    items: Frame
    charges: Frame
    charge_sequence: Int64s
    findings: Frame
    finding_sequence: Int64s
    contexts: Sequence[bytes]


def pack_details(columns: DetailColumns) -> Any:
    """Return the packed detail of each consignment of a batch (pyarrow, binary)."""
    count = len(columns.contexts)
    head = pa.repeat(pa.scalar(bytes([0x95, FORMAT]), pa.binary()), count)
    return _join(
        [
            head,
            _grouped(
                count,
                _items(columns.items),
                columns.items.numbers("owner"),
                columns.items.numbers("sequence_number"),
            ),
            _grouped(
                count,
                _charges(columns.charges, columns.charge_sequence),
                columns.charges.numbers("consignment"),
                columns.charge_sequence,
                columns.charges.numbers("charge_number"),
            ),
            _grouped(
                count,
                _findings(columns.findings, columns.finding_sequence),
                columns.findings.numbers("consignment"),
                columns.finding_sequence,
                _ranks(columns.findings.words("code")),
            ),
            _contexts(columns.contexts),
        ]
    )


def _items(items: Frame) -> Any:
    return _join(
        [
            _constant(0x97, items.row_count),
            _numbers(items.numbers("sequence_number")),
            _words(items.words("commodity_code"), absent=""),
            _words(items.words("origin_country_code"), absent=""),
            _numbers(items.numbers("customs_value_minor")),
            _words(items.words("relief_code"), absent=None),
            _numbers(items.numbers("lane_number")),
            _bit_sets(items.bit_sets("reason_bits")),
        ]
    )


def _charges(charges: Frame, sequence_numbers: Int64s) -> Any:
    return _join(
        [
            _constant(0x9C, charges.row_count),
            _numbers(sequence_numbers),
            # Few rules, each with its kind, due, tax type and currency: told apart once, worded once.
            _alike(
                charges.row_count,
                _numbered(charges.numbers("charge_number")),
                _placed(charges.words("kind_code"), CHARGE_KINDS, absent=None),
                _placed(charges.words("due_code"), DUES, absent="none"),
                _flagged(charges.flags("is_waived")),
                _worded(charges.words("tax_type_code"), absent=""),
                _worded(charges.words("liable_code"), absent="none"),
                _worded(charges.words("currency_code"), absent=""),
            ),
            _numbers(charges.numbers("base_minor")),
            _alike(
                charges.row_count,
                _numbered(charges.numbers("rate_numerator")),
                _numbered(charges.numbers("rate_denominator")),
            ),
            _numbers(charges.numbers("amount_minor")),
        ]
    )


def _findings(findings: Frame, sequence_numbers: Int64s) -> Any:
    return _join(
        [
            _constant(0x95, findings.row_count),
            _numbers(sequence_numbers),
            _words(findings.words("code"), absent=""),
            _words(findings.words("pointer"), absent=""),
            _words(findings.words("severity"), absent="hold"),
            _words(findings.words("word"), absent=""),
        ]
    )


_Distinct = tuple[Sequence[bytes], Int64s]
"""Few distinct values, packed, and for each row the place of its own."""


def _alike(count: int, *parts: _Distinct) -> Any:
    """Return columns of few distinct values, joined: each combination that occurs is put together once."""
    joined, size = np.zeros(count, dtype=np.int64), 1
    for values, places in parts:
        joined = joined * len(values) + places
        size *= max(1, len(values))
    assert size < 2**62, "few distinct values each"
    combinations, rows = np.unique(joined, return_inverse=True)
    packed = []
    for combination in combinations.tolist():
        rest, pieces = combination, []
        for values, _ in reversed(parts):
            rest, place = divmod(rest, len(values))
            pieces.append(values[place])
        packed.append(b"".join(reversed(pieces)))
    return pa.array(packed, pa.binary()).take(pa.array(rows))


def _numbered(values: Int64s) -> _Distinct:
    distinct, places = np.unique(values, return_inverse=True)
    return [_encode(one) for one in distinct.tolist()], places


def _flagged(values: Flags) -> _Distinct:
    return [_encode(False), _encode(True)], values.astype(np.int64)


def _worded(coded: Coded, *, absent: str | None) -> _Distinct:
    places = np.where(coded.codes < 0, len(coded.words), coded.codes).astype(np.int64)
    return [_encode(word) for word in (*coded.words, absent)], places


def _placed(coded: Coded, words: Sequence[str], *, absent: str | None) -> _Distinct:
    values = [_encode(words.index(word)) for word in coded.words]
    if absent is not None:
        values.append(_encode(words.index(absent)))
    return values or [b""], np.where(coded.codes < 0, len(coded.words), coded.codes).astype(np.int64)


def _words(coded: Coded, *, absent: str | None) -> Any:
    values, places = _worded(coded, absent=absent)
    return pa.array(values, pa.binary()).take(pa.array(places))


def _bit_sets(bits: BitSets) -> Any:
    values = [_encode(pack_bits(one)) for one in bits.sets]
    return pa.array(values, pa.binary()).take(pa.array(bits.codes))


def _ranks(coded: Coded) -> Int64s:
    """Return the place of each row's word among the words in their order."""
    ranks = np.zeros(len(coded.words) + 1, dtype=np.int64)
    ranks[np.array(sorted(range(len(coded.words)), key=coded.words.__getitem__), dtype=np.int64)] = range(
        len(coded.words)
    )
    return ranks[coded.codes]


def _constant(byte: int, count: int) -> Any:
    return pa.repeat(pa.scalar(bytes([byte]), pa.binary()), count)


_encode = msgspec.msgpack.Encoder().encode
_LIMITS = ((0x7F, 0, 0), (0xFF, 0xCC, 1), (0xFFFF, 0xCD, 2), (0xFFFF_FFFF, 0xCE, 4), (2**63 - 1, 0xCF, 8))
"""Numbers from 0: up to which, tag, bytes behind it."""
_BELOW = ((-0x20, 0, 0), (-0x80, 0xD0, 1), (-0x8000, 0xD1, 2), (-0x8000_0000, 0xD2, 4), (-(2**63), 0xD3, 8))
"""Numbers below 0: down to which, tag, bytes behind it."""


def _numbers(values: Int64s) -> Any:
    """Return integers in their shortest form; ABSENT is nil."""
    count = len(values)
    cells = np.zeros((count, 9), dtype=np.uint8)
    cells[:, 1:] = values.astype(">i8").view(np.uint8).reshape(count, 8)
    widths = np.zeros(count, dtype=np.int64)
    is_open = np.ones(count, dtype=np.bool_)
    for (up, tag, width), (down, low_tag, _) in zip(_LIMITS, _BELOW, strict=True):
        for found, its_tag in (
            (is_open & (values >= 0) & (values <= up), tag),
            (is_open & (values < 0) & (values >= down), low_tag),
        ):
            widths[found] = width
            # The tag stands right before the bytes that count; a small number is its own tag.
            cells[found, 8 - width] = its_tag if its_tag else cells[found, 8]
            is_open &= ~found
    is_absent = values == ABSENT
    cells[is_absent, 8], widths[is_absent] = 0xC0, 0
    return _from_cells(cells, widths + 1)


def _from_cells(cells: Any, lengths: Int64s) -> Any:
    """Return binary values of the last `length` bytes of each row."""
    content = cells[np.arange(cells.shape[1]) >= cells.shape[1] - lengths[:, None]]
    return _from_lengths(content, lengths)


def _from_lengths(content: Any, lengths: Int64s) -> Any:
    offsets = np.zeros(len(lengths) + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(content))]
    return pa.Array.from_buffers(pa.binary(), len(lengths), buffers)


def _contexts(contexts: Sequence[bytes]) -> Any:
    values = pa.array(contexts, pa.binary())
    return _join([_prefixes(pc.binary_length(values).to_numpy(), _blob_head), values])


def _grouped(count: int, rows: Any, owners: Int64s, *order: Int64s) -> Any:
    """Return for each consignment the array of its rows, in order."""
    sorted_places = np.lexsort((*reversed(order), owners))
    if (np.diff(sorted_places) != 1).any():
        rows = rows.take(pa.array(sorted_places))
    counts = np.bincount(owners, minlength=count).astype(np.int64)
    offsets = np.zeros(count + 1, dtype=np.int32)
    np.cumsum(counts, out=offsets[1:])
    lists = pa.ListArray.from_arrays(pa.array(offsets), rows)
    return _join([_prefixes(counts, _array_head), pc.binary_join(lists, b"")])


def _prefixes(lengths: Int64s, head: Callable[[int], bytes]) -> Any:
    distinct, places = np.unique(lengths, return_inverse=True)
    return pa.array([head(one) for one in distinct.tolist()], pa.binary()).take(pa.array(places))


def _array_head(count: int) -> bytes:
    if count < 16:
        return bytes([0x90 | count])
    return b"\xdc" + count.to_bytes(2, "big") if count < 2**16 else b"\xdd" + count.to_bytes(4, "big")


def _blob_head(length: int) -> bytes:
    for tag, width in ((b"\xc4", 1), (b"\xc5", 2)):
        if length < 2 ** (8 * width):
            return tag + length.to_bytes(width, "big")
    return b"\xc6" + length.to_bytes(4, "big")


def _join(columns: Sequence[Any]) -> Any:
    return pc.binary_join_element_wise(*columns, b"")


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
