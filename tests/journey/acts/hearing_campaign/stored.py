"""Generated decisions on real cases: acts, e-mails and their reports, webhooks, jobs, a node's clock."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from serai.app import Node
from serai.foundation.id_text import parse_id
from serai.foundation.node_leases import lease_node
from serai.foundation.partitions import add_partitions
from serai.journey.acts.hearings import answer_hearing, receive_hearing
from serai.journey.acts.measures import MeasureOrder, open_hearing, take_measure
from serai.journey.acts.notification.following import follow_notices
from serai.journey.documents.submission import Answer
from serai.journey.mailing import store as mail_store
from serai.journey.measure_rules.measure_law import shipped_measure_rules
from serai.journey.texts.notices import About, Served, insert_notice
from serai.model.errors import SeraiError
from tests.journey.acts.hearing_campaign.histories import Calendar, History, ground_of, may_decide
from tests.journey.processing.support import DECLARANT, OFFICER, parcel, select, send

_DAY_H = 24
ZONE = "Europe/Brussels"
"""Of the law of the Union, in which days are counted."""


class CampaignClock:
    """A clock that stands at ten in the morning of a day of the histories, and goes on as the machine's does:
    it never goes back. The first day is the machine's next."""

    def __init__(self) -> None:
        now = datetime.now(UTC)
        self.begin = datetime.combine(now.date() + timedelta(days=1), time(10), UTC)
        self._first = self._ahead = self.begin - now

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    async def go_on(self, node: Node, to: timedelta) -> None:
        """Let time pass until so long after the beginning."""
        self._ahead = self._first + to
        async with node.database.write_as_owner() as connection:
            await add_partitions(connection, self.now())
        async with node.database.write() as connection:
            node.ids.begin_anew(await lease_node(connection, f"campaign {to}", self.now()))


