"""Amounts secured with guarantees: never more than there is, given back when what they stand for is taken
back, and nobody else's."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from serai.app import Node
from serai.journey.guarantees import store
from serai.journey.guarantees.store import Guarantee
from serai.model.errors import SeraiError
from tests.journey.acts.test_acts import pay, refused, take_back
from tests.journey.processing.support import DECLARANT, OTHER_DECLARANT, parcel, send

HOUR = timedelta(hours=1)


async def register(node: Node, number: str, amount_minor: int, party_id: int = 1, **changes: Any) -> None:
    at = node.clock.now()
    guarantee = Guarantee(
        guarantee_id=int(node.ids.take(1)[0]),
        party_id=party_id,
        number=number,
        **{
            "kind": "comprehensive",
            "guarantor": "Invented Bank",
            "currency_code": "EUR",
            "reference_amount_minor": amount_minor,
            "valid_from": at - HOUR,
            "valid_to": None,
            "registered_at": at,
            **changes,
        },
    )
    async with node.database.write() as connection:
        await store.insert_guarantee(connection, guarantee, administration_id=node.administration_id)


async def used(node: Node, number: str) -> int:
    async with node.database.write() as connection:
        found = await store.select_guarantee(connection, number, administration_id=node.administration_id)
    assert found is not None
    return found.used_minor


async def secure(node: Node, case_id: int, reference: str, amount: str, number: str, **changes: Any) -> Any:
    return await pay(node, case_id, reference, amount, kind="secured", account=number, **changes)


@pytest.mark.in_turn
async def test_forty_at_once_take_what_there_is_and_not_a_cent_more(node: Node) -> None:
    await register(node, "G-FORTY", 1_000)
    cases = await send(node, DECLARANT, "declaration", *(parcel(f"forty-{n}") for n in range(40)))

    done = await asyncio.gather(
        *(secure(node, one.case_id, f"FORTY-{n}", "0.90", "G-FORTY") for n, one in enumerate(cases)),
        return_exceptions=True,
    )

    taken = [one for one in done if not isinstance(one, BaseException)]
    assert len(taken) == 11
    assert {one.code for one in done if isinstance(one, SeraiError)} == {"guarantee-exhausted"}
    assert await used(node, "G-FORTY") == 990


async def test_what_is_taken_back_comes_free_once(node: Node) -> None:
    await register(node, "G-FREE", 500)
    (declared,) = await send(node, DECLARANT, "declaration", parcel("comes-free"))
    secured = await secure(node, declared.case_id, "FREE-1", "5.00", "G-FREE")
    again = await secure(node, declared.case_id, "FREE-1", "5.00", "G-FREE")
    full = await refused(secure(node, declared.case_id, "FREE-2", "0.01", "G-FREE"))

    for _ in range(2):
        await take_back(node, declared.case_id, secured.act_id, "FREE-3")

    assert again == secured
    assert full == "guarantee-exhausted"
    assert await used(node, "G-FREE") == 0
    await secure(node, declared.case_id, "FREE-4", "5.00", "G-FREE")
    assert await used(node, "G-FREE") == 500


async def test_nothing_is_recorded_where_the_guarantee_does_not_hold(node: Node) -> None:
    at = node.clock.now()
    await register(node, "G-YEN", 500, currency_code="JPY")
    await register(node, "G-OVER", 500, valid_to=at - HOUR / 2)
    await register(node, "G-LATER", 500, valid_from=at + HOUR)
    await register(node, "G-THEIRS", 50_000, party_id=6)
    (declared,) = await send(node, DECLARANT, "declaration", parcel("held"))

    codes = [
        await refused(secure(node, declared.case_id, f"HELD-{number}", "1.00", number))
        for number in ("G-YEN", "G-OVER", "G-LATER", "G-THEIRS", "G-NONE")
    ]

    assert codes == [
        "guarantee-currency-differs",
        "guarantee-not-in-force",
        "guarantee-not-in-force",
        # Another's is answered as one that does not exist.
        "guarantee-unknown",
        "guarantee-unknown",
    ]
    assert await used(node, "G-THEIRS") == 0
    async with node.database.write() as connection:
        cursor = await connection.execute("SELECT count(*) FROM act WHERE case_id = %s", (declared.case_id,))
        assert await cursor.fetchone() == (0,)


async def test_each_declarant_secures_with_its_own(node: Node) -> None:
    await register(node, "G-SIX", 500, party_id=6)
    (theirs,) = await send(node, OTHER_DECLARANT, "declaration", parcel("of-six"))

    mine = await refused(secure(node, theirs.case_id, "SIX-1", "1.00", "G-SIX", sender=DECLARANT))
    await secure(node, theirs.case_id, "SIX-2", "1.00", "G-SIX", sender=OTHER_DECLARANT)

    assert mine == "not-found"
    assert await used(node, "G-SIX") == 100


@pytest.mark.parametrize("amount", ["0.00", "-1.00", "1.001"])
async def test_an_amount_that_is_none_takes_nothing(node: Node, amount: str) -> None:
    await register(node, f"G-AMOUNT-{amount}", 500)
    (declared,) = await send(node, DECLARANT, "declaration", parcel(f"amount{amount}"))

    code = await refused(secure(node, declared.case_id, "AMOUNT-1", amount, f"G-AMOUNT-{amount}"))

    assert code == "mark-faulty"
    assert await used(node, f"G-AMOUNT-{amount}") == 0
