"""The message exchange of the customs declaration service over HTTP: each act, and what notifies it."""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import pytest
from lxml import etree

from serai.formats.cds.check import check_message
from serai.formats.wco_res_read import decode_res
from tests.beside import needs
from tests.feed import wait_until_shown
from tests.journey.cases.world import World
from tests.web.cds_scenarios import (
    CDS,
    ROOT,
    XML,
    Talk,
    exchange_messages,
    messages_of,
    names_of,
    published,
    rows_of_scenarios,
    to_great_britain,
    world_with_stated_rates,
)

EXAMPLE = (ROOT / "examples" / "messages" / "declaration-wco-dec.xml").read_bytes()
PAGE = ROOT / "docs/reference/formats/cds-message-exchange.md"
needs_cds = needs(CDS)


def later(number: str, kind: str, payload: str = "") -> bytes:
    """An amendment, a cancellation or a notice of presentation of ours."""
    return f"""<Declaration xmlns="urn:wco:datamodel:WCO:DEC-DMS:2"><FunctionCode>13</FunctionCode>
<FunctionalReferenceID>LATER-{kind}</FunctionalReferenceID><ID>{number}</ID><TypeCode>{kind}</TypeCode>{payload}
</Declaration>""".encode()


def pointed(*steps: str, tag: str = "") -> str:
    last = len(steps) - 1
    return "".join(
        f"<Pointer><SequenceNumeric>1</SequenceNumeric><DocumentSectionCode>{step}</DocumentSectionCode>"
        + (f"<TagID>{tag}</TagID>" if tag and n == last else "")
        + "</Pointer>"
        for n, step in enumerate(steps)
    )


CHEAPER = f"""<Amendment><ChangeReasonCode>21</ChangeReasonCode>
{pointed("42A", "67A", "68A", tag="108")}</Amendment><GoodsShipment><GovernmentAgencyGoodsItem>
<CustomsValueAmount currencyID="GBP">30.00</CustomsValueAmount><SequenceNumeric>1</SequenceNumeric>
</GovernmentAgencyGoodsItem></GoodsShipment>"""
WITHDRAWN = f"""<AdditionalInformation><StatementDescription>Sent twice</StatementDescription>
<StatementTypeCode>AES</StatementTypeCode>{pointed("42A", "06A")}</AdditionalInformation>
<Amendment><ChangeReasonCode>1</ChangeReasonCode></Amendment>"""


def declared(name: str) -> bytes:
    return EXAMPLE.replace(b"EXAMPLE-2026-0101", name.encode())


def send(client: httpx2.Client, content: bytes) -> Any:
    answer = client.post("/v1/messages/cds", content=content, headers=XML)
    assert answer.headers["content-type"].startswith("application/xml"), answer.text
    response, faults = decode_res(answer.content)
    assert faults == []
    assert response is not None
    return response


def told(world: World, client: httpx2.Client, number: str) -> list[str]:
    wait_until_shown(world.dsn)
    page = client.get("/v1/messages/cds/answers", params={"limit": 1000}).json()
    responses = [decode_res(one["content"].encode())[0] for one in page["answers"]]
    return names_of([one for one in responses if one is not None and one.mrn == number])


@pytest.mark.parametrize("name", ["TALK-1"])
def test_a_declaration_before_the_goods_is_amended_presented_and_told_in_order(
    world: World, name: str
) -> None:
    with world.client("rival") as client:
        filed = send(client, declared(name))
        number = filed.mrn
        amended = send(client, later(number, "COR", CHEAPER))
        presented = send(client, later(number, "GPR"))
        names = told(world, client, number)

    assert names_of([filed, amended, presented]) == ["DMSRCV", "DMSREQ 39", "DMSRCV"]
    first, rest = names.index("DMSREQ 39"), names[names.index("DMSREQ 39") + 1 :]
    assert names[0] == "DMSRCV"
    assert names[first - 1] == "DMSRCV"
    assert [one for one in rest if one in {"DMSRCV", "DMSACC"}] == ["DMSRCV", "DMSACC"]


def test_a_declaration_of_goods_that_are_there_is_accepted_at_once(world: World) -> None:
    with world.client("rival") as client:
        filed = send(client, declared("TALK-2").replace(b">IMD<", b">IMA<"))
        names = told(world, client, filed.mrn)

    assert names_of([filed]) == ["DMSACC"]
    assert names[0] == "DMSACC"
    assert "DMSRCV" not in names


