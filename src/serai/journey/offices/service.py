"""Offices in force: read from rows, from the file that the settings name where there is none; written by acts
of administering."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from serai.foundation.access.administering import ActingUser, ActKind, record_act
from serai.journey.offices import store
from serai.journey.offices.office import Office, Offices
from serai.journey.offices.store import Connection, OfficeRow
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText


@dataclass(frozen=True, slots=True)
class OfficeBook:
    """The offices of one administration. seed: of the file, which holds until the first row is written; zone:
    whose days they begin and end on."""

    administration_id: int
    seed: Offices
    zone: ZoneInfo

    def day_of(self, at: datetime) -> date:
        """Return the day in the administration's zone."""
        return at.astimezone(self.zone).date()

    async def in_force(self, connection: Connection, at: datetime) -> Offices:
        """Return the offices to which one turns at an instant."""
        rows = await store.select_offices(connection, self.administration_id)
        if not rows:
            # In the order of rows: who is responsible stays the same when the file is taken over.
            return Offices(sorted(self.seed.known, key=_breadth), self.seed.fallback)
        known = [as_office(one) for one in in_order(on_day(rows, self.day_of(at)))]
        return Offices(known, self.seed.fallback)

    async def list_rows(self, connection: Connection, at: datetime) -> list[OfficeRow]:
        """Return what each office is now and what is written of it for later, in the order in which they are
        asked; the file's where nothing was written."""
        rows = await store.select_offices(connection, self.administration_id) or self._seed_rows(at, None)
        day = self.day_of(at)
        return [*in_order(on_day(rows, day)), *(one for one in rows if one.valid_from > day)]

    async def set_office(
        self, connection: Connection, by: ActingUser, reference: str, office: Office, valid_from: date | None
    ) -> tuple[OfficeRow, bool]:
        """Add or change an office from a day on, at once where none is said; return it, and whether there was
        none of this reference. The same again changes nothing. Raises SeraiError `office-date-past`."""
        rows, first_day = await self._begin(connection, by, valid_from)
        known = _newest(rows, reference, first_day)
        if known is not None and not known.is_ended and as_office(known) == office:
            return known, False
        is_new = known is None or known.is_ended
        row = _row(by.take_id(), reference, first_day, office, by.at)
        await self._write(connection, by, "office-added" if is_new else "office-changed", row)
        return row, is_new

    async def end_office(
        self, connection: Connection, by: ActingUser, reference: str, valid_from: date | None
    ) -> OfficeRow:
        """End an office from a day on, at once where none is said; again changes nothing. Raises SeraiError
        `not-found`, `office-date-past`."""
        rows, first_day = await self._begin(connection, by, valid_from)
        known = _newest(rows, reference, first_day)
        if known is None:
            raise SeraiError(
                "not-found", "There is no customs office of this reference.", "List the offices."
            )
        if known.is_ended:
            return known
        row = _row(by.take_id(), reference, first_day, as_office(known), by.at, is_ended=True)
        await self._write(connection, by, "office-ended", row)
        return row

    async def _begin(
        self, connection: Connection, by: ActingUser, valid_from: date | None
    ) -> tuple[list[OfficeRow], date]:
        """Take over the file where nothing was written, so that its offices stand beside the first one."""
        today = self.day_of(by.at)
        if valid_from is not None and valid_from < today:
            raise SeraiError(
                "office-date-past",
                MessageText(
                    "An office cannot begin, change or end on {valid_from}, which is past.",
                    valid_from=valid_from,
                ),
                "Give today or a later day; what stood on decisions until now stays as it was.",
            )
        await store.lock_offices(connection, self.administration_id)
        rows = await store.select_offices(connection, self.administration_id)
        if not rows:
            rows = self._seed_rows(by.at, by)
            for one in rows:
                await self._write(connection, by, "office-added", one)
        return rows, valid_from or today

    async def _write(self, connection: Connection, by: ActingUser, kind: ActKind, row: OfficeRow) -> None:
        await store.insert_office(connection, self.administration_id, row)
        await record_act(connection, by, kind, f"office {row.reference}", said_of(row))

    def _seed_rows(self, at: datetime, by: ActingUser | None) -> list[OfficeRow]:
        return [
            _row(place if by is None else by.take_id(), f"file-{place}", self.day_of(at), one, at)
            for place, one in enumerate(self.seed.known, 1)
        ]


def on_day(rows: Sequence[OfficeRow], day: date) -> list[OfficeRow]:
    """Return what the newest row of each office says on a day; none of an office that has ended."""
    found: dict[str, OfficeRow] = {}
    for one in rows:
        if one.valid_from <= day and _is_after(one, found.get(one.reference)):
            found[one.reference] = one
    return [one for one in found.values() if not one.is_ended]


def in_order(rows: Sequence[OfficeRow]) -> list[OfficeRow]:
    """Put offices that name both country and channel before those that name one, and these before those that
    are for all; otherwise by the time of writing."""
    return sorted(rows, key=lambda one: (_breadth(one), one.office_row_id))


def _breadth(one: Office | OfficeRow) -> int:
    return -bool(one.country_codes) - bool(one.channel_codes)


def as_office(row: OfficeRow) -> Office:
    """Return a row as an office."""
    return Office(
        row.name, row.address, row.hours, row.contact, list(row.country_codes), list(row.channel_codes)
    )


def said_of(row: OfficeRow) -> str:
    """Return all that a row says, in a line, as the record keeps it."""
    parts = [
        f"from {row.valid_from}",
        *(row.name, row.address, row.hours, row.contact),
        f"countries: {' '.join(row.country_codes) or 'any'}",
        f"channels: {' '.join(row.channel_codes) or 'any'}",
    ]
    return "; ".join(parts)


def _newest(rows: Sequence[OfficeRow], reference: str, day: date) -> OfficeRow | None:
    found: OfficeRow | None = None
    for one in rows:
        if one.reference == reference and one.valid_from <= day and _is_after(one, found):
            found = one
    return found


def _is_after(row: OfficeRow, other: OfficeRow | None) -> bool:
    return other is None or (row.valid_from, row.office_row_id) >= (other.valid_from, other.office_row_id)


def _row(
    row_id: int, reference: str, valid_from: date, office: Office, at: datetime, *, is_ended: bool = False
) -> OfficeRow:
    return OfficeRow(
        office_row_id=row_id,
        reference=reference,
        valid_from=valid_from,
        is_ended=is_ended,
        name=office.name,
        address=office.address,
        hours=office.hours,
        contact=office.contact,
        country_codes=list(office.country_codes),
        channel_codes=list(office.channel_codes),
        written_at=at,
    )
