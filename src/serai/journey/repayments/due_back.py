"""What of charges goes back with a part of the goods: whole minor units, never more than charged. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from serai.journey.ledger.payment_allocation import ChargeKey
from serai.journey.repayments.repayment_law import RepaymentRule
from serai.model.packed_detail import PackedCharge


class ItemBack(NamedTuple):
    """How much of a goods item is back in all, of how much: millionths of its unit."""

    declared_micro: int
    back_micro: int


def find_due_back(
    consignment_id: int,
    charges: Sequence[PackedCharge],
    charge_rules: Sequence[str],
    rule: RepaymentRule,
    *,
    back: Mapping[int, ItemBack],
    repaid: Mapping[ChargeKey, int],
) -> dict[ChargeKey, int]:
    """Return what of which charge goes back, less what went back before; nothing of those not named.

    charges: of a consignment as it stands. charge_rules: rule ids by charge number. back: by sequence number,
    all goods items of the consignment. repaid: what was repaid before, whatever did it.
    """
    is_all = bool(back) and all(one.back_micro >= one.declared_micro for one in back.values())
    whole: dict[ChargeKey, int] = {}
    due: dict[ChargeKey, int] = {}
    for charge in charges:
        if not charge.is_border_due:
            continue
        key = ChargeKey(
            consignment_id,
            charge.sequence_number,
            charge.tax_type_code,
            charge.debtor_code,
            charge.currency_code,
        )
        whole[key] = whole.get(key, 0) + charge.amount_minor
        part = rule.charges.get(charge_rules[charge.charge_number], "never")
        item = back.get(charge.sequence_number)
        if part == "never":
            continue
        if charge.sequence_number == 0:
            share = charge.amount_minor if is_all else 0
        elif item is None:
            continue
        elif part == "whole-item":
            share = charge.amount_minor if item.back_micro >= item.declared_micro else 0
        else:
            # In all, and rounded down: with the last piece all of it is back, to the cent.
            share = charge.amount_minor * min(item.back_micro, item.declared_micro) // item.declared_micro
        due[key] = due.get(key, 0) + share
    found = {}
    for key, amount in due.items():
        left = min(amount, whole[key]) - repaid.get(key, 0)
        if left > 0:
            found[key] = left
    return found
