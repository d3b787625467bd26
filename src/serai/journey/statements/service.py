"""Reading statements and what is owed: of one party, in one snapshot, within bounds."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.journey.amounts_payable.interest import Interest, charged
from serai.journey.amounts_payable.law import shipped_payable_rules
from serai.journey.amounts_payable.life import Suspension, may_be_notified
from serai.journey.assessment import store as assessment_store
from serai.journey.consignments.act_records import DoneAct, select_family_acts
from serai.journey.ledger.posting_rules import shipped_posting_rules
from serai.journey.measure_rules.hearing_rules import HEARING_KINDS, OPENED, find_hearing
from serai.journey.measure_rules.measure_law import shipped_measure_rules
from serai.journey.statements import store
from serai.journey.statements.charges import Charge, ChargeLaw, Laws, charges_of
from serai.journey.statements.period import Month, month_before, month_of
from serai.journey.statements.statement import AccountTerms, Statement, build_sections
from serai.journey.statements.store import Between, ConsignmentName, Party
from serai.law.book import LawBook
from serai.model.acts import Act, kinds_with

Connection = AsyncConnection[Any]

CONSIGNMENTS_COUNT_MAX: Final = 5_000
"""Of one statement, or one list of what is owed."""
PAYMENTS_COUNT_MAX: Final = 20_000
_CHUNK_COUNT: Final = 1_000
_APPEALS: Final = ("appeal-lodged", "appeal-allowed", "appeal-dismissed")
_REPAYMENTS: Final = ("repayment-requested", "repayment")
_DETERMINATIONS: Final = frozenset(kinds_with("determination"))
"""Measures by which more may be owed: who is heard about one is heard about a debt."""
_MONTHS_COUNT_MAX: Final = 24


class Surroundings(NamedTuple):
    """What a statement is read by. country_code, time_zone: of the administration."""

    book: LawBook
    country_code: str
    time_zone: str
    now: datetime


class Debts(NamedTuple):
    """What a party's consignments owe on a day: charges that may be notified, and those that may not any
    more. interest: of all in a currency, by its code. is_whole: they are all."""

    made_at: datetime
    owed: list[Charge]
    barred: list[Charge]
    interest: dict[str, Interest]
    is_whole: bool


async def read_statement(connection: Connection, of: Party, month: Month, around: Surroundings) -> Statement:
    """Return the statement of a party's month, as far as it has come."""
    to_at = min(month.to_at, around.now + timedelta(milliseconds=1))
    between = Between(month.from_at, max(to_at, month.from_at))
    upto = min(month.last, _day(around))
    laws = _laws(around)
    names, is_whole = await _decided(connection, of, month.from_at)
    charges = await _charges(connection, of, names, laws, around.book, between=between, upto=upto)
    payments = await store.list_payments(connection, of, between, limit=PAYMENTS_COUNT_MAX + 1)
    cases = sorted({one.case_id for one in payments if one.case_id is not None})
    sections = build_sections(
        await store.select_sums(connection, of, between),
        charges,
        payments[:PAYMENTS_COUNT_MAX],
        references=await store.select_references(connection, of, cases),
        month=month,
        terms=AccountTerms(laws.payable, laws.rest_days, upto),
    )
    return Statement(month, around.now, sections, is_whole and len(payments) <= PAYMENTS_COUNT_MAX)


async def read_debts(connection: Connection, of: Party, around: Surroundings) -> Debts:
    """Return what a party's consignments owe now, charge by charge."""
    names: list[ConsignmentName] = []
    while len(names) <= CONSIGNMENTS_COUNT_MAX:
        after = names[-1].consignment_id if names else -1
        more = await store.list_owing(connection, of, after_id=after, limit=_CHUNK_COUNT)
        names += more
        if len(more) < _CHUNK_COUNT:
            break
    upto, laws = _day(around), _laws(around)
    end = around.now + timedelta(milliseconds=1)
    kept = names[:CONSIGNMENTS_COUNT_MAX]
    charges = await _charges(connection, of, kept, laws, around.book, between=Between(end, end), upto=upto)
    open_charges = [one for one in charges if one.life.unpaid_minor and one.life.ended_by is None]
    barred = [one for one in charges if one.life.ended_by == "limitation"]
    owed = [one for one in open_charges if may_be_notified(one.life, upto) or one.life.notified_on]
    interest = {
        currency: _interest([one for one in owed if one.key.currency_code == currency], currency)
        for currency in sorted({one.key.currency_code for one in owed})
    }
    return Debts(around.now, owed, barred, interest, len(names) <= CONSIGNMENTS_COUNT_MAX)


async def list_months(connection: Connection, of: Party, around: Surroundings) -> list[Month]:
    """Return the months there are statements of, newest first, the running one too; none where nothing was
    ever entered."""
    first = await store.select_first_posted(connection, of)
    if first is None:
        return []
    found = [month_of(around.now, around.time_zone)]
    while found[-1].from_at > first and len(found) < _MONTHS_COUNT_MAX:
        found.append(month_before(found[-1], around.time_zone))
    return found


def _interest(owed: list[Charge], currency_code: str) -> Interest:
    """Return the interest of customs debts together; of other charges none is known."""
    debts = [one for one in owed if one.law.interest is not None]
    if not debts:
        return Interest(None, "law-unread")
    return charged([one.life.interest for one in debts], debts[0].law.interest, currency_code)


