"""The story of an examination in a real Chromium, without script: ordered, weighed, photographed, doubted by
whoever declared the goods, and made once more."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import OpenPage
from tests.browser.conftest import TakePicture
from tests.browser.page_checks import find_page_faults
from tests.browser.page_steps import open_named, scrolls_sideways
from tests.browser.served_pages import Served

pytestmark = pytest.mark.browser
EXAMINED = "NAMED-1-SHIRTS"


def a_photo() -> bytes:
    """A picture of an opened parcel, as a telephone says it: with where it was taken."""
    image = Image.new("RGB", (1_600, 1_200), (196, 164, 122))
    draw = ImageDraw.Draw(image)
    draw.rectangle((200, 200, 1_400, 1_000), outline=(120, 90, 60), width=24)
    for place in range(3):
        draw.rectangle((280 + place * 360, 300, 580 + place * 360, 900), fill=(40 + 60 * place, 90, 140))
    exif = Image.Exif()
    exif[0x010E] = "52.5163N"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.mark.in_turn
def test_goods_are_examined_weighed_photographed_and_examined_once_more(
    open_page: OpenPage, served: Served, take_picture: TakePicture, tmp_path: Path
) -> None:
    script, photo = tmp_path / "photo.jpg", tmp_path / "parcel.jpg"
    script.write_bytes(b"\xff\xd8\xff<script>alert(1)</script>")
    photo.write_bytes(a_photo())
    key = {"authorization": f"Bearer {served.filled.carrier_key}"}
    ann = open_page("desktop", java_script_enabled=False)
    filer = open_page("phone", java_script_enabled=False, extra_http_headers=key)
    ann.goto(served.enter())
    open_named(ann, served, EXAMINED)
    address = ann.url
    _order(ann)
    told = ann.locator("#told + div")
    expect(told.get_by_text("Nothing proves that it knows")).to_be_visible()
    assert find_page_faults(ann) == []
    told.scroll_into_view_if_needed()
    take_picture(ann, "told-desktop")
    _record(ann)
    ann.get_by_role("link", name="Examinations and photos").click()
    _add_photo(ann, script)
    expect(ann.get_by_role("alert")).to_contain_text("This is no picture")
    assert find_page_faults(ann) == []
    _add_photo(ann, photo)
    image = ann.get_by_role("img", name="Photo 1 of the examination")
    expect(image).to_be_visible()
    assert _is_drawn(image)
    expect(ann.get_by_text("heavier")).to_be_visible()

    filer.goto(f"{address}/examinations")
    expect(filer.get_by_role("img", name="Photo 1 of the examination")).to_be_visible()
    expect(filer.get_by_label("Add a photo")).to_have_count(0)
    filer.get_by_label("Why it should be examined once more").fill("The scale was not empty.")
    assert find_page_faults(filer) == []
    assert not scrolls_sideways(filer)
    assert _is_drawn(filer.get_by_role("img", name="Photo 1 of the examination"))
    take_picture(filer, "examination-filer-phone")
    filer.get_by_role("button", name="Ask for a second examination").click()
    expect(filer.get_by_text("none yet")).to_be_visible()

    ann.reload()
    ann.get_by_label("The grounds; where it is granted").fill("Tomorrow at nine, shed 3.")
    ann.get_by_role("button", name="Send the answer").click()
    ann.get_by_label("What was found the second time").select_option("conforms")
    ann.get_by_label("Mass in kilograms").fill("0.9")
    ann.get_by_role("button", name="Record the second result").click()
    expect(ann.get_by_text("This result counts")).to_be_visible()
    assert find_page_faults(ann) == []
    assert _is_drawn(image)
    take_picture(ann, "examination-desktop")
    filer.reload()
    expect(filer.get_by_text("The other result counts")).to_be_visible()


def _is_drawn(image: Locator) -> bool:
    """Wait until a picture is there; say whether it has any size."""
    return bool(image.evaluate("one => one.decode().then(() => one.naturalWidth > 0)"))


def _order(page: Page) -> None:
    page.get_by_role("link", name="Order an examination", exact=True).click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Confirm").click()


def _record(page: Page) -> None:
    page.get_by_role("link", name="Take a measure").click()
    page.get_by_role("link", name="Record an examination", exact=True).click()
    page.get_by_label("What was found").select_option("quantity-differs")
    page.get_by_label("Mass in kilograms").fill("1.9")
    page.get_by_label("In words, for the declarant").fill("There are six shirts.")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Confirm").click()


def _add_photo(page: Page, file: Path) -> None:
    page.get_by_label("Add a photo").set_input_files(file)
    page.get_by_role("button", name="Keep the photo").click()
