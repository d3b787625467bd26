"""Whoever stands in a document is cut out of it, wherever: held against every struct that can be sent."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec import inspect

from serai.app import Node
from serai.formats.decoded import KINDS
from serai.formats.json_lines import canonical
from serai.foundation.vault.reading import Reach, open_messages, open_people
from serai.journey.documents.personal_data import cut_people, put_numbers, put_people
from serai.model.documents import (
    PERSON_ROLES,
    VAULT_ROLES,
    AdditionalFiscalReference,
    Authorisation,
    Consignment,
    ConsignmentDetail,
    GoodsItem,
    GoodsItemDetail,
    Person,
    Remark,
)
from tests.journey.processing.support import DECLARANT, parcel, select, send

OF_PEOPLE = ("name", "street", "city", "phone", "email", "postcode", "person", "identity", "birth", "holder")
NOT_OF_PEOPLE = {
    # The number of a firm in a register: cut out with the numbers of tax registrations (below).
    "Authorisation.holder_identifier",
    # Names of goods, and of firms that a register lists: a platform, a payment provider, a carrier, a
    # bonded warehouse.
    "GoodsItemDetail.trade_name",
    "ConsignmentDetail.platform_name",
    "ConsignmentDetail.warehouse_name",
    "OrderDetail.platform_name",
    "OrderDetail.payment_provider_name",
    "PaymentDetail.platform_name",
    "PaymentDetail.provider_name",
    "ReturnDetail.platform_name",
    "ReturnDetail.carrier_name",
    "TransportDetail.carrier_name",
}
"""Fields outside of Person whose names sound like one's, each with the reason why it stays."""


def structs_of(kind: inspect.Type, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], type]]:
    """Every struct below a type, with the fields that lead to it; `[]` for a list."""
    if isinstance(kind, inspect.UnionType):
        for member in kind.types:
            yield from structs_of(member, path)
    elif isinstance(kind, inspect.ListType):
        yield from structs_of(kind.item_type, (*path, "[]"))
    elif isinstance(kind, inspect.StructType):
        yield path, kind.cls
        for field in kind.fields:
            yield from structs_of(field.type, (*path, field.name))


PLACES = [
    (kind, path)
    for kind in KINDS.values()
    for path, struct in structs_of(inspect.type_info(kind))
    if struct is Person
]


def build(kind: type[msgspec.Struct], path: tuple[str, ...], person: Person) -> Any:
    """A document, unchecked, in which one person stands in one place."""
    filled: dict[str, Any] = {
        field.name: Person(country_code="XX") if field.type is Person else "X"
        for field in msgspec.structs.fields(kind)
        if field.required
    }
    (field, *below) = path
    inner = next(one for one in msgspec.structs.fields(kind) if one.name == field)
    if not below:
        return kind(**{**filled, field: person})
    (struct,) = [one for where, one in structs_of(inspect.type_info(inner.type)) if where == ()]
    return kind(**{**filled, field: build(struct, tuple(below), person)})


@pytest.mark.parametrize(
    ("kind", "path"), PLACES, ids=[f"{kind.__name__}-{'.'.join(path)}" for kind, path in PLACES]
)
def test_nothing_of_a_person_stays_in_the_message_but_the_country(
    kind: type[msgspec.Struct], path: tuple[str, ...]
) -> None:
    fields = [field.name for field in msgspec.structs.fields(Person) if field.name != "country_code"]
    secrets: dict[str, Any] = {name: f"secret-{name}" for name in fields}
    secrets["remarks"] = [Remark("secret-remark", 1)]
    person = Person(country_code="XK", **secrets)
    document = build(kind, path, person)

    (cut,) = cut_people([document], [canonical(document)])

    assert b"secret" not in cut.message
    assert b'"country_code":"XK"' in cut.message
    ((role, content),) = [one for one in cut.people if b"secret" in one[1]]
    assert PERSON_ROLES[role] == path[-1]
    assert msgspec.json.decode(content, type=Person) == person
    if isinstance(document, Consignment):
        bare = msgspec.json.decode(cut.message)
        for step in path[:-1]:
            bare = bare[step]
        assert bare[path[-1]] == {"country_code": "XK"}
        emptied = build(kind, path, Person(country_code="XK"))
        assert put_people(emptied, {path[-1]: person}) == document


