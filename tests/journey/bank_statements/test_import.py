"""Bank statements through a node: what is paid by reference is booked once and releases the parcel; the rest
waits for a person; the books agree."""

import datetime as dt
from typing import Any

import msgspec
import pytest

from serai.app import Node
from serai.formats.iso20022.message import BankMessage, Entry, Statement
from serai.formats.iso20022.write_statement import write_bank_message
from serai.foundation.id_text import format_id
from serai.journey.bank_statements.matching import OUTCOMES
from serai.journey.bank_statements.service import StatementImported, import_statements, read_statements
from serai.journey.bank_statements.store import select_unmatched
from serai.journey.refunds.batches import make_batch
from serai.journey.refunds.ordering import order_due
from serai.journey.revenue import payment_advice
from serai.model.creditor_reference import make_reference
from serai.model.errors import SeraiError
from serai.model.refunds import STATUSES
from tests.formats.iso20022.messages import AT, DAY, OWN, PAYER, entry, transaction
from tests.journey.ledger.books import assert_books_agree
from tests.journey.ledger.test_ledger import due_minor, since, standing
from tests.journey.processing.support import DECLARANT, OFFICER, arrival, parcel, select, send, statuses

ACCOUNTS = frozenset({OWN.iban})


def message(*entries: Entry, name: str = "S-1", number: int | None = None, **fields: Any) -> bytes:
    statement = Statement(
        pointer="",
        identification=name,
        account=OWN,
        sequence_number=number,
        created_at=AT,
        entries=entries,
    )
    statement = msgspec.structs.replace(statement, **fields)
    return write_bank_message(
        BankMessage(
            message="camt.054", version=8, identification=f"M-{name}", created_at=AT, statements=(statement,)
        )
    )


def paid(amount_minor: int, reference: str, number: str, **fields: Any) -> Entry:
    one = transaction(amount_minor, f"E2E-{number}", creditor_reference=reference)
    return entry(amount_minor, number, one, **fields)


def reference_of_case(case_id: int) -> str:
    return payment_advice.reference_of_case(format_id(case_id))


async def take(node: Node, content: bytes) -> StatementImported:
    (done,) = (
        await import_statements(node.processor, OFFICER, read_statements(content, ACCOUNTS))
    ).statements
    return done


@pytest.fixture(autouse=True)
async def ties_out(node: Node) -> Any:
    yield
    await assert_books_agree(node)


async def test_what_is_paid_by_reference_releases_the_parcel_and_is_booked_once(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("by-bank"))
    due = await due_minor(node, declared.case_id)
    await send(node, DECLARANT, "arrival", arrival("by-bank"))
    before = await standing(node)
    content = message(paid(due, reference_of_case(declared.case_id), "B-1"), name="ONCE")

    first, again = await take(node, content), await take(node, content)
    # The notification told of the same money before the statement does.
    renamed = await take(node, message(paid(due, reference_of_case(declared.case_id), "B-1"), name="LATER"))

    assert first.outcomes == {"paid": 1}
    assert (again.outcomes, again.known_count) == ({}, 1)
    assert [one.code for one in again.findings] == ["iso20022-statement-repeated"]
    assert (renamed.outcomes, renamed.known_count) == ({}, 1)
    assert await statuses(node, "D-by-bank") == ["released"]
    assert since(await standing(node), before) == {
        ("bank", "posted"): due,
        ("amounts-payable", "posted"): -due,
    }


async def test_two_who_pay_the_same_parcel_pay_it_once_and_the_second_is_due_back(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("both-pay"))
    due = await due_minor(node, declared.case_id)
    reference = reference_of_case(declared.case_id)
    before = await standing(node)

    done = await take(node, message(paid(due, reference, "P-1"), paid(due, reference, "P-2"), name="BOTH"))

    assert done.outcomes == {"paid": 2}
    assert since(await standing(node), before) == {
        ("bank", "posted"): 2 * due,
        ("amounts-payable", "posted"): -due,
        ("refunds-due", "posted"): -due,
    }


async def test_less_than_is_owed_is_booked_and_the_parcel_waits_for_the_rest(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("a-cent-less"))
    due = await due_minor(node, declared.case_id)
    await send(node, DECLARANT, "arrival", arrival("a-cent-less"))
    reference = reference_of_case(declared.case_id)

    await take(node, message(paid(due - 3, reference, "L-1"), name="LESS"))
    waiting = await statuses(node, "D-a-cent-less")
    await take(node, message(paid(3, f"rf{reference[2:4]} {reference[4:]}".lower(), "L-2"), name="REST"))

    assert waiting == ["payment-due"]
    assert await statuses(node, "D-a-cent-less") == ["released"]


