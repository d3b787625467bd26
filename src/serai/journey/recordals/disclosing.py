"""Names of a parcel given to the holder of a right, for one of the uses that the law allows; each is kept."""

from typing import Any, Final, Literal, get_args

import msgspec

from serai.foundation.id_text import format_id
from serai.journey.consignments import store as consignment_store
from serai.journey.documents.not_found import not_found
from serai.journey.documents.submission import Sender
from serai.journey.linking.stored_documents import read_whole
from serai.journey.measure_rules.rights_law import Use
from serai.journey.processing.transaction import Processor
from serai.journey.recordals import detention_store as store
from serai.journey.recordals.detaining import law_now
from serai.journey.recordals.detention_store import Connection, DetentionRow
from serai.model.documents import Person
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

PURPOSE: Final = "rights-disclosure"
DisclosedRole = Literal["consignor", "consignee", "declarant"]
"""Whose names the law gives to a holder."""
ROLES: Final[tuple[DisclosedRole, ...]] = get_args(DisclosedRole)


class DisclosedPerson(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person of the parcel. fields: name and address, as declared."""

    role: DisclosedRole
    name: str | None = None
    address: str | None = None
    country_code: str | None = None


class Disclosure(msgspec.Struct, frozen=True, kw_only=True):
    """Names given to a holder. use: to what they are bound; each other use is unlawful."""

    detention_id: str
    use: Use
    law_reference: str
    people: list[DisclosedPerson]


async def disclose(processor: Processor, sender: Sender, detention_id: int, use: Use) -> Disclosure:
    """Give the holder who was told of a detention the names of its parcel, once it has said that the goods
    infringe its right; bound to one use, and kept. The vault's ledger tells the persons.

    Raises SeraiError `not-found`, `rights-use-not-lawful`, `rights-names-withheld`.
    """
    services, at = processor.services, processor.services.clock.now()
    key: dict[str, Any] = {"administration_id": services.administration_id}
    law = law_now(services).disclosure
    if use not in law.uses:
        raise SeraiError(
            "rights-use-not-lawful",
            "Names are given for a use that the law allows only.",
            MessageText("use is one of: {listed}.", listed=", ".join(law.uses)),
        )

    async def work(connection: Connection) -> DetentionRow:
        rows = await store.select_detentions(
            connection, detention_id=detention_id, holder_party_id=sender.party_id, **key
        )
        if not rows:
            raise not_found()
        if rows[0].holder_answer not in ("infringes-destroy", "infringes-proceedings") or rows[0].is_baseless:
            raise SeraiError(
                "rights-names-withheld",
                "Names are given once the holder has said that these goods infringe its right.",
                "Answer first what the goods are.",
            )
        await store.execute(
            connection,
            "insert_disclosure",
            disclosure_id=int(services.ids.take(1)[0]),
            detention_id=detention_id,
            party_id=sender.party_id,
            at=at,
            use_code=use,
            acting_user=sender.acting_user,
            **key,
        )
        return rows[0]

    row = await processor.write(work)
    people = await _people_of(processor, row, sender)
    return Disclosure(
        detention_id=format_id(detention_id), use=use, law_reference=law.law_reference, people=people
    )


async def _people_of(processor: Processor, row: DetentionRow, sender: Sender) -> list[DisclosedPerson]:
    services, at = processor.services, processor.services.clock.now()
    key: dict[str, Any] = {"administration_id": services.administration_id}
    async with services.database.read(services.administration_id) as connection:
        declared = await consignment_store.select_consignments(connection, [row.consignment_id], **key)
    document = await read_whole(services, declared[0].document_id, PURPOSE, at, actor=sender.acting_user)
    if document is None:
        return []
    people = [(role, getattr(document, role, None)) for role in ROLES]
    return [_disclosed(role, one) for role, one in people if isinstance(one, Person)]


def _disclosed(role: DisclosedRole, person: Person) -> DisclosedPerson:
    parts = [part for part in (person.street, person.postcode, person.city) if part]
    return DisclosedPerson(role, person.name, ", ".join(parts) or None, person.country_code)
