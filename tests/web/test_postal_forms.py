"""Papers for the post over HTTP: of the form that was just sent, and later of what is stored."""

import pytest

from serai.foundation.id_text import format_id
from tests.journey.cases.world import World, rows
from tests.web.test_declaration_page import SOUND, send, token

HTML = {"accept": "text/html"}


@pytest.fixture(scope="module")
def number() -> str:
    """An S10 number with its check digit."""
    digits = "55554444"
    weighed = sum(int(digit) * weight for digit, weight in zip(digits, (8, 6, 4, 2, 3, 5, 9, 7), strict=True))
    check = 11 - weighed % 11
    return f"RR{digits}{ {10: 0, 11: 5}.get(check, check) }CN"


def test_whoever_has_just_sent_a_parcel_has_its_papers_without_an_account(world: World, number: str) -> None:
    with world.client("") as visitor:
        sent = send(visitor, world.keys["rival"], reference="web-POST-1", number=number)
        typed = {**SOUND, "reference": "web-POST-1", "number": number, "amends": "1"}
        form = visitor.post(
            "/declare/postal-forms", data=typed | {"paper": "cn22", "posted_on": "2026-07-03"}
        )
        message = visitor.post("/declare/postal-forms", data=typed | {"paper": "itmatt"})
        nothing = visitor.post("/declare/postal-forms", data={"paper": "cn23"}, headers=HTML)
        unnumbered = visitor.post("/declare/postal-forms", data=typed | {"paper": "itmatt", "number": ""})
        no_day = visitor.post("/declare/postal-forms", data=typed | {"paper": "cn23", "posted_on": "soon"})

    assert "Papers for the post" in sent.text
    assert form.status_code == 200
    for text in ("CN 22", number, "men&#39;s t-shirt, cotton, knitted", "610910", "EUR 25", "2026-07-03"):
        assert text in form.text, text
    assert message.headers["content-disposition"] == f'attachment; filename="itmatt-{number}.xml"'
    assert b"<OrigCountryCd>CN</OrigCountryCd>" in message.content
    assert {answer.status_code for answer in (nothing, unnumbered, no_day)} == {422}


@pytest.mark.in_turn
def test_later_the_papers_are_of_what_is_stored_for_whoever_sent_it_alone(world: World, number: str) -> None:
    with world.client("") as visitor:
        send(visitor, world.keys["rival"], reference="web-POST-2", number=number.replace("RR", "RA"))
    ((case_id, consignment),) = rows(
        world.dsn, "SELECT case_id, consignment_id FROM consignment WHERE reference = 'web-POST-2'"
    )
    path = f"/parcels/{format_id(case_id)}/postal-forms"
    data = {"consignment": format_id(consignment), "paper": "cn23", "posted_on": "2026-07-03"}
    with world.client("rival") as own, world.client("seller") as other, world.client("officer") as officer:
        shown = own.get(f"/parcels/{format_id(case_id)}", headers=HTML).text
        form = own.post(path, data=data, headers=HTML)
        message = own.post(path, data=data | {"paper": "itmatt"})
        refused = [one.post(path, data=data, headers=HTML).status_code for one in (other, officer)]
    with world.client("") as stranger:
        page = stranger.get("/declare").text
        refused.append(stranger.post(path, data=data | {"form_token": token(page)}, headers=HTML).status_code)

    assert "Papers for the post" in shown
    for text in ("CN 23", "Zelda Example", "Weg 1", "10115 Berlin", "GERMANY"):
        assert text in form.text, text
    assert b"<RecipientName>Zelda Example</RecipientName>" in message.content
    assert refused == [404, 403, 401]
    readings = "SELECT count(DISTINCT actor) FROM vault_read WHERE purpose = 'transport-papers'"
    assert rows(world.dsn, readings) == [(1,)]