async def _decided(
    connection: Connection, of: Party, from_at: datetime
) -> tuple[list[ConsignmentName], bool]:
    names: list[ConsignmentName] = []
    while len(names) <= CONSIGNMENTS_COUNT_MAX:
        after = names[-1].consignment_id if names else -1
        more = await store.list_decided(connection, of, from_at, after_id=after, limit=_CHUNK_COUNT)
        names += more
        if len(more) < _CHUNK_COUNT:
            break
    return names[:CONSIGNMENTS_COUNT_MAX], len(names) <= CONSIGNMENTS_COUNT_MAX


async def _charges(
    connection: Connection,
    of: Party,
    names: list[ConsignmentName],
    laws: Laws,
    book: LawBook,
    *,
    between: Between,
    upto: date,
) -> list[Charge]:
    found: list[Charge] = []
    references = _references(book)
    for begin in range(0, len(names), _CHUNK_COUNT):
        chunk = names[begin : begin + _CHUNK_COUNT]
        ids = [one.consignment_id for one in chunk]
        decisions = await store.select_decisions(connection, of, ids, between.to_at)
        allocated = await store.select_allocations(connection, of, ids, between.to_at)
        basis_ids = sorted({one.basis_id for rows in decisions.values() for one in rows})
        bases = await assessment_store.select_basis(connection, basis_ids)
        by_charge = {
            (basis_id, number): references[rule_id]
            for basis_id, basis in bases.items()
            for number, rule_id in enumerate(basis.charge_set)
            if rule_id in references
        }
        laws = laws._replace(
            charges=by_charge, suspensions=await _suspensions(connection, of, chunk, laws, between.to_at)
        )
        for name in chunk:
            own = decisions.get(name.consignment_id, [])
            found += charges_of(name, own, allocated, laws, from_at=between.from_at, upto=upto)
    return found


async def _suspensions(
    connection: Connection, of: Party, names: list[ConsignmentName], laws: Laws, to_at: datetime
) -> dict[int, list[Suspension]]:
    """Return by consignment what may stop its limitation periods: appeals, hearings about what is owed."""
    cases = sorted({one.case_id for one in names})
    kinds = (*_APPEALS, *HEARING_KINDS, *_REPAYMENTS)
    family = await select_family_acts(connection, cases, kinds, administration_id=of.administration_id)
    done = [one for _, one in family if one.act.at < to_at]
    acts = [one.act for one in done if one.reversed_by is None]
    found: dict[int, list[Suspension]] = defaultdict(list)
    for act in acts:
        if act.kind in _APPEALS:
            _take_appeal(found[act.subject_id], act, laws)
        elif act.kind == OPENED and act.parameters.get("intended") in _DETERMINATIONS:
            found[act.subject_id] += _period_of_hearing(acts, act.act_id, laws)
    for subject_id, suspension in _reinstated(done, laws):
        found[subject_id].append(suspension)
    return found


def _reinstated(done: Sequence[DoneAct], laws: Laws) -> Iterator[tuple[int, Suspension]]:
    """Yield by consignment the time in which applications were looked at whose repayment was taken back."""
    requests = {format_id(one.act.act_id): one.act for one in done if one.act.kind == "repayment-requested"}
    for one in done:
        request = requests.get(one.act.parameters.get("request", ""))
        if one.act.kind == "repayment" and one.reversed_by is not None and request is not None:
            looked_at = Suspension("reinstatement", laws.day(request.at), laws.day(one.act.at))
            yield request.subject_id, looked_at


def _take_appeal(its: list[Suspension], act: Act, laws: Laws) -> None:
    """Take an act of an appeal, which stops periods from the day it was lodged to the day it was decided; an
    answer is of the oldest that has none."""
    day = laws.day(act.at)
    if act.kind == "appeal-lodged":
        its.append(Suspension("appeal", day, None))
        return
    for place, one in enumerate(its):
        if one.by == "appeal" and one.to_on is None:
            its[place] = one._replace(to_on=day)
            return


def _period_of_hearing(acts: Sequence[Act], hearing_id: int, laws: Laws) -> list[Suspension]:
    """Return the period that a declarant was given, whenever it answered: from proven notification to its
    last day; nothing where nothing proves that it knows."""
    hearing = find_hearing(acts, hearing_id)
    if hearing is None or hearing.notified is None or hearing.notified.due_at is None:
        return []
    last = laws.day(hearing.notified.due_at - timedelta(microseconds=1))
    return [Suspension("hearing", laws.day(hearing.notified.at), last)]


def _references(book: LawBook) -> dict[str, ChargeLaw]:
    """Return the law of each charge by the id of its rule."""
    return {
        charge.rule_id: ChargeLaw(charge.law_ref, one.pack.jurisdiction)
        for one in book.packs.values()
        for charge in one.pack.charges
    }


def _laws(around: Surroundings) -> Laws:
    return Laws(
        {},
        shipped_payable_rules(),
        shipped_posting_rules(),
        around.time_zone,
        shipped_measure_rules().rest_days_of(around.country_code),
    )


def _day(around: Surroundings) -> date:
    return around.now.astimezone(ZoneInfo(around.time_zone)).date()
