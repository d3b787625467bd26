"""Code lists and tariff lines of one edition of the Harmonized System moved to the next."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from serai.law.nomenclature import CorrelationRow, Edition, Nomenclature
from serai.law.tariff_line import TariffLine

MoveKind = Literal["kept", "assumed", "renamed", "split", "merged", "person"]


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a prefix.

    kept: as it was. assumed: likewise, as far as the table goes, which is not whole. renamed: one code for
    one. split: several codes for one, which keep its terms. merged: its new code has goods of others too,
    with the same terms here. person: the table does not decide; new_prefixes are what is known. why: in
    words.
    """

    prefix: str
    kind: MoveKind
    new_prefixes: tuple[str, ...]
    why: str = ""


class Correlation:
    """What became of the codes of one edition in the next."""

    def __init__(self, rows: Iterable[CorrelationRow], old: Nomenclature, edition: Edition) -> None:
        self.edition = edition
        self._old = old
        self._by_from: dict[str, list[CorrelationRow]] = defaultdict(list)
        self._by_to: dict[str, list[CorrelationRow]] = defaultdict(list)
        for row in rows:
            self._by_from[row.from_code].append(row)
            self._by_to[row.to_code].append(row)

    def move(self, prefix: str, others: frozenset[str] = frozenset()) -> Move:
        """Say what becomes of a prefix of 2 to 14 digits.

        others: prefixes that stand beside it in its list or tariff; what a longer one of them holds is not
        this one's.
        """
        if len(prefix) > 6:
            return self._move_national(prefix)
        own = [row for row in self._leaving(prefix) if not _held_by_longer(row.from_code, prefix, others)]
        held = others | {prefix}
        if coming := sorted(
            {row.from_code for row in self._coming(prefix) if not _is_held(row.from_code, held)}
        ):
            why = f"goods of {', '.join(coming)} come under it, which are not in the list"
            new = self._with_rest(prefix, own, tuple(sorted({row.to_code for row in own})))
            return Move(prefix=prefix, kind="person", new_prefixes=new, why=why)
        if not own:
            return self._untouched(prefix)
        if unclear := [row for row in own if len(row.to_code) < 6 or row.confidence != "sourced"]:
            known = tuple(sorted({row.to_code for row in unclear}))
            why = "; ".join(f"{row.from_code} goes to {row.to_code}: {_unclear(row)}" for row in unclear)
            return Move(
                prefix=prefix, kind="person", new_prefixes=self._with_rest(prefix, own, known), why=why
            )
        targets = sorted({row.to_code for row in own})
        own_codes = {row.from_code for row in own}
        foreign = sorted({one.from_code for to in targets for one in self._by_to[to]} - own_codes)
        if strange := [code for code in foreign if not _is_held(code, held)]:
            why = f"{', '.join(targets)} also has goods of {', '.join(strange)}, which are not in the list"
            return Move(prefix=prefix, kind="person", new_prefixes=tuple(targets), why=why)
        new = self._with_rest(prefix, own, tuple(targets))
        kind: MoveKind = "merged" if foreign else "renamed" if len(new) == 1 else "split"
        return Move(prefix=prefix, kind=kind, new_prefixes=new)

    def _leaving(self, prefix: str) -> list[CorrelationRow]:
        """Return the rows of goods under a prefix that are no longer under it."""
        return [
            row
            for code, rows in self._by_from.items()
            if code.startswith(prefix) or prefix.startswith(code)
            for row in rows
            if not row.to_code.startswith(prefix)
        ]

    def _coming(self, prefix: str) -> list[CorrelationRow]:
        """Return the rows of goods that come under a prefix from elsewhere."""
        return [
            row
            for code, rows in self._by_to.items()
            if code.startswith(prefix)
            for row in rows
            if not row.from_code.startswith(prefix)
        ]

    def _with_rest(self, prefix: str, own: Sequence[CorrelationRow], new: tuple[str, ...]) -> tuple[str, ...]:
        """Add the prefix itself where goods stay under it."""
        gone = {row.from_code for row in own if row.extent == "whole"}
        if len(prefix) == 6:
            stays = any(row.to_code == prefix for row in self._by_from.get(prefix, ()))
        else:
            stays = any(not _is_held(code, frozenset(gone)) for code in self._old.below(prefix))
        return tuple(sorted({*new, prefix})) if stays else new

    def _untouched(self, prefix: str) -> Move:
        if self.edition.is_correlation_whole:
            return Move(prefix=prefix, kind="kept", new_prefixes=(prefix,))
        why = "no row of the table names it, and the table is not whole"
        return Move(prefix=prefix, kind="assumed", new_prefixes=(prefix,), why=why)

    def _move_national(self, prefix: str) -> Move:
        """Move a prefix longer than the Harmonized System: its last digits are the tariff's own."""
        above = self.move(prefix[:6])
        if above.kind in ("kept", "assumed"):
            return msgspec.structs.replace(above, prefix=prefix, new_prefixes=(prefix,))
        if above.kind == "renamed":
            new = tuple(f"{code}{prefix[6:]}" for code in above.new_prefixes)
            why = "the digits after the sixth are the tariff's own: see whether it keeps them"
            return Move(prefix=prefix, kind="renamed", new_prefixes=new, why=why)
        why = above.why or f"{prefix[:6]} is divided anew; the tariff's own digits below it are not known"
        return Move(prefix=prefix, kind="person", new_prefixes=above.new_prefixes, why=why)


