"""One leg of carriage (TDT and what stands below it) as fields of a transport document."""

from collections.abc import Sequence
from typing import NamedTuple

from serai.formats.edifact.reading import Reading
from serai.formats.edifact.structure import Node
from serai.formats.placed import PlacedGroup, PlacedText

_AIR = "4"


class Leg(NamedTuple):
    """What stands once for all that is carried. carrier: fields of `TransportDetail`."""

    fields: dict[str, PlacedText]
    carrier: PlacedGroup | None
    is_by_air: bool


def read_leg(node: Node, reading: Reading, places: Sequence[Node] = ()) -> Leg:
    """Read a leg. places: LOC segments beside it, which count where it states none."""
    reading.text(node, 2)
    fields = {**reading.times(node.deep("DTM")), **reading.places([*node.all("LOC"), *places])}
    mode = reading.text(node, 4)
    if mode is not None:
        fields["transport_mode_code"] = mode
    conveyance = reading.text(node, 3) or reading.text(node, 9) or reading.text(node, 9, 4)
    day = reading.day(fields.get("scheduled_arrival_at") or fields.get("scheduled_departure_at"))
    if conveyance is not None:
        # A flight number comes back every day.
        words = "-".join([*conveyance.split(), *([day] if day else [])])
        fields["conveyance_reference"] = PlacedText(words, conveyance.place)
    carrier = PlacedGroup(
        node.place, {}, {"carrier_id": reading.text(node, 6), "carrier_name": reading.text(node, 6, 4)}
    )
    return Leg(fields, carrier or None, is_by_air=mode == _AIR)
