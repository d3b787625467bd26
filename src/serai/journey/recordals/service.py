"""Recordals: lodged by the holder of a right, granted or refused by an officer, ended, or expired. The word
marks of those in force are part of the law in force, so that decisions name them and can be replayed."""

import datetime as dt
import unicodedata
from hashlib import sha256
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from serai.foundation.access.administering import ActingUser, record_act
from serai.foundation.database import Database
from serai.foundation.id_text import format_id
from serai.journey.documents.not_found import not_found
from serai.journey.documents.pictures import Picture
from serai.journey.documents.submission import Sender
from serai.journey.law_in_force.service import First
from serai.journey.law_in_force.word_marks import put_word_marks
from serai.journey.measure_rules.rights_law import rights_law_of
from serai.journey.recordals import store
from serai.journey.recordals.clocks import ExtensionAnswer
from serai.journey.recordals.store import Connection, RecordalRow
from serai.journey.screening.word_marks import MarkedRight, mark_words
from serai.journey.services import Services
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

RightKind = Literal["trade-mark", "design", "copyright", "patent", "geographical-indication", "plant-variety"]
State = Literal["lodged", "granted", "refused", "ended", "expired"]
PICTURES_COUNT_MAX: Final = 10
RECORDALS_COUNT_MAX: Final = 2_000
"""In force at once, of everybody: what descriptions are searched for is part of the law in force."""
_LETTERS_MIN: Final = 3
_Code = Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{1,39}$")]
_Prefix = Annotated[str, Meta(pattern="^[0-9]{2,10}$")]
_Mark = Annotated[str, Meta(min_length=2, max_length=100)]
_Identifier = Annotated[str, Meta(min_length=1, max_length=70)]
_Link = Annotated[str, Meta(max_length=2_000, pattern="^https://[\\x21-\\x7e]+$")]
_Email = Annotated[str, Meta(max_length=254, pattern="^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$")]


class RecordalTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a holder asks customs to enforce. reference: the holder's own, once for ever. right_number: of the
    register that holds it; evidence_link: where that shows it. marks: words that are looked for in
    descriptions of goods. hs_prefixes: how commodity codes of its goods begin, two to ten digits.
    last_day: on which it is in force. contact_name, contact_email: of an office, not of a person.
    seller_ids: whose goods are authorised, as declarations name sellers. asks_small_consignments: small
    consignments are to be destroyed without asking the holder, where the law knows that."""

    reference: _Identifier
    kind_code: RightKind
    right_number: _Identifier
    hs_prefixes: Annotated[list[_Prefix], Meta(min_length=1, max_length=200)]
    last_day: dt.date
    contact_name: Annotated[str, Meta(min_length=1, max_length=140)]
    contact_email: _Email
    marks: Annotated[list[_Mark], Meta(max_length=20)] = []
    evidence_link: _Link | None = None
    seller_ids: Annotated[list[_Identifier], Meta(max_length=500)] = []
    asks_small_consignments: bool = False


class RecordalOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A recordal. valid_to: the first instant out of force. is_low: too many of its detentions were baseless:
    its marks are looked for as they are written alone. pictures_count: numbered from one. extension_to_max:
    until when at most its holder may ask now that it lasts; absent: it may not ask. extension_*: what it has
    asked for last; extension_is_late: later than the law asks."""

    recordal_id: str
    party_id: str
    party_name: str
    state: State
    reference: str
    kind_code: RightKind
    right_number: str
    marks: list[str]
    hs_prefixes: list[str]
    seller_ids: list[str]
    lodged_at: dt.datetime
    valid_to: dt.datetime
    contact_name: str
    contact_email: str
    law_reference: str
    is_low: bool = False
    asks_small_consignments: bool = False
    pictures_count: int = 0
    evidence_link: str | None = None
    granted_at: dt.datetime | None = None
    refused_at: dt.datetime | None = None
    refusal_reason_code: str | None = None
    ended_at: dt.datetime | None = None
    extension_to_max: dt.datetime | None = None
    extension_to: dt.datetime | None = None
    extension_asked_at: dt.datetime | None = None
    extension_is_late: bool | None = None
    extension_answer: ExtensionAnswer | None = None
    extension_reason_code: str | None = None
    extension_decided_at: dt.datetime | None = None


