"""The persons of a batch, by role and document. Personal data: looked at in passing, stored nowhere."""

from dataclasses import dataclass

from serai.journey.validation.fields import DocumentFields, Fields
from serai.model.columns import Int64s
from serai.model.documents import PERSON_ROLES

# The carrier stands in the detail of a full declaration only; no law in the packs asks for it.
_ROLES = tuple(role for role in PERSON_ROLES if role != "carrier")


@dataclass(frozen=True, slots=True)
class PeopleOfRole:
    """Everybody who has one role in a batch. rows: of the documents, ascending, one for each person."""

    role: str
    rows: Int64s
    fields: Fields


def gather_people(documents: DocumentFields) -> list[PeopleOfRole]:
    """Return the persons of each role that occurs."""
    found = ((role, documents.people(role)) for role in _ROLES)
    return [PeopleOfRole(role, *persons) for role, persons in found if persons is not None]
