"""What an order to pay money back is: to whom, how much, why, how it stands; what each step enters in the
ledger. Pure.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Final, NamedTuple

from serai.journey.repayments.interest import Why
from serai.model.ledger import KIND_PLACES, PENDING, POSTED, Account, Entry, net_entries
from serai.model.refunds import ENDED_WITHOUT_MONEY, Ground, Status

KEY_SIZE_BYTES: Final = 16


class Part(NamedTuple):
    """What of an order gives back a payment (the act), of a case."""

    act_id: int
    case_id: int
    amount_minor: int


class NewOrder(NamedTuple):
    """An order to be placed.

    order_key: 16 bytes that say what it pays, so that it is placed once (`order_key`). party_id: who paid, as
    the ledger's account refunds-due has it. number: of that account, "" for most. payee: who is paid where
    that is not the party itself: the pseudonym of the bank account that paid, or of who bore the charge;
    b"": the party. amount_minor: above 0, interest_minor of it interest. case_id: 0 where it is of several,
    or of none. plan_id: of a plan of many, 0: of none. law_reference: the article of a repayment. parts:
    payments that it gives back; none where it gives back what no payment was left over of.
    """

    order_key: bytes
    party_id: int
    currency_code: str
    amount_minor: int
    ground: Ground
    payee: bytes = b""
    number: str = ""
    case_id: int = 0
    plan_id: int = 0
    interest_minor: int = 0
    law_reference: str = ""
    parts: tuple[Part, ...] = ()


class RefundOrder(NamedTuple):
    """An order as it is kept. account_number: the administration's own account that pays. batch_id: in which
    it went to the bank. reason_code: why it was rejected or sent back (ISO external code), or withdrawn.
    interest_why: why there is no interest; its amount is known with KNOWN of `repayments.interest` alone."""

    refund_order_id: int
    party_id: int
    payee: bytes
    number: str
    case_id: int
    amount_minor: int
    interest_minor: int
    currency_code: str
    ground: Ground
    status: Status
    law_reference: str
    account_number: str
    batch_id: int | None
    plan_id: int
    reason_code: str
    ordered_at: datetime
    changed_at: datetime
    interest_why: Why = ""

    @property
    def due_account(self) -> Account:
        """The ledger's account that it takes from."""
        return due_account(self.party_id, self.number, self.currency_code)


def due_account(party_id: int, number: str, currency_code: str) -> Account:
    """Return the ledger's account of what is due back to a party."""
    return Account(KIND_PLACES["refunds-due"], currency_code, party_id=party_id, number=number)


def order_key(*words: str | int | bytes) -> bytes:
    """Return the key of what an order pays: the same words, the same key."""
    hasher = blake2b(digest_size=KEY_SIZE_BYTES, person=b"refund-order")
    for one in words:
        told = one if isinstance(one, bytes) else str(one).encode()
        hasher.update(len(told).to_bytes(4) + told)
    return hasher.digest()


class Moved(NamedTuple):
    """What of orders moves together in the ledger. interest_minor: what of the amount is interest that no
    plan has entered before: it stands and falls with the order."""

    due: Account
    account_number: str
    amount_minor: int
    interest_minor: int = 0


def moved_entries(moved: Iterable[Moved], before: Status | None, after: Status) -> list[Entry]:
    """Return what orders enter that stood in one way (None: they are new) and now stand in another: as long
    as they are under way, pending from what is due back to the bank; executed, posted; else nothing."""
    entries: list[Entry] = []
    sums: Counter[tuple[Account, str]] = Counter()
    interest: Counter[Account] = Counter()
    for due, number, amount_minor, interest_minor in moved:
        sums[due, number] += amount_minor
        interest[due] += interest_minor
    for phase, sign in _stands(before, -1) + _stands(after, 1):
        for (due, number), amount_minor in sums.items():
            bank = Account(KIND_PLACES["bank"], due.currency_code, number=number)
            entries += [Entry(due, phase, sign * amount_minor), Entry(bank, phase, -sign * amount_minor)]
        for due, interest_minor in interest.items():
            paid = Account(KIND_PLACES["interest-paid"], due.currency_code)
            entries += [Entry(paid, phase, sign * interest_minor), Entry(due, phase, -sign * interest_minor)]
    return net_entries(entries)


def _stands(status: Status | None, sign: int) -> list[tuple[int, int]]:
    if status is None or status in ENDED_WITHOUT_MONEY:
        return []
    return [(POSTED if status == "executed" else PENDING, sign)]


def moved_of(orders: Sequence[RefundOrder]) -> list[Moved]:
    """Return what of kept orders moves."""
    return [
        Moved(
            one.due_account,
            one.account_number,
            one.amount_minor,
            # A plan enters the interest of its orders with what it repays.
            0 if one.plan_id else one.interest_minor,
        )
        for one in orders
    ]