async def lodge_recordal(
    services: Services, sender: Sender, terms: RecordalTerms, time_zone: str
) -> tuple[RecordalOut, bool]:
    """Keep what a holder asks for; says whether it is new. The same again is harmless.

    time_zone: in which its last day ends. Raises SeraiError `recordal-faulty`, `reference-reused`.
    """
    at = services.clock.now()
    valid_to = _check_terms(services, terms, at, time_zone)
    recordal_id = int(services.ids.take(1)[0])
    content_hash = sha256(msgspec.json.encode(terms)).digest()
    values = {name: getattr(terms, name) for name in RecordalTerms.__struct_fields__ if name != "last_day"}
    async with services.database.write() as connection:
        await store.execute(
            connection,
            "insert_recordal",
            **values,
            recordal_id=recordal_id,
            party_id=sender.party_id,
            acting_user=sender.acting_user,
            at=at,
            valid_to=valid_to,
            content_hash=content_hash,
            administration_id=services.administration_id,
        )
        (row,) = await store.select_recordals(
            connection,
            administration_id=services.administration_id,
            party_id=sender.party_id,
            reference=terms.reference,
        )
    if row.content_hash != content_hash:
        raise SeraiError(
            "reference-reused",
            "This reference was used before for another recordal.",
            "Give the recordal a reference of its own.",
        )
    return recordal_out(services, row), row.recordal_id == recordal_id


async def read_recordals(services: Services, sender: Sender) -> list[RecordalOut]:
    """Return recordals, the newest first: officers see all, a holder its own."""
    async with services.database.read(services.administration_id) as connection:
        rows = await store.select_recordals(
            connection, party_id=whose(sender), administration_id=services.administration_id
        )
    return [recordal_out(services, row) for row in rows]


async def read_recordal(services: Services, sender: Sender, recordal_id: int) -> RecordalOut:
    """Return one recordal. Raises SeraiError `not-found`."""
    async with services.database.read(services.administration_id) as connection:
        return recordal_out(services, await find_recordal(services, connection, sender, recordal_id))


async def add_picture(
    services: Services, sender: Sender, recordal_id: int, picture: Picture, picture_hash: str
) -> RecordalOut:
    """Add a picture to a recordal that is not decided yet; by its holder alone. Raises SeraiError
    `not-found`, `recordal-decided`, `recordal-pictures-full`."""
    key = {"administration_id": services.administration_id}
    async with services.database.write() as connection:
        row = await lock_recordal(services, connection, recordal_id, party_id=whose(sender))
        _require_undecided(row)
        if row.pictures_count >= PICTURES_COUNT_MAX:
            raise SeraiError(
                "recordal-pictures-full",
                MessageText("A recordal has at most {count_max} pictures.", count_max=PICTURES_COUNT_MAX),
                "Lodge another recordal for further goods.",
            )
        await store.execute(
            connection,
            "insert_picture",
            recordal_id=recordal_id,
            width_px=picture.width_px,
            height_px=picture.height_px,
            picture_hash=picture_hash,
            content=picture.content,
            **key,
        )
        return recordal_out(services, await find_recordal(services, connection, sender, recordal_id))


async def read_picture(services: Services, sender: Sender, recordal_id: int, number: int) -> bytes:
    """Return a picture of a recordal, a JPEG. Raises SeraiError `not-found`."""
    async with services.database.read(services.administration_id) as connection:
        await find_recordal(services, connection, sender, recordal_id)
        content = await store.select_picture(
            connection, recordal_id, number, administration_id=services.administration_id
        )
    if content is None:
        raise not_found()
    return content


async def refuse_recordal(
    services: Services, by: ActingUser, recordal_id: int, *, reason_code: str
) -> RecordalOut:
    """Refuse a recordal. Again is harmless. Raises SeraiError `not-found`, `recordal-decided`."""
    key = {"administration_id": services.administration_id}
    async with services.database.write() as connection:
        row = await lock_recordal(services, connection, recordal_id)
        if row.refused_at is None:
            _require_undecided(row)
            await store.execute(
                connection,
                "refuse_recordal",
                recordal_id=recordal_id,
                at=by.at,
                acting_user=by.actor,
                reason_code=reason_code,
                **key,
            )
            await record_act(connection, by, "recordal-refused", format_id(recordal_id), reason_code)
        return recordal_out(services, await lock_recordal(services, connection, recordal_id))


async def check_grantable(services: Services, recordal_id: int) -> RecordalOut:
    """Return a recordal that could be granted. Raises SeraiError `not-found`, `recordal-decided`."""
    async with services.database.write() as connection:
        row = await lock_recordal(services, connection, recordal_id)
        _require_undecided(row)
    return recordal_out(services, row)


