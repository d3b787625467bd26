"""Reading bank messages: what banks send, and what goes wrong with it; each with its code and place."""

import random
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.formats.iso20022.message import Balance, BankMessage, Statement
from serai.formats.iso20022.movement import movements_of
from serai.formats.iso20022.read import check_message, read_bank_message
from serai.formats.iso20022.sequence import find_sequence_faults, point_after
from serai.formats.iso20022.write_order import write_order, write_status
from serai.formats.iso20022.write_statement import write_bank_message
from serai.journey.finding_messages import sentence_of
from serai.model.errors import SeraiError
from serai.model.languages import LANGUAGES
from tests.formats.iso20022.messages import (
    AT,
    BUYER,
    DAY,
    ENTRIES,
    REFERENCE,
    TRANSFER,
    entry,
    order,
    report,
    statement,
    transaction,
    written,
)

NTRY = "/Document/BkToCstmrStmt/Stmt/Ntry"


def read(content: bytes) -> Statement:
    message, _ = read_bank_message(content)
    assert isinstance(message, BankMessage)
    (one,) = message.statements
    return one


def codes(content: bytes) -> list[tuple[str, str]]:
    return [(one.code, one.pointer) for one in check_message(content)]


def places_left_out(value: Any) -> Any:
    """Compare without places, findings and stated totals: they are of the bytes."""
    if isinstance(value, msgspec.Struct):
        left_out = {"pointer", "findings", "totals"}
        fields = msgspec.structs.asdict(value)
        return {name: places_left_out(inner) for name, inner in fields.items() if name not in left_out}
    return [places_left_out(inner) for inner in value] if isinstance(value, list | tuple) else value


@pytest.mark.parametrize("version", range(2, 9))
def test_each_version_gives_the_same_statement(version: int) -> None:
    content = written(statement(entries=(*ENTRIES[:1], *ENTRIES[2:])), version=version)

    assert [one for one in check_message(content) if one.code != "iso20022-balance-differs"] == []
    one = read(content)
    payment = one.entries[0].transactions[0]
    assert (payment.amount_minor, payment.creditor_reference) == (2334, REFERENCE)
    assert (payment.debtor_name, payment.debtor_account.iban[:2]) == ("Example Buyer", "FR")
    assert one.entries[0].transaction_code == "PMNT-RCDT-ESCT"
    assert (one.entries[1].amount_minor, one.entries[1].is_reversal) == (-2000, True)
    assert one.entries[2].status_code == "PDNG"
    assert one.entries[2].transactions[0].amount_minor == 1000


def test_what_is_written_is_read_back() -> None:
    one = statement(entries=(ENTRIES[0], ENTRIES[1]))
    message = BankMessage(
        message="camt.054", version=8, identification="M", created_at=AT, page_number=1, statements=(one,)
    )
    again, _ = read_bank_message(write_bank_message(message))

    assert isinstance(again, BankMessage)
    left, right = places_left_out(message), places_left_out(again)
    for side in (left, right):
        side["statements"][0].pop("balances", None)  # A notification has none.
        for each in side["statements"][0]["entries"]:
            for payment in each["transactions"]:
                payment.pop("transaction_code", None)  # Inherited from the entry.
    assert left == right
    for version in (3, 9):
        assert places_left_out(read_bank_message(write_order(order(version)))[0]) == places_left_out(
            order(version)
        )
    for version in (3, 10):
        content = write_status(report(version))
        assert places_left_out(read_bank_message(content)[0]) == places_left_out(report(version))


def test_one_account_in_another_currency_and_a_payment_ordered_in_a_third() -> None:
    foreign = transaction(
        8000,
        "FX",
        instructed_amount_minor=1_000_000,
        instructed_currency_code="JPY",
        exchange_rate="0.008",
        currency_code="USD",
    )
    yen = msgspec.structs.replace(entry(8000, "B1", foreign), currency_code="USD")
    account = msgspec.structs.replace(statement().account, currency_code="USD")
    balances = (Balance("OPBD", -5000, "USD", DAY), Balance("CLBD", 3000, "USD", DAY))
    content = written(statement(account=account, balances=balances, entries=(yen,)))

    assert codes(content) == []
    (payment,) = read(content).entries[0].transactions
    assert (payment.instructed_amount_minor, payment.instructed_currency_code) == (1_000_000, "JPY")
    assert (payment.exchange_rate, payment.amount_minor, payment.currency_code) == ("0.008", 8000, "USD")


