"""A purchase told by China's four parties in CEB messages over HTTP: one decided case, and what follows."""

from collections.abc import Iterator

import psycopg
import pytest
from lxml import etree

from serai.formats.ceb.check import check_message
from serai.formats.ceb.message import Receipt
from serai.journey.consignments.store import EVENT_KINDS
from serai.journey.messaging.ceb_words import outcome
from tests.formats.ceb.messages import message
from tests.journey.cases.world import World
from tests.scenarios.ceb_purchase import (
    cancellation_message,
    ceb_world,
    inventory,
    inventory_message,
    order_message,
    payment_message,
    receipts,
    render,
    return_message,
    told,
    waybill_message,
)

ENGLISH = {"accept-language": "en"}
JSON = {"accept": "application/json"}


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with ceb_world(world_database, tmp_path_factory.mktemp("node")) as running:
        yield running


def declared(world: World, number: int) -> Receipt:
    """Declare a purchase; its answer."""
    (receipt,) = receipts(render(world, "agent", inventory_message(inventory(number))))
    return receipt


def tell_the_rest(world: World, number: int) -> list[str]:
    """Send what the other three know of it; status of each answer."""
    answers = (
        render(world, "market", order_message(number)),
        render(world, "wallet", payment_message(number)),
        render(world, "courier", waybill_message(number)),
    )
    return [receipts(one)[0].status_code for one in answers]


def release(world: World, number: int) -> None:
    """Pay what is due, and report the arrival."""
    with world.client("officer") as client:
        case = client.get(f"/v1/declarations/COP-{number}").json()["case_id"]
        mark = {"reference": f"M-{number}", "kind": "paid", "currency_code": "CNY", "amount": "500.00"}
        assert client.post(f"/v1/cases/{case}/payment-records", json=mark).status_code == 200
        arrival = {
            "reference": f"A-{number}",
            "arrived_at": "2026-03-03T08:00:00+08:00",
            "conveyance_reference": f"XX100-{number}",
        }
        assert client.post("/v1/arrivals", json=arrival).status_code == 201


def later(world: World, number: int, party: str = "agent") -> list[tuple[str, str]]:
    """Return message and status of what a party was told later of a purchase, in order."""
    return [
        (name, one.status_code) for name, one in told(world, party) if one.subject["copNo"] == f"COP-{number}"
    ]


def test_four_documents_of_one_purchase_end_in_one_decided_case(world: World) -> None:
    before = declared(world, 1)
    others = tell_the_rest(world, 1)

    assert (before.status_code, others) == ("120", ["120"] * 3), "the declaration waits for the other three"
    assert later(world, 1) == [("CEB622Message", "120")] * 3 + [("CEB622Message", "399")]
    with psycopg.connect(world.dsn) as connection:
        rows = connection.execute(
            "SELECT count(DISTINCT document.case_id), count(*), bool_and(is_confirmed) FROM document"
            " JOIN consignment USING (case_id) WHERE consignment.mrn = %s",
            (before.subject["invtNo"],),
        ).fetchall()
    assert rows == [(1, 4, True)]
    with world.client("agent") as client:
        decision = client.get("/v1/declarations/COP-1").json()["decision"]
    assert decision["law"][0]["code"] == "CN-CBEC-2019"
    assert decision["form_code"] == "CBEC-9610"
    # 70 % of 13 % on 130.00 yuan: 120.00 of goods and 10.00 of freight.
    assert decision["totals"]["tax_amount"] == "11.83"


def test_words_are_chinese_unless_english_is_asked_for(world: World) -> None:
    declared(world, 2)

    said = {
        language: [one.text for _, one in told(world, "agent", **headers) if one.subject["copNo"] == "COP-2"]
        for language, headers in (("zh", {}), ("en", ENGLISH))
    }

    missing = "[cn-order-in-case] The platform's electronic order is needed. The platform sends the order."
    for language, words in (("zh", outcome("document-missing").zh), ("en", outcome("document-missing").en)):
        (text,) = said[language]
        assert text.startswith(words)
        assert missing in text, "which document is missing is said as the law pack says it"


def test_change_of_an_order_replaces_it_and_sent_again_changes_nothing(world: World) -> None:
    receipts(render(world, "market", order_message(3)))
    change = order_message(3, act="2", discount="7")

    answers = [render(world, "market", change, **JSON).json()["answers"][0] for _ in range(2)]
    (again,) = receipts(render(world, "market", order_message(3, discount="9")))

    assert [(one["status"], one["version"]) for one in answers] == [("recorded", 2), ("repeated", 2)]
    assert again.status_code == "100"
    assert "[reference-reused]" in again.text


