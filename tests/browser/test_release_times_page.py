"""Release times and service status in a real Chromium: whole for everybody, on a phone and a desktop."""

from datetime import timedelta

import httpx2
import pytest
from playwright.sync_api import expect

from tests.browser.chromium import OpenPage
from tests.browser.conftest import TakePicture
from tests.browser.page_checks import find_page_faults, find_small_targets
from tests.browser.page_steps import scrolls_sideways
from tests.browser.served_pages import Served
from tests.journey.processing.support import arrival
from tests.journey.processing.test_landings import gift

pytestmark = [pytest.mark.browser, pytest.mark.in_turn]


def land(served: Served) -> None:
    """Declare gifts that owe nothing and report them landed; the same again does no harm."""
    headers = {"authorization": f"Bearer {served.filled.carrier_key}"}
    with httpx2.Client(base_url=served.address, timeout=60, headers=headers) as client:
        for channel, mode, count, minutes in (("post", "5", 24, 9), ("express", "4", 36, 2)):
            flight = {
                "conveyance_reference": f"FLIGHT-{channel}",
                "logistics_channel_code": channel,
                "transport_mode_code": mode,
            }
            for number in range(count):
                declared = gift(f"{channel}-{number}", **flight)
                client.post("/v1/declarations", json=declared).raise_for_status()
            at = (served.filled.at - timedelta(minutes=minutes)).isoformat()
            report = arrival(channel, conveyance_reference=f"FLIGHT-{channel}", arrived_at=at)
            client.post("/v1/arrivals", json=report).raise_for_status()


@pytest.mark.parametrize("size", ["phone", "desktop"])
@pytest.mark.parametrize("name", ["release-times", "status"])
def test_page_is_whole_for_everybody(
    open_page: OpenPage, served: Served, take_picture: TakePicture, name: str, size: str
) -> None:
    land(served)
    page = open_page(size, java_script_enabled=False)
    page.goto(served.address)
    page.locator(f'main a[href="/{name}"]').click()
    page.wait_for_url(f"**/{name}")
    take_picture(page, f"{name}-{size}")

    expect(page.get_by_role("heading", level=1)).not_to_be_empty()
    assert not scrolls_sideways(page)
    assert find_page_faults(page) == []
    assert find_small_targets(page) == []
    page.set_viewport_size({"width": 320, "height": 800})
    assert not scrolls_sideways(page)
