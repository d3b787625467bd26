"""The pages that declare one parcel over HTTP, as a browser without script and as an attacker."""

import re
from html import unescape
from typing import Any

import httpx2
import pytest

from serai.foundation.id_text import format_id
from tests.journey.cases.world import World, parcel, rows

SOUND = {
    "reference": "web-TEST-1",
    "what_1": "men's t-shirt, cotton, knitted",
    "sku_1": "SHIRT-1",
    "code_1": "610910",
    "made_1": "CN",
    "pieces_1": "2",
    "weight_1": "0,35",
    "price_1": "25",
    "currency": "EUR",
    "nature": "B2C",
    "sender_name": "Invented Shop",
    "sender_street": "Road 1",
    "sender_city": "Shenzhen",
    "sender_country": "CN",
    "buyer_name": "Zelda Example",
    "buyer_street": "Weg 1",
    "buyer_city": "Berlin",
    "buyer_postcode": "10115",
    "buyer_country": "DE",
    "way": "post",
    "number": "RR 123 456 785 CN",
}


def token(page: str) -> str:
    found = re.search(r'name="form_token" value="([^"]*)"', page)
    assert found
    return found[1]


@pytest.fixture
def visitor(world: World) -> httpx2.Client:
    return world.client("")


def send(visitor: httpx2.Client, key: str, **changes: Any) -> httpx2.Response:
    page = visitor.post("/declare/check", data={**SOUND, **changes}).text
    return visitor.post("/declare/send", data={**SOUND, **changes, "key": key, "form_token": token(page)})


def count(world: World, reference: str) -> int:
    found = rows(world.dsn, f"SELECT count(*) FROM submission WHERE reference = '{reference}'")
    return int(found[0][0])


def test_all_faults_are_told_at_once_and_everything_typed_comes_back(visitor: httpx2.Client) -> None:
    with visitor:
        answer = visitor.post(
            "/declare/check", data={"what_1": "<b>shirt</b>", "price_1": "much", "order": "a b"}
        )

    assert answer.status_code == 422
    for field in ("made_1", "weight_1", "price_1", "order", "sender_name", "buyer_country"):
        assert f'href="#{field}"' in answer.text, field
    assert "&lt;b&gt;shirt&lt;/b&gt;" in answer.text
    assert "<b>shirt" not in answer.text
    assert 'value="much"' in answer.text


def test_faults_of_the_declaration_stand_at_their_fields(visitor: httpx2.Client) -> None:
    with visitor:
        answer = visitor.post(
            "/declare/check",
            data=SOUND | {"number": "RR123456784CN", "own_code_1": "77000000", "code_1": "own"},
        )

    assert answer.status_code == 422
    assert 'href="#own_code_1"' in answer.text
    assert 'href="#number"' in answer.text


def test_it_is_lodged_as_over_the_api_once_however_often_it_is_sent(
    world: World, visitor: httpx2.Client
) -> None:
    with visitor:
        first = send(visitor, world.keys["rival"])
        again = send(visitor, world.keys["rival"])
        changed = send(visitor, world.keys["rival"], price_1="26")
        corrected = send(visitor, world.keys["rival"], price_1="26", amends="1", why="the price was wrong")
        other = send(visitor, world.keys["seller"])

    assert first.status_code == again.status_code == other.status_code == 200
    assert "It had been sent before" not in first.text
    assert "It had been sent before" in again.text
    assert "serai-receipt-1" in unescape(first.text)
    assert changed.status_code == 422
    assert "To correct it, say why." in changed.text
    assert 'name="amends" value="1"' in changed.text
    assert corrected.status_code == 200
    assert "It had been sent before" not in corrected.text
    # One of each party: a reference is its declarant's own.
    assert count(world, "web-TEST-1") == 2
    ((case_id,),) = rows(
        world.dsn, "SELECT min(case_id) FROM consignment WHERE reference = 'web-TEST-1' AND party_id = 11"
    )
    with world.client("rival") as api:
        case = f"/v1/cases/{format_id(case_id)}"
        own = max(
            (one for one in api.get(case).json()["documents"] if one["is_own"]),
            key=lambda one: one["version"],
        )
        content = api.get(f"{case}/documents/{own['document_id']}").json()["content"]
    assert content["goods_items"][0]["commodity_code"] == "610910"
    assert content["goods_items"][0]["gross_mass_kg"] == "0.35"
    assert (own["version"], content["goods_items"][0]["invoice_amount"]) == (2, "26")
    assert content["house_document"] == "RR123456785CN"


