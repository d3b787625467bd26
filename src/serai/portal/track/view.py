"""A buyer's parcel as it is told before a code: where it stands, without persons, goods and sums."""

import datetime as dt
from collections.abc import Sequence
from typing import Literal

import msgspec

from serai.journey.buyers.service import AtParcel
from serai.journey.offices.office import Offices
from serai.journey.recalls.store import RecallOfParcel, select_recalls_of
from serai.journey.services import Services
from serai.model.frames import STATUSES
from serai.portal.track.words import track_words


class ParcelRecall(msgspec.Struct, frozen=True, kw_only=True):
    """That goods of a parcel are recalled: told before a code, too, since somebody may use them. state:
    suspended (the parcel is stopped), delivered (it was released before), or withdrawn (the recall was
    wrong)."""

    state: Literal["suspended", "delivered", "withdrawn"]
    declared_at: dt.datetime
    withdrawn_at: dt.datetime | None = None


class ParcelStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Where a parcel stands. ask: the office to ask. is_confirmed: whether a one-time code has opened more.
    session_ends_at: when number and postcode are asked again."""

    status: str
    title: str
    says: str
    next_step: str
    ask: str
    accepted_at: dt.datetime
    expected_arrival_at: dt.datetime | None
    arrived_at: dt.datetime | None
    changed_at: dt.datetime
    is_confirmed: bool
    session_ends_at: dt.datetime
    recall: ParcelRecall | None = None


def view_recall(found: Sequence[RecallOfParcel]) -> ParcelRecall | None:
    """Return what a buyer is told of recalls of its goods: one that stands before one that was wrong."""
    standing = [one for one in found if one.withdrawn_at is None] or list(found)
    if not standing:
        return None
    one = standing[0]
    state: Literal["suspended", "delivered", "withdrawn"] = "delivered" if one.is_released else "suspended"
    if one.withdrawn_at is not None:
        state = "withdrawn"
    return ParcelRecall(state=state, declared_at=one.declared_at, withdrawn_at=one.withdrawn_at)


async def read_recalls_of(services: Services, at: AtParcel) -> list[RecallOfParcel]:
    """Return the recalls that certainly mean goods of a buyer's parcel."""
    async with services.database.read(services.administration_id) as connection:
        return await select_recalls_of(
            connection, at.consignment.consignment_id, administration_id=services.administration_id
        )


def view_status(
    at: AtParcel, offices: Offices, language: str, recalls: Sequence[RecallOfParcel]
) -> ParcelStatus:
    """Return a parcel's status in words. recalls: those that certainly mean its goods."""
    row = at.consignment
    office = offices.responsible_for(row.consignee_country_code, row.logistics_channel_code)
    status = STATUSES[row.status]
    words = track_words(language).statuses[status]
    return ParcelStatus(
        status=status,
        title=words.title,
        says=words.says,
        next_step=words.next,
        ask=", ".join(filter(None, (office.name, office.address, office.hours, office.contact))),
        accepted_at=row.accepted_at,
        expected_arrival_at=row.expected_arrival_at,
        arrived_at=row.arrived_at,
        changed_at=row.changed_at,
        is_confirmed=at.session.confirmed_at is not None,
        session_ends_at=at.session.expires_at,
        recall=view_recall(recalls),
    )
