"""A shared case: what each party reads of it, over HTTP."""

import hashlib
import json
import re
from typing import Any

import pytest

from tests.journey.cases.world import LISTED_NAME, SCHEME_NUMBER, World, file, parcel, rows

NAME = "Zelda Nightingale-Quux"


@pytest.fixture(scope="module")
def case(world: World) -> dict[str, Any]:
    with world.client("post") as client:
        answer = file(
            client,
            parcel(
                "SHARED-1",
                scheme_kind_code="IOSS",
                additional_fiscal_references=[{"role": "FR5", "identification_number": SCHEME_NUMBER}],
            ),
        )[0]
        file(client, *(parcel(f"MASS-{number}") for number in range(20)))
    assert answer["status"] == "decided", answer
    return answer


def get(world: World, party: str, path: str, **query: Any) -> Any:
    with world.client(party) as client:
        answer = client.get(path, params=query)
    assert answer.status_code == 200, (path, answer.text)
    return answer.json()


def paths(case: dict[str, Any]) -> list[str]:
    root = f"/v1/cases/{case['case_id']}"
    decision_id = case["decision"]["decision_id"]
    return [
        root,
        *(f"{root}/{part}" for part in ("decision", "receipt", "history", "charges", "explanation")),
        f"{root}/decisions/{decision_id}",
        f"/v1/declarations/{case['case_id']}",
        f"/v1/receipts/{decision_id}",
    ]


def test_the_filer_reads_state_amounts_next_step_consignments_and_documents(
    world: World, case: dict[str, Any]
) -> None:
    found = get(world, "post", f"/v1/cases/{case['case_id']}")

    assert found["case_id"] == case["case_id"]
    assert found["status"] == case["decision"]["status"]
    assert found["state"].endswith(".")
    assert found["next_step"].endswith(".")
    assert [one["reference"] for one in found["consignments"]] == ["SHARED-1"]
    assert [(one["kind"], one["is_own"]) for one in found["documents"]] == [("declaration", True)]
    border = [one["amount"] for one in found["owed"] if one["due"] == "border"]
    assert sum(float(one) for one in border) == float(case["decision"]["totals"]["due_at_border_amount"])


def test_the_newest_decision_is_the_one_that_was_answered(world: World, case: dict[str, Any]) -> None:
    by_case = get(world, "post", f"/v1/cases/{case['case_id']}/decision")
    by_reference = get(world, "post", "/v1/declarations/SHARED-1")

    assert by_case["decision"] == case["decision"]
    assert by_reference == by_case
    assert by_case["is_newest"]
    assert all("sentence" not in one for one in by_case["decision"]["reasons"])


def test_texts_are_added_to_reasons_and_findings_where_they_are_asked_for(
    world: World, case: dict[str, Any]
) -> None:
    read = get(world, "post", f"/v1/cases/{case['case_id']}/decision", include="text")["decision"]

    assert read["reasons"]
    assert all(one["sentence"] and one["remedy"] for one in read["reasons"])
    assert [one["code"] for one in read["reasons"]] == [one["code"] for one in case["decision"]["reasons"]]
    assert {name for one in case["decision"]["reasons"] for name in one} <= {"code", "law_reference"}


def test_a_law_pack_is_read_at_the_address_that_a_decision_names(world: World, case: dict[str, Any]) -> None:
    packs = [one for one in case["decision"]["law"] if "SCREENING" not in one["code"]]

    read = [get(world, "post", one["address"]) for one in packs]

    assert packs
    for pack, found in zip(packs, read, strict=True):
        files = {one["name"]: one["content"].encode() for one in found["files"]}
        content = files[f"{pack['code']}/pack.yaml"] + b"\0" + files.get(f"{pack['code']}/tariff.csv", b"")
        assert hashlib.sha256(content).hexdigest().startswith(pack["version"])


