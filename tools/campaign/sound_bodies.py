"""Sound bodies for operations whose description alone would rarely be met by chance; they are spoilt, too."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from tools.campaign.samples import ROOT

NOWHERE: Final = "https://nowhere.invalid/campaign"
"""An address whose name never resolves (RFC 6761): nothing leaves this machine."""
_WITHDRAWAL: Final = {"expected_version": 1, "reason": "mistake"}
_BASKET: Final = msgspec.json.decode((ROOT / "examples" / "baskets" / "shirts.json").read_bytes())
QUOTE: Final = {**_BASKET, "destination_country_code": "IE"}
"""A question that is answered with a promise."""
_EVENTS: Final = msgspec.json.decode((ROOT / "examples" / "standards" / "epcis-events.json").read_bytes())


def sound_bodies() -> dict[str, tuple[bytes, ...]]:
    """Return bodies by path of the operation."""
    return {path: tuple(msgspec.json.encode(one) for one in bodies) for path, bodies in _bodies()}


def _bodies() -> Iterator[tuple[str, list[Any]]]:
    yield "/v1/declarations/{reference}/invalidation", [_WITHDRAWAL, {**_WITHDRAWAL, "expected_version": 2}]
    for kind in ("orders", "payments", "transport-documents", "returns"):
        yield f"/v1/{kind}/{{reference}}/withdrawal", [_WITHDRAWAL, {**_WITHDRAWAL, "expected_version": 2}]
    yield "/v1/declarations/{reference}/presentation", [{"arrived_at": "2026-11-26T10:00:00Z"}]
    mark = {"reference": "MARK", "kind": "paid", "currency_code": "EUR", "amount": "1.00"}
    yield "/v1/cases/{case_id}/payment-records", [mark, {**mark, "reference": "MORE", "kind": "on-account"}]
    yield "/v1/parties", [{"reference": "NEW", "name": "New", "roles": ["seller"]}]
    yield "/v1/parties/{party}/keys", [{"reference": "KEY", "scopes": ["reading"]}]
    yield "/v1/webhooks", [{"reference": "HOOK", "url": NOWHERE}]
    yield "/v1/webhooks/{webhook}/replay", [{"after": ""}, {}]
    yield "/v1/epcis/queries", [{"name": "arrived", "query": {"eventType": ["ObjectEvent"]}}]
    yield "/v1/epcis/events", [{"@context": _EVENTS["@context"], **one} for one in _events()]
    yield "/v1/quotes", [QUOTE, {**QUOTE, "destination_country_code": "GB"}]
    yield "/v1/quotes/baskets", [{"baskets": [_BASKET], "destinations": [{"country_code": "FR"}]}]
    yield "/v1/cases/{case_id}/try", [{"law_date": "2026-07-02"}, {"destination_country_code": "FR"}]
    words = [{"outcome": one, "words": "Looked at."} for one in ("assessment-complete", "in-review")]
    yield "/v1/pre-loading-assessments/{assessment}/decision", words
    screening = {"method_code": "XRY", "result": "clear", "screened_at": "2026-07-01T12:00:00Z"}
    yield "/v1/transport-documents/{reference}/screening", [screening, {**screening, "result": "alarm"}]
    disputed = {
        "from_on": "2026-07-01",
        "to_on": "2026-07-02",
        "statement": "These are the words of the trade.",
    }
    yield "/v1/scorecards/{party}/disputes", [disputed, {**disputed, "code": "description-vague"}]
    answers = [{"is_upheld": one, "statement": "Looked at."} for one in (True, False)]
    yield "/v1/scorecards/{party}/disputes/{dispute}/answer", answers
    yield "/v1/law-generations", [{"packs_of_generation": 1}]


def _events() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _EVENTS["epcisBody"]["eventList"]
    return found
