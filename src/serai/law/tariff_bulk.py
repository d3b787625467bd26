"""The look-up of a tariff for many questions at once: sorted arrays instead of a search for each question.

The answers are those of `Tariff.find`, question by question; a test holds one against the other.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from serai.law.tariff_line import TariffLine, day_number, preference_of
from serai.model.columns import Coded, Flags, Int64s

NO_LINE = -1
CODE_TOO_SHORT = -2
DIGITS_MAX = 14
"""Digits of the longest prefix of a line."""
_PAIRS_MAX = 1_000_000
"""Pairs of question and line held against each other at once: some tens of megabytes."""
_LEADING_DIGITS = re.compile(r"[0-9]*")


class Questions(NamedTuple):
    """Questions of one measure; the columns are of equal length, one row a question.

    preference: claimed; None: as if none was. additional: codes claimed, with blanks between; None: none.
    """

    commodity: Coded
    origin: Coded
    preference: Coded | None
    territory: Coded
    days: Int64s
    additional: Coded | None = None

    def take(self, places: Int64s) -> "Questions":
        """Return the questions at these places."""
        return Questions(
            commodity=self.commodity.take(places),
            origin=self.origin.take(places),
            preference=None if self.preference is None else self.preference.take(places),
            territory=self.territory.take(places),
            days=self.days[places],
            additional=None if self.additional is None else self.additional.take(places),
        )


class _Level(NamedTuple):
    """Lines of one length of prefix, with or without an additional code, by prefix. lows: the prefix filled
    with zeros. numbers: of the lines.
    """

    lows: Int64s
    numbers: Int64s


class _Asked(NamedTuple):
    """Questions as numbers. digits: how many digits the code begins with. is_all_digits: nothing else.

    additional: place of what is claimed in `claims`, which says of it which of the lines' codes it names.
    """

    lows: Int64s
    digits: Int64s
    is_all_digits: Flags
    origins: Int64s
    preferences: Int64s
    territories: Int64s
    days: Int64s
    additional: Int64s
    claims: Flags


class BulkTariff:
    """The lines of one measure as arrays."""

    def __init__(self, lines: Sequence[TariffLine], numbers: Sequence[int]) -> None:
        """Index the lines of these numbers, ascending: of equal lines the first counts."""
        own = [lines[number] for number in numbers]
        self._numbers = np.array(numbers, dtype=np.int64)
        self._lengths = np.array([len(line.commodity_prefix) for line in own], dtype=np.int64)
        self._lows = np.array([_low(line.commodity_prefix) for line in own], dtype=np.int64)
        self._from = np.array([day_number(line.valid_from) for line in own], dtype=np.int64)
        self._to = np.array([day_number(line.valid_to) for line in own], dtype=np.int64)
        self._closeness = np.array([line.closeness() for line in own], dtype=np.int64)
        self._is_extract = np.array([line.is_extract for line in own], dtype=np.bool_)
        self._terms = _number_words([line.terms() for line in own])
        self._preference_of = _places([line.preference_code for line in own])
        self._preferences = np.array([self._preference_of[line.preference_code] for line in own], np.int64)
        self._territory_of = _places([line.territory_code for line in own])
        self._territories = np.array([self._territory_of[line.territory_code] for line in own], np.int64)
        self._any_territory = self._territory_of.get("", -1)
        self._additional_of = _places([line.additional_code for line in own])
        self._additional = np.array([self._additional_of[line.additional_code] for line in own], np.int64)
        self._index_origins(own)
        self._order = np.lexsort((self._numbers, self._lengths, self._lows))
        self._sorted_lows = self._lows[self._order]
        is_coded = np.array([line.additional_code != "" for line in own], dtype=np.bool_)
        # What is for a code that is claimed goes before what is for all others, however long its prefix.
        self._levels = [
            (length, _Level(self._lows[places], places))
            for coded in (True, False)
            for length in sorted(set(self._lengths[is_coded == coded].tolist()), reverse=True)
            for places in [
                self._order[(self._lengths[self._order] == length) & (is_coded[self._order] == coded)]
            ]
        ]

    def _index_origins(self, own: Sequence[TariffLine]) -> None:
        """Make a table of sets of origins by origin: lines share few sets, and each is tested once."""
        named = {code for line in own for code in (line.origin_code, *line.origin_codes)}
        named.update(code for line in own for code in line.excluded_origin_codes)
        self._origin_of = {code: place for place, code in enumerate(sorted(named - {""}))}
        sets: dict[tuple[object, ...], int] = {}
        of_sets: list[TariffLine] = []
        of_lines = []
        for line in own:
            key = (line.origin_code, line.origin_codes, line.excluded_origin_codes)
            if key not in sets:
                sets[key] = len(sets)
                of_sets.append(line)
            of_lines.append(sets[key])
        self._origin_sets = np.array(of_lines, dtype=np.int64)
        # The last column is every origin that no line names, an unknown one among them.
        self._is_member = np.array(
            [[line.is_for_origin(code) for code in (*self._origin_of, "")] for line in of_sets],
            dtype=np.bool_,
        )

    def find_all(self, questions: Questions) -> Int64s:
        """Return for each question the number of its line, NO_LINE or CODE_TOO_SHORT."""
        asked = self._read(questions)
        found = np.full(len(asked.days), NO_LINE, dtype=np.int64)
        open_rows = np.arange(len(found))
        for length, level in self._levels:
            rows = open_rows[asked.digits[open_rows] >= length]
            unit = 10 ** (DIGITS_MAX - length)
            lows = asked.lows[rows] // unit * unit
            starts = np.searchsorted(level.lows, lows, "left")
            ends = np.searchsorted(level.lows, lows, "right")
            for at, places in _pairs(starts, ends):
                pair_rows, pair_lines = rows[at], level.numbers[places]
                fits = self._fits(asked, pair_rows, pair_lines)
                best_rows, best = self._closest(pair_rows[fits], pair_lines[fits])
                found[best_rows] = self._numbers[best]
            open_rows = open_rows[found[open_rows] == NO_LINE]
        self._find_below(asked, open_rows[asked.is_all_digits[open_rows]], found)
        return found

    def _find_below(self, asked: _Asked, rows: Int64s, found: Int64s) -> None:
        """Answer codes that end above the lines: by those below, if they agree."""
        lows = asked.lows[rows]
        units = 10 ** (DIGITS_MAX - asked.digits[rows])
        starts = np.searchsorted(self._sorted_lows, lows, "left")
        ends = np.searchsorted(self._sorted_lows, lows + units, "left")
        for at, places in _pairs(starts, ends):
            pair_rows, pair_lines = rows[at], self._order[places]
            fits = self._fits(asked, pair_rows, pair_lines)
            fits &= self._lengths[pair_lines] > asked.digits[pair_rows]
            pair_rows, pair_lines = self._closest_by_prefix(pair_rows[fits], pair_lines[fits])
            if not len(pair_rows):
                continue
            groups = _starts_of(pair_rows)
            terms = self._terms[pair_lines]
            is_agreed = np.minimum.reduceat(terms, groups) == np.maximum.reduceat(terms, groups)
            # In an extract the lines that are missing may differ, so agreement of those that are there
            # proves nothing.
            is_agreed &= ~np.logical_or.reduceat(self._is_extract[pair_lines], groups)
            first = np.minimum.reduceat(self._numbers[pair_lines], groups)
            found[pair_rows[groups]] = np.where(is_agreed, first, CODE_TOO_SHORT)

    def _fits(self, asked: _Asked, rows: Int64s, lines: Int64s) -> Flags:
        territories = self._territories[lines]
        days = asked.days[rows]
        fits: Flags = (
            self._is_member[self._origin_sets[lines], asked.origins[rows]]
            & (self._preferences[lines] == asked.preferences[rows])
            & ((territories == self._any_territory) | (territories == asked.territories[rows]))
            & asked.claims[asked.additional[rows], self._additional[lines]]
            & (self._from[lines] <= days)
            & (days < self._to[lines])
        )
        return fits

    def _closest(self, rows: Int64s, lines: Int64s) -> tuple[Int64s, Int64s]:
        """Return each row once with the line that names most closely what it is for; of equals the first.

        rows: ascending.
        """
        starts = _starts_of(rows)
        if len(starts) == len(rows):
            return rows, lines
        count = len(self._numbers)
        score = self._closeness[lines] * count + (count - 1 - lines)
        return rows[starts], count - 1 - np.maximum.reduceat(score, starts) % count

    def _closest_by_prefix(self, rows: Int64s, lines: Int64s) -> tuple[Int64s, Int64s]:
        """Return of each row and prefix the closest line."""
        order = np.lexsort(
            (
                self._numbers[lines],
                -self._closeness[lines],
                self._lengths[lines],
                self._lows[lines],
                rows,
            )
        )
        rows, lines = rows[order], lines[order]
        key = np.stack((rows, self._lows[lines], self._lengths[lines]))
        is_first = np.ones(len(rows), dtype=np.bool_)
        is_first[1:] = (key[:, 1:] != key[:, :-1]).any(axis=0)
        return rows[is_first], lines[is_first]

    def _read(self, questions: Questions) -> _Asked:
        """Turn words into numbers, each distinct word once; the last of them is the absent one."""
        words, rows = (*questions.commodity.words, ""), questions.commodity.codes
        leading = [_LEADING_DIGITS.match(word).group()[:DIGITS_MAX] for word in words]  # type: ignore[union-attr]
        lows = np.array([_low(text) for text in leading], dtype=np.int64)
        digits = np.array([len(text) for text in leading], dtype=np.int64)
        # One digit is no code of the Harmonized System, however many lines begin with it.
        is_whole = np.array(
            [len(text) > 1 and text == word for text, word in zip(leading, words, strict=True)],
            dtype=np.bool_,
        )
        additional, claims = self._read_additional(questions)
        return _Asked(
            lows=lows[rows],
            digits=digits[rows],
            is_all_digits=is_whole[rows],
            origins=_look_up(questions.origin, self._origin_of, len(self._origin_of)),
            preferences=_preferences(questions, self._preference_of),
            territories=_look_up(questions.territory, self._territory_of, _NOWHERE),
            days=questions.days,
            additional=additional,
            claims=claims,
        )

    def _read_additional(self, questions: Questions) -> tuple[Int64s, Flags]:
        """Return the place of each question's claim, and which codes of lines each claim names."""
        column = questions.additional
        words = ("",) if column is None else (*column.words, "")
        claims = np.zeros((len(words), len(self._additional_of)), dtype=np.bool_)
        for place, word in enumerate(words):
            named = [self._additional_of[code] for code in ("", *word.split()) if code in self._additional_of]
            claims[place, named] = True
        rows = np.zeros(len(questions.days), dtype=np.int64)
        return (rows if column is None else column.codes.astype(np.int64)), claims


