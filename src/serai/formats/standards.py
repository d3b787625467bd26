"""Which standards there are: one line each. Whatever depends on that derives from this list."""

from typing import Final

from serai.formats.cardit.standard import STANDARD as CARDIT
from serai.formats.cds.standard import STANDARD as CDS
from serai.formats.ceb.standard import STANDARD as CEB
from serai.formats.convertible import Convertible
from serai.formats.cuscar.standard import STANDARD as CUSCAR
from serai.formats.epcis.standard import STANDARD as EPCIS
from serai.formats.h7.standard import STANDARD as H7
from serai.formats.ics.standard import STANDARD as ICS
from serai.formats.iso20022.standard import STANDARD as ISO20022
from serai.formats.registry import FORMATS
from serai.formats.standard import Check, Standard
from serai.formats.upu.standard import CUSITM, CUSRSP, ITMATT

STANDARDS: Final[tuple[Standard, ...]] = (
    *FORMATS.values(),
    CDS,
    CEB,
    EPCIS,
    H7,
    ICS,
    ITMATT,
    CUSITM,
    CUSRSP,
    CUSCAR,
    CARDIT,
    ISO20022,
)
BY_NAME: Final[dict[str, Standard]] = {one.name: one for one in STANDARDS}
CHECKS: Final[dict[str, Check]] = {one.name: one.check for one in STANDARDS if one.check is not None}
"""By name. Our own forms are not among them: their documents are checked by law."""
CONVERSIONS: Final[dict[str, Convertible]] = {
    name: convertible for one in STANDARDS for name, convertible in one.conversions.items()
}
"""By the names that `serai convert` knows."""
