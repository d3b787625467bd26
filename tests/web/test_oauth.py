"""Machines that sign: tokens for assertions, and what is refused."""

import base64
import time
import warnings
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, OKPKey

from serai.foundation.id_text import format_id
from tests.journey.cases.world import PARTIES, World, rows

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
PAIR = OKPKey.generate_key("Ed25519")
_NUMBERS = count(1)
Sign = Callable[..., str]


@pytest.fixture(scope="module")
def client_id(world: World) -> str:
    return register(world, PAIR.as_dict(private=False), "signing")


def register(world: World, jwk: dict[str, Any], reference: str) -> str:
    body = {"reference": reference, "scopes": ["reading", "lodging"], "jwk": jwk}
    with world.client("officer") as administrator:
        made = administrator.post(f"/v1/parties/{format_id(PARTIES['seller'][0])}/keys", json=body)
    assert made.status_code == 201, made.text
    assert made.json()["text"] == ""
    return str(made.json()["key"])


@pytest.fixture
def machine(world: World) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=world.address, timeout=60) as one:
        yield one


def assertion(world: World, client: str, *, key: Any = PAIR, alg: str = "EdDSA", **claims: Any) -> str:
    now = int(time.time())
    said = {
        "iss": client, "sub": client, "aud": f"{world.address}/oauth/token", "jti": f"jti-{next(_NUMBERS)}",
        "iat": now, "exp": now + 120,
    }  # fmt: skip
    with warnings.catch_warnings():
        # The older name of Ed25519, which most libraries still write.
        warnings.simplefilter("ignore", SecurityWarning)
        return jwt.encode({"alg": alg}, {**said, **claims}, key, algorithms=[alg])


def exchange(machine: httpx2.Client, signed: str, **more: str) -> httpx2.Response:
    form = {"grant_type": "client_credentials", "client_assertion_type": TYPE, "client_assertion": signed}
    return machine.post("/oauth/token", data=form | more)


def told(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("error") or answer.json().get("code")


def test_a_token_is_taken_where_a_key_is_and_for_no_more(
    world: World, machine: httpx2.Client, client_id: str
) -> None:
    found = machine.get("/.well-known/oauth-authorization-server").json()

    given = exchange(machine, assertion(world, client_id, aud=found["token_endpoint"]), scope="reading")
    token = given.json()["access_token"]
    bearer = {"authorization": f"Bearer {token}"}
    reads = machine.get("/v1/declarations", headers=bearer)
    lodges = machine.post("/v1/declarations", headers=bearer, json={})
    forged = machine.get("/v1/declarations", headers={"authorization": f"Bearer {token[:-3]}AAA"})
    too_much = exchange(machine, assertion(world, client_id), scope="reading administering")

    assert (given.status_code, given.json()["scope"], given.json()["expires_in"]) == (200, "reading", 600)
    assert given.headers["cache-control"] == "no-store"
    assert reads.status_code == 200
    assert told(lodges) == (403, "scope-missing")
    assert told(forged) == (401, "token-unknown")
    assert told(too_much) == (400, "invalid_scope")


def test_an_assertion_counts_once(world: World, machine: httpx2.Client, client_id: str) -> None:
    signed = assertion(world, client_id)

    assert exchange(machine, signed).status_code == 200
    assert told(exchange(machine, signed)) == (401, "invalid_client")


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://other.example/oauth/token"},
        {"aud": ["https://other.example", "https://customs.example"]},
        {"iss": "somebody"},
        {"exp": 1},
        {"exp": 1e300},
        {"exp": "soon"},
        {"exp": 9_999_999_999},
        {"iat": 9_999_999_999},
        {"nbf": 9_999_999_999},
        {"jti": ""},
        {"jti": "x" * 300},
        {"jti": 7},
    ],
    ids=str,
)
def test_claims_that_do_not_hold_are_refused(
    world: World, machine: httpx2.Client, client_id: str, claims: dict[str, Any]
) -> None:
    assert told(exchange(machine, assertion(world, client_id, **claims))) == (401, "invalid_client")


def test_clocks_may_be_off_by_a_minute(world: World, machine: httpx2.Client, client_id: str) -> None:
    now = int(time.time())

    ahead = exchange(machine, assertion(world, client_id, iat=now + 40, exp=now + 500))
    behind = exchange(machine, assertion(world, client_id, iat=now - 300, exp=now - 30))
    far = exchange(machine, assertion(world, client_id, exp=now - 90))

    assert (ahead.status_code, behind.status_code, far.status_code) == (200, 200, 401)


def test_another_signature_is_refused(world: World, machine: httpx2.Client, client_id: str) -> None:
    public = OctKey.import_key(str(PAIR.as_dict(private=False)["x"]))
    wrong = [
        assertion(world, client_id, key=OKPKey.generate_key("Ed25519")),
        # Signed with what everybody knows of the key, as if it were a shared secret.
        assertion(world, client_id, key=public, alg="HS256"),
        assertion(world, "7fffffffffffffff"),
        assertion(world, client_id).rsplit(".", 1)[0] + ".",
        "eyJhbGciOiJub25lIn0." + assertion(world, client_id).split(".")[1] + ".",
        "not an assertion",
        "a." * 5_000,
    ]

    assert [told(exchange(machine, one)) for one in wrong] == [(401, "invalid_client")] * len(wrong)
    assert told(machine.post("/oauth/token", data={"grant_type": "password"})) == (
        400,
        "unsupported_grant_type",
    )
    assert told(exchange(machine, "")) == (400, "invalid_request")


def test_a_revoked_client_opens_nothing_by_its_tokens_either(world: World, machine: httpx2.Client) -> None:
    pair = ECKey.generate_key("P-256")
    client = register(world, pair.as_dict(private=False), "revoked")
    given = exchange(machine, assertion(world, client, key=pair, alg="ES256"))
    bearer = {"authorization": f"Bearer {given.json()['access_token']}"}
    before = machine.get("/v1/declarations", headers=bearer).status_code
    with world.client("officer") as administrator:
        administrator.delete(f"/v1/parties/{format_id(PARTIES['seller'][0])}/keys/{client}")

    assert before == 200
    assert told(machine.get("/v1/declarations", headers=bearer)) == (401, "key-revoked")
    assert told(exchange(machine, assertion(world, client, key=pair, alg="ES256"))) == (401, "invalid_client")


def test_private_and_short_keys_are_not_registered(world: World) -> None:
    path = f"/v1/parties/{format_id(PARTIES['seller'][0])}/keys"
    short = rsa.generate_private_key(65_537, 1_024).public_key().public_numbers().n
    unfit = [
        PAIR.as_dict(private=True),
        {"kty": "RSA", "e": "AQAB", "n": base64.urlsafe_b64encode(short.to_bytes(128)).decode().rstrip("=")},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "OKP"},
    ]
    with world.client("officer") as administrator:
        answers = [
            administrator.post(path, json={"reference": f"unfit-{at}", "scopes": ["reading"], "jwk": jwk})
            for at, jwk in enumerate(unfit)
        ]

    assert [told(one) for one in answers] == [(422, "jwk-unfit")] * len(unfit)
    assert rows(world.dsn, "SELECT count(*) FROM api_key WHERE reference LIKE 'unfit-%'") == [(0,)]
