"""What is owed in a case: charges, and what was paid, put on account or secured."""

from collections import defaultdict
from collections.abc import Sequence

from serai.foundation.id_text import format_id
from serai.journey.case_records import store as case_store
from serai.journey.case_records.answers import AmountsPayable, ChargeOut
from serai.journey.consignments.act_records import DoneAct
from serai.journey.visibility.open_case import OpenCase
from serai.model.acts import ACT_KINDS, net_amounts
from serai.model.money import format_minor, percent_text
from serai.model.packed_detail import CHARGE_KINDS, DUES


def sum_payable(charges: Sequence[case_store.ChargeLine], acts: Sequence[DoneAct]) -> list[AmountsPayable]:
    """Return what stands to be paid, by currency, due and debtor role.

    Reversals take back what they reverse; waived charges and claims are not owed; what was paid, put on
    account or secured, and not taken back, is taken off what is due at the border, in the order of the bill;
    what an account bears for one debtor first of all off what that one owes.
    """
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in charges:
        if not row.is_waived and CHARGE_KINDS[row.kind] != "claim" and DUES[row.due] in ("border", "sale"):
            sums[DUES[row.due], row.currency_code, row.debtor_code] += row.amount_minor
    paid: dict[str, int] = defaultdict(int)
    borne: dict[tuple[str, str], int] = defaultdict(int)
    for act in net_amounts([one.act for one in acts if one.reversed_by is None], format_id):
        if "payment" in ACT_KINDS[act.kind].effects:
            said = act.parameters
            if "debtor" in said:
                borne[said["currency_code"], said["debtor"]] += said["amount_minor"]
            else:
                paid[said["currency_code"]] += said["amount_minor"]
    for (currency, debtor), amount in borne.items():
        owes = sums.get(("border", currency, debtor), 0)
        sums["border", currency, debtor] = owes - min(amount, owes)
        paid[currency] += amount - min(amount, owes)
    owed = []
    for (due, currency, debtor), amount in sorted(sums.items()):
        taken = min(amount, paid[currency]) if due == "border" else 0
        paid[currency] -= taken
        if amount - taken > 0:
            owed.append(
                AmountsPayable(
                    amount=format_minor(amount - taken, currency),
                    currency_code=currency,
                    due=due,
                    debtor=debtor,
                )
            )
    return owed


def charge_out(case: OpenCase, row: case_store.ChargeLine, references: dict[int, str]) -> ChargeOut:
    """Return a charge as the viewer sees it. references: by consignment id."""
    sees_base = case.may_see("decision", "charges.base_amount") and bool(row.rate_denominator)
    return ChargeOut(
        reference=references[row.consignment_id],
        decision_id=format_id(row.decision_id),
        sequence_number=row.sequence_number or None,
        tax_type_code=row.tax_type_code,
        kind=CHARGE_KINDS[row.kind],
        due=DUES[row.due],
        debtor=row.debtor_code,
        amount=format_minor(row.amount_minor, row.currency_code),
        currency_code=row.currency_code,
        is_waived=row.is_waived,
        is_reversal=row.is_reversal,
        base_amount=format_minor(row.base_minor, row.currency_code) if sees_base else None,
        rate_percent=percent_text(row.rate_numerator, row.rate_denominator) if sees_base else None,
    )
