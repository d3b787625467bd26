"""After an erasure the whole database and the key folder together tell nobody who it was: not by text, not by
opening what opens, not by trying a name against what is stored."""

import hashlib
import json
import re
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import psycopg
import pytest
import zstandard

from serai.app import Node
from serai.evidence.leaf import _start
from serai.formats.decoded import KINDS
from serai.formats.epcis.event_hash import names_of
from serai.formats.epcis.read_apart import read_events_apart
from serai.formats.json_lines import canonical
from serai.foundation.access.actor import Actor, Means, Role
from serai.foundation.clock import FixedClock
from serai.foundation.postgres_binaries import choose_server_user, find_binaries
from serai.foundation.vault.layout import read_directory
from serai.foundation.vault.pseudonyms import Purpose
from serai.foundation.vault.reading import Reach, open_messages, open_people
from serai.foundation.vault.records import PEOPLE
from serai.foundation.vault.restriction import select_restrictions
from serai.journey.acts.case_acts import mark_payment_status, reverse_act
from serai.journey.documents.personal_data import cut_people
from serai.journey.erasure.service import Asked, erase_person, erase_restricted
from serai.journey.permits.registering import person_hash
from serai.journey.permits.wording import PermitHolder
from serai.journey.retention.holds import Hold, lift_hold, place_hold
from serai.journey.tracking.capture import capture_message
from serai.web.case_files import build_tracking_service
from tests.conftest import server_folder
from tests.journey.payment_accounts.opening import open_account
from tests.journey.permits.support import issue, with_agencies
from tests.journey.processing.support import (
    CARRIER,
    DECLARANT,
    OFFICER,
    PLATFORM,
    PROVIDER,
    arrival,
    opened,
    order,
    parcel,
    payment,
    select,
    send,
    statuses,
    transport,
)

AT = datetime(2026, 7, 3, 12, tzinfo=UTC)
PERSON = {
    "name": "Zebulon Quixwood",
    "country_code": "DE",
    "street": "9 Quixwood Lane",
    "city": "Berlin",
    "postcode": "10115",
    "phone": "+49305550123",
    "email": "zeb@quixwood.example",
    "identity_number": "Q1234567Z",
    "tax_number": "DE987654321",
}
SECRETS = ("Zebulon", "Quixwood", "49305550123", "305550123", "quixwood.example", "Q1234567Z", "DE987654321")
DECLARED = parcel(
    "erased",
    consignee={**PERSON, "remarks": [{"text": "leave it with Quixwood's neighbour"}]},
    goods_items=[
        {**parcel("erased")["goods_items"][0], "description": "T-shirt, cotton, for Zebulon Quixwood"},
    ],
    additional_fiscal_references=[{"role": "FR3", "identification_number": "DE987654321"}],
)
ORDERED = order(
    "erased",
    buyer=PERSON,
    lines=[
        {"sequence_number": 1, "description": "T-shirt, says QUIXWOOD", "quantity": "2", "amount": "30.00"}
    ],
)
PAID = payment("erased", payer={"name": "QUIXWOOD, Zebulon", "country_code": "DE"})
CARRIED = transport("erased", consignee={**PERSON, "phone": "+49 30 555 0123"})
FILED = {"declaration": DECLARED, "order": ORDERED, "payment": PAID, "transport-document": CARRIED}
OBSERVED = {
    "@context": [
        "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
        {"ex": "https://ex.example/"},
    ],
    "type": "EPCISDocument",
    "schemaVersion": "2.0",
    "creationDate": "2026-07-02T08:00:01Z",
    "epcisBody": {
        "eventList": [
            {
                "type": "ObjectEvent",
                "action": "OBSERVE",
                "eventTime": "2026-07-02T08:00:00Z",
                "eventTimeZoneOffset": "+00:00",
                "epcList": ["urn:invented:parcel:HOUSE-erased"],
                "bizStep": "departing",
                "disposition": "in_transit",
                "ex:holder": "Zebulon Quixwood, +49305550123",
            }
        ]
    },
}
BY_CARRIER = Actor(
    party_id=4,
    administration_id=1,
    roles=frozenset({Role.CARRIER}),
    scopes=frozenset(),
    means=Means.API_KEY,
    credential_id="1",
)


