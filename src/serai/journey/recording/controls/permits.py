"""Permits of a batch: what its goods name is held against the register and written off, all under one lock.

A batch whose goods name no document that a rule on restricted goods asks for asks the store nothing. The lock
comes after the cumulative allowances, in one order everywhere: of many who draw on one permit at once each
reads what those before have written off.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import numpy as np
from psycopg import AsyncConnection

from serai.journey.consignments.rows import Row
from serai.journey.law_in_force.state import LawState
from serai.journey.permits import store
from serai.journey.permits.opening import OpeningRules, opened_words, opening_rules, speaks_of
from serai.journey.permits.permit import (
    PERMIT_FINDINGS,
    Amount,
    Permit,
    PermitFault,
    PermitGoods,
    judge_permit,
)
from serai.journey.permits.registering import person_hash
from serai.journey.permits.store import PermitDraw, Remit
from serai.journey.pipeline import Checked
from serai.journey.services import Services
from serai.law.pack import Exclusion
from serai.model.acts import PERMIT_PRESENTED
from serai.model.columns import Frame, Int64s, encode_words
from serai.model.documents import AdditionalDocument, GoodsItem
from serai.model.findings import Finding
from serai.model.frames import ABSENT, RELEASED
from serai.model.money import MICRO_PLACES, PLACES, read_decimals

Connection = AsyncConnection[Any]
_Key = tuple[int, int]
"""Consignment and goods item."""


class _Named(NamedTuple):
    """A document that goods name. pointer: where. code: its kind. number: its reference, "" without one."""

    code: str
    number: str
    pointer: str
    document: AdditionalDocument | None


class _Asked(NamedTuple):
    """A goods item with documents that rules ask for. row: its place; item: of the frame of goods items.
    codes: all kinds of its documents, those that were brought later too."""

    row: int
    item: int
    sequence_number: int
    codes: frozenset[str]
    named: tuple[_Named, ...]


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
    and what is said of that. Returns the documents with what opens which rule in place.

    checked: of the rows, same order. What is released stays as it was.
    """
    for row in rows:
        # It is settled anew where a decision is made again within one transaction.
        if row.permit_draws_before or row.permit_draws or row.permit_findings:
            row.permit_draws_before = row.permit_draws = row.permit_findings = ()
    amended = [row for row in rows if row.previous is not None and row.cut is not None]
    rules = _rules_of(law)
    places = _places_with_documents(rows, checked, rules)
    if not len(places) and not amended:
        return checked
    asked = _find_asked(rows, checked, places, rules)
    known = {row.consignment_id: row for row in rows if row.previous is not None}
    drawn = await _read_drawn(services, connection, known, asked, rows)
    if not asked and not drawn:
        return checked
    remits = {
        one.rule_id: one
        for one in await store.select_remits(connection, administration_id=services.administration_id)
    }
    book = _PermitBook(await _lock(services, connection, asked, drawn), at)
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
    rules = _rules_of(law)
    places = _places_with_documents(rows, checked, rules)
    if not len(places):
        return checked
    asked = _find_asked(rows, checked, places, rules)
    closed = {one.item: _recorded(rows[one.row], one.sequence_number) for one in asked}
    return _with_words(checked, {one.item: one.codes for one in asked}, closed, rules)


def permits_differ(row: Row) -> bool:
    """Say whether a row writes off other than what stands written off for it."""
    return bool(_changes(row))


async def write_permit_draws(
    services: Services, connection: Connection, rows: Sequence[Row], at: datetime
) -> None:
    """Record what decisions write off, and give back what those that they replace had. The permits are
    held."""
    draws = [draw for row in rows if row.permit_draws or row.permit_draws_before for draw in _changes(row)]
    if draws:
        await store.write_draws(
            connection,
            draws,
            services.ids.take(len(draws)).tolist(),
            at=at,
            administration_id=services.administration_id,
        )