_NOWHERE: Final = -2
"""Place of a word that no line names."""


def _low(prefix: str) -> int:
    return int(prefix.ljust(DIGITS_MAX, "0"))


def _places(words: Sequence[str]) -> dict[str, int]:
    return {word: place for place, word in enumerate(sorted(set(words)))}


def _number_words(words: Sequence[tuple[object, ...]]) -> Int64s:
    numbers: dict[tuple[object, ...], int] = {}
    return np.array([numbers.setdefault(word, len(numbers)) for word in words], dtype=np.int64)


def _look_up(column: Coded, places: dict[str, int], missing: int) -> Int64s:
    found = [places.get(word, missing) for word in (*column.words, "")]
    return np.array(found, dtype=np.int64)[column.codes]


def _preferences(questions: Questions, places: dict[str, int]) -> Int64s:
    claimed = questions.preference
    if claimed is None:
        return np.full(len(questions.days), places.get("", _NOWHERE), dtype=np.int64)
    found = [places.get(preference_of(word), _NOWHERE) for word in (*claimed.words, "")]
    return np.array(found, dtype=np.int64)[claimed.codes]


def _starts_of(rows: Int64s) -> Int64s:
    """Return where each run of equal numbers begins."""
    if not len(rows):
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(np.concatenate(([True], rows[1:] != rows[:-1])))


def _pairs(starts: Int64s, ends: Int64s) -> Iterator[tuple[Int64s, Int64s]]:
    """Give each row with every place from its start to before its end, a bounded number at a time."""
    counts = ends - starts
    sums = np.cumsum(counts)
    row = 0
    while row < len(counts):
        before = int(sums[row - 1]) if row else 0
        until = max(int(np.searchsorted(sums, before + _PAIRS_MAX, "right")), row + 1)
        some = counts[row:until]
        at = np.repeat(np.arange(row, until), some)
        if len(at):
            firsts = np.repeat(np.cumsum(some) - some, some)
            yield at, starts[at] + np.arange(len(at)) - firsts
        row = until
