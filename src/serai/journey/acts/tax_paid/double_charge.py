"""Tax that was paid at sale and charged at the border again: recognised by a token, and who makes it good."""

from typing import Any, Final, Literal

import msgspec
from psycopg import AsyncConnection

from serai.journey.consignments.act_records import record_act
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents.submission import Sender
from serai.journey.processing.citations.settling import tell_holders
from serai.journey.processing.notify import notify_case
from serai.journey.processing.transaction import Processor
from serai.journey.revenue.store import select_standing
from serai.journey.tasks.requests import open_request
from serai.journey.tax_paid.token import TaxPaid, tag_of_scheme
from serai.model.acts import Act
from serai.model.money import format_minor
from serai.model.packed_detail import CHARGE_KINDS, DUES, PackedCharge

Connection = AsyncConnection[Any]
FOUND: Final = "double-charge-found"
Leg = Literal["customs-repays", "supplier-corrects"]


class DoubleCharge(msgspec.Struct, frozen=True):
    """Tax that was charged twice. amount: decimal, what was charged at the border. leg: `customs-repays`, or
    `supplier-corrects`: the supplier pays the buyer back and corrects the return of its scheme; never both,
    and the law says which."""

    leg: Leg
    currency_code: str
    amount: str


async def find_double_charge(
    processor: Processor, connection: Connection, sender: Sender, row: ConsignmentRow, claims: TaxPaid
) -> tuple[Act, DoubleCharge] | None:
    """Record that tax which a token proves was charged at the border, too, and who makes it good; None: it
    was not charged.

    Where the law lets the buyer claim the tax of the sale from the seller (a charge of the kind claim stands
    in the decision), customs keeps what it was owed, and the supplier corrects the return of its scheme.
    Where it does not, customs owes the buyer: an officer is asked to repay. One of the two, never both.
    """
    services, at = processor.services, processor.services.clock.now()
    standing = await select_standing(connection, [row.case_id], administration_id=services.administration_id)
    charges = [
        one for its in standing if its.consignment_id == row.consignment_id for one in its.detail.charges
    ]
    charged = [one for one in charges if one.is_owed and DUES[one.due] == "border" and _is_tax(one)]
    amount_minor = sum(one.amount_minor for one in charged)
    if not amount_minor:
        return None
    is_of_seller = any(CHARGE_KINDS[one.kind] == "claim" and one.debtor_code == "seller" for one in charges)
    leg: Leg = "supplier-corrects" if is_of_seller else "customs-repays"
    currency = charged[0].currency_code
    act_id = int(services.ids.take(1)[0])
    act = Act(
        act_id=act_id,
        case_id=row.case_id,
        kind=FOUND,
        subject_id=row.consignment_id,
        party_id=sender.party_id,
        acting_user=sender.acting_user,
        at=at,
        leaf_id=act_id,
        version=row.version,
        parameters={
            "use_key": claims.use_key.hex(),
            "leg": leg,
            "currency_code": currency,
            "amount_minor": amount_minor,
        },
    )
    await record_act(services, connection, act)
    if leg == "customs-repays":
        await open_request(
            connection,
            row,
            task_id=int(services.ids.take(1)[0]),
            administration_id=services.administration_id,
            at=at,
        )
    holders = {
        one.party_id
        for one in processor.trust.now.schemes.values()
        if one.scheme_kind_code.lower() == claims.scheme_code
        and tag_of_scheme(claims.administration_code, claims.scheme_code, one.number) == claims.scheme_tag
    }
    told = [(holder, row.case_id) for holder in sorted(holders)]
    await tell_holders(services, connection, told, at, kind="double-charge-found")
    await notify_case(services, connection, "double-charge-found", [(row.case_id, row.party_id, 0)], at)
    return act, DoubleCharge(leg, currency, format_minor(amount_minor, currency))


def _is_tax(charge: PackedCharge) -> bool:
    return CHARGE_KINDS[charge.kind] in ("tax", "excise")
