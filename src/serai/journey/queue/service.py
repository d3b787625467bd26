"""The queue as officers read it: rows in words, choices of each filter with their counts, saved views."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl

import msgspec
from psycopg import AsyncConnection

from serai.foundation.access.actor_names import name_actors
from serai.foundation.id_text import format_id
from serai.foundation.vault.reading import Reach
from serai.journey.acts.assignments.new_owner import ASSIGNMENT, officers_of
from serai.journey.acts.measures import MeasureOrder, take_measure
from serai.journey.assessment.store import Basis, select_basis
from serai.journey.cases.page_words import country_name, words_of
from serai.journey.consignments.store import select_consignments
from serai.journey.decision.rendered_reasons import Texts, render_named_reasons
from serai.journey.decision.rules import SHOWN_LANES
from serai.journey.documents.submission import Sender
from serai.journey.processing.rendered_decision import texts_of
from serai.journey.processing.transaction import Processor
from serai.journey.queue import store
from serai.journey.queue.asked import LANES, WHY, Asked, Place, Wanted, read_asked, write_place
from serai.journey.queue.store import Counted, PartRow, QueueRow, RuleBits, Search
from serai.journey.recording.read_back import read_messages
from serai.journey.tasks import store as task_store
from serai.journey.tasks.rules import DECISION, TASK_KINDS, queue_of
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText
from serai.model.packed_columns import read_bits
from serai.model.packed_detail import unpack_detail

PAGE_COUNT: Final = 25
CSV_COUNT_MAX: Final = 10_000
SOON: Final = dt.timedelta(hours=2)
PURPOSE: Final = "show-queue"
_PARTS_LAST: Final = dt.timedelta(seconds=60)
_CHOICES_MAX: Final = 200
_TASKS_MAX: Final = 100
_VIEW_NAME_MAX: Final = 40
_NOT_REACHED: Final = ("task-in-other-hands", "in-hands-already", "not-in-hands", "not-found")
"""Why a task stays where it is: somebody else's, nobody's, or gone."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A task of the queue in words. goods: as declared, "" where the message was erased; more_goods_count:
    further goods items. why: a lane or a kind of task; reason: of the strictest rule, or of the kind;
    more_reasons_count: further ones. lands_at: None: not known, or the period until due_at has ended
    (has_ended): it stands before all others. is_own: of who asks."""

    task_id: str
    case_id: str
    consignment_id: str
    reference: str
    house_document: str | None
    mrn: str
    goods: str
    more_goods_count: int
    commodity_code: str
    value_minor: int | None
    currency_code: str | None
    why: str
    lane: str | None
    reason: str
    more_reasons_count: int
    filer_id: str
    filer: str
    owner: str
    is_own: bool
    flight_id: str | None
    flight: str
    market: str
    market_name: str
    lands_at: dt.datetime | None
    due_at: dt.datetime | None
    has_ended: bool
    opened_at: dt.datetime


class Choice(msgspec.Struct, frozen=True):
    """One choice of a filter: its value in the address, its words, and how many tasks it has."""

    value: str
    text: str
    count: int


class Choices(msgspec.Struct, frozen=True):
    """The choices of each filter, those with most tasks first, flights as they land."""

    why: list[Choice]
    rule: list[Choice]
    filer: list[Choice]
    flight: list[Choice]
    market: list[Choice]


class View(msgspec.Struct, frozen=True):
    """A saved view. query: of its address."""

    name: str
    query: str


class Queue(msgspec.Struct, frozen=True):
    """A page of the queue. after: cursor of the next page, None at the end."""

    asked: Asked
    counted: Counted
    tasks: list[Task]
    after: str | None
    choices: Choices
    views: list[View]


class HandsOf(msgspec.Struct, frozen=True):
    """What one officer has in hand. officer_id: for the filter of the queue. is_officer: may have tasks; else
    the account has ended, or is an officer's no more. soon_count: that land within two hours, or have landed;
    overdue_count: whose period has ended. next_landing_at: None: not known."""

    officer_id: str
    officer: str
    is_officer: bool
    tasks_count: int
    soon_count: int
    overdue_count: int
    next_landing_at: dt.datetime | None


class Hands(msgspec.Struct, frozen=True):
    """Who has what in hand, and what nobody has."""

    officers: list[HandsOf]
    nobody: Counted


@dataclass(frozen=True, slots=True)
class _Parts:
    """What is counted of the whole queue, for some seconds."""

    at: dt.datetime
    rows: list[PartRow]
    bases: Mapping[int, Basis]
    parties: Mapping[int, str]
    movements: Mapping[int, tuple[str, dt.datetime | None]]


@dataclass(slots=True)
class QueueService:
    """What the use cases of the queue work with."""

    processor: Processor
    _parts: _Parts | None = field(default=None, init=False)

    async def read(self, asked: Asked, account_id: int | None, actor: str, language: str = "en") -> Queue:
        """Return a page of the queue. The goods of its parcels are read from their declarations, which the
        vault's ledger tells. Raises InputFaultyError for filters that are none."""
        services = self.processor.services
        wanted, at = read_asked(asked, account_id), services.clock.now()
        async with services.database.read(services.administration_id) as connection:
            parts = await self._count_parts(connection, at)
            search = self._search(parts, wanted, at)
            counted, rows = await store.select_queue(connection, search, PAGE_COUNT + 1)
            bases = await self._bases_of(connection, parts, rows)
            views = (
                []
                if account_id is None
                else await store.select_views(
                    connection, account_id, administration_id=services.administration_id
                )
            )
        shown = rows[:PAGE_COUNT]
        reach = Reach(services.administration_id, PURPOSE, actor, at)
        opened = await read_messages(services, [row.document_id for row in shown], reach)
        goods = {document_id: document for document_id, (document, _, _) in opened.items()}
        texts = texts_of(self.processor.law, language)
        said = _Words(bases, texts, await self._owners(shown), account_id, language)
        return Queue(
            asked,
            counted,
            [said.task(row, goods.get(row.document_id)) for row in shown],
            write_place(Place(shown[-1].lands_at, shown[-1].task_id)) if len(rows) > len(shown) else None,
            _choices(parts, texts, language),
            [View(*view) for view in views],
        )

    async def read_list(self, asked: Asked, account_id: int | None, language: str = "en") -> list[Task]:
        """Return up to CSV_COUNT_MAX tasks without the words of declarations: nothing is opened."""
        services = self.processor.services
        wanted, at = read_asked(asked, account_id), services.clock.now()
        async with services.database.read(services.administration_id) as connection:
            parts = await self._count_parts(connection, at)
            search = self._search(parts, wanted, at)
            _, rows = await store.select_queue(connection, search, CSV_COUNT_MAX)
            bases = await self._bases_of(connection, parts, rows)
        texts = texts_of(self.processor.law, language)
        said = _Words(bases, texts, await self._owners(rows), account_id, language)
        return [said.task(row, None) for row in rows]

    async def find_consignments(
        self, asked: Asked, account_id: int | None, count_max: int
    ) -> tuple[int, list[int]]:
        """Return how many tasks a filter lets through, and the consignments of the first, the soonest landing
        first. count_max: how many of them."""
        services = self.processor.services
        wanted, at = read_asked(asked, account_id), services.clock.now()
        async with services.database.read(services.administration_id) as connection:
            parts = await self._count_parts(connection, at)
            counted, rows = await store.select_queue(connection, self._search(parts, wanted, at), count_max)
        return counted.count, [row.consignment_id for row in rows]

    async def consignments_of(self, task_ids: Sequence[int]) -> list[int]:
        """Return the consignments of those of some tasks that are open, the soonest landing first."""
        _check_count(task_ids)
        services = self.processor.services
        async with services.database.read(services.administration_id) as connection:
            tasks = await task_store.select_consignments_of(
                connection, task_ids, administration_id=services.administration_id
            )
        return list(dict.fromkeys(tasks.values()))

    async def count(self, asked: Asked, account_id: int | None) -> Counted:
        """Count what a filter lets through, as it is now."""
        services = self.processor.services
        wanted, at = read_asked(asked, account_id), services.clock.now()
        async with services.database.read(services.administration_id) as connection:
            parts = await self._count_parts(connection, at)
            return await store.count_queue(connection, self._search(parts, wanted, at))

    async def assign(
        self, task_ids: Sequence[int], sender: Sender, assigned_to: str | None, form_number: str
    ) -> int:
        """Put the cases of tasks into the hands of an officer, by sign-in name; None: give them back.

        Each is an act of its own, as by the API. Returns how many tasks that reached; those of others stay
        where they are, unless whoever asks may assign them. form_number: sent twice, it is the same acts.

        Raises SeraiError as `take_measure` but for tasks of others.
        """
        _check_count(task_ids)
        services = self.processor.services
        key = {"administration_id": services.administration_id}
        async with services.database.read(services.administration_id) as connection:
            tasks = await task_store.select_consignments_of(connection, task_ids, **key)
            rows = await select_consignments(connection, sorted(set(tasks.values())), **key)
        done = set()
        for row in rows:
            order = MeasureOrder(
                reference=f"{form_number}-{format_id(row.consignment_id)}",
                kind=ASSIGNMENT,
                consignment_id=row.consignment_id,
                assigned_to=assigned_to,
            )
            try:
                await take_measure(self.processor, sender, row.case_id, order)
            except SeraiError as fault:
                if fault.code not in _NOT_REACHED:
                    raise
            else:
                done.add(row.consignment_id)
        return sum(one in done for one in tasks.values())

    async def officers(self) -> list[str]:
        """Return the sign-in names of officers who may have tasks in hand."""
        services = self.processor.services
        async with services.database.write() as connection:
            found = await officers_of(connection, administration_id=services.administration_id)
        return sorted(found.values())

    async def read_hands(self) -> Hands:
        """Return who has how much in hand, the most first; officers who have nothing, too."""
        services, at = self.processor.services, self.processor.services.clock.now()
        key = {"administration_id": services.administration_id}
        async with services.database.read(services.administration_id) as connection:
            counted = {
                one.account_id: one
                for one in await task_store.count_in_hands(connection, **key, at=at, soon=at + SOON)
            }
            free = await store.count_queue(connection, self._of_nobody(at))
        async with services.database.write() as connection:
            officers = await officers_of(connection, **key)
            names = await name_actors(connection, [f"account:{one}" for one in counted], **key)
        ended = {one: names[f"account:{one}"].name for one in counted if f"account:{one}" in names}
        rows = []
        for account_id, name in {**ended, **officers}.items():
            has = counted.get(account_id) or task_store.InHands(account_id, 0, 0, 0, None)
            is_officer = account_id in officers
            numbers = (has.tasks_count, has.soon_count, has.overdue_count, has.next_landing_at)
            rows.append(HandsOf(format_id(account_id), name, is_officer, *numbers))
        return Hands(sorted(rows, key=lambda one: (-one.tasks_count, one.officer)), free)

    def _of_nobody(self, at: dt.datetime) -> Search:
        wanted = read_asked(Asked(owner="nobody"), None)
        return Search(wanted, None, self.processor.services.administration_id, at, at + SOON)

    async def save_view(self, name: str, query: str, account_id: int) -> None:
        """Keep the filters of a query under a name. Raises InputFaultyError and `input-faulty`."""
        words = name.strip()
        if not words or len(words) > _VIEW_NAME_MAX or not words.isprintable():
            raise SeraiError(
                "input-faulty",
                "A view needs a name of at most 40 letters.",
                "Write a name and save it once more.",
            )
        asked = msgspec.convert(
            {name: value for name, value in parse_qsl(query) if name in Asked.__struct_fields__}, Asked
        )
        read_asked(asked, account_id)
        services = self.processor.services
        async with services.database.write() as connection:
            has_room = await store.save_view(
                connection,
                account_id,
                words,
                asked.query(),
                administration_id=services.administration_id,
                at=services.clock.now(),
            )
        if not has_room:
            raise SeraiError(
                "input-faulty",
                MessageText("{count_max} views are kept at most.", count_max=store.VIEWS_COUNT_MAX),
                "Remove one that you no longer need, then save this one.",
            )

    async def delete_view(self, name: str, account_id: int) -> None:
        """Forget a view."""
        services = self.processor.services
        async with services.database.write() as connection:
            await store.delete_view(
                connection, account_id, name, administration_id=services.administration_id
            )

    def _search(self, parts: _Parts, wanted: Wanted, at: dt.datetime) -> Search:
        rule = _rule_bits(parts.bases, wanted.rule)
        return Search(wanted, rule, self.processor.services.administration_id, at, at + SOON)

    async def _count_parts(self, connection: AsyncConnection, at: dt.datetime) -> _Parts:
        known = self._parts
        if known is not None and dt.timedelta(0) <= at - known.at < _PARTS_LAST:
            return known
        key = {"administration_id": self.processor.services.administration_id}
        rows = await store.count_parts(connection, **key)
        basis_ids = [row.basis_id for row in rows if row.basis_id is not None]
        self._parts = _Parts(
            at,
            rows,
            await select_basis(connection, sorted(set(basis_ids))),
            await store.name_parties(connection, [row.party_id for row in rows if row.party_id], **key),
            await store.name_movements(
                connection, [row.movement_id for row in rows if row.movement_id], **key
            ),
        )
        return self._parts

    async def _owners(self, rows: Sequence[QueueRow]) -> dict[int, str]:
        """Return the names of the accounts that have tasks in hand; readers of cases read no accounts."""
        owner_ids = {row.owner_id for row in rows if row.owner_id is not None}
        if not owner_ids:
            return {}
        services = self.processor.services
        async with services.database.write() as connection:
            names = await name_actors(
                connection,
                [f"account:{one}" for one in owner_ids],
                administration_id=services.administration_id,
            )
        return {one: names[f"account:{one}"].name for one in owner_ids if f"account:{one}" in names}

    async def _bases_of(
        self, connection: AsyncConnection, parts: _Parts, rows: Sequence[QueueRow]
    ) -> Mapping[int, Basis]:
        missing = {row.basis_id for row in rows if row.basis_id is not None} - set(parts.bases)
        return {**parts.bases, **await select_basis(connection, sorted(missing))} if missing else parts.bases


