"""A declaration held against the quote it cites: item by item, unit by unit, within the tolerance the quote
states. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

import msgspec

from serai.model.documents import Consignment, GoodsItem
from serai.model.quote import QuotedLine, QuoteTerms

_PPM = 1_000_000


class Surroundings(msgspec.Struct, frozen=True):
    """What was found of a declared consignment beside its document. stated: by name of `model.quote.STATED`.

    has_drawn, has_company: the buyer has drawn on an allowance before, other parcels count together with it.
    """

    stated: Mapping[str, str]
    has_drawn: bool
    has_company: bool


class Failed(msgspec.Struct, frozen=True):
    """A term that does not hold. term: permanent word; an assumption's own code where one failed. pointer:
    into the declaration.
    """

    term: str
    quoted: str
    declared: str
    pointer: str = ""


class Agreement(msgspec.Struct, frozen=True):
    """Whether a declaration agrees with a quote. drawn: units by the quote's line; none where it does not."""

    drawn: dict[int, Fraction]
    failed: list[Failed]

    @property
    def binds(self) -> bool:
        """Say whether the quote binds."""
        return not self.failed


_TERM_OF = {
    "customs_territory_code": ("destination", "/consignee"),
    "tax_territory_code": ("destination", "/consignee"),
    "dispatch_country_code": ("dispatch", "/dispatch_country_code"),
    "logistics_channel_code": ("channel", "/logistics_channel_code"),
    "sale_nature_code": ("sale_nature", "/sale_nature_code"),
    "scheme_kind_code": ("scheme", "/scheme_kind_code"),
    "scheme_status_code": ("scheme", "/additional_fiscal_references"),
    "requested_procedure_code": ("procedure", "/procedure"),
    "previous_procedure_code": ("procedure", "/procedure"),
    "additional_procedure_codes": ("procedure", "/procedure"),
    "trade_terms_code": ("trade_terms", "/detail/trade_terms_code"),
    "is_platform_sale": ("platform", "/is_platform_sale"),
    "is_duty_charged_to_buyer": ("duty_charged_to_buyer", "/is_duty_charged_to_buyer"),
    "is_preference_claimed": ("preference", "/is_preference_claimed"),
    "has_buyer_tax_number": ("consumer", "/buyer/tax_number"),
}


def hold_against(
    terms: QuoteTerms, left: Mapping[int, Fraction], document: Consignment, around: Surroundings
) -> Agreement:
    """Hold a declaration against a quote. left: units not used yet, by the quote's line.

    Every term that fails is told, not the first alone. A declaration of fewer units than were quoted agrees:
    the rest may come in another.
    """
    drawn, failed = _draw(terms, left, document.goods_items)
    failed += _differing(terms, around)
    if not failed:
        failed += _charges_beside(terms, drawn, document)
    return Agreement({} if failed else drawn, failed)


def share_of(terms: QuoteTerms, drawn: Mapping[int, Fraction]) -> Fraction:
    """Return which part of the quoted goods some units are, by value; by number where all are free."""
    worth = {line.sequence_number: Fraction(line.invoice_amount) for line in terms.lines}
    if not any(worth.values()):
        worth = {line.sequence_number: Fraction(line.quantity) for line in terms.lines}
    units = {line.sequence_number: Fraction(line.quantity) for line in terms.lines}
    part = sum((worth[one] * quantity / units[one] for one, quantity in drawn.items()), Fraction())
    return part / sum(worth.values())


# ---- goods ----


def _draw(
    terms: QuoteTerms, left: Mapping[int, Fraction], items: Sequence[GoodsItem]
) -> tuple[dict[int, Fraction], list[Failed]]:
    """Draw the units of each declared item from lines of the quote that are like it."""
    rest = dict(left)
    failed: list[Failed] = []
    for place, item in enumerate(items):
        pointer = f"/goods_items/{place}"
        like, why = _lines_like(terms, item, pointer)
        needed = Fraction(item.quantity)
        for line in like:
            taken = min(needed, rest[line.sequence_number])
            rest[line.sequence_number] -= taken
            needed -= taken
        if why is not None:
            failed.append(why)
        elif needed:
            quoted = sum((left[line.sequence_number] for line in like), Fraction())
            failed.append(Failed("quantity", f"{_render(quoted)} left", item.quantity, f"{pointer}/quantity"))
    used = {one: left[one] - rest[one] for one in left if left[one] != rest[one]}
    return used, failed


