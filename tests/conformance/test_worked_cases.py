"""Every worked example as a message: the public door gives the charges that the bench gives.

Rates, duty and the standing of scheme numbers come as lists of the administration, for no message may say
them. All packs are in force as they are shipped, and place, channel and date pick the law; the few cases of
planned law, of drafts and of a law without what overlies it have law sets of their own. Messages go over HTTP
to one node, many at once; `serai decide` has no node; replay is what the node works out again from what it
stored.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
from msgspec.structs import replace

from serai.formats.csv_write import write_csv
from serai.formats.json_lines import encode_document
from serai.laboratory.worked_examples.case_file import read_cases
from serai.laboratory.worked_examples.documents import document_of_case
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from tests.beside import SHARED, needs
from tests.cli.typing_commands import typed
from tests.conformance.earlier_parcels import earlier_parcels
from tests.conformance.figures import all_charges, differences
from tests.conformance.law_sets import CaseMessage, LawSet, sort_into_law_sets
from tests.conformance.node import CSV, JSON, NDJSON, RunningNode, components_of, lists_of
from tests.law.packs import LAW_WAS_ANOTHER, LAWS

REGIMES = SHARED / "regimes"
PACKS = sorted(path.parent.name for path in LAWS.glob("*/cases.yaml"))
ALL_WAYS = {"EU-2021": 16, "EU-2026": 16, "GB-2021": 6, "AU-2018": 11}
"""Laws of which so many cases go every way, the first of each pack; of the others one case."""
LAW_SETS_MAX = 20
"""Each is put in force once: more of them, and the whole is no longer quick."""
_NO_LAW_YET, _LAYER, _OVERLAY = (
    "planned or a draft",
    "a layer without its base",
    "without a fee that is in force",
)
NOT_OF_THE_DATE = {
    **dict.fromkeys(("EAEU-2026", "EG-2026", "EU-2028-PLANNED", "GB-2029-PLANNED", "JP-2028"), _NO_LAW_YET),
    **dict.fromkeys(("EAC-2022", "ECOWAS-2015"), _LAYER),
    "EU-2026": f"{_OVERLAY} in France and Italy, or with a planned one",
    "GH-2026": "with levies that are a draft",
    "US-2025-ANNULLED": "known later than its days",
}
"""Laws of the cases that no date picks as they are given, and why."""

Decision = dict[str, Any]


@cache
def cases() -> dict[str, dict[str, Any]]:
    """The cases of all packs, by id."""
    return {case["id"]: case for code in PACKS for case in cases_of(code)}


@cache
def cases_of(code: str) -> list[dict[str, Any]]:
    """The cases that a pack brings with it."""
    return read_cases((LAWS / code / "cases.yaml").read_bytes())


@cache
def law_sets() -> list[LawSet]:
    return sort_into_law_sets(cases().values())


@cache
def messages_every_way() -> dict[str, CaseMessage]:
    """Messages that go every way, by case: of each law the first that needs no other parcel, rather one that
    a row of CSV can hold.
    """
    chosen: dict[str, CaseMessage] = {}
    by_law: dict[str, list[CaseMessage]] = {}
    by_case = {message.case["id"]: message for law in law_sets() for message in law.messages}
    for message in (by_case[case_id] for case_id in cases()):
        if not is_bench_only(message.case) and not earlier_parcels(message):
            by_law.setdefault(message.case["regime"], []).append(message)
    for regime, messages in by_law.items():
        fitting = [one for one in messages if _fits_csv(one.document)] or messages
        for message in fitting[: ALL_WAYS.get(regime, 1)]:
            chosen[message.case["id"]] = message
    return chosen


def _fits_csv(document: Consignment) -> bool:
    try:
        write_csv([document])
    except SeraiError:
        return False
    return True


def ways_of(message: CaseMessage) -> tuple[str, ...]:
    """The ways a message can go beside NDJSON.

    A row of CSV holds no procedure and no documents; where the law counts what else the buyer got, neither a
    quote nor `serai decide` knows it.
    """
    is_counted = any(pack.allowance or pack.aggregation for pack in message.law.packs.values())
    return (
        "json",
        "replay",
        *(["csv"] if _fits_csv(message.document) else []),
        *([] if is_counted else ["quote", "decide"]),
    )


def is_bench_only(case: dict[str, Any]) -> bool:
    """Say whether no message can carry a case: goods that go back, of which nothing kept tells yet what was
    decided on them when they came.
    """
    return "return" in case["input"]


@dataclass(frozen=True)
class Answers:
    """What the node said to the messages of all cases: the decision by case, and by way and case."""

    decided: dict[str, Decision]
    by_way: dict[str, dict[str, Decision]]


@pytest.fixture(scope="module")
def answers(node: RunningNode) -> Answers:
    """File the messages of each law set, under that law."""
    found = Answers({}, {way: {} for way in ("json", "replay", "csv", "quote")})
    for law in law_sets():
        node.put_in_force(components_of(law))
        with node.client() as client:
            earlier = [parcel for message in law.messages for parcel in earlier_parcels(message)]
            if earlier:
                _file(client, NDJSON, earlier)
            filed = _file(client, NDJSON, [message.document for message in law.messages])
            found.decided.update({case_id: one.get("decision", one) for case_id, one in filed.items()})
            every_way = [one for one in law.messages if one.case["id"] in messages_every_way()]
            _send_every_way(client, every_way, filed, found.by_way)
    return found


def _send_every_way(
    client: httpx2.Client, messages: Sequence[CaseMessage], filed: dict[str, Any], found: dict[str, Any]
) -> None:
    """Send messages as JSON, as CSV and as quotes, each for a buyer of its own, and replay what was filed."""
    for message in messages:
        document, reference = message.document, message.document.reference
        one = _file(client, JSON, [_for_another(document, "json")])
        found["json"][reference] = one[f"{reference}-json"]["decision"]
        replayed = client.get(f"/v1/cases/{filed[reference]['case_id']}/explanation")
        found["replay"][reference] = replayed.json()
        if "quote" in ways_of(message):
            asked = encode_document(document)
            answer = client.post("/v1/quotes", content=asked, headers={"content-type": JSON})
            assert answer.status_code == 200, (reference, answer.text)
            found["quote"][reference] = answer.json()
    rows = [one.document for one in messages if "csv" in ways_of(one)]
    if rows:
        answered = _file(client, CSV, [_for_another(document, "csv") for document in rows])
        for document in rows:
            found["csv"][document.reference] = answered[f"{document.reference}-csv"]["decision"]


def _for_another(document: Consignment, way: str) -> Consignment:
    """The same parcel under another reference for another buyer."""
    consignee = document.consignee
    number = consignee.identity_number and f"{consignee.identity_number}-{way}"
    return replace(
        document,
        reference=f"{document.reference}-{way}",
        consignee=replace(consignee, name=f"{consignee.name} {way}", identity_number=number),
    )


def _file(client: httpx2.Client, media_type: str, documents: Sequence[Consignment]) -> dict[str, Any]:
    """File documents in one message; return the answers by reference."""
    lines = [encode_document(document) for document in documents]
    content = write_csv(documents) if media_type == CSV else b"\n".join(lines)
    answer = client.post("/v1/declarations", content=content, headers={"content-type": media_type})
    assert answer.status_code in (200, 201), answer.text
    said = [msgspec.json.decode(line) for line in answer.content.splitlines()]
    return {one["reference"]: one for one in said if "reference" in one}


# ---- every case, filed ----


@pytest.mark.parametrize("code", PACKS)
def test_every_case_of_a_pack_is_decided_as_it_says(code: str, answers: Answers) -> None:
    for case in cases_of(code):
        decision = answers.decided[case["id"]]
        assert "goods_items" in decision, (case["id"], decision)
        if is_bench_only(case):
            # What passes here is bench-only no more.
            assert differences(case, decision) != [], case["id"]
        else:
            assert (case["id"], differences(case, decision)) == (case["id"], [])
        if "totals" in decision:
            assert decision["law"][0]["code"] == case["regime"], case["id"]


@pytest.mark.parametrize(
    ("part", "name"), [("totals", "tax_minor"), ("items", "customs_value_minor"), ("items", "tax_base_minor")]
)
def test_one_minor_unit_off_is_a_difference(part: str, name: str, answers: Answers) -> None:
    case = deepcopy(cases()["GB-02"])
    expect = case["expect"][part]
    (expect if part == "totals" else expect[0])[name] += 1

    (difference,) = differences(case, answers.decided["GB-02"])

    assert name in difference


def test_place_channel_and_date_pick_the_law_of_all_but_a_few() -> None:
    named = {
        message.case["id"] for law in law_sets() for message in law.messages if not message.is_of_the_date
    }

    assert len(law_sets()) <= LAW_SETS_MAX
    assert {cases()[case_id]["regime"] for case_id in named} == NOT_OF_THE_DATE.keys()


@needs(REGIMES)
def test_every_case_of_every_regime_is_among_them_as_it_was_given() -> None:
    given = [case for path in REGIMES.glob("cases-*.yaml") for case in read_cases(path.read_bytes())]

    assert len(given) == 287
    differing = {case["id"] for case in given if _without_rates(cases()[case["id"]]) != _without_rates(case)}
    assert differing == LAW_WAS_ANOTHER


def _without_rates(case: dict[str, Any]) -> dict[str, Any]:
    """A case without the rates of its items: where a pack owns one, our copy leaves it to be found out."""
    items = [
        {key: value for key, value in one.items() if key != "tax_kind" and not key.endswith("_rate_ppm")}
        for one in case["input"].get("items", ())
    ]
    return {**case, "input": {**case["input"], "items": items}}


# ---- the other ways ----


@pytest.mark.parametrize("code", PACKS)
def test_the_same_charges_whichever_way_a_case_comes_in(code: str, answers: Answers) -> None:
    messages = [one for one in messages_every_way().values() if one.case["regime"] == code]

    assert bool(messages) == any(case["regime"] == code for case in cases().values())
    for message in messages:
        case_id = message.case["id"]
        by_way = {way: found[case_id] for way, found in answers.by_way.items() if case_id in found}
        replayed, charges = by_way.pop("replay"), all_charges(answers.decided[case_id])
        assert (replayed.get("agrees"), replayed.get("differences")) == (True, []), case_id
        assert {*by_way, "replay", "decide"} >= {*ways_of(message)}, case_id
        assert {way: all_charges(one) for way, one in by_way.items()} == dict.fromkeys(by_way, charges), (
            case_id
        )


@pytest.mark.in_turn
def test_serai_decide_gives_the_same_charges_without_a_node(
    answers: Answers, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    compared = 0
    for number, law in enumerate(law_sets()):
        chosen = [one for one in law.messages if one.case["id"] in messages_every_way()]
        documents = [one.document for one in chosen if "decide" in ways_of(one)]

        decisions = decide(capfd, tmp_path / str(number), law, documents)

        assert [one["reference"] for one in decisions] == [one.reference for one in documents]
        for one in decisions:
            case_id = one["reference"]
            assert all_charges(one["decision"]) == all_charges(answers.decided[case_id]), case_id
        compared += len(decisions)
    assert compared > len(PACKS) // 2


def decide(
    capfd: pytest.CaptureFixture[str], folder: Path, law: LawSet, documents: Sequence[Consignment]
) -> list[dict[str, Any]]:
    """`serai decide` with the packs and lists of a law set in folders."""
    files = {f"laws/{path}": content for path, content in law.files.items()}
    files |= {f"lists/{name}": content for name, content in lists_of(law).items()}
    files["cases.ndjson"] = b"".join(encode_document(document) + b"\n" for document in documents)
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    said = typed(
        capfd, "decide", folder / "cases.ndjson", "--laws", folder / "laws", "--lists", folder / "lists",
        "--at", "2026-06-20", "--workers", "1", "--output", "ndjson",
    )  # fmt: skip
    assert said.code == 0, said.err
    return said.lines()


# ---- what no message may state ----


@pytest.mark.parametrize(
    ("place", "field"),
    [
        *(("", name) for name in ("exchange_rate", "rates", "scheme_status_code", "law", "law_on")),
        *(("item", name) for name in ("duty_rate_ppm", "tax_rate_ppm", "customs_value_minor", "relief_code")),
    ],
)
def test_no_message_may_state_what_is_law(node: RunningNode, place: str, field: str) -> None:
    tree = msgspec.to_builtins(document_of_case(cases()["EU26-05"]))
    tree["reference"] = f"STATED-{field}"
    (tree["goods_items"][0] if place else tree)[field] = "0"
    pointer = f"/goods_items/0/{field}" if place else f"/{field}"

    with node.client() as client:
        one = client.post("/v1/declarations", json=tree)
        many = client.post(
            "/v1/declarations", content=msgspec.json.encode(tree), headers={"content-type": NDJSON}
        )
        quoted = client.post("/v1/quotes", json=tree)

    line = msgspec.json.decode(many.content.split(b"\n")[0])
    assert (one.status_code, line["status"], quoted.status_code) == (422, "rejected", 422)
    assert [(fault["code"], fault["pointer"]) for fault in line["findings"]] == [("unknown-field", pointer)]
    assert [(fault["code"], fault["pointer"]) for fault in one.json()["findings"]] == [
        ("unknown-field", pointer)
    ]
    assert [(fault["code"], fault["pointer"]) for fault in quoted.json()["errors"]] == [
        ("unknown-field", pointer)
    ]


def test_a_csv_column_that_states_a_rate_is_refused(node: RunningNode) -> None:
    content = write_csv([document_of_case(cases()["EU26-05"])])
    header, row = content.split(b"\r\n")[:2]

    with node.client() as client:
        answer = client.post(
            "/v1/declarations",
            content=header + b",duty_rate_ppm\r\n" + row + b",0\r\n",
            headers={"content-type": CSV},
        )

    line = msgspec.json.decode(answer.content.split(b"\n")[0])
    assert line["status"] == "rejected"
    assert [(fault["code"], fault["pointer"]) for fault in line["findings"]] == [
        ("unknown-field", "row 1, column duty_rate_ppm")
    ]
