"""Parcels with one key into groups: to one person, within a window, above the limit together and below it
each. Pure."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

DAY_MS = 86_400_000
TOKEN_SIZE_BYTES = 4
PARCELS_COUNT_MAX = 500
"""Of one key: what comes after these is not compared, so that one address cannot hold up all others."""


class Candidate(NamedTuple):
    """A parcel that has its key (address, seller, heading, currency) in common with others.

    person: tokens of the consignee's name, keyed, TOKEN_SIZE_BYTES each; empty: nobody is named.
    value_minor: what the law holds against limit_minor. sent_at_ms: when it was declared, UTC.
    """

    key_hash: int
    consignment_id: int
    person: bytes
    value_minor: int
    limit_minor: int
    sent_at_ms: int


class FoundGroup(NamedTuple):
    """Parcels that may be one order, in order of time; never fewer than two."""

    parcels: tuple[Candidate, ...]

    @property
    def value_minor(self) -> int:
        """The value of all together."""
        return sum(one.value_minor for one in self.parcels)


def find_groups(candidates: Sequence[Candidate], *, window_days: int, parcels_min: int) -> list[FoundGroup]:
    """Return the groups among parcels, each parcel in one at most.

    candidates: each consignment once. A group: one key, one person whichever way the name is written, each
    parcel within window_days of another of a window whose parcels are together above the limit.
    """
    ordered = sorted(candidates, key=lambda one: (one.key_hash, one.limit_minor, one.sent_at_ms))
    found: list[FoundGroup] = []
    for parcels in _runs(ordered):
        if len(parcels) < parcels_min:
            continue
        for same in _by_person(parcels[:PARCELS_COUNT_MAX]):
            found += _above_limit(same, window_days * DAY_MS, parcels_min)
    return found


def _runs(ordered: Sequence[Candidate]) -> Iterator[list[Candidate]]:
    run: list[Candidate] = []
    for one in ordered:
        if run and (one.key_hash, one.limit_minor) != (run[0].key_hash, run[0].limit_minor):
            yield run
            run = []
        run.append(one)
    if run:
        yield run


def _by_person(parcels: Sequence[Candidate]) -> list[list[Candidate]]:
    """Part parcels by person; the order within stays. Equal names meet at once; each new way of writing is
    compared with those before."""
    people: list[list[Candidate]] = []
    written: list[tuple[frozenset[bytes], int]] = []
    known: dict[bytes, int] = {}
    for one in parcels:
        if not one.person:
            continue
        place = known.get(one.person)
        if place is None:
            tokens = _tokens(one.person)
            place = next((its for before, its in written if is_same_person(tokens, before)), len(people))
            if place == len(people):
                people.append([])
            known[one.person] = place
            written.append((tokens, place))
        people[place].append(one)
    return people


def _tokens(person: bytes) -> frozenset[bytes]:
    return frozenset(
        person[begin : begin + TOKEN_SIZE_BYTES] for begin in range(0, len(person), TOKEN_SIZE_BYTES)
    )


def is_same_person(one: frozenset[bytes], other: frozenset[bytes]) -> bool:
    """Say whether two ways of writing are one name: two tokens in common, or all of the shorter; as matching
    does (`SIMILAR`)."""
    shared = len(one & other)
    return shared >= 2 or 0 < shared == min(len(one), len(other))


def _above_limit(parcels: Sequence[Candidate], window_ms: int, parcels_min: int) -> list[FoundGroup]:
    """Return the parcels of each window that is above the limit; windows that share one are one group.
    parcels: in order of time."""
    groups: list[list[Candidate]] = []
    begin, value, covered = 0, 0, -1
    for end, one in enumerate(parcels):
        value += one.value_minor
        while one.sent_at_ms - parcels[begin].sent_at_ms > window_ms:
            value -= parcels[begin].value_minor
            begin += 1
        if value <= one.limit_minor or end - begin + 1 < parcels_min:
            continue
        if begin > covered:
            groups.append([])
        groups[-1] += parcels[max(begin, covered + 1) : end + 1]
        covered = end
    return [FoundGroup(tuple(one)) for one in groups]
