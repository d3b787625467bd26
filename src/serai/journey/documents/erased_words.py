"""Words of a document that name somebody: they are erased with that person; a mark stands in their place.

Free text stays in messages, for the law asks what the goods are: what of it names the erased person goes, and
the rest stays.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

import msgspec

from serai.model.documents import Person
from serai.model.names.normalised import normalise_name

MARK: Final = "[erased]"
"""What stands where words were erased."""

_PERSON: Final = msgspec.json.Decoder(Person)
_LETTERS_MIN: Final = 3
_NUMBER_LETTERS_MIN: Final = 5
_WORD: Final = re.compile(r"\w+")
_SIGNS_BETWEEN: Final = r"[\s().\-/]{0,3}"
_CODES: Final = re.compile(
    r".*_(code|codes|id|ids|at|on|count|amount|document|documents|references?)|reference|ucr|mrn|quantity"
)
"""Names of fields that hold codes, numbers of documents and figures: nobody is named there."""


class Named(msgspec.Struct, frozen=True):
    """What names a person: words of the name, normalised; of these the common ones, which name goods as well;
    and whatever else is found as it is written: address, telephone, numbers."""

    words: frozenset[str]
    common: frozenset[str]
    written: re.Pattern[str] | None

    def __repr__(self) -> str:
        return "Named(...)"


def name_person(contents: Iterable[bytes], goods_words: AbstractSet[str]) -> Named:
    """Return what names a person. contents: their JSON in each document. goods_words: normalised."""
    people = [_PERSON.decode(content) for content in contents]
    names = {normalise_name(one.name) for one in people if one.name}
    words = frozenset(word for name in names for word in name.split() if len(word) >= _LETTERS_MIN)
    patterns = sorted(
        {pattern for one in people for pattern in _patterns_of(one)}, key=lambda one: (-len(one), one)
    )
    written = re.compile("|".join(patterns), re.IGNORECASE) if patterns else None
    return Named(words, words & goods_words, written)


def find_same_person(contents: Sequence[bytes], places: Iterable[int]) -> list[int]:
    """Return the places of all records that are of one person with those at some places, these among them: by
    a number, by telephone or mail, or by the whole name in whatever order, from one record to the next."""
    marks = [_marks_of(_PERSON.decode(one)) for one in contents]
    bearers: dict[tuple[str, str], list[int]] = {}
    for place, own in enumerate(marks):
        for mark in own:
            bearers.setdefault(mark, []).append(place)
    found = set(places)
    waiting = list(found)
    while waiting:
        near = {place for mark in marks[waiting.pop()] for place in bearers.pop(mark, ())} - found
        found |= near
        waiting += near
    return sorted(found)


def _marks_of(person: Person) -> set[tuple[str, str]]:
    numbers = (person.identity_number, person.tax_number, person.party_identifier)
    marks = {("number", one.casefold()) for one in numbers if one}
    marks |= {("reach", one.casefold()) for one in (person.email, person.phone) if one}
    if person.name and (words := normalise_name(person.name).split()):
        marks.add(("name", " ".join(sorted(words))))
    return marks


def _patterns_of(person: Person) -> Iterable[str]:
    for text in (person.name, person.street, person.email):
        if text and len(text) >= _NUMBER_LETTERS_MIN:
            yield r"\s+".join(map(re.escape, text.split()))
    numbers = (
        person.phone,
        person.identity_number,
        person.account_number,
        person.tax_number,
        person.party_identifier,
    )
    for number in numbers:
        signs = [sign for sign in number or "" if sign.isalnum()]
        if len(signs) >= _NUMBER_LETTERS_MIN:
            yield _SIGNS_BETWEEN.join(map(re.escape, signs))


def erase_words(message: bytes, named: Named) -> bytes | None:
    """Return a message without the words that name a person; None: it has none. message: JSON."""
    found = [False]

    def change(text: str) -> str:
        left = erase_from(text, named)
        found[0] |= left != text
        return left

    changed = _with_texts(msgspec.json.decode(message), change)
    return msgspec.json.encode(changed) if found[0] else None


def _with_texts(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_with_texts(one, change) for one in value]
    if isinstance(value, dict):
        return {key: one if _CODES.fullmatch(key) else _with_texts(one, change) for key, one in value.items()}
    return value


def erase_from(text: str, named: Named) -> str:
    """Return a text without the words that name a person."""
    if named.written is not None:
        text = named.written.sub(MARK, text)
    found = list(_WORD.finditer(text))
    words = [normalise_name(one.group()) for one in found]
    its = [word in named.words for word in words]
    left: list[str] = []
    end = 0
    for place, one in enumerate(found):
        near = its[max(0, place - 1) : place] + its[place + 1 : place + 2]
        if its[place] and (words[place] not in named.common or any(near)):
            left += [text[end : one.start()], MARK]
            end = one.end()
    return "".join((*left, text[end:]))


def is_same_message(held: bytes, sent: bytes) -> bool:
    """Say whether a message that comes is the one that is held, where the mark stands for any words."""
    if held == sent:
        return True
    if MARK.encode() not in held:
        return False
    return _fits(msgspec.json.decode(held), msgspec.json.decode(sent))


def _fits(held: Any, sent: Any) -> bool:
    if isinstance(held, str) and isinstance(sent, str):
        return _fits_words(held.split(MARK), sent)
    if isinstance(held, list) and isinstance(sent, list):
        return len(held) == len(sent) and all(map(_fits, held, sent))
    if isinstance(held, dict) and isinstance(sent, dict):
        return held.keys() == sent.keys() and all(_fits(held[key], sent[key]) for key in held)
    return bool(held == sent)


def _fits_words(parts: Sequence[str], sent: str) -> bool:
    """Say whether the parts between marks stand in a text in their order, the first and last at its ends."""
    first, *rest = parts
    if not rest:
        return first == sent
    if not sent.startswith(first):
        return False
    place = len(first)
    for part in rest[:-1]:
        found = sent.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return sent.endswith(rest[-1]) and len(sent) - len(rest[-1]) >= place
