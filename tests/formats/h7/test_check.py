"""The super-reduced data set: what it asks for, what it excludes, what it does not know."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.formats.cds.check import check_message as check_cds
from serai.formats.h7.check import check_message
from serai.formats.h7.profile import data_elements
from serai.journey.finding_messages import sentence_of
from tests.beside import SHARED, needs
from tests.costs import costs_at_most
from tools.h7_page import build_page

ROOT = Path(__file__).parents[3]
CDS = SHARED / "reference" / "cds"
SOUND = (ROOT / "examples" / "standards" / "h7-ioss.xml").read_bytes()
SHIPMENT = "/MetaData/Declaration/GoodsShipment"
ITEM = f"{SHIPMENT}/GovernmentAgencyGoodsItem"


def told(content: bytes, severity: str = "fault") -> list[tuple[str, str]]:
    return [(one.code, one.pointer) for one in check_message(content) if one.severity == severity]


def test_the_sample_has_no_finding_and_is_a_sound_message() -> None:
    assert check_message(SOUND) == []
    assert check_cds(SOUND) == []


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        (b"<Description>Women's jackets, woven, of polyester</Description>", b"", "h7-missing",
         f"{ITEM}/Commodity/Description"),
        (b"<ID>620240</ID>", b"<ID>6202</ID>", "h7-form", f"{ITEM}/Commodity/Classification/ID"),
        (b">64.90<", b">64.905<", "h7-form", f"{ITEM}/CustomsValueAmount"),
        (b">64.90<", b">NaN<", "h7-form", f"{ITEM}/CustomsValueAmount"),
        (b">64.90<", b">sNaN<", "h7-form", f"{ITEM}/CustomsValueAmount"),
        (b">64.90<", b">9e999999<", "h7-form", f"{ITEM}/CustomsValueAmount"),
        (b">64.90<", b">150.01<", "h7-above-limit", SHIPMENT),
        (b"EXAMPLE-H7-0001", b"E" * 23, "h7-form", "/MetaData/Declaration/FunctionalReferenceID"),
        (b"<TypeCode>IMD<", b"<TypeCode>IM<", "h7-form", "/MetaData/Declaration/TypeCode"),
        (b"<Name>Erika Erfunden</Name>", b"", "h7-missing", f"{SHIPMENT}/Importer"),
        (b"<CurrentCode>F48<", b"<CurrentCode>F99<", "h7-scheme-unasked", f"{SHIPMENT}/DomesticDutyTaxParty"),
        (b"IM2760000008", b"276/000/0008", "h7-scheme-number-form", f"{SHIPMENT}/DomesticDutyTaxParty/ID"),
        (b"<RoleCode>FR5<", b"<RoleCode>FR1<", "h7-scheme-number-missing",
         f"{SHIPMENT}/DomesticDutyTaxParty"),
        (b"<CurrentCode>C07<", b"<CurrentCode>C08<", "h7-excluded-together", SHIPMENT),
        (b"620240", b"220421", "h7-goods-excluded", f"{ITEM}/Commodity/Classification/ID"),
        (b"620240", b"330300", "h7-goods-excluded", f"{ITEM}/Commodity/Classification/ID"),
    ],
)  # fmt: skip
def test_one_change_gives_the_fault_it_is(old: bytes, new: bytes, code: str, place: str) -> None:
    assert old in SOUND

    assert (code, place) in told(SOUND.replace(old, new, 1))


def test_the_limit_itself_is_within_and_another_currency_is_not_compared() -> None:
    assert told(SOUND.replace(b">64.90<", b">150.00<")) == []
    dollars = SOUND.replace(
        b'CustomsValueAmount currencyID="EUR">64.90', b'CustomsValueAmount currencyID="USD">900'
    )
    assert told(dollars) == []
    assert told(dollars, "advice") == [("h7-limit-untested", SHIPMENT)]


def test_without_a_relief_the_set_cannot_be_used() -> None:
    plain = SOUND.replace(b"<CurrentCode>C07<", b"<CurrentCode>000<").replace(
        b"<CurrentCode>F48<", b"<CurrentCode>000<"
    )

    assert ("h7-no-relief", f"{ITEM}/GovernmentProcedure") in told(plain)


def test_a_preference_cannot_be_claimed() -> None:
    tax = b"<DutyTaxFee><DutyRegimeCode>300</DutyRegimeCode></DutyTaxFee><GoodsMeasure>"

    found = told(SOUND.replace(b"<GoodsMeasure>", tax))

    assert found == [("h7-not-claimable", f"{ITEM}/Commodity/DutyTaxFee/DutyRegimeCode")]


def test_what_the_set_does_not_know_is_advice_and_kept() -> None:
    more = SOUND.replace(b"<Importer>", b"<Buyer><Name>Somebody</Name></Buyer><Importer>")

    assert told(more) == []
    assert told(more, "advice") == [("h7-not-in-set", f"{SHIPMENT}/Buyer/Name")]


def test_what_could_not_be_confirmed_refuses_nobody() -> None:
    unconfirmed = {one.path for one in data_elements() if not one.confirmed}
    without = SOUND.replace(b"<QuantityQuantity>1</QuantityQuantity>", b"")

    assert "Packaging/QuantityQuantity" in unconfirmed
    assert told(without) == []
    assert told(without, "advice") == [("h7-missing", f"{ITEM}/Packaging/QuantityQuantity")]


@needs(CDS)
@pytest.mark.parametrize(
    "file", ["TT_IM077a/TT_IM077a.xml", "TT_IM079a/TT_IM079a.xml", "TT_IM124a/Step1_TT_IM124a.xml"]
)
def test_published_scenarios_are_of_the_set_of_the_uk(file: str) -> None:
    content = (CDS / "plain" / file).read_bytes()

    assert told(content) == []
    if b'CustomsValueAmount currencyID="GBP">' in content:
        above = content.replace(b'currencyID="GBP">', b'currencyID="GBP">9')
        assert "h7-above-limit" in [one.code for one in check_message(above)]


@needs(CDS)
def test_a_full_declaration_is_not_of_the_set() -> None:
    content = (CDS / "oracle/TT_IM001a/Step1_TT_IM001a.xml").read_bytes()

    assert {"h7-missing", "h7-no-relief"} <= {code for code, _ in told(content)}


@given(st.binary(max_size=200), st.integers(0, len(SOUND) - 1))
@settings(max_examples=100)
def test_any_bytes_are_answered(junk: bytes, position: int) -> None:
    check_message(junk)
    check_message(SOUND[:position] + junk[:3] + SOUND[position + 3 :])


@pytest.mark.in_turn
def test_a_million_empty_elements_are_answered() -> None:
    with costs_at_most(cpu_s=12):
        found = check_message(SOUND.replace(b"<GoodsShipment>", b"<GoodsShipment>" + b"<Buyer/>" * 900_000))
        items = check_message(
            SOUND.replace(b"<GoodsShipment>", b"<GoodsShipment>" + b"<GovernmentAgencyGoodsItem/>" * 280_000)
        )

    assert len(found) < 250
    assert "too-many" in {one.code for one in items}


def test_every_finding_has_its_sentence() -> None:
    for content in (b"", b"<a/>", SOUND.replace(b"64.90", b"999.999"), SOUND.replace(b"FR5", b"FR1")):
        for finding in check_message(content):
            assert "{" not in sentence_of(finding).sentence


def test_the_page_is_what_the_tool_writes() -> None:
    assert build_page() == (ROOT / "docs/reference/formats/h7.md").read_text(encoding="utf-8")
