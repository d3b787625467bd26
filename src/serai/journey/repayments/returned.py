"""What a return brings: repayment where the law repays of itself, else an application that its party has only
to confirm; or why nothing goes back, or not yet.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from msgspec import to_builtins
from psycopg import AsyncConnection

from serai.foundation.administration import own_party_id
from serai.foundation.id_text import format_id
from serai.journey.allowances import store as allowance_store
from serai.journey.allowances.store import CumulativeAllowanceKey, Draw
from serai.journey.consignments.act_records import record_act
from serai.journey.law_in_force.state import LawState
from serai.journey.recording.controls.permits.drawing import give_back_returned
from serai.journey.recording.payment_entries import enter_payments
from serai.journey.repayments.charges import Standing, read_standing, repayment_act
from serai.journey.repayments.due_back import ItemBack, find_due_back
from serai.journey.repayments.repayment_law import RepaymentRule, shipped_repayment_rules
from serai.journey.revenue.returns.rules import AWAITS_REFUND
from serai.journey.services import Services
from serai.journey.tasks.requests import open_request
from serai.model.acts import Act
from serai.model.findings import Finding
from serai.model.money import format_minor

Connection = AsyncConnection[Any]

ACTING_USER: Final = "system:repayment"
EXAMINATION: Final = "return-examination"
"""Act by which an officer is asked to look at goods that came back."""


class ReturnedGoods(NamedTuple):
    """A return as it was taken in. back: of all goods items of its declaration, how much is back in all, this
    return among it, but for what may be other goods. returned_at: when the goods left or were back under
    supervision; None: not said. differences: what says of lines of this return that these may be other goods;
    is_all_wrong: of all of them something does."""

    document_id: int
    consignment_id: int
    case_id: int
    back: dict[int, ItemBack]
    returned_at: datetime | None
    differences: Sequence[Finding] = ()
    is_all_wrong: bool = False


async def repay_returned(
    services: Services, connection: Connection, law: LawState, returned: ReturnedGoods, at: datetime
) -> list[Finding]:
    """Give back what the law gives back for a return, in the caller's transaction, who holds its case; return
    what is said of it. The same return again, or one that was amended, gives back the difference and never
    takes anything back. Lines that may be other goods go to an officer, the others their way."""
    standing = await read_standing(services, connection, law, returned.consignment_id, returned.case_id)
    packs = standing.basis.program_code.split("+")
    rules = shipped_repayment_rules().of(packs, "returned-goods", standing.row.accepted_at.date())
    said = [*returned.differences]
    if said:
        await _ask_for_examination(services, connection, returned, standing, at)
    if returned.is_all_wrong:
        return said
    await give_back_returned(
        services,
        connection,
        returned.consignment_id,
        {number: (one.back_micro, one.declared_micro) for number, one in returned.back.items()},
        return_id=returned.document_id,
        at=at,
    )
    if not any(part != "never" for rule in rules for part in rule.charges.values()):
        return [*said, AWAITS_REFUND]
    return said + [
        await _apply(services, connection, returned, standing, rule=rule, at=at)
        for rule in rules
        if any(part != "never" for part in rule.charges.values())
    ]


async def _ask_for_examination(
    services: Services, connection: Connection, returned: ReturnedGoods, standing: Standing, at: datetime
) -> None:
    """Give an officer a task, and record what contradicts."""
    await open_request(
        connection,
        standing.row,
        task_id=int(services.ids.take(1)[0]),
        administration_id=services.administration_id,
        at=at,
    )
    act_id, number = int(services.ids.take(1)[0]), format_id(returned.document_id)
    act = Act(
        act_id=act_id,
        case_id=returned.case_id,
        kind=EXAMINATION,
        subject_id=returned.consignment_id,
        party_id=own_party_id(services.administration_id),
        acting_user=ACTING_USER,
        at=at,
        leaf_id=act_id,
        parameters={"return": number, "differences": [to_builtins(one) for one in returned.differences]},
        reference=f"{EXAMINATION}-{number}",
    )
    await record_act(services, connection, act)


async def _apply(
    services: Services,
    connection: Connection,
    returned: ReturnedGoods,
    standing: Standing,
    *,
    rule: RepaymentRule,
    at: datetime,
) -> Finding:
    begin, zone = standing.counted_from(rule), ZoneInfo(standing.time_zone)
    limits = {"apply_days": str(rule.apply_within_days), "law_reference": rule.law_reference}
    if not rule.is_in_time(begin, at, zone):
        return Finding("return-too-late", "", "advice", parameters=limits)
    if rule.return_within_days is not None:
        limits |= {"return_days": str(rule.return_within_days)}
        if returned.returned_at is None or returned.returned_at > at:
            return Finding("return-awaits-proof", "", "advice", parameters=limits)
        if not rule.is_back_in_time(begin, returned.returned_at, zone):
            return Finding("return-too-late", "", "advice", parameters=limits)
    due = find_due_back(
        returned.consignment_id,
        standing.decided.detail.charges,
        standing.basis.charge_set,
        rule,
        back=returned.back,
        repaid=standing.repaid,
    )
    if rule.gives_back_allowance:
        await _give_allowance_back(services, connection, returned, standing)
    if not due:
        return Finding("return-nothing-to-repay", "", "advice", parameters=limits)
    sums: Counter[str] = Counter()
    for key, amount_minor in due.items():
        sums[key.currency_code] += amount_minor
    kind = "repayment" if rule.form == "ex-officio" else "repayment-drafted"
    for currency_code in sorted(sums):
        charges = {key: amount for key, amount in due.items() if key.currency_code == currency_code}
        act = repayment_act(
            services,
            kind,
            case_id=returned.case_id,
            consignment=standing.row,
            charges=charges,
            repaid=standing.repaid,
            ground=rule.ground,
            law_reference=rule.law_reference,
            at=at,
            # With what was repaid so far in it: the same return gives back once.
            reference=f"{kind}-{format_id(returned.document_id)}-{sum(standing.repaid.values())}-{currency_code}",
            party_id=own_party_id(services.administration_id),
            acting_user=ACTING_USER,
            document_id=returned.document_id,
        )
        await record_act(services, connection, act)
    if kind == "repayment":
        await enter_payments(services, connection, [returned.case_id], at)
    said = ", ".join(
        f"{format_minor(amount, currency)} {currency}" for currency, amount in sorted(sums.items())
    )
    code = "return-repaid" if kind == "repayment" else "return-application-drafted"
    return Finding(code, "", "advice", parameters={**limits, "amounts": said})


async def _give_allowance_back(
    services: Services, connection: Connection, returned: ReturnedGoods, standing: Standing
) -> None:
    """Give back of an allowance what the goods that are back have drawn of it, rounded down, in all; what was
    given back before stays given back."""
    key = {"administration_id": services.administration_id}
    drawn = await allowance_store.select_drawn_in_all(connection, returned.consignment_id, **key)
    values = {one.sequence_number: one.customs_value_minor for one in standing.decided.detail.items}
    whole = sum(value or 0 for value in values.values())
    if not whole or any(value is None for value in values.values()):
        return
    back_minor = sum(
        (values.get(number) or 0) * min(one.back_micro, one.declared_micro) // one.declared_micro
        for number, one in returned.back.items()
    )
    given: dict[CumulativeAllowanceKey, int] = {}
    draws = []
    for one in drawn:
        wanted = one.drawn_amount * back_minor // whole
        more = wanted - one.given_back_amount
        if more > 0:
            given[one.key] = given.get(one.key, 0) - more
            draws.append(
                Draw(
                    returned.consignment_id,
                    returned.document_id,
                    one.word,
                    one.key,
                    one.drawn_amount,
                    -more,
                    is_reversal=True,
                )
            )
    if draws:
        await allowance_store.hold_cumulative_allowances(connection, sorted(given), **key)
        await allowance_store.insert_draws(connection, draws, **key)
        await allowance_store.add_to_cumulative_allowances(connection, dict(sorted(given.items())), **key)
