"""Permits of a batch: what its goods name is held against the register and written off, all under one lock.

A batch whose goods name no document that a rule on restricted goods asks for asks the store nothing. The lock
comes after the cumulative allowances, in one order everywhere: of many who draw on one permit at once each
reads what those before have written off.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from serai.journey.consignments.rows import Row
from serai.journey.law_in_force.state import LawState
from serai.journey.permits import store
from serai.journey.permits.opening import OpeningRules, opened_words, speaks_of
from serai.journey.permits.permit import PERMIT_FINDINGS, Permit
from serai.journey.permits.store import DrawnOf, PermitDraw, Remit
from serai.journey.pipeline import Checked
from serai.journey.recording.controls.permits.book import PermitBook
from serai.journey.recording.controls.permits.cleared import cleared_rules, open_cleared
from serai.journey.recording.controls.permits.covering import cover, keep, say_why
from serai.journey.recording.controls.permits.goods import goods_of
from serai.journey.recording.controls.permits.naming import Asked, find_asked, places_with_documents, rules_of
from serai.journey.services import Services
from serai.model.columns import Frame, encode_words
from serai.model.frames import RELEASED

Connection = AsyncConnection[Any]


async def settle_permits(
    services: Services,
    connection: Connection,
    rows: Sequence[Row],
    checked: Checked,
    law: LawState,
    *,
    at: datetime,
) -> Checked:
    """Hold what the goods of rows name against the permits of agencies, and give each row what it writes off
    and what is said of that. Returns the documents with what opens which rule in place, be it a permit or an
    agency's own word.

    checked: of the rows, same order. What is released stays as it was.
    """
    settled = await _settle_named(services, connection, rows, checked, law, at=at)
    return open_cleared(rows, settled, rules_of(law))


async def _settle_named(
    services: Services,
    connection: Connection,
    rows: Sequence[Row],
    checked: Checked,
    law: LawState,
    *,
    at: datetime,
) -> Checked:
    for row in rows:
        # It is settled anew where a decision is made again within one transaction.
        if row.permit_draws_before or row.permit_draws or row.permit_findings:
            row.permit_draws_before = row.permit_draws = row.permit_findings = ()
    amended = [row for row in rows if row.previous is not None and row.cut is not None]
    rules = rules_of(law)
    places = places_with_documents(rows, checked, rules)
    if not len(places) and not amended:
        return checked
    asked = find_asked(rows, checked, places, rules)
    known = {row.consignment_id: row for row in rows if row.previous is not None}
    drawn = await _read_drawn(services, connection, known, asked, rows)
    if not asked and not drawn:
        return checked
    remits = {
        one.rule_id: one
        for one in await store.select_remits(connection, administration_id=services.administration_id)
    }
    book = PermitBook(await _lock(services, connection, asked, drawn), at)
    for draw in drawn.values():
        book.give_back(draw)
    closed: dict[int, set[tuple[str, str]]] = {}
    # Who has drawn before does not lose it to who comes now.
    for one in sorted(asked, key=lambda one: rows[one.row].previous is None):
        closed[one.item] = _settle(
            services, rows, checked, law, one, rules=rules, remits=remits, book=book, drawn=drawn
        )
    return _with_words(checked, {one.item: one.codes for one in asked}, closed, rules)


def recall_permits(rows: Sequence[Row], checked: Checked, law: LawState) -> Checked:
    """Return documents of decisions that are worked out again with what opened which rule then: by what was
    said of permits, which stands in them."""
    rules = rules_of(law)
    places = places_with_documents(rows, checked, rules)
    if not len(places):
        return open_cleared(rows, checked, rules)
    asked = find_asked(rows, checked, places, rules)
    closed = {one.item: _recorded_closed(rows[one.row], one.sequence_number) for one in asked}
    opened = _with_words(checked, {one.item: one.codes for one in asked}, closed, rules)
    return open_cleared(rows, opened, rules)


async def _read_drawn(
    services: Services,
    connection: Connection,
    known: Mapping[int, Row],
    asked: Sequence[Asked],
    rows: Sequence[Row],
) -> dict[tuple[int, int, int], DrawnOf]:
    """Give rows that were decided before what stands written off for them; return it by consignment, goods
    item and permit."""
    wanted = {row.consignment_id for row in known.values() if row.cut is not None}
    wanted |= {rows[one.row].consignment_id for one in asked if rows[one.row].previous is not None}
    if not wanted:
        return {}
    found = await store.select_drawn(connection, sorted(wanted), administration_id=services.administration_id)
    standing = {(one.consignment_id, one.sequence_number, one.permit_id): one for one in found}
    for one in standing.values():
        row = known[one.consignment_id]
        draw = PermitDraw(one.permit_id, one.consignment_id, one.sequence_number, 0, *one.left)
        row.permit_draws_before = (*row.permit_draws_before, draw)
    return standing


async def _lock(
    services: Services,
    connection: Connection,
    asked: Sequence[Asked],
    drawn: Mapping[tuple[int, int, int], DrawnOf],
) -> list[Permit]:
    numbers = {named.number for one in asked for named in one.named if named.number}
    ids = {one.permit_id for one in drawn.values()}
    if not numbers and not ids:
        return []
    return await store.lock_permits(connection, numbers, ids, administration_id=services.administration_id)


def _settle(
    services: Services,
    rows: Sequence[Row],
    checked: Checked,
    law: LawState,
    one: Asked,
    *,
    rules: OpeningRules,
    remits: Mapping[str, Remit],
    book: PermitBook,
    drawn: Mapping[tuple[int, int, int], DrawnOf],
) -> set[tuple[str, str]]:
    """Write off for one goods item; return the rules that its documents do not open, each with the kind."""
    row = rows[one.row]
    if row.is_withdrawn:
        return set()
    if row.previous is not None and row.previous.status == RELEASED:
        keep(row, one, book)
        return _recorded_closed(row, one.sequence_number)
    goods = goods_of(services, row, checked, law, one)
    closed: set[tuple[str, str]] = set()
    taken: set[int] = set()
    cleared = cleared_rules(row.acts)
    for code in sorted(one.codes & rules.keys()):
        for rule in rules[code]:
            remit = remits.get(rule.rule_id)
            if (
                remit is None
                or rule.rule_id in cleared
                or not speaks_of(rule, goods.commodity_code, goods.kinds)
            ):
                continue
            named = [its for its in one.named if its.code == code]
            fault = cover(row, one, goods, named, remit, book=book, taken=taken, drawn=drawn)
            if fault is not None:
                closed.add((rule.rule_id, code))
                say_why(row, one, rule, code, remit, fault=fault, named=named)
    return closed


def _recorded_closed(row: Row, sequence_number: int) -> set[tuple[str, str]]:
    """Return the rules that documents of an item did not open when the decision before was made."""
    if row.previous_detail is None:
        return set()
    said = [one.parameters or {} for one in row.previous_detail.findings if one.code in PERMIT_FINDINGS]
    return {(one["rule"], one["document"]) for one in said if one.get("goods_item") == str(sequence_number)}


def _with_words(
    checked: Checked,
    codes: Mapping[int, frozenset[str]],
    closed: Mapping[int, set[tuple[str, str]]],
    rules: OpeningRules,
) -> Checked:
    items = checked.columns.items
    texts = items.words("document_type_codes").texts()
    changed = {
        item: text
        for item, its in codes.items()
        if (text := opened_words(its, closed.get(item, ()), rules)) != texts[item]
    }
    if not changed:
        return checked
    for item, text in changed.items():
        texts[item] = text
    columns = {**items.columns, "document_type_codes": encode_words(texts)}
    return replace(checked, columns=replace(checked.columns, items=Frame(items.row_count, columns)))
