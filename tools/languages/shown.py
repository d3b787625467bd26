"""What a reader of a page sees: its texts, and in them the words that are not of its language."""

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Final

_NO_END: Final = frozenset(
    {"area", "base", "br", "circle", "col", "hr", "img", "input", "line", "link", "meta", "path", "rect"}
    | {"source", "track", "use", "wbr"}
)
_UNSEEN: Final = frozenset({"script", "style", "template", "head"})
_CODE: Final = frozenset({"code", "pre", "kbd", "samp"})
_INLINE: Final = frozenset({"a", "b", "bdi", "em", "i", "span", "strong", "sub", "sup", "time", "abbr"})
_LAW: Final = frozenset({"law", "step", "tree"})
"""Classes of what explains a decision in the words of the law: names of the pack, references, sources."""
_TOLD: Final = ("alt", "aria-label", "placeholder", "title")
_WORD: Final = re.compile(r"[A-Za-z']*[a-z]{3,}")
_NO_WORD: Final = re.compile(
    # Addresses, paths, mail addresses, codes with digits or signs in them, and zones in brackets.
    r"https?://\S+|\S+@\S+|\S{40,}|/[\w/{}.?=&-]+|\b[\w-]*\d[\w-]*\b|\b[A-Z][A-Z0-9-]+\b|\([A-Z][a-z]+\)"
)
MACHINE_WORDS: Final = re.compile(
    r"\b(?:SELECT|NULL|TRUE|FALSE|IS NOT|ILIKE|ppm|NaN|undefined)\b|\b\d+\.0{4,}\b"
    r"|\b[A-Za-z]+(?:_[A-Za-z0-9]+)+\b"
)
"""Words of SQL and of the code: units of the code, numbers with zeros to the end, names of variables."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self._text = ""

    def close(self) -> None:
        super().close()
        self._end_text()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in _INLINE:
            self._end_text()
        is_hidden = (
            tag in _UNSEEN
            or tag in _CODE
            or (tag != "html" and given.get("lang") is not None)
            or bool(_LAW & {*(given.get("class") or "").split()})
        )
        if not self._is_hidden and not is_hidden:
            self.texts += [text for name in _TOLD if (text := given.get(name))]
        if tag in _CODE:
            self._text += " \N{OBJECT REPLACEMENT CHARACTER} "
        if tag not in _NO_END:
            self._open.append((tag, is_hidden))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _INLINE and tag not in _CODE:
            self._end_text()
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._is_hidden:
            self._text += data

    @property
    def _is_hidden(self) -> bool:
        return any(is_hidden for _, is_hidden in self._open)

    def _end_text(self) -> None:
        text = re.sub(r"\s+", " ", self._text).strip()
        if text:
            self.texts.append(text)
        self._text = ""


def texts_of(page: str) -> list[str]:
    """Return the texts that a page shows or has read out, without code, without what it says to be in
    another language, and without explanations down to the law."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.texts


def latin_words(texts: Iterable[str], known: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Give each word in Latin letters that is in none of the known texts, with the text that it stands in.

    known: what is data: names, goods, texts of law. Capitals alone are codes.
    """
    longest_first = sorted({one for one in known if _WORD.search(one)}, key=len, reverse=True)
    for text in dict.fromkeys(texts):
        bare = _NO_WORD.sub(" ", text)
        if not _WORD.search(bare):
            continue
        bare = text
        for one in longest_first:
            if one in bare:
                bare = bare.replace(one, " ")
        for word in _WORD.findall(_NO_WORD.sub(" ", bare)):
            yield word, text
