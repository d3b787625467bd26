"""Only a declaration lets other documents count, and whom counting documents name; no role does by itself."""

from typing import Any

import msgspec

from serai.journey.matching.rules import (
    ORDER,
    UCR,
    Circle,
    Declared,
    Named,
    circle_of,
    counts,
    is_meant_for,
    may_share,
    names_of,
)
from serai.model.documents import (
    Consignment,
    Order,
    OrderDetail,
    Payment,
    PaymentDetail,
    TransportDetail,
    TransportDocument,
)
from tests.journey.processing import support

DECLARED = Declared(1, frozenset({("platform", 2), ("carrier", 5)}))


class Sent(msgspec.Struct):
    party_id: int
    named: Named = frozenset()
    kind: str = "order"
    is_confirmed: bool = False
    declarant_ids: frozenset[int] = frozenset()
    is_claimed_twice: bool = False


def parties_of(*case: Any) -> frozenset[int]:
    return frozenset(number for _, number in circle_of(*case).parts)


def seller(*numbers: int) -> Named:
    return frozenset(("seller", number) for number in numbers)


def test_without_a_declaration_nobody_counts() -> None:
    assert parties_of([], [Sent(1, seller(2), is_confirmed=True)]) == frozenset()


def test_declarant_and_whom_it_names_count_and_nobody_else() -> None:
    assert parties_of([DECLARED], [Sent(3), Sent(4)]) == {1, 2, 5}


def test_whom_a_counting_document_names_counts_too_in_any_order() -> None:
    order, payment, stranger = Sent(2, seller(6)), Sent(6, seller(7)), Sent(3, seller(3, 4))

    assert parties_of([DECLARED], [payment, stranger, order]) == {1, 2, 5, 6, 7}


def test_what_a_stranger_says_lets_nobody_in() -> None:
    assert parties_of([DECLARED], [Sent(3, seller(3, 4))]) == {1, 2, 5}


def test_mandate_of_a_counting_party_lets_in_its_kind_of_document_and_what_that_names() -> None:
    covered = {(2, 8, "payment"), (3, 9, "payment")}
    paid = Sent(8, seller(7), kind="payment")
    stray = Sent(9, seller(4), kind="payment")

    circle = circle_of([DECLARED], [paid, stray], covered)

    assert {number for _, number in circle.parts} == {1, 2, 5, 7}, "whoever has a mandate is no party by it"
    assert counts(paid, circle)
    assert not counts(Sent(8, kind="order"), circle), "the mandate is for payments"
    assert not counts(stray, circle), "the grantor has no part in the case"


def test_declarations_share_a_case_only_if_one_party_filed_them() -> None:
    assert may_share(DECLARED, Declared(1), UCR)
    assert not may_share(DECLARED, Declared(2), UCR)
    assert not may_share(DECLARED, Declared(1), ORDER), "equal order numbers of two platforms"
    assert may_share(DECLARED, Declared(1, frozenset({("platform", 2)})), ORDER), "the carrier differs"


def test_each_kind_of_document_names_others_by_its_own_fields() -> None:
    carrier = {"country_code": "CN", "party_identifier": "CARRIER"}
    said = support.parcel("n", seller_id="SHOP", detail={"carrier": carrier})
    declaration = msgspec.convert(said, Consignment)
    order = msgspec.structs.replace(
        msgspec.convert(support.order("n"), Order),
        platform_id="MARKET",
        detail=OrderDetail(payment_provider_id="WALLET"),
    )
    payment = msgspec.structs.replace(
        msgspec.convert(support.payment("n"), Payment), detail=PaymentDetail(platform_id="MARKET")
    )
    waybill = msgspec.structs.replace(
        msgspec.convert(support.transport("n"), TransportDocument), detail=TransportDetail(carrier_id="LINE")
    )

    assert dict(names_of(declaration)) == {
        "platform": "INVENTED-PLATFORM",
        "seller": "SHOP",
        "carrier": "CARRIER",
    }
    assert ("payment_provider", "WALLET") in names_of(order)
    assert names_of(payment) == [("platform", "MARKET")]
    assert names_of(waybill) == [("carrier", "LINE")]


def test_party_that_said_who_declares_for_it_is_drawn_by_nobody_else_whatever_names_it() -> None:
    represented = {2: {9}, 7: {1}}
    own_order = Sent(1, seller(2, 7))

    assert parties_of([DECLARED], [own_order], frozenset(), represented) == {1, 5, 7}
    assert 2 in parties_of([Declared(9, seller(2))], [], frozenset(), represented)
    assert 2 in parties_of([Declared(2)], [], frozenset(), represented), "it declares itself"


def test_document_that_names_its_declarant_counts_in_no_other_declarants_case() -> None:
    rogue, honest = circle_of([DECLARED], []), circle_of([Declared(9, seller(2))], [])
    order = Sent(2, declarant_ids=frozenset({9}))

    assert not counts(order, rogue)
    assert counts(order, honest)
    assert is_meant_for(order, honest)
    assert not is_meant_for(order, rogue)
    assert counts(Sent(1, declarant_ids=frozenset({9})), rogue), "what the declarant sends itself is its own"


def test_whom_a_document_names_as_declarant_it_lets_into_nothing() -> None:
    named = names_of(msgspec.convert(support.order("n") | {"declarant_id": "BROKER"}, Order))

    assert ("declarant", "BROKER") in named


def test_mandate_that_somebody_grants_a_party_draws_nothing_of_it_away_from_whom_it_appointed() -> None:
    """A mandate is granted without being asked for: a rogue's draws no document of its victim."""
    covered = {(1, 8, "order")}

    assert counts(Sent(8), circle_of([DECLARED], [], covered))
    assert not counts(Sent(8), circle_of([DECLARED], [], covered, {8: {9}}))


def test_document_that_several_declarants_ask_for_counts_in_neither_case() -> None:
    circle: Circle = circle_of([DECLARED], [])

    assert not counts(Sent(2, is_claimed_twice=True), circle)
    assert counts(Sent(2, is_claimed_twice=True, is_confirmed=True), circle), "what counted before goes on"


def test_party_counts_for_the_documents_of_its_part_and_no_others() -> None:
    """Who sells says nothing of the carriage, and who carries nothing of the price; nor do their mandates."""
    covered = {(2, 8, "transport-document"), (5, 8, "transport-document"), (5, 9, "payment")}
    circle = circle_of([DECLARED], [], covered)

    assert counts(Sent(2, kind="order"), circle)
    assert not counts(Sent(2, kind="transport-document"), circle)
    assert counts(Sent(5, kind="transport-document"), circle)
    assert not counts(Sent(5, kind="payment"), circle)
    assert counts(Sent(1, kind="transport-document"), circle), "the declarant sends what it likes"
    assert counts(Sent(8, kind="transport-document"), circle)
    assert not counts(
        Sent(8, kind="transport-document"), circle_of([DECLARED], [], {(2, 8, "transport-document")})
    )
    assert not counts(Sent(9, kind="payment"), circle)