async def give_back_returned(
    services: Services,
    connection: Connection,
    consignment_id: int,
    back: Mapping[int, tuple[int, int]],
    *,
    return_id: int,
    at: datetime,
) -> None:
    """Give back to permits what goods that went back have taken of them, rounded down, in all; what was given
    back before stays so.

    back: by goods item, how much of it is back and how much was declared, millionths. return_id: of the
    document that says so.
    """
    key = {"administration_id": services.administration_id}
    draws = []
    for one in await store.select_drawn(connection, [consignment_id], **key):
        gone, declared = back.get(one.sequence_number, (0, 1))
        share = [amount * min(gone, declared) // declared for amount in (one.quantity_micro, one.value_minor)]
        quantity, value = (max(0, whole - given) for whole, given in zip(share, one.returned, strict=True))
        if quantity or value:
            draws.append(
                PermitDraw(one.permit_id, consignment_id, one.sequence_number, return_id, -quantity, -value)
            )
    if draws:
        await store.lock_permits(connection, [], [one.permit_id for one in draws], **key)
        ids = services.ids.take(len(draws)).tolist()
        await store.write_draws(connection, draws, ids, at=at, is_return=True, **key)


def _changes(row: Row) -> list[PermitDraw]:
    """Return what is to be added so that what a row writes off stands."""
    sums: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    for sign, draws in ((-1, row.permit_draws_before), (1, row.permit_draws)):
        for one in draws:
            sums[one.permit_id, one.sequence_number][0] += sign * one.quantity_micro
            sums[one.permit_id, one.sequence_number][1] += sign * one.value_minor
    return [
        PermitDraw(permit_id, row.consignment_id, number, row.decision_id, quantity, value)
        for (permit_id, number), (quantity, value) in sorted(sums.items())
        if quantity or value
    ]


# ---- what is asked ----


def _rules_of(law: LawState) -> OpeningRules:
    """Return which rules which documents open; worked out once for a generation of law."""
    found = _KEPT.get(id(law.book))
    if found is None or found[0] is not law.book:
        if len(_KEPT) > 8:
            _KEPT.clear()
        found = _KEPT[id(law.book)] = (law.book, opening_rules(law.book))
    return found[1]


_KEPT: dict[int, tuple[Any, OpeningRules]] = {}


def _places_with_documents(rows: Sequence[Row], checked: Checked, rules: OpeningRules) -> Int64s:
    """Return the goods items with a document that a rule asks for, whether declared or brought later."""
    items = checked.columns.items
    codes = items.words("document_type_codes")
    is_asked = codes.map_flags([not rules.keys().isdisjoint(word.split()) for word in codes.words])
    brought = [place for place, row in enumerate(rows) if _brought(row)]
    if brought:
        is_asked = is_asked | np.isin(items.numbers("owner"), brought)
    return np.flatnonzero(is_asked)


def _brought(row: Row) -> list[Any]:
    return [act for act in row.acts if act.kind == PERMIT_PRESENTED]


def _find_asked(rows: Sequence[Row], checked: Checked, places: Int64s, rules: OpeningRules) -> list[_Asked]:
    items = checked.columns.items
    words = items.words("document_type_codes").take(places).texts()
    found = []
    for item, owner, sequence_number, text in zip(
        places.tolist(),
        items.numbers("owner")[places].tolist(),
        items.numbers("sequence_number")[places].tolist(),
        words,
        strict=True,
    ):
        row = rows[owner]
        brought = [
            _Named(act.parameters["document"], act.parameters["permit"], "", None)
            for act in _brought(row)
            if act.subject_number == sequence_number
        ]
        codes = frozenset([*(text or "").split(), *(one.code for one in brought)])
        if rules.keys().isdisjoint(codes):
            continue
        declared = [one for one in _declared(row, sequence_number) if one.code in rules]
        found.append(_Asked(owner, item, sequence_number, codes, (*brought, *declared)))
    return found


def _declared(row: Row, sequence_number: int) -> list[_Named]:
    """Return the documents that an item and its consignment name."""
    document = row.document
    place, item = _goods_item(row, sequence_number)
    own = [
        _Named(one.type_code, one.reference or "", f"/goods_items/{place}/additional_documents/{number}", one)
        for number, one in enumerate(item.additional_documents)
    ]
    return own + [
        _Named(one.type_code, one.reference or "", f"/additional_documents/{number}", one)
        for number, one in enumerate(document.additional_documents)
    ]


def _goods_item(row: Row, sequence_number: int) -> tuple[int, GoodsItem]:
    return next(
        (place, one)
        for place, one in enumerate(row.document.goods_items)
        if one.sequence_number == sequence_number
    )


async def _read_drawn(
    services: Services,
    connection: Connection,
    known: Mapping[int, Row],
    asked: Sequence[_Asked],
    rows: Sequence[Row],
) -> dict[tuple[int, int, int], store.DrawnOf]:
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
    asked: Sequence[_Asked],
    drawn: Mapping[tuple[int, int, int], store.DrawnOf],
) -> list[Permit]:
    numbers = {named.number for one in asked for named in one.named if named.number}
    ids = {one.permit_id for one in drawn.values()}
    if not numbers and not ids:
        return []
    return await store.lock_permits(connection, numbers, ids, administration_id=services.administration_id)