def test_deleted_order_sends_the_declaration_back_to_waiting(world: World) -> None:
    declared(world, 4)
    tell_the_rest(world, 4)

    (deleted,) = receipts(render(world, "market", order_message(4, act="3")))
    (again,) = receipts(render(world, "market", order_message(4)))

    assert deleted.status_code == "399"
    assert later(world, 4)[-2:] == [("CEB622Message", "399"), ("CEB622Message", "120")]
    assert (again.status_code, "[withdrawn]" in again.text) == ("100", True)


def test_deleted_payment_and_waybill_are_withdrawn_too(world: World) -> None:
    declared(world, 5)
    tell_the_rest(world, 5)

    deleted = [
        receipts(render(world, "wallet", payment_message(5, act="3")))[0],
        receipts(render(world, "courier", waybill_message(5, act="3")))[0],
    ]

    assert [one.status_code for one in deleted] == ["399", "399"]
    with psycopg.connect(world.dsn) as connection:
        kind = EVENT_KINDS.index("document-withdrawn")
        ((count,),) = connection.execute(
            "SELECT count(*) FROM event WHERE kind = %s AND party_id = 43", (kind,)
        ).fetchall()
    assert count >= 2, "the declarant is told"


def test_declaration_is_changed_then_withdrawn_on_request(world: World) -> None:
    first = declared(world, 6)

    (changed,) = receipts(render(world, "agent", inventory_message(inventory(6, act="2", freight="20"))))
    (withdrawn,) = receipts(render(world, "agent", cancellation_message(6, first.subject["invtNo"])))

    assert changed.subject["invtNo"] == first.subject["invtNo"]
    assert (withdrawn.status_code, withdrawn.subject["copNo"]) == ("399", "COP-6")
    assert withdrawn.subject["preNo"] == first.subject["preNo"]
    assert [name for name, _ in later(world, 6)] == ["CEB622Message", "CEB622Message", "CEB624Message"]


def test_declaration_deleted_by_its_own_message(world: World) -> None:
    declared(world, 7)

    (deleted,) = receipts(render(world, "agent", inventory_message(inventory(7, act="3"))))
    (changed,) = receipts(render(world, "agent", inventory_message(inventory(7, act="2"))))

    assert deleted.status_code == "399"
    assert "[withdrawn]" in changed.text


def test_goods_come_back_after_release_only(world: World) -> None:
    number = declared(world, 8).subject["invtNo"]
    tell_the_rest(world, 8)
    (early,) = receipts(render(world, "agent", return_message(8, number)))
    release(world, 8)

    (too_many,) = receipts(render(world, "agent", return_message(8, number, quantity="3")))
    (kept,) = receipts(render(world, "agent", return_message(8, number)))
    (late,) = receipts(render(world, "agent", cancellation_message(8, number)))

    assert (early.status_code, "[return-before-release]" in early.text) == ("100", True)
    assert "(/CEB625Message/InvtRefund/InvtRefundList[1]/qty)" in too_many.text
    assert (kept.status_code, kept.subject["invtNo"]) == ("120", number)
    assert "尚未退还" in kept.text, "nothing is paid back yet, and the answer says so"
    assert late.status_code == "300", "an officer decides on a withdrawal after release"
    assert later(world, 8)[-1] == ("CEB622Message", "800")


def test_others_cannot_withdraw_or_return_what_they_did_not_declare(world: World) -> None:
    number = declared(world, 9).subject["invtNo"]

    (cancelled,) = receipts(render(world, "other-agent", cancellation_message(9, number)))
    (returned,) = receipts(render(world, "other-agent", return_message(9, number)))

    assert [one.status_code for one in (cancelled, returned)] == ["100", "100"]
    assert "[not-found]" in cancelled.text
    assert "[return-unknown-declaration]" in returned.text


