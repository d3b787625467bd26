"""The customs declarations of the reference: each is assessed, says what is missing, or is outside scope by a
named code; over HTTP as well as through the pipeline."""

import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import pytest

from serai.law.library import load_book
from tests.beside import SHARED, needs
from tests.conformance.node import XML, RunningNode
from tests.law.packs import shipped_files
from tools.cds_report import (
    MISSING,
    Scenario,
    assess_scenario,
    build_page,
    compare,
    read_scenarios,
    why_not_comparable,
)

ROOT = Path(__file__).parents[2]
CDS = SHARED / "reference" / "cds"
SAME_AMOUNTS = {
    *("TT_IM001a", "TT_IM001c", "TT_IM013a", "TT_IM016a", "TT_IM033b", "TT_IM054a", "TT_IM065a"),
    *("TT_IM082a", "TT_IM095a", "TT_IM109a", "TT_IM200a", "TT_IM223a"),
    # By the law of Northern Ireland.
    *("TT_IM098a", "TT_IM113a"),
}
DIFFERENT = {
    # Taken as a security by the service.
    "TT_IM102a": ["not assessed: additional-procedure-not-known"],
    # Northern Ireland: where the goods come from is not said; two tariffs, of which the answer states one.
    "TT_IM097a": ["not assessed: data-needed"],
    "TT_IM118a": ["not assessed: no-tariff-line"],
}
SENT_TWICE = "TT_IM001c"
"""The same declaration as TT_IM001a."""
SENT_FROM_THE_UNION = ("TT_IM164a", "TT_IM165a")
"""To Northern Ireland, where nothing is due on what comes from there."""
SENT_ELSEWHERE = "TT_IM077a"
"""Sent as published by another test too, since a published notice names it."""

pytestmark = needs(CDS)


@cache
def scenarios() -> list[Scenario]:
    found = read_scenarios(CDS)
    book = load_book(shipped_files())
    for scenario in found:
        if scenario.consignment is not None:
            assess_scenario(scenario, book)
    return found


def request_of(name: str) -> bytes:
    """The request of a low-value scenario."""
    folder = CDS / "plain" / name
    return next(path for path in sorted(folder.iterdir()) if path.suffix == ".xml").read_bytes()


def test_every_scenario_is_read_in_full_or_outside_scope_by_a_named_code() -> None:
    counts = {
        name: (
            sum(one.set == name for one in scenarios()),
            sum(one.set == name and one.consignment is not None for one in scenarios()),
            sum(one.set == name and one.verdict == "outside" for one in scenarios()),
        )
        for name in ("plain", "oracle")
    }

    assert counts == {"plain": (60, 22, 38), "oracle": (48, 38, 10)}
    # An addition to the price that is not reckoned with is a failure of ours, not the declaration's scope.
    assert [one.name for one in scenarios() if one.verdict == "not-computed"] == ["TT_IM004a"]
    assert sum(one.unread for one in scenarios()) == 0
    assert all(
        re.fullmatch("[0-9]{2}|[A-Z]{1,2}", one.code) for one in scenarios() if one.verdict == "outside"
    )


def test_every_standard_import_is_assessed_or_says_what_is_missing() -> None:
    standard = [one for one in scenarios() if one.is_standard_import and one.declaration_type != "IMK"]

    assert len(standard) == 36
    assert {one.verdict for one in standard} <= {"assessed", "missing"}
    assert all(one.code in MISSING for one in standard if one.verdict == "missing")
    assert "fault" not in {one.verdict for one in scenarios()}


@pytest.mark.in_turn
def test_amounts_are_those_of_the_customs_service() -> None:
    files = shipped_files()
    comparable = [one for one in scenarios() if one.set == "oracle" and not why_not_comparable(one)]

    different = {one.name: found for one in comparable if (found := compare(one, files))}

    assert different == DIFFERENT
    assert {one.name for one in comparable} - different.keys() == SAME_AMOUNTS


