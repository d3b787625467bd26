"""Keys by which the parcels of a batch meet others of the same order, while their people are at hand."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from serai.foundation.vault.pseudonyms import Pseudonymiser
from serai.journey.assessment.rules import GovernedRun
from serai.journey.consignments.rows import Row
from serai.journey.pipeline import Checked, Processed
from serai.journey.recording.decided_batch import ids_of
from serai.journey.split_shipments.keys import Consignees, main_headings, make_keys, may_be_parts
from serai.journey.split_shipments.marks import mark_on, shipped_marks
from serai.journey.split_shipments.store import KeyRows, key_rows
from serai.journey.validation.fields import PeopleOfRole
from serai.law.parameters import parameter_on
from serai.law.tariff import day_of
from serai.model.columns import Int64s
from serai.model.frames import ABSENT
from serai.model.names.normalised import sorted_names

_LIMIT: Final = "low_value_limit"
"""What packs call the value below which a simpler or cheaper treatment is to be had."""
_DAY_MS: Final = 86_400_000


def build_split_keys(
    pseudonymiser: Pseudonymiser,
    rows: Sequence[Row],
    checked: Checked | None,
    processed: Processed,
    *,
    at_ms: int,
    administration_id: int,
) -> KeyRows | None:
    """Return the keys of what came in with a consignee and is below the limit of its law; None: there is
    nothing, or all is decided again."""
    if checked is None or checked.facts is not None:
        return None
    frame = processed.consignments
    limits, currencies = _limits(processed)
    values = frame.numbers("threshold_value_minor")
    mark = mark_on(shipped_marks(), day_of(at_ms // _DAY_MS))
    if mark is None:
        return None
    is_asked = may_be_parts(values, limits, mark.value_min_percent)
    consignee = next((one for one in checked.people if one.role == "consignee"), None)
    if consignee is None or not is_asked.any():
        return None
    places = np.flatnonzero(is_asked[consignee.rows])
    asked = consignee.rows[places]
    if not len(asked):
        return None
    fields = consignee.fields.take(places)
    headings = main_headings(processed.items, processed.first_items)
    keys = make_keys(
        pseudonymiser,
        Consignees(
            asked,
            names=fields.texts("name"),
            streets=fields.texts("street"),
            postcodes=fields.texts("postcode"),
            cities=fields.texts("city"),
            countries=fields.texts("country_code"),
            sellers=_sellers(rows, asked, checked.people),
            headings=[headings[row] for row in asked.tolist()],
            currencies=[currencies[row] for row in asked.tolist()],
        ),
    )
    if not len(keys.rows):
        return None
    accepted = frame.numbers("accepted_at")
    return key_rows(
        keys,
        batch_id=rows[0].decision_id,
        consignment_ids=ids_of(rows, "consignment_id"),
        versions=ids_of(rows, "version"),
        values_minor=values,
        limits_minor=limits,
        sent_at_ms=np.where(accepted == ABSENT, at_ms, accepted),
        currencies=currencies,
        at_ms=at_ms,
        administration_id=administration_id,
    )


def _limits(processed: Processed) -> tuple[Int64s, list[str]]:
    """Return the limit of each row's law on its day, ABSENT where it has none, and that law's currency."""
    count = processed.consignments.row_count
    limits = np.full(count, ABSENT, dtype=np.int64)
    currencies = [""] * count
    days = processed.consignments.numbers("law_on")
    for governed in processed.runs:
        its_rows = governed.consignment_rows
        for day in np.unique(days[its_rows]).tolist():
            limit = _limit_on(governed, day)
            if limit is not None:
                limits[its_rows[days[its_rows] == day]] = limit
        for row in its_rows.tolist():
            currencies[row] = governed.run.program.currency
    return limits, currencies


def _limit_on(governed: GovernedRun, day: int) -> int | None:
    found = governed.run.program.parameters.get(_LIMIT)
    if found is None or found[0].by is not None or found[0].by_prefix is not None:
        return None
    value = parameter_on(governed.run.program, found[0], None, day)
    return value if isinstance(value, int) else None


def _sellers(rows: Sequence[Row], asked: Int64s, people: Sequence[PeopleOfRole]) -> list[str | None]:
    """Return who sells: by platform and number, else by name: of the seller, else of who sends the goods."""
    sellers: list[str | None] = []
    named: Mapping[int, str] | None = None
    for row in asked.tolist():
        declaration = rows[row].declaration
        if declaration.seller_id is not None:
            sellers.append(f"{declaration.platform_id or ''}:{declaration.seller_id}")
            continue
        if named is None:
            named = _names_of(people, "consignor") | _names_of(people, "seller")
        sellers.append(named.get(row))
    return sellers


def _names_of(people: Sequence[PeopleOfRole], role: str) -> dict[int, str]:
    one = next((one for one in people if one.role == role), None)
    if one is None:
        return {}
    names = sorted_names([name or "" for name in one.fields.texts("name")])
    return {row: f"name:{name}" for row, name in zip(one.rows.tolist(), names, strict=True) if name}
