"""The published matrix of routes and roles is what a server does, and the table of sight is kept:
routes are asked as each role, and shared cases read by everybody."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

import httpx2
import pytest

from serai.foundation.access.actor import Role
from serai.foundation.access.table import EVERYONE
from serai.foundation.http.guards import MatrixRow, route_matrix
from serai.foundation.settings import BuyersSettings, Settings
from serai.web.application import build_application
from tests.journey.cases.world import running_world
from tools.campaign.audiences.cast import Cast, cast_in
from tools.campaign.audiences.outcome import AudienceOutcome
from tools.campaign.audiences.reading import Reading
from tools.campaign.audiences.told import Token, Told, tell

CLOSED = [
    row
    for row in route_matrix(build_application(Settings(), ""))
    if row.scope is not None and frozenset(row.roles) != EVERYONE
]
REFUSALS = {401: "sign-in-needed", 403: "role-not-allowed"}
DRAWN_COUNT = 1


@pytest.fixture(scope="module")
def cast(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    folder: Path = tmp_path_factory.mktemp("node")
    with running_world(world_database, folder, buyers=BuyersSettings(answer_after_ms=0)) as world:
        yield cast_in(world)


def _as_each_role(cast: Cast) -> dict[Role, str]:
    """A key of a party that has this role alone; the public has none."""
    alone = [one for one in cast.readers.values() if len(one.viewer.roles) == 1]
    return {next(iter(one.viewer.roles)): one.key for one in alone}


def _faults(cast: Cast, rows: list[MatrixRow], roles: dict[Role, str]) -> Iterator[str]:
    with httpx2.Client(base_url=cast.world.address, timeout=60) as client:
        for row in rows:
            path = re.sub(r"{[^}]*}", "0001-0000-0000-00", row.path)
            for role, key in roles.items():
                headers = {"authorization": f"Bearer {key}"} if key else {}
                headers["accept"] = "application/json"
                # The head alone: the feed of events would go on for a minute.
                with client.stream(row.method, path, headers=headers) as answer:
                    wanted = REFUSALS.get(answer.status_code)
                    is_refused = wanted is not None and json.loads(answer.read())["code"] == wanted
                if is_refused == (role in row.roles):
                    yield f"{row.method} {row.path} as {role.value}: {answer.status_code}"


def test_each_route_refuses_roles_that_the_matrix_leaves_out(cast: Cast) -> None:
    random = Random(1)
    keys = _as_each_role(cast)
    faults: list[str] = []
    for row in CLOSED:
        drawn = random.sample(sorted(keys), DRAWN_COUNT)
        faults += _faults(cast, [row], {one: keys[one] for one in drawn})

    assert len(CLOSED) > 100
    assert faults == []


@pytest.mark.slow
def test_each_route_is_asked_as_every_role(cast: Cast) -> None:
    keys = _as_each_role(cast)

    assert keys.keys() >= EVERYONE - {Role.BUYER, Role.OFFICER, Role.ADMIN, Role.POST}
    assert list(_faults(cast, CLOSED, keys)) == []


@pytest.fixture(scope="module")
def told(cast: Cast) -> list[Told]:
    """Cases of which each field that says something has a word of its own."""
    return tell(cast, 8, seed=2)


def _read(cast: Cast, told: list[Told], count: int) -> AudienceOutcome:
    outcome = AudienceOutcome()
    Reading(cast, told, outcome, lambda _: None).read(count, seed=2)
    return outcome


def test_nobody_reads_a_field_or_a_reason_that_is_not_for_them(cast: Cast, told: list[Told]) -> None:
    outcome = _read(cast, told, 250)

    assert outcome.leaks == []
    assert outcome.seen.keys() >= {"declaration", "order"}
    assert outcome.fields_count > 100


@pytest.mark.slow
def test_a_leak_is_found(cast: Cast, told: list[Told], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Token, "is_for", lambda _self, _viewer: False)

    assert _read(cast, told, 100).leaks_count > 0


def test_a_payment_provider_reads_a_decision_in_words_without_its_goods(cast: Cast, told: list[Told]) -> None:
    """It sees reasons, and no goods items beside them."""
    statuses = set()
    for name in ("payer", "other payer"):
        headers = {"authorization": f"Bearer {cast.readers[name].key}"}
        with httpx2.Client(base_url=cast.world.address, headers=headers, timeout=60) as client:
            statuses |= {
                client.get(f"/v1/cases/{one.case_id}/decision?include=text").status_code for one in told
            }

    assert statuses == {200, 404}
