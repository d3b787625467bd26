"""What cases owe at the border, by which law, and what of it was paid: of many cases at once."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.journey.assessment import store as assessment_store
from serai.journey.consignments.act_records import select_standing_acts
from serai.journey.law_in_force.state import LawState
from serai.journey.recording.payment_entries import ENTERED_KINDS
from serai.journey.revenue import store as revenue_store
from serai.journey.services import Services
from serai.model.acts import ACT_KINDS, Act, net_amounts

Connection = AsyncConnection[Any]


class DueAndPaid(NamedTuple):
    """What a case owes at the border in one currency, less what was repaid of it, and what was paid."""

    due_minor: int
    paid_minor: int

    @property
    def missing_minor(self) -> int:
        """Return what is still to be paid."""
        return max(self.due_minor - self.paid_minor, 0)


def due_and_paid(dues: Counter[str], acts: Sequence[Act], currency_code: str) -> DueAndPaid:
    """Return what is due and paid in one currency. dues: of the case, by currency. acts: that stand on it."""
    counted = [
        (one.kind == "repayment", one.parameters["amount_minor"])
        for one in net_amounts(acts, format_id)
        if "payment" in ACT_KINDS[one.kind].effects and one.parameters["currency_code"] == currency_code
    ]
    repaid = sum(amount for is_repayment, amount in counted if is_repayment)
    paid = sum(amount for is_repayment, amount in counted if not is_repayment)
    return DueAndPaid(max(dues[currency_code] - repaid, 0), paid)


class Owed(NamedTuple):
    """What a case owes at the border, minor units by currency. law_reference: act and article of each charge;
    None: it owes nothing. payments: that stand on it."""

    dues: Counter[str]
    law_reference: str | None
    payments: Sequence[Act]

    def stands(self, currency_code: str, more: Sequence[Act] = ()) -> DueAndPaid:
        """Return what is due and paid in a currency. more: payments that come now."""
        return due_and_paid(self.dues, [*self.payments, *more], currency_code)


async def read_owed(
    services: Services, connection: Connection, law: LawState, case_ids: Sequence[int]
) -> dict[int, Owed]:
    """Return what each of some cases owes, in three reads whatever their number."""
    key = {"administration_id": services.administration_id}
    dues: dict[int, Counter[str]] = {case_id: Counter() for case_id in case_ids}
    rules: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for one in await revenue_store.select_standing(connection, case_ids, **key):
        for charge in one.detail.charges:
            if charge.is_border_due:
                dues[one.case_id][charge.currency_code] += charge.amount_minor
                rules[one.case_id].add((one.basis_id, charge.charge_number))
    payments: dict[int, list[Act]] = defaultdict(list)
    for root, act in await select_standing_acts(connection, case_ids, ENTERED_KINDS, **key):
        payments[root].append(act)
    laws = await _laws_of(connection, law, rules)
    return {
        case_id: Owed(dues[case_id], laws.get(case_id), payments.get(case_id, [])) for case_id in case_ids
    }


async def _laws_of(
    connection: Connection, law: LawState, rules: dict[int, set[tuple[int, int]]]
) -> dict[int, str]:
    """Return the law of each case: what each of its charges rests on, each once."""
    basis_ids = sorted({basis_id for its in rules.values() for basis_id, _ in its})
    if not basis_ids:
        return {}
    bases = await assessment_store.select_basis(connection, basis_ids)
    packs = [one.pack for one in law.book.packs.values()]
    references = {charge.rule_id: charge.law_ref for pack in packs for charge in pack.charges}
    named = {
        case_id: [bases[basis_id].charge_set[number] for basis_id, number in sorted(its)]
        for case_id, its in rules.items()
    }
    return {
        case_id: "; ".join(dict.fromkeys(references[one] for one in its if one in references))
        for case_id, its in named.items()
        if any(one in references for one in its)
    }