class Lived(NamedTuple):
    """A node in which a parcel has lived to its end. person_id: of the consignee of the declaration."""

    node: Node
    person_id: int
    dsn: str


@pytest.fixture
async def lived(make_database: Callable[[], str], tmp_path: Path) -> AsyncIterator[Lived]:
    dsn = make_database()
    async with opened(dsn, tmp_path / "keys", clock=FixedClock(AT)) as node:
        (declared,) = await send(node, DECLARANT, "declaration", DECLARED)
        assert declared.status == "decided", declared
        for sender, kind in (
            (PLATFORM, "order"),
            (PROVIDER, "payment"),
            (CARRIER, "transport-document"),
        ):
            (answer,) = await send(node, sender, kind, FILED[kind])
            assert answer.document_id, answer
        captured = await capture_message(
            build_tracking_service(node), BY_CARRIER, json.dumps(OBSERVED).encode(), "rollback"
        )
        assert captured.taken
        await _pay_and_land(node, declared.case_id)
        await with_agencies(node)
        holder = PermitHolder(kind="person", identity_number=PERSON["identity_number"])
        await issue(node, "OF-PERSON", holder=holder)
        ((person_id,),) = await select(
            node, "SELECT first_person_id + 1 FROM consignment WHERE reference = 'D-erased'"
        )
        yield Lived(node, person_id, dsn)


async def _pay_and_land(node: Node, case_id: int) -> None:
    for number, account in ((1, "ACCOUNT-0"), (2, "ACCOUNT-1")):
        await open_account(node, account)
        await mark_payment_status(
            node.processor,
            OFFICER,
            case_id,
            reference=f"MARK-{number}",
            kind="on-account",
            currency_code="EUR",
            amount="500.00",
            account=account,
        )
        if number == 1:
            ((act_id,),) = await select(node, "SELECT act_id FROM act WHERE reference = 'MARK-1'")
            await reverse_act(
                node.processor,
                OFFICER,
                case_id,
                act_id=act_id,
                reference="Back to Zebulon Quixwood",
                reason_code="slip",
                reason="Quixwood asked for it",
                expected_decision_id=None,
            )
    await send(node, CARRIER, "arrival", arrival("erased"))
    assert await statuses(node, "D-erased") == ["released"]


# ---- everything there is ----


def everything(node: Node, dsn: str) -> dict[str, list[bytes]]:
    """Everything that lies in the database but the law, plain and unpacked, by where it was found."""
    found: dict[str, list[bytes]] = {"dump": []}
    folder_of_server = server_folder() / "postgres"
    binaries = Path(find_binaries(folder_of_server / "binaries", choose_server_user(folder_of_server)))
    dsn = psycopg.conninfo.make_conninfo(dsn, user="postgres")
    for form in ([], ["--inserts"]):
        done = subprocess.run(
            [str(binaries / "pg_dump"), "--exclude-table-data=basis_component", *form, dsn],
            check=True,
            capture_output=True,
        )
        found["dump"].append(done.stdout)
    for line in found["dump"][0].split(b"\n"):
        for written in re.findall(rb"\\\\x([0-9a-f]{2,})", line):
            content = bytes.fromhex(written.decode())
            found.setdefault("bytes", []).append(content)
            found.setdefault("unpacked", []).extend(unpacked(node, content))
    return found


def unpacked(node: Node, content: bytes) -> Iterator[bytes]:
    for read in (node.services.codec.decompress, PEOPLE.decompress):
        try:
            yield read(content)
        # What is no frame may say that it is one of terabytes.
        except (zstandard.ZstdError, KeyError, ValueError, MemoryError):
            continue


