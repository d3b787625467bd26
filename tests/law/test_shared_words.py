"""Words that laws share need no definition of their own, and a pack may mean something else by one."""

from tests.law.packs import pack_text
from tests.law.test_words_for_all_regimes import amount, assessed, book_of, only_amount, parcel

OWN = """definitions:
- {name: goods_price, level: item, value: line_value + line_value, meaning: "Twice", law_ref: l}
charges:
"""


def test_the_price_of_goods_and_of_their_way_is_after_discount_with_freight_and_insurance() -> None:
    book = book_of(pack_text("charges:\n" + amount("item", "cif_price")))
    document = parcel(freight_amount="3.00", insurance_amount="1.00", discount_amount="5.00")

    assert only_amount(assessed(book, document)) == 2_000 - 500 + 300 + 100


def test_what_a_pack_means_by_a_shared_word_goes_before() -> None:
    book = book_of(pack_text(OWN + amount("item", "cif_price")))

    assert only_amount(assessed(book, parcel())) == 4_000
