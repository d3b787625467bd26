"""People signed in to the pages: no route breaks under them, and what their role may do, they do."""

import json
import re
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import msgspec
import pytest

from serai.foundation.access.actor import ADMINISTRATION
from tests.faults.serving import Reply, serving, short_folder
from tests.scenarios.registered import (
    Registered,
    arrival,
    declaration,
    key_of_administrator,
    observation,
    order,
    payment,
    waybill,
)
from tests.scenarios.test_other_administrations import ROUTES

STEPS_ASIDE = {("POST", "/sign-out"), ("GET", "/v1/events/stream")}
"""The one ends the session, the other never ends."""


class Session(msgspec.Struct, frozen=True):
    """A person signed in. cookie: as a header; token: what each form carries."""

    port: int
    cookie: str
    token: str

    def ask(self, method: str, path: str, body: object = None) -> Reply:
        """Ask once."""
        headers = {"accept": "application/json", "content-type": "application/json"}
        headers |= {"cookie": self.cookie, "x-form-token": self.token}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, None if body is None else json.dumps(body).encode(), headers)
            answer = connection.getresponse()
            return Reply(answer.status, {n.lower(): v for n, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()


@pytest.fixture(scope="module")
def world() -> Iterator[Registered]:
    with short_folder() as folder, serving(folder, workers=1) as node:
        yield Registered(node, key_of_administrator(node))


"""Roles that may do most; the others ask the same routes with the slow tests."""


@pytest.fixture(scope="module")
def case(world: Registered) -> str:
    key = world.add("three", "declarant", "carrier")
    return str(world.must("POST", "/v1/declarations", key, declaration("three")).json()["case_id"])


def _sign_in(world: Registered, role: str, name: str) -> Session:
    node = world.node
    added = node.command("account", "add", name, "--role", role, words_in="three unrelated words, invented\n")
    assert added.returncode == 0, added.stderr
    made = node.command("account", "link", name, "--output", "json")
    path = "/" + str(json.loads(made.stdout)["link"]).split("/", 3)[3]
    stranger = Session(node.port, "", "")
    entered = stranger.ask("GET", path)
    cookie = entered.headers["set-cookie"].partition(";")[0]
    connection = HTTPConnection("127.0.0.1", node.port, timeout=60)
    connection.request("GET", "/arrivals", headers={"accept": "text/html", "cookie": cookie})
    token = re.search(rb'name="form_token" value="([^"]+)"', connection.getresponse().read())
    connection.close()
    assert token is not None
    return Session(node.port, cookie, token[1].decode())


def _bodies(case_id: str) -> dict[str, Any]:
    """A good body for the end of each path that wants one."""
    return {
        "arrivals": arrival("three"),
        "payment-records": {"reference": "S1", "kind": "paid", "currency_code": "EUR", "amount": "1.00"},
        "acts": {"reference": "S2", "kind": "reversal", "reverses": case_id, "reason_code": "test-code"},
        "parting": {"reason": "not of this parcel"},
        "decision": {"outcome": "assessment-complete", "words": "go"},
        "capture": observation("three", "arriving", "in_transit"),
        "events": observation("three", "arriving", "in_transit")["epcisBody"]["eventList"][0],
        "queries": {"name": "q", "query": {}},
        "mandates": {"reference": "m", "grantee": "three", "documents": ["order"]},
        "declarations": declaration("s"),
        "orders": order("s"),
        "payments": payment("s"),
        "transport-documents": waybill("s"),
        "disputes": {"period": "2026-06", "statement": "x"},
        "answer": {"outcome": "upheld", "words": "x"},
        "try": {"destination": "FR"},
    }


@pytest.mark.in_turn
@pytest.mark.parametrize("role", sorted(ADMINISTRATION))
def test_no_route_breaks_under_a_session(world: Registered, case: str, role: str) -> None:
    session = _sign_in(world, role, f"s-{role}")
    bodies = _bodies(case)
    broken = []
    for method, path, act in ROUTES:
        if (method, path) in STEPS_ASIDE:
            continue
        address = path.replace("0001-0000-0000-00", case)
        body = bodies.get(path.rsplit("/", 1)[-1], {}) if method != "GET" else None
        answer = session.ask(method, address, body)
        if answer.status >= 500:
            broken.append((method, path, act, answer.status, answer.content[:200]))

    assert not broken


def test_a_stranger_learns_of_no_flight_by_searching_for_it(world: Registered, case: str) -> None:
    stranger = world.add("nosy", "declarant")

    there = world.ask("GET", "/parcels?search=FLIGHT-three", stranger)
    not_there = world.ask("GET", "/parcels?search=FLIGHT-other", stranger)

    assert case
    assert there.content.replace(b"FLIGHT-three", b"") == not_there.content.replace(b"FLIGHT-other", b"")
    assert world.ask("GET", "/parcels?search=FLIGHT-three", world.admin).json()["movement"] == "FLIGHT-three"


@pytest.mark.in_turn
def test_an_officer_acts_by_page_session(world: Registered, case: str) -> None:
    officer = _sign_in(world, "officer", "o-two")

    landed = officer.ask("POST", "/v1/arrivals", arrival("three"))
    mark = {"reference": "O1", "kind": "paid", "currency_code": "EUR", "amount": "0.01"}
    marked = officer.ask("POST", f"/v1/cases/{case}/payment-records", mark)
    acts = world.must("GET", f"/v1/cases/{case}/acts", world.admin).json()["acts"]

    assert landed.status in {200, 201}, "again is harmless: it was the first test's arrival, or this one's"
    assert marked.status == 200
    by = [one for one in acts if one["reference"] == "O1"]
    assert len(by) == 1
    assert by[0]["acting_user"].startswith("page_session:account:")
