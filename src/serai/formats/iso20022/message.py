"""Bank messages once read. Amounts are whole numbers of minor units; a sign says which way money went."""

import datetime as dt
from typing import Final, Literal

import msgspec

from serai.model.findings import Finding

BOOKED: Final = "BOOK"
"""Status of an entry that is in the balance; PDNG and INFO are not."""
OPENING_CODES: Final = ("OPBD", "PRCD")
"""Codes of the balance with which a statement begins; PRCD is the one with which the one before ended."""
CLOSING_CODE: Final = "CLBD"


class BankAccount(msgspec.Struct, frozen=True, omit_defaults=True):
    """An account at a bank. iban, or other_number where it has none; both empty where the message is silent.

    bic: of its bank.
    """

    iban: str = ""
    other_number: str = ""
    currency_code: str = ""
    bic: str = ""

    @property
    def number(self) -> str:
        """The number of the account, of whichever kind."""
        return self.iban or self.other_number


class Balance(msgspec.Struct, frozen=True):
    """A balance. code: OPBD opening, CLBD closing, PRCD, ITBD and others. amount_minor: below zero, the
    account is overdrawn."""

    code: str
    amount_minor: int
    currency_code: str
    on: dt.date


class Total(msgspec.Struct, frozen=True):
    """What a statement says that its entries are together. sum_decimal: as the message has it."""

    count: int | None
    sum_decimal: str | None
    pointer: str


class Transaction(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One payment within an entry. An entry without details is one transaction.

    amount_minor: in the currency of the entry, below zero: it left the account; None: the bank does not say
    it. instructed_*: what the payer ordered, where that was in another currency. creditor_reference: the
    structured one, as it was sent. remittance: free lines of the payer. return_reason_code: of a payment
    that came back (ISO external code).
    """

    pointer: str
    amount_minor: int | None
    currency_code: str
    end_to_end_id: str = ""
    instruction_id: str = ""
    transaction_id: str = ""
    uetr: str = ""
    servicer_reference: str = ""
    payment_information_id: str = ""
    mandate_id: str = ""
    transaction_code: str = ""
    debtor_name: str = ""
    debtor_account: BankAccount = BankAccount()
    creditor_name: str = ""
    creditor_account: BankAccount = BankAccount()
    creditor_reference: str = ""
    remittance: tuple[str, ...] = ()
    purpose_code: str = ""
    instructed_amount_minor: int | None = None
    instructed_currency_code: str = ""
    exchange_rate: str = ""
    return_reason_code: str = ""
    return_information: tuple[str, ...] = ()
    additional_information: str = ""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One line of an account. amount_minor: below zero: it left the account.

    is_reversal: it takes an earlier entry of the other sign back. status_code: BOOK, PDNG, INFO.
    transaction_code: domain, family and sub-family, such as PMNT-RCDT-ESCT, else the bank's own.
    batch_count: number of transactions the bank says it holds. findings: on this entry; with a fault it is
    for a person to look at, and its transactions may not be all or right.
    """

    pointer: str
    amount_minor: int
    currency_code: str
    status_code: str = BOOKED
    is_reversal: bool = False
    reference: str = ""
    booked_on: dt.date | None = None
    value_on: dt.date | None = None
    servicer_reference: str = ""
    transaction_code: str = ""
    batch_count: int | None = None
    additional_information: str = ""
    transactions: tuple[Transaction, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def is_clear(self) -> bool:
        """Say whether nothing about it is at fault."""
        return all(one.severity != "fault" for one in self.findings)


class Statement(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A statement of an account, or a notification of some of its entries.

    sequence_number: of statements sent electronically for this account; legal_sequence_number: of those that
    count as the paper did. copy_code: COPY, CODU, DUPL: sent before. unread_entries: places of entries of
    which the amount could not be read; they are among the findings of the message, and in no sum.
    """

    pointer: str
    identification: str
    account: BankAccount
    sequence_number: int | None = None
    legal_sequence_number: int | None = None
    page_number: int | None = None
    is_last_page: bool = True
    created_at: dt.datetime | None = None
    from_at: dt.datetime | None = None
    to_at: dt.datetime | None = None
    copy_code: str = ""
    balances: tuple[Balance, ...] = ()
    entries: tuple[Entry, ...] = ()
    unread_entries: tuple[str, ...] = ()
    totals: dict[str, Total] = {}

    def balance(self, *codes: str) -> Balance | None:
        """Return the first balance of one of these codes; None: the statement has none."""
        return next((one for code in codes for one in self.balances if one.code == code), None)


class BankMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message of statements (camt.053) or notifications (camt.054)."""

    message: Literal["camt.053", "camt.054"]
    version: int
    identification: str
    created_at: dt.datetime | None
    page_number: int | None = None
    is_last_page: bool = True
    statements: tuple[Statement, ...] = ()


class Transfer(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One credit transfer that is ordered. end_to_end_id: goes with the money to the payee's statement.

    creditor_reference: ISO 11649; with it there is no remittance in free words, as banks take one or the
    other.
    """

    end_to_end_id: str
    amount_minor: int
    currency_code: str
    creditor_name: str
    creditor_account: BankAccount
    instruction_id: str = ""
    purpose_code: str = ""
    creditor_reference: str = ""
    remittance: str = ""
    pointer: str = ""


class TransferBatch(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Credit transfers from one account on one day."""

    identification: str
    execution_on: dt.date
    debtor_name: str
    debtor_account: BankAccount
    transfers: tuple[Transfer, ...]
    service_level_code: str = ""
    pointer: str = ""


class TransferOrder(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A message that orders credit transfers (pain.001)."""

    identification: str
    created_at: dt.datetime
    initiator_name: str
    batches: tuple[TransferBatch, ...]
    version: int = 9


class StatusReason(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why something has a status: an ISO external code or the bank's own, and free words."""

    code: str = ""
    own_code: str = ""
    information: tuple[str, ...] = ()


class TransferStatus(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The status of one transfer: ACCP, ACSP, ACSC, ACCC, PDNG, RJCT and others."""

    status_code: str
    original_end_to_end_id: str = ""
    original_instruction_id: str = ""
    status_id: str = ""
    reasons: tuple[StatusReason, ...] = ()
    accepted_at: dt.datetime | None = None
    servicer_reference: str = ""
    pointer: str = ""


class BatchStatus(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The status of a batch, and of those of its transfers that have one of their own."""

    original_identification: str
    status_code: str = ""
    reasons: tuple[StatusReason, ...] = ()
    transfers: tuple[TransferStatus, ...] = ()
    pointer: str = ""


class StatusReport(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a bank says of an order (pain.002). original_message: such as pain.001.001.09."""

    identification: str
    created_at: dt.datetime
    original_identification: str
    original_message: str
    status_code: str = ""
    reasons: tuple[StatusReason, ...] = ()
    batches: tuple[BatchStatus, ...] = ()
    version: int = 10
