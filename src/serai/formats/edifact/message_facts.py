"""What a message type is: its name on the wire, its segment table, and what its codes stand for here."""

from functools import cache
from importlib.resources import files

import msgspec

from serai.formats.edifact.structure import Row


class MessageFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole file of a message type, `facts.yaml` in its package.

    kind: UNH 0065. releases: UNH 0052 and 0054 that have been looked at. functions: BGM 1225 to the act.
    references: RFF 1153 to what the number is. places: LOC 3227, times: DTM 2005, parties: NAD 3035, each to
    a field. begins: the segment with which what belongs to a document begins. mass_codes: MEA 6313 that say
    gross mass, in kilograms per mass_units: MEA 6411.
    """

    edition: str
    verified: str
    sources: list[str]
    kind: str
    releases: list[str]
    functions: dict[str, str]
    references: dict[str, str]
    places: dict[str, str]
    times: dict[str, str]
    parties: dict[str, str]
    begins: str
    mass_codes: list[str]
    mass_units: dict[str, str]
    structure: list[Row]


@cache
def message_facts(package: str) -> MessageFacts:
    """Return the facts of a message type. package: of `serai.formats`."""
    content = (files(f"serai.formats.{package}") / "facts.yaml").read_bytes()
    return msgspec.yaml.decode(content, type=MessageFacts)
