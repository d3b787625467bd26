"""The law of one place: what governs on a day, its limits, sources and doubts; what was and what comes."""

import datetime as dt

import msgspec

from serai.portal.law.pack_view import PackView, least_sure, next_change, view_packs
from serai.portal.law.places import Place, place_name
from serai.portal.law.timeline import Timeline, draw_timeline, versions_in_turn


class PartView(msgspec.Struct, frozen=True):
    """A special territory of a country, and whose customs law holds there."""

    name: str
    customs: str
    source: str


class ChangeView(msgspec.Struct, frozen=True):
    """A law that took, or takes, the place of another. on: its first day."""

    before: PackView
    after: PackView
    on: dt.date


class PlaceView(msgspec.Struct, frozen=True):
    """A place on a day. others: of other days, plans and drafts. union: whose law it is, if not its own."""

    code: str
    name: str
    on: dt.date
    is_today: bool
    in_force: list[PackView]
    others: list[PackView]
    changes: list[ChangeView]
    union: str
    union_code: str
    members: list[tuple[str, str]]
    parts: list[PartView]
    confidence: str
    language: str

    @property
    def bases(self) -> list[PackView]:
        """Laws that stand alone; several where channels have their own."""
        return [pack for pack in self.in_force if pack.is_base]

    @property
    def packs(self) -> list[PackView]:
        """All versions, the oldest first."""
        return sorted([*self.in_force, *self.others], key=lambda one: (one.valid_from, one.code))

    @property
    def next_change(self) -> tuple[dt.date, PackView] | None:
        """The first known day after this one on which a law begins or ends, and what begins (or ends)."""
        return next_change(self.packs, self.on)

    @property
    def timeline(self) -> Timeline:
        """All versions along time."""
        return draw_timeline(self.packs, self.on, self.language)


def view_place(
    place: Place, on: dt.date, today: dt.date, members: list[tuple[str, str]], language: str
) -> PlaceView:
    """Return a place on a day. members: of a union, code and name of its countries."""
    packs = view_packs(place.packs, on, language, place.code)
    in_force = [pack for pack in packs if pack.state == "in force"]
    changes = [ChangeView(before, after, after.valid_from) for before, after in versions_in_turn(packs)]
    return PlaceView(
        place.code,
        place.name,
        on,
        on == today,
        in_force,
        [pack for pack in packs if pack.state != "in force"],
        changes,
        place_name(place.union, language) if place.union else "",
        place.union or "",
        members,
        [
            PartView(one.name, place_name(one.customs_territory_code, language), one.source)
            for one in place.parts
        ],
        least_sure(in_force),
        language,
    )
