"""Values of a message as fields of our documents; what is taken is remembered, so the rest can be told."""

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal

from serai.formats.edifact.message_facts import MessageFacts
from serai.formats.edifact.numbers import decimal_of, is_number, time_of
from serai.formats.edifact.report import Unread
from serai.formats.edifact.segment import Segment
from serai.formats.edifact.structure import Node
from serai.formats.found import Found
from serai.formats.placed import PlacedGroup, PlacedText, number_at
from serai.model.findings import Finding

DESCRIPTION_CHARACTERS_MAX = 512
PACKAGE_MARKS_CHARACTERS_MAX = 512
LINES = "\n"
"""Between the lines of an address."""


class Reading:
    """Reads one message. zone: the clock of its times, which name no zone."""

    def __init__(self, facts: MessageFacts, zone: dt.tzinfo, found: Found) -> None:
        self._facts = facts
        self._zone = zone
        self._found = found
        self._taken: set[str] = set()

    def text(self, node: Node | None, element: int, component: int = 1) -> PlacedText | None:
        """Take a value."""
        found = node.text(element, component) if node is not None else None
        if found is not None:
            self._taken.add(found.place)
        return found

    def texts(self, node: Node, element: int) -> list[PlacedText]:
        """Take what an element holds."""
        found = node.segment.texts(element) if node.segment is not None else []
        self._taken.update(one.place for one in found)
        return found

    def unread(self, left_over: Sequence[Segment], top: Node) -> list[Unread]:
        """Return all values that were not taken, in the order of the tree, left over last."""
        segments = [*_segments(top), *left_over]
        return [
            Unread(place, value.strip())
            for segment in segments
            for element, components in enumerate(segment.elements, start=2)
            for component, value in enumerate(components, start=1)
            if value.strip() and (place := f"{segment.place}/{element}/{component}") not in self._taken
        ]

    # ---- fields ----

    def times(self, nodes: Sequence[Node]) -> dict[str, PlacedText]:
        """Read DTM segments: instants by field, the first of each."""
        fields: dict[str, PlacedText] = {}
        for node in nodes:
            field = self._facts.times.get(node.text(2) or "")
            if field is None or field in fields:
                continue
            instant = self._instant(node)
            if instant is not None:
                self.text(node, 2)
                fields[field] = instant
        return fields

    def _instant(self, node: Node) -> PlacedText | None:
        value, form = self.text(node, 2, 2), self.text(node, 2, 3)
        if value is None:
            return None
        local = time_of(value, form or "", self._zone)
        if local is None:
            parameters = {"form": (form or "nothing")[:10]}
            self._found.add(Finding("edifact-not-a-time", value.place, parameters=parameters))
            return None
        instant = local.astimezone(dt.UTC)
        return PlacedText(instant.strftime("%Y-%m-%dT%H:%M:%SZ"), value.place)

    def day(self, instant: PlacedText | None) -> str | None:
        """Return the day of an instant on the clock of the message."""
        if instant is None:
            return None
        return dt.datetime.fromisoformat(instant).astimezone(self._zone).date().isoformat()

    def places(self, nodes: Sequence[Node]) -> dict[str, PlacedText]:
        """Read LOC segments: codes of places by field, the first of each."""
        fields: dict[str, PlacedText] = {}
        for node in nodes:
            field = self._facts.places.get(node.text(2) or "")
            code = node.text(3) if field is not None else None
            if field is not None and code is not None and field not in fields:
                self.text(node, 2)
                self.text(node, 3)
                fields[field] = code
        return fields

    def people(self, nodes: Sequence[Node]) -> dict[str, PlacedGroup]:
        """Read NAD segments: people by field, the first of each.

        A person without a country stays out, and is told: no law can be asked about them.
        """
        fields: dict[str, PlacedGroup] = {}
        for node in nodes:
            field = self._facts.parties.get(node.text(2) or "")
            if field is None or field in fields:
                continue
            if node.text(10) is None:
                self._found.add(Finding("edifact-party-without-country", node.place, "advice"))
                continue
            self.text(node, 2)
            fields[field] = self._person(node)
        return fields

    def _person(self, node: Node) -> PlacedGroup:
        stated = self.texts(node, 5)
        lines = stated or self.texts(node, 4)
        # A name in an element of its own may run over several lines; else the address follows it.
        name = lines if stated else lines[:1]
        street = self.texts(node, 6) or ([] if stated else lines[1:])
        return PlacedGroup(
            node.place,
            {"name": "/5/1", "country_code": "/10/1"},
            {
                "name": _joined(name, " "),
                "street": _joined(street, LINES),
                "city": self.text(node, 7),
                "region_code": self.text(node, 8),
                "postcode": self.text(node, 9),
                "country_code": self.text(node, 10),
                "party_identifier": self.text(node, 3),
            },
        )

    def mass(self, nodes: Sequence[Node]) -> PlacedText | None:
        """Read the gross mass of MEA segments, in kilograms; None: none is stated."""
        for node in nodes:
            if (node.text(3) or "") not in self._facts.mass_codes:
                continue
            value, unit = self.text(node, 4, 2), self.text(node, 4)
            self.text(node, 2)
            self.text(node, 3)
            mass = self._kilograms(value, unit)
            if mass is not None:
                return mass
        return None

    def total(self, nodes: Sequence[Node], qualifier: str) -> PlacedText | None:
        """Read a total of CNT segments; a mass in kilograms where it names no unit."""
        for node in nodes:
            if node.text(2) == qualifier:
                self.text(node, 2)
                value, unit = self.text(node, 2, 2), self.text(node, 2, 3)
                return self._kilograms(value, unit or (PlacedText("KGM", node.place)))
        return None

    def _kilograms(self, value: PlacedText | None, unit: PlacedText | None) -> PlacedText | None:
        if value is None or not is_number(value):
            return None
        worth = self._facts.mass_units.get(unit or "")
        if worth is None:
            parameters = {"value": (unit or "")[:10], "known": ", ".join(self._facts.mass_units)}
            place = unit.place if unit is not None else value.place
            self._found.add(Finding("edifact-unit-unknown", place, "advice", parameters))
            return None
        plain = decimal_of(value)
        return plain if worth == "1" else PlacedText(f"{Decimal(plain) * Decimal(worth):f}", value.place)

    def packages(self, goods: Sequence[Node]) -> list[PlacedGroup]:
        """Read the packages of GID segments; one that says nothing of its packages has none."""
        return [group for node in goods if (group := self._package(node))]

    def _package(self, goods: Node) -> PlacedGroup:
        self.text(goods, 2)
        count = number_at(self.text(goods, 3))
        marks = [one for node in goods.all("PCI") for one in self.texts(node, 3)]
        joined = _joined(marks, " ")
        return PlacedGroup(
            goods.place,
            {"count": "/3/1"},
            {
                "type_code": self.text(goods, 3, 2),
                # Zero: the goods lie in packages of another item. Bulk has no number.
                "count": count if count else None,
                "marks": _cut(joined, PACKAGE_MARKS_CHARACTERS_MAX),
            },
        )

    def description(self, goods: Sequence[Node]) -> PlacedText | None:
        """Read what goods are called: the free text of each, as much of all as a document holds."""
        texts = []
        for node in goods:
            free = [one for text in node.all("FTX") if text.text(2) == "AAA" for one in self._free(text)]
            called = _joined(free, " ") or self.text(node, 3, 5)
            if called is not None:
                texts.append(called)
        return _cut(_joined(texts, "; "), DESCRIPTION_CHARACTERS_MAX)

    def _free(self, node: Node) -> list[PlacedText]:
        self.text(node, 2)
        return self.texts(node, 5)


def sum_of(masses: Sequence[PlacedText | None]) -> PlacedText | None:
    """Add masses up; None where one is not stated."""
    stated = [one for one in masses if one is not None]
    if not stated or len(stated) < len(masses):
        return None
    total = sum((Decimal(one) for one in stated), Decimal(0))
    return PlacedText(f"{total:f}", stated[0].place)


def _segments(node: Node) -> Iterator[Segment]:
    if node.segment is not None:
        yield node.segment
    for one in node.below:
        yield from _segments(one)


def _joined(parts: Sequence[PlacedText], between: str) -> PlacedText | None:
    return PlacedText(between.join(parts), parts[0].place) if parts else None


def _cut(text: PlacedText | None, characters_max: int) -> PlacedText | None:
    return None if text is None else PlacedText(text[:characters_max].rstrip(), text.place)
