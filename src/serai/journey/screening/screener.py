"""Lists in memory, and who of many stands on them: the one place where a name is looked up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from serai.journey.screening.evidence import Asked, Trait, weigh
from serai.journey.screening.list_entry import ListEntry
from serai.model.names.similarity.comparison import compare, similarity_of
from serai.model.names.similarity.index import NameIndex, build_index
from serai.model.names.similarity.prepared import PreparedName, prepare_name

HIT_PPM_MIN: Final = 800_000
"""Score from which on a name is a hit, chosen by cross-validation on labelled pairs of names
(docs/reference/name-screening.md)."""
_NEAR: Final = 0.78
"""Similarity of names below which nothing else can make a hit, but an identity number."""
_NEAR_WITH_NUMBER: Final = 0.6
HITS_COUNT_MAX: Final = 25
CHUNK_COUNT: Final = 5_000
_KNOWN_COUNT_MAX: Final = 1 << 17
_HELD_COUNT_MAX: Final = 20_000


class EntryHit(NamedTuple):
    """Somebody asked for could be who an entry lists. place: of who was asked for. name: of the entry, the
    one that is likest. agrees, differs: the parts of the score."""

    place: int
    entry: ListEntry
    name: str
    score_ppm: int
    agrees: tuple[Trait, ...]
    differs: tuple[Trait, ...]


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Screener:
    """Entries and the index of their names. owners, texts, is_weak: by name of the index. is_near: of names
    that were looked up before, whether one is like them; hits: of those asked for before who are like one.
    Both in memory alone, and forgotten when they are many."""

    entries: tuple[ListEntry, ...]
    index: NameIndex
    owners: tuple[int, ...]
    texts: tuple[str, ...]
    is_weak: tuple[bool, ...]
    is_near: dict[str, bool]
    hits: dict[Asked, list[EntryHit]]

    def near_names(self, names: Iterable[str]) -> set[str]:
        """Return the names that are like one of an entry. The same sellers send again and again: a name is
        looked up once."""
        # Another thread may forget meanwhile: what is held is taken out first.
        held = {name: self.is_near.get(name) for name in names}
        new = [name for name, known in held.items() if known is None]
        near = {new[hit.place] for hit in self.find([Asked(name) for name in new])}
        if len(self.is_near) + len(new) > _KNOWN_COUNT_MAX:
            self.is_near.clear()
        self.is_near.update((name, name in near) for name in new)
        return near | {name for name, known in held.items() if known}

    def find_again(self, asked: Sequence[Asked]) -> list[EntryHit]:
        """Return what `find` returns. Whoever was asked for before is not weighed again."""
        # Another thread may forget meanwhile: what is held is taken out first.
        held = {one: self.hits.get(one) for one in asked}
        new = [one for one, hits in held.items() if hits is None]
        found: dict[Asked, list[EntryHit]] = {one: [] for one in new}
        for hit in self.find(new):
            found[new[hit.place]].append(hit)
        if len(self.hits) + len(new) > _HELD_COUNT_MAX:
            self.hits.clear()
        self.hits.update(found)
        return [
            hit._replace(place=place)
            for place, one in enumerate(asked)
            for hit in (found.get(one) or held[one] or ())
        ]

    def find(self, asked: Sequence[Asked], hit_ppm_min: int = HIT_PPM_MIN) -> list[EntryHit]:
        """Return hits, by place, the best first; at most HITS_COUNT_MAX for each of those asked for."""
        hits: list[EntryHit] = []
        for begin in range(0, len(asked), CHUNK_COUNT):
            hits += self._find(asked[begin : begin + CHUNK_COUNT], begin, hit_ppm_min)
        return hits

    def _find(self, asked: Sequence[Asked], begin: int, hit_ppm_min: int) -> list[EntryHit]:
        prepared, places = _prepare(asked)
        least = np.array([_NEAR_WITH_NUMBER if asked[place].identity_number else _NEAR for place in places])
        candidates = self.index.find(prepared, least)
        # The likest name of each entry for each of those asked for.
        best: dict[tuple[int, int], tuple[float, int, int]] = {}
        for query, number in zip(candidates.queries.tolist(), candidates.names.tolist(), strict=True):
            place = places[query]
            like = similarity_of(prepared[query], self.index.names[number])
            if like < (_NEAR_WITH_NUMBER if asked[place].identity_number else _NEAR):
                continue
            key = place, self.owners[number]
            if like > best.get(key, (0.0, 0, 0))[0]:
                best[key] = like, number, query
        hits = []
        for (place, owner), (_, number, query) in best.items():
            entry, name = self.entries[owner], self.texts[number]
            compared = compare(prepared[query], self.index.names[number])
            weighed = weigh(asked[place], prepared[query], entry, name, compared)
            if weighed.score_ppm < hit_ppm_min or (self.is_weak[number] and not weighed.is_corroborated):
                continue
            hits.append(
                EntryHit(begin + place, entry, name, weighed.score_ppm, weighed.agrees, weighed.differs)
            )
        hits.sort(key=lambda hit: (hit.place, -hit.score_ppm, hit.entry.list_code, hit.entry.entry_id))
        return _first_of_each(hits)


def build_screener(entries: Iterable[ListEntry]) -> Screener:
    """Index entries by all of their names."""
    kept = tuple(entries)
    prepared: list[PreparedName] = []
    owners: list[int] = []
    texts: list[str] = []
    weak: list[bool] = []
    for number, entry in enumerate(kept):
        for names, is_weak in ((entry.names, False), (entry.weak_names, True)):
            for name in names:
                one = prepare_name(name, entry.kind_code)
                if one.words:
                    prepared.append(one)
                    owners.append(number)
                    texts.append(name)
                    weak.append(is_weak)
    return Screener(kept, build_index(prepared), tuple(owners), tuple(texts), tuple(weak), {}, {})


def _prepare(asked: Sequence[Asked]) -> tuple[list[PreparedName], list[int]]:
    """Make names ready, and say whose each is. Whose kind is not known is looked up as a person and, if words
    of the name are a company's form, as a company, too: `Yu` is one, and a family's name."""
    prepared: list[PreparedName] = []
    places: list[int] = []
    for place, one in enumerate(asked):
        name = prepare_name(one.name, one.kind_code)
        prepared.append(name)
        places.append(place)
        if not one.kind_code and name.forms:
            prepared.append(prepare_name(one.name, "person"))
            places.append(place)
    return prepared, places


def _first_of_each(hits: list[EntryHit]) -> list[EntryHit]:
    kept: list[EntryHit] = []
    count, last = 0, -1
    for hit in hits:
        count = count + 1 if hit.place == last else 1
        last = hit.place
        if count <= HITS_COUNT_MAX:
            kept.append(hit)
    return kept
