"""Which limits of matching hold: of the first pack that speaks of the channel and day."""

from collections.abc import Iterable

from serai.law.pack import Matching, Pack
from serai.law.tariff import day_number


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
