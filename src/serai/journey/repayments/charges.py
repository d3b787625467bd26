"""Charges that may be repaid, as they stand, and the act that repays them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.journey.assessment import store as assessment_store
from serai.journey.assessment.store import Basis
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents.not_found import not_found
from serai.journey.law_in_force.state import LawState
from serai.journey.ledger.payment_allocation import ChargeKey
from serai.journey.ledger.store import select_repaid
from serai.journey.repayments.repayment_law import RepaymentRule
from serai.journey.revenue import store as revenue_store
from serai.journey.revenue.store import StandingDetail
from serai.journey.services import Services
from serai.model.acts import Act
from serai.model.packed_detail import PackedCharge

Connection = AsyncConnection[Any]


class Standing(NamedTuple):
    """A consignment and what was decided upon it, for repayment. repaid: of charges, before. released_at:
    when it was first released."""

    row: ConsignmentRow
    decided: StandingDetail
    basis: Basis
    time_zone: str
    repaid: dict[ChargeKey, int]
    released_at: datetime

    def counted_from(self, rule: RepaymentRule) -> datetime:
        """Return from when the limits of a rule count: what is notified with the release is notified then."""
        return self.row.accepted_at if rule.counted_from == "acceptance" else self.released_at

    def left(self, rule_ids: Collection[str] | None, *, goods_item: int | None) -> dict[ChargeKey, int]:
        """Return what is left of charges due at the border. rule_ids: only of these; None: of all.
        goods_item: only of this one."""
        names = {
            _key(self.row.consignment_id, one)
            for one in self.decided.detail.charges
            if one.is_border_due
            and (rule_ids is None or self.basis.charge_set[one.charge_number] in rule_ids)
            and (goods_item is None or one.sequence_number == goods_item)
        }
        return {one: amount for one in sorted(names) if (amount := self.open_minor(one)) > 0}

    def open_minor(self, key: ChargeKey) -> int:
        """Return what of a charge was not given back yet."""
        charged = sum(
            one.amount_minor
            for one in self.decided.detail.charges
            if one.is_border_due and _key(self.row.consignment_id, one) == key
        )
        return charged - self.repaid.get(key, 0)


def _key(consignment_id: int, charge: PackedCharge) -> ChargeKey:
    return ChargeKey(
        consignment_id,
        charge.sequence_number,
        charge.tax_type_code,
        charge.debtor_code,
        charge.currency_code,
    )


async def read_standing(
    services: Services, connection: Connection, law: LawState, consignment_id: int, root: int
) -> Standing:
    """Return a consignment of a held case as it stands. Raises SeraiError `not-found`: it is of another."""
    key = {"administration_id": services.administration_id}
    decided = next(
        (
            one
            for one in await revenue_store.select_standing(connection, [root], **key)
            if one.consignment_id == consignment_id
        ),
        None,
    )
    if decided is None:
        raise not_found()
    (row,) = await consignment_store.select_consignments(connection, [consignment_id], **key)
    basis = (await assessment_store.select_basis(connection, [row.basis_id]))[row.basis_id]
    packs = {one.pack.code: one.pack for one in law.book.packs.values()}
    base = packs.get(basis.program_code.split("+")[0])
    repaid = await select_repaid(connection, [consignment_id], **key)
    released_at = await consignment_store.select_released_at(connection, row, **key)
    return Standing(row, decided, basis, (base and base.time_zone) or "UTC", repaid, released_at)


def charges_of_act(act: Act) -> tuple[dict[ChargeKey, int], dict[ChargeKey, int]]:
    """Return what of charges an act is about, and what of each is then repaid in all."""
    currency = act.parameters["currency_code"]
    charges, in_all = {}, {}
    for (consignment, number, tax_type, debtor, amount), whole in zip(
        act.parameters["charges"], act.parameters["in_all"], strict=True
    ):
        key = ChargeKey(int(consignment), number, tax_type, debtor, currency)
        charges[key], in_all[key] = amount, whole
    return charges, in_all


def repayment_act(
    services: Services,
    kind: str,
    *,
    case_id: int,
    consignment: ConsignmentRow,
    charges: dict[ChargeKey, int],
    repaid: Mapping[ChargeKey, int],
    ground: str,
    law_reference: str,
    at: datetime,
    reference: str,
    party_id: int,
    acting_user: str,
    document_id: int | None = None,
    **more: Any,
) -> Act:
    """Return an act about repaying charges of one currency and consignment. charges: what of each; repaid:
    before, so that an application says what is to be repaid in all. document_id: of the return."""
    act_id = int(services.ids.take(1)[0])
    (currency_code,) = {key.currency_code for key in charges}
    parameters: dict[str, Any] = {
        "currency_code": currency_code,
        "amount_minor": sum(charges.values()),
        "ground": ground,
        "country_code": consignment.consignee_country_code,
        "charges": [
            [str(key.consignment_id), key.sequence_number, key.tax_type_code, key.debtor_code, amount]
            for key, amount in sorted(charges.items())
        ],
        "in_all": [amount + repaid.get(key, 0) for key, amount in sorted(charges.items())],
    }
    if document_id is not None:
        parameters["return"] = format_id(document_id)
    return Act(
        act_id=act_id,
        case_id=case_id,
        kind=kind,
        subject_id=case_id if kind == "repayment" else consignment.consignment_id,
        party_id=party_id,
        acting_user=acting_user,
        at=at,
        leaf_id=act_id,
        law_reference=law_reference,
        parameters=parameters | more,
        reference=reference,
    )
