"""Bank messages for the tests, and ways to spoil them."""

import datetime as dt

import msgspec

from serai.formats.iso20022.message import (
    Balance,
    BankAccount,
    BankMessage,
    BatchStatus,
    Entry,
    Statement,
    StatusReason,
    StatusReport,
    Transaction,
    Transfer,
    TransferBatch,
    TransferOrder,
    TransferStatus,
)
from serai.formats.iso20022.write_statement import write_bank_message
from serai.model.creditor_reference import make_reference

AT = dt.datetime(2026, 11, 30, 18, tzinfo=dt.UTC)
DAY = dt.date(2026, 11, 30)
OWN = BankAccount(iban="DE89370400440532013000", currency_code="EUR")
PAYER = BankAccount(iban="FR7630006000011234567890189")
REFERENCE = make_reference("0APSK7Z204000")


def transaction(amount_minor: int, end_to_end_id: str, **fields: object) -> Transaction:
    return msgspec.structs.replace(
        Transaction(pointer="-", amount_minor=amount_minor, currency_code="EUR", end_to_end_id=end_to_end_id),
        **fields,
    )


def entry(amount_minor: int, servicer_reference: str, *transactions: Transaction, **fields: object) -> Entry:
    return msgspec.structs.replace(
        Entry(
            pointer="",
            amount_minor=amount_minor,
            currency_code="EUR",
            booked_on=DAY,
            value_on=DAY,
            servicer_reference=servicer_reference,
            transaction_code="PMNT-RCDT-ESCT",
            transactions=transactions,
        ),
        **fields,
    )


BUYER = transaction(
    2334,
    "PARCEL-1",
    debtor_name="Example Buyer",
    debtor_account=PAYER,
    creditor_reference=REFERENCE,
    purpose_code="TAXS",
    transaction_code="PMNT-RCDT-ESCT",
)
ENTRIES = (
    entry(2334, "B1-0001", BUYER),
    entry(5000, "B1-0002", transaction(2000, "A"), transaction(3000, "B"), batch_count=2),
    entry(-2000, "B1-0003", transaction(-2000, "A", return_reason_code="AC04"), is_reversal=True),
    entry(1000, "", status_code="PDNG", booked_on=None, value_on=None),
)


def statement(number: int = 212, opening_minor: int = 100_000, **fields: object) -> Statement:
    closing_minor = opening_minor + 5334
    return msgspec.structs.replace(
        Statement(
            pointer="",
            identification=f"STMT-2026-{number}",
            account=OWN,
            sequence_number=number,
            created_at=AT,
            balances=(Balance("OPBD", opening_minor, "EUR", DAY), Balance("CLBD", closing_minor, "EUR", DAY)),
            entries=ENTRIES,
        ),
        **fields,
    )


def written(*statements: Statement, version: int = 8) -> bytes:
    """Write statements as a message of camt.053."""
    whole = statements or (statement(),)
    return write_bank_message(
        BankMessage(
            message="camt.053", version=version, identification="MSG-1", created_at=AT, statements=whole
        )
    )


TRANSFER = Transfer(
    end_to_end_id="REFUND-1",
    amount_minor=2334,
    currency_code="EUR",
    creditor_name="Example Buyer",
    creditor_account=PAYER,
    remittance="Refund of duty charged twice",
)
TRANSFERS = (
    TRANSFER,
    msgspec.structs.replace(
        TRANSFER, end_to_end_id="REFUND-2", amount_minor=100, creditor_reference=REFERENCE, remittance=""
    ),
)


def order(version: int = 9) -> TransferOrder:
    batch = TransferBatch(
        identification="ORDER-1-A",
        execution_on=dt.date(2026, 12, 1),
        debtor_name="Example Customs",
        debtor_account=msgspec.structs.replace(OWN, bic="COBADEFFXXX"),
        transfers=TRANSFERS,
        service_level_code="SEPA",
    )
    return TransferOrder(
        identification="ORDER-1",
        created_at=AT,
        initiator_name="Example Customs",
        batches=(batch,),
        version=version,
    )


def report(version: int = 10) -> StatusReport:
    transfers = (
        TransferStatus(status_code="ACSC", original_end_to_end_id="REFUND-1", servicer_reference="B1-9"),
        TransferStatus(
            status_code="RJCT",
            original_end_to_end_id="REFUND-2",
            reasons=(StatusReason("AC04", information=("account closed",)),),
        ),
    )
    return StatusReport(
        identification="STATUS-1",
        created_at=AT,
        original_identification="ORDER-1",
        original_message="pain.001.001.09",
        status_code="PART",
        batches=(BatchStatus(original_identification="ORDER-1-A", transfers=transfers),),
        version=version,
    )
