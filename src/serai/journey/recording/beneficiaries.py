"""Whose cumulative allowance a consignment is on: pseudonyms of its buyer, or of the parties it shares with
others."""

from collections.abc import Mapping, Sequence

from serai.foundation.vault.pseudonyms import Pseudonymiser, Purpose
from serai.journey.validation.people import PeopleOfRole
from serai.model.documents import Consignment, Person
from serai.model.names.normalised import normalise_name

People = Mapping[str, Person]
"""The persons of one consignment, by role."""
_BETWEEN = "\x1f"


def people_of(rows: frozenset[int], people: Sequence[PeopleOfRole]) -> dict[int, dict[str, Person]]:
    """Return the persons on some rows of a batch, by row and role."""
    found: dict[int, dict[str, Person]] = {row: {} for row in rows}
    for one in people:
        for place, row in enumerate(one.rows.tolist()):
            if row in rows:
                found[row][one.role] = one.fields.struct(place)
    return found


def name_holder(holder: Sequence[str], document: Consignment, people: People) -> bytes | None:
    """Return what a holder is told from others by; None where a party that it needs is not stated.

    holder: of `Counted`. Personal data: to be hashed at once.
    """
    parts = [_PARTS[name](document, people) for name in holder]
    if any(part is None for part in parts):
        return None
    return _BETWEEN.join(f"{name}={part}" for name, part in zip(holder, parts, strict=True)).encode()


def hash_beneficiaries(pseudonymiser: Pseudonymiser, names: Sequence[tuple[bool, bytes]]) -> list[bytes]:
    """Return the pseudonym of each holder. names: whether it is a person with an allowance, and the name."""
    purposes = {True: Purpose.QUOTA, False: Purpose.SPLIT}
    found: list[bytes] = [b""] * len(names)
    for is_person, purpose in purposes.items():
        places = [place for place, (one, _) in enumerate(names) if one is is_person]
        if places:
            hashes = pseudonymiser.pseudonyms(purpose, [names[place][1] for place in places])
            for place, made in zip(places, hashes, strict=True):
                found[place] = made
    return found


def _person(person: Person | None) -> str | None:
    """Return the identity number of a person; without one name and address, in plain letters."""
    if person is None:
        return None
    number = person.identity_number or person.party_identifier
    if number is not None:
        return "number:" + "".join(sign for sign in number.upper() if sign.isalnum())
    name = normalise_name(person.name or "")
    if not name:
        return None
    place = (person.street, person.postcode, person.city, person.country_code)
    return ":".join(("name", name, *(normalise_name(one or "").replace(" ", "") for one in place)))


def _buyer(document: Consignment, people: People) -> str | None:  # noqa: ARG001 - one shape for all
    """Return the buyer where an identity number tells who that is, else who receives the goods."""
    buyer = people.get("buyer")
    if buyer is not None and buyer.identity_number is not None:
        return _person(buyer)
    return _person(people.get("consignee")) or _person(buyer)


def _seller(document: Consignment, people: People) -> str | None:
    """Return the seller; where none is named, who sends the goods has sold them."""
    if document.seller_id is not None:
        return f"{document.platform_id or ''}:{document.seller_id}"
    return _person(people.get("seller")) or _person(people.get("consignor"))


def _consignee(document: Consignment, people: People) -> str | None:  # noqa: ARG001 - one shape for all
    return _person(people.get("consignee"))


def _consignor(document: Consignment, people: People) -> str | None:  # noqa: ARG001 - one shape for all
    return _person(people.get("consignor"))


def _order(document: Consignment, people: People) -> str | None:  # noqa: ARG001 - one shape for all
    """Return the first order: what was split names the same one on each part."""
    references = document.order_references
    return f"{document.platform_id or ''}:{references[0]}" if references else None


_PARTS = {
    "buyer": _buyer,
    "consignee": _consignee,
    "consignor": _consignor,
    "seller": _seller,
    "order": _order,
}
