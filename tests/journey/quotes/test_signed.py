"""A quote as a signed promise: whoever holds it can check it, and nothing of a person is in it."""

import hashlib
import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from serai.evidence.notes import read_verifier_key
from serai.foundation.jws import sign_compact
from serai.foundation.keys import SigningKey
from tests.journey.cases.world import World, rows
from tests.journey.quotes.declaring import SHIRT, declaration, declare, facts, in_days, quoted
from tests.journey.quotes.world import quoting_world


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("node")
    with quoting_world(world_database, folder) as running:
        yield running


def check(world: World, signed: str) -> dict[str, Any]:
    with world.client("") as client:
        answer = client.post("/v1/quotes/verify", json={"signed": signed})
    assert answer.status_code == 200, answer.text
    verdict: dict[str, Any] = answer.json()
    return verdict


def part(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_a_quote_is_verified_by_the_published_key_alone(world: World) -> None:
    quote = quoted(world)
    signed = quote["offer"]["signed"]
    with world.client("") as client:
        (key,) = client.get("/.well-known/jwks.json").json()["keys"]
        name, log_key = read_verifier_key(client.get("/log/key").text)
    head, payload, signature = signed.split(".")
    public_key = Ed25519PublicKey.from_public_bytes(part(key["x"]))
    content = json.loads(part(payload))

    public_key.verify(part(signature), f"{head}.{payload}".encode())
    with pytest.raises(InvalidSignature):
        public_key.verify(part(signature), f"{head}.{payload[:-4]}AAAA".encode())
    assert part(key["x"]) == log_key
    assert json.loads(part(head)) == {"alg": "Ed25519", "kid": key["kid"], "typ": "serai-quote"}
    assert key["kid"].startswith(f"{name}+")
    assert content["jti"] == quote["offer"]["quote_id"]
    assert content["quote"]["totals"] == quote["totals"]
    assert content["quote"]["assumptions"] == quote["assumptions"]
    assert content["quote"]["law"] == quote["law"]
    assert content["exp"] > content["iat"]


def test_the_commitment_kept_is_the_hash_of_what_was_signed(world: World) -> None:
    quote = quoted(world)
    digest = hashlib.sha256(part(quote["offer"]["signed"].split(".")[1])).digest()
    kept = rows(world.dsn, "SELECT party_id, expires_at > quoted_at FROM quote WHERE commitment = %s", digest)

    assert kept == [(12, True)]
    assert quote["offer"]["cite_as"] == {
        "type_code": "N310",
        "reference": f"{quote['offer']['quote_id']}.{digest.hex()}",
    }


def test_no_person_is_in_a_quote_or_in_what_is_kept_of_it(world: World) -> None:
    people: dict[str, Any] = {
        "consignee": {
            "name": "Zelda Nightingale-Quux",
            "country_code": "IE",
            "street": "Long Lane 3",
            "city": "Dublin",
            "postcode": "D02 AF30",
            "identity_number": "IDENTITY-77",
            "email": "zelda@example.org",
        },
        "buyer": {"name": "Bertram Buyer", "country_code": "IE", "tax_number": "IE7654321X"},
        "destination_country_code": None,
        "destination_postcode": None,
    }
    quote = quoted(world, **people)
    content = part(quote["offer"]["signed"].split(".")[1]).decode()
    kept = rows(world.dsn, "SELECT convert_from(terms, 'UTF8') FROM quote ORDER BY quote_id DESC LIMIT 1")[0][
        0
    ]

    for secret in ("Zelda", "Long Lane", "Dublin", "D02", "IDENTITY-77", "zelda@", "Bertram", "IE7654321X"):
        assert secret not in content
        assert secret not in kept
    assert '"has_buyer_tax_number":"yes"' in kept


def test_a_check_tells_what_is_left_of_a_quote(world: World) -> None:
    quote = quoted(world)
    fresh = check(world, quote["offer"]["signed"])
    one_shirt = SHIRT | {"quantity": "1", "invoice_amount": "25.00", "gross_mass_kg": "0.150"}
    declare(world, declaration("LEFT-1", quote, goods_items=[one_shirt], freight_amount="2.00"))
    half = check(world, quote["offer"]["signed"])
    declare(world, declaration("LEFT-2", quote, goods_items=[one_shirt], freight_amount="2.00"))
    none = check(world, quote["offer"]["signed"])

    assert (fresh["is_genuine"], fresh["can_be_cited"], fresh["faults"]) == (True, True, [])
    assert [one["units"][0]["left"] for one in (fresh, half, none)] == ["2", "1", "0"]
    assert (none["is_genuine"], none["can_be_cited"]) == (True, False)
    assert [one["code"] for one in none["faults"]] == ["quote-used-up"]


def test_what_is_false_is_told_with_its_reason(world: World) -> None:
    signed = quoted(world)["offer"]["signed"]
    head, payload, signature = signed.split(".")
    stranger = SigningKey(Ed25519PrivateKey.generate())
    kid = json.loads(part(head))["kid"]
    found = {
        "changed": check(world, f"{head}.{payload[:-6]}AAAAAA.{signature}"),
        "in our name": check(world, sign_compact(part(payload), stranger, kid=kid, typ="serai-quote")),
        "another's": check(
            world, sign_compact(part(payload), stranger, kid="elsewhere+00", typ="serai-quote")
        ),
        "another kind": check(world, sign_compact(part(payload), stranger, kid=kid, typ="JWT")),
        "no signature": check(world, "quote"),
    }

    assert {what: one["faults"][0]["code"] for what, one in found.items()} == {
        "changed": "quote-signature-false",
        "in our name": "quote-signature-false",
        "another's": "quote-foreign",
        "another kind": "quote-unreadable",
        "no signature": "quote-unreadable",
    }
    for one in found.values():
        assert not one["is_genuine"]
        assert one["faults"][0]["sentence"]
        assert one["faults"][0]["remedy"]


def test_a_quote_that_ended_or_was_never_kept_is_told(world: World) -> None:
    ended, lost = quoted(world)["offer"], quoted(world)["offer"]
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        for offer, change in (
            (ended, "UPDATE quote SET expires_at = quoted_at WHERE commitment = decode(%s, 'hex')"),
            (lost, "DELETE FROM quote WHERE commitment = decode(%s, 'hex')"),
        ):
            connection.execute(change, (offer["cite_as"]["reference"].partition(".")[2],))

    assert [one["code"] for one in check(world, ended["signed"])["faults"]] == ["quote-expired"]
    assert [one["code"] for one in check(world, lost["signed"])["faults"]] == ["quote-unknown"]


def test_figures_alone_leave_nothing_behind(world: World) -> None:
    before = rows(world.dsn, "SELECT count(*) FROM quote")
    quote = quoted(world, is_signed=False)

    assert "offer" not in quote
    assert quote["totals"]
    assert rows(world.dsn, "SELECT count(*) FROM quote") == before


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"destination_country_code": "AQ", "destination_postcode": None}, "not_complete"),
        ({"accepted_at": in_days(-60)}, "day_is_past"),
        ({"accepted_at": in_days(60)}, "day_is_far"),
    ],
)
def test_why_no_promise_is_made_is_told(world: World, changes: dict[str, Any], code: str) -> None:
    quote = quoted(world, **changes)

    assert "offer" not in quote
    assert quote["not_offered"]["code"] == code
    assert quote["not_offered"]["remedy"]


def test_every_pair_of_a_basket_is_a_promise_of_its_own(world: World) -> None:
    request = {"baskets": [facts()], "destinations": [{"country_code": code} for code in ("DE", "NL", "AQ")]}
    with world.client("platform") as client:
        pairs = client.post("/v1/quotes/baskets", json=request).json()["quotes"]
    offers = [one["quote"].get("offer") for one in pairs]

    assert offers[2] is None
    assert pairs[2]["quote"]["not_offered"]["code"] == "not_complete"
    assert offers[0]["quote_id"] != offers[1]["quote_id"]
    assert all(check(world, one["signed"])["can_be_cited"] for one in offers[:2])