def test_a_cancellation_is_granted_and_the_declaration_invalid(world: World) -> None:
    with world.client("rival") as client:
        filed = send(client, declared("TALK-3"))
        cancelled = send(client, later(filed.mrn, "INV", WITHDRAWN))
        again = send(client, later(filed.mrn, "COR", CHEAPER))
        names = told(world, client, filed.mrn)

    assert names_of([cancelled]) == ["DMSREQ 39"]
    assert names[-2:] == ["DMSREQ 39", "DMSINV"]
    assert again.function in {"request-decided", "rejected"}
    assert again.function == "rejected" or again.statuses[0].code == "41"


def test_an_element_that_no_field_holds_is_told(world: World) -> None:
    first, second = (
        declared(name).replace(b"<GoodsShipment>", b"<GoodsShipment><Colour>blue</Colour>", 1)
        for name in ("TALK-5", "TALK-6")
    )
    as_json = XML | {"accept": "application/json"}
    with world.client("rival") as client:
        rendered = client.post("/v1/messages/cds", content=first, headers=as_json).json()
        sent = client.post("/v1/declarations", content=second, headers=as_json).json()

    for answer in (rendered, sent):
        told = [one["pointer"] for one in answer["findings"] if one["code"] == "unread-element"]
        assert [place.rpartition("/")[2] for place in told] == ["Colour"]


def test_a_faulty_declaration_is_rejected_with_pointers_of_the_data_model(world: World) -> None:
    with world.client("rival") as client:
        content = (
            declared("TALK-4")
            .replace(b">0.3<", b">light<")
            .replace(b'currencyID="GBP">38', b'currencyID="XXQ">38')
        )
        answer = client.post("/v1/messages/cds", content=content, headers=XML)
    response, _ = decode_res(answer.content)

    assert answer.status_code == 422
    assert response is not None
    assert response.function == "rejected"
    places = [[(one.section_code, one.tag_id) for one in fault.pointers] for fault in response.faults]
    assert [("42A", None), ("67A", None), ("68A", None), ("23A", None), ("65A", "126")] in places
    assert check_message(answer.content) == []


def test_what_is_no_declaration_is_rejected_too(world: World) -> None:
    with world.client("rival") as client:
        answers = [
            client.post("/v1/messages/cds", content=content, headers=XML)
            for content in (b"", b"<a/>", EXAMPLE[:400], later("26XX00000000000000", "XYZ"))
        ]
        unknown = client.post("/v1/messages/cds", content=later("26XX1", "GPR"), headers=XML)

    for answer in answers:
        assert answer.status_code == 422
        assert names_of([decode_res(answer.content)[0]]) == ["DMSREJ"]  # type: ignore[list-item]
    assert unknown.status_code == 404
    assert unknown.json()["code"] == "not-found"


# ---- beside the published scenarios ----


@cache
def response_schema() -> Any:
    return etree.XMLSchema(etree.parse(CDS / "xsd/wco/notification/WCO_RES_2_DMS.xsd"))


LOW_VALUE = ("TT_IM077a", "TT_IM079a", "TT_IM124a")
NOT_SENT_HERE = {
    "DMSDOC": "documents are asked for in a message of their own there",
    "DMSROG": "goods are released against a security there, before the tax is final",
    "DMSCLE": "a person has to look first",
}


@pytest.fixture(scope="module")
def talks(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Talk]:
    """Every scenario that is an import, spoken to one server."""
    found: dict[str, Talk] = {}
    folder: Path = tmp_path_factory.mktemp("talks")
    with world_with_stated_rates(world_database, folder) as world, world.client("rival") as client:
        for name, row in rows_of_scenarios().items():
            if row["declaration_type"].startswith("IM"):
                found[name] = exchange_messages(client, name, *messages_of(name, row))
        for name in LOW_VALUE:
            row = rows_of_scenarios()[name]
            sent = [
                to_great_britain(one).replace(b"<FunctionalReferenceID>", b"<FunctionalReferenceID>GB-")
                for one in messages_of(name, row)
            ]
            found[f"{name} to Great Britain"] = exchange_messages(client, f"{name}-GB", *sent)
    return found


@needs_cds
@pytest.mark.slow
def test_every_notification_is_valid_by_the_schema(talks: dict[str, Talk]) -> None:
    count = 0
    for talk in talks.values():
        for content in talk.contents:
            response_schema().assertValid(etree.fromstring(etree.tostring(etree.fromstring(content)[-1])))
            count += 1
    assert count > 200


