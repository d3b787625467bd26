"""CSV: rows into consignments, all faults at their cells, neighbours unharmed, memory bounded."""

import csv
import io
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.formats.csv_columns import columns
from serai.formats.csv_lines import Lines, read_rows, read_table
from serai.formats.csv_rows import CsvConsignment, read_csv

EXAMPLE = Path(__file__).parents[2] / "examples" / "messages" / "declarations.csv"
HEADER = (
    "reference,logistics_channel_code,consignor.name,consignor.country_code,consignee.name,consignee.country_code,"
    "commodity_code,description,quantity,invoice_amount,invoice_currency_code,origin_country_code,gross_mass_kg,"
    "is_platform_sale,order_references\n"
)
SHIRT = 'R1,post,A,CN,B,DE,61091000,"shirt, cotton",2,12.50,EUR,CN,0.25,true,O1 O2\n'
CASE = ",,,,,,39269097,phone case,1,3,EUR,CN,0.1,,\n"
VASE = "R2,post,A,CN,B,DE,70139900,vase,1,3,EUR,CN,0.1,,\n"


def read(text: str | bytes) -> list[CsvConsignment]:
    return list(read_csv([text if isinstance(text, bytes) else text.encode()]))


def places_of(consignment: CsvConsignment) -> list[tuple[str, str]]:
    return [(fault.code, fault.pointer) for fault in consignment.findings]


def test_example_is_read() -> None:
    consignments = read(EXAMPLE.read_bytes())

    assert [c.findings for c in consignments] == [[]] * 4
    assert [len(c.document.goods_items) for c in consignments if c.document] == [2, 3, 5, 1]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_rows_of_one_reference_are_one_consignment(delimiter: str, mark: bytes, size: int) -> None:
    rows = csv.reader(io.StringIO(HEADER + SHIRT + CASE + VASE))
    target = io.StringIO()
    csv.writer(target, delimiter=delimiter).writerows(rows)
    content = mark + target.getvalue().encode()

    consignments = list(read_csv(content[at : at + size] for at in range(0, len(content), size)))

    assert [(c.first_row, c.last_row, c.findings) for c in consignments] == [(2, 3, []), (4, 4, [])]
    document = consignments[0].document
    assert document is not None
    assert [item.description for item in document.goods_items] == ["shirt, cotton", "phone case"]
    assert [item.sequence_number for item in document.goods_items] == [1, 2]
    assert document.order_references == ["O1", "O2"]
    assert document.is_platform_sale


@pytest.mark.parametrize("text", ["=1+1", "+49 30", "-x", "@SUM(A1)", "=cmd|' /C calc'!A0"])
def test_formula_is_plain_data(text: str) -> None:
    consignment = read(HEADER + VASE.replace("vase", text))[0]

    assert consignment.document is not None
    assert consignment.document.goods_items[0].description == text


def test_all_faults_stand_at_their_cells_and_neighbours_are_read() -> None:
    bad = "R5,post,A,CN,B,DE,,vase,1,3,EUR,CN,0.1,maybe,\n,express,,,,,1,x,1,3,EUR,CN,,,\n"

    first, faulty, last = read(HEADER + SHIRT + bad + VASE)

    assert first.findings == last.findings == []
    assert sorted(places_of(faulty)) == [
        ("contradicts-first-row", "row 4, column logistics_channel_code"),
        ("missing-field", "row 3, column commodity_code"),
        ("missing-field", "row 4, column gross_mass_kg"),
        ("wrong-type", "row 3, column is_platform_sale"),
    ]


def test_wrong_encoding_is_told_with_its_row() -> None:
    consignments = read((HEADER + SHIRT + VASE.replace("vase", "Gefäß") + SHIRT).encode("cp1252"))

    assert [places_of(c) for c in consignments] == [[], [("not-utf-8", "row 3")], []]


def test_header_faults_come_together_and_alone() -> None:
    header = HEADER.replace("logistics_channel_code", "chanel_code").replace("quantity", "description")

    (consignment,) = read(header + SHIRT)

    assert places_of(consignment) == [
        ("unknown-field", "row 1, column chanel_code"),
        ("repeated-field", "row 1, column description"),
        ("missing-field", "row 1, column logistics_channel_code"),
        ("missing-field", "row 1, column quantity"),
    ]


def test_quote_that_never_closes_spoils_its_own_row_only() -> None:
    consignments = read(HEADER + SHIRT + 'R9,"unclosed,\n' + VASE + SHIRT)

    assert [places_of(c) for c in consignments] == [[], [("malformed-csv", "row 3")], [], []]


def test_endless_row_spoils_itself_only() -> None:
    consignments = read(HEADER + SHIRT + "R9," + "x" * 2_000_000 + "\n" + VASE)

    assert [places_of(c) for c in consignments] == [[], [("message-too-large", "row 3")], []]


@pytest.mark.parametrize("content", [b"", b"\n", b'"', b"a\rb", b"\x00", "reference".encode("utf-16")])
def test_what_is_no_file_is_one_finding_at_least(content: bytes) -> None:
    (consignment,) = read(content)

    assert consignment.document is None
    assert consignment.findings


def test_more_rows_than_a_consignment_may_have_is_a_fault_not_a_cut() -> None:
    (consignment,) = read(HEADER + SHIRT + CASE * 999)

    assert places_of(consignment) == [("too-many", "row 1001")]
    assert consignment.last_row == 1001


def test_memory_does_not_grow_with_the_file() -> None:
    def chunks(count: int) -> Iterator[bytes]:
        yield HEADER.encode()
        for number in range(count):
            yield SHIRT.replace("R1", f"R{number}").encode()

    def peak_bytes(count: int) -> int:
        tracemalloc.start()
        assert sum(1 for _ in read_csv(chunks(count))) == count
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    peak_bytes(10)
    assert peak_bytes(1500) < 2 * peak_bytes(150)


def test_the_example_is_a_template_it_has_known_columns_and_all_that_are_required() -> None:
    names = EXAMPLE.read_text("utf-8").splitlines()[0].split(",")

    assert set(names) <= set(columns())
    assert {name for name, column in columns().items() if column.is_required} <= set(names)


@given(st.binary(max_size=400))
@settings(max_examples=100)
def test_random_bytes_never_raise(content: bytes) -> None:
    assert all(c.document is None for c in read(content))


@given(st.lists(st.sampled_from([b'"', b",", b"\n", b"R1", b"\r", b"\xff", b"x"]), max_size=60))
@settings(max_examples=100)
def test_random_cells_below_a_good_header_never_raise(parts: list[bytes]) -> None:
    content = HEADER.encode() + b"".join(parts)

    assert list(read_csv([content])) == list(
        read_csv(content[at : at + 3] for at in range(0, len(content), 3))
    )


def test_a_line_that_comes_a_byte_at_a_time_is_read_as_one() -> None:
    content = b'reference,quantity\r\nA,"1\n2"\r\nB,2'

    rows = read_table(content[place : place + 1] for place in range(len(content)))

    assert rows == read_table([content])
    assert [cells for _, cells in rows.rows] == [["A", "1\n2"], ["B", "2"]]


def test_quotes_that_never_close_are_not_read_again_without_end() -> None:
    taken = 0

    class Counted(Lines):
        def __next__(self) -> str:
            nonlocal taken
            taken += 1
            return super().__next__()

    lines = Counted([b'x","\n' * 60_000])
    rows = list(read_rows(lines, ","))

    assert len(rows) == 60_000
    assert taken < 60_000 * 10
