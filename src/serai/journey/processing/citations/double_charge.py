"""Tax that was paid at sale and charged at the border again: recognised by a token, or by the order and the
payments of its case, and who makes it good."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple

import msgspec
from psycopg import AsyncConnection

from serai.foundation.administration import own_party_id
from serai.foundation.id_text import format_id
from serai.journey.consignments.act_records import record_act, select_standing_acts
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.law_in_force.state import LawState
from serai.journey.ledger.payment_allocation import ChargeKey
from serai.journey.processing.citations.settling import tell_holders
from serai.journey.processing.notify import notify_case
from serai.journey.repayments.charges import Standing, read_standing, repayment_act
from serai.journey.repayments.repayment_law import Leg
from serai.journey.repayments.returned import ACTING_USER
from serai.journey.services import Services
from serai.journey.tasks.requests import open_request
from serai.journey.tax_paid.token import TaxPaid, tag_of_scheme
from serai.journey.tax_paid.trust.book import Trust
from serai.model.acts import Act
from serai.model.money import format_minor
from serai.model.packed_detail import CHARGE_KINDS, DUES, PackedCharge

Connection = AsyncConnection[Any]
FOUND: Final = "double-charge-found"
GROUND: Final = "double-charge"
ProvedBy = Literal["token", "order-and-payment"]


class DoubleCharge(msgspec.Struct, frozen=True):
    """Tax that was charged twice. amount: decimal, what was charged at the border. leg: `customs-repays`, or
    `supplier-corrects`: the supplier pays the buyer back and corrects the return of its scheme; never both,
    and the law says which. proved_by: `token`, or `order-and-payment`."""

    leg: Leg
    currency_code: str
    amount: str
    proved_by: ProvedBy = "token"


class PaidAtSale(NamedTuple):
    """What shows that tax was paid at sale. claims: of a token; else amount_minor of what the order says of
    tax, in its currency."""

    claims: TaxPaid | None = None
    currency_code: str = ""
    amount_minor: int = 0


async def find_double_charge(
    services: Services,
    connection: Connection,
    law: LawState,
    row: ConsignmentRow,
    *,
    by: tuple[int, str],
    paid: PaidAtSale,
    root: int,
    trust: Trust | None = None,
) -> tuple[Act, DoubleCharge] | None:
    """Record that tax which was paid at sale was charged at the border, too, and who makes it good; None: it
    was not charged. What was found before stands: it is found once. by: party and user who show it. trust: of
    tokens.

    Where the law lets the buyer claim the tax of the sale from the seller (a charge of the kind claim stands
    in the decision), customs keeps what it was owed, and the supplier corrects the return of its scheme.
    Where it does not, customs owes the buyer: an officer has an application to decide. One of the two, never
    both.
    """
    at = services.clock.now()
    for _, act in await select_standing_acts(
        connection, [root], [FOUND], administration_id=services.administration_id
    ):
        if act.subject_id == row.consignment_id:
            return act, _said(act)
    standing = await read_standing(services, connection, law, row.consignment_id, root)
    charges = standing.decided.detail.charges
    due = _charged_twice(row.consignment_id, standing, paid)
    if not due:
        return None
    is_of_seller = any(CHARGE_KINDS[one.kind] == "claim" and one.debtor_code == "seller" for one in charges)
    leg: Leg = "supplier-corrects" if is_of_seller else "customs-repays"
    act_id = int(services.ids.take(1)[0])
    act = Act(
        act_id=act_id,
        case_id=root,
        kind=FOUND,
        subject_id=row.consignment_id,
        party_id=by[0],
        acting_user=by[1],
        at=at,
        leaf_id=act_id,
        version=row.version,
        parameters={
            "leg": leg,
            "currency_code": next(iter(due)).currency_code,
            "amount_minor": sum(due.values()),
            "proved_by": "token" if paid.claims is not None else "order-and-payment",
        }
        | ({"use_key": paid.claims.use_key.hex()} if paid.claims is not None else {}),
    )
    await record_act(services, connection, act)
    if leg == "customs-repays":
        await _apply(services, connection, standing, due, root=root, at=at)
    if paid.claims is not None and trust is not None:
        await _tell_holder(services, connection, trust, paid.claims, case_id=row.case_id, at=at)
    await notify_case(services, connection, "double-charge-found", [(root, row.party_id, 0)], at)
    return act, _said(act)


def application_reference(consignment_id: int) -> str:
    """Return the reference of the application that a double charge of a consignment brings."""
    return f"{GROUND}-{format_id(consignment_id)}"


def _said(act: Act) -> DoubleCharge:
    said = act.parameters
    amount = format_minor(said["amount_minor"], said["currency_code"])
    return DoubleCharge(said["leg"], said["currency_code"], amount, said.get("proved_by", "token"))


def _charged_twice(consignment_id: int, standing: Standing, paid: PaidAtSale) -> dict[ChargeKey, int]:
    """Return what of which tax at the border was paid at sale: all of it where a token speaks of these goods;
    by the order no more than that says, where both are of one currency."""
    charged: Counter[ChargeKey] = Counter()
    for one in standing.decided.detail.charges:
        if one.is_owed and DUES[one.due] == "border" and _is_tax(one):
            charged[
                ChargeKey(
                    consignment_id,
                    one.sequence_number,
                    one.tax_type_code,
                    one.debtor_code,
                    one.currency_code,
                )
            ] += one.amount_minor
    left = {key: min(amount, standing.open_minor(key)) for key, amount in sorted(charged.items())}
    if len({key.currency_code for key in left}) > 1:
        # Taxes of two currencies at one border: no law here has them.
        return {}
    found, rest = {}, paid.amount_minor
    for key, amount in left.items():
        if paid.claims is None and key.currency_code == paid.currency_code:
            amount = min(amount, rest)  # noqa: PLW2901 - what is left of what was paid at sale
            rest -= amount
        if amount > 0:
            found[key] = amount
    return found


async def _apply(
    services: Services,
    connection: Connection,
    standing: Standing,
    due: dict[ChargeKey, int],
    *,
    root: int,
    at: dt.datetime,
) -> None:
    """Put an application before an officer: who was charged twice has nothing to fill in."""
    act = repayment_act(
        services,
        "repayment-requested",
        case_id=root,
        consignment=standing.row,
        charges=due,
        repaid=standing.repaid,
        ground=GROUND,
        law_reference="",
        at=at,
        reference=application_reference(standing.row.consignment_id),
        party_id=own_party_id(services.administration_id),
        acting_user=ACTING_USER,
    )
    await record_act(services, connection, act)
    await open_request(
        connection,
        standing.row,
        task_id=int(services.ids.take(1)[0]),
        administration_id=services.administration_id,
        at=at,
    )


async def _tell_holder(
    services: Services,
    connection: Connection,
    trust: Trust,
    claims: TaxPaid,
    *,
    case_id: int,
    at: dt.datetime,
) -> None:
    holders: Sequence[int] = sorted(
        {
            one.party_id
            for one in trust.schemes.values()
            if one.scheme_kind_code.lower() == claims.scheme_code
            and tag_of_scheme(claims.administration_code, claims.scheme_code, one.number) == claims.scheme_tag
        }
    )
    told = [(holder, case_id) for holder in holders]
    await tell_holders(services, connection, told, at, kind=FOUND)


def _is_tax(charge: PackedCharge) -> bool:
    return CHARGE_KINDS[charge.kind] in ("tax", "excise")