async def grant_recordal(
    services: Services, by: ActingUser, recordal_id: int, *, first: First | None = None
) -> RecordalOut:
    """Grant a recordal: its marks are looked for within a second. Again is harmless. first: of an approval.

    Raises SeraiError `not-found`, `recordal-decided`, `recordals-too-many`.
    """
    key = {"administration_id": services.administration_id}

    async def grant(connection: Connection) -> None:
        if first is not None:
            await first(connection)
        row = await lock_recordal(services, connection, recordal_id)
        if row.granted_at is not None and row.ended_at is None:
            return
        _require_undecided(row)
        await require_place(services, connection, by.at)
        await store.execute(
            connection, "grant_recordal", recordal_id=recordal_id, at=by.at, acting_user=by.actor, **key
        )
        await record_act(connection, by, "recordal-granted", format_id(recordal_id), row.right_number)

    await put_marks(services.database, services.administration_id, by.at, "recordal granted", first=grant)
    return await read_after(services, recordal_id)


async def require_place(services: Services, connection: Connection, at: dt.datetime) -> None:
    """Raise SeraiError `recordals-too-many` where no further recordal comes into force."""
    in_force = await store.select_marks_in_force(
        connection, at=at, administration_id=services.administration_id
    )
    if len(in_force) >= RECORDALS_COUNT_MAX:
        raise SeraiError(
            "recordals-too-many",
            MessageText("At most {count_max} recordals are in force.", count_max=RECORDALS_COUNT_MAX),
            "End recordals that nobody needs any more.",
        )


async def end_recordal(services: Services, sender: Sender, recordal_id: int) -> RecordalOut:
    """End a recordal before its time: by its holder or an officer. What is detained for it stays so. Again is
    harmless. Raises SeraiError `not-found`."""
    at, key = services.clock.now(), {"administration_id": services.administration_id}

    async def end(connection: Connection) -> None:
        await lock_recordal(services, connection, recordal_id, party_id=whose(sender))
        named = {"recordal_id": recordal_id, "at": at, "acting_user": sender.acting_user, **key}
        await store.execute(connection, "end_recordal", **named)

    await put_marks(services.database, services.administration_id, at, "recordal ended", first=end)
    return await read_after(services, recordal_id)


async def put_marks(
    database: Database, administration_id: int, at: dt.datetime, note: str, *, first: First | None = None
) -> None:
    """Put the word marks of what is in force now in force as law; where nothing changed, nothing is done."""

    async def read(connection: Connection) -> list[MarkedRight]:
        return await store.select_marks_in_force(connection, administration_id=administration_id, at=at)

    await put_word_marks(database, administration_id, at, note, read, first=first)


async def follow_expiry(services: Services) -> None:
    """Look no more for the marks of recordals that have expired."""
    at = services.clock.now()
    await put_marks(services.database, services.administration_id, at, "recordals expired or changed")


async def find_recordal(
    services: Services, connection: Connection, sender: Sender, recordal_id: int
) -> RecordalRow:
    """Return a recordal that a sender sees. Raises SeraiError `not-found`."""
    rows = await store.select_recordals(
        connection,
        administration_id=services.administration_id,
        party_id=whose(sender),
        recordal_id=recordal_id,
    )
    if not rows:
        raise not_found()
    return rows[0]


def whose(sender: Sender) -> int | None:
    """Return whose recordals a sender sees; None: everybody's."""
    return None if "officer" in sender.roles else sender.party_id


def recordal_out(services: Services, row: RecordalRow) -> RecordalOut:
    """Return a recordal as it is shown."""
    at = services.clock.now()
    return RecordalOut(
        recordal_id=format_id(row.recordal_id),
        party_id=format_id(row.party_id),
        party_name=row.party_name,
        state=_state_of(row, at),
        reference=row.reference,
        kind_code=msgspec.convert(row.kind_code, RightKind),
        right_number=row.right_number,
        marks=row.marks,
        hs_prefixes=row.hs_prefixes,
        seller_ids=row.seller_ids,
        lodged_at=row.lodged_at,
        valid_to=row.valid_to,
        contact_name=row.contact_name,
        contact_email=row.contact_email,
        law_reference=rights_law_of(services.country_code, at).recordal.law_reference,
        is_low=row.is_low,
        asks_small_consignments=row.asks_small_consignments,
        pictures_count=row.pictures_count,
        evidence_link=row.evidence_link,
        granted_at=row.granted_at,
        refused_at=row.refused_at,
        refusal_reason_code=row.refusal_reason_code,
        ended_at=row.ended_at,
        extension_to_max=extension_to_max(services, row),
        extension_to=row.extension_to,
        extension_asked_at=row.extension_asked_at,
        extension_is_late=row.extension_is_late,
        extension_answer=row.extension_answer,
        extension_reason_code=row.extension_reason_code,
        extension_decided_at=row.extension_decided_at,
    )


