"""An entry of a list of denied parties, whichever publisher's form it came in."""

from hashlib import blake2b
from typing import Final, Literal

import msgspec

from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

EntryKind = Literal["person", "organisation", "vessel", "aircraft"]
_HASH_SIZE_BYTES: Final = 16
FETCH_AGAIN: Final = "Fetch the list again from its publisher."


class ListFileError(SeraiError):
    """A file is not the list it should be."""


class ListEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Who or what stands on a list. names: the listed one first, then those it is also known by.

    weak_names: which the publisher itself calls of low quality, often a first name alone: they confirm who
    was found, they find nobody. birth_years: first and last year of each birth date, which may be a span.
    country_codes: of nationality, residence or flag, ISO 3166. identity_numbers: of passports and registers,
    letters and digits alone. programmes: of sanctions, as the publisher calls them. published_on: ISO 8601,
    of the list; empty: the list does not say.
    """

    list_code: str
    entry_id: str
    kind_code: EntryKind
    names: tuple[str, ...]
    weak_names: tuple[str, ...] = ()
    birth_years: tuple[tuple[int, int], ...] = ()
    country_codes: tuple[str, ...] = ()
    identity_numbers: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    published_on: str = ""


def entry_hash_of(entry: ListEntry) -> bytes:
    """Return the hash of all that an entry says of whom it lists. On which day the list was published, and in
    which order it says things, are not of the entry: it is the same in the next version of its list."""
    said = {name: value for name, value in msgspec.structs.asdict(entry).items() if name != "published_on"}
    ordered = {name: sorted(value) if isinstance(value, tuple) else value for name, value in said.items()}
    return blake2b(msgspec.msgpack.encode(ordered), digest_size=_HASH_SIZE_BYTES).digest()


def unfit(what: str) -> ListFileError:
    """Return the error of a file that is not the list it should be. what: is wrong with it."""
    return ListFileError("list-file", MessageText("The list cannot be read: {what}.", what=what), FETCH_AGAIN)