def test_the_page_of_figures_is_current() -> None:
    """Stale: `python -m tools.cds_report ../shared/reference/cds > docs/reference/cds-scenarios.md`."""
    assert (ROOT / "docs/reference/cds-scenarios.md").read_text() == build_page(CDS)


# ---- over HTTP ----


def post(client: httpx2.Client, content: bytes) -> httpx2.Response:
    return client.post("/v1/declarations", content=content, headers={"content-type": XML})


@pytest.mark.in_turn
def test_every_scenario_gets_its_answer_over_http(node: RunningNode) -> None:
    answered = {}
    with node.client() as client:
        for path in sorted(CDS.rglob("*")):
            name = next((one.name for one in scenarios() if _is_request(one, path)), None)
            if name is not None:
                answered[name] = post(client, path.read_bytes())

    assert answered.keys() == {one.name for one in scenarios()}
    for scenario in scenarios():
        answer = answered[scenario.name].json()
        if scenario.verdict in ("outside", "not-computed"):
            said = (answered[scenario.name].status_code, answer["status"], answer["outcome"])
            assert said == (422, 422, "rejected"), scenario.name
            codes = {(one["code"], *one["parameters"].values()) for one in answer["findings"]}
            codes = {one[:2] for one in codes}
            assert codes & {
                ("procedure-not-here", scenario.code),
                ("valuation-charge-unsupported", scenario.code),
            }
        else:
            statuses = {"repeated"} if scenario.name == SENT_TWICE else {"decided"}
            if scenario.name == SENT_ELSEWHERE:
                statuses.add("repeated")
            assert answered[scenario.name].status_code in (200, 201), scenario.name
            assert answer["status"] in statuses, scenario.name
            if scenario.name in SENT_FROM_THE_UNION:
                assert [one["code"] for one in answer["decision"]["reasons"]] == ["xi-from-the-union"]
                continue
            assert answer["decision"]["findings"][0]["code"] in MISSING
            assert answer["decision"]["lane"] in ("review", "await")


@cache
def _requests() -> dict[str, str]:
    lines = (CDS / "scenarios.csv").read_text().splitlines()[1:]
    return {line.split(",")[2]: line.split(",")[0] for line in lines}


def _is_request(scenario: Scenario, path: Path) -> bool:
    return _requests().get(path.relative_to(CDS).as_posix()) == scenario.name


# ---- low-value consignments ----


def into_great_britain(content: bytes, number: str) -> bytes:
    """The same parcel for an importer of Great Britain: no statement of Northern Ireland."""
    statement = rb"<AdditionalInformation>\s*<StatementCode>NIIMP</StatementCode>\s*</AdditionalInformation>"
    moved = re.sub(statement, b"", re.sub(rb"(?s)<!--.*?-->", b"", content))
    moved = moved.replace(b"<ID>XI553202734852</ID>", b"<ID>GB553202734852</ID>")
    moved = re.sub(rb"(<FunctionalReferenceID>)[^<]*", rb"\g<1>" + number.encode(), moved)
    assert b"NIIMP" not in moved
    return moved


