"""The table of the calculator's destinations is of the packs as they are."""

import pytest

from serai.foundation.shipped import find_shipped, read_law_files
from tests.docs.test_house_pages import DOCS
from tools.destinations import build_page


@pytest.mark.slow
def test_the_page_of_destinations_is_of_the_packs_as_they_are() -> None:
    page = (DOCS / "reference" / "destinations.md").read_text("utf-8")

    assert page == build_page(read_law_files(find_shipped("laws")))