def _lines_like(terms: QuoteTerms, item: GoodsItem, pointer: str) -> tuple[list[QuotedLine], Failed | None]:
    """Return the quote's lines that are of the same goods at the same price; else what stands against it."""
    found: Sequence[QuotedLine] = terms.lines
    for name, term in _ITEM_TERMS:
        like = [line for line in found if getattr(line, name) == getattr(item, name)]
        if not like:
            quoted = ", ".join(sorted({str(getattr(line, name)) for line in found}))
            return [], Failed(term, quoted, str(getattr(item, name)), f"{pointer}/{name}")
        found = like
    price = _a_unit(item.invoice_amount, item.quantity)
    like = [line for line in found if _is_near(terms, _a_unit(line.invoice_amount, line.quantity), price)]
    if not like:
        quoted = ", ".join(f"{line.invoice_amount} for {line.quantity}" for line in found)
        declared = f"{item.invoice_amount} for {item.quantity}"
        return [], Failed("value", quoted, declared, f"{pointer}/invoice_amount")
    return _of_mass(terms, item, like, pointer)


_ITEM_TERMS = (
    ("commodity_code", "commodity"),
    ("origin_country_code", "origin"),
    ("quantity_unit_code", "unit"),
    ("invoice_currency_code", "currency"),
    ("preference_code", "preference"),
)


def _of_mass(
    terms: QuoteTerms, item: GoodsItem, lines: Sequence[QuotedLine], pointer: str
) -> tuple[list[QuotedLine], Failed | None]:
    """Goods may be lighter than quoted, never heavier: a charge by mass would not be the one promised."""
    mass = _a_unit(item.gross_mass_kg, item.quantity)
    room = Fraction(_PPM + terms.mass_tolerance_ppm, _PPM)
    like = [line for line in lines if mass <= _a_unit(line.gross_mass_kg, line.quantity) * room]
    if like:
        return like, None
    quoted = ", ".join(f"{line.gross_mass_kg} kg for {line.quantity}" for line in lines)
    declared = f"{item.gross_mass_kg} kg for {item.quantity}"
    return [], Failed("mass", quoted, declared, f"{pointer}/gross_mass_kg")


def _is_near(terms: QuoteTerms, quoted: Fraction, declared: Fraction) -> bool:
    return abs(declared - quoted) * _PPM <= quoted * terms.value_tolerance_ppm


def _a_unit(amount: str, quantity: str) -> Fraction:
    units = Fraction(quantity)
    return Fraction(amount) / units if units else Fraction(amount)


# ---- the consignment ----


def _differing(terms: QuoteTerms, around: Surroundings) -> Iterator[Failed]:
    told: set[str] = set()
    for name, (term, pointer) in _TERM_OF.items():
        quoted, declared = terms.stated.get(name, ""), around.stated.get(name, "")
        if quoted != declared and term not in told:
            told.add(term)
            yield Failed(term, quoted or "none", declared or "none", pointer)
    if around.has_drawn and "allowance" in terms.assumed:
        yield Failed("allowance", "nothing drawn", "drawn on before")
    if around.has_company and "same_day" in terms.assumed:
        yield Failed("same_day", "alone", "others count together with it")


def _charges_beside(
    terms: QuoteTerms, drawn: Mapping[int, Fraction], document: Consignment
) -> Iterator[Failed]:
    """Freight, insurance and discount, in proportion to the goods; together they are part of the value."""
    part = share_of(terms, drawn)
    goods = part * sum(Fraction(line.invoice_amount) for line in terms.lines)
    for name in ("freight", "insurance", "discount"):
        quoted = Fraction(getattr(terms, f"{name}_amount")) * part
        given = getattr(document, f"{name}_amount") or "0"
        declared = Fraction(given)
        is_other = bool(declared) and (document.charges_currency_code or "") != terms.charges_currency_code
        if abs(declared - quoted) * _PPM > goods * terms.value_tolerance_ppm or (quoted and is_other):
            yield Failed(name, _render(quoted), given, f"/{name}_amount")


def _render(number: Fraction) -> str:
    """Write a number as decimal text, to six places at most."""
    whole = round(number * _PPM)
    text = f"{whole // _PPM}.{whole % _PPM:06d}".rstrip("0").rstrip(".")
    return text or "0"
