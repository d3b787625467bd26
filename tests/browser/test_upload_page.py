"""The page on which a seller uploads a file of many parcels, in a real Chromium without script."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import ROOT, OpenPage
from tests.browser.conftest import TakePicture
from tests.browser.page_checks import find_page_faults, find_small_targets
from tests.browser.page_steps import scrolls_sideways, wait_for_title
from tests.browser.served_pages import Served

pytestmark = pytest.mark.browser
SOUND = (ROOT / "examples/messages/declarations.csv").read_text()


def faulty_file(folder: Path) -> Path:
    """The sample with a decimal comma, which is corrected, and a country that is none, which is not."""
    rows = list(csv.DictReader(SOUND.splitlines()))
    rows[0]["invoice_amount"] = rows[0]["invoice_amount"].replace(".", ",")
    rows[-1]["origin_country_code"] = "XX"
    path = folder / "parcels.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def upload(page: Page, served: Served, file: Path) -> None:
    page.goto(f"{served.address}/upload")
    assert find_page_faults(page) == []
    page.get_by_label("CSV or NDJSON").set_input_files(file)
    page.get_by_role("button", name="Check the file").click()


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_faults_stand_in_their_place(
    open_page: OpenPage, served: Served, take_picture: TakePicture, tmp_path: Path, size: str
) -> None:
    page = open_page(size, java_script_enabled=False)
    upload(page, served, faulty_file(tmp_path))

    wait_for_title(page, "2 of 4 consignments need correcting")
    amount = page.get_by_role("row").filter(has_text="invoice_amount")
    expect(amount.get_by_text("25,00", exact=True)).to_be_visible()
    expect(amount.get_by_text("write 25.00")).to_be_visible()
    origin = page.get_by_role("row").filter(has_text="Row 12")
    expect(origin.get_by_text("XX is not a country code.")).to_be_visible()
    take_picture(page, f"upload-{size}")
    assert not scrolls_sideways(page)
    assert find_page_faults(page) == []
    assert find_small_targets(page) == []


def test_the_file_with_remarks_goes_up_again_and_is_filed(
    open_page: OpenPage, served: Served, tmp_path: Path
) -> None:
    page = open_page("phone", java_script_enabled=False)
    upload(page, served, faulty_file(tmp_path))
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the file with remarks").click()
    remarked = tmp_path / "remarked.csv"
    download.value.save_as(remarked)
    remarked.write_text(remarked.read_text(encoding="utf-8").replace(",XX,", ",CN,"), encoding="utf-8")
    upload(page, served, remarked)

    wait_for_title(page, "All 4 consignments are ready to lodge")
    page.get_by_label("Your party's key").fill(served.filled.carrier_key)
    page.get_by_role("button", name="Lodge 4 consignments").click()

    wait_for_title(page, "4 of 4 lodged")
    expect(page.get_by_role("row").filter(has_text="EXAMPLE-2026-0001")).to_be_visible()
    assert find_page_faults(page) == []
