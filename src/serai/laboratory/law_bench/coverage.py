"""Coverage: which rules of a pack its worked examples reached, and which no example reached.

Reached is less than pinned: whether an example would notice a change is the mutation check's question.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from serai.laboratory.law_bench.pack_lines import PackLines
from serai.laboratory.law_bench.rules import TARIFF, Reached, measures_of, reached_by, rules_of
from serai.laboratory.worked_examples.case_file import Case, own_cases, read_cases
from serai.laboratory.worked_examples.laws import law_of_case
from serai.laboratory.worked_examples.running import assess_case, compare
from serai.law.library import PackFiles
from serai.law.load import decode_pack
from serai.model.errors import SeraiError


@dataclass(frozen=True, slots=True)
class CoveredRule:
    """A rule, where it stands, and how many worked examples reached it.

    file: inside the folder of packs. line: None where the file does not tell.
    """

    kind: str
    name: str
    file: str
    line: int | None
    cases_count: int


@dataclass(frozen=True, slots=True)
class PackCoverage:
    """The rules of one pack. cases_count: worked examples that pass and rest on the pack."""

    code: str
    cases_count: int
    rules: list[CoveredRule]

    @property
    def reached_count(self) -> int:
        """Return how many rules some example reached."""
        return sum(rule.cases_count > 0 for rule in self.rules)

    @property
    def unreached(self) -> list[CoveredRule]:
        """Return the rules that no example reached, in the order of the pack."""
        return [rule for rule in self.rules if not rule.cases_count]


def cover_packs(
    files: PackFiles, codes: Sequence[str], case_files: Sequence[bytes] | None = None
) -> list[PackCoverage]:
    """Return the coverage of packs by worked examples, in the order of codes.

    case_files: contents of case files; without them the packs' own. An example counts where it passes;
    planned and draft law is taken as in force by the examples that name it. Raises SeraiError for faulty
    files.
    """
    wanted = frozenset(codes)
    reached: Counter[Reached] = Counter()
    cases: Counter[str] = Counter()
    contents = own_cases(files) if case_files is None else case_files
    for case in (case for content in contents for case in read_cases(content)):
        for code, rules in _passing(case, files, wanted):
            cases[code] += 1
            reached.update(rules)
    return [_cover(code, files, cases[code], reached) for code in codes]


def _passing(case: Case, files: PackFiles, wanted: frozenset[str]) -> Iterator[tuple[str, list[Reached]]]:
    """Yield the wanted packs a passing case rests on, each with what the case reached of it."""
    law = law_of_case(case, files)
    if law is None or not wanted.intersection(law.codes):
        return
    try:
        # Of its own law alone: all other packs would only be read again.
        assessed = assess_case(case, law.files)
        if assessed is None or compare(case, assessed.assessment, assessed.book).result != "passed":
            return
    except SeraiError:
        # A case that its law cannot take proves nothing; `serai law test` says why.
        return
    reached = set().union(*(reached_by(governed.run) for governed in assessed.assessment.runs))
    for code in law.codes:
        if code in wanted:
            yield code, [rule for rule in reached if rule[0] == code]


def _cover(code: str, files: PackFiles, cases_count: int, reached: Counter[Reached]) -> PackCoverage:
    path = f"{code}/pack.yaml"
    pack, lines, measures = decode_pack(files[path], path), PackLines(files[path]), measures_of(code, files)
    rules = []
    for rule in rules_of(pack, files):
        is_tariff = rule.path[0] == TARIFF
        line = measures[str(rule.path[1])] if is_tariff else lines.line(rule.path)
        file = f"{code}/{TARIFF}" if is_tariff else path
        rules.append(CoveredRule(rule.kind, rule.name, file, line, reached[code, rule.path]))
    return PackCoverage(code, cases_count, rules)
