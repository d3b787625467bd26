"""Goods come back: whoever declared confirms the application that is ready, an officer grants it, and it is
due back to who paid. In a real Chromium, without script."""

import sys
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from playwright.sync_api import expect

from serai.laboratory.invented.named_parcels import named_parcels
from tests.browser.chromium import OpenPage
from tests.browser.conftest import TakePicture
from tests.browser.page_checks import find_page_faults
from tests.browser.page_steps import scrolls_sideways
from tests.browser.served_pages import Served

pytestmark = pytest.mark.browser
PARCEL = "NAMED-1-SHIRTS"


def release_and_return(served: Served) -> str:
    """Pay what a parcel owes and a euro more, land it, and send all of it back; return its case."""
    key = {"authorization": f"Bearer {served.filled.carrier_key}"}
    with httpx2.Client(base_url=served.address, headers=key, timeout=60) as carrier:
        declared = carrier.get(f"/v1/declarations/{PARCEL}").json()
        case_id = declared["case_id"]
        owed = [
            one
            for one in carrier.get(f"/v1/cases/{case_id}/charges").json()["owed"]
            if one["due"] == "border"
        ]
        mark = {"kind": "paid", "currency_code": "EUR"}
        due = sum(float(one["amount"]) for one in owed if one["currency_code"] == "EUR")
        paid = carrier.post(
            f"/v1/cases/{case_id}/payment-records", json=mark | {"reference": "RP-1", "amount": f"{due:.2f}"}
        )
        assert paid.json()["status"] == "settled", paid.text
        document = next(
            one.content
            for story in named_parcels(served.filled.at)
            for one in story.documents
            if one.kind == "declaration" and one.content["reference"] == PARCEL
        )
        arrived = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
        landed = carrier.post(
            "/v1/arrivals",
            json={
                "reference": "RP-ARRIVAL",
                "arrived_at": arrived,
                "house_document": document["house_document"],
            },
        )
        assert landed.status_code == 201, landed.text
        returned = carrier.post(
            "/v1/returns",
            json={
                "reference": "RP-RETURN",
                "mrn": declared["decision"]["mrn"],
                "reason": "Does not fit.",
                "bag_reference": "BAG-7",
                "goods_returned_at": datetime.now(UTC).isoformat(),
                "goods_items": [
                    {
                        "sequence_number": one["sequence_number"],
                        "commodity_code": one["commodity_code"],
                        "description": "goods",
                        "quantity": one["quantity"],
                        "quantity_unit_code": one.get("quantity_unit_code", "C62"),
                    }
                    for one in document["goods_items"]
                ],
            },
        )
        assert returned.status_code == 201, returned.text
        sys.stdout.write(returned.text)
    return str(case_id)


@pytest.mark.in_turn
def test_an_application_is_confirmed_with_one_click_and_granted(
    open_page: OpenPage, served: Served, take_picture: TakePicture
) -> None:
    case_id = release_and_return(served)
    key = {"authorization": f"Bearer {served.filled.carrier_key}"}
    filer = open_page("phone", java_script_enabled=False, extra_http_headers=key)
    officer = open_page("desktop", java_script_enabled=False)
    officer.goto(served.enter())

    filer.goto(f"{served.address}/parcels/{case_id}")
    filer.get_by_role("link", name="Repayment").click()
    assert find_page_faults(filer) == []
    assert not scrolls_sideways(filer)
    take_picture(filer, "repayment-filer-phone")
    filer.get_by_role("button", name="Confirm the application").click()
    expect(filer.get_by_text("An officer decides")).to_be_visible()
    expect(filer.get_by_role("button", name="Grant")).to_have_count(0)

    officer.goto(f"{served.address}/parcels/{case_id}/repayments")
    officer.get_by_label("Amount, if only a part is granted").fill("900000.00")
    officer.get_by_role("button", name="Grant").click()
    expect(officer.get_by_text("Name at most what is left")).to_be_visible()
    assert find_page_faults(officer) == []
    take_picture(officer, "repayment-officer-desktop")
    officer.get_by_label("Amount, if only a part is granted").fill("")
    officer.get_by_role("button", name="Grant").click()

    filer.reload()
    expect(filer.get_by_text("It goes back to whoever paid.")).to_be_visible()
