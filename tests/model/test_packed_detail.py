"""The detail of a stored consignment: golden bytes, a batch packed as one is, formats that are not known."""

from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.model import packed_detail
from serai.model.columns import BitSets, Frame, encode_words
from serai.model.errors import SeraiError
from serai.model.frames import ABSENT
from serai.model.packed_columns import pack_bits, read_bits
from serai.model.packed_detail import (
    CHARGE_KINDS,
    DUES,
    Detail,
    DetailColumns,
    PackedCharge,
    PackedFinding,
    PackedItem,
    border_dues,
    pack_detail,
    pack_details,
    read_plain,
    unpack_detail,
)

CHARGE = PackedCharge(1, 3, 0, 0, False, "A00", "importer", "EUR", 25_000, 12, 100, 3_000)
OLD = Detail(
    1,
    (PackedItem(1, "61091000", "CN", 25_000, "C07", 0, pack_bits(1 << 61 | 1)),),
    (CHARGE, PackedCharge(0, 0, 3, 1, True, "F", "none", "EUR", 0, 0, 0, -2)),
    (PackedFinding(0, "data-needed", "/goods_items/*", "hold", "net_mass_kg"),),
    b'{"flags":3}',
)
SECOND = msgspec.structs.replace(
    OLD, format=2, findings=(*OLD.findings, PackedFinding(1, "gtin-check", "", "advice", "7", {"value": "7"}))
)
DETAIL = msgspec.structs.replace(SECOND, format=3)
GOLDEN_1 = bytes.fromhex(
    "9501919701a83631303931303030a2434ecd61a8a343303700c4080100000000000020929c01030000c2a3413030a8"
    "696d706f72746572a3455552cd61a80c64cd0bb89c00000301c3a146a46e6f6e65a3455552000000fe919500ab6461"
    "74612d6e6565646564ae2f676f6f64735f6974656d732f2aa4686f6c64ab6e65745f6d6173735f6b67c40b7b22666c"
    "616773223a337d"
)
GOLDEN_2 = bytes.fromhex(
    "9502919701a83631303931303030a2434ecd61a8a343303700c4080100000000000020929c01030000c2a3413030a8"
    "696d706f72746572a3455552cd61a80c64cd0bb89c00000301c3a146a46e6f6e65a3455552000000fe929600ab6461"
    "74612d6e6565646564ae2f676f6f64735f6974656d732f2aa4686f6c64ab6e65745f6d6173735f6b67809601aa6774"
    "696e2d636865636ba0a6616476696365a13781a576616c7565a137c40b7b22666c616773223a337d"
)
GOLDEN_3 = bytes.fromhex(
    "0320b535040033c6170df4900080c41212af005820874674e6e5220ab3a47980e88c134bd59b5555a4384c62adc94c"
    "2516162b48a450cb4af22db211f2c6eab57adf6211615268c506657a61d1e44c0a79a3281c42eead7ace845e2c9a6d"
    "6828912e09cd99f0cf020bfc5bccb193ab3cba00ad5832ef412e0aaf0cefc340fc3afc1a715b13e3dfc7140dd402"
)
"""Formats as they lie in databases: they are read for ever."""

amounts = st.one_of(
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.sampled_from([0, 127, 128, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32, -1, -32, -33, -128, -129]),
    st.sampled_from([-(2**15), -(2**15) - 1, -(2**31), -(2**31) - 1]),
)
small = st.integers(0, 300)
words = st.sampled_from(["", "A00", "importer", "EUR", "ünï", "x" * 31, "y" * 32, "z" * 300])
items = st.builds(
    PackedItem, small, words, words, st.none() | amounts, st.none() | words, small,
    st.integers(0, 2**200).map(pack_bits),
)  # fmt: skip
charges = st.builds(
    PackedCharge, small, small, st.integers(0, len(CHARGE_KINDS) - 1), st.integers(0, len(DUES) - 1),
    st.booleans(), words, words, words, amounts, amounts, amounts, amounts,
)  # fmt: skip
findings = st.builds(
    PackedFinding, small, words, words, words, words, st.dictionaries(words, words, max_size=3)
)
details = st.builds(
    Detail,
    st.just(packed_detail.FORMAT),
    st.lists(items, max_size=20).map(lambda some: tuple(sorted(some, key=lambda one: one.sequence_number))),
    st.lists(charges, max_size=20).map(
        lambda some: tuple(sorted(some, key=lambda one: (one.sequence_number, one.charge_number)))
    ),
    st.lists(findings, max_size=5).map(
        lambda some: tuple(sorted(some, key=lambda one: (one.sequence_number, one.code)))
    ),
    st.binary(max_size=400),
)


