"""A declaration as a token is held against it."""

from decimal import Decimal
from typing import Final

from serai.journey.tax_paid.goods import Declared, DeclaredItem
from serai.model.documents import Consignment

_GRAMS: Final = 1_000


def declared_of(consignment: Consignment) -> Declared:
    """Return what a declaration says of goods, orders and the vendor's scheme.

    The scheme is its register in small letters; a declaration that cites no number cites an empty one, which
    no token was made for. Masses are rounded up to the gram.
    """
    references = [*consignment.order_references]
    references += [one.order_reference for one in consignment.goods_items if one.order_reference]
    return Declared(
        scheme_code=(consignment.scheme_kind_code or "").lower(),
        scheme_number=consignment.vendor_number or "",
        order_references=tuple(dict.fromkeys(references)),
        items=tuple(
            DeclaredItem(
                sequence_number=one.sequence_number,
                commodity_code=one.commodity_code,
                value=Decimal(one.invoice_amount),
                currency_code=one.invoice_currency_code,
                gross_mass_g=-int(-Decimal(one.gross_mass_kg) * _GRAMS // 1),
            )
            for one in consignment.goods_items
        ),
    )