def by_days(one: History) -> History:
    """The same history in whole days, each thing at another minute of it: what is told, then what comes back,
    then what is said, then what is decided."""

    def day(hour: int | None) -> int | None:
        return None if hour is None else hour // _DAY_H * _DAY_H

    told = tuple(
        told._replace(at_h=told.at_h // _DAY_H * _DAY_H, returned_h=day(told.returned_h)) for told in one.told
    )
    # One e-mail a case: what was only sent is told by nothing.
    return one._replace(
        opened_h=day(one.opened_h),
        told=told,
        sent_h=None,
        answered_h=day(one.answered_h),
        decided_h=one.decided_h // _DAY_H * _DAY_H,
    )


class StoredCase:
    """One history, as it is played on a node. faults: what must not be."""

    def __init__(self, node: Node, number: int, one: History) -> None:
        self._node, self._name, self.one = node, f"campaign-{number}", one
        self._case: Answer | None = None
        self._hearing: int | None = None
        self.is_taken = False
        self.fault_code = ""

    async def begin(self) -> None:
        (self._case,) = await send(
            self._node, DECLARANT, "declaration", parcel(self._name, expected_arrival_at=None)
        )

    async def play(self, hour: int) -> None:
        """Do what this day brings."""
        if self.one.opened_h == hour:
            await self._open()
        for told in self.one.told:
            if told.at_h == hour:
                await self._tell(told.way)
        if any(told.returned_h == hour for told in self.one.told):
            await self._report("bounced")
        if self.one.answered_h == hour and not self.is_taken:
            await self._answer()

    async def decide(self, hour: int) -> None:
        """Let the officer try, if this is his day."""
        if self.one.decided_h != hour:
            return
        assert self._case is not None
        order = MeasureOrder(
            reference=f"REFUSAL-{self._name}",
            kind="refusal",
            reason_code="safety" if self.one.is_other_measure else "prohibited",
            reason=self.one.words,
            expected_decision_id=await self._standing(),
            hearing_id=self._hearing if self.one.exception_code is None else None,
            exception_code=self.one.exception_code,
        )
        try:
            await take_measure(self._node.processor, OFFICER, self._case.case_id, order)
            self.is_taken = True
        except SeraiError as error:
            self.fault_code = error.code

    async def _open(self) -> None:
        assert self._case is not None
        meant = MeasureOrder(
            reference=f"HEARING-{self._name}",
            kind="refusal",
            reason_code="prohibited",
            reason="It is on the list",
        )
        done = await open_hearing(self._node.processor, OFFICER, self._case.case_id, meant)
        self._hearing = parse_id(done.act_id)

    async def _tell(self, way: str) -> None:
        assert self._case is not None
        assert self._hearing is not None
        if way == "receipt":
            await receive_hearing(
                self._node.processor,
                DECLARANT,
                self._case.case_id,
                hearing_id=self._hearing,
                reference=f"GOT-{self._name}",
            )
        elif way == "webhook":
            async with self._node.database.write() as connection:
                about = [About(self._case.case_id, await self._standing())]
                await insert_notice(
                    connection,
                    Served(about, (), "webhook", "zxx", event_kind="hearing-opened"),
                    notice_id=int(self._node.services.ids.take(1)[0]),
                    party_id=DECLARANT.party_id,
                    administration_id=self._node.administration_id,
                    at=self._node.clock.now(),
                )
        else:
            await self._report("delivered")

    async def _report(self, state: Any) -> None:
        """What a mailer writes when it has read a report about the e-mail that was sent."""
        async with self._node.database.write() as connection:
            await connection.execute(
                "UPDATE mail_notice SET state = 'sent' WHERE act_id = %s AND state = 'queued'",
                (self._hearing,),
            )
            sent = await mail_store.select_notices_of_acts(
                connection, [self._hearing or 0], administration_id=self._node.administration_id
            )
            for one in sent:
                await mail_store.settle(
                    connection,
                    state,
                    notice_id=one.delivery.notice_id,
                    administration_id=self._node.administration_id,
                    at=self._node.clock.now(),
                )

    async def _answer(self) -> None:
        assert self._case is not None
        assert self._hearing is not None
        await answer_hearing(
            self._node.processor,
            DECLARANT,
            self._case.case_id,
            hearing_id=self._hearing,
            reference=f"ANSWER-{self._name}",
            answer="It is not",
            more_follows=self.one.more_follows,
        )

    async def _standing(self) -> int:
        rows = await select(
            self._node, "SELECT decision_id FROM consignment WHERE reference = %s", f"D-{self._name}"
        )
        return int(rows[0][0])


async def add_person(node: Node, party_id: int) -> None:
    """Give a party a person, whom notices go to."""
    async with node.database.write() as connection:
        await connection.execute(
            "INSERT INTO account (account_id, administration_id, sign_in_name, person, password_hash, roles,"
            " created_at, party_id, member_role, language)"
            " VALUES (1, %s, 'ada@seller.example', 'ada', '', '{}', %s, %s, 'manager', 'fr')",
            (node.administration_id, node.clock.now(), party_id),
        )


async def play(
    node: Node, clock: CampaignClock, histories: Sequence[History]
) -> tuple[Counter[str], Counter[str], list[str]]:
    """Play histories side by side on one node, a day at a time; return by ground how many measures were taken
    and refused, and what must not be, in words."""
    cases = [StoredCase(node, number, by_days(one)) for number, one in enumerate(histories)]
    for case in cases:
        await case.begin()
    days = sorted({hour for case in cases for hour in _hours_of(case.one)})
    for hour in days:
        await clock.go_on(node, timedelta(hours=hour))
        for case in cases:
            await case.play(hour)
        while await follow_notices(node.processor):
            pass
        for case in cases:
            await case.decide(hour)
    calendar = Calendar(
        clock.begin, ZONE, shipped_measure_rules().rest_days_of(node.services.country_code).holidays
    )
    taken: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    faults = []
    for case in cases:
        (taken if case.is_taken else refused)[ground_of(case.one, calendar)] += 1
        if case.is_taken != may_decide(case.one, calendar):
            faults.append(f"{'taken' if case.is_taken else f'refused, {case.fault_code}'}: {case.one}")
    return taken, refused, faults + await _early_clocks(node)


def _hours_of(one: History) -> set[int]:
    hours = {one.opened_h, one.answered_h, one.decided_h}
    for told in one.told:
        hours |= {told.at_h, told.returned_h}
    return {hour for hour in hours if hour is not None}


async def _early_clocks(node: Node) -> list[str]:
    """Return periods that were recorded as begun before anything proved that the declarant knew."""
    rows = await select(
        node,
        "SELECT act_id FROM act WHERE kind = 'hearing-notified' AND ("
        " (parameters ->> 'notified_at')::timestamptz > at + interval '1 second' OR due_at <"
        " (parameters ->> 'notified_at')::timestamptz + interval '30 days' OR NOT EXISTS (SELECT FROM act AS"
        " opened WHERE opened.kind = 'hearing-opened' AND opened.case_id = act.case_id"
        " AND opened.at <= (act.parameters ->> 'notified_at')::timestamptz + interval '1 second'))",
    )
    return [f"a clock began before notification: act {row[0]}" for row in rows]
