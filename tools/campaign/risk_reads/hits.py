"""Cases of every kind of hit, and their like without one: a risk rule, the learned model, a listed name, a
recall, a permit that covers or lacks."""

import datetime as dt
import time
from typing import Any, Final, NamedTuple

import httpx2
from serai.evidence.notes import name_key
from serai.foundation.clock import SystemClock
from serai.foundation.id_text import format_id
from serai.foundation.keys import KeyFolder
from serai.journey.risk_model.signed import sign_model
from tests.journey.cases.world import LISTED_NAME, World, parcel, wait_for_law
from tests.web.test_risk_model import OCTETS, model_of_cheap_goods

from tools.campaign.audiences.cast import Cast

RULE_ID, RULE_WORDS = "rule-of-reads", "Words that officers alone read"
PERMIT, RECALL = "PERMIT-OF-READS", "RECALL-OF-READS"
_GTIN, _LOT = "4006381333931", "LOT-OF-READS"
_RULE: Final = {
    "level": "item",
    "when": "commodity_code = '64041100'",
    "lane": "examine",
    "sentence": RULE_WORDS,
    "parameters": [],
}
_PATIENCE_S: Final = 60
_KINDS: Final[dict[str, dict[str, Any]]] = {
    # kind: what its goods are, beside a sound shirt
    "plain": {},
    "rule": {"commodity_code": "64041100", "description": "Running shoes"},
    "model": {"invoice_amount": "3.00"},
    "listed name": {},
    "recalled": {"standard_product_id": _GTIN, "lot_number": _LOT, "description": "Building set, plastic"},
    "perhaps recalled": {"standard_product_id": _GTIN, "description": "Building set, plastic"},
    "permit": {
        "commodity_code": "96011000",
        "description": "small white figurine",
        "additional_documents": [{"type_code": "C400", "reference": PERMIT}],
    },
    "no permit": {"commodity_code": "96011000", "description": "small white figurine"},
}
"""Two cases of each, so that reads can be compared with others of the same kind."""


class Case(NamedTuple):
    """A case. reference: of its declaration, a datum of whoever declared it. number: of its transport."""

    case_id: str
    kind: str
    reference: str
    number: str


class Hits(NamedTuple):
    """All cases, and the recall of some."""

    cases: list[Case]
    recall_id: str


def make_hits(cast: Cast) -> Hits:
    """Put rule, model, permit and recall in force, and lodge the cases, by the doors of the API."""
    world = cast.world
    agency = cast.readers["agency"]
    with world.client("officer") as officer, _client(world, agency.key) as of_agency:
        remit = {"party": format_id(agency.viewer.party_id or 0), "rule_id": "eu-cites"}
        _ask(officer, "POST", "/v1/agencies/remits", remit)
        _ask(of_agency, "POST", "/v1/permits", _permit())
        key = KeyFolder(world.folder / "keys").signing_key([])
        signed = sign_model(model_of_cheap_goods(), key, name_key("test", key))
        imported = officer.post("/v1/lists/risk-model?name=reads", content=signed, headers=OCTETS)
        assert imported.status_code == 201, imported.text
        budget = {"inspections_per_day_count": 1_000, "flow_share_ppm": 1_000_000}
        _ask(officer, "PUT", "/v1/risk/budget", budget)
        wait_for_law(world, _ask(officer, "PUT", f"/v1/risk/rules/{RULE_ID}", _RULE)["generation"])
        cases = [_lodge(world, kind, number) for kind in _KINDS for number in range(2)]
        recall = {
            "reference": RECALL,
            "reason_code": "unsafe",
            "rule": {"gtins": [_GTIN], "lots": [_LOT]},
            "effect": "suspension",
            "ground_code": "dangerous-product",
        }
        recall_id = str(_ask(of_agency, "POST", "/v1/recalls", recall)["recall_id"])
        _wait_for_suspension(officer, next(one for one in cases if one.kind == "recalled"))
        _require_hits(officer, cases)
    return Hits(cases, recall_id)


def _client(world: World, key: str) -> httpx2.Client:
    return httpx2.Client(
        base_url=world.address, timeout=60, headers={"authorization": f"Bearer {key}"} if key else {}
    )


def _ask(client: httpx2.Client, method: str, path: str, body: object) -> Any:
    answer = client.request(method, path, json=body)
    assert answer.is_success, f"{path}: {answer.text}"
    return answer.json()


def _permit() -> dict[str, object]:
    at = SystemClock().now()
    return {
        "number": PERMIT,
        "type_code": "C400",
        "holder": {"kind": "bearer"},
        "commodity_codes": ["9601"],
        "quantity": "10",
        "quantity_unit_code": "C62",
        "valid_from": (at - dt.timedelta(days=1)).isoformat(),
        "valid_to": (at + dt.timedelta(days=30)).isoformat(),
    }


def _lodge(world: World, kind: str, number: int) -> Case:
    name = f"READS-{kind.replace(' ', '-').upper()}-{number}"
    document = parcel(name, ucr=f"UCR-{name}", house_document=f"HOUSE-{name}")
    document["goods_items"][0] |= _KINDS[kind]
    if kind == "listed name":
        document["consignee"] = {**document["consignee"], "name": LISTED_NAME}
    with world.client("post") as client:
        answer = _ask(client, "POST", "/v1/declarations", document)
    return Case(str(answer["case_id"]), kind, name, f"HOUSE-{name}")


def _wait_for_suspension(officer: httpx2.Client, case: Case) -> None:
    end = time.monotonic() + _PATIENCE_S
    path = f"/v1/cases/{case.case_id}/decision"
    while officer.get(path).json()["decision"]["status"] != "suspended":
        assert time.monotonic() < end, "the recall suspends nothing"
        time.sleep(0.2)


def _require_hits(officer: httpx2.Client, cases: list[Case]) -> None:
    """See that there is something to hide: rule, model and listed name have spoken."""
    spoken = dict.fromkeys(("rule", "model", "listed name"), "")
    for case in cases:
        if case.kind in spoken:
            why = officer.get(f"/v1/risk/cases/{case.case_id}").text
            spoken[case.kind] += why + officer.get(f"/v1/cases/{case.case_id}/decision?include=text").text
    assert RULE_ID in spoken["rule"], spoken["rule"]
    assert '"score_ppm":' in spoken["model"].replace('"score_ppm":null', ""), spoken["model"]
    assert "screening-" in spoken["listed name"], spoken["listed name"]
