"""CEB as a `Standard`."""

from serai.formats.ceb.check import check_message
from serai.formats.ceb.convert import read_ceb, write_ceb, write_ceb_export
from serai.formats.ceb.read import decode_ceb
from serai.formats.convertible import Convertible
from serai.formats.standard import XML, Check, Described, Exchange, Marks, Standard

_KINDS = ("order", "payment", "transport-document", "declaration")
_EXPORT_KINDS = ("order", "payment", "transport-document")
_DOCUMENTS_MAX = 100
_WRITER_NEEDS = ("BaseTransfer", "Signature")

STANDARD = Standard(
    name="ceb",
    title="CEB: cross-border e-commerce of China",
    media_types=XML,
    suffix=".xml",
    kinds=_KINDS,
    marks=Marks(roots="CEB.*"),
    check=Check(check_message),
    conversions={
        "ceb": Convertible(".xml", _KINDS, _KINDS, read_ceb, write_ceb, _DOCUMENTS_MAX, _WRITER_NEEDS),
        "ceb-export": Convertible(
            ".xml", _KINDS, _EXPORT_KINDS, read_ceb, write_ceb_export, _DOCUMENTS_MAX, _WRITER_NEEDS
        ),
    },
    exchange=Exchange("ceb", decode_ceb),
    described=Described(
        page="ceb.md",
        carries="order, payment, waybill, inventory, withdrawal, return, their answers; others are checked",
        how="../../how-to/exchange-ceb-messages.md",
        shares=(("{} of documents and requests", "ceb.md", r"Mapped: \*\*([\d.]+ %)\*\*"),),
        unsure="signatures; codes that stand for international ones; which status is given when",
    ),
    samples=("examples/standards/ceb-*.xml", "conformance/ceb/messages/*.xml"),
)
