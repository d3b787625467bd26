"""What a queue is asked for: filters and a place in it, as they stand in the address."""

import datetime as dt
from typing import Final
from urllib.parse import urlencode

import msgspec

from serai.foundation.http.problems import InputFault, InputFaultyError
from serai.foundation.id_text import parse_id
from serai.journey.decision.rules import PERSON_LANES, SHOWN_LANES
from serai.journey.tasks.rules import KINDS_WITHOUT_LANE, queue_of
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

OWNERS: Final = ("free", "mine", "nobody", "all")
"""Whose tasks: mine and nobody's, which is where work is found; mine; nobody's; everybody's."""
LANES: Final = tuple(SHOWN_LANES[place] for place in reversed(PERSON_LANES))
WHY: Final = (*LANES, *KINDS_WITHOUT_LANE)
"""Why a person is asked: the lanes that need one, strictest first, and what is in no lane."""
_COUNTRY_LENGTH, _RULE_LENGTH_MAX, _CURSOR_LENGTH_MAX = 2, 80, 60
_NEVER: Final = "never"
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Asked(msgspec.Struct, frozen=True):
    """Filters, "" where nothing is asked. why: of WHY; rule: a rule's id; filer, flight: ids of party and
    movement; market: country of the consignee; owner: of OWNERS, or an account's id;
    after: a cursor of `write_place`."""

    why: str = ""
    rule: str = ""
    filer: str = ""
    flight: str = ""
    market: str = ""
    owner: str = ""
    after: str = ""

    def query(self, **changes: str) -> str:
        """Return the query part of the address of a changed queue, from its beginning."""
        asked = {**msgspec.structs.asdict(self), "after": "", **changes}
        return urlencode({name: value for name, value in asked.items() if value})

    @property
    def is_filtered(self) -> bool:
        """Say whether anything but the place is asked for."""
        return bool(self.query())


class Place(msgspec.Struct, frozen=True):
    """Behind which task a page begins. lands_at: None: it is not known when that one lands."""

    lands_at: dt.datetime | None
    task_id: int


class Wanted(msgspec.Struct, frozen=True):
    """Filters as the store takes them; None: any. owner_id: of whom; takes_free: nobody's, too."""

    queue: int | None
    rule: str | None
    party_id: int | None
    movement_id: int | None
    market: str | None
    owner_id: int | None
    takes_free: bool
    after: Place | None


def read_asked(asked: Asked, account_id: int | None) -> Wanted:
    """Read filters. account_id: who asks; None: no person. Raises InputFaultyError with all that is wrong."""
    faults: list[InputFault] = []

    def check(name: str, *, holds: bool, remedy: str) -> None:
        if not holds:
            faults.append(
                InputFault(
                    f"query:{name}", "not-in-list", MessageText("There is no such {name}.", name=name), remedy
                )
            )

    check(
        "why",
        holds=asked.why in ("", *WHY),
        remedy=MessageText("Choose one of: {listed}.", listed=", ".join(WHY)),
    )
    of_one = None if asked.owner in ("", *OWNERS) else _id(asked.owner)
    check(
        "owner",
        holds=of_one != -1,
        remedy=MessageText("Choose one of: {listed}.", listed=", ".join(OWNERS)),
    )
    check("rule", holds=len(asked.rule) <= _RULE_LENGTH_MAX, remedy="Choose a rule of the list.")
    market = asked.market.upper()
    is_country = not market or (len(market) == _COUNTRY_LENGTH and market.isascii() and market.isalpha())
    check("market", holds=is_country, remedy="Write the two letters of the country.")
    party_id, movement_id = _id(asked.filer), _id(asked.flight)
    check("filer", holds=party_id != -1, remedy="Choose a filer of the list.")
    check("flight", holds=movement_id != -1, remedy="Choose a flight of the list.")
    after = read_place(asked.after)
    check("after", holds=after is not None or not asked.after, remedy="Start again at /queue.")
    if faults:
        raise InputFaultyError(
            tuple(faults), "The queue cannot be shown with these filters.", "Start again at /queue."
        )
    return Wanted(
        queue=_queue(asked.why) if asked.why else None,
        rule=asked.rule or None,
        party_id=party_id,
        movement_id=movement_id,
        market=market or None,
        owner_id=account_id if asked.owner in ("", "free", "mine") else of_one,
        takes_free=asked.owner in ("", "free", "nobody"),
        after=after,
    )


def is_of_anybody(wanted: Wanted) -> bool:
    """Say whether tasks are listed whoever owns them."""
    return wanted.owner_id is None and not wanted.takes_free


def write_place(place: Place) -> str:
    """Return a place as an address carries it: microseconds since 1970, and the task."""
    when = (
        _NEVER if place.lands_at is None else str((place.lands_at - _EPOCH) // dt.timedelta(microseconds=1))
    )
    return f"{when}.{place.task_id}"


def read_place(text: str) -> Place | None:
    """Read what `write_place` wrote; None for any other text."""
    when, _, task = text.partition(".")
    if len(text) > _CURSOR_LENGTH_MAX or not (task.isascii() and task.isdigit()) or int(task) >= 2**63:
        return None
    if when == _NEVER:
        return Place(None, int(task))
    try:
        return Place(_EPOCH + dt.timedelta(microseconds=int(when)), int(task))
    except (ValueError, OverflowError):
        return None


def _queue(why: str) -> int:
    return SHOWN_LANES.index(why) if why in LANES else queue_of(why)


def _id(text: str) -> int | None:
    """Return the id; None for no text; -1 for what is none."""
    if not text:
        return None
    try:
        return parse_id(text)
    except SeraiError:
        return -1
