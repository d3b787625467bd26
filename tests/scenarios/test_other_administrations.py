"""Keys, sessions and links of another administration in the same database open nothing here, on no route."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http.client import HTTPConnection

import pytest

from serai.foundation.http.guards import route_matrix
from serai.foundation.settings import Settings
from serai.web.application import build_application
from tests.faults.serving import Reply, Serving, serving, short_folder
from tests.scenarios.registered import key_of_administrator

FOREIGN = {"SERAI_ADMINISTRATION_CODE": "ELSEWHERE", "SERAI_ADMINISTRATION_NAME": "Elsewhere Customs"}
PUBLIC = "public"

ROUTES = sorted({
    (row.method, re.sub(r"{[^}]*}", "0001-0000-0000-00", row.path), row.act if row.scope else PUBLIC)
    for row in route_matrix(build_application(Settings(), ""))
    if row.method in {"GET", "POST", "PUT", "DELETE"}
})  # fmt: skip
"""Every route of the application: method, address with its parts filled in, and what it is for."""

CLOSED = [(method, path) for method, path, act in ROUTES if act != PUBLIC]


@pytest.fixture(scope="module")
def here() -> Iterator[Serving]:
    with short_folder() as folder, serving(folder, workers=1) as node:
        yield node


@pytest.fixture(scope="module")
def elsewhere(here: Serving) -> Iterator[Serving]:
    """A second administration of the same database, with a server of its own."""
    node = replace(here, port=0, process=None, environment={**here.environment, **FOREIGN})
    try:
        node.start()
        yield node
    finally:
        node.stop()


@dataclass(frozen=True)
class Foreign:
    """What lets in elsewhere: the text of a key, the cookie of a session, the address of an unused link."""

    key: str
    session: str
    link: str


@pytest.fixture(scope="module")
def foreign(elsewhere: Serving) -> Foreign:
    roles = ("--role", "officer", "--role", "admin", "--role", "legal")
    added = elsewhere.command("account", "add", "jane", *roles, words_in="three unrelated words, invented\n")
    assert added.returncode == 0, added.stderr
    first, second = (_link(elsewhere) for _ in range(2))
    entered = ask(elsewhere, "GET", first)
    assert entered.status == 303
    return Foreign(key_of_administrator(elsewhere), entered.headers["set-cookie"].partition(";")[0], second)


def _link(node: Serving) -> str:
    """The path of a link that signs in once."""
    made = node.command("account", "link", "jane", "--output", "json")
    assert made.returncode == 0, made.stderr
    return "/" + str(json.loads(made.stdout)["link"]).split("/", 3)[3]


def ask(
    node: Serving, method: str, path: str, *, key: str = "", cookie: str = "", agent: str = "application/json"
) -> Reply:
    """Ask once, by key or by cookie, and follow nothing."""
    connection = HTTPConnection("127.0.0.1", node.port, timeout=60)
    headers = {"accept": agent, "content-type": "application/json"}
    headers |= {"authorization": f"Bearer {key}"} if key else {}
    headers |= {"cookie": cookie} if cookie else {}
    try:
        connection.request(method, path, b"{}" if method != "GET" else None, headers)
        answer = connection.getresponse()
        return Reply(answer.status, {n.lower(): v for n, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def test_there_are_routes_to_try() -> None:
    assert len(CLOSED) > 60
    assert ("POST", "/v1/parties") in CLOSED


@pytest.mark.parametrize(("method", "path", "act"), ROUTES)
def test_foreign_key_is_unknown_on_every_route(
    here: Serving, foreign: Foreign, method: str, path: str, act: str
) -> None:
    answer = ask(here, method, path, key=foreign.key)

    assert answer.status == 401, (act, answer.content)
    assert answer.json()["code"] == "key-unknown"


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_foreign_session_is_nobody_on_every_route_that_asks_who(
    here: Serving, foreign: Foreign, method: str, path: str
) -> None:
    answer = ask(here, method, path, cookie=foreign.session)

    assert answer.status == 401, answer.content
    assert answer.json()["code"] == "sign-in-needed"


def test_foreign_link_opens_no_session_and_stays_unused(
    here: Serving, elsewhere: Serving, foreign: Foreign
) -> None:
    tried = ask(here, "GET", foreign.link)

    assert (tried.status, "set-cookie" in tried.headers) == (410, False) or tried.json()[
        "code"
    ] == "link-used-or-expired"
    assert ask(elsewhere, "GET", foreign.link).status == 303, "it is good where it was made"


def test_key_and_session_open_the_administration_they_were_made_for(
    elsewhere: Serving, foreign: Foreign
) -> None:
    assert ask(elsewhere, "GET", "/v1/parties", key=foreign.key).status == 200
    assert ask(elsewhere, "GET", "/v1/declarations", cookie=foreign.session).status == 200
