"""Release against security for the highest amount that is possible, and what becomes of the security when the
amount is determined: called, freed, in parts; the guarantee never gives more than it has."""

import asyncio
from typing import Any

import pytest

from serai.app import Node
from serai.journey.documents.submission import Answer
from serai.model.errors import SeraiError
from tests.journey.acts.test_acts import pay
from tests.journey.acts.test_guarantees import register, used
from tests.journey.acts.test_measures import fault_of, owed, take
from tests.journey.ledger.books import assert_books_agree
from tests.journey.ledger.test_ledger import since
from tests.journey.ledger.test_ledger import standing as books
from tests.journey.processing.support import DECLARANT, arrival, parcel, select, send, statuses

DEARER = "220.00"
"""A price at which the tariff's duty counts."""


@pytest.fixture(autouse=True)
async def ties_out(node: Node) -> Any:
    """Whatever a test does, the books agree with what is stored."""
    yield
    await assert_books_agree(node)


async def landed(node: Node, name: str) -> Answer:
    (answer,) = await send(node, DECLARANT, "declaration", parcel(name))
    await send(node, DECLARANT, "arrival", arrival(name))
    return answer


async def secure(node: Node, answer: Answer, name: str, number: str | None, **changes: Any) -> Any:
    stated = {"account": number, "highest_price": DEARER, **changes}
    return await take(node, answer, name, "release-against-security", "value-doubtful", **stated)


async def parameters(node: Node, kind: str, answer: Answer) -> dict[str, Any]:
    ((found,),) = await select(
        node, "SELECT parameters FROM act WHERE kind = %s AND case_id = %s", kind, answer.case_id
    )
    return dict(found)


async def highest_of(node: Node, name: str, **changes: Any) -> int:
    """What the same parcel owes when it is so declared."""
    declared = parcel(f"{name}-as-declared")
    declared["goods_items"][0] |= changes
    (answer,) = await send(node, DECLARANT, "declaration", declared)
    return await owed(node, answer)


async def test_goods_go_against_security_for_the_highest_amount_and_it_is_called_and_freed(
    node: Node,
) -> None:
    await register(node, "S-WHOLE", 50_000)
    answer = await landed(node, "whole")
    declared, most = await owed(node, answer), await highest_of(node, "whole", invoice_amount=DEARER)
    before = await books(node)

    secured = await secure(node, answer, "whole", "S-WHOLE")
    again = await secure(node, answer, "whole", "S-WHOLE")

    assert declared < most
    assert again.act_id == secured.act_id
    assert await statuses(node, "D-whole") == ["released"]
    assert await used(node, "S-WHOLE") == most
    said = await parameters(node, "release-against-security", answer)
    assert (said["amount_minor"], said["highest_minor"]) == (most, most)

    # The decision on the amount is another: the price was higher, not the highest.
    await take(
        node,
        answer,
        "whole",
        "value-determined",
        "value-doubtful",
        currency_code="EUR",
        amount="40.00",
        exception_code="fraud-investigation",
        reason="The seller's own list shows the price.",
    )
    final = await owed(node, answer)
    assert declared < final < most
    assert await statuses(node, "D-whole") == ["released"]

    too_much = f"{(final + 1) / 100:.2f}"
    security = {"security": secured.act_id}
    call = {**security, "currency_code": "EUR", "amount": f"{final / 100:.2f}"}
    more = {**call, "amount": too_much, "reference": "MORE"}
    over = await fault_of(take(node, answer, "whole", "security-called", "examined", **more))
    await take(node, answer, "whole", "security-called", "examined", **call)
    assert (await used(node, "S-WHOLE"), over) == (most, "security-exceeded")
    await take(node, answer, "whole", "security-freed", "examined", **security)
    twice = {**security, "reference": "TWICE"}
    gone = await fault_of(take(node, answer, "whole", "security-freed", "examined", **twice))

    assert gone == "not-found"
    # What was called stays in use until the guarantor has paid it.
    assert await used(node, "S-WHOLE") == final
    assert since(await books(node), before) == {
        ("revenue", "posted"): -(final - declared),
        ("amounts-payable", "posted"): -declared,
        ("securities-called", "posted"): final,
    }


