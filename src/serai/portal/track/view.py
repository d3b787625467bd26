"""A buyer's parcel as it is told before a code: where it stands, without persons, goods and sums."""

import datetime as dt

import msgspec

from serai.journey.buyers.service import AtParcel
from serai.journey.offices.office import Offices
from serai.model.frames import STATUSES
from serai.portal.track.words import track_words


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


def view_status(at: AtParcel, offices: Offices, language: str) -> ParcelStatus:
    """Return a parcel's status in words."""
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
    )
