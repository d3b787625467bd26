"""Granting, reading and revoking mandates. Both parties see one, nobody else."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from serai.foundation.clock import Clock
from serai.foundation.database import Database
from serai.foundation.ids import IdSource
from serai.journey.mandates import store
from serai.journey.mandates.rules import Act, DocumentKind, Representation
from serai.journey.mandates.store import Mandate
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a party grants. grantee_identifier: a registered identifier of the other party."""

    reference: str
    grantee_identifier: str
    document_kinds: list[DocumentKind]
    acts: list[Act]
    accounts: list[str]
    has_custody: bool
    representation_code: Representation
    valid_from: datetime | None
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class Mandates:
    """Mandates of one administration. reach: lets in what waited for those that count now."""

    database: Database
    ids: IdSource
    clock: Clock
    administration_id: int
    reach: Callable[[], Awaitable[None]]

    async def grant(self, grantor_id: int, terms: Terms) -> tuple[Mandate, bool]:
        """Grant a mandate; return it, and whether it is new. What waited for it counts when this returns.

        The same again finds the same. Raises SeraiError `mandate-faulty`, `grantee-unknown`,
        `reference-reused`.
        """
        at = self.clock.now()
        valid_from = terms.valid_from or at
        _check(terms, valid_from)
        async with self.database.write() as connection:
            grantee_id = await store.select_party_of_identifier(
                connection, terms.grantee_identifier, administration_id=self.administration_id
            )
            if grantee_id is None:
                raise SeraiError(
                    "grantee-unknown",
                    MessageText(
                        "No party is registered here under '{grantee_identifier}'.",
                        grantee_identifier=terms.grantee_identifier,
                    ),
                    "Ask the other party for its identifier, or the administration to register it.",
                )
            if grantee_id == grantor_id:
                raise _faulty("See to it that a mandate is granted to another party.")
            mandate = Mandate(
                int(self.ids.take(1)[0]),
                grantor_id,
                grantee_id,
                "",
                "",
                terms.reference,
                sorted(set(terms.document_kinds)),
                sorted(set(terms.acts)),
                sorted(set(terms.accounts)),
                terms.has_custody,
                terms.representation_code,
                valid_from,
                terms.valid_to,
                at,
            )
            stands = await store.insert_mandate(connection, mandate, administration_id=self.administration_id)
        is_new = stands.mandate_id == mandate.mandate_id
        if not is_new and _covers(stands, terms) != _covers(mandate, terms):
            raise SeraiError(
                "reference-reused",
                "This reference was used before for another mandate.",
                "Give the mandate a reference of its own; to change one, revoke it and grant another.",
            )
        if is_new:
            await self.reach()
        return stands, is_new

    async def read(self, party_id: int, mandate_id: int) -> Mandate:
        """Return a mandate of a party's. Raises SeraiError `not-found`, for others' too."""
        async with self.database.read(self.administration_id) as connection:
            found = await store.select_mandate(
                connection, mandate_id, party_id=party_id, administration_id=self.administration_id
            )
        if found is None:
            raise SeraiError("not-found", "There is no such mandate.", "List your mandates.")
        return found

    async def list_of(self, party_id: int, *, after_id: int, limit: int) -> list[Mandate]:
        """Return what a party has granted and was granted, a page of it."""
        async with self.database.read(self.administration_id) as connection:
            return await store.select_mandates(
                connection,
                party_id=party_id,
                administration_id=self.administration_id,
                after_id=after_id,
                limit=limit,
            )

    async def revoke(self, party_id: int, mandate_id: int) -> Mandate:
        """Revoke a mandate that a party has granted, from now on; what counted before goes on counting.

        Again changes nothing. Raises SeraiError `not-found`, `mandate-of-another` to its grantee.
        """
        found = await self.read(party_id, mandate_id)
        if found.grantor_id != party_id:
            raise SeraiError(
                "mandate-of-another",
                "Only the party that granted a mandate may revoke it.",
                MessageText(
                    "Ask {grantor_name} to revoke it, or do not use it.", grantor_name=found.grantor_name
                ),
            )
        async with self.database.write() as connection:
            await store.revoke_mandate(
                connection,
                mandate_id,
                grantor_id=party_id,
                administration_id=self.administration_id,
                at=self.clock.now(),
            )
        return await self.read(party_id, mandate_id)


def _check(terms: Terms, valid_from: datetime) -> None:
    if not terms.document_kinds and not terms.acts and not terms.has_custody:
        raise _faulty("See to it that document_kinds or acts names something, or has_custody is true.")
    if terms.valid_to is not None and terms.valid_to <= valid_from:
        raise _faulty("See to it that valid_to is later than valid_from.")


def _covers(mandate: Mandate, terms: Terms) -> tuple[object, ...]:
    """Return what makes two mandates the same; a beginning that was not said is when it was granted."""
    return (
        mandate.grantee_id,
        mandate.document_kinds,
        mandate.acts,
        mandate.accounts,
        mandate.has_custody,
        mandate.representation_code,
        mandate.valid_from if terms.valid_from is not None else None,
        mandate.valid_to,
    )


def _faulty(next_step: str) -> SeraiError:
    return SeraiError(
        "mandate-faulty",
        "This mandate cannot be granted.",
        next_step,
    )
