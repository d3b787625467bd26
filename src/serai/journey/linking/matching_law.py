"""What the law says of matching for one declaration: limits, rates of exchange, documents that it needs."""

from collections.abc import Iterable
from typing import NamedTuple

from serai.journey.reconciliation.case_sums import CARRIED, DECLARED, ORDERED, PAID
from serai.law.book import EVERYWHERE, Asked, LawBook, is_in_force
from serai.law.exchange import Exchange
from serai.law.pack import Matching, Pack
from serai.law.tariff import day_number, day_of
from serai.model.documents import Consignment, Procedure


def matching_on(packs: Iterable[Pack], logistics_channel_code: str | None, day: int) -> Matching | None:
    """Return the limits in force in a channel on a day (days since 1970); None: no pack gives any.

    packs: of a composition, base first. Of two rows of one pack the one that names the channel goes first.
    """
    for pack in packs:
        found = [one for one in pack.matching if _holds(one, logistics_channel_code, day)]
        if found:
            return max(found, key=lambda one: bool(one.channels))
    return None


def _holds(one: Matching, logistics_channel_code: str | None, day: int) -> bool:
    return day_number(one.valid_from) <= day < day_number(one.valid_to) and (
        not one.channels or logistics_channel_code in one.channels
    )


_WORDS = {"has_order": ORDERED, "has_payment": PAID, "has_transport_document": CARRIED}


class MatchingLaw(NamedTuple):
    """What holds for the cases of one destination, channel and day.

    needed_kinds: bit by kind number of what the law needs. expected_kinds: likewise, and an order where the
    declaration names one: what was paid is judged by it.
    """

    limits: Matching
    expected_kinds: int
    needed_kinds: int
    exchange: Exchange
    table: str
    currency: str

    def __hash__(self) -> int:
        return hash((id(self.limits), self.expected_kinds, self.table, self.currency))

    def factor(self, currency: str, day: int) -> tuple[int, int] | None:
        """Return what turns minor units into those of the law's currency on a day; None without a rate."""
        return self.exchange.factor(self.table, self.currency, currency, day)


def matching_law_of(book: LawBook, document: Consignment, day: int) -> MatchingLaw | None:
    """Return what holds for a declaration on a day (since 1970); None: no law gives limits."""
    packs = _packs_of(book, document, day)
    limits = matching_on(packs, document.logistics_channel_code, day)
    if limits is None:
        return None
    needed = _needed_kinds(packs)
    converting = next((pack for pack in packs if pack.conversions and pack.currency), None)
    return MatchingLaw(
        limits,
        1 << DECLARED | needed | bool(document.order_references) << ORDERED,
        needed,
        book.reference.exchange,
        converting.conversions[0].table if converting else "",
        (converting.currency if converting else None) or "",
    )


def _packs_of(book: LawBook, document: Consignment, day: int) -> list[Pack]:
    """Return the packs in force for a declaration, base first; without a law what lies over every law."""
    to = document.consignee
    place = book.territories.find(to.country_code, to.region_code, to.postcode, day)
    codes = None
    if place is not None:
        procedure = document.procedure or Procedure()
        codes = book.codes_on(
            place.customs_territory_code,
            place.tax_territory_code,
            document.logistics_channel_code,
            day,
            Asked(procedure.direction_code, procedure.requested_procedure_code),
        )
    if codes is not None:
        return [book.packs[code].pack for code in codes]
    over = (one.pack for one in book.packs.values() if one.pack.jurisdiction == EVERYWHERE)
    return [pack for pack in over if is_in_force(pack, day_of(day))]


def _needed_kinds(packs: list[Pack]) -> int:
    """Return the kinds of document that a requirement of a pack asks for."""
    kinds = 0
    for pack in packs:
        for requirement in pack.requirements:
            for word, kind in _WORDS.items():
                if word in requirement.is_there:
                    kinds |= 1 << kind
    return kinds
