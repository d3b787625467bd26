"""What of safety the demo shows: a rule of officers and their budget, a recall in flight, a permit that is
written off. All invented.
"""

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from serai.laboratory.demo.sending import JSON
from serai.laboratory.demo.story import CONSIGNMENTS, Message, NamedStory
from serai.laboratory.invented.named_parcels import FLAT_DUTY_SEEN_FROM, named_consignment, named_item

RULE_ID: Final = "shoes-too-cheap"
RULE: Final[dict[str, Any]] = {
    "level": "item",
    "when": "commodity_code = '640411' AND COALESCE(IN_CURRENCY(line_value, 'EUR') < cheap_shoes, FALSE)",
    "lane": "examine",
    "sentence": "Sports shoes far below what such shoes cost",
    "parameters": [{"name": "cheap_shoes", "kind": "money", "value": "25.00 EUR"}],
}
PERMITS_RULE: Final = "eu-cites"
"""The rule of EU law whose permits the invented agency keeps: goods of protected animals and plants."""
PERMIT_NUMBER: Final = "INVENTED-C400-1"
RECALL_REFERENCE: Final = "INVENTED-RECALL-1"
GTIN, LOT = "4006381333931", "L2407B"
CONFORMS: Final = "conforms"
EXAMINED_COUNT: Final = 50
"""At most so many selected parcels are examined, so that yields and fairness have something to show."""
_RANDOM_PARCELS_COUNT: Final = 400
"""So many parcels the random share is to hold: groups of some size have ten of them."""
_ONE_PERCENT_PPM, _TEN_PERCENT_PPM = 10_000, 100_000
_WRONG_EVERY: Final = 6


def budget_of(count: int) -> dict[str, int]:
    """Return a budget for a day of `count` parcels: the fewer come, the larger the share that chance selects,
    since groups of fewer than ten are shown to nobody."""
    wanted_ppm = _RANDOM_PARCELS_COUNT * 1_000_000 // max(count, 1)
    random_ppm = min(max(wanted_ppm, _ONE_PERCENT_PPM), _TEN_PERCENT_PPM)
    return {
        "inspections_per_day_count": max(count // 5, 500),
        "flow_share_ppm": random_ppm + 2 * _ONE_PERCENT_PPM,
        "random_share_ppm": random_ppm,
    }


def result_of(place: int) -> str:
    """Return what the examination of the parcel in a place of the list has found."""
    return "value-differs" if place % _WRONG_EVERY == 0 else CONFORMS


def permit_terms(at: datetime) -> dict[str, Any]:
    """Return the agency's permit: ten carvings, for whoever names it."""
    return {
        "number": PERMIT_NUMBER,
        "type_code": "C400",
        "holder": {"kind": "bearer"},
        "commodity_codes": ["9601"],
        "quantity": "10",
        "quantity_unit_code": "C62",
        "valid_from": (at - timedelta(days=1)).isoformat(),
        "valid_to": (at + timedelta(days=90)).isoformat(),
    }


def recall_of_sets() -> dict[str, Any]:
    """Return the agency's recall of one batch of building sets."""
    return {
        "reference": RECALL_REFERENCE,
        "reason_code": "small-magnets",
        "rule": {"gtins": [GTIN], "lots": [LOT]},
        "effect": "suspension",
        "ground_code": "dangerous-product",
    }


def recalled_parcels(at: datetime) -> NamedStory:
    """Return three parcels with the product that will be recalled: of its batch, of another, of one that
    nobody has stated."""
    return _story(
        "A recalled batch",
        "An agency recalls a batch of building sets. The parcel of that batch is suspended, one without a "
        "batch is put before an officer, one of another batch goes on; the marketplace is asked to take the "
        "offer down.",
        [
            _declared(f"9-SET-{name}", at, ("95030041", "magnetic building set, 60 pieces", "0.700"), more)
            for name, more in (
                ("RECALLED", {"lot_number": LOT}),
                ("OTHER", {"lot_number": "L2407A"}),
                ("?", {}),
            )
        ],
    )


def permit_parcels(at: datetime) -> NamedStory:
    """Return two parcels with goods that need a permit: one names it, one does not."""
    named = {"additional_documents": [{"type_code": "C400", "reference": PERMIT_NUMBER}]}
    return _story(
        "A permit that is written off",
        "Ivory needs a permit. One parcel names it and a piece is written off; the other waits for one.",
        [
            _declared(f"10-IVORY-{name}", at, ("96011000", "small carved figurine, ivory", "0.200"), more)
            for name, more in (("PERMIT", named), ("WAITS", {}))
        ],
    )


def _story(title: str, what_to_see: str, declared: list[dict[str, Any]]) -> NamedStory:
    messages = (Message(title, CONSIGNMENTS, "carrier", JSON, msgspec.json.encode(one)) for one in declared)
    return NamedStory(title, what_to_see, tuple(messages))


def _declared(name: str, at: datetime, goods: tuple[str, str, str], more: dict[str, Any]) -> dict[str, Any]:
    code, _, _ = goods
    item = named_item(1, goods, "45.00") | more
    if code.startswith("9503"):
        item["standard_product_id"] = GTIN
    return named_consignment(name.replace("?", "UNKNOWN"), max(at, FLAT_DUTY_SEEN_FROM), [item]).content
