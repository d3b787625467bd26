"""Which standards `serai check --format` knows, and the function that finds all faults of one message."""

from collections.abc import Callable
from typing import Literal

import msgspec

from serai.formats.cardit.check import check_message as check_cardit
from serai.formats.cds.check import check_message as check_cds
from serai.formats.ceb.check import check_message as check_ceb
from serai.formats.cuscar.check import check_message as check_cuscar
from serai.formats.epcis.check import check_message as check_epcis
from serai.formats.h7.check import check_message as check_h7
from serai.formats.h7.profile import EDITIONS as H7_EDITIONS
from serai.formats.ics import check as ics
from serai.formats.ics import sentences as ics_sentences
from serai.formats.ics.rules import EDITIONS as ICS_EDITIONS
from serai.formats.spoken import Spoken
from serai.formats.upu.check import check_cusitm, check_cusrsp, check_itmatt
from serai.model.findings import Finding

StandardName = Literal["cds", "ceb", "epcis", "h7", "ics", "itmatt", "cusitm", "cusrsp", "cuscar", "cardit"]


class Checker(msgspec.Struct, frozen=True):
    """How messages of a standard are checked.

    check_message: bytes of one message to all findings on it; never raises. editions: where the standard has
    several that a message does not name, check_message takes `edition=`. say: what is said of the
    standard's own codes; None from it, or none here: the sentence stands with those of our codes.
    """

    check_message: Callable[..., list[Finding]]
    editions: tuple[str, ...] = ()
    say: Callable[[Finding], Spoken | None] | None = None


CHECKERS: dict[StandardName, Checker] = {
    "cds": Checker(check_cds),
    "ceb": Checker(check_ceb),
    "epcis": Checker(check_epcis),
    "h7": Checker(check_h7, H7_EDITIONS),
    "ics": Checker(ics.check_message, ICS_EDITIONS, ics_sentences.say),
    "itmatt": Checker(check_itmatt),
    "cusitm": Checker(check_cusitm),
    "cusrsp": Checker(check_cusrsp),
    "cuscar": Checker(check_cuscar),
    "cardit": Checker(check_cardit),
}
