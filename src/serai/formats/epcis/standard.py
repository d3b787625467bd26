"""EPCIS as a `Standard`: one, in two syntaxes."""

from serai.formats.convertible import Convertible
from serai.formats.epcis.check import check_message
from serai.formats.epcis.convert import EVENTS, read_epcis, write_epcis_json, write_epcis_xml
from serai.formats.epcis.tables import EVENT_CLASSES
from serai.formats.standard import XML, Check, Described, Marks, Standard

_KINDS = (EVENTS,)

STANDARD = Standard(
    name="epcis",
    title="EPCIS: visibility events of GS1",
    media_types=("application/ld+json", "application/json", *XML),
    suffix=".jsonld",
    marks=Marks(
        roots="|".join(("EPCISDocument", "EPCISQueryDocument", *EVENT_CLASSES)),
        text=rb'"epcisBody"|"@context".{1,500}?/standards/epcis/',
    ),
    check=Check(check_message),
    conversions={
        "epcis-json": Convertible(".jsonld", _KINDS, _KINDS, read_epcis, write_epcis_json),
        "epcis-xml": Convertible(".xml", _KINDS, _KINDS, read_epcis, write_epcis_xml),
    },
    described=Described(
        page="epcis.md",
        carries="visibility events, queries and their results",
        how="../../how-to/send-visibility-events.md",
        elsewhere="capture and query of EPCIS 2.0 below `/v1/epcis`",
        shares=(("{} valid samples come back the same", "epcis.md", r"valid, (\d+) give the same events"),),
        unsure="half of the hashes, where a public program departs from the standard's text",
    ),
    samples=("examples/standards/epcis-*",),
)
