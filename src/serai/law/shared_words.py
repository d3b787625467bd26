"""Words that laws share: defined once here, and by any pack otherwise that means something else by them."""

from typing import Final

from serai.law.pack import Definition

SHARED_WORDS: Final = (
    Definition(
        name="goods_price",
        level="item",
        value="line_value - discount_share",
        meaning="Price of the goods after discount",
        law_ref="WTO Customs Valuation Agreement art. 1",
    ),
    Definition(
        name="cif_price",
        level="item",
        value="goods_price + freight_share + insurance_share",
        meaning="Price of the goods with transport and insurance to the border",
        law_ref="WTO Customs Valuation Agreement art. 8.2",
    ),
)
