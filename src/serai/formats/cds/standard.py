"""WCO DEC and RES, as the customs declaration service of the United Kingdom has them, as a `Standard`."""

from serai.formats.cds.check import check_message
from serai.formats.standard import XML, Check, Described, Exchange, Marks, Standard
from serai.formats.wco_dec import decode_dec

STANDARD = Standard(
    name="cds",
    title="CDS: declarations and notifications of the United Kingdom",
    media_types=XML,
    suffix=".xml",
    kinds=("declaration",),
    marks=Marks(roots="Declaration|MetaData"),
    check=Check(check_message),
    exchange=Exchange("cds", decode_dec),
    described=Described(
        page="cds.md",
        carries="declarations, amendments, cancellations, presentations, notifications; movements checked",
        how="cds-message-exchange.md",
        shares=(
            ("{} of H7-type declarations", "cds.md", r"\| H7-type declarations \|.*\| ([\d.]+ %) \|"),
            ("{} of other imports", "cds.md", r"\| other imports \|.*\| ([\d.]+ %) \|"),
            ("{} of later acts", "cds.md", r"\| later acts \|.*\| ([\d.]+ %) \|"),
        ),
        unsure="the service's own business rules (CDS10001 ...) are not published and not checked",
    ),
    samples=("conformance/cds/messages/*.xml", "examples/messages/declaration-wco-dec.xml"),
)
