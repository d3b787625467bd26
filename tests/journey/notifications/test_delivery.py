"""Telling under a clock that the test moves: patience, giving up, leases, addresses, certificates."""

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncIterator, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from serai.foundation.clock import FixedClock
from serai.foundation.database import Database
from serai.foundation.id_text import format_id
from serai.foundation.ids import IdSource, NodeLease
from serai.foundation.keys import KeyFolder
from serai.foundation.sealed_secrets import SecretSeal
from serai.foundation.settings import WebhooksSettings
from serai.journey.notifications import addresses, store
from serai.journey.notifications.addresses import Reach, may_reach
from serai.journey.notifications.delivery import LEASE, Deliverer
from serai.journey.notifications.retries import PAUSES, pause_after
from serai.journey.notifications.sending import Sender
from serai.journey.notifications.service import FROM_THE_FIRST, WebhookService
from serai.model.errors import SeraiError
from tests.feed import wait_until_shown
from tests.journey.notifications.receiver import Receiver, running_receiver

AT = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
HERE = Reach(allows_loopback=True, allows_private=False)
PARTY, RIVAL = 77, 78


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(AT)


@pytest.fixture
async def service(database: str, tmp_path: Path, clock: FixedClock) -> AsyncIterator[WebhookService]:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("TRUNCATE webhook, webhook_try, event_batch")
        connection.execute(
            "INSERT INTO administration VALUES (1, 'TEST', 'Test', 'UTC', true, %s) ON CONFLICT DO NOTHING",
            [AT],
        )
        for party_id in (PARTY, RIVAL):
            connection.execute(
                "INSERT INTO party (party_id, administration_id, name, created_at)"
                " VALUES (%s, 1, 'Shop', %s) ON CONFLICT DO NOTHING",
                [party_id, AT],
            )
    lease = NodeLease(1, AT - dt.timedelta(days=1), AT + dt.timedelta(days=400))
    async with Database(database, pool_size_count=2, statement_timeout_ms=60_000) as opened:
        yield WebhookService(
            database=opened,
            ids=IdSource(lease, clock),
            clock=clock,
            administration_id=1,
            seal=SecretSeal(KeyFolder(tmp_path / "keys"), "webhook"),
            reach=HERE,
            settings=WebhooksSettings(try_ms=2_000),
        )


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running


def add_events(dsn: str, *numbers: int, party_id: int = PARTY) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for number in numbers:
            connection.execute(
                "INSERT INTO event_batch (last_event_id, administration_id, party_id, kind, at, event_ids,"
                " case_ids, decision_ids, counts) VALUES (%s, 1, %s, 0, %s, ARRAY[%s], '{5}', '{0}', '{1}')",
                [number, party_id, AT, number],
            )
    wait_until_shown(dsn)


async def register(
    service: WebhookService, url: str, *, party_id: int = PARTY, reference: str = "one"
) -> int:
    made = await service.register(
        party_id, reference=reference, url=url, kinds=[], after=FROM_THE_FIRST, made_by="key:1"
    )
    return made.webhook_id


async def claim(service: WebhookService, *, holder: int, **more: Any) -> list[store.WebhookRow]:
    """Take webhooks as another process would."""
    at = service.clock.now()
    wanted = {"limit": 8, "of_party": 2, "busy": {}, **more}
    async with service.database.write() as connection:
        return await store.claim_webhooks(
            connection, administration_id=1, at=at, until=at + LEASE, holder=holder, **wanted
        )


def teller(service: WebhookService, tls: ssl.SSLContext | None = None) -> Deliverer:
    return Deliverer(service, jitter=lambda: 0.5, tls=tls)


async def test_what_is_not_taken_is_told_again_later_and_holds_up_what_is_behind_it(
    service: WebhookService, database: str, clock: FixedClock, receiver: Receiver
) -> None:
    webhook_id = await register(service, receiver.url)
    add_events(database, 1, 2)
    receiver.status = 500

    await teller(service).deliver_due()
    at_once = await teller(service).deliver_due()
    clock.move(PAUSES[0])
    receiver.status = 200
    await teller(service).deliver_due()

    assert at_once == 0
    ids = [got.headers["webhook-id"] for got in receiver.got]
    assert ids == [format_id(1), format_id(1), format_id(2)]
    tries = await service.list_tries(PARTY, webhook_id, before_id=2**63 - 1, limit=10)
    assert [(one.event_id, one.try_number, one.outcome, one.status) for one in reversed(tries)] == [
        (1, 1, "not-taken", 500),
        (1, 2, "taken", 200),
        (2, 1, "taken", 200),
    ]
    row = await service.find_webhook(PARTY, webhook_id)
    assert (row.tries_count, row.failing_since) == (0, None)


