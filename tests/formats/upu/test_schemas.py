"""The published schemas and our own check give the same verdict, but for what only one of them looks at."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from lxml import etree

from serai.formats.upu.message import ItemAnswer
from serai.formats.upu.read import decode_upu
from serai.formats.upu.write import encode_answers, encode_upu
from tests.formats.upu.items import CUSITM, CUSRSP, ITMATT, changed, read
from tests.formats.upu.test_round_trip import ANSWERS

FOLDER = Path(__file__).parents[3] / "docs" / "reference" / "formats" / "upu"


def schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(FOLDER / f"{name}.xsd"))


SCHEMAS = {name: schema(name) for name in ("itmatt", "cusitm", "cusrsp")}


def is_valid(name: str, content: bytes) -> bool:
    return bool(SCHEMAS[name].validate(etree.fromstring(content)))


@pytest.mark.parametrize(("name", "content"), [("itmatt", ITMATT), ("cusitm", CUSITM), ("cusrsp", CUSRSP)])
def test_samples_fit_their_schemas(name: str, content: bytes) -> None:
    assert is_valid(name, content), SCHEMAS[name].error_log


def test_what_is_written_fits() -> None:
    assert is_valid("cusitm", encode_upu(read(CUSITM)))
    assert is_valid("itmatt", encode_upu(read(ITMATT, "itmatt")))


@settings(max_examples=30)
@given(ANSWERS)
def test_any_answer_that_is_written_fits(answer: ItemAnswer) -> None:
    assert is_valid("cusrsp", encode_answers([answer])), SCHEMAS["cusrsp"].error_log


@pytest.mark.parametrize(
    "change",
    [
        ("<GrossWeight>1.150</GrossWeight>", ""),
        ("<HS>69120085</HS>", "<HS/>"),
        ("<Number>2</Number>", "<Number>two</Number>"),
        ("<Amount>38.00</Amount>", "<Amount>38,00</Amount>"),
        ("<CurrencyCd>EUR<", "<CurrencyCd>EURO<"),
        ("CountryCd>DE<", "CountryCd>Germany<"),
        ("09:00:00-01:00", "nine"),
        ("<TypeCd>MI<", "<TypeCd>RC<"),
        ("<SenderZIP>", "<SenderZIP>1</SenderZIP><SenderZIP>"),
        ("<SenderCity>Praia", "<SenderCity><b>Praia</b>"),
        ("<SenderZIP>7600", "<SenderZIP>" + "7" * 40),
    ],
)
def test_a_fault_of_form_is_one_for_both(change: tuple[str, str]) -> None:
    spoilt = changed(change)
    message, _ = decode_upu(spoilt, "cusitm")

    assert message is not None
    assert message.items[0].is_faulty
    assert not is_valid("cusitm", spoilt)
