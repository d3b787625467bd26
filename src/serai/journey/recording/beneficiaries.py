"""Whose cumulative allowance a consignment is on: pseudonyms of its buyer, or of the parties it shares with
others."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from serai.foundation.vault.pseudonyms import Pseudonymiser, Purpose
from serai.journey.validation.fields import PeopleOfRole
from serai.model.columns import Int64s
from serai.model.documents import Declaration
from serai.model.names.normalised import normalise_names

_BETWEEN = "\x1f"


class _Person(NamedTuple):
    """What tells one person from another: numbers as they are stated, all else in plain letters."""

    name: str
    street: str
    postcode: str
    city: str
    country_code: str
    identity_number: str | None
    party_identifier: str | None


_IN_LETTERS = _Person._fields[:5]


class People:
    """The persons on some rows of a batch; those of a role are read when the first of them is asked for."""

    def __init__(self, rows: Int64s, people: Sequence[PeopleOfRole]) -> None:
        self._rows = rows
        self._people = {one.role: one for one in people}
        self._read: dict[str, dict[int, _Person]] = {}

    def person(self, role: str, row: int) -> _Person | None:
        """Return who has a role on a row, None: nobody."""
        its = self._read.get(role)
        if its is None:
            its = self._read[role] = self._read_role(role)
        return its.get(row)

    def _read_role(self, role: str) -> dict[int, _Person]:
        one = self._people.get(role)
        if one is None:
            return {}
        places = np.flatnonzero(np.isin(one.rows, self._rows))
        fields = one.fields.take(places)
        columns: list[Sequence[str | None]] = [
            normalise_names([text or "" for text in texts]) if name in _IN_LETTERS else texts
            for name, texts in zip(_Person._fields, map(fields.texts, _Person._fields), strict=True)
        ]
        persons = map(_Person._make, zip(*columns, strict=True))
        return dict(zip(one.rows[places].tolist(), persons, strict=True))


def name_holder(holder: Sequence[str], row: int, declaration: Declaration, people: People) -> bytes | None:
    """Return what a holder is told from others by; None where a party that it needs is not stated.

    holder: of `Counted`. row: of the declaration. Personal data: to be hashed at once.
    """
    parts = [_PARTS[name](row, declaration, people) for name in holder]
    if None in parts:
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


def _person(person: _Person | None) -> str | None:
    """Return the identity number of a person; without one name and address."""
    if person is None:
        return None
    number = person.identity_number or person.party_identifier
    if number is not None:
        return "number:" + "".join(sign for sign in number.upper() if sign.isalnum())
    if not person.name:
        return None
    return f"name:{person.name}:" + ":".join(person[1:5]).replace(" ", "")


def _buyer(row: int, declaration: Declaration, people: People) -> str | None:  # noqa: ARG001 - one shape for all
    """Return the buyer where an identity number tells who that is, else who receives the goods."""
    buyer = people.person("buyer", row)
    if buyer is not None and buyer.identity_number is not None:
        return _person(buyer)
    return _person(people.person("consignee", row)) or _person(buyer)


def _seller(row: int, declaration: Declaration, people: People) -> str | None:
    """Return the seller; where none is named, who sends the goods has sold them."""
    if declaration.seller_id is not None:
        return f"{declaration.platform_id or ''}:{declaration.seller_id}"
    return _person(people.person("seller", row)) or _person(people.person("consignor", row))


def _consignee(row: int, declaration: Declaration, people: People) -> str | None:  # noqa: ARG001 - one shape for all
    return _person(people.person("consignee", row))


def _consignor(row: int, declaration: Declaration, people: People) -> str | None:  # noqa: ARG001 - one shape for all
    return _person(people.person("consignor", row))


def _order(row: int, declaration: Declaration, people: People) -> str | None:  # noqa: ARG001 - one shape for all
    """Return the first order: what was split names the same one on each part."""
    references = declaration.order_references
    return f"{declaration.platform_id or ''}:{references[0]}" if references else None


_PARTS = {
    "buyer": _buyer,
    "consignee": _consignee,
    "consignor": _consignor,
    "seller": _seller,
    "order": _order,
}
