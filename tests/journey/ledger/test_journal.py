"""The journal as others read it: Beancount takes it without a complaint, and adds up to our balances."""

from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from beancount import loader
from beancount.core.data import Open, Transaction

from serai.app import Node
from serai.journey.ledger.beancount import account_name, write_journal
from serai.journey.ledger.store import StoredPosting, list_postings, select_balances
from serai.model.ledger import KIND_PLACES, PENDING, PHASES, POSTED, Account, Entry, Posting
from serai.model.money import format_minor
from tests.journey.acts.test_acts import pay, take_back
from tests.journey.acts.test_guarantees import register
from tests.journey.processing.support import DECLARANT, arrival, parcel, send

AT = datetime(2026, 7, 2, 4, 30, tzinfo=UTC)


async def journal_of(*postings: StoredPosting) -> str:
    async def each() -> object:
        for one in postings:
            yield one

    return "\n".join([line async for line in write_journal(each(), 'A "title"')])  # type: ignore[arg-type]


@pytest.mark.in_turn
async def test_the_journal_of_a_node_adds_up_to_its_balances(node: Node) -> None:
    (first,) = await send(node, DECLARANT, "declaration", parcel("journal-1"))
    await send(node, DECLARANT, "declaration", parcel("journal-2"))
    await send(node, DECLARANT, "arrival", arrival("journal-1"))
    paid = await pay(node, first.case_id, "JOURNAL-1", "50.00")
    await register(node, 'a "b" \\ ü', 700)
    await pay(node, first.case_id, "JOURNAL-2", "7.00", kind="secured", account='a "b" \\ ü')
    await take_back(node, first.case_id, paid.act_id, "JOURNAL-3")
    async with node.database.read(node.administration_id, in_one_snapshot=True) as connection:
        key = {"administration_id": node.administration_id}
        lines = [line async for line in write_journal(list_postings(connection, **key), "Invented")]
        balances = await select_balances(connection, **key)

    entries, errors, _ = loader.load_string("\n".join(lines))

    assert errors == []
    sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for one in entries:
        if isinstance(one, Transaction):
            phase = PHASES[PENDING] if one.flag == "!" else PHASES[POSTED]
            for posting in one.postings:
                assert posting.units is not None
                assert posting.units.number is not None
                sums[posting.account, phase] += posting.units.number
    expected = {
        (account_name(one.account), PHASES[one.phase]): Decimal(
            format_minor(one.amount_minor, one.account.currency_code)
        )
        for one in balances
    }
    assert {key: amount for key, amount in sums.items() if amount} == expected
    assert len({account for account, _ in sums}) == len([one for one in entries if isinstance(one, Open)])


@pytest.mark.parametrize(
    "numbers", [("abc", "Abc"), ("a b", "a-b"), ("ü", "ö"), ("-", "--"), ("x" * 200, "x" * 201)]
)
async def test_no_two_accounts_meet_in_one_name(numbers: tuple[str, str]) -> None:
    one, other = (
        Account(KIND_PLACES["deferred-payments"], "JPY", party_id=9, number=number) for number in numbers
    )
    posting = Posting("payment", 1, AT, [Entry(one, POSTED, 500), Entry(other, POSTED, -500)])

    text = await journal_of(StoredPosting(1, posting, b""))

    assert account_name(one) != account_name(other)
    entries, errors, _ = loader.load_string(text)
    assert errors == []
    assert len([entry for entry in entries if isinstance(entry, Open)]) == 2


async def test_a_journal_that_does_not_balance_would_be_noticed() -> None:
    account = Account(KIND_PLACES["revenue"], "EUR", country_code="DE")
    wrong = Posting("assessed", 1, AT, [Entry(account, POSTED, 1)])

    _, errors, _ = loader.load_string(await journal_of(StoredPosting(1, wrong, b"")))

    assert "does not balance" in str(errors)
