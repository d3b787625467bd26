"""A document as PDF, by Typst: text of parties goes in as data and is never read as its markup."""

import asyncio
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec
from litestar import Response

from serai.model.errors import SeraiError
from serai.model.languages import DEFAULT_LANGUAGE
from serai.portal.statement.document import Document

PDF: Final = "application/pdf"
_WRITTEN_IN: Final = frozenset({"en", "fr", "es", "pt", "ru", "sw"})
"""Languages whose letters are in the fonts that come with Typst; others depend on what the machine has."""


def language_of_document(language: str) -> str:
    """Return in which language a document is written for who reads a language."""
    return language if language in _WRITTEN_IN else DEFAULT_LANGUAGE


async def make_pdf(document: Document) -> bytes:
    """Set a document. Raises SeraiError `pdf-not-installed`."""
    return await asyncio.to_thread(_compile, document)


def answer_pdf(name: str, content: bytes) -> Response[bytes]:
    """Answer with a document of a name; no proxy and no browser keeps it."""
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(content, media_type=PDF, headers=headers)


def _compile(document: Document) -> bytes:
    try:
        import typst  # noqa: PLC0415 - an extra, which a node without documents does not have
    except ModuleNotFoundError as fault:
        raise SeraiError(
            "pdf-not-installed",
            "This node makes no PDF.",
            "Take the statement as CSV or JSON; whoever runs the node can install serai[pdf].",
        ) from fault
    said = msgspec.json.encode(document).decode()
    content: Any = typst.compile(_source(), sys_inputs={"document": said})
    assert isinstance(content, bytes), "one document is asked for"
    return content


@cache
def _source() -> bytes:
    return (files("serai.portal.statement") / "document.typ").read_bytes()
