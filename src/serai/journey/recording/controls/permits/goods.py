"""A goods item as permits are held against it."""

from serai.journey.consignments.rows import Row
from serai.journey.law_in_force.state import LawState
from serai.journey.permits.permit import PermitGoods
from serai.journey.permits.registering import person_hash
from serai.journey.pipeline import Checked
from serai.journey.recording.controls.permits.naming import Asked, presented_acts, text_at
from serai.journey.services import Services
from serai.model.columns import Frame
from serai.model.frames import ABSENT
from serai.model.money import MICRO_PLACES, PLACES


def goods_of(services: Services, row: Row, checked: Checked, law: LawState, one: Asked) -> PermitGoods:
    """Return an item as permits are held against it: with what officers have determined of it."""
    items, place = checked.columns.items, one.item
    commodity_code = text_at(items, "commodity_code", place)
    quantity = int(items.numbers("quantity_micro")[place])
    for act in row.acts:
        if act.subject_number == one.sequence_number:
            commodity_code = act.parameters.get("commodity_code") or commodity_code
            quantity = act.parameters.get("quantity_micro", quantity)
    description = text_at(items, "description", place)
    mass = int(items.numbers("net_mass_g")[place])
    if mass == ABSENT:
        mass = int(items.numbers("gross_mass_g")[place])
    currency = text_at(items, "invoice_currency_code", place)
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
    found = {text_at(items, "quantity_unit_code", place) or "C62": quantity_micro}
    unit = text_at(items, "supplementary_unit_code", place)
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
    words = (text_at(frame, name, row) for name in ("consignee_country_code", "customs_territory_code"))
    return frozenset(word for word in words if word)


def _persons(services: Services, row: Row, one: Asked) -> frozenset[bytes]:
    """Return the hashes of persons who may hold a permit of an item: of the document as it came in, and of
    who was shown when a permit was brought."""
    numbers: list[str] = []
    if row.cut is not None:
        document = row.document
        people = (document.consignee, document.buyer, document.importer)
        numbers = [one.identity_number for one in people if one is not None and one.identity_number]
    shown = [
        bytes.fromhex(act.parameters["holder"])
        for act in presented_acts(row)
        if act.subject_number == one.sequence_number and "holder" in act.parameters
    ]
    return frozenset([*(person_hash(services.pseudonymiser, number) for number in numbers), *shown])
