"""The persons of a batch, by role and document. Personal data: looked at in passing, stored nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from serai.model.documents import PERSON_ROLES, Consignment, Person

# The carrier stands in the detail of a full declaration only; no law in the packs asks for it.
_ROLES = tuple((role, attrgetter(role)) for role in PERSON_ROLES if role != "carrier")


@dataclass(frozen=True, slots=True)
class PeopleOfRole:
    """Everybody who has one role in a batch. rows: of the documents, ascending, one for each person."""

    role: str
    rows: Sequence[int]
    people: Sequence[Person]


def gather_people(documents: Sequence[Consignment]) -> list[PeopleOfRole]:
    """Return the persons of each role that occurs."""
    gathered = []
    for role, read in _ROLES:
        people: list[Person | None] = list(map(read, documents))
        if None not in people:
            gathered.append(PeopleOfRole(role, range(len(people)), people))  # type: ignore[arg-type]
        elif any(people):
            rows = [row for row, person in enumerate(people) if person is not None]
            gathered.append(PeopleOfRole(role, rows, [person for person in people if person is not None]))
    return gathered