def test_each_consignment_of_one_order_is_found_by_its_own_reference(world: World) -> None:
    with world.client("post") as client:
        sent = [parcel(f"PART-{number}", order_references=["ORDER-PARTS"]) for number in range(3)]
        filed = file(client, *sent)
    assert len({one["case_id"] for one in filed}) == 1

    found = [get(world, "post", f"/v1/declarations/PART-{number}") for number in range(3)]

    assert [one["reference"] for one in found] == ["PART-0", "PART-1", "PART-2"]
    assert [one["decision"] for one in found] == [one["decision"] for one in filed]


def test_the_receipt_is_byte_for_byte_the_one_that_was_answered_or_its_proof(
    world: World, case: dict[str, Any]
) -> None:
    with world.client("post") as client:
        by_case = client.get(f"/v1/cases/{case['case_id']}/receipt").content
        by_id = client.get(f"/v1/receipts/{case['decision']['decision_id']}").content
    leaf = case["receipt"]["leaf"]

    assert json.loads(by_case)["leaf"] == leaf == json.loads(by_id)["leaf"]


@pytest.mark.parametrize("party", ["platform", "seller"])
def test_who_is_named_as_platform_or_seller_sees_the_case(
    world: World, case: dict[str, Any], party: str
) -> None:
    found = get(world, party, f"/v1/cases/{case['case_id']}")

    assert [one["is_own"] for one in found["documents"]] == [False]
    assert "sender" not in found["documents"][0]


def test_another_partys_case_is_answered_like_one_that_does_not_exist(
    world: World, case: dict[str, Any]
) -> None:
    # An id with a right check character that no case has.
    nowhere = {**case, "case_id": "0000-0000-0000-00", "decision": {"decision_id": "0000-0000-0000-00"}}
    with world.client("rival") as client:
        for theirs, elsewhere in zip(paths(case), paths(nowhere), strict=True):
            other, none = client.get(theirs), client.get(elsewhere)

            assert other.status_code == none.status_code == 404, theirs
            assert _without_ids(other) == _without_ids(none)
        nobodys = client.get("/v1/declarations/NOBODYS")
        assert _without_ids(client.get("/v1/declarations/SHARED-1")) == _without_ids(nobodys)


def _without_ids(answer: Any) -> tuple[bytes, list[tuple[str, str]]]:
    request_id = answer.headers["x-request-id"]
    headers = [
        (name, value) for name, value in answer.headers.items() if name not in ("x-request-id", "date")
    ]
    return answer.content.replace(request_id.encode(), b""), sorted(headers)


def test_scheme_numbers_are_masked_but_to_their_sender_and_officers(
    world: World, case: dict[str, Any]
) -> None:
    seen = {}
    for party in ("post", "officer", "platform", "seller", "analyst"):
        documents = get(world, party, f"/v1/cases/{case['case_id']}")["documents"]
        path = f"/v1/cases/{case['case_id']}/documents/{documents[0]['document_id']}"
        seen[party] = get(world, party, path)["content"]["additional_fiscal_references"][0][
            "identification_number"
        ]

    assert seen["post"] == seen["officer"] == SCHEME_NUMBER
    assert {seen[party] for party in ("platform", "seller", "analyst")} == {"IM*******224"}


def test_no_answer_but_that_of_people_holds_a_name(world: World, case: dict[str, Any]) -> None:
    for party in ("post", "platform", "officer"):
        with world.client(party) as client:
            for path in paths(case):
                text = client.get(path).text
                assert NAME not in text
                assert "Long Lane" not in text


