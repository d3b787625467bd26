"""Orders, payments and transport documents: kept, receipted, matched; what they change is decided."""

import pytest

from serai.app import Node
from serai.evidence.receipt import verify_receipt
from serai.foundation.vault.reading import Reach, open_messages, open_people
from serai.journey.acts.service import Acts
from serai.journey.documents.submission import Answer
from serai.journey.recording.recorded_facts import read_context
from serai.model.frames import LANES, STATUSES
from serai.model.packed_detail import unpack_detail
from tests.journey.processing.support import (
    CARRIER,
    DECLARANT,
    OTHER_CARRIER,
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


async def test_declaration_joins_the_case_that_an_order_opened(node: Node) -> None:
    (ordered,) = await send(node, PLATFORM, "order", order("first"))

    (declared,) = await send(node, DECLARANT, "declaration", parcel("first"))

    assert ordered.status == "recorded"
    assert declared.case_id == ordered.document_id, "the lower id survives"
    assert ordered.case_id == 0, "what waits is in no case yet"
    rows = await select(
        node, "SELECT kind, is_confirmed FROM document WHERE document_id = %s", ordered.document_id
    )
    assert rows == [(2, True)]


async def test_coupon_in_the_order_is_no_contradiction(node: Node) -> None:
    await send(node, PLATFORM, "order", order("coupon"))

    (declared,) = await send(node, DECLARANT, "declaration", parcel("coupon"))

    assert "declared-amount-differs" not in {one["code"] for one in decision(declared).get("findings", [])}


@pytest.mark.parametrize(("discount", "lane"), [("1.00", "review"), ("12.00", "proceed")])
async def test_order_that_contradicts_is_told_and_looked_at_where_it_says_more(
    node: Node, discount: str, lane: str
) -> None:
    name = f"contradiction-{lane}"
    (declared,) = await send(node, DECLARANT, "declaration", parcel(name))

    await send(node, PLATFORM, "order", order(name, discount_amount=discount))

    rows = await select(
        node,
        "SELECT decision_id, supersedes, lane FROM decision WHERE consignment_id = %s ORDER BY decision_id",
        declared.document_id,
    )
    assert [row[1] for row in rows] == [None, declared.decision_id]
    assert [LANES[row[2]] for row in rows] == ["proceed", lane]
    ((code, severity, said),) = await select(
        node,
        "SELECT code, severity, parameters FROM finding WHERE decision_id = %s AND code LIKE 'declared%%'",
        rows[1][0],
    )
    assert (code, severity) == ("declared-amount-differs", "advice")
    assert said == "", "by how much is for those who may read both"


async def test_contradiction_known_before_is_said_with_the_first_decision(node: Node) -> None:
    await send(node, PLATFORM, "order", order("early", discount_amount="1.00"))

    (declared,) = await send(node, DECLARANT, "declaration", parcel("early"))

    assert "declared-amount-differs" in {one["code"] for one in decision(declared)["findings"]}
    (again,) = await send(node, DECLARANT, "declaration", parcel("early"))
    assert decision(again) == decision(declared), "what is stored is what was answered"


async def test_amended_order_takes_the_contradiction_away(node: Node) -> None:
    await send(node, PLATFORM, "order", order("mended", discount_amount="1.00"))
    (declared,) = await send(node, DECLARANT, "declaration", parcel("mended"))

    (amended,) = await send(node, PLATFORM, "order", order("mended", amends_version=1))

    assert (amended.status, amended.version) == ("recorded", 2)
    (again,) = await send(node, DECLARANT, "declaration", parcel("mended"))
    assert "declared-amount-differs" not in {one["code"] for one in decision(again).get("findings", [])}
    assert decision(again)["supersedes"] == decision(declared)["decision_id"]


async def test_document_that_changes_nothing_leaves_the_decision_alone(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("quiet"))

    (paid,) = await send(node, PROVIDER, "payment", payment("quiet"))
    (moved,) = await send(node, CARRIER, "transport-document", transport("quiet"))

    assert paid.case_id == moved.case_id == declared.case_id
    rows = await select(
        node, "SELECT decision_id FROM decision WHERE consignment_id = %s", declared.document_id
    )
    assert rows == [(declared.decision_id,)]


async def test_payment_that_knows_only_the_order_is_found_through_it(node: Node) -> None:
    (paid,) = await send(node, PROVIDER, "payment", payment("chain"))
    await send(node, PLATFORM, "order", order("chain"))

    (declared,) = await send(node, DECLARANT, "declaration", parcel("chain", order_references=[]))

    rows = await select(node, "SELECT is_confirmed FROM document WHERE document_id = %s", paid.document_id)
    assert rows == [(True,)]
    ((detail,),) = await select(
        node, "SELECT detail FROM decision WHERE decision_id = %s", declared.decision_id
    )
    context = read_context(unpack_detail(detail).context)
    assert context.flags & 0b011000 == 0b011000, "order and payment are there"


async def test_same_document_again_is_answered_from_the_store(node: Node) -> None:
    (first,) = await send(node, PLATFORM, "order", order("again"))

    (second,) = await send(node, PLATFORM, "order", order("again"))
    (other,) = await send(node, PLATFORM, "order", order("again", discount_amount="4.00"))

    assert (second.status, second.document_id) == ("repeated", first.document_id)
    assert second.receipt
    assert (other.status, other.problem_code) == ("refused", "reference-reused")


async def test_two_amendments_of_one_version_one_wins(node: Node) -> None:
    await send(node, PLATFORM, "order", order("race"))

    answers = await send(
        node,
        PLATFORM,
        "order",
        order("race", amends_version=1, discount_amount="3.00"),
        order("race", amends_version=1, discount_amount="4.00"),
    )
    (nothing,) = await send(node, PLATFORM, "order", order("never", amends_version=1))

    assert [one.status for one in answers] == ["recorded", "refused"]
    assert answers[1].problem_code == "version-not-current"
    assert nothing.problem_code == "amends-nothing"


async def test_all_faults_of_a_document_at_once(node: Node) -> None:
    (answer,) = await send(
        node,
        PLATFORM,
        "order",
        order(
            "faulty",
            currency_code="ABC",
            purchased_at="29 June 2026, ten in the morning",
            buyer={"name": "X", "country_code": "XX"},
            lines=[{"sequence_number": 1, "description": "x", "quantity": "0", "amount": "1e9"}],
        ),
    )

    assert answer.status == "rejected"
    assert {finding.code for finding in answer.findings} == {
        "unknown-currency",
        "not-an-instant",
        "unknown-country",
        "not-positive",
        "not-a-decimal",
    }
    assert not await select(node, "SELECT 1 FROM submission WHERE reference = 'ORDER-faulty'")


async def test_people_are_in_the_vault_and_nowhere_else(node: Node) -> None:
    (answer,) = await send(node, PLATFORM, "order", order("people"))

    services = node.services
    reach = Reach(node.administration_id, "examination", "tests", node.clock.now())
    messages = await open_messages(
        node.database.write, services.keyring, services.codec, [answer.document_id], reach
    )
    message = messages[answer.document_id].value
    ((roles, person_id),) = await select(
        node,
        "SELECT person_roles, first_person_id FROM document WHERE document_id = %s",
        answer.document_id,
    )
    people = await open_people(
        node.database.write, services.keyring, [(person_id, answer.document_id)], reach
    )
    assert b"Invented Person" not in message
    assert roles == 1 << 3
    assert b"Invented Person 1" in people[person_id, answer.document_id].value


async def test_receipt_of_a_document_verifies(node: Node) -> None:
    (answer,) = await send(node, PLATFORM, "order", order("receipt"))

    verdict = verify_receipt(answer.receipt, node.services.signer.public_key)

    assert verdict.is_genuine, verdict.faults
    assert verdict.leaf is not None
    assert verdict.leaf.leaf_id == answer.document_id


async def test_transport_document_gives_a_place_to_a_consignment_that_names_none(node: Node) -> None:
    bare = parcel("placed")
    del bare["conveyance_reference"]
    (declared,) = await send(node, DECLARANT, "declaration", bare)

    await send(node, CARRIER, "transport-document", transport("placed"))

    rows = await select(
        node,
        "SELECT unit.kind, parent.number FROM consignment"
        " JOIN transport_unit AS unit USING (transport_unit_id)"
        " JOIN transport_unit AS parent ON parent.transport_unit_id = unit.parent_id"
        " WHERE consignment_id = %s",
        declared.document_id,
    )
    assert rows == [(5, "BAG-placed")]


async def test_document_with_keys_of_two_cases_makes_them_one(node: Node) -> None:
    (one,) = await send(node, DECLARANT, "declaration", parcel("left"))
    (other,) = await send(node, DECLARANT, "declaration", parcel("right"))
    assert one.case_id != other.case_id

    (joined,) = await send(
        node,
        DECLARANT,
        "declaration",
        parcel("both", ucr="UCR-left", house_document="HOUSE-right", order_references=[]),
    )

    assert joined.case_id == one.case_id, "the lower id survives"
    rows = await select(node, "SELECT merged_into FROM every_case WHERE case_id = %s", other.case_id)
    assert rows == [(one.case_id,)], "the old id resolves"
    (late,) = await send(node, PROVIDER, "payment", payment("right"))
    assert late.case_id == one.case_id


async def test_number_that_comes_back_after_a_year_opens_a_new_case(node: Node) -> None:
    (old,) = await send(
        node, DECLARANT, "declaration", parcel("s10-a", house_document="RR000000005CN", ucr=None)
    )
    await select(
        node,
        "UPDATE match_key SET opened_s = opened_s - 400 * 86400 WHERE case_id = %s RETURNING 1",
        old.case_id,
    )

    (new,) = await send(
        node, DECLARANT, "declaration", parcel("s10-b", house_document="RR000000005CN", ucr=None)
    )
    (moved,) = await send(
        node, CARRIER, "transport-document", transport("s10-c", house_document="RR000000005CN")
    )

    assert new.case_id != old.case_id
    assert moved.case_id == new.case_id, "from now on the number means the new one"


async def test_one_poisoned_document_harms_nobody_else(node: Node) -> None:
    answers = await send(
        node,
        PLATFORM,
        "order",
        *(order(f"poison-{number}") for number in range(20)),
        order("poison-bad", currency_code="XXX"),
        *(order(f"poison-{number}") for number in range(20, 40)),
    )

    assert [one.status for one in answers] == ["recorded"] * 20 + ["rejected"] + ["recorded"] * 20


async def status_of(node: Node, declared: Answer) -> str:
    """The customs status that stands for a declaration."""
    query = "SELECT status FROM consignment WHERE document_id = %s"
    ((number,),) = await select(node, query, declared.document_id)
    return STATUSES[number]


async def test_two_carriers_claim_one_number_and_neither_counts_until_one_withdraws(node: Node) -> None:
    """Both are known to the case: the declaration names one, and that one's document names the other."""
    async with node.database.write() as connection:
        await connection.execute(
            "INSERT INTO party_identifier (administration_id, identifier, party_id, added_at)"
            " VALUES (%s, 'OTHER-CARRIER', 7, %s) ON CONFLICT DO NOTHING",
            (node.administration_id, node.clock.now()),
        )
    (declared,) = await send(node, DECLARANT, "declaration", parcel("claimed"))
    before = await status_of(node, declared)
    first = transport("claimed", detail={"carrier_id": "OTHER-CARRIER"})
    (counted,) = await send(node, CARRIER, "transport-document", first)

    second = transport("claimed", reference="CLAIM-2")
    (disputed,) = await send(node, OTHER_CARRIER, "transport-document", second)

    standing = (
        "SELECT party_id, is_confirmed FROM document WHERE kind = 4 AND document_id = ANY(%s) ORDER BY 1"
    )
    both = [counted.document_id, disputed.document_id]
    (told,) = await send(node, DECLARANT, "declaration", parcel("claimed"))
    assert (counted.case_id, disputed.case_id) == (declared.case_id, 0)
    assert await select(node, standing, both) == [(4, False), (7, False)]
    assert "two-carriers-claim-it" in {one["code"] for one in decision(told)["findings"]}
    assert await status_of(node, declared) == "under-documentary-control", "whose it is, is not known"

    await Acts(node.processor).withdraw_document(
        OTHER_CARRIER, "transport-document", "CLAIM-2", expected_version=1, reason="not ours"
    )

    (after,) = await send(node, DECLARANT, "declaration", parcel("claimed"))
    assert await select(node, standing, [counted.document_id]) == [(4, True)]
    assert await status_of(node, declared) == before
    assert "two-carriers-claim-it" not in {one["code"] for one in decision(after).get("findings", [])}


async def test_stranger_that_claims_a_number_disputes_nothing(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("mine"))
    (counted,) = await send(node, CARRIER, "transport-document", transport("mine"))

    await send(node, STRANGER, "transport-document", transport("mine", reference="CLAIM-3"))

    (told,) = await send(node, DECLARANT, "declaration", parcel("mine"))
    assert counted.case_id == declared.case_id
    assert told.decision == declared.decision or "two-carriers-claim-it" not in decision(told).get(
        "findings", []
    )