class _PermitBook:
    """The permits that are held, as they stand while a batch draws on them."""

    def __init__(self, permits: Sequence[Permit], at: datetime) -> None:
        self.at = at
        self._permits = {one.permit_id: one for one in permits}

    def named(self, number: str) -> list[Permit]:
        """Return the permits of a number, of whichever agency."""
        return [one for one in self._permits.values() if one.number == number]

    def stored(self, permit_id: int) -> Permit:
        """Return a permit as it stands now."""
        return self._permits[permit_id]

    def take(self, permit: Permit, amount: Amount) -> None:
        """Write off."""
        self._permits[permit.permit_id] = msgspec.structs.replace(
            permit,
            drawn_quantity_micro=permit.drawn_quantity_micro + amount.quantity_micro,
            drawn_value_minor=permit.drawn_value_minor + amount.value_minor,
        )

    def give_back(self, drawn: store.DrawnOf) -> None:
        """Take out what a decision wrote off that is made again."""
        permit = self._permits[drawn.permit_id]
        quantity_micro, value_minor = drawn.left
        self.take(permit, Amount(-quantity_micro, -value_minor))


# ---- what comes of it ----


def _settle(
    services: Services,
    rows: Sequence[Row],
    checked: Checked,
    law: LawState,
    one: _Asked,
    *,
    rules: OpeningRules,
    remits: Mapping[str, Remit],
    book: _PermitBook,
    drawn: Mapping[tuple[int, int, int], store.DrawnOf],
) -> set[tuple[str, str]]:
    """Write off for one goods item; return the rules that its documents do not open, each with the kind."""
    row = rows[one.row]
    if row.is_withdrawn:
        return set()
    if row.previous is not None and row.previous.status == RELEASED:
        _keep(row, one, book)
        return _recorded(row, one.sequence_number)
    goods = _goods_of(services, row, checked, law, one)
    closed: set[tuple[str, str]] = set()
    taken: set[int] = set()
    for code in sorted(one.codes & rules.keys()):
        for rule in rules[code]:
            remit = remits.get(rule.rule_id)
            if remit is None or not speaks_of(rule, goods.commodity_code, goods.kinds):
                continue
            named = [its for its in one.named if its.code == code]
            fault = _cover(row, one, goods, named, remit, book=book, taken=taken, drawn=drawn)
            if fault is not None:
                closed.add((rule.rule_id, code))
                _say(row, one, rule, code, remit, fault=fault, named=named)
    return closed


def _cover(
    row: Row,
    one: _Asked,
    goods: PermitGoods,
    named: Sequence[_Named],
    remit: Remit,
    *,
    book: _PermitBook,
    taken: set[int],
    drawn: Mapping[tuple[int, int, int], store.DrawnOf],
) -> PermitFault | None:
    """Write off of the first permit of an agency that covers an item; return why none does."""
    fault: PermitFault = "permit-unknown"
    for its in named:
        found = book.named(its.number)
        own = [
            permit for permit in found if permit.party_id == remit.party_id and permit.type_code == its.code
        ]
        if not own:
            fault = "permit-of-another-agency" if found and fault == "permit-unknown" else fault
            continue
        permit = own[0]
        if permit.permit_id in taken:
            return None
        before = drawn.get((row.consignment_id, one.sequence_number, permit.permit_id))
        held = _with_stated(msgspec.structs.replace(goods, is_drawn=before is not None), its)
        came = judge_permit(permit, held, book.at, returned=before.returned if before else Amount(0, 0))
        if isinstance(came, Amount):
            book.take(permit, came)
            taken.add(permit.permit_id)
            draw = PermitDraw(
                permit.permit_id, row.consignment_id, one.sequence_number, row.decision_id, *came
            )
            row.permit_draws = (*row.permit_draws, draw)
            return None
        fault = came
    return fault


def _with_stated(goods: PermitGoods, named: _Named) -> PermitGoods:
    """Add the quantity that a document states in a unit in which the item itself states none."""
    document = named.document
    if document is None or document.quantity is None or document.quantity_unit_code is None:
        return goods
    numbers, good = read_decimals([document.quantity])
    if not good[0] or numbers[0] <= 0 or document.quantity_unit_code in goods.quantities_micro:
        return goods
    stated = {**goods.quantities_micro, document.quantity_unit_code: int(numbers[0])}
    return msgspec.structs.replace(goods, quantities_micro=stated)