def move_list(correlation: Correlation, prefixes: Sequence[str]) -> list[Move]:
    """Say what becomes of each prefix of a list."""
    others = frozenset(prefixes)
    return [correlation.move(prefix, others - {prefix}) for prefix in prefixes]


class MovedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a tariff, what becomes of its prefix, and the lines that take its place."""

    number: int
    line: TariffLine
    move: Move
    lines: tuple[TariffLine, ...]


def move_lines(correlation: Correlation, lines: Sequence[TariffLine]) -> list[MovedLine]:
    """Move the lines of a tariff: each ends where the new edition begins, and goes on under its new codes.

    A line that needs a person, and one that is over by then, stays as it is. number: of the line in its file.
    """
    begin = correlation.edition.valid_from
    prefixes: dict[tuple[object, ...], set[str]] = defaultdict(set)
    for line in lines:
        prefixes[_question(line)].add(line.commodity_prefix)
    moved = []
    for number, line in enumerate(lines, start=2):
        is_over = line.valid_to is not None and line.valid_to <= begin
        others = frozenset(prefixes[_question(line)]) - {line.commodity_prefix}
        move = (
            Move(prefix=line.commodity_prefix, kind="kept", new_prefixes=(line.commodity_prefix,))
            if is_over
            else correlation.move(line.commodity_prefix, others)
        )
        moved.append(MovedLine(number=number, line=line, move=move, lines=_moved(line, move, correlation)))
    return _without_contradictions(moved)


def _moved(line: TariffLine, move: Move, correlation: Correlation) -> tuple[TariffLine, ...]:
    begin = correlation.edition.valid_from
    if move.kind in ("kept", "assumed", "person"):
        return (line,)
    new = [
        msgspec.structs.replace(line, commodity_prefix=prefix, valid_from=max(line.valid_from, begin))
        for prefix in move.new_prefixes
    ]
    if line.valid_from >= begin:
        return tuple(new)
    return (msgspec.structs.replace(line, valid_to=begin), *new)


def _without_contradictions(moved: list[MovedLine]) -> list[MovedLine]:
    """Give to a person what would bring two lines of other terms to one new code."""
    terms: dict[tuple[object, ...], set[tuple[object, ...]]] = defaultdict(set)
    for one in moved:
        for line in one.lines:
            terms[(*_question(line), line.commodity_prefix, line.valid_from)].add(line.terms())
    checked = []
    for one in moved:
        clashing = sorted(
            line.commodity_prefix
            for line in one.lines
            if len(terms[(*_question(line), line.commodity_prefix, line.valid_from)]) > 1
        )
        if not clashing or one.move.kind in ("kept", "assumed", "person"):
            checked.append(one)
            continue
        why = f"{', '.join(clashing)} would have the terms of more than one line"
        move = msgspec.structs.replace(one.move, kind="person", why=why)
        checked.append(msgspec.structs.replace(one, move=move, lines=(one.line,)))
    return checked


def _question(line: TariffLine) -> tuple[object, ...]:
    origins = line.origin_code, line.origin_codes, line.excluded_origin_codes
    return (line.measure, origins, line.preference_code, line.additional_code, line.territory_code)


def _held_by_longer(code: str, prefix: str, others: frozenset[str]) -> bool:
    return any(code[:length] in others for length in range(len(prefix) + 1, len(code) + 1))


def _is_held(code: str, prefixes: frozenset[str]) -> bool:
    return any(code[:length] in prefixes for length in range(2, len(code) + 1))


def _unclear(row: CorrelationRow) -> str:
    if len(row.to_code) < 6:
        return "only the heading is known"
    return f"the source is {row.confidence}"
