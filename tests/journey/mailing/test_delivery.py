"""A notice is handed over once, tried again where the server says so, and kept with what became of it."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_string, policy
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from serai.app import build_services, open_seal
from serai.foundation.administration import register_administration
from serai.foundation.clock import SystemClock
from serai.foundation.database import Database, owner_transaction
from serai.foundation.ids import IdSource
from serai.foundation.node_leases import lease_node
from serai.foundation.settings import DataSettings, Settings
from serai.journey.mailing import store
from serai.journey.mailing.composing import From
from serai.journey.mailing.delivery import LEASE, Mailer
from serai.journey.mailing.returned import REPORT_BYTES_MAX
from serai.journey.mailing.sending import FolderTransport, Server, SmtpTransport
from serai.journey.mailing.service import Mailing, Queued, Recipient
from serai.journey.mailing.store import Delivery
from tests.journey.mailing.mail_server import MailServer, mail_server
from tests.laid_out import rows_laid_out_async

OFFICE = From("Testland Customs", "customs@testland.example", "https://customs.testland.example")
BUYER = Recipient("email", "zelda@quux.example")
CODE = {"code": "12345678", "minutes": "15"}


class AheadClock:
    """The machine's clock, put forward. It never goes back: ids follow it."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        """The machine's instant, and what it was moved by."""
        return SystemClock().now() + self._ahead

    def move(self, by: timedelta) -> None:
        """Move forward."""
        self._ahead += by


@pytest.fixture(scope="module")
def clock() -> AheadClock:
    return AheadClock()


@pytest.fixture
async def plain(database: str, keys: Path, tmp_path: Path, clock: AheadClock) -> AsyncIterator[Mailing]:
    """What notices are written with, without the law, in a database in which none waits."""
    settings = Settings(data=DataSettings(folder=str(keys)))
    async with owner_transaction(database, at=clock.now()) as connection:
        administration_id = await register_administration(connection, settings.administration, at=clock.now())
        lease = await lease_node(connection, str(tmp_path), SystemClock().now())
        await connection.execute("DELETE FROM mail_notice")
    opened = Database(
        database, administration_id=administration_id, pool_size_count=3, statement_timeout_ms=60_000
    )
    async with opened:
        ids = IdSource(lease, SystemClock())
        services = await build_services(settings, opened, ids, clock, administration_id)
        yield Mailing(
            services, open_seal(settings, "notice"), FolderTransport(tmp_path), OFFICE, "sms.example"
        )


@pytest.fixture
def smtp() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


def by_smtp(plain: Mailing, smtp: MailServer) -> Mailing:
    server = Server("127.0.0.1", smtp.port, "none", "", "", 5.0)
    return replace(plain, transport=SmtpTransport(server))


async def queue(mailing: Mailing, **options: Any) -> Queued:
    async with mailing.services.database.write() as connection:
        return await mailing.queue(connection, "buyer-code", BUYER, language="en", parameters=CODE, **options)


async def delivery_of(plain: Mailing, queued: Queued) -> Delivery:
    administration_id = plain.services.administration_id
    async with plain.services.database.write() as connection:
        found = await store.select_deliveries(
            connection, [queued.notice_id], administration_id=administration_id
        )
    return found[queued.notice_id]


async def select(plain: Mailing, query: str, *values: Any) -> list[Any]:
    async with plain.services.database.write_as_owner() as connection:
        return await rows_laid_out_async(connection, query, values)


async def test_a_notice_is_handed_over_once_and_forgets_to_whom(plain: Mailing, smtp: MailServer) -> None:
    mailing = by_smtp(plain, smtp)
    queued = await queue(mailing)
    mailer = Mailer(mailing)

    await mailer.send_due()
    await mailer.send_due()

    (taken,) = smtp.taken
    message = message_from_string(taken.content, policy=policy.default)
    assert message["To"] == "zelda@quux.example"
    assert message["From"] == "Testland Customs <customs@testland.example>"
    assert "12345678" not in message["Subject"]
    text = message.get_content()
    assert "Your one-time code is 12345678." in text
    assert queued.number in text
    assert re.fullmatch(r"rcpt TO:<zelda@quux\.example> NOTIFY=SUCCESS,FAILURE", taken.recipient)
    assert re.search(r"<customs\+([0-9a-f]{30})@testland\.example> ENVID=\1 RET=HDRS", taken.mail_from)
    delivery = await delivery_of(plain, queued)
    assert (delivery.state, delivery.detail, delivery.notified_at) == ("sent", "2.0.0", None)
    ((kept,),) = await select(
        plain,
        "SELECT row::text FROM mail_notice AS row WHERE state = 'sent' AND sealed IS NULL AND notice_id = %s",
        queued.notice_id,
    )
    assert "zelda" not in kept


async def test_what_is_rolled_back_is_never_sent(plain: Mailing, smtp: MailServer) -> None:
    mailing = by_smtp(plain, smtp)

    async with plain.services.database.write() as connection, connection.transaction(force_rollback=True):
        await mailing.queue(connection, "case-news", BUYER, language="en")
    await Mailer(mailing).send_due()

    assert smtp.taken == []


@pytest.mark.parametrize(
    "answers", [{"MAIL": "451 4.3.0 later"}, {"RCPT": "450 4.2.1 full"}, {"END": "452 4.3.1 no room"}]
)
async def test_a_server_that_says_later_is_asked_again_after_growing_pauses(
    plain: Mailing, smtp: MailServer, clock: AheadClock, answers: dict[str, str]
) -> None:
    mailing = by_smtp(plain, smtp)
    queued = await queue(mailing)
    mailer = Mailer(mailing, jitter=lambda: 0.5)
    smtp.answers.update(answers)

    await mailer.send_due()
    first = await delivery_of(plain, queued)
    clock.move(timedelta(seconds=9))
    await mailer.send_due()
    tried_early = smtp.connections_count
    smtp.answers.clear()
    clock.move(timedelta(seconds=2))
    await mailer.send_due()

    assert first.state == "queued"
    assert first.detail.startswith("4.")
    assert tried_early == 1
    assert len(smtp.taken) == 1
    assert (await delivery_of(plain, queued)).state == "sent"


@pytest.mark.parametrize("answers", [{"RCPT": "550 5.1.1 nobody here"}, {"END": "554 5.7.1 not wanted"}])
async def test_what_the_server_refuses_is_not_tried_again(
    plain: Mailing, smtp: MailServer, clock: AheadClock, answers: dict[str, str]
) -> None:
    mailing = by_smtp(plain, smtp)
    queued = await queue(mailing)
    smtp.answers.update(answers)

    await Mailer(mailing).send_due()
    clock.move(timedelta(days=1))
    await Mailer(mailing).send_due()

    delivery = await delivery_of(plain, queued)
    assert (delivery.state, delivery.notified_at) == ("refused", None)
    assert delivery.detail.startswith("5.")
    assert smtp.connections_count == 1


async def test_a_code_is_not_sent_when_it_holds_no_more(
    plain: Mailing, smtp: MailServer, clock: AheadClock
) -> None:
    mailing = by_smtp(plain, smtp)
    queued = await queue(mailing, send_within=timedelta(minutes=10))
    clock.move(timedelta(minutes=10))

    await Mailer(mailing).send_due()

    assert (await delivery_of(plain, queued)).state == "expired"
    assert smtp.connections_count == 0


async def test_a_connection_that_breaks_after_the_text_leaves_it_unsure_and_it_is_not_sent_again(
    plain: Mailing, smtp: MailServer, clock: AheadClock
) -> None:
    mailing = by_smtp(plain, smtp)
    queued = await queue(mailing)
    smtp.breaks_at = "end"

    await Mailer(mailing).send_due()
    smtp.breaks_at = ""
    clock.move(timedelta(days=1))
    await Mailer(mailing).send_due()

    assert len(smtp.taken) == 1
    delivery = await delivery_of(plain, queued)
    assert (delivery.state, delivery.notified_at) == ("unsure", None)


async def test_after_a_kill_in_the_middle_of_the_text_nothing_is_sent_twice(
    plain: Mailing, smtp: MailServer, clock: AheadClock
) -> None:
    mailing = by_smtp(plain, smtp)
    queued = await queue(mailing)
    ends = asyncio.Event()
    loop = asyncio.get_running_loop()
    smtp.before_end = partial(_set, loop, ends)
    dying = _Dying(mailing)

    await dying.send_due()
    await ends.wait()
    assert (await delivery_of(plain, queued)).state == "handing-over"
    next_one = Mailer(mailing)
    await next_one.send_due()
    await next_one.settle_left()
    assert (await delivery_of(plain, queued)).state == "handing-over", "the lease of who died still holds"
    clock.move(LEASE + timedelta(seconds=1))
    await next_one.settle_left()
    await next_one.send_due()

    assert len(smtp.taken) == 1
    assert (await delivery_of(plain, queued)).state == "unsure"


class _Dying(Mailer):
    """A process that ends before it says what became of a try."""

    async def _settle_try(self, *_: Any) -> None:
        """Nothing is said any more."""


def _set(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    loop.call_soon_threadsafe(event.set)


async def test_after_a_kill_before_the_text_it_is_sent_by_the_next(
    plain: Mailing, smtp: MailServer, clock: AheadClock
) -> None:
    mailing = by_smtp(plain, smtp)
    queued = await queue(mailing)
    await Mailer(mailing)._claim("claim_notices")  # and the process ends

    await Mailer(mailing).send_due()
    held = smtp.connections_count
    clock.move(LEASE + timedelta(seconds=1))
    await Mailer(mailing).send_due()

    assert held == 0
    assert len(smtp.taken) == 1
    assert (await delivery_of(plain, queued)).state == "sent"


async def test_two_processes_send_each_notice_once(plain: Mailing, smtp: MailServer) -> None:
    mailing = by_smtp(plain, smtp)
    for _ in range(6):
        await queue(mailing)

    await asyncio.gather(*(Mailer(mailing).send_due() for _ in range(3)))

    assert len(smtp.taken) == 6


async def test_a_server_that_is_away_is_tried_later(plain: Mailing) -> None:
    with mail_server() as gone:
        port = gone.port
    mailing_ = replace(plain, transport=SmtpTransport(Server("127.0.0.1", port, "none", "", "", 1.0)))
    queued = await queue(mailing_)

    await Mailer(mailing_).send_due()

    assert (await delivery_of(plain, queued)).state == "queued"


async def test_in_development_each_notice_is_a_file(plain: Mailing, tmp_path: Path) -> None:
    mailing_ = replace(plain, transport=FolderTransport(tmp_path / "mail"))
    queued = await queue(mailing_)

    while await Mailer(mailing_).send_due():
        pass

    files = list((tmp_path / "mail").glob("*.eml"))
    assert any(queued.number in one.read_text() for one in files)
    assert (await delivery_of(plain, queued)).state == "sent"


# ---- what comes back ----

REPORT = """From: MAILER-DAEMON@mx.example
To: customs+{token}@testland.example
Content-Type: multipart/report; report-type=delivery-status; boundary="B"
MIME-Version: 1.0

