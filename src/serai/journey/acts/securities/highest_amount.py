"""The highest amount that goods may come to owe at the border while value, origin or classification is open:
the one calculation, asked once for each datum that is possible (UCC 195; IA 244; TFA 7.3)."""

import copy
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import product
from typing import Any, Final, NamedTuple

from msgspec.structs import replace
from psycopg import AsyncConnection

from serai.foundation.worker_threads import beside_the_loop
from serai.journey.consignments.rows import Row
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.law_in_force.acceptance import laws_of_acceptance
from serai.journey.law_in_force.state import LawState
from serai.journey.linking.case_differences import select_counting
from serai.journey.linking.stored_documents import read_documents
from serai.journey.matching import store as matching_store
from serai.journey.processing.context import mark_present
from serai.journey.processing.redetermine import kinds_of, newest_decisions, rows_of
from serai.journey.recording.cumulative_allowances import hold_cumulative_allowances
from serai.journey.recording.run import recall_rows, run_pipeline
from serai.journey.recording.standing_acts import read_acts
from serai.journey.release.rules import border_dues
from serai.journey.services import Services
from serai.model.acts import Act
from serai.model.errors import SeraiError

Connection = AsyncConnection[Any]

CANDIDATES_MAX: Final = 500


class OpenData(NamedTuple):
    """What is not settled yet of a goods item. commodity_codes, origin_country_codes: those that are possible
    beside what is declared. price_minor: the highest price that is possible of all goods, in
    currency_code."""

    goods_item: int
    commodity_codes: Sequence[str] = ()
    origin_country_codes: Sequence[str] = ()
    price_minor: int | None = None
    currency_code: str = ""

    @property
    def is_settled(self) -> bool:
        """Say whether nothing is open."""
        return not self.commodity_codes and not self.origin_country_codes and self.price_minor is None


async def find_highest_dues(
    services: Services,
    connection: Connection,
    law: LawState,
    consignment: ConsignmentRow,
    data: OpenData,
    *,
    at: datetime,
) -> Counter[str]:
    """Return the highest that a consignment of a locked case may owe at the border, minor units by currency:
    what is declared, and each possible datum in its place. While the origin is open no preference counts.

    Raises SeraiError `security-amount-unknown` where a candidate's charges cannot be worked out: what nobody
    knows is not nothing.
    """
    newest = await newest_decisions(services, connection, [consignment])
    basis_id = newest[consignment.consignment_id].basis_id
    law = (await laws_of_acceptance(connection, law, [basis_id])).get(basis_id, law)
    row = await _row_of(services, connection, law, consignment, at)
    rows = _candidates(row, data, at)
    checked = await beside_the_loop(len(rows), recall_rows, rows, law, at)
    processed = await beside_the_loop(len(rows), run_pipeline, rows, checked, law, at)
    if len(processed.accepted_rows) != len(rows) or processed.consignments.flags("has_unknown_charge").any():
        raise _unknown()
    highest: Counter[str] = Counter()
    for dues in border_dues(processed.charges, len(rows)):
        highest |= dues
    return highest


async def _row_of(
    services: Services, connection: Connection, law: LawState, consignment: ConsignmentRow, at: datetime
) -> Row:
    """Return the row of a consignment as it would be decided again."""
    key = {"administration_id": services.administration_id}
    document_id, root = consignment.document_id, consignment.case_id
    documents = await read_documents(services, {document_id: "declaration"}, "decide-again", at, {})
    newest = await newest_decisions(services, connection, [consignment])
    rows = rows_of(services, [consignment], documents, newest)
    if not rows:
        raise _unknown()
    counting = await select_counting(services, connection, [root])
    disputed = await matching_store.select_disputed(connection, [root], **key)
    mark_present(rows[0], kinds_of(counting, disputed)[root])
    await read_acts(connection, rows, **key)
    checked = await beside_the_loop(1, recall_rows, rows, law, at)
    await hold_cumulative_allowances(services, connection, rows, checked, law)
    return rows[0]


def _candidates(row: Row, data: OpenData, at: datetime) -> list[Row]:
    """Return the row once for each combination of what is possible; what is declared comes first."""
    prices = [None] if data.price_minor is None else [None, data.price_minor]
    combined = list(product([None, *data.commodity_codes], [None, *data.origin_country_codes], prices))
    if len(combined) > CANDIDATES_MAX:
        raise SeraiError(
            "security-amount-unknown",
            "More is possible here than can be worked out at once.",
            "State fewer commodity codes and origins: those with the highest rates are enough.",
        )
    rows = []
    for code, origin, price in combined:
        one = copy.copy(row)
        if data.origin_country_codes:
            one.declaration = _without_preference(row)
        one.acts = [*row.acts, *_determinations(data, code, origin, price, at)]
        rows.append(one)
    return rows


def _without_preference(row: Row) -> Any:
    items = [replace(item, preference_code=None) for item in row.document.goods_items]
    return replace(row.document, goods_items=items, is_preference_claimed=False)


def _determinations(
    data: OpenData, code: str | None, origin: str | None, price: int | None, at: datetime
) -> Iterator[Act]:
    """Return what an officer would determine, as acts that nobody has done."""
    said: list[tuple[str, int, dict[str, Any]]] = []
    if code is not None:
        said.append(("classification-determined", data.goods_item, {"commodity_code": code}))
    if origin is not None:
        said.append(("origin-determined", data.goods_item, {"country_code": origin}))
    if price is not None:
        amount = {"amount_minor": price, "currency_code": data.currency_code}
        said.append(("value-determined", 0, amount))
    for number, (kind, item, parameters) in enumerate(said, 1):
        yield Act(
            act_id=-number,
            case_id=0,
            kind=kind,
            subject_id=0,
            subject_number=item,
            party_id=0,
            acting_user="",
            at=at,
            leaf_id=0,
            parameters=parameters,
        )


def _unknown() -> SeraiError:
    return SeraiError(
        "security-amount-unknown",
        "The highest amount that is possible cannot be worked out: the law says nothing of one of the data.",
        "Check the commodity codes and origins, or state the amount to be secured.",
    )