def _check_count(task_ids: Sequence[int]) -> None:
    if len(task_ids) > _TASKS_MAX:
        raise SeraiError(
            "input-faulty",
            MessageText("{count_max} tasks are taken or given back at once at most.", count_max=_TASKS_MAX),
            "Select fewer.",
        )


def _rule_bits(bases: Mapping[int, Basis], rule: str | None) -> RuleBits | None:
    if rule is None:
        return None
    found = {
        basis_id: basis.reason_set.index(rule)
        for basis_id, basis in bases.items()
        if rule in basis.reason_set
    }
    first = min(found, default=0)
    return RuleBits(first, [found.get(one, -1) for one in range(first, max(found, default=-1) + 1)])


def _rules_of(bases: Mapping[int, Basis], basis_id: int | None, rules: bytes | None) -> list[str]:
    if basis_id is None or not rules or basis_id not in bases:
        return []
    bits = read_bits(rules)
    return [rule_id for place, rule_id in enumerate(bases[basis_id].reason_set) if bits >> place & 1]


@dataclass(frozen=True, slots=True)
class _Words:
    """What tasks are told with. owners: names by account. account_id: of who reads."""

    bases: Mapping[int, Basis]
    texts: Texts
    owners: Mapping[int, str]
    account_id: int | None
    language: str

    def task(self, row: QueueRow, document: Consignment | None) -> Task:
        """Return a task in words. document: its declaration, where it is opened."""
        why = SHOWN_LANES[row.lane] if row.kind == DECISION and row.lane is not None else TASK_KINDS[row.kind]
        reasons = render_named_reasons(_rules_of(self.bases, row.basis_id, row.rules), self.texts, "officer")
        said = [one.sentence for one in reasons if one.lane in LANES]
        if row.kind != DECISION:
            said.insert(0, words_of(self.language).tasks[why])
        items = unpack_detail(row.detail).items
        shown = max(items, key=lambda item: item.lane, default=None)
        number = 0 if shown is None else shown.sequence_number
        described = [] if document is None else document.goods_items
        named = [one.description for one in described if one.sequence_number == number]
        return Task(
            task_id=format_id(row.task_id),
            case_id=format_id(row.case_id),
            consignment_id=format_id(row.consignment_id),
            reference=row.reference,
            house_document=row.house_document,
            mrn=row.mrn,
            goods=named[0] if named else "",
            more_goods_count=max(row.item_count - 1, 0),
            commodity_code="" if shown is None else shown.commodity_code,
            value_minor=row.value_minor,
            currency_code=row.currency_code,
            why=why,
            lane=SHOWN_LANES[row.lane] if row.lane is not None else None,
            reason=said[0] if said else "",
            more_reasons_count=max(len(said) - 1, 0),
            filer_id=format_id(row.party_id),
            filer=row.party,
            owner="" if row.owner_id is None else self.owners.get(row.owner_id, str(row.owner_id)),
            is_own=row.owner_id is not None and row.owner_id == self.account_id,
            flight_id=None if row.movement_id is None else format_id(row.movement_id),
            flight=row.movement.partition("/")[0],
            market=row.market,
            market_name=country_name(row.market, self.language),
            lands_at=None if row.lands_at == task_store.TOP else row.lands_at,
            due_at=row.due_at,
            has_ended=row.lands_at == task_store.TOP,
            opened_at=row.opened_at,
        )


