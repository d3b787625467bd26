"""The table of laws by confirmed-until and kind of source is of the packs as they are."""

from serai.foundation.shipped import find_shipped, read_law_files
from tests.docs.test_house_pages import DOCS
from tools.law_sources import build_page


def test_the_page_is_of_the_packs_as_they_are() -> None:
    page = (DOCS / "reference" / "law-sources.md").read_text("utf-8")

    assert page == build_page(read_law_files(find_shipped("laws")))
