"""What a message standard is to all of Serai: one value says everything that anybody needs to know of it.

Routes, commands, the pages that check and take files, drop folders, the conformance kit and the documentation
ask `standards.py`, which lists the values; none of them names a standard itself.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from serai.formats.convertible import Convertible
from serai.formats.rendered import Rendered
from serai.model.findings import Finding

XML: Final = ("application/xml", "text/xml")
"""Media types of whatever is XML."""
HEAD_BYTES: Final = 1 << 16
"""So much of a message is looked at to tell what it is."""
_BLANKS: Final = b"\xef\xbb\xbf \t\r\n"
_NAME: Final = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,99}:)?([A-Za-z_][\w.-]{0,99})[\s/>]")
_INTERCHANGE: Final = re.compile(rb"UNH.[^:+']{0,40}.([A-Z]{6})\b")
_CLOSED_BY: Final = ((b"<?", b"?>"), (b"<!--", b"-->"), (b"<!", b">"))


class Head(msgspec.Struct, frozen=True):
    """The beginning of a message. root: local name of its root element; interchange: type of its first
    message of UN/EDIFACT; each empty where it is no such message."""

    content: bytes
    root: str = ""
    interchange: str = ""

    @property
    def is_xml(self) -> bool:
        """Say whether it begins as XML."""
        return self.content.startswith(b"<")

    @property
    def is_edifact(self) -> bool:
        """Say whether it begins as an interchange of UN/EDIFACT."""
        return self.content.startswith((b"UNA", b"UNB"))


class Marks(msgspec.Struct, frozen=True):
    """By what a message says of itself that it follows a standard; any one of these is enough.

    roots: pattern of the root element's local name. interchanges: message types of UN/EDIFACT. text: pattern
    of bytes in what is neither. only_with, never_with: a pattern of bytes that the head of the message must
    have, or must not, beside its root: where standards share one.
    """

    roots: str = ""
    interchanges: tuple[str, ...] = ()
    text: bytes = b""
    only_with: bytes = b""
    never_with: bytes = b""

    def fit(self, head: Head) -> bool:
        """Say whether a message has them."""
        if head.is_edifact:
            return head.interchange in self.interchanges
        if not head.is_xml:
            return bool(self.text) and re.search(self.text, head.content, re.DOTALL) is not None
        return (
            re.fullmatch(self.roots, head.root) is not None
            and (not self.only_with or re.search(self.only_with, head.content) is not None)
            and not (self.never_with and re.search(self.never_with, head.content))
        )


class Check(msgspec.Struct, frozen=True):
    """How messages are checked.

    find: bytes of one message to all findings on it; never raises. editions: where the standard has several
    that a message does not name, find takes `edition=`. render: what is said of the standard's own codes;
    None from it, or none here: the sentence stands with those of our codes.
    """

    find: Callable[..., list[Finding]]
    editions: tuple[str, ...] = ()
    render: Callable[[Finding], Rendered | None] | None = None


class Exchange(msgspec.Struct, frozen=True):
    """Who answers messages that are sent, and what they are read by.

    family: of the message exchanges (`journey/messaging/registry.py`); standards that are
    answered alike share one. decode: reads a message as that family wants it.
    """

    family: str
    decode: Callable[..., Any]


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """What the documentation says. page: below docs/reference/formats, which standards may share. carries:
    messages, as their users call them. how: page that tells how they are sent. elsewhere: where, if not by a
    message exchange. shares: words, the page that gives their figure, and its pattern there. unsure: what no
    real message or official text has confirmed.
    """

    page: str
    carries: str
    how: str = ""
    elsewhere: str = ""
    shares: tuple[tuple[str, str, str], ...] = ()
    unsure: str = ""


class Standard(msgspec.Struct, frozen=True, kw_only=True):
    """One message standard.

    name: on the command line, in addresses and as the name of a drop folder. title: for people who choose.
    media_types: in which it comes, without parameters; the first is what we send. suffix: of a file's name.
    kinds: of document of ours that it carries, as `decoded.KINDS` names them. marks: how a message is told.
    lacks: fields of a declaration that its messages have no element for, though others ask for them.
    check, exchange: None where messages are not checked, or not answered. conversions: by the names that
    `serai convert` knows; one with two syntaxes has two. samples: sound messages, as patterns of paths in
    the repository, each beginning with a name of its own.
    """

    name: str
    title: str
    media_types: tuple[str, ...]
    suffix: str
    kinds: tuple[str, ...] = ()
    marks: Marks = Marks()
    check: Check | None = None
    conversions: Mapping[str, Convertible] = {}
    exchange: Exchange | None = None
    lacks: tuple[str, ...] = ()
    described: Described
    samples: tuple[str, ...]


def read_head(content: bytes) -> Head:
    """Read what the beginning of a message says of the whole; its first HEAD_BYTES count."""
    begin = content[:HEAD_BYTES].lstrip(_BLANKS)
    if begin.startswith(b"<"):
        return Head(begin, root=_root_of(begin))
    found = _INTERCHANGE.search(begin) if begin.startswith((b"UNA", b"UNB")) else None
    return Head(begin, interchange=found[1].decode() if found else "")


def detect_standard(head: Head, among: Iterable[Standard]) -> Standard | None:
    """Return the first standard whose marks a message has; None: it has those of none."""
    return next((one for one in among if one.marks.fit(head)), None)


def _root_of(begin: bytes) -> str:
    """Return the local name of the first element, past declarations and comments; empty: there is none."""
    at = begin.find(b"<")
    while at >= 0:
        end = next((end for start, end in _CLOSED_BY if begin.startswith(start, at)), b"")
        if not end:
            found = _NAME.match(begin, at)
            return found[1].decode() if found else ""
        closed = begin.find(end, at)
        at = begin.find(b"<", closed) if closed >= 0 else -1
    return ""
