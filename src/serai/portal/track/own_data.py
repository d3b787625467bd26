"""What a person is told of their data: who read them, in which role, why, by which rule; what they are kept
for, and until when.

Readings for enforcement are shown once the parcel is through; that they were held back, and on which ground,
is recorded each time.
"""

import datetime as dt
from functools import cache
from typing import Final, Literal, cast

import msgspec

from serai.foundation.access.actor_names import ActorName, name_actors
from serai.foundation.vault.reading import Read, list_reads
from serai.journey.buyers import store
from serai.journey.buyers.requests import require_confirmed
from serai.journey.buyers.service import AtParcel
from serai.journey.erasure.grounds import WORDS as GROUNDS
from serai.journey.erasure.grounds import Ground
from serai.journey.erasure.service import Asked, Outcome, erase_person, find_ground_of
from serai.journey.services import Services
from serai.model.frames import FINAL_STATUSES
from serai.model.languages import read_texts

PURPOSE: Final = "subject-request"
Role = Literal["officer", "party", "machine", "operator", "person"]


class PurposeWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A purpose in words. rule: the law that allows it."""

    says: str
    rule: str
    is_enforcement: bool = False


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    purposes: dict[str, PurposeWords]
    other: PurposeWords
    withheld_ground: str
    uses: dict[str, PurposeWords]


class Reading(msgspec.Struct, frozen=True):
    """One reading. who: party or part; role: officer, party, machine or the person."""

    at: dt.datetime
    who: str
    role: Role
    purpose: str
    says: str
    rule: str


class DataUse(msgspec.Struct, frozen=True):
    """What the data are for. ends_at: when that ends, or ended; None: with an event that nobody can date."""

    says: str
    rule: str
    has_ended: bool
    ends_at: dt.datetime | None


class OwnData(msgspec.Struct, frozen=True):
    """What a person is told.

    withheld_count: readings that are shown later, on withheld_ground. kept_because: why the data cannot be
    erased yet; "": they can.
    """

    readings: list[Reading]
    withheld_count: int
    withheld_ground: str
    uses: list[DataUse]
    kept_because: str
    kept_until: dt.datetime | None


class ErasureOut(msgspec.Struct, frozen=True):
    """What became of it: `erased`, or `restricted` until the ground ends."""

    outcome: Literal["erased", "restricted"]
    kept_because: str
    kept_until: dt.datetime | None


@cache
def read_purposes(language: str) -> _Words:
    """Return the words of purposes in a language; English where there is no translation."""
    return read_texts("serai.portal.track", "purposes", language, _Words)


async def read_own_data(services: Services, at: AtParcel, language: str) -> OwnData:
    """Return what a person is told of their data. Raises SeraiError `code-needed`."""
    require_confirmed(at)
    words, now = read_purposes(language), services.clock.now()
    administration_id, person_id = services.administration_id, at.session.person_id
    ground = await find_ground_of(services, _asked(at, now))
    async with services.database.write() as connection:
        reads = await list_reads(connection, person_id, administration_id=administration_id)
        names = await name_actors(
            connection, {read.actor for read in reads}, administration_id=administration_id
        )
        is_through = at.consignment.status in FINAL_STATUSES
        shown = [one for one in reads if is_through or not _words_of(words, one).is_enforcement]
        values = {
            "access_id": int(services.ids.take(1)[0]),
            "administration_id": administration_id,
            "person_id": person_id,
            "at": now,
            "shown_count": len(shown),
            "withheld_count": len(reads) - len(shown),
            "ground": words.withheld_ground if len(shown) < len(reads) else "",
        }
        await store.execute(connection, "insert_subject_access", values)
    return OwnData(
        readings=[_reading(words, one, names.get(one.actor)) for one in shown],
        withheld_count=len(reads) - len(shown),
        withheld_ground=str(values["ground"]),
        uses=_uses(words, at, ground, is_through=is_through),
        kept_because="" if ground is None else GROUNDS[ground.code],
        kept_until=None if ground is None else ground.until,
    )


async def erase_own_data(services: Services, at: AtParcel) -> ErasureOut:
    """Erase the person of a session in the whole case, or restrict them until the law lets it happen. Raises
    SeraiError `code-needed`."""
    require_confirmed(at)
    outcome: Outcome = await erase_person(services, _asked(at, services.clock.now()))
    ground = outcome.ground
    return ErasureOut(
        "erased" if ground is None else "restricted",
        "" if ground is None else GROUNDS[ground.code],
        None if ground is None else ground.until,
    )


def _asked(at: AtParcel, now: dt.datetime) -> Asked:
    return Asked(at.session.person_id, PURPOSE, at.actor, now)


def _words_of(words: _Words, read: Read) -> PurposeWords:
    return words.purposes.get(read.purpose, words.other)


def _reading(words: _Words, read: Read, found: ActorName | None) -> Reading:
    said = _words_of(words, read)
    who, role = "Serai", "machine"
    if read.actor.startswith("buyer:"):
        who, role = "you", "person"
    elif found is not None and found.party_id is not None:
        who, role = found.name, "party"
    elif found is not None:
        who, role = "an officer of the administration", "officer"
    elif read.actor.startswith("operator:"):
        who, role = "an operator of the machine", "operator"
    return Reading(read.read_at, who, cast("Role", role), read.purpose, said.says, said.rule)


def _uses(words: _Words, at: AtParcel, ground: Ground | None, *, is_through: bool) -> list[DataUse]:
    clearance, keeping = words.uses["clearance"], words.uses["keeping"]
    ended_at = at.consignment.changed_at if is_through else None
    return [
        DataUse(clearance.says, clearance.rule, is_through, ended_at),
        DataUse(keeping.says, keeping.rule, ground is None, None if ground is None else ground.until),
    ]