def test_people_are_opened_for_a_purpose_and_each_reading_is_in_the_ledger(
    world: World, case: dict[str, Any]
) -> None:
    path = f"/v1/cases/{case['case_id']}/people"
    with world.client("officer") as client:
        sent = {"serai-acting-person": "Ann Officer"}
        by_officer = client.get(path, params={"purpose": "examination"}, headers=sent).json()
    with world.client("post") as client:
        sent = {"serai-acting-person": "clerk 7"}
        by_declarant = client.get(path, params={"purpose": "correction"}, headers=sent).json()
    consignee = next(one for one in by_officer["people"] if one["role"] == "consignee")
    ledger = get(world, "officer", f"/v1/people/{consignee['person_id']}/reads")
    own = get(world, "post", f"/v1/people/{consignee['person_id']}/reads")

    assert consignee["fields"]["name"] == NAME
    assert by_declarant["people"] == by_officer["people"]
    assert [(one["purpose"], one["name"]) for one in ledger["reads"]] == [
        ("examination", "Ann Officer"),
        ("correction", "clerk 7"),
    ]
    assert [one["name"] for one in own["reads"]] != [one["name"] for one in ledger["reads"]]
    assert own["reads"][1]["name"] == "clerk 7"
    assert "Ann" not in str(own), "who of the administration it was is not for parties"
    with world.client("platform") as client:
        # Named in the case, and yet nobody's name is for it.
        sent = {"serai-acting-person": "somebody"}
        assert client.get(path, params={"purpose": "correction"}, headers=sent).status_code == 404
        assert client.get(f"/v1/people/{consignee['person_id']}/reads").status_code == 404
    with world.client("officer") as client:
        assert client.get(path).status_code == 400
        sent = {"serai-acting-person": "Ann Officer"}
        for purpose in ("!", "curiosity", "correction"):
            refused = client.get(path, params={"purpose": purpose}, headers=sent)
            assert refused.status_code == 400
            assert NAME not in refused.text
        nobody = client.get(path, params={"purpose": "audit"})
        assert (nobody.status_code, nobody.json()["code"]) == (400, "acting-person-missing")
    with world.client("post") as client:
        refused = client.get(path, params={"purpose": "examination"}, headers=sent)
        assert refused.json()["code"] == "vault-purpose-missing"
        assert "correction, subject-request" in refused.json()["next_step"]


def test_prices_are_for_those_of_the_sale(world: World, case: dict[str, Any]) -> None:
    documents = get(world, "platform", f"/v1/cases/{case['case_id']}")["documents"]
    content = get(world, "platform", f"/v1/cases/{case['case_id']}/documents/{documents[0]['document_id']}")[
        "content"
    ]

    assert content["goods_items"][0]["invoice_amount"] == "25.00"
    assert "consignee" not in content


def test_a_decision_says_since_when_its_law_is_not_confirmed(world: World) -> None:
    with world.client("post") as client:
        late = file(client, parcel("LATE-1", accepted_at="2026-10-01T09:00:00Z"))[0]
        early = file(client, parcel("EARLY-1", accepted_at="2026-07-02T09:00:00Z"))[0]

    stored = get(world, "post", f"/v1/cases/{late['case_id']}/decision")["decision"]

    assert late["decision"]["law_not_confirmed_since"] < "2026-10-01"
    assert stored["law_not_confirmed_since"] == late["decision"]["law_not_confirmed_since"]
    assert "law_not_confirmed_since" not in early["decision"]


def test_where_a_charge_is_unknown_nothing_is_summed_up_anywhere(world: World) -> None:
    whisky = parcel("WHISKY-1")
    whisky["goods_items"][0] |= {"commodity_code": "22083000", "description": "Whisky, 1 litre bottle"}
    with world.client("post") as client:
        answer = file(client, whisky)[0]
    root = f"/v1/cases/{answer['case_id']}"

    case, charges, explanation, decided = (
        get(world, "post", root + part) for part in ("", "/charges", "/explanation", "/decision")
    )

    assert answer["decision"]["lane"] == "review"
    assert "totals" not in answer["decision"]
    assert "totals" not in decided["decision"]
    assert (case["owed"], case["is_sum_unknown"]) == ([], True)
    assert (charges["owed"], charges["is_sum_unknown"]) == ([], True)
    assert not [one["name"] for one in explanation["explanation"].get("totals", ())]
    assert "What is to be paid cannot be said yet: one of the charges is unknown." in explanation["in_short"]
    assert explanation["agrees"]


