"""What some operations ask for before they can succeed: documents to withdraw, released goods to send back,
goods that wait to be loaded, a score to dispute, a quote to check.
"""

import datetime as dt
from typing import Any, Final, NamedTuple

import msgspec
import requests

from tools.campaign.samples import samples_of
from tools.campaign.sound_bodies import QUOTE

_PATIENCE_S: Final = 60
_EACH_COUNT: Final = 4
"""Things of a kind in each round: many operations succeed only once with each."""
_ENOUGH: Final = {"kind": "paid", "currency_code": "EUR", "amount": "500.00"}


class Furnished(NamedTuple):
    """What there is for a round. ids: by the name under which `known_ids` puts them into requests. returns:
    each of goods that were released. quotes: signed.
    """

    ids: dict[str, list[str]]
    returns: list[dict[str, Any]]
    quotes: list[str]


class Furnisher:
    """Makes these things through the API itself. What fails is an error: the campaign would try less than it
    says.
    """

    def __init__(self, url: str, session: requests.Session, at: dt.datetime) -> None:
        """Speak to the server at `url` through a session of a party that may do everything."""
        self._url, self._session, self._at = url, session, at

    def furnish(self, round_name: str) -> Furnished:
        """Make some of each for a round: what was made for the rounds before may be used up."""
        names = [f"{round_name}-{number}" for number in range(_EACH_COUNT)]
        query = f"KEPT-{round_name}"
        self._send("/v1/epcis/queries", {"name": query, "query": {}})
        cases, returns = zip(*(self._release(name) for name in names), strict=True)
        party = self._own_party()
        ids = {
            "kept_query": [query],
            "orders": [self._file("order", name) for name in names],
            "payments": [self._file("payment", name) for name in names],
            "transport-documents": [self._file("transport-document", name) for name in names],
            "returns": [self._send_back(one) for one in returns],
            "awaited": [self._await_word(f"AWAITED-{name}")[0] for name in names],
            "screened": [self._await_screening(name) for name in names],
            "assessment": [self._await_word(f"OPEN-{name}")[1] for name in names],
            "own_party": [party],
            "dispute": [self._dispute(party) for _ in names],
            "person_id": self._people_of(cases[0]),
            "released_case": list(cases),
        }
        return Furnished(ids, list(returns), [self._send("/v1/quotes", QUOTE)["offer"]["signed"]])

    def _file(self, kind: str, name: str) -> str:
        document = sample_of(kind, f"{kind}-{name}")
        self._send(f"/v1/{kind}s", document)
        return str(document["reference"])

    def _release(self, name: str) -> tuple[str, dict[str, Any]]:
        """Have goods released; return their case, and what says that one piece of them comes back."""
        reference = f"FREE-{name}"
        declared = sample_of("declaration", reference)
        declared["goods_items"] = [
            {**one, "merchant_product_id": "SHIRT-1"} for one in declared["goods_items"]
        ]
        filed = self._send("/v1/declarations", declared)
        case_id = str(filed["case_id"])
        self._send(f"/v1/cases/{case_id}/payment-records", {**_ENOUGH, "reference": reference})
        self._send("/v1/arrivals", sample_of("arrival", reference) | {"arrived_at": self._at.isoformat()})
        item = declared["goods_items"][0]
        goods = {key: item[key] for key in ("sequence_number", "commodity_code", "description")}
        return case_id, {
            "reference": f"RETURN-{name}",
            "mrn": filed["decision"]["mrn"],
            "reason": "Too small",
            "goods_items": [{**goods, "quantity": "1"}],
        }

    def _send_back(self, returned: dict[str, Any]) -> str:
        reference = f"BACK-{returned['reference']}"
        self._send("/v1/returns", {**returned, "reference": reference})
        return reference

    def _await_word(self, reference: str) -> tuple[str, str]:
        """File what says too little before loading; return its reference and the assessment that stands."""
        leaves_at = self._at + dt.timedelta(days=2)
        waiting = sample_of("transport-document", reference) | {
            "description": "gift",
            "scheduled_departure_at": leaves_at.isoformat(),
            "scheduled_arrival_at": (leaves_at + dt.timedelta(hours=9)).isoformat(),
        }
        return reference, str(self._send("/v1/transport-documents", waiting)["decision"]["decision_id"])

    def _await_screening(self, name: str) -> str:
        reference, assessment = self._await_word(f"SCREENED-{name}")
        word = {"outcome": "request-for-screening", "words": "Please x-ray it."}
        self._send(f"/v1/pre-loading-assessments/{assessment}/decision", word)
        return reference

    def _own_party(self) -> str:
        declarants = self._get("/v1/scorecards")["declarants"]
        return str(next(one["party"] for one in declarants if one["messages_count"]))

    def _dispute(self, party: str) -> str:
        day = self._at.date().isoformat()
        said = {"from_on": day, "to_on": day, "statement": "The words are those of the trade."}
        return str(self._send(f"/v1/scorecards/{party}/disputes", said)["dispute"])

    def _people_of(self, case_id: str) -> list[str]:
        path, reader = f"/v1/cases/{case_id}/people?purpose=examination", {"serai-acting-person": "campaign"}
        answer = self._session.get(self._url + path, headers=reader, timeout=_PATIENCE_S)
        people = _content_of(answer)["people"]
        return [str(one["person_id"]) for one in people]

    def _send(self, path: str, body: Any) -> Any:
        return _content_of(self._session.post(self._url + path, json=body, timeout=_PATIENCE_S))

    def _get(self, path: str) -> Any:
        return _content_of(self._session.get(self._url + path, timeout=_PATIENCE_S))


def _content_of(answer: requests.Response) -> Any:
    assert answer.ok, f"{answer.url}: {answer.text}"
    return answer.json()


def sample_of(kind: str, reference: str) -> dict[str, Any]:
    """Return our sample of a kind under other numbers, so that it meets no other document."""
    document: dict[str, Any] = msgspec.json.decode(samples_of(kind)[0])
    if "order_references" in document:
        document["order_references"] = [reference]
    numbers = ("ucr", "house_document", "conveyance_reference")
    return document | {"reference": reference} | {one: reference for one in numbers if one in document}
