"""A one-time code opens sums, reasons, requests and the person's own data; nothing else does."""

import asyncio
import base64
import json
import re
import struct
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx2
import psycopg
import pytest

from serai.foundation.access.secrets import hash_secret
from serai.foundation.clock import SystemClock
from serai.foundation.database import Database
from serai.foundation.id_text import parse_id
from serai.foundation.settings import BuyersSettings
from serai.journey.acts.case_acts import find_case
from serai.journey.buyers.requests import sender_of_buyer
from serai.journey.buyers.service import AtParcel
from serai.journey.buyers.store import QUERIES
from serai.journey.documents.proofs import read_proof
from serai.journey.processing.transaction import Processor
from serai.journey.services import Services
from serai.model.errors import SeraiError
from tests.journey.cases.world import World, file, parcel, rows, running_world
from tests.journey.tax_paid.test_over_http import ordered, paid_for, released, settled

POSTCODE = "D02 AF30"
CONSIGNEE: dict[str, Any] = {
    **parcel("X")["consignee"],
    "email": "zelda@quux.example",
}


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("node")
    with running_world(world_database, folder, buyers=BuyersSettings(answer_after_ms=0)) as world:
        yield world


@pytest.fixture(autouse=True)
def untried(world: World) -> None:
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        connection.execute("DELETE FROM sign_in_try")


def call(world: World, path: str, body: dict[str, Any]) -> httpx2.Response:
    with world.client("") as client:
        return client.post(f"/v1/track{path}", json=body)


