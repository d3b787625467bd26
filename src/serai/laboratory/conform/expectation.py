"""Where an answer is not as expected. What is there beside what is expected does not matter.

A mapping in what is expected may be one of these words instead of fields:
    {$one_of: [...]}    one of these
    {$matches: text}    a text that this regular expression describes from beginning to end
    {$any: true}        anything but null
    {$absent: true}     nothing, or null
    {$contains: [...]}  a list that holds each of these, in any order
    {$lacks: [...]}     a list that holds none of these
    {$count: n}         a list or text of that length
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

_NOTHING = object()
_SHOWN_CHARACTERS = 200


def differences(place: str, expected: Any, found: Any) -> Iterator[str]:
    """Give each difference as a sentence that begins with its place."""
    if isinstance(expected, dict) and any(str(name).startswith("$") for name in expected):
        for word, wanted in expected.items():
            yield from _by_word(place, str(word), wanted, found)
    elif isinstance(expected, dict) and isinstance(found, dict):
        for name, wanted in expected.items():
            yield from differences(f"{place}/{name}", wanted, found.get(name, _NOTHING))
    elif isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            yield f"{place}: {len(expected)} entries expected, {len(found)} found"
        for number, (wanted, one) in enumerate(zip(expected, found, strict=False)):
            yield from differences(f"{place}/{number}", wanted, one)
    elif expected != found or isinstance(expected, bool) != isinstance(found, bool):
        yield f"{place}: {show(expected)} expected, {show(found)} found"


def show(value: Any) -> str:
    """Write a value short enough for a report."""
    if value is _NOTHING:
        return "nothing"
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."


def _by_word(place: str, word: str, wanted: Any, found: Any) -> Iterator[str]:
    if word in ("$contains", "$lacks"):
        yield from _entries(place, wanted, found, is_wanted=word == "$contains")
    elif word not in _HOLDS:
        yield f"{place}: the suite uses {word}, which nobody knows"
    else:
        holds, says = _HOLDS[word]
        if not holds(wanted, found):
            yield f"{place}: {says.format(show(wanted))} expected, {show(found)} found"


def _entries(place: str, wanted: list[Any], found: Any, *, is_wanted: bool) -> Iterator[str]:
    entries = found if isinstance(found, list) else []
    for one in wanted:
        if any(_is_like(one, entry) for entry in entries) != is_wanted:
            yield f"{place}: {show(one)} {'' if is_wanted else 'not '}expected in {show(found)}"


def _matches(wanted: str, found: Any) -> bool:
    return isinstance(found, str) and re.fullmatch(wanted, found, re.DOTALL) is not None


def _is_there(_: Any, found: Any) -> bool:
    return found is not _NOTHING and found is not None


def _has_count(wanted: int, found: Any) -> bool:
    return isinstance(found, list | str) and len(found) == wanted


_HOLDS: dict[str, tuple[Callable[[Any, Any], bool], str]] = {
    "$one_of": (lambda wanted, found: any(_is_like(one, found) for one in wanted), "one of {}"),
    "$matches": (_matches, "a text like {}"),
    "$any": (_is_there, "something"),
    "$absent": (lambda wanted, found: not _is_there(wanted, found), "nothing"),
    "$count": (_has_count, "{} entries"),
}


def _is_like(expected: Any, found: Any) -> bool:
    return next(differences("", expected, found), None) is None
