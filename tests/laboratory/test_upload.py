"""Uploaded files: every fault in its place, sure corrections only, nothing that a spreadsheet computes."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.formats.csv_rows import REMARK_COLUMNS, read_csv
from serai.foundation.shipped import find_shipped, read_law_files
from serai.journey.finding_messages import sentence_of
from serai.law.library import load_book
from serai.law.vague_words import VAGUE_WORDS, read_vague_words
from serai.model.findings import Finding
from serai.portal.upload.given_back import write_corrected, write_faulty
from serai.portal.upload.rewriting import harmless
from serai.portal.upload.sheet import CheckedBy, Sheet, masked, read_sheet

LAWS = read_law_files(find_shipped("laws"))
BY = CheckedBy(load_book(LAWS), read_vague_words(LAWS[VAGUE_WORDS]), 1_790_000_000_000)
HEADER = (
    "reference,logistics_channel_code,sale_nature_code,consignor.name,consignor.country_code,consignor.street,"
    "consignor.city,consignee.name,consignee.country_code,consignee.street,consignee.city,consignee.postcode,"
    "commodity_code,description,quantity,invoice_amount,invoice_currency_code,origin_country_code,gross_mass_kg"
)


def row(reference: str, **changes: str) -> str:
    cells = dict(
        zip(
            HEADER.split(","),
            [
                reference, "post", "B2C", "Invented Sender", "CN", "Road 1", "Shenzhen",
                "Zelda Quux", "IE", "Lane 3", "Dublin", "D02 AF30",
                "61091000", "T-shirt", "1", "25.00", "EUR", "CN", "0.150",
            ],
            strict=True,
        )
    )  # fmt: skip
    cells |= {name.replace("__", "."): text for name, text in changes.items()}
    out = io.StringIO()
    csv.writer(out).writerow(cells.values())
    return out.getvalue().rstrip("\r\n")


def sheet_of(*rows: str) -> bytes:
    return "\n".join([HEADER, *rows]).encode()


def read(content: bytes) -> Sheet:
    return read_sheet(content, BY)


def faults_of(sheet: Sheet) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.value) for one in sheet.faults if one.finding.severity == "fault"]


def render(finding: Finding) -> str:
    said = sentence_of(finding)
    return f"{said.sentence} {said.remedy}"


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_faults_stand_at_row_and_column_with_what_stands_there() -> None:
    sheet = read(sheet_of(row("A-1"), row("A-2", quantity="two", invoice_amount="x")))

    assert set(faults_of(sheet)) == {(3, "quantity", "two"), (3, "invoice_amount", "x")}
    assert [part.is_faulty for part in sheet.parts] == [False, True]
    assert [one.reference for one in sheet.sound] == ["A-1"]


def test_what_may_be_a_persons_is_masked_and_what_is_not_is_shown() -> None:
    assert masked("consignee.name", "Zelda Quux") == "Z••• (10 signs)"
    assert masked("consignee.country_code", "Ireland") == "Ireland"
    assert masked("additional_fiscal_references.fr5", "IM3720000224") == "I••• (12 signs)"
    assert masked("quantity", "two") == "two"


@pytest.mark.parametrize(
    ("column", "value", "wanted"),
    [
        ("invoice_amount", "25,00", "25.00"),
        ("invoice_amount", "1,234.50", "1234.50"),
        ("invoice_amount", "1.234,50", "1234.50"),
        ("invoice_amount", "1 234.50", "1234.50"),
        ("invoice_amount", "1,234", ""),
        ("invoice_amount", "twenty", ""),
        ("invoice_amount", "EUR 25", ""),
        ("commodity_code", "6109.10.00", "61091000"),
        ("commodity_code", "9012100x", ""),
        ("origin_country_code", "cn", "CN"),
        ("origin_country_code", "China", ""),
        ("invoice_currency_code", "eur", "EUR"),
    ],
)
def test_only_what_is_sure_is_corrected(column: str, value: str, wanted: str) -> None:
    sheet = read(sheet_of(row("A-1", **{column: value})))

    assert sheet.corrected == ({(2, column): wanted} if wanted else {})


def test_a_corrected_file_says_what_was_changed_and_what_is_left_and_comes_back_sound() -> None:
    sheet = read(
        sheet_of(
            row("A-1"), row("A-2", invoice_amount="25,00"), row("A-3", quantity="two", invoice_amount="9,99")
        )
    )

    content = write_corrected(sheet, render)

    sound, mended, left = table(content)
    assert (sound["serai_faults"], sound["serai_corrected"]) == ("", "")
    assert (mended["serai_faults"], mended["serai_corrected"]) == ("", "invoice_amount: 25.00")
    assert mended["invoice_amount"] == "25.00"
    assert left["serai_faults"].startswith("quantity: ")
    assert left["invoice_amount"] == "9.99"
    again = read(content)
    assert [one.reference for one in again.sound] == ["A-1", "A-2"]
    assert [(row_, column) for row_, column, _ in faults_of(again)] == [(4, "quantity")]
    # A second time changes nothing but what is said.
    assert [r["invoice_amount"] for r in table(write_corrected(again, render))] == ["25.00", "25.00", "9.99"]


def test_faulty_consignments_come_alone_with_all_their_rows() -> None:
    two = row("A-2", quantity="two") + "\n" + row("A-2", commodity_code="42022290")
    sheet = read(sheet_of(row("A-1"), two, row("A-3")))

    found = table(write_faulty(sheet, render))

    assert [one["reference"] for one in found] == ["A-2", "A-2"]
    assert found[0]["serai_faults"]
    assert "quantity: " not in found[1]["serai_faults"]


def test_ndjson_gives_its_faulty_lines_back_as_they_were() -> None:
    content = b'{"reference": "A-1"}\n\n  {"reference": "A-2", "goods_items": []}  \n'

    sheet = read(content)

    assert sheet.form == "ndjson"
    assert {one.row for one in sheet.faults} == {1, 3}
    assert write_faulty(sheet, render).splitlines() == [line for line in content.split(b"\n") if line.strip()]


def test_nothing_that_goes_out_is_computed_by_a_spreadsheet() -> None:
    formula = '=HYPERLINK("http://x.example","open")'
    content = write_corrected(
        read(sheet_of(row("A-1", description=formula), row("+1", quantity="@SUM(1)"))), render
    )

    for cells in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
        for cell in cells:
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")), cell
    again = read(content)
    assert again.sound[0].goods_items[0].description == formula
    assert [part.document is not None and part.is_faulty for part in again.parts] == [False, True]


def test_an_apostrophe_of_the_senders_own_file_stays() -> None:
    (one,) = read_csv([sheet_of(row("A-1", description="'=1+1"))])

    assert one.document is not None
    assert one.document.goods_items[0].description == "'=1+1"


def test_remark_columns_alone_are_not_read() -> None:
    content = sheet_of(row("A-1")).replace(
        b"gross_mass_kg\n", b"gross_mass_kg,serai_faults,serai_corrected\n"
    )
    content += b",whatever,else"

    (one,) = read_csv([content])

    assert one.document is not None
    assert REMARK_COLUMNS == ("serai_faults", "serai_corrected")


@settings(max_examples=150)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_and_given_back(content: bytes) -> None:
    for bytes_ in (content, HEADER.encode() + b"\n" + content):
        sheet = read(bytes_)
        if sheet.table is not None:
            write_corrected(sheet, render)
        write_faulty(sheet, render)


@given(st.text(max_size=30))
def test_no_cell_is_harmful(text: str) -> None:
    assert harmless(text)[:1] not in ("=", "+", "-", "@", "\t", "\r") or not text