async def test_an_address_that_fails_for_days_is_switched_off_and_a_replay_brings_it_back(
    service: WebhookService, database: str, clock: FixedClock, receiver: Receiver
) -> None:
    webhook_id = await register(service, receiver.url)
    add_events(database, 1)
    receiver.status = 302
    receiver.headers = {"location": "http://127.0.0.1:1/elsewhere"}

    for _ in range(30):
        await teller(service).deliver_due()
        clock.move(PAUSES[-1])
    row = await service.find_webhook(PARTY, webhook_id)
    tried = len(receiver.got)
    receiver.status, receiver.headers = 200, {}
    await service.set_cursor(PARTY, webhook_id, None)
    await teller(service).deliver_due()

    assert (row.state, row.state_reason) == (store.OFF, "not-taken")
    assert row.state_since - AT >= dt.timedelta(hours=72)
    assert tried == 10
    assert len(receiver.got) == tried + 1
    assert (await service.find_webhook(PARTY, webhook_id)).state == store.ACTIVE


async def test_an_address_that_is_gone_is_switched_off_at_once(
    service: WebhookService, database: str, receiver: Receiver
) -> None:
    webhook_id = await register(service, receiver.url)
    add_events(database, 1)
    receiver.status = 410

    await teller(service).deliver_due()

    row = await service.find_webhook(PARTY, webhook_id)
    assert (row.state, row.state_reason) == (store.OFF, "gone")


async def test_a_webhook_is_told_by_one_process_at_a_time_and_taken_over_when_that_ends(
    service: WebhookService, database: str, clock: FixedClock, receiver: Receiver
) -> None:
    await register(service, receiver.url)
    add_events(database, 1)
    claimed = await claim(service, holder=1)

    meanwhile = await teller(service).deliver_due()
    clock.move(LEASE)
    afterwards = await teller(service).deliver_due()

    assert (len(claimed), meanwhile, afterwards) == (1, 0, 1)
    assert len(receiver.got) == 1


async def test_a_clock_that_is_set_back_makes_nobody_wait_for_as_long(
    service: WebhookService, database: str, clock: FixedClock, receiver: Receiver
) -> None:
    await register(service, receiver.url)
    add_events(database, 1)
    receiver.status = 500
    await teller(service).deliver_due()
    clock.move(dt.timedelta(hours=-1))
    receiver.status = 200
    after_a_pause = await teller(service).deliver_due()

    add_events(database, 2)
    clock.move(dt.timedelta(hours=-1))
    after_a_success = await teller(service).deliver_due()

    add_events(database, 3)
    held = await claim(service, holder=1)
    clock.move(dt.timedelta(hours=-1))
    after_its_holder_ended = await teller(service).deliver_due()

    assert (after_a_pause, after_a_success, len(held), after_its_holder_ended) == (1, 1, 1, 1)
    assert [got.headers["webhook-id"] for got in receiver.got[1:]] == [format_id(n) for n in (1, 2, 3)]


@pytest.mark.in_turn
async def test_slow_receivers_of_one_party_hold_up_two_of_its_own_and_nobody_else(
    service: WebhookService, database: str, receiver: Receiver
) -> None:
    for number in range(8):
        await register(service, receiver.url, reference=f"slow-{number}")
    add_events(database, 1)
    receiver.may_answer.clear()

    with running_receiver() as quick:
        async with teller(service).running():
            await asyncio.to_thread(receiver.wait_for, 2)
            await register(service, quick.url, party_id=RIVAL)
            add_events(database, 2, party_id=RIVAL)
            await asyncio.to_thread(quick.wait_for, 1)
            assert len(receiver.got) == 2, "its others wait for those"
            receiver.may_answer.set()
            await asyncio.to_thread(receiver.wait_for, 8)

    assert len(quick.got) == 1


async def test_what_is_told_for_long_stays_with_its_process_for_as_long_as_that_lives(
    service: WebhookService, database: str, clock: FixedClock, receiver: Receiver
) -> None:
    webhook_id = await register(service, receiver.url)
    add_events(database, 1)
    receiver.may_answer.clear()
    ours = teller(service)
    telling = asyncio.create_task(ours.deliver_due())
    await asyncio.to_thread(receiver.wait_for, 1)

    clock.move(LEASE - dt.timedelta(seconds=1))
    await ours.renew()
    clock.move(LEASE - dt.timedelta(seconds=1))
    while_renewed = await claim(service, holder=1)
    clock.move(dt.timedelta(seconds=1))
    taken_over = await claim(service, holder=2)
    await ours.renew()
    receiver.may_answer.set()
    await telling

    assert (while_renewed, [row.webhook_id for row in taken_over]) == ([], [webhook_id])
    assert (await service.find_webhook(PARTY, webhook_id)).after_event_id == 0, "it is another's to move on"
    clock.move(LEASE)
    assert len(await claim(service, holder=3)) == 1, "and was not renewed by who had lost it"


