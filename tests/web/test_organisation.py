"""Organisations that register themselves, and their people: who comes in, as what, and who does not."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count
from pathlib import Path

import httpx2
import psycopg
import pytest

from serai.foundation.access.passwords import password_matches
from serai.foundation.access.secrets import form_token, hash_secret, make_token
from serai.foundation.id_text import format_id
from tests.journey.cases.world import PARTIES, World, parcel, rows

HTML = {"accept": "text/html"}
PASSWORD = "three unrelated words"
_NUMBERS = count(1)


def messages_to(world: World, email: str) -> list[str]:
    """Texts of messages that lie in the folder, the oldest first."""
    found = []
    for path in sorted(Path(world.folder, "mail").glob("*.eml"), key=lambda one: one.stat().st_mtime_ns):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        assert isinstance(message, EmailMessage)
        if email in str(message["To"]):
            found.append(str(message.get_content()))
    return found


def wait_for_link(world: World, email: str, nth: int = 1) -> str:
    """The path of the link in the nth message to an address."""
    end = time.monotonic() + 20
    while len(found := messages_to(world, email)) < nth:
        assert time.monotonic() < end, f"no message to {email}"
        time.sleep(0.1)
    link = re.search(r"(/confirm/\S+)", found[nth - 1])
    assert link is not None
    return link[1]


class Browser(httpx2.Client):
    """Sends forms as a browser does: with the cookies it has, and the token of the page before."""

    def send_form(self, path: str, page: str = "", **fields: object) -> httpx2.Response:
        shown = self.get(page or path, headers=HTML)
        token = re.search(r'name="form_token" value="([0-9a-f]+)"', shown.text)
        assert token is not None, shown.text
        return self.post(path, data={"form_token": token[1], **fields}, headers=HTML)


@pytest.fixture
def browser(world: World) -> Iterator[Browser]:
    with Browser(base_url=world.address, timeout=60) as one:
        yield one


def new_browser(world: World) -> Browser:
    return Browser(base_url=world.address, timeout=60)


def asked_anew(world: World, path: str, **fields: str) -> str:
    """The answer to a form, in a browser that was never here."""
    with new_browser(world) as stranger:
        return stranger.send_form(path, **fields).text


def register(world: World, browser: Browser, name: str) -> str:
    """Register an organisation and follow the link; return the address of its manager."""
    email = f"{name}-{next(_NUMBERS)}@shop.example"
    sent = browser.send_form("/register", name=f"Invented {name}", country="DE", email=email)
    assert sent.status_code == 200, sent.text
    done = browser.send_form(wait_for_link(world, email), password=PASSWORD, again=PASSWORD)
    assert "Your organisation is registered" in done.text
    return email


def sign_in(browser: Browser, email: str, password: str = PASSWORD) -> httpx2.Response:
    return browser.send_form("/sign-in", sign_in_name=email, password=password, next="/organisation")


def let_in(world: World, browser: Browser, email: str) -> None:
    """Sign somebody in without the password, which takes long to compare."""
    token, at = make_token(), datetime.now(UTC)
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO page_session SELECT %s, 1, account_id, %s, %s, NULL, %s, false FROM account"
            " WHERE sign_in_name = %s",
            [hash_secret(token), at, at + timedelta(hours=1), at, email],
        )
    browser.cookies["serai_session"] = token


def has_password(world: World, email: str, password: str) -> bool:
    ((known,),) = rows(world.dsn, "SELECT password_hash FROM account WHERE sign_in_name = %s", email)
    return password_matches(password, known)


def acts_of(world: World) -> list[tuple[str, str]]:
    return rows(world.dsn, "SELECT kind, subject FROM administering_act ORDER BY act_id")


@pytest.mark.in_turn
def test_a_seller_registers_confirms_the_address_and_files(world: World, browser: Browser) -> None:
    email = register(world, browser, "first")

    came_in = sign_in(browser, email)
    shown = browser.get("/organisation", headers=HTML).text
    browser.headers["x-form-token"] = form_token(browser.cookies["serai_session"])
    filed = browser.post("/v1/declarations", json=parcel("OF-A-PERSON", seller_id="INVENTED-FIRST"))
    listed = browser.get("/v1/declarations", params={"reference": "OF-A-PERSON"})

    assert (came_in.status_code, came_in.headers["location"]) == (303, "/organisation")
    assert "Invented first" in shown
    assert "Registered here as: seller." in shown
    assert filed.status_code in {200, 201}, filed.text
    assert listed.status_code in {200, 400, 404}
    assert not [one for one in acts_of(world) if email in one[1]], "an address is not in the record"


@pytest.mark.in_turn
def test_the_answer_does_not_tell_whether_an_address_has_an_account(world: World, browser: Browser) -> None:
    email = register(world, browser, "known")
    stranger = "stranger@shop.example"

    answers = [
        asked_anew(world, "/register", name="Other", country="FR", email=one) for one in (email, stranger)
    ]
    asked = [
        browser.post("/v1/registrations", json={"name": "X", "country_code": "FR", "email": one})
        for one in (email, stranger)
    ]
    forgotten = [asked_anew(world, "/password", email=one) for one in (email, "nobody@shop.example")]
    wait_for_link(world, email, 2)

    def bare(text: str, address: str) -> str:
        text = re.sub(r'(request <code>)[^<]*|value="[0-9a-f]{48}"', "", text)
        return text.replace(address, "ADDRESS")

    assert bare(answers[0], email) == bare(answers[1], stranger)
    assert [one.status_code for one in asked] == [202, 202]
    assert bare(forgotten[0], email) == bare(forgotten[1], "nobody@shop.example")
    assert "It has an account already" in messages_to(world, email)[1]
    assert messages_to(world, "nobody@shop.example") == []


@pytest.mark.in_turn
def test_a_link_is_not_used_by_looking_and_counts_once(world: World, browser: Browser) -> None:
    email = "once@shop.example"
    browser.send_form("/register", name="Once", country="DE", email=email)
    link = wait_for_link(world, email)

    looked = [browser.head(link).status_code, browser.get(link, headers=HTML).status_code]
    weak = browser.send_form(link, password="short", again="short")
    differs = browser.send_form(link, password=PASSWORD, again="another three words")
    forged = browser.post(link, data={"password": PASSWORD, "again": PASSWORD}, headers=HTML)
    done = browser.send_form(link, password=PASSWORD, again=PASSWORD)
    late = browser.get(link)

    assert looked == [200, 200]
    assert (weak.status_code, differs.status_code, forged.status_code) == (422, 422, 403)
    assert done.status_code == 200
    assert (late.status_code, late.json()["code"]) == (410, "link-used-or-expired")
    assert rows(
        world.dsn, "SELECT count(*) FROM mailed_link WHERE used_at IS NOT NULL AND sealed IS NOT NULL"
    ) == [(0,)]


@pytest.mark.in_turn
def test_whoever_is_invited_acts_for_the_party_and_no_more_than_the_part_allows(
    world: World, browser: Browser
) -> None:
    email = register(world, browser, "inviting")
    let_in(world, browser, email)
    reader = f"reader-{next(_NUMBERS)}@shop.example"

    invited = browser.send_form("/organisation/people", "/organisation", email=reader, member_role="reader")
    with new_browser(world) as other:
        other.send_form(wait_for_link(world, reader), password=PASSWORD, again=PASSWORD)
        let_in(world, other, reader)
        page = other.get("/organisation", headers=HTML)
        other.headers["x-form-token"] = form_token(other.cookies["serai_session"])
        filed = other.post("/v1/declarations", json=parcel("BY-A-READER"))
        key = other.post("/organisation/keys", data={"reference": "x", "scopes": "lodging"})
        administered = other.get("/v1/parties")
        queue = other.get("/queue")
        # Another's person cannot be ended by number either.
        theirs = rows(world.dsn, "SELECT account_id FROM account WHERE sign_in_name = %s", reader)[0][0]
        with new_browser(world) as rival:
            let_in(world, rival, register(world, rival, "rival"))
            wrong = rival.send_form(f"/organisation/people/{format_id(theirs)}", "/organisation", end="1")
        still = other.get("/organisation", headers=HTML).status_code
        browser.send_form(f"/organisation/people/{format_id(theirs)}", "/organisation", end="1")
        ended = other.get("/organisation")

    assert "a message is on its way" in invited.text
    assert page.status_code == 200
    assert "Invite somebody" not in page.text
    assert (filed.status_code, filed.json()["code"]) == (403, "scope-missing")
    assert (key.status_code, key.json()["code"]) == (403, "scope-missing")
    assert (administered.status_code, queue.status_code) == (403, 403)
    assert (wrong.status_code, still, ended.status_code) == (422, 200, 401)


@pytest.mark.in_turn
def test_the_last_manager_stays_unless_an_administrator_ends_them(world: World, browser: Browser) -> None:
    email = register(world, browser, "last")
    let_in(world, browser, email)
    account, party = rows(
        world.dsn, "SELECT account_id, party_id FROM account WHERE sign_in_name = %s", email
    )[0]
    path = f"/organisation/people/{format_id(account)}"

    own = browser.send_form(path, "/organisation", end="1")
    less = browser.send_form(path, "/organisation", member_role="reader")
    with world.client("officer") as administrator:
        people = f"/v1/parties/{format_id(party)}/people"
        listed = administrator.get(people).json()["people"]
        ended = administrator.delete(f"{people}/{format_id(account)}")

    assert (own.status_code, less.status_code) == (422, 422)
    assert "keeps one manager" in own.text
    assert [(one["name"], one["member_role"]) for one in listed] == [(email, "manager")]
    assert (ended.status_code, ended.json()["people"]) == (200, [])
    assert browser.get("/organisation").status_code == 401


@pytest.mark.in_turn
def test_a_manager_makes_keys_of_the_own_party_that_cannot_administer(world: World, browser: Browser) -> None:
    let_in(world, browser, register(world, browser, "keys"))

    made = browser.send_form(
        "/organisation/keys", "/organisation", reference="shop", scopes=["reading", "administering"]
    )
    twice = browser.send_form("/organisation/keys", "/organisation", reference="shop", scopes="reading")
    text = re.search(r"serai_[0-9a-f]+_[\w-]+", made.text)
    assert text is not None
    with httpx2.Client(base_url=world.address, headers={"authorization": f"Bearer {text[0]}"}) as machine:
        reads, manages = machine.get("/v1/declarations"), machine.get("/organisation")
        browser.send_form(f"/organisation/keys/{text[0].split('_')[1]}/revocation", "/organisation")
        revoked = machine.get("/v1/declarations")

    assert twice.status_code == 422
    assert "There is a key of this name" in twice.text
    assert rows(world.dsn, "SELECT scopes FROM api_key WHERE reference = 'shop'") == [(["reading"],)]
    assert (reads.status_code, manages.status_code, revoked.status_code) == (200, 403, 401)


@pytest.mark.in_turn
def test_an_administrator_invites_the_first_person_of_a_party_never_of_the_own(world: World) -> None:
    carrier, email = format_id(PARTIES["rival"][0]), "dispatch@carrier.example"
    with world.client("officer") as administrator, world.client("seller") as seller:
        body = {"email": email, "member_role": "member"}
        taken = administrator.post(f"/v1/parties/{carrier}/people", json=body)
        own = administrator.post(f"/v1/parties/{format_id(1 << 22)}/people", json=body)
        nobody = administrator.post(f"/v1/parties/{format_id(999)}/people", json=body)
        wrong = seller.post(f"/v1/parties/{carrier}/people", json=body)
    with new_browser(world) as person:
        person.send_form(wait_for_link(world, email), password=PASSWORD, again=PASSWORD)
        let_in(world, person, email)
        roles = person.get("/organisation", headers=HTML).text

    assert taken.status_code == 202
    assert (own.status_code, nobody.status_code, wrong.status_code) == (403, 404, 403)
    assert "carrier, declarant" in roles


@pytest.mark.in_turn
def test_a_person_of_a_party_with_power_has_none_of_it(world: World) -> None:
    powerful, email = format_id(PARTIES["officer"][0]), "inside@office.example"
    with world.client("officer") as administrator:
        administrator.post(f"/v1/parties/{powerful}/people", json={"email": email, "member_role": "manager"})
    with new_browser(world) as person:
        person.send_form(wait_for_link(world, email), password=PASSWORD, again=PASSWORD)
        let_in(world, person, email)
        reads = [
            person.get(path).status_code for path in ("/queue", "/v1/parties", "/proposals", "/arrivals")
        ]
        person.headers["x-form-token"] = form_token(person.cookies["serai_session"])
        key = person.post("/organisation/keys", data={"reference": "x", "scopes": "reading"})

    assert reads == [403, 403, 403, 403]
    assert key.status_code == 403


@pytest.mark.in_turn
def test_a_forgotten_password_is_set_anew_and_ends_sessions(world: World, browser: Browser) -> None:
    email = register(world, browser, "forgetful")
    let_in(world, browser, email)
    with new_browser(world) as elsewhere:
        elsewhere.send_form("/password", email=email.upper())
        link = wait_for_link(world, email, 2)
        new = "four other unrelated words"
        elsewhere.send_form(link, password=new, again=new)

    assert browser.get("/organisation").status_code == 401
    assert has_password(world, email, new)


@pytest.mark.in_turn
def test_people_change_their_password_by_the_old_one_and_end_other_sessions(
    world: World, browser: Browser
) -> None:
    email, new = register(world, browser, "account"), "four other unrelated words"
    let_in(world, browser, email)
    with new_browser(world) as elsewhere:
        let_in(world, elsewhere, email)
        wrong = browser.send_form(
            "/account/password", "/account", old="not my old password", password=new, again=new
        )
        ended = browser.send_form("/account/sessions", "/account")
        out = elsewhere.get("/account").status_code
    changed = browser.send_form("/account/password", "/account", old=PASSWORD, password=new, again=new)

    assert (wrong.status_code, out, changed.status_code) == (422, 401, 303)
    assert "1 other session has ended" in ended.text
    assert browser.get("/account").status_code == 401
    assert has_password(world, email, new)
