"""Lists and tariff lines moved to another edition: what is certain is moved, what is not needs a person."""

import csv
import datetime as dt
from typing import Any

import msgspec
import pytest

from serai.law.correlation import Correlation, Move, move_lines, move_list
from serai.law.nomenclature import (
    CorrelationRow,
    Edition,
    HsCode,
    Nomenclature,
    find_correlation_faults,
    find_nomenclature_faults,
    read_editions,
    read_nomenclature,
)
from serai.law.tariff_line import TariffLine
from tests.beside import SHARED, needs
from tests.law.packs import shipped_files

HS = SHARED / "reference" / "hs" / "harmonized-system.csv"
OLD = Nomenclature(
    HsCode(code=code)
    for code in (
        "61",
        "6101",
        "610110",
        "610120",
        "6102",
        "610210",
        "610220",
        "62",
        "6201",
        "620110",
        "6202",
        "620210",
    )
)
EDITION = Edition(
    edition="2028",
    valid_from=dt.date(2028, 1, 1),
    valid_to=None,
    headings_count=4,
    subheadings_count=6,
    is_whole=False,
    is_correlation_whole=True,
    confidence="sourced",
    source="invented",
)


def row(from_code: str, to_code: str, extent: Any = "whole", confidence: Any = "sourced") -> CorrelationRow:
    return CorrelationRow(
        from_code=from_code, to_code=to_code, extent=extent, confidence=confidence, source="invented"
    )


def moved(
    rows: list[CorrelationRow], *prefixes: str, edition: Edition = EDITION
) -> dict[str, tuple[str, ...]]:
    moves = move_list(Correlation(rows, OLD, edition), prefixes)
    return {move.prefix: (move.kind, *move.new_prefixes) for move in moves}


@pytest.mark.parametrize(
    ("rows", "prefixes", "expected"),
    [
        ([], ["610110"], {"610110": ("kept", "610110")}),
        ([row("610110", "610130")], ["610110"], {"610110": ("renamed", "610130")}),
        ([row("610110", "610130")], ["6101"], {"6101": ("kept", "6101")}),
        ([row("610110", "610330")], ["6101"], {"6101": ("split", "6101", "610330")}),
        (
            [row("610110", "610330")],
            ["610110", "6101"],
            {"610110": ("renamed", "610330"), "6101": ("kept", "6101")},
        ),
        (
            [row("610110", "610130", "part"), row("610110", "610140", "part")],
            ["610110"],
            {"610110": ("split", "610130", "610140")},
        ),
        (
            [row("610110", "610110", "part"), row("610110", "610140", "part")],
            ["610110"],
            {"610110": ("split", "610110", "610140")},
        ),
        (
            [row("610110", "610130"), row("610120", "610130")],
            ["610110", "610120"],
            {"610110": ("merged", "610130"), "610120": ("merged", "610130")},
        ),
        ([row("610110", "610130"), row("610120", "610130")], ["610110"], {"610110": ("person", "610130")}),
        ([row("610110", "6103")], ["610110"], {"610110": ("person", "6103")}),
        ([row("610110", "610130", confidence="partly")], ["610110"], {"610110": ("person", "610130")}),
        ([row("620110", "610150")], ["6101"], {"6101": ("person", "6101")}),
        (
            [row("620110", "610150")],
            ["6101", "6201"],
            {"6101": ("kept", "6101"), "6201": ("renamed", "610150")},
        ),
        ([row("610110", "610130")], ["61011090"], {"61011090": ("renamed", "61013090")}),
        (
            [row("610110", "610130", "part"), row("610110", "610140", "part")],
            ["61011090"],
            {"61011090": ("person", "610130", "610140")},
        ),
    ],
)
def test_a_list_is_moved(
    rows: list[CorrelationRow], prefixes: list[str], expected: dict[str, tuple[str, ...]]
) -> None:
    assert moved(rows, *prefixes) == expected


def test_a_table_that_is_not_whole_only_lets_assume() -> None:
    partly = msgspec.structs.replace(EDITION, is_correlation_whole=False)

    assert moved([], "610110", edition=partly) == {"610110": ("assumed", "610110")}


