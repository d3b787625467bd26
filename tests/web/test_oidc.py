"""Signing in at a provider of identities: by a link that an administrator made, and by nothing else; each way
in which its answer may be forged is refused."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import psycopg
import pytest
from psycopg import AsyncConnection

from serai.foundation.access import people
from serai.foundation.access.oidc.providers import read_providers
from serai.foundation.id_text import format_id
from serai.foundation.settings import SignInSettings
from serai.model.errors import SeraiError
from tests.journey.cases.world import World, rows, running_world
from tests.web.identity_provider import CLIENT_ID, SECRET, IdentityProvider, Mischief

HTML = {"accept": "text/html"}
ACCOUNT, PERSON = 860, 861


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    with IdentityProvider() as one:
        yield one


@pytest.fixture(scope="module")
def other() -> Iterator[IdentityProvider]:
    with IdentityProvider() as one:
        yield one


@pytest.fixture(autouse=True)
def honest(provider: IdentityProvider, other: IdentityProvider) -> None:
    for one in (provider, other):
        one.user, one.amr, one.mischief = "subject-1", ["pwd"], Mischief()


@pytest.fixture(scope="module")
def world(
    provider: IdentityProvider,
    other: IdentityProvider,
    world_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("node")
    secret = folder / "secret"
    secret.write_text(f"{SECRET}\n")
    lines = [
        f'- {{name: {name}, title: "{title}", issuer: "{one.issuer}", client_id: {CLIENT_ID},'
        f' client_secret_file: "{secret}", second_factor_methods: [mfa]}}'
        for name, title, one in (("state", "the State", provider), ("trade", "Trade Id", other))
    ]
    file = folder / "providers.yaml"
    file.write_text("\n".join(lines))
    settings = SignInSettings(providers_file=str(file)).for_one_client()
    with running_world(world_database, folder, sign_in=settings) as running:
        with ThreadPoolExecutor(1) as thread:
            thread.submit(lambda: asyncio.run(_make_accounts(running.dsn))).result()
        yield running


async def _make_accounts(dsn: str) -> None:
    async with await AsyncConnection.connect(dsn) as connection:
        for number, name in ((ACCOUNT, "oidc-staff"), (PERSON, "oidc-other")):
            await people.create_account(
                connection, account_id=number, administration_id=1, sign_in_name=name,
                password="three unrelated words", roles=frozenset({"officer"}), at=datetime.now(UTC),
            )  # fmt: skip


@pytest.fixture
def browser(world: World) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=world.address, timeout=60, headers=HTML) as one:
        yield one


@pytest.fixture
def admin(world: World) -> Iterator[httpx2.Client]:
    with world.client("officer") as client:
        yield client


@pytest.fixture
def linked(admin: httpx2.Client) -> None:
    link(admin, ACCOUNT, "state", "subject-1")


def link(admin: httpx2.Client, account: int, provider: str, subject: str) -> httpx2.Response:
    return admin.put(f"/v1/accounts/{format_id(account)}/identities/{provider}", json={"subject": subject})


def go(browser: httpx2.Client, provider: str = "state", next_address: str = "/account") -> str:
    """Go to a provider and return the address that it leads back to."""
    sent = browser.get(f"/sign-in/at/{provider}", params={"next": next_address})
    assert sent.status_code == 303, sent.text
    there = httpx2.get(sent.headers["location"])
    assert there.status_code == 302, there.text
    return there.headers["location"]


def said(answer: httpx2.Response) -> str:
    return answer.text.partition("<main")[2]


@pytest.mark.usefixtures("linked")
def test_who_is_linked_signs_in_and_goes_on_to_where_they_wanted(
    world: World, browser: httpx2.Client
) -> None:
    page = browser.get("/sign-in?next=%2Faccount")
    address = go(browser)
    back = browser.get(address)

    assert 'href="/sign-in/at/state?next=/account"' in page.text
    assert (back.status_code, back.headers["location"]) == (303, "/account")
    assert "oidc-staff" in browser.get("/account").text
    acts = rows(world.dsn, "SELECT kind, detail FROM administering_act ORDER BY act_id DESC LIMIT 1")
    assert acts == [("signed-in", "provider state")]
    asked = parse_qs(urlsplit(address).query)
    assert "subject-1" not in str(asked)


def test_nothing_but_an_administrators_link_opens_an_account(
    world: World, browser: httpx2.Client, admin: httpx2.Client, provider: IdentityProvider
) -> None:
    provider.user = "subject-unknown"
    answer = browser.get(go(browser))
    link(admin, ACCOUNT, "trade", "subject-unknown")
    of_other = browser.get(go(browser))

    assert answer.status_code == of_other.status_code == 401
    # Its e-mail address is the name of an account.
    assert "No account here is linked with you at the State." in said(answer)
    assert "you are the subject subject-unknown" in said(answer)
    assert browser.get("/account").status_code == 303
    admin.delete(f"/v1/accounts/{format_id(ACCOUNT)}/identities/trade")
    assert rows(world.dsn, "SELECT count(*) FROM account_identity WHERE subject = 'subject-unknown'") == [
        (0,)
    ]


LIES: list[tuple[str, Mischief, str]] = [
    ("nonce", Mischief(claims={"nonce": "another"}), "A claim of the provider"),
    ("no nonce", Mischief(claims={"nonce": None}), "A claim of the provider"),
    ("issuer", Mischief(claims={"iss": "https://elsewhere.example"}), "A claim of the provider"),
    ("audience", Mischief(claims={"aud": "another"}), "A claim of the provider"),
    ("two audiences", Mischief(claims={"aud": [CLIENT_ID, "another"]}), "for another client"),
    ("authorised party", Mischief(claims={"azp": "another"}), "for another client"),
    ("expired", Mischief(claims={"exp": 1}), "A claim of the provider"),
    ("not expiring", Mischief(claims={"exp": None}), "A claim of the provider"),
    ("of the future", Mischief(claims={"iat": 4_000_000_000}), "A claim of the provider"),
    ("no subject", Mischief(claims={"sub": None}), "A claim of the provider"),
    ("subject is a list", Mischief(claims={"sub": ["subject-1"]}), "A claim of the provider"),
    ("alg none", Mischief(alg="none"), "not signed with its key"),
    ("HMAC with the public key", Mischief(alg="HS256"), "not signed with its key"),
    ("another key", Mischief(has_other_key=True), "not signed with its key"),
    ("iss of the answer", Mischief(iss="https://elsewhere.example"), "did not let you in"),
]


@pytest.mark.usefixtures("linked")
@pytest.mark.parametrize(("mischief", "told"), [one[1:] for one in LIES], ids=[one[0] for one in LIES])
def test_an_answer_that_does_not_hold_opens_nothing(
    browser: httpx2.Client, provider: IdentityProvider, mischief: Mischief, told: str
) -> None:
    provider.mischief = mischief

    answer = browser.get(go(browser))

    assert answer.status_code == 401
    assert told in said(answer)
    assert "serai_session" not in answer.headers.get("set-cookie", "")
    assert browser.get("/account").status_code == 303


@pytest.mark.usefixtures("linked")
def test_a_code_and_an_answer_count_once_and_for_the_browser_that_asked(
    world: World, browser: httpx2.Client, provider: IdentityProvider
) -> None:
    address = go(browser)
    with httpx2.Client(base_url=world.address, timeout=60, headers=HTML) as thief:
        stolen = thief.get(address)
        # A browser that asked for itself, led back with another's code and state.
        mine = parse_qs(urlsplit(go(thief)).query)
        theirs = parse_qs(urlsplit(address).query)
        mixed = [
            thief.get("/sign-in/at/state/back", params={"code": code, "state": state})
            for code, state in ((theirs["code"][0], mine["state"][0]), (mine["code"][0], theirs["state"][0]))
        ]
    first, again = browser.get(address), browser.get(address)
    used = go(browser)
    code = parse_qs(urlsplit(used).query)["code"][0]
    held = provider.codes.pop(code)
    replayed = browser.get(used)
    provider.codes[code] = held
    after = browser.get(used)

    assert [one.status_code for one in (stolen, *mixed)] == [401] * 3
    assert (first.status_code, again.status_code) == (303, 401)
    assert "did not let you in" in said(replayed)
    assert "Nobody was sent from this browser" in said(after)


@pytest.mark.usefixtures("linked")
def test_an_answer_of_one_provider_is_not_taken_for_anothers(
    browser: httpx2.Client, admin: httpx2.Client, other: IdentityProvider
) -> None:
    """The mix-up of RFC 9207: somebody who runs one provider sends back the code of the other."""
    link(admin, PERSON, "trade", "subject-1")
    query = urlsplit(go(browser, "state")).query
    to_other = browser.get(f"/sign-in/at/trade/back?{query}")
    other.mischief = Mischief(description={"authorization_response_iss_parameter_supported": True})

    assert to_other.status_code == 401
    assert browser.get("/account").status_code == 303
    # Each provider is known by its own address to come back to.
    sent = browser.get("/sign-in/at/trade").headers["location"]
    assert parse_qs(urlsplit(sent).query)["redirect_uri"][0].endswith("/sign-in/at/trade/back")
    assert {"code_challenge", "nonce", "state"} <= parse_qs(urlsplit(sent).query).keys()
    assert parse_qs(urlsplit(sent).query)["code_challenge_method"] == ["S256"]


@pytest.mark.usefixtures("linked")
@pytest.mark.parametrize(
    "wanted",
    ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)"],
)
def test_nobody_is_led_elsewhere(browser: httpx2.Client, wanted: str) -> None:
    assert browser.get(go(browser, next_address=wanted)).headers["location"] == "/"


@pytest.mark.usefixtures("linked")
def test_bad_requests_are_told_and_heads_change_nothing(browser: httpx2.Client) -> None:
    back = "/sign-in/at/state/back"
    long = "x" * 6_000
    answers = [
        browser.get(back),
        browser.get(back, params={"error": "access_denied", "state": "x"}),
        browser.get(back, params={"code": long, "state": long}),
    ]
    unknown = [browser.get("/sign-in/at/nowhere"), browser.get("/sign-in/at/nowhere/back")]
    address = go(browser)
    heads = [browser.head(address), browser.head("/sign-in/at/state")]

    assert [one.status_code for one in answers] == [401] * 3
    assert [one.status_code for one in unknown] == [404] * 2
    assert [one.status_code for one in heads] == [200] * 2
    assert browser.get(address).status_code == 303, "a look has not used it up"


@pytest.mark.usefixtures("linked")
def test_a_second_factor_is_the_providers_or_ours(
    world: World, browser: httpx2.Client, provider: IdentityProvider
) -> None:
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE account SET second_factor = 'x', second_factor_step = 1 WHERE account_id = 860"
        )
        weak = browser.get(go(browser))
        inside = browser.get("/account")
        provider.amr = ["pwd", "mfa"]
        strong = browser.get(go(browser))
        connection.execute("UPDATE account SET locked_at = now() WHERE account_id = 860")
        locked = browser.get(go(browser))
        connection.execute(
            "UPDATE account SET second_factor = NULL, second_factor_step = NULL, locked_at = NULL"
            " WHERE account_id = 860"
        )

    assert weak.headers["location"].startswith("/sign-in/code")
    assert inside.status_code == 303
    assert strong.headers["location"] == "/account"
    assert "An administrator has locked this account." in said(locked)


def test_administrators_link_and_part_and_nobody_else(
    world: World, browser: httpx2.Client, admin: httpx2.Client, provider: IdentityProvider
) -> None:
    link(admin, ACCOUNT, "state", "subject-1")
    browser.get(go(browser))
    taken = link(admin, PERSON, "state", "subject-1")
    path = f"/v1/accounts/{format_id(ACCOUNT)}/identities"
    listed = admin.get(path).json()["identities"]
    bad = [
        link(admin, ACCOUNT, "nowhere", "x").status_code,
        link(admin, ACCOUNT, "state", "").status_code,
        link(admin, ACCOUNT, "state", "x" * 50_000).status_code,
        admin.get("/v1/accounts/0000-0000-0000-00/identities").status_code,
    ]
    with world.client("analyst") as analyst:
        refused = link(analyst, PERSON, "state", "mine")
    token = re.search(r'name="form_token" value="([0-9a-f]+)"', browser.get("/account").text)
    assert token is not None
    own = browser.post(
        f"/administration/accounts/{format_id(ACCOUNT)}/act",
        data={"form_token": token[1], "what": "link", "provider": "state", "subject": "x"},
    )
    parted = admin.delete(f"{path}/state")
    out = browser.get("/account")

    assert (taken.status_code, taken.json()["code"]) == (409, "identity-taken")
    assert [(one["issuer"], one["subject"]) for one in listed] == [(provider.issuer, "subject-1")]
    assert bad == [404, 422, 422, 404]
    assert refused.status_code == own.status_code == 403
    assert parted.json() == {"identities": []}
    assert out.status_code == 303, "its sessions ended"
    kinds = rows(world.dsn, "SELECT kind, detail FROM administering_act WHERE kind LIKE 'identity%'")
    assert ("identity-linked", provider.issuer) in kinds
    assert "subject-1" not in str(kinds)


@pytest.mark.in_turn
def test_a_provider_that_lies_about_itself_or_is_away_is_told(make_database: Any, tmp_path: Path) -> None:
    with IdentityProvider() as one:
        file = tmp_path / "providers.yaml"
        file.write_text(f'- {{name: one, title: One, issuer: "{one.issuer}", client_id: {CLIENT_ID}}}')
        settings = SignInSettings(providers_file=str(file)).for_one_client()
        with (
            running_world(make_database(), tmp_path, sign_in=settings) as world,
            httpx2.Client(base_url=world.address, timeout=60, headers=HTML) as browser,
        ):
            answers = []
            for mischief in (
                Mischief(description={"issuer": "https://elsewhere.example"}),
                Mischief(description={"token_endpoint": "http://elsewhere.example/token"}),
                Mischief(description={"jwks_uri": "file:///etc/passwd"}),
                Mischief(padding_bytes=1 << 20),
                Mischief(description={"authorization_endpoint": 1}),
            ):
                one.mischief = mischief
                answers.append(browser.get("/sign-in/at/one"))
            one.stop()
            away = browser.get("/sign-in/at/one")
            page = browser.get("/sign-in")

    assert [answer.status_code for answer in answers] == [401] * 5
    assert away.status_code == 503
    assert "sign in here with your password" in said(away)
    assert "Sign in at One" in page.text


@pytest.mark.parametrize(
    "content",
    [
        '- {name: a, title: A, issuer: "http://elsewhere.example", client_id: x}',
        '- {name: a, title: A, issuer: "http://127.0.0.1.elsewhere.example", client_id: x}',
        '- {name: "A b", title: A, issuer: "https://a.example", client_id: x}',
        '- {name: a, title: A, issuer: "https://a.example", client_id: x, secret: y}',
        '- {name: a, title: A, issuer: "https://a.example", client_id: x}\n' * 2,
        "no: list",
    ],
)
def test_a_faulty_file_of_providers_is_told_at_the_start(tmp_path: Path, content: str) -> None:
    file = tmp_path / "providers.yaml"
    file.write_text(content)

    with pytest.raises(SeraiError, match="providers_file"):
        read_providers(str(file))
    assert read_providers("") == ()
