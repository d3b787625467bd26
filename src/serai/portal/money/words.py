"""What accounts of the ledger and ways of payment are called on the pages of money."""

from collections.abc import Mapping
from typing import Final

from serai.foundation.http.interface_words import translatable

COLLECTED: Final[Mapping[str, str]] = {
    "bank": translatable("Bank transfer"),
    "payments-reported": translatable("Reported by whoever declared"),
    "deferred-payments": translatable("Deferred account"),
    "prepayments": translatable("Prepaid account"),
    "advances": translatable("Advanced by a carrier or post"),
    "settlements": translatable("Settled by a platform"),
    "securities-called": translatable("Called of a security"),
    "quote-differences": translatable("Borne by the account of binding quotes"),
    "rounding": translatable("Short by a rounding"),
}
"""By the kind of account that the money came over."""
OUTCOMES: Final[Mapping[str, tuple[str, str]]] = {
    "no-reference": (
        translatable("It names no reference of a case."),
        translatable("Ask the payer, or send it back."),
    ),
    "several-references": (
        translatable("It names several references."),
        translatable("Ask the payer how much is for which."),
    ),
    "reference-unknown": (
        translatable("No case has its reference."),
        translatable("Ask the payer, or send it back."),
    ),
    "reference-ended": (
        translatable("Its payment account is closed, and nothing stands open on it."),
        translatable("Ask the payer what it is for, or send it back."),
    ),
    "currency-differs": (
        translatable("What its case owes is in another currency."),
        translatable("Ask the payer to pay in that one, and send this back."),
    ),
    "paid-out": (
        translatable("It left the account."),
        translatable("Hold it against what was ordered."),
    ),
    "reversal-unmatched": (
        translatable("It takes back what was never booked here."),
        translatable("Look for the entry that it takes back."),
    ),
    "faulty": (
        translatable("Something about it cannot be right."),
        translatable("Ask the bank."),
    ),
    "refund-executed-twice": (
        translatable("It executes a refund order that was executed before, or that the bank had rejected."),
        translatable("Ask the bank to take it back."),
    ),
    "refund-differs": (
        translatable("It names a refund order, and is not of its amount, currency, account or status."),
        translatable("Ask the bank what it is."),
    ),
}
"""Why a movement waits for a person, and the next step."""
GUARANTEES: Final[Mapping[str, str]] = {
    "individual": translatable("Individual"),
    "comprehensive": translatable("Comprehensive"),
    "waiver": translatable("Waiver"),
}
"""Kinds of guarantee."""
WAYS: Final[Mapping[str, str]] = {
    "deferred": translatable("Deferred"),
    "prepaid": translatable("Prepaid"),
    "advance": translatable("Advance"),
    "settlement": translatable("Settlement"),
    "scheme": translatable("Return of a scheme"),
}
"""Ways of payment accounts."""