--B
Content-Type: text/plain

Something about zelda@quux.example.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
{envelope}
Final-Recipient: rfc822; zelda@quux.example
Action: {action}
Status: {status}

--B--
"""


@pytest.mark.parametrize("names_envelope", [True, False])
@pytest.mark.parametrize(
    ("action", "state"),
    [("failed", "bounced"), ("delivered", "delivered"), ("relayed", "sent"), ("delayed", "sent")],
)
async def test_a_report_says_what_became_of_a_notice(
    plain: Mailing,
    smtp: MailServer,
    tmp_path: Path,
    action: str,
    state: str,
    *,
    names_envelope: bool,
) -> None:
    mailing = by_smtp(plain, smtp)
    queued = await queue(mailing)
    mailer = Mailer(mailing, return_folder=tmp_path)
    while await mailer.send_due():
        pass
    token = await token_of(plain, queued)
    report = REPORT.format(
        action=action,
        status="5.1.1",
        token=token,
        envelope=f"Original-Envelope-Id: {token}\n" if names_envelope else "",
    )
    (tmp_path / "report.eml").write_text(report)
    (tmp_path / "other.eml").write_text("From: somebody\n\nI am on holiday.\n")
    (tmp_path / "junk.eml").write_bytes(bytes(range(256)))

    await mailer.read_returned()
    await mailer.read_returned()

    delivery = await delivery_of(plain, queued)
    assert delivery.state == state
    assert (delivery.notified_at is not None) is (state == "delivered")
    assert sorted(path.name for path in (tmp_path / "read").iterdir()) == [
        "junk.eml",
        "other.eml",
        "report.eml",
    ]
    assert [path for path in tmp_path.iterdir() if path.is_file()] == []


async def test_messages_that_cannot_be_read_are_set_aside_and_stop_no_other(
    plain: Mailing, smtp: MailServer, tmp_path: Path
) -> None:
    mailing = by_smtp(plain, smtp)
    queued = await queue(mailing)
    mailer = Mailer(mailing, return_folder=tmp_path)
    await mailer.send_due()
    token = await token_of(plain, queued)
    (tmp_path / "a-messages-in-messages.eml").write_bytes(b"Content-Type: message/rfc822\n\n" * 2_000)
    (tmp_path / "b-too-large.eml").write_bytes(b"x" * (REPORT_BYTES_MAX + 1))
    report = REPORT.format(action="failed", status="5.1.1", token=token, envelope="")
    (tmp_path / "c.eml").write_text(report)

    await mailer.read_returned()

    assert (await delivery_of(plain, queued)).state == "bounced"
    assert [path.name for path in (tmp_path / "read").iterdir()] == ["c.eml"]
    assert sorted(path.name for path in (tmp_path / "unreadable").iterdir()) == [
        "a-messages-in-messages.eml",
        "b-too-large.eml",
    ]


async def test_a_report_with_a_token_of_ones_own_making_changes_nothing(
    plain: Mailing, smtp: MailServer, tmp_path: Path
) -> None:
    mailing = by_smtp(plain, smtp)
    queued = await queue(mailing)
    mailer = Mailer(mailing, return_folder=tmp_path)
    await mailer.send_due()
    for number, token in enumerate(("0" * 30, "", queued.number, "' OR 1=1")):
        report = REPORT.format(
            action="failed", status="5.1.1", token=token, envelope=f"Original-Envelope-Id: {token}\n"
        )
        (tmp_path / f"{number}.eml").write_text(report)

    await mailer.read_returned()

    assert (await delivery_of(plain, queued)).state == "sent"


async def test_what_comes_back_after_a_report_of_delivery_undoes_it_and_nothing_undoes_that(
    plain: Mailing, smtp: MailServer, tmp_path: Path
) -> None:
    mailing = by_smtp(plain, smtp)
    queued = await queue(mailing)
    mailer = Mailer(mailing, return_folder=tmp_path)
    await mailer.send_due()
    token = await token_of(plain, queued)
    for number, action in enumerate(("delivered", "failed", "delivered")):
        report = REPORT.format(action=action, status="2.0.0", token=token, envelope="")
        (tmp_path / f"{number}.eml").write_text(report)

    await mailer.read_returned()

    delivery = await delivery_of(plain, queued)
    assert (delivery.state, delivery.notified_at) == ("bounced", None)


async def test_whoever_has_typed_the_code_has_read_it_whatever_comes_back(
    plain: Mailing, smtp: MailServer, tmp_path: Path, clock: AheadClock
) -> None:
    mailing = by_smtp(plain, smtp)
    queued = await queue(mailing)
    mailer = Mailer(mailing, return_folder=tmp_path)
    await mailer.send_due()
    token = await token_of(plain, queued)
    async with plain.services.database.write() as connection:
        await store.settle(
            connection,
            "read",
            notice_id=queued.notice_id,
            administration_id=plain.services.administration_id,
            at=clock.now(),
        )
    (tmp_path / "forged.eml").write_text(
        REPORT.format(action="failed", status="5.1.1", token=token, envelope="")
    )

    await mailer.read_returned()

    delivery = await delivery_of(plain, queued)
    assert delivery.state == "read"
    assert delivery.notified_at is not None


async def token_of(plain: Mailing, queued: Queued) -> str:
    ((token,),) = await select(
        plain, "SELECT return_token FROM mail_notice WHERE notice_id = %s", queued.notice_id
    )
    return str(token)


# ---- is this message ours ----


async def test_only_a_number_with_its_check_characters_is_ours(plain: Mailing, smtp: MailServer) -> None:
    mailing = by_smtp(plain, smtp)
    queued = await queue(mailing)
    assert not await mailing.is_ours(queued.number), "it has not gone out yet"
    await Mailer(mailing).send_due()

    wrong = queued.number[:-1] + ("0" if queued.number[-1] != "0" else "1")
    assert await mailing.is_ours(queued.number)
    assert await mailing.is_ours(f" {queued.number.lower().replace('-', ' ')} ")
    for typed in (wrong, queued.number[:-6], "", "x" * 500, "0000-0000-0000-00-00000", "' OR 1=1 --"):
        assert not await mailing.is_ours(typed)
