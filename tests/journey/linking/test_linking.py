"""Documents of one case in the processor: what they say against each other, in whatever order they come."""

from itertools import permutations
from typing import Any

import msgspec
import pytest

from serai.app import Node
from serai.journey.case_records import store as case_store
from serai.journey.documents.submission import Answer
from serai.model.frames import MATCH_VERDICTS
from tests.journey.processing.support import (
    CARRIER,
    DECLARANT,
    OTHER_DECLARANT,
    PLATFORM,
    PROVIDER,
    STRANGER,
    decision,
    order,
    parcel,
    payment,
    select,
    send,
    transport,
)

BUYER = {"name": "Zelda Nightingale", "country_code": "DE"}
SENDERS = {"order": PLATFORM, "payment": PROVIDER, "transport-document": CARRIER, "declaration": DECLARANT}


def sale(name: str) -> dict[str, dict[str, Any]]:
    """Four documents that agree: 30.00 less a coupon of 5.00 declared as 25.00, paid as 25.00."""
    return {
        "declaration": parcel(name, consignee={**parcel(name)["consignee"], **BUYER}),
        "order": order(name, buyer=BUYER),
        "payment": payment(name, payer=BUYER),
        "transport-document": transport(name, consignee=BUYER, gross_mass_kg="0.160"),
    }


async def file(node: Node, documents: dict[str, dict[str, Any]]) -> Answer:
    """File documents in their order; return the declaration's answer."""
    answers = {kind: (await send(node, SENDERS[kind], kind, one))[0] for kind, one in documents.items()}
    return answers["declaration"]


async def match_of(node: Node, name: str) -> tuple[str, list[str], list[str]]:
    """Return verdict, codes said and codes awaited of the case of a declaration."""
    rows = await select(
        node,
        "SELECT verdict, said, awaited FROM case_match JOIN every_case USING (case_id)"
        " WHERE coalesce(merged_into, case_id) = (SELECT coalesce(merged_into, case_id) FROM every_case"
        " WHERE case_id = (SELECT case_id FROM consignment WHERE reference = %s))"
        " ORDER BY match_id DESC LIMIT 1",
        f"D-{name}",
    )
    ((verdict, said, awaited),) = rows
    return MATCH_VERDICTS[verdict], sorted(one["code"] for one in msgspec.json.decode(said)), awaited


@pytest.mark.in_turn
async def test_four_that_agree_are_matched_whichever_comes_last(node: Node) -> None:
    for number, kinds in enumerate(list(permutations(SENDERS))[::5]):
        documents = sale(f"agree-{number}")

        await file(node, {kind: documents[kind] for kind in kinds})

        assert await match_of(node, f"agree-{number}") == ("matched", [], []), kinds


async def test_decision_says_that_there_is_a_coupon_and_the_case_of_how_much(node: Node) -> None:
    documents = sale("coupon")
    documents["declaration"]["goods_items"][0]["invoice_amount"] = "30.00"

    await file(node, documents)

    assert await match_of(node, "coupon") == ("matched-with-reasons", ["paid-less-by-coupon"], [])
    ((in_decision, in_case),) = await select(
        node,
        "SELECT parameters, (SELECT string_agg(said, '') FROM case_match) FROM finding"
        " JOIN consignment USING (decision_id) WHERE reference = 'D-coupon' AND code = 'paid-less-by-coupon'",
    )
    assert in_decision == "", "which every party of the case reads"
    assert '"5.00 EUR"' in in_case


async def test_a_split_payment_is_short_until_its_second_part_comes(node: Node) -> None:
    documents = sale("split")
    documents["payment"]["amount"] = "10.00"
    await file(node, documents)
    assert await match_of(node, "split") == ("mismatch", ["paid-amount-differs"], [])

    await send(
        node, PROVIDER, "payment", payment("split", reference="PAYMENT-2", amount="15.00", payer=BUYER)
    )

    assert await match_of(node, "split") == ("matched-with-reasons", ["paid-in-parts"], [])


async def test_one_payment_for_two_orders_is_added_up(node: Node) -> None:
    both = ["ORDER-two", "ORDER-more"]
    documents = sale("two")
    documents["payment"] |= {"amount": "50.00", "order_references": both}
    documents["declaration"] |= {"order_references": both}
    documents["declaration"]["goods_items"][0] |= {"invoice_amount": "50.00", "quantity": "4"}
    await send(node, PLATFORM, "order", order("more", buyer=BUYER))

    await file(node, documents)

    verdict, said, _ = await match_of(node, "two")
    assert (verdict, said) == (
        "matched-with-reasons",
        ["orders-in-one-parcel", "paid-with-other-orders"],
    )


async def test_a_late_payment_completes_the_case_and_says_how_late(node: Node) -> None:
    documents = sale("late")
    late = {**documents.pop("payment"), "paid_at": "2026-07-20T10:00:00Z"}
    await file(node, documents)
    assert (await match_of(node, "late"))[0] == "matched"

    await send(node, PROVIDER, "payment", late)

    assert await match_of(node, "late") == ("matched-with-reasons", ["paid-late"], [])


async def test_a_name_of_another_person_is_a_mismatch_found_by_pseudonyms(node: Node) -> None:
    documents = sale("person")
    documents["transport-document"]["consignee"] = {"name": "John Walker", "country_code": "DE"}

    await file(node, documents)

    assert await match_of(node, "person") == ("mismatch", ["person-differs"], [])
    kept = await select(node, "SELECT said FROM case_match")
    assert not any("Walker" in said or "Nightingale" in said for (said,) in kept)


