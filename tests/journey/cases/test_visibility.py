"""The table of visibility covers every field, and what it does not let through is not there."""

import msgspec
import pytest

from serai.foundation.access.actor import Role
from serai.journey.decision.answer import ChargeOut, DecisionOut, GoodsItemOut
from serai.journey.visibility.table import TABLE, Sight, Viewer, mask, show, sight_of
from serai.model.documents import (
    PERSON_ROLES,
    Arrival,
    Consignment,
    GoodsItem,
    Order,
    OrderLine,
    Payment,
    TransportDocument,
)

FIELDS = {(row.kind, row.field) for row in TABLE}


@pytest.mark.parametrize(
    ("kind", "struct", "prefix"),
    [
        ("declaration", Consignment, ""),
        ("declaration", GoodsItem, "goods_items."),
        ("order", Order, ""),
        ("payment", Payment, ""),
        ("transport-document", TransportDocument, ""),
        ("arrival", Arrival, ""),
        ("decision", DecisionOut, ""),
        ("decision", GoodsItemOut, "goods_items."),
        ("decision", ChargeOut, "charges."),
    ],
)
def test_every_field_of_every_document_has_a_row(
    kind: str, struct: type[msgspec.Struct], prefix: str
) -> None:
    missing = [
        field
        for field in struct.__struct_fields__
        if field not in PERSON_ROLES and (kind, prefix + field) not in FIELDS
    ]

    assert missing == []


def test_lines_of_an_order_have_one_row_for_all_their_fields() -> None:
    viewer = Viewer(1, frozenset({Role.PLATFORM}))

    assert all(
        sight_of(viewer, "order", f"lines.{field}", names_viewer=True) is Sight.FULL
        for field in OrderLine.__struct_fields__
    )


def test_a_field_without_a_row_is_seen_by_nobody_not_even_its_sender() -> None:
    officer = Viewer(1, frozenset(Role))

    assert show(officer, "declaration", {"secret": 1, "reference": "A"}, is_sender=True) == {"reference": "A"}


def test_a_role_that_no_case_admits_sees_nothing() -> None:
    viewer = Viewer(1, frozenset({Role.AGENCY, Role.RIGHTS_HOLDER, Role.PARTNER_CUSTOMS, Role.PUBLIC}))

    assert [row.field for row in TABLE if sight_of(viewer, row.kind, row.field)] == []


def test_a_buyer_sees_the_decision_alone_and_nothing_that_is_for_declarants_or_officers() -> None:
    buyer = Viewer(None, frozenset({Role.BUYER}))
    seen = {(row.kind, row.field) for row in TABLE if sight_of(buyer, row.kind, row.field)}

    assert {kind for kind, _ in seen} == {"decision"}
    assert {"reasons", "charges.amount", "charges.base_amount"} <= {field for _, field in seen}
    assert not {"findings", "form_code", "officer_reasons"} & {field for _, field in seen}


def test_a_sender_sees_its_document_but_not_what_is_for_officers() -> None:
    sender = Viewer(1, frozenset({Role.POST}))
    hidden = [
        row.field
        for row in TABLE
        if row.kind == "decision" and not sight_of(sender, row.kind, row.field, is_sender=True)
    ]

    assert hidden == ["officer_reasons"]


def test_people_are_never_shown_with_a_document() -> None:
    officer = Viewer(1, frozenset({Role.OFFICER}))

    assert (
        show(officer, "declaration", {role: {"name": "Somebody"} for role in PERSON_ROLES}, is_sender=True)
        == {}
    )
    detail = {"carrier": {"country_code": "NL"}, "goods_item_count": 1}
    assert show(officer, "declaration", {"detail": detail}, is_sender=True) == {
        "detail": {"goods_item_count": 1}
    }


@pytest.mark.parametrize(
    ("number", "masked"),
    [("IM1234567890", "IM*******890"), ("1234567", "*******"), ("", ""), ("12345678", "12***678")],
)
def test_a_masked_number_shows_its_kind_and_its_end(number: str, masked: str) -> None:
    assert mask(number) == masked