async def test_what_is_short_by_a_rounding_is_borne_and_the_parcel_goes(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("rounded"))
    due = await due_minor(node, declared.case_id)
    await send(node, DECLARANT, "arrival", arrival("rounded"))
    reference, before = reference_of_case(declared.case_id), await standing(node)

    await take(node, message(paid(due - 2, reference, "RO-1"), name="ROUNDED"))

    assert await statuses(node, "D-rounded") == ["released"]
    borne = {("bank", "posted"): due - 2, ("rounding", "posted"): 2, ("amounts-payable", "posted"): -due}
    assert since(await standing(node), before) == borne
    acts = await select(
        node,
        "SELECT kind, law_reference FROM act WHERE case_id = %s ORDER BY act_id",
        declared.case_id,
    )
    # What is owed was asked by a mark that was taken back.
    assert [kind for kind, _ in acts[2:]] == ["payment-received", "rounding-difference"]
    assert all(law for _, law in acts), "each says by which law the case owes"

    # Whoever sends the missing cents after all pays them: nothing is borne any more, nothing is due back.
    await take(node, message(paid(2, reference, "RO-2"), name="CENTS"))

    paid_whole = {("bank", "posted"): due, ("amounts-payable", "posted"): -due}
    assert since(await standing(node), before) == paid_whole


async def test_what_was_borne_of_a_payment_goes_with_it(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("unrounded"))
    due = await due_minor(node, declared.case_id)
    reference, before = reference_of_case(declared.case_id), await standing(node)
    came, went = paid(due - 1, reference, "UN-1"), paid(1 - due, reference, "UN-2", is_reversal=True)
    await take(node, message(came, name="UN-CAME"))

    done = await take(node, message(went, name="UN-WENT"))

    assert done.outcomes == {"taken-back": 1}
    assert since(await standing(node), before) == {}


async def _paid_too_much_and_ordered_back(node: Node, name: str) -> tuple[int, bytes]:
    """Return a case of which the bank brought more than is due, and that was ordered back; and the message by
    which the bank takes the payment back."""
    (declared,) = await send(node, DECLARANT, "declaration", parcel(name))
    due = await due_minor(node, declared.case_id)
    reference = reference_of_case(declared.case_id)
    came = transaction(due + 500, f"{name}-1", creditor_reference=reference, debtor_account=PAYER)
    await take(node, message(entry(due + 500, f"{name}-1", came), name=f"{name}-CAME"))

    async def work(connection: Any) -> Any:
        return await order_due(
            node.processor.services,
            connection,
            [declared.case_id],
            account_number=str(OWN.iban),
            at=node.clock.now(),
        )

    assert len((await node.processor.write(work)).order_ids) == 1
    went = paid(-due - 500, reference, f"{name}-2", is_reversal=True)
    return declared.case_id, message(went, name=f"{name}-WENT")


async def _open_requests(node: Node, case_id: int) -> int:
    ((count,),) = await select(
        node,
        "SELECT count(*) FROM task JOIN consignment USING (consignment_id)"
        " WHERE closed_at IS NULL AND case_id = %s AND task.kind = 2",
        case_id,
    )
    return int(count)


async def test_a_payment_taken_back_after_its_refund_leaves_a_task(node: Node) -> None:
    case_id, back = await _paid_too_much_and_ordered_back(node, "gone-twice")
    made = await make_batch(
        node.processor, "key:9", account_number=str(OWN.iban), currency_code="EUR", execution_on=DAY
    )
    done = await take(node, back)
    again = await take(node, back)

    assert made.batch is not None
    assert done.outcomes == {"taken-back-after-refund": 1}
    assert (again.outcomes, again.known_count) == ({}, 1)
    assert await _open_requests(node, case_id) == 1


async def test_a_payment_taken_back_before_its_refund_was_sent_leaves_nothing_to_do(node: Node) -> None:
    case_id, back = await _paid_too_much_and_ordered_back(node, "gone-once")

    done = await take(node, back)

    assert done.outcomes == {"taken-back": 1}
    assert await _open_requests(node, case_id) == 0
    orders = await select(node, "SELECT status, reason_code FROM refund_order WHERE case_id = %s", case_id)
    assert orders == [(STATUSES.index("withdrawn"), "no-longer-due")]


async def test_what_the_bank_takes_back_is_owed_again(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("bounced"))
    due = await due_minor(node, declared.case_id)
    reference = reference_of_case(declared.case_id)
    before = await standing(node)
    await take(node, message(paid(due, reference, "R-1"), name="CAME"))

    back = message(paid(-due, reference, "R-2", is_reversal=True), name="WENT")
    done = await take(node, back)
    once_more = await take(node, message(paid(-due, reference, "R-3", is_reversal=True), name="TWICE"))

    assert (done.outcomes, once_more.outcomes) == ({"taken-back": 1}, {"reversal-unmatched": 1})
    assert since(await standing(node), before) == {("bank", "posted"): -due, ("suspense", "posted"): due}


