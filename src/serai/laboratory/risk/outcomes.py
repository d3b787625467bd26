"""Stored declarations with what examinations found, as lines that a risk model learns from.

Cases are read as a rule's trial reads them: messages without people. Each message that is opened stands in
the vault's ledger. Of what was not examined a share is enough to say what is usual for whom: by case, so that
the same cases are in it the next time.
"""

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from psycopg import AsyncConnection

from serai.foundation.ids import first_id_at
from serai.foundation.vault.reading import Reach
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.recording.read_back import read_messages
from serai.journey.selection.fairness import CONFORMS
from serai.journey.selection.store import Outcome, select_dated_outcomes
from serai.journey.services import Services
from serai.laboratory.risk.declarations import ExaminedDeclaration
from serai.model.frames import WITHDRAWN

PURPOSE: Final = "risk-training"
PAGE_COUNT: Final = 2_000
_PPM: Final = 1_000_000
_SPREAD: Final = 0x9E3779B97F4A7C15
_WORD: Final = 1 << 64
Connection = AsyncConnection[Any]


async def read_outcomes(
    services: Services, *, from_at: dt.datetime, unexamined_ppm: int, reach: Reach
) -> AsyncIterator[list[ExaminedDeclaration]]:
    """Give the declarations since an instant, a page at a time: all that were examined, and a share of the
    rest. What was erased is left out."""
    after_id = first_id_at(from_at) - 1
    while True:
        async with services.database.read(services.administration_id) as connection:
            rows = await consignment_store.select_consignments_after(
                connection, after_id, administration_id=services.administration_id, limit=PAGE_COUNT
            )
            if not rows:
                return
            after_id = rows[-1].consignment_id
            page = await _read_page(services, connection, rows, reach, unexamined_ppm=unexamined_ppm)
        yield page


def is_in_share(case_id: int, share_ppm: int) -> bool:
    """Say whether a case is in a share: told from its number alone, evenly."""
    return (case_id * _SPREAD % _WORD) * _PPM // _WORD < share_ppm


async def _read_page(
    services: Services,
    connection: Connection,
    consignments: Sequence[ConsignmentRow],
    reach: Reach,
    *,
    unexamined_ppm: int,
) -> list[ExaminedDeclaration]:
    outcomes = await select_dated_outcomes(
        connection,
        sorted({one.case_id for one in consignments}),
        administration_id=services.administration_id,
    )
    wanted = [
        one
        for one in consignments
        if one.status != WITHDRAWN
        and (one.consignment_id in outcomes or is_in_share(one.case_id, unexamined_ppm))
    ]
    messages = await read_messages(services, [one.document_id for one in wanted], reach)
    lines = []
    for one in wanted:
        message = messages.get(one.document_id)
        if message is not None:
            outcome = outcomes.get(one.consignment_id)
            lines.append(
                ExaminedDeclaration(
                    declaration=message[0],
                    is_found=None if outcome is None else outcome.result_code != CONFORMS,
                    examined_on=_day(one, outcome),
                    declarant=str(one.party_id),
                )
            )
    return lines


def _day(one: ConsignmentRow, outcome: Outcome | None) -> dt.date:
    at = one.accepted_at if outcome is None else outcome.at
    return at.astimezone(dt.UTC).date()
