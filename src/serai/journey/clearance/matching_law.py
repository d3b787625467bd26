"""What the law says of matching for one declaration: limits, rates of exchange, documents that it needs."""

from typing import NamedTuple

from serai.journey.match.case_sums import CARRIED, DECLARED, ORDERED, PAID
from serai.law.book import EVERYWHERE, NOT_LAW, LawBook, is_in_force
from serai.law.exchange import Exchange
from serai.law.matching import matching_on
from serai.law.pack import Matching, Pack
from serai.law.tariff import day_of
from serai.model.documents import Consignment

_WORDS = {"has_order": ORDERED, "has_payment": PAID, "has_transport_document": CARRIED}


class MatchingLaw(NamedTuple):
    """What holds for the cases of one destination, channel and day. expected_kinds: bit by kind number, of what
    the law needs; an order also where the declaration names one: what was paid is judged by it."""

    limits: Matching
    expected_kinds: int
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
    channel = document.channel_code
    packs = sorted(
        (
            pack
            for pack in book.packs_for(document.consignee.country_code)
            if pack.status not in NOT_LAW
            and is_in_force(pack, day_of(day))
            and (not pack.channels or channel in pack.channels)
        ),
        key=lambda pack: (pack.jurisdiction == EVERYWHERE, not pack.channels, pack.code),
    )
    limits = matching_on(packs, channel, day)
    if limits is None:
        return None
    converting = next((pack for pack in packs if pack.conversions and pack.currency), None)
    return MatchingLaw(
        limits,
        1 << DECLARED | _needed_kinds(packs) | bool(document.order_references) << ORDERED,
        book.reference.exchange,
        converting.conversions[0].table if converting else "",
        (converting.currency if converting else None) or "",
    )


def _needed_kinds(packs: list[Pack]) -> int:
    """Return the kinds of document that a requirement of a pack asks for."""
    kinds = 0
    for pack in packs:
        for requirement in pack.requirements:
            for word, kind in _WORDS.items():
                if word in requirement.is_there:
                    kinds |= 1 << kind
    return kinds
