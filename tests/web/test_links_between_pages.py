"""Every page can be reached by links from the first one, by each role that may see it: nobody has to know an
address."""

import asyncio
import re
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import httpx2
import pytest
from litestar.handlers import HTTPRouteHandler
from psycopg import AsyncConnection

from serai.foundation.access import parties
from serai.foundation.access.actor import Role
from serai.foundation.access.table import DECLARANTS, act_named
from serai.foundation.http.site import MORE, NAVIGATION
from serai.web.application import ROUTES
from tests.journey.cases.world import AT, SCOPES, World, file, parcel, running_world
from tests.turns import in_turn_but
from tools.accessibility.pages import NO_PAGES

ROLES: Final[tuple[Role, ...]] = tuple(role for role in Role if role is not Role.PUBLIC)
OFTEN: Final = {"", Role.OFFICER, Role.SELLER}
GTIN: Final = "4006381333931"
_OF_A_PATTERN_MAX: Final = 2
"""Pages of one route that are followed: one parcel's links are those of another."""

ELSEWHERE: Final = {
    "/account": "in the bar of whoever is signed in; a key is no person",
    "/administration/accounts/{account}": "in the list of accounts, of which there is none here",
    "/bulk-acts": "a button of the queue, once it is filtered by one reason",
    "/organisation": "for managers who are signed in: it is in their bar",
    "/organisation/webhooks": "on the page of the organisation",
    "/parcels/{case_id}/appeals": "on a case that somebody has appealed in",
    "/parcels/{case_id}/buyer": "on a case whose buyer has said something",
    "/parcels/{case_id}/examinations": "on a case in which an examination was recorded",
    "/parcels/{case_id}/listed-names": "on a case with somebody who has a listed name",
    "/parcels/{case_id}/permits": "on a case that waits",
    "/parcels/{case_id}/repayments": "on a case that is released",
    "/password": "on the page to sign in, where e-mail is set up",
    "/register": "on the page to sign in, where registration is open",
    "/risk/cases/{case_id}": "on a case that was selected",
    "/split-shipments/{group_id}": "in the list of groups, of which there is none here",
    "/statement/notification": "on the statement of whoever owes something",
    "/statement/{period}": "on the statement, for each month with entries",
    "/track/data": "by a form: number and postcode, then a code",
    "/track/parcel": "by a form: number and postcode",
}
"""Pages that are linked where there is a reason to open them, which there is not here, or that a form leads
to; tests of these pages in the browser go there by link or form."""
NO_CASES: Final = frozenset(
    {Role.PARTNER_CUSTOMS, Role.RIGHTS_HOLDER, Role.BUYER, Role.AGENCY, Role.PUBLIC, Role.PAYMENT_PROVIDER}
)
"""Roles that have no part in any case here."""


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(world_database, Path(tmp_path_factory.mktemp("node")), approval="risk") as running:
        for number, role in enumerate(ROLES):
            running.keys[f"one-{role}"] = asyncio.run(_one(world_database, 200 + number, role))
        lands_at = (datetime.now(UTC) + timedelta(hours=4)).isoformat()
        for of in DECLARANTS:
            flight = {"conveyance_reference": "CX9/LINKED", "expected_arrival_at": lands_at}
            toy = parcel(f"OF-{of}", house_document=f"OF-{of}", ucr=f"UCR-{of}", **flight)
            toy["goods_items"][0] |= {"standard_product_id": GTIN}
            with running.client(f"one-{of}") as client:
                file(client, toy)
        with running.client("one-agency") as agency:
            recall = {"reference": "R", "reason_code": "unsafe", "rule": {"gtins": [GTIN]}}
            assert agency.post("/v1/recalls", json=recall).status_code == 201
        yield running


async def _one(dsn: str, party_id: int, role: Role) -> str:
    async with await AsyncConnection.connect(dsn, autocommit=True) as connection:
        own: dict[str, Any] = {"party_id": party_id, "administration_id": 1}
        await parties.create_party(connection, name=f"One {role}", at=AT, **own)
        await parties.add_role(connection, role=role, at=AT, **own)
        return (
            await parties.add_key(
                connection, key_id=party_id + 5_000, scopes=SCOPES, at=AT, expires_at=None, **own
            )
        ).text


def pages() -> dict[str, str]:
    """Each page, as the application knows its route, and the act that it is."""
    found = {}
    for handler in ROUTES:
        assert isinstance(handler, HTTPRouteHandler)
        for path in handler.paths:
            plain = re.sub(r":[a-z]+\}", "}", path)
            is_page = "GET" in handler.http_methods and not plain.startswith("/v1/") and plain not in NO_PAGES
            if is_page:
                found[plain] = handler.opt["act"]
    return found


def pattern_of(path: str, patterns: dict[str, re.Pattern[str]]) -> str | None:
    exact = next((one for one in patterns if one == path), None)
    return exact or next((one for one, pattern in patterns.items() if pattern.fullmatch(path)), None)


def of_everybody() -> set[str]:
    """Pages that strangers may see, too: their own links are followed once, as a stranger."""
    return {path for path, act in pages().items() if Role.PUBLIC in act_named(act).roles} - {"/"}


def reached(client: httpx2.Client, only_seen: set[str]) -> tuple[set[str], list[str]]:
    """The routes of all pages that links lead to, from the first page on, and links that lead nowhere."""
    # only_seen: pages that count as soon as a link leads there; they are not opened.
    faults: list[str] = []
    patterns = {one: re.compile(re.sub(r"\{[a-z_]+\}", "[^/]+", one)) for one in pages()}
    seen, waiting, found = {"/"}, deque(["/"]), dict.fromkeys(patterns, 0)
    while waiting:
        path = waiting.popleft()
        answer = client.get(path, headers={"accept": "text/html"}, follow_redirects=True)
        if answer.status_code not in (200, 202):  # 202: it is being made
            faults.append(f"{path}: {answer.status_code}")
            continue
        for one in (*answer.history, answer):
            if arrived := pattern_of(one.url.path, patterns):
                found[arrived] += 1
        for link in re.findall(r'<(?:a|form)[^>]*? (?:href|action)="([^"]+)"', answer.text):
            address = urlsplit(urljoin(str(answer.url), unescape(link)))
            pattern = pattern_of(address.path, patterns)
            if address.path in seen or pattern is None or found[pattern] >= _OF_A_PATTERN_MAX:
                continue
            seen.add(address.path)
            if pattern in only_seen:
                found[pattern] += 1
                continue
            waiting.append(address.path + (f"?{address.query}" if address.query else ""))
    return {one for one, count in found.items() if count}, faults


@pytest.mark.parametrize("role", in_turn_but(OFTEN, ["", *ROLES]))
def test_every_page_of_a_role_is_reached_by_links(world: World, role: str) -> None:
    who = Role(role) if role else Role.PUBLIC
    with world.client(f"one-{role}" if role else "") as client:
        found, faults = reached(client, of_everybody() if role else set())

    allowed = {path for path, act in pages().items() if who in act_named(act).roles}
    if role:
        linked = {item.href for item in (*NAVIGATION, *MORE)}
        allowed -= of_everybody() - linked
    if who in NO_CASES:
        allowed -= {one for one in allowed if one.startswith(("/parcels/{", "/transport-units/"))}
    assert sorted(allowed - found - set(ELSEWHERE)) == []
    assert faults == []


def test_what_is_listed_as_linked_elsewhere_is_a_page() -> None:
    assert set(ELSEWHERE) <= set(pages())