def extension_to_max(services: Services, row: RecordalRow) -> dt.datetime | None:
    """Return until when at most a holder may ask now that a recordal lasts; None: it may not ask."""
    at = services.clock.now()
    law = rights_law_of(services.country_code, at).recordal.extension
    is_asked = row.extension_asked_at is not None and row.extension_answer is None
    if law is None or is_asked or not row.is_in_force(at):
        return None
    return row.valid_to + days_of_years(law.years_max)


def days_of_years(years: int) -> dt.timedelta:
    """Return how long so many years are at most."""
    return dt.timedelta(days=365 * years + years // 4 + 1)


def _state_of(row: RecordalRow, at: dt.datetime) -> State:
    if row.refused_at is not None:
        return "refused"
    if row.ended_at is not None:
        return "ended"
    if at >= row.valid_to:
        return "expired"
    return "lodged" if row.granted_at is None else "granted"


async def lock_recordal(
    services: Services, connection: Connection, recordal_id: int, *, party_id: int | None = None
) -> RecordalRow:
    """Lock a recordal, and return it. party_id: only one of that holder; None: whosever. Raises SeraiError
    `not-found`."""
    its: dict[str, Any] = {
        "recordal_id": recordal_id,
        "party_id": party_id,
        "administration_id": services.administration_id,
    }
    await store.execute(connection, "lock_recordal", **its)
    rows = await store.select_recordals(connection, **its)
    if not rows:
        raise not_found()
    return rows[0]


async def read_after(services: Services, recordal_id: int) -> RecordalOut:
    """Return a recordal as it stands after what was done. Raises SeraiError `not-found`."""
    async with services.database.write() as connection:
        return recordal_out(services, await lock_recordal(services, connection, recordal_id))


def _require_undecided(row: RecordalRow) -> None:
    if row.granted_at is not None or row.refused_at is not None or row.ended_at is not None:
        raise SeraiError(
            "recordal-decided",
            "This recordal was granted, refused or ended before.",
            "Lodge another one, with a reference of its own.",
        )


def _check_terms(services: Services, terms: RecordalTerms, at: dt.datetime, time_zone: str) -> dt.datetime:
    """Return the first instant out of force. Raises SeraiError `recordal-faulty`."""
    zone = ZoneInfo(time_zone)
    today = at.astimezone(zone).date()
    years_max = rights_law_of(services.country_code, at).recordal.years_max
    if not today <= terms.last_day <= today + days_of_years(years_max):
        raise recordal_faulty(
            MessageText("Let the last day lie ahead, at most {years_max} years.", years_max=years_max)
        )
    for mark in terms.marks:
        if any(unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cn", "Zl", "Zp") for sign in mark):
            raise recordal_faulty(
                "Write the mark without hidden signs and without signs that turn the direction."
            )
        if sum(map(len, mark_words(mark))) < _LETTERS_MIN:
            raise recordal_faulty("Name marks of at least three letters; for other signs add pictures.")
    # A figurative mark has no words; an officer chooses its parcels.
    if terms.kind_code == "trade-mark" and not terms.marks and terms.evidence_link is None:
        raise recordal_faulty(
            "State the word mark, or, of a mark without words, where the register shows it."
        )
    return end_of(terms.last_day, time_zone)


def end_of(last_day: dt.date, time_zone: str) -> dt.datetime:
    """Return the first instant after a day, UTC."""
    after = dt.datetime.combine(last_day + dt.timedelta(days=1), dt.time(), ZoneInfo(time_zone))
    return after.astimezone(dt.UTC)


def recordal_faulty(next_step: str) -> SeraiError:
    """Return what is raised for a recordal, or a request about it, that cannot be kept."""
    return SeraiError("recordal-faulty", "This recordal is not as it should be.", next_step)