async def test_what_is_for_no_case_stands_in_suspense_and_waits_for_a_person(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("somebody"))
    (gone,) = await send(node, DECLARANT, "declaration", parcel("somebody-else"))
    mine, theirs = reference_of_case(declared.case_id), reference_of_case(gone.case_id)
    unknown = make_reference("ZZZZZZZZZZZZZ")
    before = await standing(node)
    entries = (
        paid(100, "", "N-1"),
        paid(200, unknown, "N-2"),
        paid(300, "RF00INVALID", "N-3"),
        entry(400, "N-4", transaction(400, "E2E-4", remittance=(f"{mine} and", theirs))),
        paid(-500, "", "N-5"),
        paid(800, mine, "N-7", status_code="PDNG", booked_on=None),
    )

    done = await take(node, message(*entries, name="SUSPENSE"))

    assert done.outcomes == {
        "no-reference": 2,
        "reference-unknown": 1,
        "several-references": 1,
        "paid-out": 1,
    }
    assert done.pending_count == 1
    now = since(await standing(node), before)
    assert now == {("bank", "posted"): 500, ("suspense", "posted"): -500}
    async with node.database.read(node.administration_id) as connection:
        waiting = await select_unmatched(
            connection, after_id=0, limit=100, administration_id=node.administration_id
        )
    told = {one.amount_minor for one in waiting if one.statement == "SUSPENSE"}
    assert told == {100, 200, 300, 400, -500}
    assert all(OUTCOMES[one.outcome][1] for one in waiting)
    acts = await select(node, "SELECT count(*) FROM act WHERE case_id = %s", declared.case_id)
    assert acts == [(0,)]


async def test_money_of_another_currency_than_what_is_owed_pays_nothing(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("in-francs"))
    one = transaction(700, "E2E-CHF", creditor_reference=reference_of_case(declared.case_id))
    francs = msgspec.structs.replace(one, currency_code="CHF")
    came = msgspec.structs.replace(entry(700, "F-1", francs), currency_code="CHF")

    done = await take(
        node, message(came, name="FRANCS", account=msgspec.structs.replace(OWN, currency_code="CHF"))
    )

    assert done.outcomes == {"currency-differs": 1}


async def test_no_name_and_no_word_of_a_payer_is_kept(node: Node) -> None:
    one = transaction(
        900, "E2E-NAME", debtor_name="Quill Featherstone", remittance=("for my aunt Featherstone",)
    )

    await take(node, message(entry(900, "NAME-1", one), name="NAMES"))

    rows = await select(node, "SELECT bank_movement::text FROM bank_movement WHERE statement = 'NAMES'")
    assert rows
    assert "eatherstone" not in str(rows)


async def test_what_is_wrong_with_the_head_of_a_message_is_told_and_its_money_booked(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("headless"))
    content = message(paid(1, reference_of_case(declared.case_id), "HEAD-1"), name="HEAD")
    unnamed = content.replace(b"<MsgId>M-HEAD</MsgId>", b"")

    done = await import_statements(node.processor, OFFICER, read_statements(unnamed, ACCOUNTS))

    assert unnamed != content
    assert [one.outcomes for one in done.statements] == [{"paid": 1}]
    assert [one.pointer for one in done.findings] == ["/Document/BkToCstmrDbtCdtNtfctn/GrpHdr/MsgId"]


async def test_a_number_left_out_is_told_and_what_came_is_booked_all_the_same(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("gap"))
    reference = reference_of_case(declared.case_id)
    await take(node, message(paid(1, reference, "G-1"), name="SEVEN", number=7))

    done = await take(node, message(paid(2, reference, "G-2"), name="NINE", number=9))

    assert "iso20022-statement-gap" in [one.code for one in done.findings]
    assert done.outcomes == {"paid": 1}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<Document", "statement-unreadable"),
        (b"", "statement-unreadable"),
        ("<Document>\u00e9</Document>".encode("utf-16"), "statement-unreadable"),
        (message(name="CUT")[:-200], "statement-unreadable"),
        (
            message(account=msgspec.structs.replace(OWN, iban="GB33BUKB20201555555555"), name="THEIRS"),
            "statement-of-another-account",
        ),
    ],
)
async def test_what_cannot_be_a_statement_of_ours_books_nothing(
    node: Node, content: bytes, code: str
) -> None:
    before = await select(node, "SELECT count(*) FROM bank_movement")

    with pytest.raises(SeraiError) as refused:
        read_statements(content, ACCOUNTS)
    with pytest.raises(SeraiError) as unset:
        read_statements(content, frozenset())

    assert (refused.value.code, unset.value.code) == (code, "account-not-set")

    assert await select(node, "SELECT count(*) FROM bank_movement") == before


@pytest.mark.in_turn
async def test_a_thousand_payments_are_booked_in_few_transactions(node: Node) -> None:
    cases = await send(node, DECLARANT, "declaration", *(parcel(f"thousand-{n}") for n in range(600)))
    entries = [
        paid(1, reference_of_case(one.case_id), f"T-{n}", booked_on=DAY - dt.timedelta(days=n % 3))
        for n, one in enumerate(cases)
    ]

    done = await take(node, message(*entries, name="THOUSAND"))

    assert done.outcomes == {"paid": 600}
    ((count,),) = await select(node, "SELECT count(*) FROM ledger_posting WHERE kind = 1")
    assert count >= 600
