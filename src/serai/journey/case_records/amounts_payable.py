"""What is owed in a case: charges, and what was paid, put on account or secured."""

from collections import defaultdict
from collections.abc import Sequence

from serai.foundation.id_text import format_id
from serai.journey.case_records import store as case_store
from serai.journey.case_records.answers import AmountsPayable, ChargeOut
from serai.journey.consignments.act_records import DoneAct
from serai.journey.visibility.open_case import OpenCase
from serai.model.acts import ACT_KINDS
from serai.model.money import format_minor, percent_text
from serai.model.packed_detail import CHARGE_KINDS, DUES


def sum_payable(charges: Sequence[case_store.ChargeLine], acts: Sequence[DoneAct]) -> list[AmountsPayable]:
    """Return what stands to be paid, by currency, due and debtor role.

    Reversals take back what they reverse; waived charges and claims are not owed; what was paid, put on
    account or secured, and not taken back, is taken off what is due at the border, in the order of the bill.
    """
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in charges:
        if not row.is_waived and CHARGE_KINDS[row.kind] != "claim" and DUES[row.due] in ("border", "sale"):
            sums[DUES[row.due], row.currency_code, row.debtor_code] += row.amount_minor
    paid: dict[str, int] = defaultdict(int)
    for done in acts:
        if ACT_KINDS[done.act.kind].effect == "payment" and done.reversed_by is None:
            paid[done.act.parameters["currency_code"]] += done.act.parameters["amount_minor"]
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