def must(world: World, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = call(world, path, body)
    assert answer.status_code == 200, (path, answer.text)
    found: dict[str, Any] = answer.json()
    return found


def filed(world: World, name: str, **changes: Any) -> str:
    """A parcel's case, found by its name as number."""
    with world.client("post") as client:
        wanted = {"house_document": f"LX{name}", "consignee": CONSIGNEE, **changes}
        return str(file(client, parcel(f"CODE-{name}", **wanted))[0]["case_id"])


def session_at(world: World, name: str) -> str:
    return str(must(world, "", {"number": f"LX{name}", "postcode": POSTCODE})["session"])


def code_of(world: World, number: str) -> str:
    """The code in the message of a number, as it lies in the developer's folder."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        for path in (world.folder / "mail").glob("*.eml"):
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            text = message.get_content()
            if number in text:
                assert message["To"] == "zelda@quux.example"
                found = re.search(r"code is (\d{8})\.", text)
                assert found is not None
                return found[1]
        time.sleep(0.1)
    raise AssertionError("no message came")


def confirmed_at(world: World, name: str) -> str:
    session = session_at(world, name)
    code = code_of(world, must(world, "/code", {"session": session})["number"])
    return str(must(world, "/confirmation", {"session": session, "code": code})["session"])


STATEMENT = {"reference": "S-1", "reason": "It was assessed by the tariff of that day."}


def request(session: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"session": session, "reference": "R-1", "kind": kind, "words": "It is so.", **more}


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**8:08}"


# ---- the code ----


@pytest.mark.in_turn
def test_a_code_opens_sums_with_their_arithmetic_and_reasons(world: World) -> None:
    filed(world, "OPEN1")
    session = session_at(world, "OPEN1")
    assert call(world, "/parcel", {"session": session}).json()["code"] == "code-needed"

    sent = must(world, "/code", {"session": session})
    assert sent["means"] == "email"
    code = code_of(world, sent["number"])
    opened = must(world, "/confirmation", {"session": session, "code": f" {code[:4]} {code[4:]} "})
    own = must(world, "/parcel", {"session": opened["session"]})

    assert own["to_pay"]
    border = [one for one in own["charges"] if one["due"] == "border" and not one["is_waived"]]
    assert f"EUR {sum(float(one['amount']) for one in border):.2f}" in own["to_pay"]
    assert all(one["arithmetic"].endswith(f"= EUR {one['amount']}") for one in border)
    assert any("\u00d7" in one["arithmetic"] for one in border)
    assert all(one["sentence"] for one in own["reasons"])
    assert "Zelda" not in json.dumps(own)


@pytest.mark.in_turn
def test_the_session_before_the_code_ends_with_it_and_a_code_counts_once(world: World) -> None:
    filed(world, "ONCE1")
    session = session_at(world, "ONCE1")
    code = code_of(world, must(world, "/code", {"session": session})["number"])
    typed = {"session": session, "code": code}

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: call(world, "/confirmation", typed).status_code, range(4)))

    assert sorted(answers) == [200, 401, 401, 401]
    assert call(world, "/status", {"session": session}).json()["code"] == "buyer-session-ended"


@pytest.mark.in_turn
def test_a_code_is_bound_to_the_session_that_asked_for_it(world: World) -> None:
    filed(world, "BOUND1")
    mine, other = session_at(world, "BOUND1"), session_at(world, "BOUND1")
    code = code_of(world, must(world, "/code", {"session": mine})["number"])

    assert call(world, "/confirmation", {"session": other, "code": code}).status_code == 401
    must(world, "/code", {"session": other})
    assert call(world, "/confirmation", {"session": other, "code": code}).status_code == 401
    assert must(world, "/confirmation", {"session": mine, "code": code})


@pytest.mark.in_turn
def test_five_tries_end_a_code_and_a_quarter_of_an_hour_does(world: World) -> None:
    filed(world, "TRIES1")
    session = session_at(world, "TRIES1")
    code = code_of(world, must(world, "/code", {"session": session})["number"])

    guesses = [
        call(world, "/confirmation", {"session": session, "code": wrong(code)}).status_code for _ in range(5)
    ]
    right = call(world, "/confirmation", {"session": session, "code": code})
    late = session_at(world, "TRIES1")
    code = code_of(world, must(world, "/code", {"session": late})["number"])
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        connection.execute("UPDATE buyer_code SET expires_at = expires_at - interval '15 minutes'")

    assert guesses == [401] * 5
    assert right.json()["code"] == "buyer-code-wrong"
    assert call(world, "/confirmation", {"session": late, "code": code}).status_code == 401


def test_codes_for_a_parcel_are_bounded(world: World) -> None:
    filed(world, "FLOOD1")
    session = session_at(world, "FLOOD1")

    answers = [call(world, "/code", {"session": session}).status_code for _ in range(6)]

    assert answers == [200] * 5 + [429]


def test_no_code_stands_in_the_database(world: World) -> None:
    filed(world, "KEPT1")
    session = session_at(world, "KEPT1")
    code = code_of(world, must(world, "/code", {"session": session})["number"])

    kept = [
        text
        for table in ("buyer_code", "buyer_session", "mail_notice", "vault_read")
        for (text,) in rows(world.dsn, f"SELECT row::text FROM {table} AS row")
    ]

    assert not any(secret in text for text in kept for secret in (code, session, "quux", "zelda"))


def test_sessions_and_codes_that_ended_a_day_ago_are_forgotten(world: World) -> None:
    filed(world, "GONE1")
    old, young = session_at(world, "GONE1"), session_at(world, "GONE1")
    must(world, "/code", {"session": old})
    values = {"administration_id": 1, "before": datetime.now(UTC) - timedelta(days=1)}
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE buyer_session SET expires_at = expires_at - interval '25 hours' WHERE session_hash = %s",
            (hash_secret(old),),
        )
        connection.execute(QUERIES["delete_ended_buyer_sessions"].encode(), values)
        (left,) = connection.execute(
            "SELECT count(*) FROM buyer_code JOIN buyer_session USING (session_id) WHERE session_hash = %s",
            (hash_secret(old),),
        ).fetchone() or (None,)

    assert left == 0
    assert must(world, "/status", {"session": young})


# ---- what a buyer states ----


@pytest.mark.in_turn
@pytest.mark.parametrize("kind", ["paid-at-checkout", "not-mine", "correction"])
def test_what_is_stated_is_an_act_and_an_officers_task_once(world: World, kind: str) -> None:
    case_id = filed(world, f"SAID{len(kind)}")
    session = confirmed_at(world, f"SAID{len(kind)}")

    first, again = (
        must(world, "/requests", request(session, kind)),
        must(world, "/requests", request(session, kind)),
    )
    with world.client("officer") as client:
        listed = client.get("/v1/declarations", params={"task": "buyer", "limit": 1000}).json()
        answer = {"outcome": "accepted", "reason": "The invoice shows it."}
        path = f"/v1/cases/{case_id}/buyer-requests/{first['act_id']}/answer"
        done = [client.post(path, json=answer).status_code for _ in range(2)]
        other = client.post(path, json={**answer, "outcome": "rejected"})
        after = client.get("/v1/declarations", params={"task": "buyer", "limit": 1000}).json()
    own = must(world, "/parcel", {"session": session})

    assert first == again
    assert case_id in [one["case_id"] for one in listed["consignments"]]
    assert done == [200, 200]
    assert other.json()["code"] == "request-answered-already"
    assert case_id not in [one["case_id"] for one in after["consignments"]]
    assert [(one["kind"], one["answer"], one["answer_words"]) for one in own["requests"]] == [
        (kind, "accepted", "The invoice shows it.")
    ]


@pytest.mark.in_turn
def test_a_buyer_appeals_against_what_stands_and_reads_the_outcome(world: World) -> None:
    case_id = filed(world, "APPEAL1")
    session = confirmed_at(world, "APPEAL1")
    before = must(world, "/parcel", {"session": session})

    first = must(world, "/requests", request(session, "appeal"))
    again = must(world, "/requests", request(session, "appeal"))
    second = call(world, "/requests", request(session, "appeal") | {"reference": "R-2"})
    asked = must(world, "/parcel", {"session": session})
    with world.client("post") as client:
        strange = client.post(f"/v1/cases/{case_id}/appeals/{first['act_id']}/statements", json=STATEMENT)
    with world.client("officer") as client:
        tasks = client.get("/v1/declarations", params={"task": "appeal", "limit": 1000}).json()

    assert before["may_appeal"]
    assert first == again
    assert second.json()["code"] == "appeal-open"
    assert [(one["kind"], one["answer"]) for one in asked["requests"]] == [("appeal-lodged", None)]
    assert not asked["may_appeal"]
    assert case_id in [one["case_id"] for one in tasks["consignments"]]
    assert strange.status_code in (200, 201), "the declarant states its view in it"


@pytest.mark.in_turn
def test_what_was_paid_is_taken_off_the_sum_to_pay(world: World) -> None:
    case_id = filed(world, "PAID1")
    session = confirmed_at(world, "PAID1")
    before = must(world, "/parcel", {"session": session})
    (due,) = before["to_pay"]
    part = {"reference": "PAY-1", "kind": "paid", "currency_code": "EUR", "amount": "1.00"}
    rest = {"reference": "PAY-2", "kind": "paid", "currency_code": "EUR", "amount": "500.00"}

    with world.client("officer") as client:
        assert client.post(f"/v1/cases/{case_id}/payment-records", json=part).status_code == 200
        after_part = must(world, "/parcel", {"session": session})
        assert client.post(f"/v1/cases/{case_id}/payment-records", json=rest).status_code == 200
    after = must(world, "/parcel", {"session": session})

    with world.client("") as client:
        french = client.post(
            "/v1/track/parcel", json={"session": session}, headers={"accept-language": "fr"}
        ).json()

    assert french["paid"] == ["EUR 501,00"]
    assert before["paid"] == []
    assert after_part["to_pay"] == [f"EUR {Decimal(due.removeprefix('EUR ')) - 1}"]
    assert after_part["paid"] == ["EUR 1.00"]
    assert after["to_pay"] == []


def test_nothing_is_stated_before_a_code(world: World) -> None:
    filed(world, "EARLY1")
    session = session_at(world, "EARLY1")

    for kind in ("paid-at-checkout", "not-mine", "correction", "review", "appeal"):
        assert call(world, "/requests", request(session, kind)).json()["code"] == "code-needed"
    for path in ("/parcel", "/data", "/erasure"):
        assert call(world, path, {"session": session}).json()["code"] == "code-needed"
    proof = {"session": session, "reference": "P", "content": base64.b64encode(png()).decode()}
    assert call(world, "/proofs", proof).json()["code"] == "code-needed"


def test_a_buyers_session_reaches_the_case_of_its_parcel_and_no_other(world: World) -> None:
    own, other = (parse_id(filed(world, name)) for name in ("REACH1", "REACH2"))
    services = SimpleNamespace(administration_id=1, clock=SystemClock())
    row = SimpleNamespace(case_id=own, consignment_id=1)
    session = SimpleNamespace(consignment=row, actor="buyer:1")
    sender = sender_of_buyer(cast("Services", services), cast("AtParcel", session))

    async def reach(case_id: int) -> int:
        processor = cast("Processor", SimpleNamespace(services=services))
        async with (
            Database(world.dsn, pool_size_count=1, statement_timeout_ms=60_000) as database,
            database.write() as connection,
        ):
            return (await find_case(processor, connection, sender, case_id)).root

    assert "officer" not in sender.roles
    assert asyncio.run(reach(own)) == own
    with pytest.raises(SeraiError, match="not-found"):
        asyncio.run(reach(other))


def test_parties_of_the_case_read_nothing_of_what_its_buyer_says(world: World) -> None:
    case_id = filed(world, "QUIET1")
    must(world, "/requests", request(confirmed_at(world, "QUIET1"), "not-mine", words="Secretly said."))

    with world.client("post") as client:
        read = "".join(
            client.get(f"/v1/cases/{case_id}{path}").text for path in ("", "/history", "/acts", "/decision")
        )

    assert "buyer" not in read
    assert "Secretly" not in read


def test_a_wrong_contact_is_put_right_by_an_officer_and_by_nobody_else(world: World) -> None:
    consignee = {**CONSIGNEE, "email": "nobody"}
    case_id = filed(world, "WRONG1", consignee=consignee)
    session = session_at(world, "WRONG1")
    assert call(world, "/code", {"session": session}).json()["code"] == "contact-missing"
    unfit = call(world, "/requests", request(session, "contact", email="x@y"))
    asked = must(world, "/requests", request(session, "contact", email="zelda@quux.example"))

    assert unfit.json()["code"] == "contact-unfit"
    assert call(world, "/code", {"session": session}).json()["code"] == "contact-missing"
    path = f"/v1/cases/{case_id}/buyer-requests/{asked['act_id']}/answer"
    answer = {"outcome": "accepted", "reason": "Passport seen."}
    with world.client("post") as client:
        assert client.post(path, json=answer).status_code == 403
    with world.client("officer") as client:
        assert client.post(path, json=answer).status_code == 200
    code = code_of(world, must(world, "/code", {"session": session})["number"])
    assert must(world, "/confirmation", {"session": session, "code": code})


# ---- proofs ----


def png(width: int = 2, height: int = 2, behind: bytes = b"") -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress((b"\0" + bytes(3 * 2)) * 2)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"") + behind


def jpeg(width: int = 2, height: int = 2, behind: bytes = b"") -> bytes:
    frame = struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    scan = struct.pack(">HB", 8, 1) + b"\x01\x00\x00\x3f\x00"
    return b"\xff\xd8\xff\xc0" + frame + b"\xff\xda" + scan + b"\x12\x34\xff\xd9" + behind


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.mark.in_turn
def test_proofs_are_kept_in_the_vault_and_read_by_officers_as_files(world: World) -> None:
    case_id = filed(world, "PROOF1")
    session = confirmed_at(world, "PROOF1")
    for number, (content, media_type) in enumerate(
        [(png(), "image/png"), (jpeg(), "image/jpeg"), (PDF, "application/pdf")]
    ):
        proof = {
            "session": session,
            "reference": f"P-{number}",
            "content": base64.b64encode(content).decode(),
        }
        done = must(world, "/proofs", proof)
        path = f"/v1/cases/{case_id}/proofs/{done['act_id']}"
        with world.client("officer") as client:
            read = client.get(path)
            history = client.get(f"/v1/cases/{case_id}/history")
        with world.client("post") as client:
            assert client.get(path).status_code == 403

        assert read.content == content
        assert read.headers["content-type"].startswith(media_type)
        assert read.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in read.headers["content-security-policy"]
        assert base64.b64encode(content).decode()[:40] not in history.text


SCRIPT = b"<script>alert(1)</script>"


@pytest.mark.parametrize(
    "content",
    [
        SCRIPT,
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        png(behind=SCRIPT),
        png()[:-4],
        png().replace(b"IDAT", b"IDAX"),
        png(100_000, 100_000),
        png(0, 5),
        jpeg(behind=SCRIPT),
        jpeg(65_000, 65_000),
        b"\xff\xd8\xff" + SCRIPT + b"\xff\xd9",
        b"GIF89a" + SCRIPT,
        b"PK\x03\x04",
        PDF.replace(b"/Catalog", b"/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>"),
        PDF + SCRIPT,
        b"%PDF-1.4",
        b"\x00" * 100,
    ],
)
def test_what_is_no_plain_picture_or_pdf_is_refused_whatever_it_is_called(content: bytes) -> None:
    with pytest.raises(SeraiError) as raised:
        read_proof(content)

    assert raised.value.code == "proof-unfit"


@pytest.mark.in_turn
def test_a_proof_that_is_too_large_or_no_base64_is_refused(world: World) -> None:
    filed(world, "LARGE1")
    session = confirmed_at(world, "LARGE1")
    large = base64.b64encode(png(behind=bytes(5 * 2**20))).decode()

    sent = {"session": session, "reference": "P"}

    assert call(world, "/proofs", {**sent, "content": large}).json()["code"] == "proof-too-large"
    assert call(world, "/proofs", {**sent, "content": "!"}).json()["code"] == "proof-unfit"


# ---- my data ----


@pytest.mark.in_turn
def test_a_person_is_told_who_read_their_data_and_what_is_held_back_is_recorded(world: World) -> None:
    case_id = filed(world, "DATA1")
    with world.client("officer") as client:
        headers = {"Serai-Acting-Person": "Invented Officer"}
        for purpose in ("audit", "examination"):
            path = f"/v1/cases/{case_id}/people"
            assert client.get(path, params={"purpose": purpose}, headers=headers).status_code == 200
    session = confirmed_at(world, "DATA1")

    own = must(world, "/data", {"session": session})

    told = {(one["purpose"], one["role"]) for one in own["readings"]}
    assert ("buyer-code", "person") in told
    assert any(purpose == "audit" for purpose, _ in told)
    assert not any(purpose == "examination" for purpose, _ in told)
    assert all(one["rule"] and one["says"] for one in own["readings"])
    assert own["withheld_count"] == 1
    assert "23(1)" in own["withheld_ground"]
    assert own["kept_because"] == "goods of the case are not released yet"
    assert [one["has_ended"] for one in own["uses"]] == [False, False]
    assert "Invented Officer" not in json.dumps(own)
    recorded = rows(world.dsn, "SELECT withheld_count, ground FROM subject_access ORDER BY access_id DESC")[0]
    assert recorded == (1, own["withheld_ground"])


@pytest.mark.in_turn
def test_who_may_not_be_erased_yet_is_restricted_with_the_ground(world: World) -> None:
    filed(world, "ERASE1")
    session = confirmed_at(world, "ERASE1")

    done = must(world, "/erasure", {"session": session})

    assert done["outcome"] == "restricted"
    assert done["kept_because"] == "goods of the case are not released yet"
    assert session_at(world, "ERASE1"), "the parcel is found all the same"


# ---- is this message ours ----


@pytest.mark.in_turn
def test_a_message_is_ours_or_not_and_nothing_else_is_told(world: World) -> None:
    filed(world, "OURS1")
    number = must(world, "/code", {"session": session_at(world, "OURS1")})["number"]
    code_of(world, number)

    with world.client("") as client:

        def ask(typed: str) -> dict[str, Any]:
            found: dict[str, Any] = client.post("/v1/notices/check", json={"number": typed}).json()
            return found

        end = time.monotonic() + 10
        while not ask(number)["is_ours"] and time.monotonic() < end:
            time.sleep(0.1)
        ours, other = ask(number), ask(number[:-1] + ("0" if number[-1] != "0" else "1"))

    assert ours["is_ours"]
    assert not other["is_ours"]
    assert {**ours, "is_ours": False} == other


# ---- charged twice ----


def paid_in_shop_and_at_border(world: World, name: str, **changes: Any) -> str:
    """A released parcel of which order and payment came before, so that nobody has looked yet; its case."""
    with (
        world.client("rival") as rival,
        world.client("officer") as office,
        world.client("platform") as market,
        world.client("payer") as payer,
    ):
        lets = {"grantee_identifier": "INVENTED-PAYMENTS", "document_kinds": ["payment"]}
        market.post("/v1/mandates", json={"reference": "PAYMENTS", **lets})
        assert market.post("/v1/orders", json=ordered(name)).status_code == 201
        assert payer.post("/v1/payments", json=paid_for(name, "30.75")).status_code == 201
        wanted = {
            "house_document": f"LX{name}",
            "consignee": CONSIGNEE,
            "order_references": [f"ORDER-{name}"],
            **changes,
        }
        (one,) = file(rival, parcel(f"D-{name}", **wanted))
        settled(office, one, f"PAID-{name}")
        released(office, rival, name)
    return str(one["case_id"])


@pytest.mark.in_turn
def test_a_buyer_says_that_it_was_charged_twice_and_reads_who_gives_it_back_and_by_when(world: World) -> None:
    cites = {
        "scheme_kind_code": "IOSS",
        "additional_fiscal_references": [{"role": "FR5", "identification_number": "IM3720000224"}],
    }
    case_id = paid_in_shop_and_at_border(world, "twice1")
    paid_in_shop_and_at_border(world, "twice2", **cites)
    session, of_seller = confirmed_at(world, "twice1"), confirmed_at(world, "twice2")

    before = must(world, "/parcel", {"session": session})
    for _ in range(2):
        must(world, "/requests", request(session, "paid-at-checkout"))
    must(world, "/requests", request(of_seller, "paid-at-checkout"))
    waits = must(world, "/parcel", {"session": session})["double_charge"]
    with world.client("") as client:
        headers = {"accept-language": "fr"}
        french = client.post("/v1/track/parcel", json={"session": of_seller}, headers=headers).json()
    with world.client("officer") as office:
        path = f"/v1/cases/{case_id}/repayment"
        (applied,) = office.get(f"{path}s").json()["repayments"]
        page = office.get(f"/parcels/{case_id}/repayments").text
        grant = {"reference": "GRANT-TW1", "request": applied["request"], "is_granted": True}
        office.post(f"{path}-decisions", json=grant).raise_for_status()
        granted = must(world, "/parcel", {"session": session})["double_charge"]
        office.post("/v1/refund-orders", json={"cases": [case_id]}).raise_for_status()
        (decided,) = office.get(f"{path}s").json()["repayments"]
    ordered_back = must(world, "/parcel", {"session": session})["double_charge"]

    assert before["double_charge"] is None
    assert (waits["leg"], waits["state"], waits["amount"]) == ("customs-repays", "requested", "EUR 5.75")
    assert waits["decide_by"] == applied["decide_by"]
    today = datetime.now(UTC).date()
    assert today < datetime.fromisoformat(waits["decide_by"]).date() <= today + timedelta(days=5)
    assert waits["taxes"]
    assert "whoever paid" in waits["who"]
    assert "To be decided by" in page
    assert (granted["state"], granted["decide_by"], granted["by_when"]) == ("granted", None, "")
    assert ordered_back["state"] == "ordered"
    assert decided["decide_by"] is None
    its = french["double_charge"]
    assert (its["leg"], its["state"], its["decide_by"]) == ("supplier-corrects", "told", None)
    assert "369t(2)" in its["law_reference"]
    assert "3 an" in its["by_when"]
