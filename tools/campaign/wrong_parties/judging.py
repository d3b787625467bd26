"""What an answer may not say: a word of the honest, or that what is not yours is there."""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple
from urllib.parse import quote

from tools.campaign.wrong_parties.asking import Ask
from tools.campaign.wrong_parties.honest import ID, MARK, Known


class Answer(NamedTuple):
    """What came back. headers: by name in small letters."""

    status: int
    headers: Mapping[str, str]
    content: bytes


_OF_THE_MOMENT: Final = frozenset({"date", "x-request-id", "set-cookie", "server-timing"})
"""Headers that differ between any two answers."""
_MARKED: Final = re.compile(rf"\b(?:{MARK}-[\w-]+|Qzv(?:way|cloth|pune|paint)?\b(?!-)|qzv-[a-z]+)")
_SAMPLE_WORDS: Final = re.compile(r"Invented (?:Person|Seller)|Example (?:Street|Road) \d|Backpack, textile")
_REGISTRATION: Final = re.compile(r"\b[0-9]{2}[A-Z]{2}[0-9A-Z]{14}\b")
_OF_THE_REQUEST: Final = (
    (re.compile(r'"request_id":"[^"]*"'), '"request_id":""'),
    (re.compile(r'"creationDate":"[^"]*"'), '"creationDate":""'),
    # Masked anew on each page.
    (re.compile(r'name="form_token" value="[^"]*"'), "TOKEN"),
    (re.compile(r"(?<![0-9a-z])[0-9a-f]{14,20}(?![0-9a-z])"), "NUMBER"),
)
_MADE: Final = (
    # Where a leaf stands in its batch is a matter of who else writes at the same moment.
    (re.compile(r'"promise":\{[^}]*\}|"salt":"[^"]*"'), '"RECEIPT"'),
    *_OF_THE_REQUEST,
    (ID, "ID"),
    (_REGISTRATION, "MRN"),
    (re.compile(r"20\d\d-\d\d-\d\dT[0-9:.]*(?:Z|\+00:00)"), "INSTANT"),
    (re.compile(r"[A-Za-z0-9+/_=.-]{40,}"), "SIGNED"),
)
"""What is new with everything that is made."""


def find_words(answer: Answer, known: Known, asked: tuple[str, ...], *, is_public: bool) -> Iterator[str]:
    """Yield what an answer says that only the honest may know; what was asked with is not told by it."""
    text = _without(answer.content.decode("utf-8", "replace"), asked)
    text += " ".join(_without(f"{name}: {value}", asked) for name, value in answer.headers.items())
    yield from _MARKED.findall(text)
    if not is_public:
        yield from _SAMPLE_WORDS.findall(text)
    yield from (one for one in ID.findall(text) if one in known.ids)
    yield from (one for one in _REGISTRATION.findall(text) if one in known.registrations)


def difference(known: Answer, absent: Answer, asked: tuple[Ask, Ask], *, is_written: bool) -> str:
    """Say in which way the answers of a pair differ; empty where they do not."""
    if known.status != absent.status:
        return f"status {known.status} and {absent.status}"
    first, second = (
        {
            name: _without(value, ask.names)
            for name, value in one.headers.items()
            if name not in _OF_THE_MOMENT
            and not (is_written and name in ("content-length", "location", "etag"))
            # A packed page's length is blurred on purpose.
            and not (name == "content-length" and "content-encoding" in one.headers)
        }
        for one, ask in zip((known, absent), asked, strict=True)
    )
    if first != second:
        names = sorted(name for name in first | second if first.get(name) != second.get(name))
        return f"headers {', '.join(names)}: {[(first.get(one), second.get(one)) for one in names]}"
    bodies = [
        _plain(one, ask, is_written=is_written) for one, ask in zip((known, absent), asked, strict=True)
    ]
    if bodies[0] != bodies[1]:
        at = next(
            (place for place, (one, other) in enumerate(zip(*bodies, strict=False)) if one != other),
            min(map(len, bodies)),
        )
        begin = max(0, at - 60)
        first_words, second_words = (one[begin : at + 80] for one in bodies)
        return f"status {known.status}, bodies: {first_words!r} and {second_words!r}"
    return ""


def _plain(answer: Answer, ask: Ask, *, is_written: bool) -> str:
    text = _without(answer.content.decode("utf-8", "replace"), ask.names)
    for pattern, word in _MADE if is_written else _OF_THE_REQUEST:
        text = pattern.sub(word, text)
    return text


def _without(text: str, asked: tuple[str, ...]) -> str:
    """Leave out what was asked with, as it was written and as addresses and pages write it."""
    for one in sorted(asked, key=len, reverse=True):
        for form in {one, quote(one, safe=""), quote(one), html.escape(one), one.upper(), one.lower()}:
            text = text.replace(form, "ASKED")
    return text
