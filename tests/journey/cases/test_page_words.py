"""The words of the pages that are taken from the law packs."""

import pytest

from serai.journey.cases.page_words import tax_titles
from tests.law.packs import shipped_book


@pytest.mark.parametrize(
    ("tax", "title"),
    [
        (("GST", "AUD", "sale"), "GST charged with the sale"),
        (("GST", "AUD", "border"), "GST on import"),
    ],
)
def test_a_tax_is_called_by_where_it_is_due(tax: tuple[str, str, str], title: str) -> None:
    assert tax_titles((one.pack for one in shipped_book().packs.values()), "en")[tax] == title


def test_nothing_due_with_the_sale_is_called_due_on_import() -> None:
    titles = tax_titles((one.pack for one in shipped_book().packs.values()), "en")

    sold = {tax: title for tax, title in titles.items() if tax[2] == "sale"}

    assert len({currency for _, currency, _ in sold}) > 2
    assert [tax for tax, title in sold.items() if "on import" in title.casefold()] == []