def test_fields_that_sound_like_a_persons_stand_in_person_only() -> None:
    suspect = {
        f"{struct.__name__}.{field.name}"
        for kind in KINDS.values()
        for _, struct in structs_of(inspect.type_info(kind))
        if struct is not Person
        for field in msgspec.structs.fields(struct)
        if any(word in field.name for word in OF_PEOPLE) and not _is_struct(field.type)
    }

    assert suspect == NOT_OF_PEOPLE


def _is_struct(kind: Any) -> bool:
    return any(where == () for where, _ in structs_of(inspect.type_info(kind)))


def test_numbers_of_registers_are_cut_out_and_put_back_in_their_places() -> None:
    registered = [
        AdditionalFiscalReference("FR1", "GB-secret-1"),
        AdditionalFiscalReference("FR2", "GB-secret-2"),
    ]
    vendor = AdditionalFiscalReference("FR5", "IM3720000224")
    detail = ConsignmentDetail(
        authorisations=[Authorisation("CGU", "GB-secret-0"), Authorisation("DPO", "GB-secret-0")],
    )
    plain = build(Consignment, ("consignee",), Person(name="Same Name", country_code="NL"))
    (item,) = msgspec.convert(parcel("X")["goods_items"], list[GoodsItem])
    items = [
        msgspec.structs.replace(item, detail=GoodsItemDetail(additional_fiscal_references=registered[:count]))
        for count in (0, 1, 2)
    ]
    document = msgspec.structs.replace(
        plain, detail=detail, goods_items=items, additional_fiscal_references=[registered[0], vendor]
    )

    (cut,) = cut_people([document], [canonical(document)])

    assert b"secret" not in cut.message
    assert b"IM3720000224" in cut.message
    assert b"Same Name" not in cut.message
    role, content = cut.people[-1]
    assert VAULT_ROLES[role] == "identifiers"
    assert msgspec.json.decode(content)["numbers"] == [f"GB-secret-{number}" for number in (0, 0, 1, 1, 1, 2)]
    bare = msgspec.json.decode(cut.message, type=Consignment)
    assert put_numbers(bare, content) == msgspec.structs.replace(
        document, **{role: getattr(bare, role) for role in ("consignee", "consignor")}
    )


def test_carrier_and_consignee_of_one_name_are_both_cut() -> None:
    same = Person(name="Same Name", country_code="NL")
    document = msgspec.structs.replace(
        build(Consignment, ("consignee",), same), detail=ConsignmentDetail(carrier=same)
    )

    (cut,) = cut_people([document], [canonical(document)])

    assert b"Same Name" not in cut.message
    assert [PERSON_ROLES[role] for role, content in cut.people if b"Same Name" in content] == [
        "consignee",
        "carrier",
    ]


async def test_carrier_of_a_full_declaration_is_in_the_vault_and_nowhere_else(node: Node) -> None:
    carrier = {"name": "Captain Quux", "phone": "+31201234567", "country_code": "NL"}
    (answer,) = await send(node, DECLARANT, "declaration", parcel("CARRIER", detail={"carrier": carrier}))

    services = node.services
    reach = Reach(node.administration_id, "examination", "tests", node.clock.now())
    messages = await open_messages(
        node.database.write, services.keyring, services.codec, [answer.document_id], reach
    )
    message = messages[answer.document_id].value
    ((roles, first_id),) = await select(
        node,
        "SELECT person_roles, first_person_id FROM document WHERE document_id = %s",
        answer.document_id,
    )
    key = (first_id + roles.bit_count() - 1, answer.document_id)
    people = await open_people(node.database.write, services.keyring, [key], reach)
    assert b"Quux" not in message
    assert b"3120" not in message
    assert roles >> PERSON_ROLES.index("carrier") & 1
    assert msgspec.json.decode(people[key].value) == carrier | {"country_code": "NL"}
