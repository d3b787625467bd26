"""What a mandate may cover, and when it counts."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Literal, Protocol

DocumentKind = Literal["declaration", "order", "payment", "transport-document", "arrival", "return"]
"""Kinds of document that a party may have sent in its name."""

Act = Literal["payment-record"]
"""Acts that a party may have done in its name: marking charges as paid, put on account or secured."""

Representation = Literal["direct", "indirect"]
"""In the name of the grantor, or in the grantee's own name on the grantor's behalf (UCC, article 18(1))."""

Status = Literal["in-force", "not-yet", "ended", "revoked"]

Covered = AbstractSet[tuple[int, int, str]]
"""Grantor, grantee and kind of document or act of mandates in force."""


Represented = Mapping[int, AbstractSet[int]]
"""Who may declare in the name of each party that has given a mandate for declarations."""


class Dated(Protocol):
    """A mandate as far as its time goes; None: open."""

    @property
    def valid_from(self) -> datetime:
        """The first instant it counts."""
        ...

    @property
    def valid_to(self) -> datetime | None:
        """The first instant it no longer counts."""
        ...

    @property
    def revoked_at(self) -> datetime | None:
        """When it was revoked."""
        ...


def status_of(mandate: Dated, at: datetime) -> Status:
    """Say how a mandate stands at an instant. A revocation counts from its own instant on, not before."""
    if mandate.revoked_at is not None and mandate.revoked_at <= at:
        return "revoked"
    if at < mandate.valid_from:
        return "not-yet"
    return "in-force" if mandate.valid_to is None or at < mandate.valid_to else "ended"


def has_mandate(grantee_id: int, kind: str, grantor_ids: Iterable[int], covered: Covered) -> bool:
    """Say whether a party may send a kind of document, or do an act, in the name of any of others."""
    return bool(covered) and any((grantor_id, grantee_id, kind) in covered for grantor_id in grantor_ids)


def representatives_among(covered: Covered, grantor_ids: AbstractSet[int]) -> dict[int, set[int]]:
    """Return who may declare in the names of these; one that has appointed nobody is left out. covered:
    with all mandates of theirs in force."""
    found: dict[int, set[int]] = {}
    for grantor_id, grantee_id, kind in covered:
        if kind == "declaration" and grantor_id in grantor_ids:
            found.setdefault(grantor_id, set()).add(grantee_id)
    return found