def _choices(parts: _Parts, texts: Texts, language: str) -> Choices:
    queues = {row.queue: row.tasks_count for row in parts.rows if row.queue is not None}
    kinds = {lane: SHOWN_LANES.index(lane) for lane in LANES} | {
        why: queue_of(why) for why in WHY if why not in LANES
    }
    tasks = words_of(language).tasks
    rules: Counter[str] = Counter()
    for row in parts.rows:
        for rule_id in _rules_of(parts.bases, row.basis_id, row.rules):
            rules[rule_id] += row.tasks_count
    movements = sorted(
        (row for row in parts.rows if row.movement_id is not None and row.movement_id in parts.movements),
        key=lambda row: parts.movements[row.movement_id or 0][1] or dt.datetime.max.replace(tzinfo=dt.UTC),
    )
    return Choices(
        why=[
            Choice(why, tasks.get(why, why), queues[queue]) for why, queue in kinds.items() if queue in queues
        ],
        rule=_most(_rule_choices(rules, texts)),
        filer=_most(
            Choice(format_id(row.party_id), parts.parties.get(row.party_id, ""), row.tasks_count)
            for row in parts.rows
            if row.party_id is not None
        ),
        flight=[
            Choice(
                format_id(row.movement_id),
                parts.movements[row.movement_id][0].replace("/", ", "),
                row.tasks_count,
            )
            for row in movements[:_CHOICES_MAX]
            if row.movement_id is not None
        ],
        market=_most(
            Choice(row.market, country_name(row.market, language), row.tasks_count)
            for row in parts.rows
            if row.market is not None
        ),
    )


def _rule_choices(rules: Mapping[str, int], texts: Texts) -> Iterable[Choice]:
    for rule_id, count in rules.items():
        said = render_named_reasons([rule_id], texts, "officer")
        if said and said[0].lane in LANES:
            yield Choice(rule_id, said[0].sentence, count)


def _most(choices: Iterable[Choice]) -> list[Choice]:
    return sorted(choices, key=lambda one: (-one.count, one.text))[:_CHOICES_MAX]