async def opened_by_keys(node: Node, purpose: str = "audit") -> list[bytes]:
    """All that the key folder opens of the vault."""
    rows = await select(node, "SELECT format, directory FROM vault_batch")
    directories = [read_directory(number, bytes(content)) for number, content in rows]
    messages = [one for each in directories for one in each.document_ids.tolist()]
    people = [
        key
        for each in directories
        for key in zip(each.person_ids.tolist(), each.person_documents.tolist(), strict=True)
    ]
    services = node.services
    reach = Reach(node.administration_id, purpose, "test", AT)
    write, keyring = node.database.write, services.keyring
    opened_messages = await open_messages(write, keyring, services.codec, messages, reach)
    opened_people = await open_people(write, keyring, people, reach)
    return [one.value for one in (*opened_messages.values(), *opened_people.values())]


def guesses(node: Node, salts: set[bytes]) -> set[bytes]:
    """Whatever a stranger with the keys and the whole database can make of the right name."""
    documents = {kind: msgspec.convert(one, KINDS[kind]) for kind, one in FILED.items()}
    contents = [canonical(one) for one in documents.values()]
    cuts = cut_people(list(documents.values()), contents)
    values = {*contents, *(cut.message for cut in cuts)}
    values |= {part for cut in cuts for _, part in cut.people}
    values |= {str(value).encode() for value in PERSON.values()} | {PERSON["name"].casefold().encode()}
    values |= {b"payer=number:Q1234567Z", b"buyer=number:Q1234567Z", b"consignee=number:Q1234567Z"}
    values |= {b'{"reason":"Quixwood asked for it"}'}
    made: set[bytes] = set()
    for purpose in Purpose:
        made.update(node.services.pseudonymiser.pseudonyms(purpose, values))
    for value in values:
        made |= {hashlib.sha256(value).digest(), hashlib.blake2b(value, digest_size=16).digest()}
        for name in ("document", "consignee", "buyer", "payer", "act", "identifiers"):
            made |= {hashlib.sha256(_start(name) + salt + value).digest() for salt in salts}
    (part,), *_ = read_events_apart(json.dumps(OBSERVED).encode(), events_count_max=9)
    assert part.event is not None
    names = names_of(part.event)
    return made | {names.digest, names.content_key}


async def confirmed(node: Node, found: dict[str, list[bytes]]) -> list[str]:
    """Which guesses of the right name are confirmed by anything."""
    salts = {
        bytes(salt)
        for table in ("act", "declared_consignment", "epcis_capture")
        for (salt,) in await select(node, f"SELECT salt FROM {table} WHERE salt <> ''")
    }
    assert salts
    # 15 of 16 bytes: the first is the version of a key.
    parts = {one[1:] for one in guesses(node, salts)}
    return [
        f"{place}: {part.hex()}"
        for place, contents in found.items()
        for content in contents
        for part in parts
        if part in content or part.hex().encode() in content
    ]


def told(found: dict[str, list[bytes]]) -> list[str]:
    """Which of the secrets stand somewhere, in any writing."""
    return [
        f"{place}: {secret}"
        for place, contents in found.items()
        for content in map(bytes.lower, contents)
        for secret in SECRETS
        for written in writings(secret)
        if written in content
    ]


def writings(secret: str) -> set[bytes]:
    """How a text may be written in a dump, in small letters."""
    escaped = "".join(f"\\u{ord(sign):04x}" for sign in secret)
    texts = {secret.encode(), secret.encode("utf-16-le"), secret.encode("utf-16-be"), escaped.encode()}
    lower = {one.lower() for one in texts}
    hexed = {one.hex().encode() for text in texts for one in (text, text.lower(), text.upper())}
    return lower | hexed