async def test_what_was_found_stands_when_a_case_is_decided_again_for_another_reason(node: Node) -> None:
    documents = sale("again")
    documents["declaration"]["goods_items"][0]["invoice_amount"] = "30.00"
    await file(node, documents)
    before = await select(node, "SELECT count(*) FROM case_match")

    await send(
        node,
        CARRIER,
        "arrival",
        {
            "reference": "A-again",
            "arrived_at": "2026-07-02T06:41:00+02:00",
            "conveyance_reference": "FLIGHT-again",
        },
    )

    assert await select(node, "SELECT count(*) FROM case_match") == before
    ((code,),) = await select(
        node,
        "SELECT code FROM finding JOIN consignment USING (decision_id) WHERE reference = 'D-again'"
        " AND code LIKE 'paid%%'",
    )
    assert code == "paid-less-by-coupon"


# ---- over what they are like ----


@pytest.mark.parametrize("is_first", [True, False], ids=["payment first", "payment last"])
async def test_swapped_identifiers_join_and_are_named(node: Node, is_first: bool) -> None:
    name = f"swap-{is_first}"
    documents = sale(name)
    swapped = documents.pop("payment") | {
        "reference": f"ORDER-{name}",
        "order_references": [f"PAYMENT-{name}"],
    }
    documents.pop("order")
    documents["declaration"]["order_references"] = [f"ORDER-{name}"]

    await file(node, {"payment": swapped, **documents} if is_first else {**documents, "payment": swapped})

    ((score, detail),) = await select(
        node,
        "SELECT score_ppm, detail FROM document_link JOIN document USING (document_id)"
        " JOIN submission USING (document_id) WHERE reference = %s AND submission.kind = 3",
        f"ORDER-{name}",
    )
    assert detail == "likeness"
    assert 990_000 <= score <= 1_000_000
    assert (
        await select(
            node,
            "SELECT is_confirmed FROM document JOIN submission USING (document_id)"
            " WHERE reference = %s AND submission.kind = 3",
            f"ORDER-{name}",
        )
    ) == [(True,)]


async def test_a_number_with_two_signs_swapped_is_offered_to_officers_only(node: Node) -> None:
    documents = sale("sign-1")
    del documents["payment"]
    await file(node, {kind: documents[kind] for kind in ("order", "declaration")})
    await send(node, PLATFORM, "order", order("sign-2", buyer=BUYER))
    before = await match_of(node, "sign-1")

    await send(node, PROVIDER, "payment", payment("sing-1", payer=BUYER))

    assert await match_of(node, "sign-1") == before


@pytest.mark.parametrize("is_paid", [False, True])
async def test_only_a_case_that_lacks_a_payment_is_opened_for_one_with_the_same_signs(
    node: Node, is_paid: bool
) -> None:
    documents = sale(f"pay-{is_paid}-12")
    # The order comes first and waits, so that it can be found.
    kinds = ["order", "declaration", *(["payment"] if is_paid else [])]
    await file(node, {kind: documents[kind] for kind in kinds})
    reads = "SELECT count(*) FROM vault_read WHERE purpose <> %s"
    before = await select(node, reads, "")

    await send(node, PROVIDER, "payment", payment(f"pay-{is_paid}-21", payer=BUYER))

    assert (await select(node, reads, "") == before) is is_paid


async def test_who_has_no_right_is_offered_to_officers_and_changes_nothing(node: Node) -> None:
    documents = sale("right")
    del documents["payment"]
    await file(node, documents)
    before = await match_of(node, "right")

    astray = payment("right", reference="ORDER-right", order_references=["PAYMENT-right"], payer=BUYER)
    await send(node, STRANGER, "payment", astray)

    assert await match_of(node, "right") == before
    ((case_id,),) = await select(node, "SELECT case_id FROM consignment WHERE reference = 'D-right'")
    async with node.database.read(node.administration_id) as connection:
        possible = await case_store.select_possible_matches(
            connection, [case_id], administration_id=node.administration_id
        )
    assert [one.case_id != case_id and one.score_ppm > 900_000 for one in possible] == [True]


async def test_others_declarations_are_not_drawn_in_by_likeness(node: Node) -> None:
    """Another declarant names the same order: the payment joins the case whose numbers fit, and no other."""
    documents = sale("drawn")
    await file(node, documents)

    other = parcel("drawn-2", order_references=["ORDER-drawn"], ucr="UCR-x", house_document="HOUSE-x")
    (answer,) = await send(node, OTHER_DECLARANT, "declaration", other)

    assert decision(answer)["lane"] is not None
    cases = await select(node, "SELECT case_id FROM consignment WHERE reference IN ('D-drawn', 'D-drawn-2')")
    assert len(set(cases)) == 2


async def test_the_next_order_of_the_same_buyer_is_not_taken_for_the_one_that_is_late(node: Node) -> None:
    """Same buyer, price and day; the order of the second sale is here before the first sale's."""
    await send(node, PLATFORM, "order", order("next-2", buyer=BUYER))
    documents = sale("next-1")

    (declared,) = await send(node, DECLARANT, "declaration", documents["declaration"])
    assert await select(node, "SELECT 1 FROM case_match WHERE case_id = %s", declared.case_id) == []
    await send(node, PLATFORM, "order", documents["order"])

    assert (await match_of(node, "next-1"))[0] == "matched"
    (late,) = await send(node, DECLARANT, "declaration", sale("next-2")["declaration"])
    assert late.case_id != declared.case_id