def test_the_stored_bytes_of_each_format_are_read_and_those_of_the_newest_written() -> None:
    assert unpack_detail(GOLDEN_1) == OLD
    assert unpack_detail(GOLDEN_2) == SECOND
    assert unpack_detail(GOLDEN_3) == DETAIL
    # Another version of zstd may make other bytes of the same.
    assert read_plain(pack_detail(DETAIL)) == GOLDEN_2[:1] + b"\x03" + GOLDEN_2[2:]
    assert pack_detail(DETAIL)[:1] == GOLDEN_3[:1]
    assert DETAIL.format == packed_detail.FORMAT
    assert DETAIL.items[0].reason_bits == 1 << 61 | 1


@pytest.mark.in_turn
@given(st.lists(details, max_size=6))
def test_a_batch_is_packed_as_each_alone(batch: list[Detail]) -> None:
    columns = _columns(batch)

    packed = pack_details(columns).to_pylist()

    assert packed == [pack_detail(one) for one in batch]
    assert [unpack_detail(one) for one in packed] == batch
    assert pack_details(_small(columns)) == packed


@pytest.mark.parametrize("is_small", [False, True])
def test_rows_in_any_order_are_packed_in_theirs(*, is_small: bool) -> None:
    columns = _columns([DETAIL, DETAIL])
    columns = _small(columns) if is_small else columns
    turned = np.arange(columns.charges.row_count)[::-1]
    charges = Frame(columns.charges.row_count, {
        name: column.take(turned)
        for name, column in columns.charges.columns.items()
    })  # fmt: skip

    packed = pack_details(columns._replace(charges=charges, charge_sequence=columns.charge_sequence[turned]))

    listed = packed if is_small else packed.to_pylist()
    assert [[one.sequence_number for one in unpack_detail(row).charges] for row in listed] == [[0, 1]] * 2


@pytest.mark.parametrize("number", [4, 77, 127])
def test_a_format_that_is_not_known_is_refused_with_its_number(number: int) -> None:
    with pytest.raises(SeraiError, match=rf"detail-format-unknown.* format {number};"):
        unpack_detail(bytes([number]) + GOLDEN_3[1:])


def test_even_a_single_detail_is_made_much_smaller() -> None:
    item = PackedItem(1, "610910", "CN", 25_000, "none", 0, pack_bits(1))
    taxed = (CHARGE, msgspec.structs.replace(CHARGE, charge_number=4, tax_type_code="B00"))
    packed = pack_detail(msgspec.structs.replace(DETAIL, items=(item,), charges=taxed, findings=()))

    assert 3 * len(packed) < 2 * len(read_plain(packed))


@pytest.mark.parametrize(
    "packed", [b"", b"\x95", b"{}", b"\x95\xcd\x01\x00", b"\x95\x00", b"\x95\x03", b"\x02\x00"]
)
def test_what_is_no_detail_is_refused(packed: bytes) -> None:
    with pytest.raises(SeraiError, match="detail-format-unknown"):
        unpack_detail(packed)