SPOILT = {
    "negative": ('<Amt Ccy="EUR">23.34', '<Amt Ccy="EUR">-23.34', "negative-amount", f"{NTRY}[1]/Amt"),
    "too fine": ('<Amt Ccy="EUR">23.34', '<Amt Ccy="EUR">23.341', "iso20022-places", f"{NTRY}[1]/Amt"),
    "no currency": ('<Amt Ccy="EUR">23.34', "<Amt>23.34", "missing-field", f"{NTRY}[1]/Amt/@Ccy"),
    "no amount": ('<Amt Ccy="EUR">23.34', '<Amt Ccy="EUR">', "missing-field", f"{NTRY}[1]/Amt"),
    "comma": ('<Amt Ccy="EUR">23.34', '<Amt Ccy="EUR">23,34', "not-a-decimal", f"{NTRY}[1]/Amt"),
    "too much": ('<Amt Ccy="EUR">23.34', '<Amt Ccy="EUR">9999999999999.00', "out-of-range", f"{NTRY}[1]/Amt"),
    "old currency": (
        '<Amt Ccy="EUR">23.34',
        '<Amt Ccy="DEM">23.34',
        "unknown-currency",
        f"{NTRY}[1]/Amt/@Ccy",
    ),
    "other currency": (
        '<Amt Ccy="EUR">23.34',
        '<Amt Ccy="USD">23.34',
        "iso20022-other-currency",
        f"{NTRY}[1]/Amt",
    ),
    "no direction": (
        "<CdtDbtInd>CRDT</CdtDbtInd>\n        <Sts>",
        "<Sts>",
        "missing-field",
        f"{NTRY}[1]/CdtDbtInd",
    ),
    "details": (
        '<Amt Ccy="EUR">30.00</Amt>\n            <CdtDbtInd>',
        '<Amt Ccy="EUR">31.00</Amt>\n            <CdtDbtInd>',
        "iso20022-details-differ",
        f"{NTRY}[2]",
    ),
    "batch count": (
        "<NbOfTxs>2<",
        "<NbOfTxs>3<",
        "iso20022-count-differs",
        f"{NTRY}[2]/NtryDtls/Btch/NbOfTxs",
    ),
    "total": (
        "<Sum>103.34<",
        "<Sum>103.35<",
        "iso20022-sum-differs",
        "/Document/BkToCstmrStmt/Stmt/TxsSummry/TtlNtries/Sum",
    ),
    "number": (
        "<NbOfNtries>4<",
        "<NbOfNtries>5<",
        "iso20022-count-differs",
        "/Document/BkToCstmrStmt/Stmt/TxsSummry/TtlNtries/NbOfNtries",
    ),
    "balance": ("1053.34", "1053.35", "iso20022-balance-differs", "/Document/BkToCstmrStmt/Stmt"),
    "check digits": (
        REFERENCE,
        REFERENCE[:-1] + "9",
        "iso20022-reference-check",
        f"{NTRY}[1]/NtryDtls/TxDtls/RmtInf",
    ),
    "no such day": (
        "<Dt>2026-11-30</Dt>\n        </BookgDt>",
        "<Dt>2026-02-30</Dt>\n        </BookgDt>",
        "iso20022-no-such-day",
        f"{NTRY}[1]/BookgDt/Dt",
    ),
    "no day": (
        "<Dt>2026-11-30</Dt>\n        </BookgDt>",
        "<Dt>30.11.2026</Dt>\n        </BookgDt>",
        "iso20022-form",
        f"{NTRY}[1]/BookgDt/Dt",
    ),
    "two of a choice": (
        "<Dt>2026-11-30</Dt>\n        </BookgDt>",
        "<Dt>2026-11-30</Dt><DtTm>2026-11-30T00:00:00</DtTm></BookgDt>",
        "iso20022-choice",
        f"{NTRY}[1]/BookgDt",
    ),
    "order": (
        "<ElctrncSeqNb>212</ElctrncSeqNb>",
        "<LglSeqNb>1</LglSeqNb><ElctrncSeqNb>212</ElctrncSeqNb>",
        "iso20022-out-of-order",
        "/Document/BkToCstmrStmt/Stmt/ElctrncSeqNb",
    ),
    "own element": (
        "<Id>STMT-2026-212</Id>",
        "<Id>STMT-2026-212</Id><BankExtra>1</BankExtra>",
        "unknown-field",
        "/Document/BkToCstmrStmt/Stmt/BankExtra",
    ),
    "repeated": (
        "<AcctSvcrRef>B1-0002</AcctSvcrRef>",
        "<AcctSvcrRef>B1-0002</AcctSvcrRef><AcctSvcrRef>B1-0002</AcctSvcrRef>",
        "repeated-field",
        f"{NTRY}[2]/AcctSvcrRef[2]",
    ),
    "account": (
        "DE89370400440532013000",
        "DE88370400440532013000",
        "account-number-check",
        "/Document/BkToCstmrStmt/Stmt/Acct/Id/IBAN",
    ),
    "more pages": (
        "<ElctrncSeqNb>212",
        "<StmtPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></StmtPgntn><ElctrncSeqNb>212",
        "iso20022-more-pages",
        "/Document/BkToCstmrStmt/Stmt",
    ),
    "version": ("camt.053.001.08", "camt.053.001.01", "iso20022-other-message", "/Document"),
    "kind": ("camt.053.001.08", "pacs.008.001.08", "iso20022-other-message", "/Document"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_each_fault_has_its_code_place_and_words(what: str) -> None:
    old, new, code, pointer = SPOILT[what]
    content = written().decode()
    assert old in content

    findings = check_message(content.replace(old, new, 1).encode())

    assert (code, pointer) in [(one.code, one.pointer) for one in findings]
    for one in findings:
        for language in LANGUAGES:
            said = sentence_of(one, language)
            assert not said.sentence.startswith("Finding "), one.code
            assert said.language == language, (one.code, language)
            assert "{" not in said.sentence + said.remedy, said


def test_a_sound_statement_has_no_finding() -> None:
    assert check_message(written()) == []


def test_an_entry_that_cannot_be_read_leaves_the_others() -> None:
    content = written().replace(b'<Amt Ccy="EUR">23.34', b'<Amt Ccy="EUR">-23.34', 1)

    one = read(content)

    assert one.unread_entries == (f"{NTRY}[1]",)
    assert [each.amount_minor for each in one.entries] == [5000, -2000, 1000]


@pytest.mark.parametrize("name", ["Stmt", "Ntry", "BkToCstmrStmt", "Amt"])
def test_elements_of_another_namespace_are_told(name: str) -> None:
    spoilt = written().replace(f"<{name}>".encode(), f'<{name} xmlns="urn:other">'.encode(), 1)
    spoilt = spoilt.replace(f"<{name} Ccy".encode(), f'<{name} xmlns="urn:other" Ccy'.encode(), 1)

    message, findings = read_bank_message(spoilt)

    assert "unknown-field" in {one.code for one in findings}
    assert message is not None


def test_of_several_transactions_without_amounts_none_is_zero() -> None:
    content = written(version=2).decode()
    spoilt = re.sub(r"<AmtDtls>.*?</AmtDtls>", "", content, flags=re.DOTALL).encode()

    one = read(spoilt)

    assert [each.amount_minor for each in one.entries[1].transactions] == [None, None]
    assert not one.entries[1].is_clear
    # The only transaction of an entry is the whole of it.
    assert one.entries[0].transactions[0].amount_minor == 2334
    assert one.entries[0].is_clear


@pytest.mark.parametrize("end", range(1, 6000, 613))
def test_a_truncated_file_is_refused_whole(end: int) -> None:
    message, (finding,) = read_bank_message(written()[:end])

    assert message is None
    assert finding.code == "malformed-xml"


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "windows-1252"])
def test_another_encoding_is_told(encoding: str) -> None:
    text = written().decode().replace("Example Buyer", "Käufer")

    message, (finding,) = read_bank_message(text.replace("UTF-8", encoding).encode(encoding))

    assert message is None
    assert finding.code == "not-utf-8"


