"""A document as PDF, by Typst: text of parties goes in as data and is never read as its markup."""

import asyncio
from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

import msgspec
from litestar import Response

from serai.foundation.http.interface_words import translatable
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText
from serai.portal.statement.document import Document

PDF: Final = "application/pdf"


class _Letters(NamedTuple):
    """Letters that the fonts which come with Typst lack. name: in words. families: fonts that have them, the
    best first. package: of Debian, by which a machine gets one."""

    name: str
    families: tuple[str, ...]
    package: str


_LETTERS: Final[Mapping[str, _Letters]] = {
    "ar": _Letters(
        translatable("Arabic"),
        ("Noto Naskh Arabic", "Noto Sans Arabic", "Amiri", "DejaVu Sans"),
        "fonts-dejavu-core",
    ),
    "zh": _Letters(
        translatable("Chinese"),
        ("Noto Sans CJK SC", "Noto Serif CJK SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei"),
        "fonts-wqy-microhei",
    ),
}


async def make_pdf(document: Document) -> bytes:
    """Set a document. Raises SeraiError `pdf-not-installed`, `pdf-font-missing`."""
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
    fonts = fonts_of(document.language, frozenset(typst.Fonts().families()))
    said = {"document": document, "fonts": fonts}
    inputs = {name: msgspec.json.encode(value).decode() for name, value in said.items()}
    content: Any = typst.compile(_source(), sys_inputs=inputs)
    assert isinstance(content, bytes), "one document is asked for"
    return content


def fonts_of(language: str, families: Collection[str]) -> list[str]:
    """Return by which fonts a language is set, the first for its letters; none: by those that come with
    Typst. families: that the machine has. Raises SeraiError `pdf-font-missing`: rather none than boxes."""
    letters = _LETTERS.get(language)
    if letters is None:
        return []
    found = [one for one in letters.families if one in families]
    if not found:
        raise SeraiError(
            "pdf-font-missing",
            MessageText(
                "This node has no font with the letters of this language: {name}.", name=letters.name
            ),
            MessageText(
                "Take the statement as CSV or JSON, or in another language; whoever runs the node can install"
                " a font, such as the Debian package {package}.",
                package=letters.package,
            ),
        )
    return found


@cache
def _source() -> bytes:
    return (files("serai.portal.statement") / "document.typ").read_bytes()