async def test_what_is_possible_is_asked_of_the_one_calculation(node: Node) -> None:
    answer = await landed(node, "possible")
    await register(node, "S-POSSIBLE", 500_000)
    codes = ["42022100", "64039900"]

    await secure(
        node,
        answer,
        "possible",
        "S-POSSIBLE",
        possible_commodity_codes=codes,
        possible_origins=["US"],
        reason_code="classification-doubtful",
    )

    said = await parameters(node, "release-against-security", answer)
    single = [
        await highest_of(node, f"possible-{code}-{origin}", invoice_amount=DEARER, commodity_code=code,
                         origin_country_code=origin)
        for code in (*codes, "61091000")
        for origin in ("CN", "US")
    ]  # fmt: skip
    assert said["highest_minor"] == max(single)
    assert await used(node, "S-POSSIBLE") == max(single)


@pytest.mark.in_turn
async def test_an_order_that_cannot_be_worked_out_secures_nothing(node: Node) -> None:
    answer = await landed(node, "not-so")
    await register(node, "S-NOT", 1_000)
    await register(node, "S-THEIRS", 900_000, party_id=6)

    codes = [
        await fault_of(secure(node, answer, "not-so", "S-NOT", **changes))
        for changes in (
            {},
            {"highest_price": None},
            {"amount": "1.00", "currency_code": "EUR"},
            {"possible_commodity_codes": ["99999999"]},
            {"possible_commodity_codes": ["42022100"], "goods_item": 7},
            {"account": "S-THEIRS"},
            {"account": "S-NONE"},
        )
    ]

    assert codes == [
        "guarantee-exhausted",
        "measure-faulty",
        "measure-faulty",
        "security-amount-unknown",
        "measure-faulty",
        "guarantee-unknown",
        "guarantee-unknown",
    ]
    assert await statuses(node, "D-not-so") == ["payment-due"]
    assert (await used(node, "S-NOT"), await used(node, "S-THEIRS")) == (0, 0)


async def test_what_was_released_without_security_is_not_determined_anew(node: Node) -> None:
    answer = await landed(node, "settled-for-good")
    await pay(node, answer.case_id, "GOOD-1", "100.00")

    code = await fault_of(
        take(node, answer, "settled-for-good", "value-determined", "value-doubtful", currency_code="EUR",
             amount="40.00", exception_code="fraud-investigation", reason="too late")
    )  # fmt: skip

    assert code == "measure-not-allowed"


@pytest.mark.in_turn
async def test_securing_calling_and_freeing_at_once_never_takes_more_than_there_is(node: Node) -> None:
    await register(node, "S-RACE", 6_000)
    names = [f"race-{number}" for number in range(12)]
    answers = [await landed(node, name) for name in names]

    refusals: list[str] = []

    async def life(answer: Answer, name: str) -> None:
        stated = {"highest_price": None, "amount": "10.00", "currency_code": "EUR"}
        outcomes: Any = await asyncio.gather(
            secure(node, answer, name, "S-RACE", **stated), return_exceptions=True
        )
        secured = outcomes[0]
        if isinstance(secured, SeraiError):
            refusals.append(secured.code)
            return
        part = {"security": secured.act_id, "currency_code": "EUR", "amount": "2.00"}
        async with asyncio.TaskGroup() as both:
            both.create_task(take(node, answer, name, "security-freed", "examined", **part))
            both.create_task(take(node, answer, name, "security-called", "examined", **part))

    await asyncio.gather(*map(life, answers, names))

    assert set(refusals) == {"guarantee-exhausted"}
    in_use = await used(node, "S-RACE")
    assert 0 <= in_use <= 6_000
    rows = await select(
        node,
        "SELECT sum(amount_minor)::bigint FROM guarantee_reservation JOIN guarantee USING (guarantee_id)"
        " WHERE number = 'S-RACE' GROUP BY act_id",
    )
    assert all(amount >= 0 for (amount,) in rows)
    assert in_use == sum(amount for (amount,) in rows)
