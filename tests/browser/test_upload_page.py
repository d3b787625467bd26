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
from tests.turns import SIZES

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


@pytest.mark.parametrize("size", SIZES)
def test_a_seller_corrects_faulty_cells_in_the_page_and_lodges_the_file(
    open_page: OpenPage, served: Served, take_picture: TakePicture, tmp_path: Path, size: str
) -> None:
    page = open_page(size, java_script_enabled=False)
    upload(page, served, faulty_file(tmp_path))

    wait_for_title(page, "2 of 4 consignments need correcting")
    expect(page.get_by_role("group", name="Row 2 ").get_by_label("invoice_amount")).to_have_value("25.00")
    expect(page.get_by_text("In the file: 25,00")).to_be_visible()
    take_picture(page, f"upload-{size}")
    assert not scrolls_sideways(page)
    assert find_page_faults(page) == []
    assert find_small_targets(page) == []
    page.get_by_role("link", name="XX is not a country code").click()
    last = page.get_by_role("group", name="Row 12 ")
    expect(last.get_by_label("origin_country_code")).to_be_in_viewport()
    last.get_by_label("origin_country_code").fill("ZZ")
    last.get_by_role("button", name="cells of this row").click()

    wait_for_title(page, "1 of 4 consignments need correcting")
    expect(last.get_by_label("description")).not_to_have_value("")
    assert not scrolls_sideways(page)
    last.get_by_label("origin_country_code").fill("CN")
    last.get_by_label("description").fill("Corrected goods, cotton")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the corrected file").click()
    corrected = tmp_path / "corrected.csv"
    download.value.save_as(corrected)
    page.get_by_role("button", name="Check again").click()

    wait_for_title(page, "All 4 consignments are ready to lodge")
    take_picture(page, f"upload-sound-{size}")
    page.get_by_label("Or your party's key").fill(served.filled.carrier_key)
    page.get_by_role("button", name="Lodge 4 consignments").click()
    wait_for_title(page, "4 of 4 lodged")
    expect(page.get_by_role("row").filter(has_text="EXAMPLE-2026-0001")).to_be_visible()
    assert find_page_faults(page) == []
    rows = list(csv.DictReader(corrected.read_text(encoding="utf-8-sig").splitlines()))
    assert (rows[0]["invoice_amount"], rows[-1]["description"]) == ("25.00", "Corrected goods, cotton")
    upload(page, served, corrected)
    wait_for_title(page, "All 4 consignments are ready to lodge")
