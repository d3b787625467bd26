"""Keys, sessions and links of another administration in the same database open nothing here, on no route."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http.client import HTTPConnection

import psycopg
import pytest

from serai.foundation.access.actor import Role
from serai.foundation.access.secrets import form_token
from serai.foundation.access.table import SCOPES
from serai.foundation.embedded_postgres import EmbeddedPostgres
from serai.foundation.http.guards import route_matrix
from serai.foundation.settings import DataSettings, Settings
from serai.web.application import build_application
from tests.faults.serving import Reply, Serving, serving, short_folder
from tests.scenarios.registered import Registered, declaration, key_of_administrator
from tools.campaign.wrong_parties.outcome import WrongOutcome
from tools.campaign.wrong_parties.place import Caller, Place
from tools.campaign.wrong_parties.run import Wanted, try_wrong_parties

FOREIGN = {"SERAI_ADMINISTRATION_CODE": "ELSEWHERE", "SERAI_ADMINISTRATION_NAME": "Elsewhere Customs"}
PUBLIC = "public"

ROUTES = sorted({
    (row.method, re.sub(r"{[^}]*}", "0001-0000-0000-00", row.path), row.act if row.scope else PUBLIC)
    for row in route_matrix(build_application(Settings(), ""))
    if row.method in {"GET", "POST", "PUT", "DELETE"}
})  # fmt: skip
"""Every route of the application: method, address with its parts filled in, and what it is for."""

OURS = [row for row in route_matrix(build_application(Settings(), "")) if "{" in row.path and row.scope]
"""Routes for something that has a number, and ask who is asking."""

BODIES = {
    "payment-records": {"reference": "F1", "kind": "paid", "currency_code": "EUR", "amount": "100.00"},
    "parting": {"reason": "not mine"},
    "joining": {"reason": "mine"},
    "keys": {"reference": "k", "scopes": ["reading"]},
    "identifiers": {"identifier": "Y"},
    "presentation": {"arrived_at": "2026-06-21T08:00:00Z"},
    "invalidation": {"reason": "not mine", "amends_version": 1},
    "decision": {"outcome": "assessment-complete", "words": "go"},
    "rejection": {"reason": "not mine"},
}
"""What is sound to send, by the end of the address; others get an empty object."""

CLOSED = [(method, path) for method, path, act in ROUTES if act != PUBLIC]


@pytest.fixture(scope="module")
def here() -> Iterator[Serving]:
    """A node that counts statements, and wants a second person for lists."""
    with short_folder() as folder:
        settings = Settings(data=DataSettings(folder=str(folder / "data")))
        counting = {"shared_preload_libraries": "pg_stat_statements"}
        with EmbeddedPostgres.of_node(settings, differing=counting):
            environment = {"SERAI_APPROVAL_KINDS": "lists"}
            with serving(folder, workers=1, environment=environment) as node:
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
    body = json.dumps(BODIES.get(path.partition("?")[0].rsplit("/", 1)[-1], {})).encode()
    headers = {"accept": agent, "content-type": "application/json"}
    headers |= {"authorization": f"Bearer {key}"} if key else {}
    headers |= {"cookie": cookie} if cookie else {}
    try:
        connection.request(method, path, body if method != "GET" else None, headers)
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


@pytest.mark.in_turn
def test_a_good_key_elsewhere_finds_and_changes_nothing_of_ours(here: Serving, elsewhere: Serving) -> None:
    """On its own server, which works on the same database, with every number that we have."""
    we = Registered(here, key_of_administrator(here))
    key = we.add("victim", "declarant", "carrier")
    number = we.numbers["victim"]
    case = we.must("POST", "/v1/declarations", key, declaration("foreign")).json()["case_id"]
    read = we.must("GET", f"/v1/cases/{case}", we.admin).json()
    decision = we.must("GET", f"/v1/cases/{case}/decision", we.admin).json()["decision"]["decision_id"]
    document = read["documents"][0]["document_id"]
    name = we.must("GET", f"/v1/parties/{number}/keys", we.admin).json()["keys"][0]["key"]
    ids = {
        "case_id": case, "decision_id": decision, "leaf_id": decision, "document": document,
        "document_id": document, "party": number, "key": name, "reference": "D-foreign",
        "person_id": document, "role": "carrier",
    }  # fmt: skip
    foreign = Registered(elsewhere, key_of_administrator(elsewhere))
    keys = (
        foreign.admin,
        foreign.add("mirror", "declarant", "platform", "carrier", "payment_provider", "post"),
    )
    shown = (
        f"/v1/cases/{case}",
        f"/v1/cases/{case}/acts",
        f"/v1/parties/{number}",
        f"/v1/parties/{number}/keys",
    )
    before = [we.must("GET", path, we.admin).content for path in shown]

    passed, asked_count = [], 0
    for row in OURS:
        if row.method not in {"GET", "POST", "PUT", "DELETE"}:
            continue
        path = re.sub(r"{(\w+)}", lambda found: str(ids.get(found[1], document)), row.path)
        path += "?purpose=audit" if path.endswith("/people") else ""
        for text in keys:
            answer = ask(elsewhere, row.method, path, key=text)
            asked_count += 1
            # Events of a thing that has none here: an empty list, as for any name.
            is_empty = "epcis" in row.path and document.encode() not in answer.content
            if answer.status >= 500 or (answer.status < 400 and not is_empty):
                passed.append((row.method, path, answer.status, answer.content[:80]))

    assert passed == []
    assert asked_count > 120
    assert [we.must("GET", path, we.admin).content for path in shown] == before


def test_foreign_link_opens_no_session_and_stays_unused(
    here: Serving, elsewhere: Serving, foreign: Foreign
) -> None:
    tried = ask(here, "GET", foreign.link)

    assert (tried.status, "set-cookie" in tried.headers) == (410, False) or tried.json()[
        "code"
    ] == "link-used-or-expired"
    assert ask(elsewhere, "GET", foreign.link).status == 303, "it is good where it was made"


@pytest.mark.slow
def test_wrong_parties_that_know_every_number_read_and_change_nothing(
    here: Serving, elsewhere: Serving, foreign: Foreign
) -> None:
    """One per cent of `python -m tools.campaign wrong-parties` on a node with others; `make campaigns` has it
    on one of its own."""
    superuser_dsn = psycopg.conninfo.make_conninfo(here.dsn, user="postgres")
    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    every_role = sorted(one.value for one in Role if one is not Role.PUBLIC)
    _, officer = here.add_party("Customs house", *every_role, scopes=SCOPES)
    token = form_token(foreign.session.partition("=")[2])
    url, elsewhere_url = (f"http://127.0.0.1:{node.port}" for node in (here, elsewhere))
    session = Caller(
        "session of elsewhere", elsewhere_url, {"cookie": foreign.session, "x-form-token": token}
    )
    place = Place(
        url, elsewhere_url, key_of_administrator(here), key_of_administrator(elsewhere), officer,
        [session], superuser_dsn,
    )  # fmt: skip
    outcome = WrongOutcome()

    wanted = Wanted(5, reads_count=1_000, writes_count=100, pairs_count=0, seeds_count=2, weighty_only=True)
    try_wrong_parties(place, outcome, lambda _: None, wanted)

    assert outcome.changes == []
    assert outcome.statements == []
    assert {name: one.faults for name, one in outcome.routes.items() if one.faults} == {}
    assert (outcome.reads_count >= 1_000, outcome.writes_count >= 100) == (True, True)
    assert outcome.statement_pairs_count > 40


def test_key_and_session_open_the_administration_they_were_made_for(
    elsewhere: Serving, foreign: Foreign
) -> None:
    assert ask(elsewhere, "GET", "/v1/parties", key=foreign.key).status == 200
    assert ask(elsewhere, "GET", "/v1/declarations", cookie=foreign.session).status == 200