async def test_after_an_erasure_neither_dump_nor_keys_nor_guesses_find_the_person(lived: Lived) -> None:
    node, person_id, dsn = lived
    before = everything(node, dsn)
    # The search itself finds what is there: else it would prove nothing.
    assert told(before), "a reference stands in the open"
    assert told({"opened": await opened_by_keys(node)})
    assert await confirmed(node, before), "the hashes of an event"
    by_number = person_hash(node.services.pseudonymiser, PERSON["identity_number"])
    holders = "SELECT count(*) FROM permit WHERE holder_hash = %s"
    assert await select(node, holders, by_number) == [(1,)]

    done = await erase_person(node.services, Asked(person_id, "subject-request", "test", AT))

    assert done.ground is None
    assert len(done.person_ids) == 5, "consignee, buyer, payer, consignee of the waybill, tax number"
    after = everything(node, dsn)
    assert told(after) == []
    assert told({"opened": await opened_by_keys(node)}) == []
    assert await confirmed(node, after) == []
    assert await select(node, holders, by_number) == [(0,)]
    await assert_changes_of_repeats_are_seen(node)


async def assert_changes_of_repeats_are_seen(node: Node) -> None:
    """What comes again is known, and what has changed of it is told, though the person is erased."""
    dearer: dict[str, Any] = {
        "goods_items": [{**DECLARED["goods_items"][0], "invoice_amount": "26.00"}],
    }
    seller: dict[str, Any] = {"consignor": {**DECLARED["consignor"], "name": "Another Seller"}}
    (same,) = await send(node, DECLARANT, "declaration", DECLARED)
    (ordered,) = await send(node, PLATFORM, "order", ORDERED)
    changed = [
        (await send(node, DECLARANT, "declaration", {**DECLARED, **change}))[0] for change in (dearer, seller)
    ]

    assert [one.status for one in (same, ordered)] == ["repeated"] * 2
    assert [one.problem_code for one in changed] == ["reference-reused"] * 2


@pytest.mark.in_turn
async def test_who_may_not_be_erased_yet_is_restricted_and_erased_when_the_law_lets_it(lived: Lived) -> None:
    node, person_id, _ = lived
    services = replace(node.services, country_code="DE")
    ((case_id,),) = await select(node, "SELECT case_id FROM consignment WHERE reference = 'D-erased'")
    asked = Asked(person_id, "subject-request", "test", AT)

    refused = await erase_person(services, asked)

    end = datetime(2030, 1, 1, tzinfo=UTC)
    assert refused.ground is not None
    assert (refused.ground.code, refused.ground.until) == ("lawful-retention", end)
    assert "article 51" in (refused.ground.source or "")
    assert len(refused.person_ids) == 5
    # Restricted: opened for the purposes of the law, and for nothing else; others open as ever.
    assert await names_for(node, "examination") == {"Invented Seller Ltd"}
    assert PERSON["name"] in await names_for(node, "audit")

    assert await erase_restricted(services, end - timedelta(seconds=1)) == 0
    hold = Hold(int(node.ids.take(1)[0]), case_id, "appeal", "test", AT)
    async with node.database.write() as connection:
        assert await place_hold(connection, hold, administration_id=node.administration_id)
    assert await erase_restricted(services, end) == 0, "an appeal holds it"
    async with node.database.write() as connection:
        (waiting, *_) = (
            await select_restrictions(connection, administration_id=node.administration_id)
        ).values()
        assert (waiting.ground, waiting.until) == ("held", None)
        assert await lift_hold(
            connection,
            hold.hold_id,
            lifted_by="test",
            at=end,
            administration_id=node.administration_id,
        )
    assert await erase_restricted(services, end) == 5
    assert await names_for(node, "audit") == {"Invented Seller Ltd"}
    assert await erase_restricted(services, end) == 0


async def names_for(node: Node, purpose: str) -> set[str]:
    """The names of all people that the vault opens for a purpose."""
    return {
        fields["name"]
        for content in await opened_by_keys(node, purpose)
        if "name" in (fields := json.loads(content)) and "reference" not in fields
    }
