"""Lists of denied parties are read safely, and their names found again."""

import csv

import numpy as np
import pytest

from serai.journey.screening.list_entry import ListEntry, ListFileError
from serai.journey.screening.list_formats.plain_csv import decode_csv_list
from serai.journey.screening.list_formats.un_xml import decode_un_list
from serai.journey.screening.lists import build_lists
from serai.journey.screening.rules import NamesOfRole, find_party_hits
from serai.law.goods_kinds import no_goods_kinds
from serai.law.vague_words import no_vague_words
from serai.model.columns import encode_words
from tests.beside import SHARED, needs

SCREENING = SHARED / "reference" / "screening"
UN = """<?xml version="1.0"?><CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL>
<DATAID>1</DATAID><FIRST_NAME>INVENTED</FIRST_NAME><SECOND_NAME>ENTRY</SECOND_NAME><THIRD_NAME/>
<REFERENCE_NUMBER>XXi.001</REFERENCE_NUMBER><NAME_ORIGINAL_SCRIPT>запись</NAME_ORIGINAL_SCRIPT>
<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Known Otherwise</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>Joe</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_ALIAS><QUALITY/><ALIAS_NAME/></INDIVIDUAL_ALIAS>
</INDIVIDUAL></INDIVIDUALS><ENTITIES/></CONSOLIDATED_LIST>"""


def test_an_entry_has_its_name_its_script_and_its_good_aliases() -> None:
    (entry,) = decode_un_list(UN.encode())

    assert entry == ListEntry(
        list_code="UN",
        entry_id="XXi.001",
        kind_code="person",
        names=("INVENTED ENTRY", "запись", "Known Otherwise"),
        weak_names=("Joe",),
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not xml",
        b"<OTHER/>",
        b"<CONSOLIDATED_LIST/>",
        b"<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL/></INDIVIDUALS></CONSOLIDATED_LIST>",
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><CONSOLIDATED_LIST>&a;</CONSOLIDATED_LIST>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><CONSOLIDATED_LIST/>',
    ],
)
def test_what_is_no_list_is_refused(content: bytes) -> None:
    with pytest.raises(ListFileError) as caught:
        decode_un_list(content)

    assert caught.value.code == "list-file"


def test_an_entity_never_reads_a_file() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + UN.encode()[21:].replace(
        b"ENTRY", b"&e;"
    )

    with pytest.raises(ListFileError, match="DOCTYPE"):
        decode_un_list(bomb)


def test_a_plain_list_has_aliases() -> None:
    content = (
        "\ufeffentry_id,name,kind_code,aliases\n"
        "I-1,Invented One,person,One I.; Uno\nI-2,Invented Two,organisation,\n"
    )

    first, second = decode_csv_list(content.encode(), "INVENTED")

    assert first.names == ("Invented One", "One I.", "Uno")
    assert second.names == ("Invented Two",)


@pytest.mark.parametrize("row", ["I-1,,person,", ",Name,person,", "I-1,Name,ghost,", "I-1"])
def test_a_row_without_its_cells_is_named(row: str) -> None:
    with pytest.raises(ListFileError, match="row 2"):
        decode_csv_list(f"entry_id,name,kind_code,aliases\n{row}\n".encode(), "X")


def test_a_plain_list_must_be_utf_8() -> None:
    with pytest.raises(ListFileError, match="UTF-8"):
        decode_csv_list("entry_id,name,kind_code\nI,Müller,person\n".encode("latin-1"), "X")


@pytest.mark.in_turn
@needs(SCREENING)
def test_every_listed_name_of_the_un_is_found_and_made_up_people_are_not() -> None:
    entries = decode_un_list((SCREENING / "UN_consolidated.xml").read_bytes())
    lists = build_lists(entries, no_vague_words(), no_goods_kinds())
    with (SCREENING / "synthetic_negatives.csv").open(encoding="utf-8") as lines:
        innocent = [row["query_name"] for row in csv.DictReader(lines)]
    with (SCREENING / "un_positives.csv").open(encoding="utf-8") as lines:
        listed = [row["listed_name"] for row in csv.DictReader(lines)]
    own = [entry.names[0] for entry in entries]

    def found(names: list[str]) -> set[int]:
        return {
            hit.row
            for hit in find_party_hits(
                [NamesOfRole("buyer", np.arange(len(names)), encode_words(names))], lists
            )
        }

    assert (len(entries), sum(entry.kind_code == "person" for entry in entries)) == (1003, 730)
    assert len(found(own)) == len(own)
    assert len(found(innocent)) <= 0.01 * len(innocent)
    assert len(found(listed)) >= 0.95 * len(listed)