def line(prefix: str, ppm: int, **fields: Any) -> TariffLine:
    given: dict[str, Any] = {
        "measure": "duty",
        "valid_from": dt.date(2022, 1, 1),
        "valid_to": None,
        "source": "Act",
    }
    return TariffLine(commodity_prefix=prefix, ad_valorem_ppm=ppm, **{**given, **fields})


def test_lines_end_where_the_edition_begins_and_go_on_under_the_new_code() -> None:
    correlation = Correlation([row("610110", "610330")], OLD, EDITION)
    over = line("610110", 1, valid_to=dt.date(2025, 1, 1), origin_code="KR")

    first, second, third = move_lines(correlation, [line("610110", 120_000), over, line("62", 5)])

    assert (first.number, first.move.kind) == (2, "renamed")
    assert [(one.commodity_prefix, one.valid_from, one.valid_to) for one in first.lines] == [
        ("610110", dt.date(2022, 1, 1), dt.date(2028, 1, 1)),
        ("610330", dt.date(2028, 1, 1), None),
    ]
    assert (second.lines, third.lines) == ((over,), (third.line,))


def test_lines_of_different_terms_are_not_merged_without_a_person() -> None:
    rows = [row("610110", "610130"), row("610120", "610130")]
    correlation = Correlation(rows, OLD, EDITION)

    same = move_lines(correlation, [line("610110", 5), line("610120", 5)])
    other = move_lines(correlation, [line("610110", 5), line("610120", 9)])

    assert [one.move.kind for one in same] == ["merged", "merged"]
    assert same[0].lines[1] == same[1].lines[1]
    assert [(one.move.kind, one.lines) for one in other] == [("person", (one.line,)) for one in other]
    assert "610130" in other[0].move.why


def test_faults_of_a_table_have_lines() -> None:
    head = "from_code,to_code,extent,confidence,source\n"
    rows = "610110,610130,whole,sourced,s\n610110,610140,part,sourced,s\n999999,610130,whole,sourced,s\n"
    content = (head + rows + "610110,610140,part,sourced,s\n610110,61014,part,sourced,s\n").encode()

    faults = list(find_correlation_faults(content, "t.csv", OLD, None))

    assert [(fault.code, fault.place) for fault in faults] == [
        ("table-shape", "t.csv:3"),
        ("unknown-name", "t.csv:4"),
        ("table-shape", "t.csv:5"),
        ("table-shape", "t.csv:5"),
        ("table-shape", "t.csv:6"),
    ]


# ---- the tables that came with Serai ----


def test_the_shipped_tables_are_sound() -> None:
    files = shipped_files()

    assert [
        fault for path in files if "/nomenclature/" in path for fault in find_nomenclature_faults(files, path)
    ] == []


def test_the_shipped_codes_are_as_many_as_published() -> None:
    edition = read_editions(shipped_files())["2022"]
    codes = read_nomenclature(shipped_files(), "2022").titles

    assert [sum(len(code) == length for code in codes) for length in (2, 4, 6)] == [
        96,
        edition.headings_count,
        edition.subheadings_count,
    ]
    assert all(codes[code] for code in codes if len(code) < 6)
    assert all(code[:length] in codes for code in codes for length in (2, 4) if length < len(code))


@needs(HS)
def test_the_shipped_codes_are_those_of_the_data_set() -> None:
    with HS.open(encoding="utf-8") as file:
        given = {one["hscode"] for one in csv.DictReader(file)}

    wanted = {code for code in given if code.isdigit() and not code.startswith("99")}
    assert read_nomenclature(shipped_files(), "2022").titles.keys() == wanted


def test_what_is_known_of_2028_needs_a_person() -> None:
    files = shipped_files()
    path = "tables/nomenclature/hs-2022-2028.csv"
    rows = [
        CorrelationRow(**{name: cell for name, cell in one.items() if cell})  # type: ignore[arg-type]
        for one in csv.DictReader(files[path].decode().splitlines())
    ]
    correlation = Correlation(rows, read_nomenclature(files, "2022"), read_editions(files)["2028"])

    vaccine: Move = correlation.move("300241")

    assert (vaccine.kind, vaccine.new_prefixes) == ("person", ("3007",))
    assert correlation.move("610910").kind == "assumed"
