"""Customs offices: to whom one turns with an appeal, by where the goods go and by channel."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from serai.model.errors import SeraiError

_Line = Annotated[str, Meta(min_length=1, max_length=300)]


class OfficeOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """An office, as whoever appeals needs it. contact: telephone, mail or page of it."""

    name: str
    address: str = ""
    hours: str = ""
    contact: str = ""


class Office(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of the file of offices. country_codes: of the consignee; channel_codes: of logistics; none of
    them: any."""

    name: _Line
    address: _Line
    hours: _Line
    contact: _Line
    country_codes: list[str] = []
    channel_codes: list[str] = []


@dataclass(frozen=True, slots=True)
class Offices:
    """All offices of an administration. fallback: where the file names none."""

    known: Sequence[Office]
    fallback: OfficeOut

    def responsible_for(self, country_code: str, channel_code: str) -> OfficeOut:
        """Return the first office for a country of the consignee and a channel."""
        for one in self.known:
            is_place = not one.country_codes or country_code in one.country_codes
            if is_place and (not one.channel_codes or channel_code in one.channel_codes):
                return OfficeOut(one.name, one.address, one.hours, one.contact)
        return self.fallback


def read_offices(file: str, administration_name: str) -> Offices:
    """Read the file of offices that the settings name; "": there is none, and the administration stands for
    its office. Raises SeraiError `offices-unreadable`."""
    fallback = OfficeOut(administration_name)
    if not file:
        return Offices((), fallback)
    try:
        known = msgspec.yaml.decode(Path(file).read_bytes(), type=list[Office])
    except (OSError, msgspec.DecodeError) as fault:
        raise SeraiError(
            "offices-unreadable",
            f"{file} cannot be read as a list of customs offices: {fault}.",
            "Correct the file; each office has name, address, hours and contact.",
        ) from fault
    return Offices(known, fallback)
