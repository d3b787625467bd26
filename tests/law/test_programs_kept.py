"""A program rests on its packs alone: new lists and other packs beside it do not compile it again."""

from datetime import date

from msgspec.structs import replace

from serai.law.book import LawBook
from serai.law.library import decode_packs, load_book
from serai.law.program import Program
from serai.law.tariff import TariffLine
from tests.law.packs import shipped_book, shipped_files

CODE = "SG-OVR-2024"


def program(book: LawBook) -> Program:
    return book.programs[book.program_number((CODE,))]


def test_another_list_compiles_nothing_again() -> None:
    line = TariffLine(
        measure="duty",
        commodity_prefix="610910",
        valid_from=date(2026, 1, 1),
        valid_to=None,
        source="invented",
    )
    before, after = shipped_book(), shipped_book(line)

    assert after.reference.tariff is not before.reference.tariff
    assert program(after) is program(before)


def test_a_pack_that_stands_in_for_another_of_the_same_bytes_is_compiled_for_itself() -> None:
    files = shipped_files()
    draft = replace(decode_packs(files)[CODE], title="Invented")

    assert program(shipped_book()).base.title != "Invented"
    assert program(load_book(files, packs={CODE: draft})).base.title == "Invented"
