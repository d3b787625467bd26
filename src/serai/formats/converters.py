"""Which forms and standards `serai convert` knows: one line each. The one place that lists them."""

from typing import Literal, get_args

from serai.formats import convert_own as own
from serai.formats.cardit.convert import read_cardit
from serai.formats.ceb.convert import read_ceb, write_ceb
from serai.formats.convertible import Convertible
from serai.formats.cuscar.convert import read_cuscar, write_cuscar
from serai.formats.decoded import KINDS
from serai.formats.epcis.convert import EVENTS, read_epcis, write_epcis_json, write_epcis_xml
from serai.formats.ics.convert import read_ics
from serai.formats.upu.convert import read_cusitm, read_itmatt, write_cusitm, write_itmatt

ConvertName = Literal[
    "json",
    "ndjson",
    "csv",
    "wco-dec",
    "ceb",
    "ics",
    "epcis-json",
    "epcis-xml",
    "itmatt",
    "cusitm",
    "cuscar",
    "cardit",
]
MANY = 1_000_000_000
"""Documents of a form that has no most."""
_ALL = tuple(KINDS)
_CEB = ("order", "payment", "transport-document", "consignment")
_CONSIGNMENT = ("consignment",)
_TRANSPORT = ("transport-document",)

CONVERTERS: dict[ConvertName, Convertible] = {
    "json": Convertible(".json", _ALL, _ALL, own.read_json, own.write_json),
    "ndjson": Convertible(".ndjson", _ALL, _ALL, own.read_ndjson, own.write_ndjson, MANY),
    "csv": Convertible(".csv", _CONSIGNMENT, _CONSIGNMENT, own.read_rows, own.write_rows, MANY),
    "wco-dec": Convertible(".xml", _CONSIGNMENT, _CONSIGNMENT, own.read_dec, own.write_dec),
    "ceb": Convertible(".xml", _CEB, _CEB, read_ceb, write_ceb, 100, ("BaseTransfer", "Signature")),
    "ics": Convertible(".xml", _TRANSPORT, (), read_ics),
    "epcis-json": Convertible(".jsonld", (EVENTS,), (EVENTS,), read_epcis, write_epcis_json),
    "epcis-xml": Convertible(".xml", (EVENTS,), (EVENTS,), read_epcis, write_epcis_xml),
    "itmatt": Convertible(".xml", _CONSIGNMENT, _CONSIGNMENT, read_itmatt, write_itmatt, 5_000, ("Header",)),
    "cusitm": Convertible(".xml", _CONSIGNMENT, _CONSIGNMENT, read_cusitm, write_cusitm, 5_000),
    "cuscar": Convertible(".edi", _TRANSPORT, _TRANSPORT, read_cuscar, write_cuscar, 9_999, ("UNB",)),
    "cardit": Convertible(".edi", _TRANSPORT, (), read_cardit),
}
assert set(CONVERTERS) == set(get_args(ConvertName)), "a name of convert has no line"