def test_control_sums_of_an_order_are_held_against_it() -> None:
    content = write_order(order()).decode()
    told = codes(
        content.replace("<CtrlSum>24.34", "<CtrlSum>24.35").replace("<NbOfTxs>2", "<NbOfTxs>1").encode()
    )

    batch = "/Document/CstmrCdtTrfInitn/PmtInf"
    head = "/Document/CstmrCdtTrfInitn/GrpHdr"
    assert told == [
        ("iso20022-count-differs", f"{batch}/NbOfTxs"),
        ("iso20022-sum-differs", f"{batch}/CtrlSum"),
        ("iso20022-count-differs", f"{head}/NbOfTxs"),
        ("iso20022-sum-differs", f"{head}/CtrlSum"),
    ]


def test_an_order_is_read_whole_or_not_at_all() -> None:
    content = write_order(order()).replace(b">1.00</InstdAmt>", b">-1.00</InstdAmt>")

    message, findings = read_bank_message(content)

    assert message is None
    assert findings[0].code == "negative-amount"


def test_what_a_message_cannot_hold_is_not_cut_short() -> None:
    long = msgspec.structs.replace(TRANSFER, end_to_end_id="E" * 36)
    batch = msgspec.structs.replace(order().batches[0], transfers=(long,))

    with pytest.raises(SeraiError, match="EndToEndId") as refused:
        write_order(msgspec.structs.replace(order(), batches=(batch,)))

    assert refused.value.code == "iso20022-cannot-hold"