def _keep(row: Row, one: _Asked, book: _PermitBook) -> None:
    for draw in row.permit_draws_before:
        if draw.sequence_number == one.sequence_number:
            row.permit_draws = (*row.permit_draws, draw)
            book.take(book.stored(draw.permit_id), Amount(draw.quantity_micro, draw.value_minor))


def _say(
    row: Row,
    one: _Asked,
    rule: Exclusion,
    code: str,
    remit: Remit,
    *,
    fault: PermitFault,
    named: Sequence[_Named],
) -> None:
    place, _ = _goods_item(row, one.sequence_number)
    pointer = next(
        (its.pointer for its in named if its.pointer), f"/goods_items/{place}/additional_documents"
    )
    said = {
        "goods_item": str(one.sequence_number),
        "document": code,
        "agency": remit.name,
        "rule": rule.rule_id,
    }
    row.permit_findings = (*row.permit_findings, Finding(fault, pointer, "hold", said))


def _goods_of(services: Services, row: Row, checked: Checked, law: LawState, one: _Asked) -> PermitGoods:
    """Return an item as permits are held against it: with what officers have determined of it."""
    items, place = checked.columns.items, one.item
    commodity_code = _word(items, "commodity_code", place)
    quantity = int(items.numbers("quantity_micro")[place])
    for act in row.acts:
        if act.subject_number == one.sequence_number:
            commodity_code = act.parameters.get("commodity_code") or commodity_code
            quantity = act.parameters.get("quantity_micro", quantity)
    description = _word(items, "description", place)
    mass = int(items.numbers("net_mass_g")[place])
    if mass == ABSENT:
        mass = int(items.numbers("gross_mass_g")[place])
    currency = _word(items, "invoice_currency_code", place)
    return PermitGoods(
        commodity_code=commodity_code,
        kinds=law.lists.goods_kinds.name(description),
        quantities_micro=_quantities(items, place, quantity),
        mass_g=None if mass == ABSENT else mass,
        value_minor=_value(currency, int(items.numbers("invoice_amount_micro")[place])),
        currency_code=currency,
        country_codes=_countries(checked, one.row),
        party_ids=frozenset({row.sender.party_id, *(party_id for _, party_id in row.named)}),
        holder_hashes=_persons(services, row, one),
    )


def _quantities(items: Frame, place: int, quantity_micro: int) -> dict[str, int]:
    found = {_word(items, "quantity_unit_code", place) or "C62": quantity_micro}
    unit = _word(items, "supplementary_unit_code", place)
    supplementary = int(items.numbers("supplementary_quantity_micro")[place])
    if unit and supplementary != ABSENT and supplementary > 0:
        found.setdefault(unit, supplementary)
    return found


def _value(currency: str, amount_micro: int) -> int | None:
    """Return an amount in minor units, rounded up: what is left of a permit is never less than nothing."""
    places = PLACES.get(currency)
    if places is None or amount_micro == ABSENT:
        return None
    return -(-amount_micro // int(10 ** (MICRO_PLACES - places)))


def _countries(checked: Checked, row: int) -> frozenset[str]:
    frame = checked.columns.consignments
    words = (_word(frame, name, row) for name in ("consignee_country_code", "customs_territory_code"))
    return frozenset(word for word in words if word)


def _persons(services: Services, row: Row, one: _Asked) -> frozenset[bytes]:
    """Return the hashes of persons who may hold a permit of an item: of the document as it came in, and of
    who was shown when a permit was brought."""
    numbers: list[str] = []
    if row.cut is not None:
        document = row.document
        people = (document.consignee, document.buyer, document.importer)
        numbers = [one.identity_number for one in people if one is not None and one.identity_number]
    shown = [
        bytes.fromhex(act.parameters["holder"])
        for act in _brought(row)
        if act.subject_number == one.sequence_number and "holder" in act.parameters
    ]
    return frozenset([*(person_hash(services.pseudonymiser, number) for number in numbers), *shown])


def _word(frame: Frame, name: str, place: int) -> str:
    coded = frame.words(name)
    code = int(coded.codes[place])
    return coded.words[code] if code >= 0 else ""


def _recorded(row: Row, sequence_number: int) -> set[tuple[str, str]]:
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
