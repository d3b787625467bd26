"""Every worked example of a complete law, as a message: the same charges whichever way it comes in.

Rates, duty and the standing of scheme numbers come as lists of the administration, for no message may say
them. JSON, NDJSON, CSV and quote go over HTTP to one node whose law changes with each case; `serai decide`
has no node; replay is what the node works out again from what it stored.
"""

from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from serai.formats.csv_write import write_csv
from serai.formats.json_lines import encode_document
from serai.laboratory.worked_examples.case_file import read_cases
from serai.laboratory.worked_examples.documents import document_of_case
from serai.laboratory.worked_examples.laws import law_of_case
from serai.model.documents import Consignment
from tests.cli.typing_commands import typed
from tests.conformance.figures import all_charges, differences
from tests.conformance.node import CSV, JSON, NDJSON, RunningNode, components_of, lists_of
from tests.law.packs import LAWS, shipped_files

COMPLETE = ("EU-2021", "EU-2026", "GB-2021", "AU-2018")
CASE_COUNTS = {"EU-2021": 16, "EU-2026": 16, "GB-2021": 6, "AU-2018": 11}
WAYS = ("json", "ndjson", "csv", "quote", "decide")


@cache
def cases() -> dict[str, dict[str, Any]]:
    found = [case for code in COMPLETE for case in read_cases((LAWS / code / "cases.yaml").read_bytes())]
    return {case["id"]: case for case in found}


def test_all_cases_of_the_complete_laws_are_here() -> None:
    counts = dict.fromkeys(COMPLETE, 0)
    for case in cases().values():
        counts[case["regime"]] += 1

    assert counts == CASE_COUNTS


@pytest.mark.parametrize("case_id", cases())
def test_the_same_charges_whichever_way_a_case_comes_in(
    case_id: str, node: RunningNode, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    case = cases()[case_id]
    law = law_of_case(case, shipped_files())
    assert law is not None
    node.put_in_force(components_of(law))
    document = document_of_case(case)

    decisions = file_over_http(node, document)
    decisions["quote"] = ask_quote(node, document)
    decisions["decide"] = decide(capfd, tmp_path, law.files, lists_of(law), document)

    found = {way: differences(case, decision) for way, decision in decisions.items()}
    assert found == {way: [] for way in WAYS}
    charges = all_charges(decisions["json"])
    assert all(all_charges(decision) == charges for decision in decisions.values())
    assert all(decision["law"].split("+")[0] == case["regime"] for decision in decisions.values())


def file_over_http(node: RunningNode, document: Consignment) -> dict[str, Any]:
    """File the document in each form, under a reference of its own, and replay each decision."""
    found = {}
    with node.client() as client:
        for way, media_type in (("json", JSON), ("ndjson", NDJSON), ("csv", CSV)):
            own = msgspec.structs.replace(document, reference=f"{document.reference}-{way}")
            content = write_csv([own]) if way == "csv" else encode_document(own)
            answer = client.post("/v1/consignments", content=content, headers={"content-type": media_type})
            assert answer.status_code == 200, answer.text
            filed = msgspec.json.decode(answer.content.split(b"\n")[0])
            assert filed["status"] == "decided", filed
            found[way] = filed["decision"]
            replayed = client.get(f"/v1/cases/{filed['case_id']}/explanation").json()
            assert (replayed["agrees"], replayed["differences"]) == (True, []), way
    return found


def ask_quote(node: RunningNode, document: Consignment) -> Any:
    with node.client() as client:
        answer = client.post("/v1/quotes", content=encode_document(document), headers={"content-type": JSON})
    assert answer.status_code == 200, answer.text
    return answer.json()


def decide(
    capfd: pytest.CaptureFixture[str],
    folder: Path,
    law_files: Any,
    lists: dict[str, bytes],
    document: Consignment,
) -> Any:
    """`serai decide` with the case's packs and lists in folders."""
    for path, content in law_files.items():
        place = folder / "laws" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    (folder / "lists").mkdir()
    for name, content in lists.items():
        (folder / "lists" / name).write_bytes(content)
    (folder / "case.ndjson").write_bytes(encode_document(document) + b"\n")
    said = typed(
        capfd, "decide", folder / "case.ndjson", "--laws", folder / "laws", "--lists", folder / "lists",
        "--at", "2026-06-20", "--workers", "1", "--output", "ndjson",
    )  # fmt: skip
    assert said.code == 0, said.err
    return said.lines()[0]["decision"]


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
        one = client.post("/v1/consignments", json=tree)
        many = client.post(
            "/v1/consignments", content=msgspec.json.encode(tree), headers={"content-type": NDJSON}
        )
        quoted = client.post("/v1/quotes", json=tree)

    line = msgspec.json.decode(many.content.split(b"\n")[0])
    assert (one.status_code, line["status"], quoted.status_code) == (422, "rejected", 400)
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
            "/v1/consignments",
            content=header + b",duty_rate_ppm\r\n" + row + b",0\r\n",
            headers={"content-type": CSV},
        )

    line = msgspec.json.decode(answer.content.split(b"\n")[0])
    assert line["status"] == "rejected"
    assert [(fault["code"], fault["pointer"]) for fault in line["findings"]] == [
        ("unknown-field", "row 1, column duty_rate_ppm")
    ]
