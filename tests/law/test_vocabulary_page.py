"""The page of the vocabulary is what the code says."""

from tools.reference.law_vocabulary import build_pages
from tools.reference.layout import DOCS


def test_page_is_current() -> None:
    for path, text in build_pages().items():
        written = (DOCS / path).read_text()
        assert written == text, "run `make reference`"
