"""What payments enter in the ledger: whenever one was recorded or taken back, or what is owed was decided
anew where one stands.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from psycopg import AsyncConnection

from serai.foundation.copying import TableBuffer
from serai.foundation.id_text import format_id
from serai.journey.consignments.act_records import DoneAct, select_family_acts
from serai.journey.consignments.rows import Row
from serai.journey.ledger import store as ledger_store
from serai.journey.ledger.payment_allocation import ChargeKey, Payable, Payment, allocate_payments
from serai.journey.ledger.posting import enter_postings
from serai.journey.ledger.posting_rules import NO_PHASE, shipped_posting_rules
from serai.journey.ledger.store import Allocation
from serai.journey.revenue import store as revenue_store
from serai.journey.revenue.store import StandingDetail
from serai.journey.services import Services
from serai.model.acts import LESSENING, SECURING, Act, kinds_with, net_amounts
from serai.model.ledger import Posting

Connection = AsyncConnection[Any]

ENTERED_KINDS: Final = (*kinds_with("payment"), *kinds_with("security"))


async def enter_payments_of_rows(
    services: Services, connection: Connection, rows: Sequence[Row], at: datetime
) -> None:
    """Enter payments of the cases of decided rows in which any stand; without any, nothing is asked."""
    paid = {row.case_id for row in rows if row.has_payments}
    if paid:
        await enter_payments(services, connection, sorted(paid), at)


async def enter_payments(
    services: Services, connection: Connection, case_ids: Sequence[int], at: datetime
) -> None:
    """Enter what the payments in locked cases come to as these stand, in the caller's transaction."""
    key = {"administration_id": services.administration_id}
    acts: dict[int, list[DoneAct]] = defaultdict(list)
    for root, done in await select_family_acts(connection, case_ids, ENTERED_KINDS, **key):
        acts[root].append(done)
    standing: dict[int, list[StandingDetail]] = defaultdict(list)
    for decided in await revenue_store.select_standing(connection, case_ids, **key):
        standing[decided.case_id].append(decided)
    act_ids = [done.act.act_id for its in acts.values() for done in its]
    entered = await ledger_store.select_entered(connection, act_ids, **key)
    allocated = await ledger_store.select_allocated(connection, act_ids, **key)
    buffer = TableBuffer()
    rules = shipped_posting_rules()
    changed = [
        one
        for root, its in acts.items()
        for one in allocate_payments(_payable(standing[root]), _payments(its), entered, allocated, rules)
    ]
    # Under one promise of the log: a statement of the bank pays many cases at once.
    postings = [Posting("payment", one.act_id, at, one.entries) for one in changed]
    posting_ids = await enter_postings(services, connection, buffer, postings)
    allocations = [
        Allocation(posting_id, one.act_id, charge, amount_minor)
        for posting_id, one in zip(posting_ids, changed, strict=True)
        if posting_id is not None
        for charge, amount_minor in one.allocated.items()
    ]
    if allocations:
        ledger_store.insert_allocations(buffer, allocations, **key)
    await buffer.write(connection)


def _payable(standing: Sequence[StandingDetail]) -> list[Payable]:
    """Return what is owed at the border, charges that nothing tells apart as one, as the bill has them."""
    phases = shipped_posting_rules().phases
    payable: dict[ChargeKey, Payable] = {}
    for one in standing:
        if phases[one.status] == NO_PHASE:
            continue
        for charge in one.detail.charges:
            if not charge.is_border_due:
                continue
            key = ChargeKey(
                one.consignment_id,
                charge.sequence_number,
                charge.tax_type_code,
                charge.debtor_code,
                charge.currency_code,
            )
            before = payable[key].amount_minor if key in payable else 0
            payable[key] = Payable(key, one.party_id, before + charge.amount_minor)
    return list(payable.values())


def _number(act: Act) -> str:
    """Return the number of a guarantee or payment account, which are registered, or of the administration's
    bank account; other accounts are words of parties, and may name people."""
    is_registered = act.kind in SECURING | LESSENING or act.parameters.get("way")
    name = "account" if is_registered else "bank_account"
    return act.parameters.get(name) or ""


def _payments(acts: Sequence[DoneAct]) -> list[Payment]:
    """Return payments, oldest first; what an account bears of quotes is one payment, of which later acts
    change the amount. What was ordered back of one stands until the bank has paid it, and pays nothing."""
    payments: dict[tuple[Any, ...], Payment] = {}
    net = net_amounts([done.act for done in acts], format_id)
    for done, act in zip(acts, net, strict=True):
        said, refunded_minor = act.parameters, done.act.refunded_minor
        if "amount_minor" not in said or act.kind not in shipped_posting_rules().payments:
            continue
        of_quotes = act.kind == "quote-difference"
        key = (act.kind, said["currency_code"], said.get("debtor")) if of_quotes else (act.act_id,)
        stands = said["amount_minor"] + refunded_minor if done.reversed_by is None else 0
        before = payments.get(key)
        payments[key] = Payment(
            act_id=act.act_id if before is None else before.act_id,
            kind=act.kind,
            party_id=act.party_id if act.on_behalf_of is None else act.on_behalf_of,
            number=_number(act),
            currency_code=said["currency_code"],
            amount_minor=stands + (0 if before is None else before.amount_minor),
            debtor_code=said.get("debtor") or "",
            charges=_charges_of(act),
            country_code=said.get("country_code") or "",
            refunded_minor=refunded_minor,
            way=said.get("way") or "",
        )
    return list(payments.values())


def _charges_of(act: Act) -> dict[ChargeKey, int] | None:
    """Return what of which charge a repayment takes off; None: it is none."""
    if act.kind != "repayment":
        return None
    currency = act.parameters["currency_code"]
    return {
        ChargeKey(int(consignment), sequence_number, tax_type, debtor, currency): amount_minor
        for consignment, sequence_number, tax_type, debtor, amount_minor in act.parameters["charges"]
    }
