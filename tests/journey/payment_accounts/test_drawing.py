"""What is put on payment accounts: never more than their limit, taken back once, and over one's own alone
where the settings say so."""

import asyncio
from contextlib import nullcontext
from dataclasses import replace as with_changes

import pytest

from serai.app import Node
from serai.journey.acts.case_acts import require_account
from serai.model.errors import SeraiError
from tests.journey.acts.test_acts import pay, refused, take_back
from tests.journey.payment_accounts.opening import open_account, open_minor
from tests.journey.processing.support import DECLARANT, OFFICER, parcel, send


async def test_forty_at_once_put_on_an_account_what_there_is_and_not_a_cent_more(node: Node) -> None:
    await open_account(node, "A-FORTY", 1_000)
    cases = await send(node, DECLARANT, "declaration", *(parcel(f"on-{n}") for n in range(40)))

    done = await asyncio.gather(
        *(
            pay(node, one.case_id, f"ON-{n}", "0.90", kind="on-account", account="A-FORTY", sender=DECLARANT)
            for n, one in enumerate(cases)
        ),
        return_exceptions=True,
    )

    taken = [one for one in done if not isinstance(one, BaseException)]
    assert len(taken) == 11
    assert {one.code for one in done if isinstance(one, SeraiError)} == {"payment-account-exhausted"}
    assert await open_minor(node, "A-FORTY") == 990


async def test_what_is_taken_back_comes_free_once(node: Node) -> None:
    await open_account(node, "A-FREE", 500)
    (declared,) = await send(node, DECLARANT, "declaration", parcel("account-free"))
    done = await pay(node, declared.case_id, "AF-1", "5.00", kind="on-account", account="A-FREE")
    full = await refused(pay(node, declared.case_id, "AF-2", "0.01", kind="on-account", account="A-FREE"))

    for _ in range(2):
        await take_back(node, declared.case_id, done.act_id, "AF-3")

    assert full == "payment-account-exhausted"
    assert await open_minor(node, "A-FREE") == 0


async def test_a_node_that_takes_real_money_takes_no_partys_word(node: Node) -> None:
    strict = with_changes(node.services, needs_accounts=True)

    for sender, kind, account, is_taken in (
        (DECLARANT, "paid", None, False),
        (DECLARANT, "on-account", None, False),
        (DECLARANT, "on-account", "A-1", True),
        (OFFICER, "paid", None, True),
    ):
        with nullcontext() if is_taken else pytest.raises(SeraiError, match="mark"):
            require_account(strict, sender, kind, account)
