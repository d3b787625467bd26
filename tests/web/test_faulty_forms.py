"""A form that is not as it should be comes back with plain words, in the reader's language, at its field."""

import re
from html import unescape
from typing import NamedTuple

import psycopg
import pytest

from serai.foundation.http.interface_words import interface_words
from serai.foundation.id_text import format_id, parse_id
from tests.journey.cases.world import AT, LISTED_NAME, PARTIES, World, file, parcel
from tests.journey.recordals.holders import add_holders, call, grant, lodge, shoe, terms

NOTHING = "This must be filled in or chosen."
UNFIT = "This is empty, or not written as asked for."
TOO_LONG = "Too long: the number of characters must be at most {count}."
GROUP_ID = 4_711


class Sent(NamedTuple):
    """A form that somebody sends. text: what is said of it, behind what the page calls the field; place: to
    which field that leads."""

    party: str
    path: str
    form: dict[str, str]
    text: str
    place: str
    label: str = ""


FORMS = {
    "a recall without reference": Sent(
        "officer", "/recalls", {"reason_code": "small-magnets"}, NOTHING, "reference", "Reference"
    ),
    "a recall without reason": Sent(
        "officer", "/recalls", {"reference": "R-1"}, UNFIT, "reason_code", "Reason"
    ),
    "a recall of a product number that is none": Sent(
        "officer",
        "/recalls",
        {"reference": "R-1", "reason_code": "small-magnets", "gtins": "4006381333931\nball"},
        UNFIT,
        "gtins",
        "Product numbers (GTIN)",
    ),
    "a recall that is withdrawn for no code": Sent(
        "officer",
        "/recalls/{recall}/withdrawal",
        {"reason_code": "Wrong batch"},
        UNFIT,
        "reason_code",
        "Reason",
    ),
    "a recordal without goods": Sent(
        "holder",
        "/recordals",
        terms("FAULTY-GOODS", "Faultix") | {"hs_prefixes": "", "marks": "Faultix", "seller_ids": ""},
        NOTHING,
        "hs_prefixes",
        "Commodity codes that begin with",
    ),
    "a decision on a recordal that decides nothing": Sent(
        "officer", "/recordals/{lodged}/decision", {}, NOTHING, "decision", "Decision"
    ),
    "a detention without answer": Sent(
        "post", "/rights-detentions/{detention}/declarant-answer", {}, NOTHING, "answer"
    ),
    "a group of parcels without reason": Sent(
        "officer",
        "/split-shipments/{group}/verdict",
        {"verdict": "one-order"},
        NOTHING,
        "reason",
        "Reason",
    ),
    "a group of parcels without verdict": Sent(
        "officer", "/split-shipments/{group}/verdict", {"reason": "One invoice"}, NOTHING, "verdict"
    ),
    "an act on a case without its kind": Sent("officer", "/parcels/{case}/act", {}, NOTHING, "act"),
    "an act on a case with a code that is none": Sent(
        "officer",
        "/parcels/{case}/act",
        {"reference": "A-1", "kind": "classification-determined", "commodity_code": "shirt"},
        UNFIT,
        "commodity_code",
        "Commodity code",
    ),
    "nobody said who it is": Sent("officer", "/parcels/{case}/listed-names", {}, NOTHING, "verdict-1"),
    "a dispute without reason": Sent(
        "post",
        "/scorecards/{card}/disputes",
        {"from_on": "2026-06-01", "to_on": "2026-06-02"},
        NOTHING,
        "statement",
        "Reason",
    ),
    "a dispute with too long a reason": Sent(
        "post",
        "/scorecards/{card}/disputes",
        {"from_on": "2026-06-01", "to_on": "2026-06-02", "statement": "x" * 2_001},
        TOO_LONG,
        "statement",
        "Reason",
    ),
    "a dispute of days that are none": Sent(
        "post",
        "/scorecards/{card}/disputes",
        {"from_on": "June", "to_on": "2026-06-02", "statement": "x"},
        "It cannot be read as a date.",
        "from_on",
        "First day",
    ),
}


@pytest.fixture(scope="module")
def numbers(world: World) -> dict[str, str]:
    """What the forms are about, each by its name in the addresses above."""
    add_holders(world)
    recordal_id = lodge(world, "FAULTY", "Faultix")
    grant(world, recordal_id)
    with world.client("post") as client:
        (line,) = file(client, shoe("FAULTY", "Faultix"))
        consignee = {**parcel("X")["consignee"], "name": LISTED_NAME}
        (listed,) = file(client, parcel("FAULTY-LISTED", consignee=consignee))
    order = {
        "reference": "DET-FAULTY",
        "recordal_id": recordal_id,
        "expected_decision_id": line["decision"]["decision_id"],
    }
    begun = call(world, "officer", f"/v1/cases/{line['case_id']}/rights-detentions", order)
    assert begun.status_code == 201, begun.text
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO split_shipment_group (group_id, opened_at, limit_minor, administration_id,"
            " window_days, state, currency_code) VALUES (%s, %s, 15000, 1, 7, 'open', 'EUR')",
            (GROUP_ID, AT),
        )
        connection.execute(
            "INSERT INTO split_shipment_member (consignment_id, group_id, value_minor, sent_at,"
            " administration_id) SELECT consignment_id, %s, 9000, %s, 1 FROM consignment WHERE case_id = %s",
            (GROUP_ID, AT, parse_id(line["case_id"])),
        )
    goods = {"reference": "FAULTY", "reason_code": "small-magnets", "rule": {"gtins": ["4006381333931"]}}
    return {
        "recall": call(world, "officer", "/v1/recalls", goods).json()["recall_id"],
        "lodged": lodge(world, "FAULTY-LODGED", "Faultox"),
        "detention": begun.json()["detention_id"],
        "group": format_id(GROUP_ID),
        "case": listed["case_id"],
        "card": format_id(PARTIES["post"][0]),
    }


@pytest.mark.parametrize("name", FORMS)
def test_a_faulty_form_comes_back_with_plain_words_at_its_field(
    world: World, numbers: dict[str, str], name: str
) -> None:
    sent = FORMS[name]
    with world.client(sent.party) as client:
        for language in ("en", "ar"):
            headers = {"accept": "text/html", "accept-language": language}
            answer = client.post(sent.path.format(**numbers), data=sent.form, headers=headers)
            assert answer.status_code == 422, answer.text
            summary = answer.text.partition('class="govuk-error-summary"')[2].partition("</ul>")[0]
            (told,) = re.findall(r'<a href="#([^"]+)">(.*?)</a>', summary, re.DOTALL)
            place, text = told[0], unescape(told[1])

            words = interface_words(language)
            said = words.gettext(sent.text).format(count="2,000")
            assert (language == "en") is (said == sent.text.format(count="2,000"))
            assert text.startswith(f"{words.gettext(sent.label)}: {said}" if sent.label else said)
            assert place == sent.place
            assert f'id="{place}"' in answer.text, "it leads somewhere"
            for strange in ("Expected", "$.", "`", "^["):
                assert strange not in text
