"""Citations of a scheme number: with its tokens, without them, with those of others; each token once."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from serai.app import Node
from serai.foundation.jws import encode_part
from serai.journey.acts.service import Acts
from serai.journey.consignments.store import EVENT_KINDS
from serai.journey.documents.submission import Answer
from serai.journey.processing.citations.settling import EVENT
from serai.journey.tax_paid.token import PaidItem, StatusReference
from serai.model.errors import SeraiError
from tests.journey.ledger.books import assert_books_agree
from tests.journey.ledger.test_ledger import standing
from tests.journey.processing.support import (
    DECLARANT,
    decision,
    opened,
    select,
    send,
)
from tests.journey.tax_paid.border import (
    DAY,
    HOLDER,
    ISSUER,
    KID,
    OTHER_NUMBER,
    add_key,
    add_list,
    cited,
    open_border,
    signed_list,
    token_of,
)
from tests.journey.tax_paid.tokens import OTHER, Signer


def said(answer: Answer) -> set[str]:
    return {one["code"] for one in decision(answer).get("findings", []) if "tax-paid" in one["code"]}


def is_prepaid(answer: Answer) -> bool:
    """Whether VAT came at sale, and not at the border."""
    charges = [one for item in decision(answer)["goods_items"] for one in item["charges"]]
    (due,) = {one["due"] for one in charges if one["rule_id"] == "eu-vat"}
    return bool(due == "sale")


async def outcomes(node: Node, answers: list[Answer]) -> dict[str, int]:
    ids = [one.document_id for one in answers]
    rows = await select(
        node,
        "SELECT outcome, reason, count(*) FROM scheme_citation WHERE consignment_id = ANY(%s) GROUP BY 1, 2",
        ids,
    )
    return {f"{outcome} {reason}".strip(): count for outcome, reason, count in rows}


async def told(node: Node) -> int:
    """How many events of refusals the holder was told."""
    kind = EVENT_KINDS.index(EVENT)
    ((count,),) = await select(
        node,
        "SELECT coalesce(sum(cardinality(case_ids)), 0)::bigint FROM event_batch"
        " WHERE party_id = %s AND kind = %s",
        HOLDER,
        kind,
    )
    return int(count)


async def returned(node: Node) -> int:
    """What comes with the monthly return of the scheme, in cents, by the ledger."""
    return (await standing(node))["scheme-returns", "pending"]


async def test_of_500_citations_with_480_tokens_one_of_them_a_copy_21_are_refused(node: Node) -> None:
    await open_border(node, tokens_from=node.clock.now().date())
    tokens = [token_of(node, f"many-{n}") for n in range(479)]
    documents = [cited(f"many-{n}", tokens[n] if n < 479 else None) for n in range(499)]
    # For the same order and goods: all but the use is as it should be.
    copy = cited("many-copy", tokens[0], order_references=["ORDER-many-0"])
    before, heard = await returned(node), await told(node)

    answers = await send(node, DECLARANT, "declaration", *documents, copy)

    assert Counter(frozenset(said(one)) for one in answers) == {
        frozenset(): 479,
        frozenset({"tax-paid-token-missing"}): 20,
        frozenset({"tax-paid-token-used"}): 1,
    }
    assert [is_prepaid(one) for one in answers] == [True] * 479 + [False] * 21
    assert await outcomes(node, answers) == {"proven": 479, "missing": 20, "refused used": 1}
    # The return is that of what was proven, to the cent; the other 21 are charged at the border.
    assert await returned(node) - before == 479 * 475
    assert await told(node) - heard == 21
    await assert_books_agree(node)


async def test_whose_holder_asks_for_no_tokens_is_believed_without(node: Node) -> None:
    await open_border(node)
    answers = await send(
        node,
        DECLARANT,
        "declaration",
        cited("plain"),
        cited("with", token_of(node, "with")),
        # Of an issuer that nobody here knows: it may be good.
        cited("unheard", token_of(node, "unheard", signer=Signer(9), kid="somebody")),
    )

    assert [is_prepaid(one) for one in answers] == [True] * 3
    assert [said(one) for one in answers] == [set()] * 3
    assert await outcomes(node, answers) == {"without": 1, "proven": 1, "without unknown-key": 1}


async def test_each_unsound_token_is_refused_with_its_reason(node: Node) -> None:
    await open_border(node, tokens_from=node.clock.now().date())
    await add_key(node, "rival-1", "log.rival.example", OTHER)
    await add_key(node, "ended-1", ISSUER, Signer(5), valid_to=node.clock.now() - DAY / 24)
    at = node.clock.now()
    other_code = (PaidItem(sequence_number=1, commodity_code="950300", value="25.00", gross_mass_g=150),)
    none = encode_part(b'{"alg":"none","kid":"market-1","typ":"tax-paid+jwt"}')
    wrong: dict[str, tuple[dict[str, Any] | str, str]] = {
        "order": ({"order_reference": "ORDER-of-a-stranger"}, "for-other-goods"),
        "goods": ({"items": other_code}, "for-other-goods"),
        "number": ({"scheme_number": OTHER_NUMBER}, "for-other-goods"),
        "border": ({"administration_code": "ZZ"}, "of-another-border"),
        "expired": ({"expires_at": at - DAY}, "expired"),
        "ended-key": ({"signer": Signer(5), "kid": "ended-1"}, "expired"),
        "clock": ({"issued_at": at + DAY}, "not-yet-valid"),
        "unknown": ({"signer": Signer(9), "kid": "somebody"}, "unchecked"),
        "no-list": ({"status": StatusReference(1, "https://market.example/status/2")}, "unchecked"),
        # Signed by a key that is believed, in the name of another issuer; and the other way round.
        "confused": ({"signer": OTHER, "kid": "rival-1"}, "unsound"),
        "borrowed": ({"signer": OTHER}, "unsound"),
        "no-algorithm": (f"{none}.{token_of(node, 'no-algorithm').split('.')[1]}.", "unsound"),
        "no-token": ("abc", "unsound"),
    }
    documents = [
        cited(name, changes if isinstance(changes, str) else token_of(node, name, **changes))
        for name, (changes, _) in wrong.items()
    ]

    answers = await send(node, DECLARANT, "declaration", *documents)

    found = dict(zip(wrong, map(said, answers), strict=True))
    assert found == {name: {f"tax-paid-token-{word}"} for name, (_, word) in wrong.items()}
    assert not any(map(is_prepaid, answers))


async def test_one_that_is_too_long_is_answered_at_its_place_and_stops_no_other(node: Node) -> None:
    await open_border(node)

    long, sound = await send(
        node, DECLARANT, "declaration", cited("long", "a" * 50_000), cited("short", token_of(node, "short"))
    )

    assert (long.status, sound.status) == ("rejected", "decided")
    assert {one.pointer for one in long.findings} == {"/tax_paid_token"}


@pytest.mark.in_turn
async def test_of_four_processes_at_once_one_gets_a_token(node: Node, database: str, keys: Path) -> None:
    await open_border(node, tokens_from=node.clock.now().date())
    token = token_of(node, "race")
    async with (
        opened(database, keys) as second,
        opened(database, keys) as third,
        opened(database, keys) as fourth,
    ):
        nodes = (node, second, third, fourth)
        done = await asyncio.gather(
            *(
                send(
                    one, DECLARANT, "declaration", cited(f"race-{n}", token, order_references=["ORDER-race"])
                )
                for n, one in enumerate(nodes)
            )
        )

    answers = [one for (one,) in done]
    assert await outcomes(node, answers) == {"proven": 1, "refused used": 3}
    assert Counter(map(is_prepaid, answers)) == {True: 1, False: 3}


async def test_an_amendment_keeps_its_token_as_long_as_the_goods_are_the_same(node: Node) -> None:
    await open_border(node, tokens_from=node.clock.now().date())
    token = token_of(node, "amended")
    (first,) = await send(node, DECLARANT, "declaration", cited("amended", token))
    dearer = cited("amended", token)["goods_items"][0] | {"invoice_amount": "26.00"}
    lighter = cited("amended", token)["goods_items"][0] | {"gross_mass_kg": "0.140"}

    (same,) = await send(
        node, DECLARANT, "declaration", cited("amended", token, goods_items=[lighter], amends_version=1)
    )
    (bare,) = await send(node, DECLARANT, "declaration", cited("amended", amends_version=2))
    (other,) = await send(
        node, DECLARANT, "declaration", cited("amended", goods_items=[dearer], amends_version=3)
    )

    assert [is_prepaid(one) for one in (first, same, bare, other)] == [True, True, True, False]
    assert said(other) == {"tax-paid-token-for-other-goods"}


async def test_a_missing_token_is_brought_by_an_amendment(node: Node) -> None:
    await open_border(node, tokens_from=node.clock.now().date())
    (first,) = await send(node, DECLARANT, "declaration", cited("late"))
    (then,) = await send(
        node, DECLARANT, "declaration", cited("late", token_of(node, "late"), amends_version=1)
    )

    assert [is_prepaid(first), is_prepaid(then)] == [False, True]
    assert await outcomes(node, [first]) == {"proven": 1}


async def test_what_an_invalidated_declaration_has_used_is_free_again(node: Node) -> None:
    await open_border(node, tokens_from=node.clock.now().date())
    token = token_of(node, "mistake")
    await send(node, DECLARANT, "declaration", cited("mistake", token))
    await Acts(node.processor).withdraw(DECLARANT, "D-mistake", expected_version=1, reason="twice")

    once, twice = await send(
        node,
        DECLARANT,
        "declaration",
        cited("right", token, order_references=["ORDER-mistake"]),
        cited("wrong", token, order_references=["ORDER-mistake"]),
    )

    assert [is_prepaid(once), is_prepaid(twice)] == [True, False]


async def test_an_older_list_is_refused_and_a_newer_one_counts(node: Node) -> None:
    await open_border(node, tokens_from=node.clock.now().date())
    used = [3] * 1_000
    await add_list(node, signed_list(node, *used, age=-DAY / 1440))

    with pytest.raises(SeraiError) as older:
        await add_list(node, signed_list(node))
    with pytest.raises(SeraiError) as stranger:
        await add_list(node, signed_list(node, age=-DAY / 720), party_id=HOLDER + 1)
    with pytest.raises(SeraiError) as forged:
        await add_list(node, signed_list(node, age=-DAY / 720, signer=OTHER))
    (answer,) = await send(node, DECLARANT, "declaration", cited("rolled", token_of(node, "rolled")))

    assert (older.value.code, stranger.value.code) == ("status-list-older", "status-list-untrusted")
    assert forged.value.code == "status-list-untrusted"
    assert said(answer) == {"tax-paid-token-used"}


async def test_a_rivals_list_at_the_same_address_takes_nobodys_away(node: Node) -> None:
    await open_border(node, tokens_from=node.clock.now().date())
    await add_key(node, "rival-1", "log.rival.example", OTHER)
    await add_list(node, signed_list(node, *[1] * 1_000, age=-DAY / 1440, signer=OTHER, kid="rival-1"))

    (answer,) = await send(node, DECLARANT, "declaration", cited("rival", token_of(node, "rival")))

    assert is_prepaid(answer)


async def test_another_key_of_the_same_name_is_not_registered(node: Node) -> None:
    await open_border(node)

    with pytest.raises(SeraiError) as refused:
        await add_key(node, KID, "log.rival.example", OTHER)

    assert refused.value.code == "reference-reused"