def test_what_was_sent_comes_back_whole_to_be_corrected_by_whoever_sent_it(
    world: World, visitor: httpx2.Client
) -> None:
    with visitor:
        send(
            visitor,
            world.keys["rival"],
            reference="web-TEST-9",
            number="RR223344557CN",
            sold_on="2026-06-30",
            postage="4,50",
            order="O-9",
        )
    ((number, consignment),) = rows(
        world.dsn, "SELECT case_id, consignment_id FROM consignment WHERE reference = 'web-TEST-9'"
    )
    path = f"/parcels/{format_id(number)}/amendment"
    html = {"accept": "text/html"}
    with world.client("rival") as own:
        offered = own.get(f"/parcels/{format_id(number)}", headers=html).text
        shown = own.post(path, data={"consignment": format_id(consignment)}, headers=html)
        typed = dict(_typed(shown.text))
        checked = own.post("/declare/check", data=typed | {"why": "The price was wrong", "price_1": "30"})
        sent = own.post(
            "/declare/send",
            data=typed | {"why": "The price was wrong", "price_1": "30", "form_token": token(checked.text)},
        )
        anew = own.post(path, data={"consignment": format_id(consignment)}, headers=html).text
        readings = rows(world.dsn, "SELECT count(*) FROM vault_read WHERE purpose = 'correction'")
    with world.client("seller") as other:
        rogue = other.post(path, headers=html)
    other_case = file_by_api(world)
    with world.client("post") as own:
        beyond = own.post(f"/parcels/{other_case}/amendment", headers=html)

    assert path in offered
    assert typed["buyer_name"] == "Zelda Example"
    assert (typed["price_1"], typed["postage"], typed["sold_on"]) == ("25", "4.50", "2026-06-30")
    assert typed["amends"] == "1"
    assert sent.status_code == 200
    assert 'name="amends" value="2"' in anew
    assert 'value="30"' in anew
    assert rogue.status_code == 404
    assert readings[0][0] > 0, "that people were read to correct it is recorded"
    assert beyond.status_code == 409
    assert "says more than the form asks" in beyond.text


def _typed(page: str) -> list[tuple[str, str]]:
    """The values that a form holds: of fields with a name, and of what is chosen."""
    found = []
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r' name="([^"]*)"', tag), re.search(r' value="([^"]*)"', tag)
        if name and value and ('type="radio"' not in tag or "checked" in tag):
            found.append((name[1], unescape(value[1])))
    for name, options in re.findall(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', page, re.DOTALL):
        found += [(name, value) for value in re.findall(r'<option value="([^"]*)" selected', options)]
    return found


def file_by_api(world: World) -> str:
    """The case of a declaration that says more than the form asks."""
    with world.client("post") as client:
        return str(client.post("/v1/declarations", json=parcel("API-9")).json()["case_id"])


def test_who_may_not_declare_is_told_and_keeps_the_form(world: World, visitor: httpx2.Client) -> None:
    reference = "web-TEST-2"
    with visitor:
        nobody = send(visitor, "", reference=reference)
        unknown = send(visitor, "serai_1_" + "x" * 43, reference=reference)
        payer = send(visitor, world.keys["payer"], reference=reference)
        page = visitor.post("/declare/check", data=SOUND | {"reference": reference}).text
        forged = visitor.post(
            "/declare/send", data=SOUND | {"reference": reference, "key": world.keys["rival"]}
        )
        other_session = visitor.post(
            "/declare/send",
            data=SOUND
            | {"reference": reference, "key": world.keys["rival"], "form_token": token(page)[:-1] + "x"},
        )

    for answer in (nobody, unknown, payer, forged, other_session):
        assert answer.status_code == 422
        assert "Zelda Example" in answer.text
        assert world.keys["rival"] not in answer.text
        assert world.keys["payer"] not in answer.text
    assert "Sign in to send it." in nobody.text
    assert "Nothing is lost" in forged.text
    assert count(world, reference) == 0


def test_large_odd_and_empty_forms_are_answered_plainly(visitor: httpx2.Client) -> None:
    with visitor:
        large = visitor.post("/declare", data={"what_1": "x" * 50_000})
        too_large = visitor.post("/declare/check", data={"what_1": "x" * 70_000})
        many = visitor.post(
            "/declare", data={f"what_{number}": "shirt" for number in range(1, 60)} | {"add": "1"}
        )
        odd = visitor.post(
            "/declare", data={"at": "what-1", "reference": "a b", "code_1": "\x00", "drop": "99"}
        )
        nothing = visitor.post("/declare")
        back = visitor.get("/declare/send", follow_redirects=False)

    assert large.status_code == 200
    assert "x" * 257 not in large.text
    assert too_large.status_code == 413
    assert many.text.count('data-item="10"') == 5
    assert 'data-item="11"' not in many.text
    assert odd.status_code == nothing.status_code == 200
    assert 'name="reference" value="web-' in odd.text
    assert (back.status_code, back.headers["location"]) == (303, "/declare")


def test_goods_are_added_and_taken_out_and_codes_are_proposed(visitor: httpx2.Client) -> None:
    with visitor:
        two = visitor.post("/declare", data=SOUND | {"add": "1", "what_2": "ball point pen"}).text
        one = visitor.post("/declare", data=SOUND | {"what_2": "ball point pen", "drop": "1"}).text

    assert 'id="what-3"' in two
    assert "<code>960810</code>" in two
    assert 'id="what-2"' not in one
    assert 'value="ball point pen"' in one


def test_whoever_asks_too_often_is_told_that_no_codes_are_proposed_and_not_that_there_are_none(
    world: World,
) -> None:
    with world.client("", at="127.0.0.9") as eager:
        pages = [eager.post("/declare", data={"what_1": "ball point pen"}) for _ in range(25)]

    assert {page.status_code for page in pages} == {200}
    assert "<code>960810</code>" in pages[0].text
    assert "So many ask just now" in pages[-1].text
    assert not [page for page in pages if "No code was found" in page.text]