AMENDMENT = """<Declaration xmlns="urn:wco:datamodel:WCO:DEC-DMS:2">
  <FunctionCode>13</FunctionCode>
  <FunctionalReferenceID>{reference}-COR</FunctionalReferenceID>
  <ID>{number}</ID>
  <TypeCode>COR</TypeCode>
  <AdditionalInformation>
    <StatementDescription>The worksheet shows a higher value and postage.</StatementDescription>
    <StatementTypeCode>AES</StatementTypeCode>
  </AdditionalInformation>
  <Amendment>
    <ChangeReasonCode>32</ChangeReasonCode>
    <Pointer><SequenceNumeric>1</SequenceNumeric><DocumentSectionCode>42A</DocumentSectionCode></Pointer>
    <Pointer><SequenceNumeric>1</SequenceNumeric><DocumentSectionCode>67A</DocumentSectionCode></Pointer>
    <Pointer><SequenceNumeric>1</SequenceNumeric><DocumentSectionCode>41A</DocumentSectionCode>
      <TagID>117</TagID></Pointer>
  </Amendment>
  <Amendment>
    <ChangeReasonCode>32</ChangeReasonCode>
    <Pointer><SequenceNumeric>1</SequenceNumeric><DocumentSectionCode>42A</DocumentSectionCode></Pointer>
    <Pointer><SequenceNumeric>1</SequenceNumeric><DocumentSectionCode>67A</DocumentSectionCode></Pointer>
    <Pointer><SequenceNumeric>1</SequenceNumeric><DocumentSectionCode>68A</DocumentSectionCode>
      <TagID>108</TagID></Pointer>
  </Amendment>
  <GoodsShipment>
    <CustomsValuation>
      <FreightChargeAmount currencyID="{currency}">{freight}</FreightChargeAmount>
    </CustomsValuation>
    <GovernmentAgencyGoodsItem>
      <CustomsValueAmount currencyID="{currency}">{value}</CustomsValueAmount>
      <SequenceNumeric>1</SequenceNumeric>
    </GovernmentAgencyGoodsItem>
  </GoodsShipment>
</Declaration>"""
"""Ours: TT_IM077a announces such an amendment, and the published files hold none."""

PRESENTATION = """<Declaration xmlns="urn:wco:datamodel:WCO:DEC-DMS:2">
  <FunctionCode>13</FunctionCode>
  <FunctionalReferenceID>{reference}-GPR</FunctionalReferenceID>
  <ID>{number}</ID>
  <TypeCode>GPR</TypeCode>
</Declaration>"""


def amend(client: httpx2.Client, filed: Any, value: str, freight: str, currency: str) -> Any:
    content = AMENDMENT.format(
        reference=filed["reference"],
        number=filed["decision"]["mrn"],
        value=value,
        freight=freight,
        currency=currency,
    )
    answer = post(client, content.encode())
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_published_presentation_reaches_the_declaration_it_names(node: RunningNode) -> None:
    notice = (CDS / "plain/TT_IM077a/Movement_Messages/Step2_GPN.xml").read_bytes()

    with node.client() as client:
        filed = post(client, request_of(SENT_ELSEWHERE)).json()
        presented = post(client, notice)

    assert presented.status_code == 200, presented.text
    assert presented.json()["case_id"] == filed["case_id"]
    # The law of Northern Ireland asks where the goods come from, which this declaration does not say.
    assert "data-needed" in {one["code"] for one in presented.json()["decision"]["findings"]}


@pytest.mark.parametrize(
    ("name", "value", "freight", "currency"),
    [
        ("TT_IM077a", "110.00", "15.00", "GBP"),
        ("TT_IM079a", "38.00", "10.00", "GBP"),
        ("TT_IM124a", "150.00", "20.00", "USD"),
    ],
)
def test_a_low_value_declaration_is_amended_and_presented(
    node: RunningNode, name: str, value: str, freight: str, currency: str
) -> None:
    content = re.sub(
        rb"(<FunctionalReferenceID>)[^<]*", rb"\g<1>" + f"LIFE-{name}".encode(), request_of(name)
    )

    with node.client() as client:
        filed = post(client, content).json()
        amended = amend(client, filed, value, freight, currency)
        number = filed["decision"]["mrn"]
        presentation = PRESENTATION.format(reference=filed["reference"], number=number)
        presented = post(client, presentation.encode()).json()
        history = client.get(f"/v1/cases/{filed['case_id']}/history").json()

    codes = [one["code"] for one in filed["decision"]["findings"]]
    assert (filed["status"], filed["version"]) == ("decided", 1)
    assert "data-needed" in codes
    assert (amended["status"], amended["version"]) == ("decided", 2)
    assert amended["decision"]["supersedes"] == filed["decision"]["decision_id"]
    assert presented["case_id"] == filed["case_id"]
    assert "presentation" in str(history)