def test_fault_of_one_document_leaves_its_neighbours(world: World) -> None:
    bodies = [
        inventory(20),
        inventory(21).replace("<ceb:qty>2</ceb:qty>", "<ceb:qty>two</ceb:qty>"),
        inventory(22).replace("<ceb:unit>011", "<ceb:colour>red</ceb:colour><ceb:unit>011"),
        inventory(23, gcode="0000000000"),
        inventory(24, appStatus="1"),
        inventory(25, appType="9"),
        inventory(26).replace("<ceb:gnum>", '<ceb:gnum colour="red">'),
    ]

    found = receipts(render(world, "agent", inventory_message(*bodies)))

    assert [one.subject["copNo"] for one in found] == [f"COP-{number}" for number in range(20, 27)]
    assert [one.status_code for one in found] == ["120", "100", "120", "100", "1", "100", "100"]
    assert "[not-a-decimal] (/CEB621Message/Inventory[2]/InventoryList/qty)" in found[1].text
    assert "[unread-element] (/CEB621Message/Inventory[3]/InventoryList[1]/colour)" in found[2].text
    assert "(/CEB621Message/Inventory[4]/InventoryList[1]/gcode)" in found[3].text
    assert "[ceb-other-value] (/CEB621Message/Inventory[6]/InventoryHead/appType)" in found[5].text
    with world.client("agent") as client:
        assert client.get("/v1/declarations/COP-24").status_code == 404, "held back is not filed"


def test_add_and_delete_in_one_message_are_done_in_order(world: World) -> None:
    both = order_message(30, 31)
    third = etree.tostring(etree.fromstring(order_message(30, act="3"))[0])

    found = receipts(
        render(world, "market", both.replace(b"<ceb:BaseTransfer>", third + b"<ceb:BaseTransfer>"))
    )

    assert [one.status_code for one in found] == ["120", "120", "399"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (order_message(40)[:-200], "malformed-xml"),
        (b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "doctype-refused"),
        (order_message(40).replace(b"chinaport", b"chinaharbour"), "other-namespace"),
        (order_message(40).replace(b"CEB311Message", b"CEB999Message"), "other-root"),
        (order_message(40).decode().encode("utf-16"), "not-utf-8"),
        (b"", "empty-message"),
        pytest.param(b"PK\x03\x04" + b"\0" * 64, "packed-message", id="zip"),
        (b"<a>" * 200 + b"</a>" * 200, "too-deep"),
        (message(name="CEB311Message"), "missing-field"),
        (order_message(*[40] * 101), "too-many"),
        (message(name="CEB900Message"), "ceb-not-a-document"),
        (order_message(40).replace(b'version="1.0" xmlns', b'version="9.9" xmlns'), "ceb-version"),
        (order_message(40).replace(b"<ceb:Order>", b"loose<ceb:Order>"), "ceb-loose-text"),
    ],
)
def test_message_that_cannot_be_read_is_answered_and_nothing_of_it_is_done(
    world: World, content: bytes, code: str
) -> None:
    answer = render(world, "market", content)

    assert answer.status_code == 422
    assert f"[{code}]" in answer.text
    assert etree.QName(etree.fromstring(answer.content)).localname == "CEB900Message"
    assert [one.code for one in check_message(answer.content) if one.severity == "fault"] == []


def test_who_may_not_submit_orders_is_refused_before_anything_is_done(world: World) -> None:
    answer = render(world, "courier", order_message(41))

    assert (answer.status_code, answer.json()["code"]) == (403, "role-not-allowed")


def test_findings_of_a_declaration_point_at_its_own_elements_then_and_later(world: World) -> None:
    content = inventory_message(inventory(71), inventory(72, gname="gift"))

    answer = render(world, "agent", content, **JSON).json()["answers"][1]
    with world.client("agent") as client:
        read = client.get("/v1/declarations/COP-72").json()

    found = answer["decision"]["findings"]
    (vague,) = [one for one in found if one["code"] == "description-vague"]
    assert at_place(content, vague["pointer"]) == "gift"
    assert read["decision"]["findings"] == found
    for one in (*found, *answer.get("findings", ())):
        assert one["pointer"].startswith("/CEB621Message/Inventory[2]"), one
        assert at_place(content, one["pointer"]) is not None, one


def test_fault_that_checking_finds_points_at_the_element(world: World) -> None:
    content = payment_message(73, payTime="20260231093100")

    (answer,) = render(world, "wallet", content, **JSON).json()["answers"]

    assert answer["status"] == "rejected"
    assert "20260231093100" in {at_place(content, one["pointer"]) for one in answer["findings"]}


def at_place(content: bytes, place: str) -> str | None:
    """Return the text of the element at a place of a message, None where there is none; names are local."""
    steps = [
        f"*[local-name()='{name}']{'[' + number if number else ''}"
        for name, _, number in (one.partition("[") for one in place.strip("/").split("/"))
    ]
    found = etree.fromstring(content).getroottree().xpath("/" + "/".join(steps))
    return (found[0].text or "") if found else None
