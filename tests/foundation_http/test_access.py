"""Keys, roles, scopes, rates: who gets through, and what the others are told."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx2
import psycopg
import pytest
from litestar import Litestar, get

from serai.foundation.access.actor import PUBLIC_ACTOR, Actor, Means, MemberRole, Role
from serai.foundation.access.passwords import hash_password, password_matches
from serai.foundation.access.rate_limit import RateLimit
from serai.foundation.access.secrets import make_key, secret_matches, split_key
from serai.foundation.access.table import ACTS, MEMBER_SCOPES, SCOPES, SESSION_SCOPES, require
from serai.foundation.clock import FixedClock
from serai.foundation.http.guards import route_matrix
from serai.foundation.metrics import Metrics
from serai.model.errors import SeraiError
from tests.foundation_http.conftest import PASSWORD, Kept
from tests.foundation_http.support import AT, RunningServer, build_app


def _bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def test_key_opens_what_its_role_and_scope_allow(client: httpx2.Client, kept: Kept) -> None:
    answer = client.get("/whose", headers=_bearer(kept.key))

    assert answer.json() == {"name": "Anvil Post"}


SPOILED: dict[str, tuple[Callable[[Kept], str], str]] = {
    "other secret": (lambda kept: kept.key[:-1] + ("A" if kept.key[-1] != "A" else "B"), "key-unknown"),
    "other id": (lambda kept: kept.key.replace("serai_64_", "serai_7fffffffffffffff_"), "key-unknown"),
    "impossible id": (lambda _: "serai_ffffffffffffffff_" + "A" * 43, "key-malformed"),
    "something behind": (lambda kept: kept.key + "\u00b2", "key-malformed"),
    "no key at all": (lambda _: "hello", "key-malformed"),
    "expired": (lambda kept: kept.expired_key, "key-expired"),
}


@pytest.mark.parametrize("how", SPOILED)
def test_each_bad_key_has_its_own_answer(client: httpx2.Client, kept: Kept, how: str) -> None:
    spoil, code = SPOILED[how]

    answer = client.get("/whose", headers={b"authorization": b"Bearer " + spoil(kept).encode("latin-1")})

    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert kept.key not in answer.text


def test_a_node_short_of_memory_takes_nothing_in_and_answers_what_is_asked(
    kept: Kept, tmp_path: Path
) -> None:
    app = build_app(kept.dsn, FixedClock(AT), Metrics(), tmp_path / "keys", memory_free_min_bytes=1 << 60)

    with RunningServer(app) as address, httpx2.Client(base_url=address, headers=_bearer(kept.key)) as client:
        taken_in, asked = client.post("/filings", json={}), client.get("/whose")

    assert (taken_in.status_code, taken_in.json()["code"]) == (503, "busy")
    assert int(taken_in.headers["retry-after"]) > 0
    assert asked.status_code == 200


def test_other_scheme_is_told_how_keys_are_sent(client: httpx2.Client) -> None:
    answer = client.get("/whose", auth=("user", "password"))

    assert (answer.status_code, answer.json()["code"]) == (401, "key-malformed")


def test_bad_key_is_refused_even_where_none_is_needed(client: httpx2.Client) -> None:
    assert client.get("/thing", headers=_bearer("hello")).status_code == 401


@pytest.mark.in_turn
def test_revoked_key_is_refused_within_a_second(client: httpx2.Client, store: psycopg.Connection) -> None:
    key = make_key(500)
    store.execute(
        "INSERT INTO api_key (key_id, administration_id, party_id, key_hash, scopes, created_at)"
        " VALUES (500, 1, 10, %s, '{reading}', %s)",
        [key.key_hash, AT],
    )
    assert client.get("/whose", headers=_bearer(key.text)).status_code == 200

    store.execute("UPDATE api_key SET revoked_at = %s WHERE key_id = 500", [AT])
    time.sleep(1.05)
    answer = client.get("/whose", headers=_bearer(key.text))

    assert (answer.status_code, answer.json()["code"]) == (401, "key-revoked")


def test_scope_that_a_key_lacks_is_named(client: httpx2.Client, kept: Kept) -> None:
    answer = client.get("/whose", headers=_bearer(kept.quoting_key))

    assert (answer.status_code, answer.json()["code"]) == (403, "scope-missing")
    assert "reading" in answer.json()["next_step"]


def test_role_that_a_party_lacks_is_refused(client: httpx2.Client, kept: Kept) -> None:
    answer = client.get("/statistics", headers=_bearer(kept.key))

    assert (answer.status_code, answer.json()["code"]) == (403, "role-not-allowed")


def test_stored_hash_does_not_hold_the_secret(kept: Kept, store: psycopg.Connection) -> None:
    row = store.execute("SELECT key_hash FROM api_key WHERE key_id = 100").fetchone()

    parts = split_key(kept.key)
    assert row is not None
    assert parts is not None
    assert parts[1].encode() not in row[0]
    assert secret_matches(parts[1], row[0])


def test_table_lets_through_exactly_whom_it_names() -> None:
    for name, act in ACTS.items():
        for role in set(Role) - {Role.PUBLIC}:
            actor = Actor(1, 1, frozenset({role}), frozenset(SCOPES | SESSION_SCOPES), Means.PAGE_SESSION)
            if role in act.roles:
                require(actor, name)
            else:
                with pytest.raises(SeraiError, match="role-not-allowed"):
                    require(actor, name)
        if act.scope is not None:
            # Whose organisation waits to be admitted has no other role, and still looks after the account.
            assert Role.PUBLIC not in act.roles or name == "account.use"
            with pytest.raises(SeraiError, match="sign-in-needed"):
                require(PUBLIC_ACTOR, name)
            for role in act.roles:
                # No key has what is for people alone.
                narrow = Actor(1, 1, frozenset({role}), frozenset(SCOPES) - {act.scope}, Means.API_KEY)
                with pytest.raises(SeraiError, match="scope-missing"):
                    require(narrow, name)


def test_every_scope_is_used_and_every_used_scope_exists() -> None:
    assert {act.scope for act in ACTS.values()} - {None} == set(SCOPES) | set(SESSION_SCOPES)


def test_a_part_in_an_organisation_never_allows_administering() -> None:
    allowed = set(SCOPES | SESSION_SCOPES) - {"administering"}
    reader, member, manager = (
        MEMBER_SCOPES[one] for one in (MemberRole.READER, MemberRole.MEMBER, MemberRole.MANAGER)
    )

    assert reader < member < manager <= allowed


def test_matrix_has_a_row_for_every_route(database: str, tmp_path: Path) -> None:
    rows = route_matrix(build_app(database, FixedClock(AT), Metrics(), tmp_path / "keys"))

    assert ("POST", "/filings", "declarations.lodge", "lodging") in {
        (r.method, r.path, r.act, r.scope) for r in rows
    }
    assert ("GET", "/sign-in", "session.enter", None) in {(r.method, r.path, r.act, r.scope) for r in rows}


@pytest.mark.parametrize("opt", [{}, {"act": "parcels.steal"}], ids=["no act", "unknown act"])
def test_route_without_a_row_fails(opt: dict[str, str]) -> None:
    @get("/", opt=opt)
    async def forgotten() -> None: ...

    with pytest.raises(AssertionError):
        route_matrix(Litestar([forgotten], openapi_config=None))


def test_too_many_requests_are_told_when_to_come_back(kept: Kept, tmp_path: Path) -> None:
    app = build_app(kept.dsn, kept.clock, Metrics(), tmp_path / "keys", per_second=0.5)
    with RunningServer(app) as address:
        answers = [httpx2.get(f"{address}/whose", headers=_bearer(kept.key)) for _ in range(4)]
        others = httpx2.get(f"{address}/thing")

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].json()["code"] == "rate-limited"
    assert int(answers[3].headers["retry-after"]) in {1, 2}
    assert others.status_code == 200


def test_bucket_fills_with_time() -> None:
    limit = RateLimit(per_second=2, burst=2)

    waits = [limit.take("a", 0.0), limit.take("a", 0.0), limit.take("a", 0.0), limit.take("a", 0.5)]

    assert waits == [0.0, 0.0, 0.5, 0.0]
    assert limit.take("b", 0.5) == 0.0


def test_password_is_argon2_and_too_short_ones_are_refused() -> None:
    stored = hash_password(PASSWORD)

    assert stored.startswith("$argon2id$")
    assert password_matches(PASSWORD, stored)
    assert not password_matches(PASSWORD + "!", stored)
    assert not password_matches("nobody has this password", None)
    with pytest.raises(SeraiError, match="password-unfit"):
        hash_password("short")


def test_key_expires_at_its_instant(client: httpx2.Client, kept: Kept, store: psycopg.Connection) -> None:
    key = make_key(501)
    store.execute(
        "INSERT INTO api_key (key_id, administration_id, party_id, key_hash, scopes, created_at, expires_at)"
        " VALUES (501, 1, 10, %s, '{reading}', %s, %s)",
        [key.key_hash, AT, kept.clock.now() + timedelta(minutes=1)],
    )
    before = client.get("/whose", headers=_bearer(key.text))

    kept.clock.move(timedelta(minutes=1))
    after = client.get("/whose", headers=_bearer(key.text))
    kept.clock.move(timedelta(minutes=-1))

    assert (before.status_code, after.status_code) == (200, 401)
    assert after.json()["code"] == "key-expired"


_JSON = {"content-type": "application/json"}
LETTERS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "taken": (200, _JSON, b'"hello"'),
    "of another type": (415, {"content-type": "text/plain"}, b"hello"),
    "too large": (413, _JSON, b'"' + b"a" * 100 + b'"'),
    "broken": (500, _JSON, b'"break"'),
    "a form without a token": (415, {"content-type": "multipart/form-data; boundary=a"}, b"--a--\r\n"),
    "from nobody": (401, {**_JSON, "authorization": ""}, b'"hello"'),
    "with a bad key": (401, {**_JSON, "authorization": "Bearer serai_64_" + "A" * 43}, b'"hello"'),
    "with a key that may not": (403, {**_JSON, "authorization": "quoting"}, b'"hello"'),
}


@pytest.mark.parametrize("how", LETTERS)
def test_short_way_to_a_route_answers_as_the_framework_does(
    client: httpx2.Client, kept: Kept, how: str
) -> None:
    status, headers, body = LETTERS[how]
    keys = {"": {}, "quoting": _bearer(kept.quoting_key)}
    given = headers.get("authorization")
    own = {name: value for name, value in headers.items() if name != "authorization"}
    own |= _bearer(kept.key) if given is None else keys.get(given, {"authorization": given})

    short, long = (client.post(path, headers=own, content=body) for path in ("/letters", "/letters/"))

    assert (short.status_code, long.status_code) == (status, status)
    assert set(short.headers) == set(long.headers)
    unequal = {"request_id", "incident", "next_step"}
    told = [one.json() for one in (short, long)]
    if status != 200:
        told = [{name: value for name, value in one.items() if name not in unequal} for one in told]
    assert told[0] == told[1]