@needs_cds
@pytest.mark.slow
def test_amendments_are_told_as_published(talks: dict[str, Talk]) -> None:
    oracle = CDS / "oracle"

    for name in ("TT_IM033b", "TT_IM082a"):
        assert names_of(talks[name].told) == published(oracle / name)
    without_request = [one for one in published(oracle / "TT_IM016a") if one != "DMSDOC"]
    assert names_of(talks["TT_IM016a"].told) == without_request


@needs_cds
@pytest.mark.slow
def test_low_value_goods_for_great_britain_are_told_as_the_law_has_it(talks: dict[str, Talk]) -> None:
    told = {name: names_of(talks[f"{name} to Great Britain"].told) for name in LOW_VALUE}

    assert told["TT_IM079a"] == ["DMSACC", "DMSCLE"]  # A gift below the limit.
    # Tax was due at sale, and no proof of it has come yet.
    assert told["TT_IM077a"] == ["DMSRCV", "DMSTAX 67", "DMSDOC", "DMSRCV", "DMSACC"]
    assert told["TT_IM124a"][0] == "DMSACC"


@needs_cds
@pytest.mark.slow
def test_the_page_shows_what_was_told(talks: dict[str, Talk], tmp_path: Path) -> None:
    page = build_page(talks)
    written = tmp_path / PAGE.name
    written.write_text(page, encoding="utf-8")

    assert page == PAGE.read_text(encoding="utf-8"), f"copy {written} to {PAGE}"


def build_page(talks: dict[str, Talk]) -> str:
    rows = rows_of_scenarios()
    lines = [
        "<!-- Written by tests/web/test_cds_message_exchange.py: copy the file it names when it fails. -->",
        "# Message exchange of the customs declaration service",
        "",
        "Every import of the [scenarios](cds.md) is sent to `POST /v1/messages/{standard}` of a server,",
        "cds being the standard, with its amendments; goods declared before they are there are",
        "presented by a notice, and what is due is put on account. Beside it what the service itself is",
        "published to have sent. The tariff has the rates that the published answers state.",
        "",
        "The answer to a message is its first notification; the rest comes with",
        "`GET /v1/messages/{standard}/answers`. A declaration of type A, B, C, Y or Z says that the",
        "goods are there, so it presents them as well; one of type D, E or F waits for its notice of",
        "presentation (GPR). ACC accepted, RCV received, TAX 67 tax as stated, TAX 4 as due, DOC",
        "documents wanted, CTL under control, REQ 39 request granted (41 denied), RES amended, CLE",
        "cleared, INV invalidated, REJ rejected.",
        "",
    ]
    same, table = 0, []
    compared = [name for name in talks if name in rows and published(CDS / rows[name]["set"] / name)]
    for name in compared:
        ours, theirs = names_of(talks[name].told), published(CDS / rows[name]["set"] / name)
        reason = "yes" if ours == theirs else why(talks[name], theirs)
        same += ours == theirs
        table.append(f"| {name} | {_short(theirs)} | {_short(ours)} | {reason} |")
    reasons = Counter(row.rsplit(" | ", 1)[1].removesuffix(" |") for row in table)
    lines += [
        f"Of {len(compared)} scenarios with published notifications **{same} have the same in the same",
        "order**; the others differ for a reason:",
        "",
        *(f"- {reason}: {count}" for reason, count in reasons.most_common() if reason != "yes"),
        "",
        "| scenario | published | told by us | the same |",
        "|---|---|---|---|",
        *table,
        "",
        "## Low value",
        "",
        "Into Northern Ireland, whose law asks where they come from, and the same goods sent to Great"
        " Britain.",
        "",
        "| scenario | told by us |",
        "|---|---|",
        *(
            f"| {name} | {_short(names_of(talks[name].told))} |"
            for name in talks
            if name.split(" ", 1)[0] in LOW_VALUE
        ),
        "",
    ]
    return "\n".join(lines)


def _short(names: list[str]) -> str:
    return " ".join(re.sub("^DMS", "", one).replace(" ", "") for one in names)


def why(talk: Talk, theirs: list[str]) -> str:
    """Say why what was told differs from what is published."""
    ours = names_of(talk.told)
    if not ours:
        return talk.problem or "the same message as another scenario: answered as a repeat"
    if "DMSCTL" in ours:
        return NOT_SENT_HERE["DMSCLE"] + ": " + _reason(talk)
    missing = [one for one in NOT_SENT_HERE if one in theirs and one not in ours]
    return "; ".join(NOT_SENT_HERE[one] for one in missing) or "the order differs"


def _reason(talk: Talk) -> str:
    return (
        "Northern Ireland asks where goods come from"
        if talk.is_north
        else "no tariff line, or a licence to be seen"
    )
