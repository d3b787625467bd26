"""Transport documents as an interchange of cargo reports of its own."""

import hashlib
from collections.abc import Sequence

from serai.formats.convertible import Circumstances
from serai.formats.cuscar.write import encode_documents
from serai.formats.edifact.write import segment
from serai.formats.json_lines import canonical
from serai.model.documents import TransportDocument

_NOT_STATED = "NOT-STATED"
_REFERENCE_CHARACTERS = 14


def write_cuscar(documents: Sequence[TransportDocument], told: Circumstances) -> bytes:
    """Write an original report. No document says who sends it; its number follows from its content."""
    number = hashlib.sha256(b"".join(canonical(one) for one in documents)).hexdigest().upper()
    prepared = told.at.astimezone(told.zone)
    header = segment(
        "UNB",
        ["UNOY", "4"],
        _NOT_STATED,
        _NOT_STATED,
        [prepared.strftime("%Y%m%d"), prepared.strftime("%H%M")],
        number[:_REFERENCE_CHARACTERS],
    )
    return encode_documents(documents, header, zone=told.zone)
