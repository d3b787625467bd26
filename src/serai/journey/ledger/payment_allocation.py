"""What of each payment is taken off which charge, and what is left of it: worked out whole from what stands,
held against what was entered before; the difference is what is to be entered. So the order in which payments,
their reversals and new decisions come makes no difference in the end.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from serai.journey.ledger.posting_rules import PostingRules
from serai.model.ledger import POSTED, Account, Entry, net_entries


class ChargeKey(NamedTuple):
    """What tells a charge of a consignment from others, whatever law decided it. sequence_number: of the
    goods item; 0: of the consignment."""

    consignment_id: int
    sequence_number: int
    tax_type_code: str
    debtor_code: str
    currency_code: str


class Payable(NamedTuple):
    """A charge that is owed at the border. party_id: of the declarant."""

    key: ChargeKey
    party_id: int
    amount_minor: int


class Payment(NamedTuple):
    """A payment as its act says it. party_id: whose money it is. number: of the account. debtor_code: for
    which debtor alone; "": for all. amount_minor: 0 where it was taken back. refunded_minor: what of it was
    ordered back: that pays nothing any more. way: of the payment account over which it goes; "": none.
    charges: of a repayment, what of which charge alone it takes off, and in which country these fell due;
    None: a payment takes off whatever is owed."""

    act_id: int
    kind: str
    party_id: int
    number: str
    currency_code: str
    amount_minor: int
    debtor_code: str = ""
    refunded_minor: int = 0
    way: str = ""
    charges: Mapping[ChargeKey, int] | None = None
    country_code: str = ""


class Allocated(NamedTuple):
    """What is entered of a payment: entries, and by charge what is to be allocated in addition."""

    act_id: int
    entries: list[Entry]
    allocated: dict[ChargeKey, int]


def allocate_payments(
    payable: Sequence[Payable],
    payments: Sequence[Payment],
    entered: Mapping[int, Sequence[Entry]],
    allocated: Mapping[int, Mapping[ChargeKey, int]],
    rules: PostingRules,
) -> list[Allocated]:
    """Return what is still to be entered of each payment, nothing of those of which all is.

    payable: in the order of the bill. payments: oldest first. entered, allocated: by act, what was before.
    """
    open_minor = Counter({one.key: one.amount_minor for one in payable})
    party_of = {one.key: one.party_id for one in payable}
    found = []
    # What is for one debtor alone comes first: else what is for all could take its place. What is the
    # administration's own comes last: it bears what nobody has paid.
    for payment in sorted(
        payments,
        key=lambda one: (rules.payments[one.kind].is_own, one.charges is None, not one.debtor_code),
    ):
        taken: Counter[ChargeKey] = Counter()
        rest = max(0, payment.amount_minor - payment.refunded_minor)
        if rules.payments[payment.kind].covers == "amounts-payable":
            for key in open_minor:
                is_meant = key.currency_code == payment.currency_code and (
                    payment.debtor_code in ("", key.debtor_code)
                )
                limit = rest if payment.charges is None else payment.charges.get(key, 0)
                amount = min(limit, rest, open_minor[key]) if is_meant else 0
                if amount > 0:
                    taken[key] += amount
                    open_minor[key] -= amount
                    rest -= amount
        before = allocated.get(payment.act_id, {})
        more = {
            key: amount for key in taken.keys() | before.keys() if (amount := taken[key] - before.get(key, 0))
        }
        is_own = rules.payments[payment.kind].is_own
        counted = payment._replace(amount_minor=taken.total()) if is_own else payment
        left_minor = counted.amount_minor - taken.total()
        wanted = _entries(counted, taken, left_minor, party_of, rules)
        taken_back = [one._replace(amount_minor=-one.amount_minor) for one in entered.get(payment.act_id, ())]
        entries = net_entries([*wanted, *taken_back])
        if entries or more:
            found.append(Allocated(payment.act_id, entries, more))
    return found


def _entries(
    payment: Payment,
    taken: Mapping[ChargeKey, int],
    rest: int,
    party_of: Mapping[ChargeKey, int],
    rules: PostingRules,
) -> list[Entry]:
    """Return all that should stand of a payment."""
    debit, credit = rules.payments[payment.kind].places
    if payment.charges is not None:
        return _repaid(payment, debit, credit, taken, party_of)
    debit = rules.ways.get(payment.way, debit)
    source = Account(debit, payment.currency_code, party_id=payment.party_id, number=payment.number)
    entries = [Entry(source, POSTED, payment.amount_minor)]
    for key, amount in taken.items():
        entries.append(Entry(_owed(credit, key, party_of), POSTED, -amount))
    if rules.payments[payment.kind].covers == "amounts-payable":
        left = Account(rules.overpaid, payment.currency_code, party_id=payment.party_id)
    else:
        left = source._replace(kind=credit)
    return [*entries, Entry(left, POSTED, -rest)]


def _owed(kind: int, key: ChargeKey, party_of: Mapping[ChargeKey, int]) -> Account:
    return Account(
        kind,
        key.currency_code,
        party_id=party_of[key],
        debtor_code=key.debtor_code,
        tax_type_code=key.tax_type_code,
    )


def _repaid(
    payment: Payment,
    debit: int,
    credit: int,
    taken: Mapping[ChargeKey, int],
    party_of: Mapping[ChargeKey, int],
) -> list[Entry]:
    """Return what stands of a repayment: what it takes off and no more."""
    entries = []
    for key, amount in taken.items():
        spent = Account(
            debit, key.currency_code, tax_type_code=key.tax_type_code, country_code=payment.country_code
        )
        entries += [Entry(spent, POSTED, amount), Entry(_owed(credit, key, party_of), POSTED, -amount)]
    return entries