def test_what_is_owed_at_the_border_leaves_out_what_is_waived_claimed_or_due_elsewhere() -> None:
    def charge(**changes: Any) -> PackedCharge:
        return msgspec.structs.replace(CHARGE, **changes)

    detail = msgspec.structs.replace(
        DETAIL,
        charges=(
            CHARGE,
            charge(amount_minor=5),
            charge(is_waived=True),
            charge(kind=CHARGE_KINDS.index("claim")),
            charge(due=DUES.index("sale")),
            charge(currency_code="SEK", amount_minor=7),
        ),
    )

    assert border_dues([detail, msgspec.structs.replace(detail, charges=())]) == [
        {"EUR": 3_005, "SEK": 7},
        {},
    ]


@pytest.mark.parametrize("count", [0, 1, 8, 63, 64, 1_000])
def test_a_set_of_reasons_has_any_size(count: int) -> None:
    bits = (1 << count) - 1
    assert read_bits(pack_bits(bits)) == bits
    item = msgspec.structs.replace(DETAIL.items[0], reasons=pack_bits(bits))
    (read,) = unpack_detail(pack_detail(msgspec.structs.replace(DETAIL, items=(item,)))).items
    assert read.reason_bits == bits


def _small(columns: DetailColumns) -> DetailColumns:
    return columns._replace(contexts=columns.contexts.to_pylist())


def _columns(batch: list[Detail]) -> DetailColumns:
    def rows(name: str) -> list[tuple[int, Any]]:
        return [(place, row) for place, one in enumerate(batch) for row in getattr(one, name)]

    def numbers(rows: list[tuple[int, Any]], name: str) -> Any:
        values = [getattr(row, name) for _, row in rows]
        return np.array([ABSENT if value is None else value for value in values], dtype=np.int64)

    def coded(rows: list[tuple[int, Any]], name: str, places: tuple[str, ...] = ()) -> Any:
        values = [getattr(row, name) for _, row in rows]
        return encode_words([places[value] for value in values] if places else values)

    def owners(rows: list[tuple[int, Any]]) -> Any:
        return np.array([place for place, _ in rows], dtype=np.int64)

    goods, charged, found = rows("items"), rows("charges"), rows("findings")
    return DetailColumns(
        Frame(
            len(goods),
            {
                "owner": owners(goods),
                "sequence_number": numbers(goods, "sequence_number"),
                "commodity_code": coded(goods, "commodity_code"),
                "origin_country_code": coded(goods, "origin_country_code"),
                "customs_value_minor": numbers(goods, "customs_value_minor"),
                "relief_code": coded(goods, "relief_code"),
                "lane_number": numbers(goods, "lane"),
                "reason_bits": BitSets(tuple(row.reason_bits for _, row in goods), np.arange(len(goods))),
            },
        ),
        Frame(
            len(charged),
            {
                "consignment": owners(charged),
                "charge_number": numbers(charged, "charge_number"),
                "kind_code": coded(charged, "kind", CHARGE_KINDS),
                "due_code": coded(charged, "due", DUES),
                "is_waived": numbers(charged, "is_waived").astype(np.bool_),
                "tax_type_code": coded(charged, "tax_type_code"),
                "debtor_code": coded(charged, "debtor_code"),
                "currency_code": coded(charged, "currency_code"),
                "base_minor": numbers(charged, "base_minor"),
                "rate_numerator": numbers(charged, "rate_numerator"),
                "rate_denominator": numbers(charged, "rate_denominator"),
                "amount_minor": numbers(charged, "amount_minor"),
            },
        ),
        numbers(charged, "sequence_number"),
        Frame(
            len(found),
            {
                "consignment": owners(found),
                "code": coded(found, "code"),
                "pointer": coded(found, "pointer"),
                "severity": coded(found, "severity"),
                "word": coded(found, "word"),
                "parameters": encode_words(
                    [msgspec.json.encode(row.parameters).decode() for _, row in found]
                ),
            },
        ),
        numbers(found, "sequence_number"),
        pa.array([one.context for one in batch], pa.binary()),
    )
