"""The mutation check: for every mutant of a pack, is there a worked example that notices it?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from serai.laboratory.law_bench.mutants import mutants_of
from serai.laboratory.worked_examples.case_file import Case, own_cases, read_cases
from serai.laboratory.worked_examples.laws import law_of_case
from serai.laboratory.worked_examples.running import run_case
from serai.law.library import NO_PACKS, PackFiles
from serai.law.load import decode_pack
from serai.law.pack import Pack
from serai.model.errors import SeraiError


@dataclass(frozen=True, slots=True)
class Survivor:
    """A change that no worked example notices."""

    place: str
    change: str


@dataclass(slots=True)
class PackScore:
    """What the worked examples notice of one pack. cases_count: those that pass and rest on the pack.

    mutant_count: of those that are law at all; noticed_count: of these.
    """

    code: str
    cases_count: int
    mutant_count: int = 0
    noticed_count: int = 0
    survivors: list[Survivor] = field(default_factory=list)

    @property
    def score(self) -> float | None:
        """Return the share that was noticed; None where there is nothing to change."""
        return round(self.noticed_count / self.mutant_count, 3) if self.mutant_count else None


def score_packs(files: PackFiles, codes: Sequence[str]) -> Iterator[PackScore]:
    """Score packs by the worked examples of all packs, one pack after the other.

    Planned and draft law is taken as in force by the cases that name it. Raises SeraiError for a code without
    a pack and for faulty files.
    """
    resting = _cases_by_pack(files)
    for code in codes:
        yield _score(code, files, resting.get(code, ()))


def _cases_by_pack(files: PackFiles) -> dict[str, list[tuple[Case, PackFiles]]]:
    """Return the passing cases that rest on each pack, each with the files of its own law: all others would
    only be read again and again.
    """
    found: dict[str, list[tuple[Case, PackFiles]]] = {}
    for case in (case for content in own_cases(files) for case in read_cases(content)):
        law = law_of_case(case, files)
        if law is not None and _result(case, law.files) == "passed":
            for code in law.codes:
                found.setdefault(code, []).append((case, law.files))
    return found


def _score(code: str, files: PackFiles, cases: Sequence[tuple[Case, PackFiles]]) -> PackScore:
    path = f"{code}/pack.yaml"
    scored = PackScore(code, len(cases))
    for mutant in mutants_of(decode_pack(files[path], path)):
        noticed = _is_noticed(mutant.pack, cases)
        if noticed is None:
            continue
        scored.mutant_count += 1
        scored.noticed_count += noticed
        if not noticed:
            scored.survivors.append(Survivor(mutant.place, mutant.change))
    return scored


def _is_noticed(mutant: Pack, cases: Sequence[tuple[Case, PackFiles]]) -> bool | None:
    """Say whether a case fails under a mutant; None where the mutant is no law."""
    for case, files in cases:
        result = _result(case, files, {mutant.code: mutant})
        if result is None:
            return None
        if result == "failed":
            return True
    return False


def _result(case: Case, files: PackFiles, packs: Mapping[str, Pack] = NO_PACKS) -> str | None:
    """Return what becomes of a case; None where its law does not load."""
    try:
        return run_case(case, files, packs=packs).result
    except SeraiError:
        return None
