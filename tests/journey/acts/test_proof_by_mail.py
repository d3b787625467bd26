"""Whom an act reaches is told in its transaction; an e-mail proves it once the receiving server reports it as
delivered, until it comes back; what nothing proves stands on top of the queue."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from email import message_from_string, policy
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from serai.app import Node, open_seal
from serai.foundation.id_text import format_id, parse_id
from serai.journey.acts.hearings import receive_hearing
from serai.journey.acts.measures import Reversal, reverse_measure
from serai.journey.acts.notification.following import follow_notices
from serai.journey.acts.notification.seen import ToldSeen, read_told
from serai.journey.documents.submission import Answer
from serai.journey.mailing.composing import From
from serai.journey.mailing.delivery import Mailer
from serai.journey.mailing.sending import Server, SmtpTransport
from serai.journey.mailing.service import Mailing
from serai.journey.tasks.rules import NOTICE
from serai.journey.tasks.store import TOP, put_ended_on_top
from tests.journey.acts.test_hearings import CLOCK, open_one, taken_by_webhook
from tests.journey.acts.test_measures import declared, fault_of, standing, take
from tests.journey.mailing.mail_server import MailServer, mail_server
from tests.journey.mailing.test_delivery import REPORT
from tests.journey.processing.support import (
    CARRIER,
    DECLARANT,
    OFFICER,
    opened,
    select,
    send,
    statuses,
    transport,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

WRITER = From("Testland Customs", "customs@testland.example", "https://customs.testland.example")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def node(database: str, keys: Path) -> AsyncIterator[Node]:
    """One for all tests here: each has a case of its own, and time only goes on."""
    async with opened(database, keys, clock=CLOCK) as running:
        await add_person(running, 1, DECLARANT.party_id, "ada@seller.example", "fr")
        yield running


@pytest.fixture(scope="module")
def smtp() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


async def add_person(node: Node, account_id: int, party_id: int, name: str, language: str | None) -> None:
    async with node.database.write() as connection:
        await connection.execute(
            "INSERT INTO account (account_id, administration_id, sign_in_name, person, password_hash, roles,"
            " created_at, party_id, member_role, language)"
            " VALUES (%s, %s, %s, %s, '', '{}', %s, %s, 'manager', %s)",
            (account_id, node.administration_id, name, name, CLOCK.now(), party_id, language),
        )


class Post:
    """Hands over what is queued, and brings back what a server reports."""

    def __init__(self, node: Node, smtp: MailServer, folder: Path) -> None:
        transport = SmtpTransport(Server("127.0.0.1", smtp.port, "none", "", "", 5.0))
        mailing = Mailing(node.services, open_seal(node.settings, "notice"), transport, WRITER)
        self._node, self._smtp, self._folder = node, smtp, folder
        self._mailer = Mailer(mailing, return_folder=folder)

    async def send(self) -> str:
        """Hand over; return the newest message: its recipient and language, and its text."""
        while await self._mailer.send_due():
            pass
        await follow_notices(self._node.processor)
        message = message_from_string(self._smtp.taken[-1].content, policy=policy.default)
        return f"{message['To']} {message['Content-Language']} {message.get_content()}"

    async def report(self, act_id: int, action: str) -> None:
        """Let the receiving server report on the e-mail about an act."""
        ((token,),) = await select(
            self._node, "SELECT return_token FROM mail_notice WHERE act_id = %s", act_id
        )
        text = REPORT.format(action=action, status="2.0.0", token=token, envelope="")
        (self._folder / f"{action}-{act_id}.eml").write_text(text)
        await self._mailer.read_returned()
        await follow_notices(self._node.processor)


@pytest.fixture
def post(node: Node, smtp: MailServer, tmp_path: Path) -> Post:
    return Post(node, smtp, tmp_path)


async def told_of(node: Node, answer: Answer) -> list[ToldSeen]:
    async with node.database.write() as connection:
        return await read_told(
            connection, answer.case_id, administration_id=node.administration_id, at=CLOCK.now()
        )


async def refuse(node: Node, answer: Answer, name: str, hearing: int) -> str:
    return await fault_of(take(node, answer, name, "refusal", "prohibited", hearing_id=hearing))


async def acts_of(node: Node, answer: Answer) -> list[str]:
    rows = await select(node, "SELECT kind FROM act WHERE case_id = %s ORDER BY act_id", answer.case_id)
    return [row[0] for row in rows]


async def on_top(node: Node, act_id: int) -> list[int]:
    """Kinds of open tasks about an act that stand before all others."""
    async with node.database.write() as connection:
        await put_ended_on_top(connection, administration_id=node.administration_id, at=CLOCK.now(), limit=50)
    rows = await select(
        node,
        "SELECT kind FROM task WHERE document_id = %s AND closed_at IS NULL AND lands_at = %s",
        act_id,
        TOP,
    )
    return [row[0] for row in rows]


async def test_a_period_runs_from_the_report_and_not_from_the_sending(node: Node, post: Post) -> None:
    answer = await declared(node, "mail")
    hearing = await open_one(node, answer, "mail", "refusal", "prohibited")
    written = await post.send()
    await CLOCK.step(node, 40)
    sent_alone = await refuse(node, answer, "mail", hearing)
    await post.report(hearing, "relayed")
    relayed = await refuse(node, answer, "mail", hearing)

    await post.report(hearing, "delivered")
    await CLOCK.step(node, 20)
    too_soon = await refuse(node, answer, "mail", hearing)
    await CLOCK.step(node, 15)
    done = await take(node, answer, "mail", "refusal", "prohibited", hearing_id=hearing)

    assert "ada@seller.example" in written
    assert (sent_alone, relayed, too_soon) == ("hearing-not-ended",) * 3
    ((known,),) = await select(
        node, "SELECT parameters FROM act WHERE case_id = %s AND kind = 'hearing-notified'", answer.case_id
    )
    assert known["by"] == "email"
    assert done.kind == "refusal"


async def test_a_later_bounce_undoes_the_period_and_the_hearing_stands_on_top(node: Node, post: Post) -> None:
    answer = await declared(node, "bounce")
    hearing = await open_one(node, answer, "bounce", "refusal", "prohibited")
    await post.send()
    await post.report(hearing, "delivered")
    await CLOCK.step(node, 20)
    before = await on_top(node, hearing)
    await post.report(hearing, "failed")
    await CLOCK.step(node, 40)

    refused = await refuse(node, answer, "bounce", hearing)
    (told,) = await told_of(node, answer)
    again = await receive_hearing(
        node.processor, DECLARANT, answer.case_id, hearing_id=hearing, reference="GOT-bounce"
    )
    running = await refuse(node, answer, "bounce", hearing)
    await CLOCK.step(node, 40)
    await take(node, answer, "bounce", "refusal", "prohibited", hearing_id=hearing)

    assert (before, refused, running) == ([], "hearing-not-ended", "hearing-not-ended")
    assert (told.is_overdue, [one.state for one in told.mails]) == (True, ["bounced"])
    assert again.kind == "hearing-notified"
    assert await acts_of(node, answer) == [
        *("hearing-opened", "hearing-notified", "hearing-notice-returned", "hearing-notified", "refusal")
    ]


async def test_a_bounce_is_seen_when_the_measure_is_taken_before_any_job_has_run(
    node: Node, post: Post
) -> None:
    answer = await declared(node, "race")
    hearing = await open_one(node, answer, "race", "refusal", "prohibited")
    await post.send()
    await post.report(hearing, "delivered")
    await CLOCK.step(node, 40)
    async with node.database.write() as connection:
        await connection.execute(
            "UPDATE mail_notice SET state = 'bounced', notified_at = NULL WHERE act_id = %s", (hearing,)
        )

    assert await refuse(node, answer, "race", hearing) == "hearing-not-ended"


async def test_a_bounce_after_the_measure_gives_an_officer_a_task(node: Node, post: Post) -> None:
    answer = await declared(node, "late")
    hearing = await open_one(node, answer, "late", "refusal", "prohibited")
    await post.send()
    await post.report(hearing, "delivered")
    await CLOCK.step(node, 40)
    await take(node, answer, "late", "refusal", "prohibited", hearing_id=hearing)

    await post.report(hearing, "failed")

    assert await on_top(node, hearing) == [NOTICE]
    assert await statuses(node, "D-late") == ["not-released"], "nothing is undone by itself"


async def test_a_detention_is_told_at_once_with_reason_law_place_and_remedy(node: Node, post: Post) -> None:
    answer = await declared(node, "keep")
    await send(node, CARRIER, "transport-document", transport("keep"))
    done = await take(node, answer, "keep", "detention", "offence")
    act_id = parse_id(done.act_id)
    queued = await select(node, "SELECT queued_at FROM mail_notice WHERE act_id = %s", act_id)
    fed = await select(
        node,
        "SELECT count(*) FROM event_batch WHERE %s = ANY(case_ids) AND at >= %s",
        answer.case_id,
        done.at - timedelta(seconds=1),
    )
    written = await post.send()
    by_party = {one.party_name: one for one in await told_of(node, answer)}
    top_at_first = await on_top(node, act_id)

    await post.report(act_id, "delivered")
    known = {one.party_name: one.proven_by for one in await told_of(node, answer)}
    async with node.database.write() as connection:
        await taken_by_webhook(
            node,
            connection,
            answer.case_id,
            await standing(node, "keep"),
            event_kind="measure-taken",
            party_id=CARRIER.party_id,
        )
    await CLOCK.step(node, 1)
    await follow_notices(node.processor)

    assert queued[0][0] - done.at < timedelta(seconds=5), "in the unit of work of the act"
    assert fed != [(0,)]
    assert "608/2013" in written
    assert " fr " in written
    assert by_party["Invented 4"].is_overdue, "of the carrier no way is known: an officer tells it"
    assert not by_party["Invented 1"].is_overdue
    assert top_at_first == [NOTICE]
    assert known == {"Invented 1": "email", "Invented 4": None}
    assert [one.proven_by for one in await told_of(node, answer)] == ["email", "webhook"]
    assert await on_top(node, act_id) == [], "once all know, nobody has to tell it"


async def test_what_was_taken_back_is_told_by_nobody(node: Node) -> None:
    answer = await declared(node, "gone")
    done = await take(node, answer, "gone", "hold", "control")
    act_id = parse_id(done.act_id)
    back = Reversal(act_id, "BACK-gone", "in-error", "Another was meant", form="revocation")
    await reverse_measure(node.processor, OFFICER, answer.case_id, back)
    await CLOCK.step(node, 2)

    await follow_notices(node.processor)

    assert await on_top(node, act_id) == []
    assert await told_of(node, answer) == []


async def test_the_same_measure_sent_again_is_told_once(node: Node) -> None:
    answer = await declared(node, "twice")
    given: dict[str, Any] = {"expected_decision_id": await standing(node, "twice")}
    first = await take(node, answer, "twice", "hold", "control", **given)
    again = await take(node, answer, "twice", "hold", "control", **given)

    count = "SELECT count(*) FROM mail_notice WHERE act_id = %s"
    assert first == again
    assert await select(node, count, parse_id(first.act_id)) == [(1,)]
    assert format_id(parse_id(first.act_id)) == first.act_id
