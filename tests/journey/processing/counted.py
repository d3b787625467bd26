"""Parcels that laws count on cumulative_allowances: to China, Argentina, Korea and Japan, with the lists
those laws ask."""

from typing import Any

from serai.app import Node
from serai.journey.allowances.store import CumulativeAllowanceKey, hash_keys
from serai.journey.assessment.store import make_component
from serai.journey.law_in_force.list_files import with_lists
from serai.journey.law_in_force.service import derive_law, load_law
from tests.journey.processing.support import parcel, select

TARIFF = b"""measure,commodity_prefix,valid_from,valid_to,source,ad_valorem_ppm,territory_code
admission,61091000,2019-01-01,,invented for tests,10000,CN
duty,61091000,2019-01-01,,invented for tests,60000,CN
duty,61091000,2019-01-01,,invented for tests,350000,AR
duty,42021100,2019-01-01,,invented for tests,80000,KR
duty,95030010,2019-01-01,,invented for tests,30000,JP
simplified_duty,95030010,2019-01-01,,invented for tests,30000,JP
"""
RATES = b"""table,home,currency,numerator,denominator,direction,valid_from,valid_to,source
kr-customs-weekly,KRW,USD,1300,1,home_per_foreign,2019-01-01,,invented for tests
"""
LISTS = (("tariff", "counted.csv", TARIFF), ("exchange-rates", "counted.csv", RATES))


async def load_lists(node: Node) -> None:
    """Put the lists in force, and let the node decide by them."""
    lists = [make_component(*one) for one in LISTS]
    at = node.clock.now()
    await derive_law(
        node.database, node.administration_id, at, "a test", lambda present: with_lists(present, lists)
    )
    node.processor.law = await load_law(node.database, node.administration_id, at)


def person(country_code: str, name: str, number: str | None = None, **changes: Any) -> dict[str, Any]:
    given = {"name": name, "country_code": country_code, "city": "Somewhere", "street": f"{name} Street 1"}
    return {**given, **({"identity_number": number} if number else {}), **changes}


def _parcel(name: str, country: str, currency: str, amount: str, code: str, **changes: Any) -> dict[str, Any]:
    made = parcel(
        name,
        consignee=person(country, f"Receiver {name}"),
        logistics_channel_code="express",
        purchased_at="2026-06-29T03:00:00Z",
        exported_at="2026-06-29T20:00:00Z",
        expected_arrival_at=None,
        accepted_at="2026-07-02T03:00:00Z",
        dispatch_country_code="VN",
    )
    item = made["goods_items"][0]
    item |= {"commodity_code": code, "quantity": "1", "origin_country_code": "VN"}
    item |= {"invoice_amount": amount, "invoice_currency_code": currency, "net_mass_kg": "0.150"}
    return {key: value for key, value in {**made, **changes}.items() if value is not None}


def to_china(name: str, amount: str, number: str | None, **changes: Any) -> dict[str, Any]:
    """An order of the cross-border channel: CNY 5,000 an order, 26,000 a year; reduced taxes within both."""
    buyer = {"buyer": person("CN", f"Buyer {name}", number)} if number else {}
    fields = {"procedure": {"requested_procedure_code": "9610", "previous_procedure_code": "00"}, **buyer}
    return _parcel(name, "CN", "CNY", amount, "61091000", **fields, **changes)


def to_argentina(name: str, number: str, **changes: Any) -> dict[str, Any]:
    """A courier shipment: the first USD 400 free of duty, five times a year."""
    fields = {"buyer": person("AR", f"Buyer {name}", number)}
    return _parcel(name, "AR", "USD", "100.00", "61091000", **fields, **changes)


def to_korea(name: str, amount: str, receiver: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """For own use: free up to USD 150, with what was bought of one seller on one day."""
    return _parcel(name, "KR", "USD", amount, "42021100", consignee=receiver, **changes)


def to_japan(name: str, amount: str, receiver: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Free up to JPY 10,000, with what one sender sent to one receiver at one time."""
    return _parcel(name, "JP", "JPY", amount, "95030010", consignee=receiver, **changes)


async def balance(node: Node, reference: str, word: int = 0) -> list[tuple[int, int]]:
    """Return what the standing decision of a consignment found on its cumulative allowance and drew."""
    return await select(
        node,
        "SELECT before_amount, drawn_amount FROM cumulative_allowance_draw"
        " JOIN consignment USING (consignment_id)"
        " WHERE reference = %s"
        " AND cumulative_allowance_draw.decision_id = consignment.decision_id AND NOT is_reversal"
        " AND word = %s",
        reference,
        word,
    )


async def cumulative_allowance_of(node: Node, reference: str, word: int = 0) -> int:
    """Return what stands on the cumulative allowance of a consignment's standing decision."""
    rows = await select(
        node,
        "SELECT cumulative_allowance, holder, period_on FROM cumulative_allowance_draw"
        " JOIN consignment USING (consignment_id, decision_id)"
        " WHERE reference = %s AND word = %s AND NOT is_reversal",
        reference,
        word,
    )
    (halves,) = hash_keys([CumulativeAllowanceKey(*rows[0])], 1).tolist()
    stands = "SELECT amount FROM cumulative_allowance WHERE (key_hash, check_hash) = (%s, %s)"
    return int((await select(node, stands, *halves))[0][0])
