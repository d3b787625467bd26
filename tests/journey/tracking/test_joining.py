"""Numbers by which events join cases: the kinds and words of documents, and nothing from goods alone."""

import pytest

from serai.formats.epcis.event import BizTransaction, Event
from serai.journey.matching import rules as match_rules
from serai.journey.tracking.decided import decision_id_of
from serai.journey.tracking.joining import HOUSE, ORDER, UCR, UNIT, keys_of, keys_of_thing, number_of
from serai.model.documents import Order, TransportDocument

EVENT = Event(
    kind="ObjectEvent", event_at="2026-07-01T00:00:00Z", time_zone_offset="+00:00", action="OBSERVE"
)


def test_kinds_and_words_of_keys_are_those_of_documents() -> None:
    order = Order(
        reference="PO-7", currency_code="EUR", purchased_at="2026-07-01T00:00:00Z", ucr="U-7",
        lines=[],
    )  # fmt: skip
    carried = TransportDocument(
        reference="T-7", house_document="RR123456785CN", logistics_channel_code="post"
    )
    of_event = [
        *keys_of_thing("urn:example:s10:RR123456785CN"),
        *keys_of(
            Event(
                kind="TransactionEvent",
                event_at=EVENT.event_at,
                time_zone_offset="+00:00",
                biz_transactions=(
                    BizTransaction(id="http://shop.example/po/PO-7", type_code="po"),
                    BizTransaction(id="http://shop.example/ucr/U-7"),
                ),
            )
        ),
    ]

    assert set(match_rules.keys_of(order)) | set(match_rules.keys_of(carried)) <= set(of_event)


@pytest.mark.parametrize(
    ("uri", "kinds", "number"),
    [
        ("urn:epc:id:sscc:0614141.1234567890", {HOUSE, UNIT}, "106141412345678908"),
        ("https://example.com/00/106141412345678908", {HOUSE, UNIT}, "106141412345678908"),
        ("urn:epc:id:gsin:0614141.123456789", {UCR}, "06141411234567890"),
        ("urn:epc:id:sgtin:0614141.112345.400", set(), "10614141123459"),
        ("urn:epc:id:grai:0614141.12345.400", {UNIT}, "00614141123452400"),
        ("urn:example:bag:DEFRAA%20X1", {HOUSE, UNIT}, "DEFRAA X1"),
        ("urn:example:nothing:", set(), ""),
    ],
)
def test_things_have_the_keys_of_what_they_can_be(uri: str, kinds: set[int], number: str) -> None:
    assert {kind for kind, _ in keys_of_thing(uri)} == kinds
    assert number_of(uri) == number


@pytest.mark.parametrize(
    ("type_code", "kinds"),
    [
        ("po", {ORDER}),
        ("bol", {HOUSE, UNIT}),
        ("inv", set()),
        (None, {UCR, HOUSE, ORDER}),
        ("urn:example:btt:ucr", {UCR, HOUSE, ORDER}),
    ],
)
def test_transactions_have_the_keys_of_their_type(type_code: str | None, kinds: set[int]) -> None:
    one = BizTransaction(id="urn:epcglobal:cbv:bt:0614141000005:77", type_code=type_code)
    event = Event(
        kind="TransactionEvent", event_at=EVENT.event_at, time_zone_offset="+00:00", biz_transactions=(one,)
    )

    assert {kind for kind, _ in keys_of(event)} == kinds


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("urn:x-serai:decision:42", 42),
        ("urn:x-serai:decision:0", None),
        ("urn:x-serai:decision:99999999999999999999", None),
        ("urn:x-serai:decision:9999999999999999999", None),
        ("urn:x-serai:decision:\u0664", None),
        ("urn:uuid:42", None),
    ],
)
def test_only_our_own_identifiers_name_decisions(uri: str, expected: int | None) -> None:
    assert decision_id_of(uri) == expected
