"""Bank messages of ISO 20022 as a `Standard`."""

from serai.formats.iso20022.read import check_message
from serai.formats.standard import XML, Check, Described, Marks, Standard

STANDARD = Standard(
    name="iso20022",
    title="ISO 20022: bank statements, credit transfers and their status",
    media_types=XML,
    suffix=".xml",
    marks=Marks(
        roots="Document",
        only_with=rb"urn:iso:std:iso:20022:tech:xsd:(?:camt\.05[34]|pain\.00[12])\.",
    ),
    check=Check(check_message),
    described=Described(
        page="iso20022.md",
        carries="camt.053 and camt.054 (versions 02 to 08), pain.001 (03, 09), pain.002 (03, 10)",
        unsure="elements that a bank adds of its own, and codes of its own for what happened: kept as sent",
    ),
    samples=("examples/standards/iso20022-*.xml",),
)
