"""What the two laws of a what-if say otherwise, in sentences: of the packs that governed its parcels."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from serai.laboratory.law_bench.day_diff import tariff_of
from serai.laboratory.law_bench.diff import diff_packs, diff_tariffs
from serai.laboratory.law_bench.diff_words import render_difference
from serai.laboratory.what_if.laws import TriedLaw
from serai.law.pack import Pack
from serai.law.program import Program

Hashes = tuple[str, ...]


@dataclass(slots=True)
class Pairs:
    """Which law governed parcels under both sides, and how many of them."""

    counts: Counter[tuple[Hashes, Hashes]] = field(default_factory=Counter)
    programs: dict[Hashes, Program] = field(default_factory=dict)

    def add(self, current: Program, draft: Program, parcels: int) -> None:
        """Add parcels that these two governed."""
        self.programs[current.hashes], self.programs[draft.hashes] = current, draft
        self.counts[current.hashes, draft.hashes] += parcels

    def laws(self, side: int) -> dict[str, int]:
        """Return the parcels by the packs of one side (0 current, 1 draft), the most first."""
        found: Counter[str] = Counter()
        for pair, parcels in self.counts.items():
            found[self.programs[pair[side]].code] += parcels
        return dict(found.most_common())


def render_differences(pairs: Pairs, current: TriedLaw, draft: TriedLaw) -> list[str]:
    """Return sentences, each once, of the laws that governed most parcels first."""
    sentences: dict[str, None] = {}
    for (before, after), _ in pairs.counts.most_common():
        one, other = pairs.programs[before], pairs.programs[after]
        for pack, successor in _by_slot(one, other):
            if pack is None or successor is None:
                there = pack or successor
                assert there is not None
                told = f"`{there.code}` is {'gone' if successor is None else 'new'}: {there.title}."
                sentences[told] = None
                continue
            found = diff_packs(pack, successor)
            found += diff_tariffs(tariff_of(current.files, pack), tariff_of(draft.files, successor))
            # Of a law that is taken as in force, its days and standing are no news.
            said = (
                render_difference(each)
                for each in found
                if each.part != "pack" or each.field not in _STANDING
            )
            sentences.update(dict.fromkeys(f"{successor.code}. {sentence}" for sentence in said))
    return list(sentences)


_STANDING = ("status", "valid_from", "valid_to", "known_from")


def _by_slot(one: Program, other: Program) -> Iterator[tuple[Pack | None, Pack | None]]:
    """Give the packs of both programs that stand in the same place and are not the same bytes."""
    sides: list[dict[tuple[str, str], tuple[Pack, str]]] = [{}, {}]
    for side, program in zip(sides, (one, other), strict=True):
        for pack, content_hash in zip(program.packs, program.hashes, strict=True):
            side["base" if pack.layer == "base" else pack.jurisdiction, pack.layer] = (pack, content_hash)
    for slot in dict.fromkeys((*sides[0], *sides[1])):
        before, after = sides[0].get(slot), sides[1].get(slot)
        if before is None or after is None or before[1] != after[1]:
            yield before and before[0], after and after[0]
