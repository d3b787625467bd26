"""Worked examples read once, to be assessed under one change of their law after another.

A change leaves message, tariff, rates of exchange and registers of a case as they are. What it changes is
compiled once for all cases that rest on the same packs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from serai.journey.assessment.rules import Assessment, assess
from serai.laboratory.worked_examples.case_file import CASES, Case, read_cases
from serai.laboratory.worked_examples.case_keys import check_keys
from serai.laboratory.worked_examples.laws import book_of_law, law_of_case
from serai.laboratory.worked_examples.running import compare, frames_of_case
from serai.law.book import LawBook, LoadedPack
from serai.law.library import PackFiles, decode_packs
from serai.law.pack import Pack
from serai.law.program import Program
from serai.law.without_collector import without_collector
from serai.model.columns import Frame, Int64s
from serai.model.errors import SeraiError


@dataclass(frozen=True, slots=True)
class ReadyCase:
    """A worked example that passes. codes: the packs that govern it. frames: consignments, items and first
    items, as `assess` takes them.
    """

    case: Case
    book: LawBook
    codes: frozenset[str]
    frames: tuple[Frame, Frame, Int64s]


@dataclass(slots=True)
class CompiledLaw:
    """Programs of one state of the packs, by the packs of a book and its currency: cases share them."""

    _programs: dict[tuple[frozenset[str], tuple[str | None, ...]], list[Program]] = field(
        default_factory=dict
    )

    def assess(self, frames: tuple[Frame, Frame, Int64s], book: LawBook) -> Assessment:
        """Assess under a book that has compiled nothing yet. Raises LawPackError."""
        # A layer that stands alone in a case has the currency of the case.
        key = frozenset(book.packs), tuple(one.pack.currency for one in book.packs.values())
        kept = self._programs.setdefault(key, [])
        for program in kept:
            book.keep_program(program)
        assessment = assess(*frames, book)
        kept.extend(book.programs[len(kept) :])
        return assessment


@dataclass(slots=True)
class ReadyCases:
    """The worked examples of a folder of packs, each made ready when it is first asked for.

    Planned and draft law is taken as in force by the cases that name it.
    """

    files: PackFiles
    packs: Mapping[str, Pack] = field(init=False)
    _by_pack: dict[str, list[int]] = field(default_factory=dict)
    _behind: dict[str, set[str]] = field(default_factory=dict)
    _cases: list[Case] = field(default_factory=list)
    _ready: dict[int, ReadyCase | None] = field(default_factory=dict)
    _compiled: CompiledLaw = field(default_factory=CompiledLaw)

    def __post_init__(self) -> None:
        """Read the case files and find the packs of each case. Raises SeraiError for faulty files."""
        with without_collector():
            self._read()

    def _read(self) -> None:
        self.packs = decode_packs(self.files)
        for path in self.files:
            for case in read_cases(self.files[path]) if path.endswith(CASES) else ():
                law = law_of_case(case, self.files)
                codes = [] if law is None else law.codes
                behind = (path, *_files_of(codes, self.files))
                for code in codes:
                    self._by_pack.setdefault(code, []).append(len(self._cases))
                    self._behind.setdefault(code, set()).update(behind)
                self._cases.append(case)

    def resting_on(self, *codes: str) -> list[ReadyCase]:
        """Return the cases that pass and that one of these packs governs."""
        return [one for one in self.naming(*codes) if one.codes.intersection(codes)]

    def naming(self, *codes: str) -> list[ReadyCase]:
        """Return the cases that pass and whose law has one of these packs, also where it is not in force on
        the day of the case.
        """
        numbers = dict.fromkeys(number for code in codes for number in self._by_pack.get(code, ()))
        found = (self._case(number) for number in numbers)
        return [one for one in found if one is not None]

    def files_behind(self, code: str) -> list[str]:
        """Return the files a pack's score rests on, in order: its own, its cases, packs beside it in them."""
        return sorted(self._behind.get(code, set()).union(_files_of([code], self.files)))

    def _case(self, number: int) -> ReadyCase | None:
        if number not in self._ready:
            self._ready[number] = _make_ready(self._cases[number], self.files, self._compiled)
        return self._ready[number]


def _files_of(codes: Iterable[str], files: PackFiles) -> list[str]:
    paths = [f"{code}/{name}" for code in codes for name in ("pack.yaml", "tariff.csv")]
    return [path for path in paths if path in files]


def _make_ready(case: Case, files: PackFiles, compiled: CompiledLaw) -> ReadyCase | None:
    """Return a case that passes; None for another, which proves nothing: `serai law test` says why."""
    law = law_of_case(case, files)
    assert law is not None, "only cases with a law are asked for"
    try:
        check_keys(case)
        book = book_of_law(law)
        frames = frames_of_case(case, law, book)
        assessment = compiled.assess(frames, book)
        if compare(case, assessment, book).result != "passed":
            return None
    except SeraiError:
        return None
    # That no law governs rests on all the packs that might.
    runs = assessment.runs
    codes = [pack.code for pack in runs[0].run.program.packs] if runs else law.codes
    return ReadyCase(case, book, frozenset(codes), frames)


def passes_under(changed: Sequence[Pack], ready: ReadyCase, compiled: CompiledLaw) -> bool | None:
    """Say whether a case still passes when packs are changed; None where the change is no law.

    compiled: what was compiled for the other cases of the same change.
    """
    book = ready.book
    try:
        varied = LawBook(_with(changed, book.packs), book.territories, book.reference, book.schemes)
        assessment = compiled.assess(ready.frames, varied)
    except SeraiError:
        return None
    return compare(ready.case, assessment, varied).result == "passed"


def _with(changed: Sequence[Pack], packs: Mapping[str, LoadedPack]) -> dict[str, LoadedPack]:
    """Put changed packs in their place, with the standing the case gives them: in force, alone or as a layer.
    Those that the case does not rest on are left out.
    """
    varied = dict(packs)
    for pack in changed:
        own = packs.get(pack.code)
        if own is not None:
            standing = replace(pack, status=own.pack.status, layer=own.pack.layer, currency=own.pack.currency)
            varied[pack.code] = LoadedPack(standing, own.content_hash)
    return varied
