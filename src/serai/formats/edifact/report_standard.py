"""A message type about carriage as a `Standard`: all of them are read, checked and answered alike."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Protocol

from serai.formats.convertible import Circumstances, Convertible, Part
from serai.formats.decoded import limit_findings
from serai.formats.edifact.convert import TRANSPORT_DOCUMENT, parts_of
from serai.formats.edifact.report import Reports
from serai.formats.standard import Check, Described, Exchange, Marks, Standard
from serai.model.documents import TransportDocument
from serai.model.findings import Finding

MEDIA_TYPES = ("application/edifact", "text/plain")
_KINDS = (TRANSPORT_DOCUMENT,)


class Decode(Protocol):
    """Reads an interchange. zone: the clock of its times, which name none; never raises."""

    def __call__(self, content: bytes, *, zone: dt.tzinfo = dt.UTC) -> Reports:
        """Return its messages, or what keeps it out."""
        ...


def report_standard(
    *,
    name: str,
    title: str,
    interchanges: tuple[str, ...],
    decode: Decode,
    described: Described,
    write: Callable[[Sequence[TransportDocument], Circumstances], bytes] | None = None,
    documents_max: int = 1,
) -> Standard:
    """Return the standard of a message type. interchanges: names of the type on the wire. write: None where
    nobody writes it here; documents_max: of one interchange."""

    def find(content: bytes) -> list[Finding]:
        return limit_findings(decode(content).all_findings())

    def read(content: bytes, told: Circumstances) -> list[Part]:
        return parts_of(decode(content, zone=told.zone))

    writes, needs = (_KINDS, ("UNB",)) if write is not None else ((), ())
    return Standard(
        name=name,
        title=title,
        media_types=MEDIA_TYPES,
        suffix=".edi",
        kinds=_KINDS,
        marks=Marks(interchanges=interchanges),
        check=Check(find),
        conversions={name: Convertible(".edi", _KINDS, writes, read, write, documents_max, needs)},
        exchange=Exchange("edifact", decode),
        described=described,
        samples=(f"examples/standards/{name}*",),
    )
