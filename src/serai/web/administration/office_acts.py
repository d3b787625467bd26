"""Adding, changing and ending customs offices, the same by page and over HTTP; or proposing it."""

import datetime as dt

from serai.app import Node
from serai.foundation.access.administering import ActingUser
from serai.foundation.access.store import ProposalRow
from serai.journey.offices.office import Office
from serai.journey.offices.store import OfficeRow
from serai.web.access_to_approve import waits
from serai.web.approved_actions import OfficeToEnd, OfficeToSet, propose
from serai.web.case_files import office_book


async def set_office(
    node: Node, by: ActingUser, reference: str, office: Office, valid_from: dt.date | None
) -> tuple[OfficeRow, bool, ProposalRow | None]:
    """Add or change an office; return it, whether it is new, and the proposal where a second person is
    needed. Errors: `office-date-past`, `person-needed`."""
    is_proposed = waits(node.settings, "offices")
    async with node.database.write() as connection:
        # What is proposed is tried and undone: what could not be done is told at once.
        async with connection.transaction(force_rollback=is_proposed):
            row, is_new = await office_book(node).set_office(connection, by, reference, office, valid_from)
        if not is_proposed:
            return row, is_new, None
        proposal = await propose(
            connection,
            node.settings,
            by,
            OfficeToSet(reference, office, valid_from),
            subject=f"office {reference}",
            detail=office.name,
        )
    return row, is_new, proposal


async def end_office(
    node: Node, by: ActingUser, reference: str, valid_from: dt.date | None
) -> tuple[OfficeRow, ProposalRow | None]:
    """End an office; return it, and the proposal where a second person is needed. Errors: `not-found`,
    `office-date-past`, `person-needed`."""
    is_proposed = waits(node.settings, "offices")
    async with node.database.write() as connection:
        async with connection.transaction(force_rollback=is_proposed):
            row = await office_book(node).end_office(connection, by, reference, valid_from)
        if not is_proposed:
            return row, None
        content, detail = OfficeToEnd(reference, valid_from), f"end {row.name}"
        proposal = await propose(
            connection, node.settings, by, content, subject=f"office {reference}", detail=detail
        )
    return row, proposal