# ---- one statement after another ----


def told_after(before: Statement, after: Statement) -> list[str]:
    return [one.code for one in find_sequence_faults(point_after(before), after)]


def test_statements_follow_each_other() -> None:
    first, second = statement(212), statement(213, 105_334)

    assert find_sequence_faults(None, first) == []
    assert told_after(first, second) == []
    assert told_after(first, first) == ["iso20022-statement-repeated"]
    assert told_after(second, first) == ["iso20022-statement-repeated"]
    assert told_after(first, statement(214, 105_334)) == ["iso20022-statement-gap"]
    assert told_after(first, statement(213, 105_335)) == ["iso20022-balance-gap"]
    assert told_after(first, statement(214, 105_335)) == ["iso20022-statement-gap", "iso20022-balance-gap"]
    # Numbers begin anew each year; the balance tells that nothing is missing.
    assert told_after(first, statement(1, 105_334)) == []
    assert told_after(first, statement(1, 7)) == ["iso20022-statement-repeated"]


def test_pages_of_a_statement_follow_each_other() -> None:
    pages = [statement(212, page_number=number, is_last_page=number == 3) for number in (1, 2, 3)]

    assert told_after(pages[0], pages[1]) == []
    assert told_after(pages[1], pages[2]) == []
    assert told_after(pages[0], pages[2]) != []
    assert told_after(pages[0], statement(213, 105_334)) == ["iso20022-statement-gap"]


def test_a_notification_and_the_statement_after_it_tell_of_one_movement() -> None:
    notified = statement(
        entries=(msgspec.structs.replace(ENTRIES[0], status_code="PDNG"),), identification="N-1"
    )
    keys = [one.key for one in movements_of(read(written(statement())))]

    assert [one.key for one in movements_of(read(written(notified, version=4)))] == keys[:1]
    assert len(set(keys)) == len(keys) == 5
    again = read(written(statement(identification="OTHER")))
    # An entry to which the bank gives no reference is known by its statement alone.
    assert [one.key for one in movements_of(again)][:4] == keys[:4]
    assert [one.key for one in movements_of(again)][4] != keys[4]


def test_two_like_transactions_of_an_entry_are_two() -> None:
    twice = entry(200, "B1", transaction(100, ""), transaction(100, ""))

    keys = [one.key for one in movements_of(statement(entries=(twice,)))]

    assert len(set(keys)) == 2


@settings(max_examples=60)
@given(st.integers(0, 10**9))
def test_no_noise_makes_it_raise(seed: int) -> None:
    chance = random.Random(seed)
    content = bytearray(written())
    for _ in range(chance.randrange(1, 5)):
        place = chance.randrange(len(content))
        content[place : place + chance.randrange(4)] = chance.randbytes(chance.randrange(4))

    check_message(bytes(content))


def test_remittance_is_kept_as_lines() -> None:
    lines = ("duty for", f"{REFERENCE[:8]}", REFERENCE[8:])
    payment = msgspec.structs.replace(BUYER, creditor_reference="", remittance=lines)

    assert (
        read(written(statement(entries=(entry(2334, "B", payment),)))).entries[0].transactions[0].remittance
        == lines
    )
