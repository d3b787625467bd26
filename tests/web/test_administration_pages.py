"""Pages of administrators: what they do is what the API does; others are shown the way on."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx2
import pytest
from psycopg import AsyncConnection

from serai.foundation.access import people
from serai.foundation.access.sign_in import make_link
from tests.journey.cases.world import World, rows

HTML = {"accept": "text/html"}
OFFICE = {
    "reference": "AIR",
    "name": "Airport Office",
    "address": "Way 2",
    "hours": "always",
    "contact": "a@x.example",
}


class Browser(httpx2.Client):
    """Sends forms with the token of the page."""

    def send_form(self, page: str, path: str, **fields: object) -> httpx2.Response:
        token = re.search(r'name="form_token" value="([0-9a-f]+)"', self.get(page).text)
        assert token is not None
        return self.post(path, data={"form_token": token[1], **fields})


async def _make_links(dsn: str) -> list[str]:
    at = datetime.now(UTC)
    links = []
    async with await AsyncConnection.connect(dsn) as connection:
        for number, role in ((700, "admin"), (701, "officer")):
            await people.create_account(
                connection, account_id=number, administration_id=1, sign_in_name=role,
                password="three unrelated words", roles=frozenset({role}), at=at,
            )  # fmt: skip
            links.append(await make_link(connection, account_id=number, administration_id=1, at=at))
    return links


@pytest.fixture(scope="module")
def browsers(world: World) -> Iterator[list[Browser]]:
    with ThreadPoolExecutor(1) as thread:
        links = thread.submit(lambda: asyncio.run(_make_links(world.dsn))).result()
    found = [Browser(base_url=world.address, timeout=60, headers=HTML) for _ in links]
    for browser, link in zip(found, links, strict=True):
        browser.get(f"/enter/{link}")
    yield found
    for browser in found:
        browser.close()


def test_an_administrator_adds_a_party_gives_it_a_key_and_takes_both_back(
    world: World, browsers: list[Browser]
) -> None:
    admin, parties = browsers[0], "/administration/parties"
    wanted = {"reference": "PAGE-1", "name": "Lantern Post", "roles": ["post"]}
    faulty = admin.send_form(parties, parties, reference="PAGE-1")
    first, second = (admin.send_form(parties, parties, **wanted) for _ in range(2))
    party = first.headers["location"]
    made = admin.send_form(party, f"{party}/keys", reference="first", scopes=["reading"])
    again = admin.send_form(party, f"{party}/keys", reference="first", scopes=["reading"])
    text = re.search(r"serai_[\w-]+", made.text)
    assert text is not None, (made.status_code, made.text[made.text.find("<main") :][:3000])
    headers = {"authorization": f"Bearer {text[0]}"}
    opened = httpx2.get(f"{world.address}/v1/declarations", headers=headers)
    key = re.search(r"/keys/([0-9a-f]+)/revocation", made.text)
    assert key is not None
    revoked = admin.send_form(party, f"{party}/keys/{key[1]}/revocation")
    named = [
        admin.send_form(party, f"{party}/identifiers", identifier=one) for one in ("LANTERN-1", "two words")
    ]
    ended = admin.send_form(party, f"{party}/roles", role="post", take="1")

    assert (faulty.status_code, "Enter a name." in faulty.text) == (422, True)
    assert "Choose at least one role." in faulty.text
    assert (first.status_code, second.headers["location"]) == (303, party)
    assert (made.status_code, again.status_code, opened.status_code) == (200, 422, 200)
    assert text[0] not in admin.get(party).text
    assert httpx2.get(f"{world.address}/v1/declarations", headers=headers).status_code == 401
    assert [one.status_code for one in (revoked, *named, ended)] == [303, 303, 422, 303]
    kinds = rows(
        world.dsn,
        "SELECT kind, subject FROM administering_act WHERE actor = 'account:700' AND kind <> 'signed-in'"
        " AND subject NOT LIKE 'office%%'"
        " ORDER BY act_id",
    )
    assert [kind for kind, _ in kinds] == [
        "party-added",
        "key-made",
        "key-revoked",
        "identifier-added",
        "role-taken",
    ]


@pytest.mark.in_turn
def test_an_office_of_the_page_is_that_of_the_api(world: World, browsers: list[Browser]) -> None:
    admin, page = browsers[0], "/administration/offices"
    faulty = admin.send_form(page, page, **OFFICE | {"valid_from": "2020-01-01", "country_codes": "IE"})
    saved = [admin.send_form(page, page, **OFFICE) for _ in range(2)]
    with world.client("officer") as client:
        listed = client.get("/v1/offices").json()["offices"]
        same = client.put("/v1/offices/AIR", json={key: OFFICE[key] for key in OFFICE if key != "reference"})
    ended = [admin.send_form(page, f"{page}/AIR/end") for _ in range(2)]

    assert (faulty.status_code, "This day is past" in faulty.text) == (422, True)
    assert [one.status_code for one in (*saved, *ended)] == [303] * 4
    assert [one["name"] for one in listed if one["office"] == "AIR"] == ["Airport Office"]
    assert same.status_code == 200
    acts = rows(world.dsn, "SELECT kind FROM administering_act WHERE subject = 'office AIR' ORDER BY act_id")
    assert [kind for (kind,) in acts] == ["office-added", "office-ended"]


def test_an_officer_is_shown_the_way_on_and_a_form_without_token_does_nothing(
    browsers: list[Browser],
) -> None:
    admin, officer = browsers
    told = [officer.get(f"/administration{one}") for one in ("", "/parties", "/offices")]
    unsigned = admin.post("/administration/offices", data=OFFICE)

    assert [one.status_code for one in told] == [403] * 3
    assert all("An administrator gives roles." in one.text for one in told)
    assert unsigned.status_code == 403
    assert "/administration" in admin.get("/administration").text