def test_history_and_charges_are_joined(world: World, case: dict[str, Any]) -> None:
    history = get(world, "post", f"/v1/cases/{case['case_id']}/history")
    charges = get(world, "post", f"/v1/cases/{case['case_id']}/charges")

    assert [one["kind"] for one in history["moments"]][:2] == ["document-received", "decided"]
    expected = [*case["decision"].get("charges", []), *case["decision"]["goods_items"][0]["charges"]]
    assert sorted(one["amount"] for one in charges["charges"]) == sorted(one["amount"] for one in expected)


def test_an_amendment_shows_both_decisions_and_reversed_charges(world: World) -> None:
    with world.client("post") as client:
        first = file(client, parcel("AMENDED-1"))[0]
        items = [{**parcel("x")["goods_items"][0], "invoice_amount": "30.00"}]
        second = file(
            client,
            parcel(
                "AMENDED-1", goods_items=items, amends_version=1, amendment_reason="price", seller_id="NOBODY"
            ),
        )[0]
    assert second["status"] == "decided", second
    root = f"/v1/cases/{first['case_id']}"
    charges = get(world, "post", f"{root}/charges")["charges"]
    old = get(world, "post", f"{root}/decisions/{first['decision']['decision_id']}")
    moments = get(world, "post", f"{root}/history")["moments"]
    kinds = [one["kind"] for one in moments]

    assert kinds.count("decided") == kinds.count("decided-again") == kinds.count("amendment") == 1
    assert [one["reason"] for one in moments if one["kind"] == "amendment"] == ["price"]
    assert any(one.get("is_reversal") for one in charges)
    assert (
        sum(float(one["amount"]) for one in charges if one["decision_id"] == first["decision"]["decision_id"])
        > 0
    )
    assert not old.get("is_newest")
    assert old["decision"] == first["decision"]
    assert get(world, "post", f"{root}/decision")["decision"] == second["decision"]
    # The shop that the amendment does not name any more sees the case no longer.
    with world.client("seller") as seller:
        assert seller.get(root).status_code == 404


def test_officers_reasons_leave_the_officers_view_nowhere(world: World) -> None:
    with world.client("post") as client:
        answer = file(
            client, parcel("LISTED-1", consignor={**parcel("x")["consignor"], "name": LISTED_NAME})
        )[0]
    root = f"/v1/cases/{answer['case_id']}"
    seen = get(world, "officer", f"{root}/decision")
    hidden = {one["code"] for one in seen["officer_reasons"]} - {
        one["code"] for one in seen["decision"]["reasons"]
    }
    assert hidden == {"screening-listed-name"}
    ground = next(one["withheld_ground"] for one in seen["officer_reasons"] if one["code"] in hidden)

    for party in ("post", "platform", "analyst"):
        with world.client(party) as client:
            for path in paths(answer):
                text = client.get(path).text
                assert "screening-listed-name" not in text, (party, path)
                assert ground[:40] not in text
                assert "officer_reasons" not in text
                assert "is_party_listed" not in text


def test_a_merged_case_answers_under_the_id_that_survived(world: World) -> None:
    with world.client("post") as client:
        older, younger = file(client, parcel("MERGE-1"), parcel("MERGE-2"))
    (a,), (b,) = (
        rows(world.dsn, "SELECT coalesce(first_id, document_id) FROM submission WHERE reference = %s", one)[0]
        for one in ("MERGE-1", "MERGE-2")
    )
    rows(
        world.dsn,
        "INSERT INTO case_file (case_id, administration_id, opened_at, merged_into)"
        " VALUES (%s, 1, '2026-07-01Z', %s) RETURNING 1",
        b,
        a,
    )
    found = get(world, "post", f"/v1/cases/{younger['case_id']}")

    assert found["case_id"] == older["case_id"]
    assert [one["reference"] for one in found["consignments"]] == ["MERGE-1", "MERGE-2"]


@pytest.mark.parametrize("path", ["/v1/cases/0APS-K7Z2-0400-0X", "/v1/cases/nonsense/receipt"])
def test_a_mistyped_id_is_told(world: World, path: str) -> None:
    with world.client("post") as client:
        answer = client.get(path)

    assert answer.status_code == 400
    assert re.search("typing", answer.text)
