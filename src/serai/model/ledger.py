"""The ledger's nouns: accounts, entries, postings. Double entry, append only; amounts in minor units of one
currency, debits positive, credits negative. Entries are of one of two phases, as transfers of TigerBeetle's
data model are: pending, what is determined and may change, and posted.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, Literal, NamedTuple

import msgspec

Phase = Literal["pending", "posted"]
PHASES: Final[tuple[Phase, ...]] = ("pending", "posted")
"""Places are stored."""
PENDING, POSTED = range(len(PHASES))


class AccountKind(msgspec.Struct, frozen=True):
    """A kind of account. is_debit: of which its balance usually is. root: of Beancount's five, under which it
    is exported."""

    code: str
    is_debit: bool
    root: Literal["Assets", "Liabilities", "Income", "Expenses", "Equity"]
    meaning: str


ACCOUNT_KINDS: Final = (
    AccountKind("amounts-payable", True, "Assets", "what debtors owe at the border, by debtor and tax type"),
    AccountKind("scheme-returns", True, "Assets", "what was charged at sale and comes with a return"),
    AccountKind("buyer-returns", True, "Assets", "what importers account for in returns of their own"),
    AccountKind("revenue", False, "Income", "what was assessed, by tax type and country of destination"),
    AccountKind("payments-reported", True, "Assets", "what parties say that they have paid"),
    AccountKind("deferred-payments", True, "Assets", "what was put on accounts, by whose they are"),
    AccountKind("quote-differences", True, "Expenses", "what binding quotes left out"),
    AccountKind("securities", True, "Assets", "what was secured, by guarantee"),
    AccountKind("securities-returnable", False, "Liabilities", "securities that go back when all is paid"),
    AccountKind("refunds-due", False, "Liabilities", "what was paid over, by who paid"),
    AccountKind("bank", True, "Assets", "what lies on the administration's bank accounts, by account"),
    AccountKind("suspense", False, "Liabilities", "what came and is for no case yet, by bank account"),
    AccountKind("repayments", True, "Expenses", "what was repaid or remitted, by tax type and country"),
    AccountKind("interest-paid", True, "Expenses", "interest on what was repaid"),
    AccountKind("prepayments", False, "Liabilities", "what lies on prepaid accounts, by account"),
    AccountKind("advances", True, "Assets", "what carriers and posts have advanced, by account"),
    AccountKind("settlements", True, "Assets", "what platforms are to settle, by account"),
    AccountKind("returns-paid", False, "Liabilities", "what came with the returns of schemes, by account"),
    AccountKind("securities-called", True, "Assets", "what was called of securities, by guarantee"),
    AccountKind("rounding", True, "Expenses", "what payments were short of by a rounding"),
)
"""Places are stored: new kinds go to the end."""
KIND_PLACES: Final = {one.code: place for place, one in enumerate(ACCOUNT_KINDS)}


class Account(NamedTuple):
    """An account, by what tells it from others. kind: place in ACCOUNT_KINDS. party_id: whose it is; 0: of
    nobody alone. Texts are empty where the kind has no use for them. number: of a
    guarantee that is registered, or of a bank account of the administration."""

    kind: int
    currency_code: str
    party_id: int = 0
    debtor_code: str = ""
    tax_type_code: str = ""
    country_code: str = ""
    number: str = ""


class Entry(NamedTuple):
    """One line of a posting. phase: place in PHASES. amount_minor: debits positive, never 0."""

    account: Account
    phase: int
    amount_minor: int


PostingKind = Literal["assessed", "payment", "bank", "refund", "unknown"]
"""unknown: of a stored posting whose kind somebody changed to one that there is not."""
POSTING_KINDS: Final[tuple[PostingKind, ...]] = ("assessed", "payment", "bank", "refund")
"""Places are stored: new kinds go to the end."""


class Posting(NamedTuple):
    """What is entered together. subject_id: the first decision of the batch, or the act, it
    is of. entries: they balance."""

    kind: PostingKind
    subject_id: int
    at: datetime
    entries: Sequence[Entry]


def net_entries(entries: Iterable[Entry]) -> list[Entry]:
    """Join the entries of each account and phase, in an order of their own; what comes to nothing goes."""
    sums: Counter[tuple[Account, int]] = Counter()
    for account, phase, amount_minor in entries:
        sums[account, phase] += amount_minor
    return [Entry(account, phase, amount) for (account, phase), amount in sorted(sums.items()) if amount]


def find_imbalances(entries: Iterable[Entry]) -> dict[tuple[str, int], int]:
    """Return what is too much on the debit side, by currency and phase: empty where all balances."""
    sums: Counter[tuple[str, int]] = Counter()
    for account, phase, amount_minor in entries:
        sums[account.currency_code, phase] += amount_minor
    return {key: amount for key, amount in sums.items() if amount}