async def test_a_cursor_that_was_set_meanwhile_is_not_moved_on(
    service: WebhookService, database: str, receiver: Receiver
) -> None:
    webhook_id = await register(service, receiver.url)
    add_events(database, 1)
    (row,) = await claim(service, holder=1)
    await service.set_cursor(PARTY, webhook_id, FROM_THE_FIRST)

    await teller(service)._tell(row)

    assert (await service.find_webhook(PARTY, webhook_id)).after_event_id == 0
    assert len(receiver.got) == 1


async def test_a_name_that_leads_inside_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is resolved at each try: it may lead inside only later."""

    async def resolve(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(0, 0, 0, "", ("93.184.216.34", 443)), (0, 0, 0, "", ("10.1.2.3", 443))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve, raising=False)
    with pytest.raises(SeraiError, match="not on the public network"):
        await addresses.find_target("https://shop.example/hook", HERE)


@pytest.mark.parametrize(
    ("address", "allowed", "when_private"),
    [
        ("93.184.216.34", True, True),
        ("2606:4700::1111", True, True),
        ("127.0.0.1", False, False),
        ("::1", False, False),
        ("10.0.0.1", False, True),
        ("192.168.1.1", False, True),
        ("fd00::1", False, True),
        ("100.64.0.1", False, False),
        ("169.254.169.254", False, False),
        ("fe80::1", False, False),
        ("0.0.0.0", False, False),
        ("::", False, False),
        ("224.0.0.1", False, False),
        ("255.255.255.255", False, False),
        ("::ffff:10.0.0.1", False, True),
        ("::ffff:169.254.169.254", False, False),
        ("64:ff9b::a9fe:a9fe", False, False),
        ("64:ff9b::5db8:d822", True, True),
        ("2002:a9fe:a9fe::1", False, False),
    ],
)
def test_which_addresses_are_reached(address: str, allowed: bool, when_private: bool) -> None:
    found = ip_address(address)

    assert may_reach(found, Reach(allows_loopback=False, allows_private=False)) is allowed
    assert may_reach(found, Reach(allows_loopback=False, allows_private=True)) is when_private


def test_pauses_grow_and_a_receivers_wish_is_granted_up_to_an_hour() -> None:
    pauses = [pause_after(count, jitter=0.5) for count in range(1, 12)]

    assert pauses == sorted(pauses)
    assert pauses[-1] == PAUSES[-1]
    assert pause_after(1, jitter=0.5, asked_s=120) == dt.timedelta(seconds=120)
    assert pause_after(1, jitter=0.5, asked_s=10**8) == dt.timedelta(hours=1)


async def test_the_certificate_must_be_of_the_name_though_the_address_is_called(tmp_path: Path) -> None:
    server, client = make_certificate(tmp_path, "localhost")

    with running_receiver(server) as receiver:
        port = receiver.url.rpartition(":")[2]
        async with Sender(f"https://localhost:{port}", HERE, timeout_ms=5_000, tls=client) as sender:
            right = await sender.send(b"{}", {})
        async with Sender(f"https://127.0.0.1:{port}", HERE, timeout_ms=5_000, tls=client) as sender:
            wrong = await sender.send(b"{}", {})

    assert (right.outcome, right.status) == ("taken", 204)
    assert receiver.got[0].headers["host"].startswith("localhost:")
    assert (wrong.outcome, wrong.status) == ("not-reached", None)


async def test_nobody_there_is_an_outcome() -> None:
    async with Sender("http://127.0.0.1:1/", HERE, timeout_ms=2_000) as sender:
        sent = await sender.send(b"{}", {})

    assert (sent.outcome, sent.status) == ("not-reached", None)


def test_a_secret_moved_to_another_row_does_not_open(tmp_path: Path) -> None:
    seal = SecretSeal(KeyFolder(tmp_path / "keys"), "webhook")
    sealed = seal.seal("whsec_x", b"webhook 1")

    assert seal.open(sealed, b"webhook 1") == "whsec_x"
    with pytest.raises(SeraiError, match="does not open"):
        seal.open(sealed, b"webhook 2")
    with pytest.raises(SeraiError, match="does not open"):
        seal.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), b"webhook 1")


def make_certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a certificate for a name; return contexts of the server and of a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(
        cadata=certificate.public_bytes(serialization.Encoding.PEM).decode()
    )
