"""The law in use with what a calculator lacks filled in: invented rates of exchange and of duty.

The same as in the comparison of laws, behind every published one: a rate or a line that is loaded goes
before. An answer that needed one says so.
"""

import datetime as dt
from dataclasses import replace

from serai.journey.law_in_force.state import LawState
from serai.laboratory.compare.assumed_rates import assumed_exchange, assumed_tariffs
from serai.law.exchange import Exchange
from serai.law.run import Reference
from serai.law.tariff import Tariff, TariffLine


def assume_rates(law: LawState, on: dt.date) -> LawState:
    """Return the law with invented rates where it has none. on: the day whose tariff is filled up."""
    book = law.book
    tariff, exchange = book.reference.tariff, book.reference.exchange
    packs = [one.pack for one in book.packs.values()]
    own: dict[str, list[TariffLine]] = {customs: [] for customs, _ in sorted(book.territories.pairs())}
    for line in tariff.lines:
        if line.territory_code in own:
            own[line.territory_code].append(line)
    reference = Reference(
        Tariff([*tariff.lines, *assumed_tariffs(own, on)]),
        Exchange([*assumed_exchange(packs), *exchange.rates()]),
    )
    return replace(law, book=book.with_reference(reference), basis_ids={}, basis_hashes={})