@pytest.mark.parametrize(
    ("name", "lane", "values", "tax_amounts"),
    [
        # 20 % of price and postage; the seller's number is missing, so the parcel waits for it.
        ("TT_IM077a", "await", ("110.00", "15.00"), ["23.42", "25.00"]),
        # A gift of GBP 39 is free.
        ("TT_IM079a", "proceed", ("38.00", "10.00"), ["0.00", "0.00"]),
    ],
)
def test_sent_to_great_britain_it_gets_the_form_for_low_value(
    node: RunningNode, name: str, lane: str, values: tuple[str, str], tax_amounts: list[str]
) -> None:
    with node.client() as client:
        filed = post(client, into_great_britain(request_of(name), f"GB-{name}")).json()
        amended = amend(client, filed, *values, "GBP")

    decisions = [filed["decision"], amended["decision"]]
    assert {one["law"][0]["code"] for one in decisions} == {"GB-2021"}
    assert {(one["form_code"], one["lane"]) for one in decisions} == {("CN22", lane)}
    assert [one["totals"]["tax_amount"] for one in decisions] == tax_amounts
    assert [one["totals"]["duty_amount"] for one in decisions] == ["0.00", "0.00"]


def accepted_on(content: bytes, day: str, reference: str) -> bytes:
    """The same declaration with a day of acceptance, under another reference."""
    moment = f'<DateTimeString formatCode="304">{day}120000Z</DateTimeString>'
    element = f"<AcceptanceDateTime>{moment}</AcceptanceDateTime>".encode()
    dated = content.replace(b"<FunctionCode>9<", element + b"<FunctionCode>9<")
    return re.sub(rb"(<FunctionalReferenceID>)[^<]*", rb"\g<1>" + reference.encode(), dated)


def test_an_amount_in_dollars_needs_the_rate_of_its_day(node: RunningNode) -> None:
    content = into_great_britain(request_of("TT_IM124a"), "GB-TT_IM124a")

    with node.client() as client:
        without_rate = post(client, accepted_on(content, "20261101", "DOLLARS-NOVEMBER")).json()
        with_rate = post(client, accepted_on(content, "20260302", "DOLLARS-MARCH")).json()

    # F48, the Union's one-stop shop, is nothing in Great Britain.
    said = {one["code"] for one in without_rate["decision"]["findings"]}
    assert said == {"no-exchange-rate", "additional-procedure-not-known"}
    assert without_rate["decision"]["lane"] == "review"
    assert with_rate["decision"]["form_code"] == "CN22"
    assert "no-exchange-rate" not in {one["code"] for one in with_rate["decision"].get("findings", [])}
    assert Decimal(with_rate["decision"]["totals"]["tax_amount"]) > 0


def test_additions_and_deductions_are_refused_by_name_and_not_left_out(
    node: RunningNode,
) -> None:
    path = next((CDS / "plain/TT_IM004a").glob("*.xml"))
    content = re.sub(rb"(<FunctionalReferenceID>)[^<]*", rb"\g<1>CHARGES-1", path.read_bytes())

    with node.client() as client:
        answer = post(client, content)

    assert answer.status_code == 422
    assert [(one["code"], one["parameters"]["value"]) for one in answer.json()["findings"]] == [
        ("valuation-charge-unsupported", "AK"),
        ("valuation-charge-unsupported", "BC"),
    ]


def test_an_origin_not_specified_is_taken_in_a_reduced_data_set_alone(node: RunningNode) -> None:
    content = into_great_britain(request_of("TT_IM079a"), "NO-ORIGIN-1")
    full = re.sub(rb"<CurrentCode>(1H7|C0[78])<", b"<CurrentCode>000<", content)
    full = full.replace(b"<Commodity>", b"<Origin><CountryCode>QU</CountryCode></Origin><Commodity>")
    full = full.replace(b"NO-ORIGIN-1", b"NO-ORIGIN-2")

    with node.client() as client:
        reduced, refused = post(client, content), post(client, full)

    assert reduced.status_code == 201
    faults = [one for one in refused.json()["findings"] if one["severity"] == "fault"]
    assert [(one["code"], one["pointer"]) for one in faults] == [
        (
            "unknown-country",
            "/MetaData/Declaration/GoodsShipment/GovernmentAgencyGoodsItem/Origin/CountryCode",
        )
    ]
