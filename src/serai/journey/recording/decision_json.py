"""Decisions of a batch as JSON, in the words of `journey/decision/answer.py`, put together column by column;
they are answered and committed to as they are.

A test holds the text byte for byte against the structs.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec
import numpy as np

from serai.foundation.id_text import format_id
from serai.journey.assessment.rules import sum_charges
from serai.journey.consignments.rows import Row
from serai.journey.decision.answer import DecisionOut, law_packs_of
from serai.journey.decision.rendered_reasons import public_reasons
from serai.journey.decision.rules import ReasonSet
from serai.journey.decision.text_arrays import (
    Texts,
    amounts_text,
    bytes_of,
    enclose,
    ids_text,
    join,
    join_by,
    numbers_text,
    optional,
    spread,
    take,
    texts_of,
)
from serai.journey.documents.submission import QualityOut, QualityParts
from serai.journey.law_in_force.state import LawState
from serai.journey.pipeline import Processed
from serai.journey.recording.decided_batch import sequence_numbers
from serai.journey.recording.recorded_facts import finding_out, officer_bits
from serai.journey.validation.data_quality.formula import BITS_MAX, FORMULA
from serai.journey.validation.data_quality.score import Quality
from serai.law.book import LawBook, unconfirmed_since
from serai.law.small_arrays import distinct_rows
from serai.law.tariff import day_of
from serai.model.columns import BitSets, Coded, Flags, Frame, Int32s, Int64s, encode_words
from serai.model.frames import ABSENT, LANES, STATUSES
from serai.model.money import percent_text
from serai.model.packed_columns import rank_words
from serai.model.packed_detail import PackedFinding

_TOTALS: Final = (
    ("duty_amount", "duty_minor"),
    ("tax_amount", "tax_minor"),
    ("excise_amount", "excise_minor"),
    ("fee_amount", "fee_minor"),
    ("due_at_border_amount", "due_at_border_minor"),
    ("due_at_sale_amount", "due_at_sale_minor"),
)


class Kept(NamedTuple):
    """What only a store knows of a batch's decisions. One entry a consignment in every list and array.

    kind, decided_at: of all. bases, officer_bits: by number of the law; bits of reasons for officers alone.
    supersedes: id of the decision before, None where there is none.
    """

    decision_ids: Texts
    registration_numbers: Sequence[str]
    versions: Int64s
    kind: str
    decided_at: str
    bases: Mapping[int, str]
    officer_bits: Mapping[int, int]
    is_provisional: Flags
    supersedes: Sequence[str | None]


def write_decisions(processed: Processed, book: LawBook, kept: Kept | None = None) -> Texts:
    """Write one JSON object for each accepted consignment: a `DecisionOut`, one text each.

    Reasons are those that everybody may read. Without `kept`, a `DecisionOut` without what only a store
    knows; reasons are then all rule ids, also those for officers only.
    """
    consignments, charges = processed.consignments, processed.charges
    count = consignments.row_count
    laws = consignments.numbers("law_number")
    currency = _currencies(laws, book)
    charge_texts = _charge_texts(charges, book)
    reasons = _Reasons(processed.reason_sets, None if kept is None else kept.officer_bits)
    item_texts = _item_texts(processed, charge_texts, currency, reasons)
    if kept is not None:
        item_texts = _in_order(item_texts, processed.items)
    own = np.flatnonzero(charges.numbers("item") < 0)
    own_charges = join_by(take(charge_texts, own), charges.numbers("consignment")[own], count)
    return join(
        *_begins(consignments, kept),
        join_by(item_texts, processed.items.numbers("owner"), count),
        _law_texts(consignments, book, kept),
        _totals_texts(charges, currency, consignments.flags("has_unknown_charge")),
        *enclose(own_charges, ',"charges":[', "]"),
        reasons.texts(laws, consignments.bit_sets("reason_bits")),
        *_ends(processed, kept),
        "}",
    )


def _currencies(laws: Int64s, book: LawBook) -> Coded:
    """Return the currency of each consignment's law, absent where there is none."""
    if len(laws) < len(book.programs):
        return encode_words(book.programs[law].currency if law >= 0 else None for law in laws.tolist())
    numbers = encode_words([program.currency for program in book.programs])
    codes = np.append(numbers.codes, -1).astype(np.int32)
    return Coded(numbers.words, codes[np.where(laws >= 0, laws, -1)])


def _begins(consignments: Frame, kept: Kept | None) -> list[Texts | str]:
    """Return what stands before the goods items."""
    lanes, statuses = consignments.numbers("lane_number"), consignments.numbers("status_number")
    decided = "" if kept is None else f',"decided_at":"{kept.decided_at}"'

    def write(row: int) -> str:
        stands = f'"lane":"{LANES[lanes[row]]}","status":"{STATUSES[statuses[row]]}"'
        return f'{stands}{decided},"goods_items":['

    stands = spread([lanes, statuses], write)
    if kept is None:
        return ["{", stands]
    return [
        '{"decision_id":"',
        kept.decision_ids,
        '","mrn":"',
        texts_of(kept.registration_numbers),
        '","version":',
        numbers_text(kept.versions),
        f',"kind":"{kept.kind}",',
        stands,
    ]


def _ends(processed: Processed, kept: Kept | None) -> list[Texts | str]:
    """Return what stands after the reasons."""
    ends: list[Texts | str] = [_finding_texts(processed)]
    if kept is not None:
        if kept.is_provisional.any():
            provisional = kept.is_provisional
            ends.append(spread([provisional], lambda row: _PROVISIONAL if provisional[row] else ""))
        if any(kept.supersedes):
            ends.append(optional(',"supersedes":"', texts_of(kept.supersedes), '"'))
    return ends


def _in_order(item_texts: Texts, items: Frame) -> Texts:
    """Put items in the order in which they are read back, whatever order they were declared in."""
    order = np.lexsort((items.numbers("sequence_number"), items.numbers("owner")))
    return item_texts if (np.diff(order) == 1).all() else take(item_texts, order)


_PROVISIONAL: Final = ',"is_provisional":true'


def _totals_texts(charges: Frame, currency: Coded, has_unknown: Flags) -> Texts:
    """Write the totals; where there is no law, or a charge is unknown, there are none."""
    codes = (*currency.words, "")
    sums = sum_charges(charges, [codes[code] for code in currency.codes.tolist()], len(currency))
    if has_unknown.any():
        sums = {name: np.where(has_unknown, ABSENT, column) for name, column in sums.items()}
    parts: list[Texts | str] = [',"totals":{"']
    for place, (name, column) in enumerate(_TOTALS):
        between = '","' if place else ""
        parts += [f'{between}{name}":"', amounts_text(sums[column], currency)]
    return optional(*parts, '"}')


def _item_texts(processed: Processed, charge_texts: Texts, currency: Coded, reasons: "_Reasons") -> Texts:
    items, charges = processed.items, processed.charges
    owners = items.numbers("owner")
    on_items = np.flatnonzero(charges.numbers("item") >= 0)
    own_charges = join_by(take(charge_texts, on_items), charges.numbers("item")[on_items], items.row_count)
    sequence, lanes = items.numbers("sequence_number"), items.numbers("lane_number")
    begins = spread(
        [sequence, lanes],
        lambda row: f'{{"sequence_number":{sequence[row]},"lane":"{LANES[lanes[row]]}","charges":[',
    )
    values = amounts_text(items.numbers("customs_value_minor"), currency.take(owners))
    laws, bits = processed.consignments.numbers("law_number")[owners], items.bit_sets("reason_bits")
    relief = items.words("relief_code")

    def write_end(row: int) -> str:
        code = relief.codes[row]
        word = "" if code < 0 else f',"relief_code":{_json(relief.words[code])}'
        return f"{word}{reasons.text(int(laws[row]), bits[row])}}}"

    ends = spread([relief.codes, laws, bits.codes], write_end)
    return join(begins, own_charges, "]", optional(',"customs_value_amount":"', values, '"'), ends)


def _charge_texts(charges: Frame, book: LawBook) -> Texts:
    """Write each charge. All but its amounts is the same for many charges, and written once for them."""
    currency = charges.words("currency_code")
    keys: list[Int64s | Int32s | Flags] = [
        *(charges.numbers(name) for name in ("law_number", "charge_number")),
        *(charges.words(name).codes for name in ("currency_code", "due_code", "debtor_code")),
        charges.flags("is_waived"),
        *(charges.numbers(name) for name in ("rate_numerator", "rate_denominator")),
    ]
    first_rows, places = distinct_rows(keys)
    distinct = zip(*(key[first_rows].tolist() for key in keys), strict=True)
    parts = [_charge_parts(one, charges, book) for one in distinct]
    before, between, after = (take([part[number] for part in parts], places) for number in range(3))
    has_base = charges.numbers("rate_denominator") != 0
    base_minor = charges.numbers("base_minor")
    bases = amounts_text(base_minor if has_base.all() else np.where(has_base, base_minor, ABSENT), currency)
    return join(
        before,
        amounts_text(charges.numbers("amount_minor"), currency),
        between,
        optional(bases),
        after,
    )


def _charge_parts(key: tuple[int, ...], charges: Frame, book: LawBook) -> tuple[str, str, str]:
    """Return what stands before the amount, between it and the base (which may be none), and after. key: as
    the charges have it: law, number, codes of currency, due and debtor, whether it is waived, rate."""
    law, number, currency, due, debtor, is_waived, numerator, denominator = key
    charge = book.programs[law].charges[number].charge
    words = tuple(
        charges.words(name).words[code] if code >= 0 else "none"
        for name, code in (("currency_code", currency), ("due_code", due), ("debtor_code", debtor))
    )
    return _charge_text(
        (charge.rule_id, charge.kind, charge.tax_type_code),
        words,
        numerator,
        denominator,
        is_waived=bool(is_waived),
    )


@lru_cache(maxsize=4_096)
def _charge_text(
    charge: tuple[str, str, str],
    words: tuple[str, ...],
    numerator: int,
    denominator: int,
    *,
    is_waived: bool,
) -> tuple[str, str, str]:
    """Write a charge without its amounts. charge: its rule, kind and type of tax. words: its currency, when
    it is due, and from whom."""
    before = _json(dict(zip(("rule_id", "kind", "tax_type_code"), charge, strict=True)))
    before = f'{before[:-1]},"amount":"'
    between = '","currency_code":"{}","due":"{}","debtor":"{}"'.format(*words)
    waived = ',"is_waived":true' if is_waived else ""
    if not denominator:
        return before, between, f"{waived}}}"
    percent = percent_text(numerator, denominator)
    rate = '"' if percent is None else f'","rate_percent":"{percent}"'
    return before, f'{between},"base_amount":"', f"{rate}{waived}}}"


class _Reasons:
    """Reason bits as `,"reasons":[...]`, each set of bits written once."""

    def __init__(self, reason_sets: Mapping[int, ReasonSet], officer_bits: Mapping[int, int] | None) -> None:
        self._reason_sets, self._officer_bits = reason_sets, officer_bits

    def texts(self, laws: Int64s, bits: BitSets) -> Texts:
        return spread([laws, bits.codes], lambda row: self.text(int(laws[row]), bits[row]))

    def text(self, law: int, bits: int) -> str:
        if not bits:
            return ""
        hidden = 0 if self._officer_bits is None else self._officer_bits[law]
        return _reasons_text(self._reason_sets[law], bits, hidden)


@lru_cache(maxsize=4_096)
def _reasons_text(reason_set: ReasonSet, bits: int, hidden: int) -> str:
    return f',"reasons":{_json(public_reasons(reason_set, bits, hidden))}'


def _finding_texts(processed: Processed) -> Texts | str:
    """Write each consignment's findings as `,"findings":[...]`, in the order in which they are read back."""
    findings, count = processed.findings, processed.consignments.row_count
    if not findings.row_count:
        return ""
    code, pointer, severity, word, parameters = (
        findings.words(name) for name in ("code", "pointer", "severity", "word", "parameters")
    )
    sequence, owners = sequence_numbers(processed, findings.numbers("item")), findings.numbers("consignment")

    def write(row: int) -> str:
        said = _word(parameters, row)
        finding = PackedFinding(
            int(sequence[row]),
            _word(code, row),
            _word(pointer, row),
            _word(severity, row),
            _word(word, row),
            msgspec.json.decode(said) if said else {},
        )
        return _json(finding_out(finding))

    texts = spread([*(one.codes for one in (code, pointer, severity, word, parameters)), sequence], write)
    order = np.lexsort((rank_words(code), sequence, owners))
    joined = join_by(take(texts, order), owners[order], count)
    return join(*enclose(joined, ',"findings":[', "]"))


def _word(words: Coded, row: int) -> str:
    code = int(words.codes[row])
    return words.words[code] if code >= 0 else ""


def _law_texts(consignments: Frame, book: LawBook, kept: Kept | None) -> Texts:
    """Write what stands between the goods items and the totals."""
    numbers, days = consignments.numbers("law_number"), consignments.numbers("law_on")
    form = consignments.words("declaration_form_code")

    def write(row: int) -> str:
        code = form.codes[row]
        word = "" if code < 0 else f',"form_code":{_json(form.words[code])}'
        return f"]{_law_text(int(numbers[row]), int(days[row]), book, kept)}{word}"

    return spread([numbers, days, form.codes], write)


def _law_text(number: int, day: int, book: LawBook, kept: Kept | None) -> str:
    if kept is None and number < 0:
        return ""
    law_on = f'"law_on":"{day_of(day).isoformat()}"'
    basis = "" if kept is None else f',"basis":"{kept.bases[number]}"'
    if number < 0:
        return f",{law_on}{basis}"
    program = book.programs[number]
    unconfirmed = unconfirmed_since(program.packs, day_of(day))
    if unconfirmed is not None:
        law_on += f',"law_not_confirmed_since":"{unconfirmed.isoformat()}"'
    law = program.kept.get("packs in words")
    if law is None:
        law = program.kept["packs in words"] = _json(law_packs_of(program.code, program.versions))
    return f',"law":{law},{law_on}{basis},"currency_code":"{program.currency}"'


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


_DECODER = msgspec.json.Decoder(DecisionOut)


def encode_decisions(
    rows: Sequence[Row],
    processed: Processed,
    law: LawState,
    registration_numbers: Sequence[str],
    *,
    kind: str,
    decided_at: str,
) -> list[bytes]:
    """Return the decision of each consignment of a batch as JSON, in order: a `DecisionOut`."""
    kept = Kept(
        decision_ids=ids_text(np.array([row.decision_id for row in rows], dtype=np.int64)),
        registration_numbers=registration_numbers,
        versions=np.array([row.version for row in rows], dtype=np.int64),
        kind=kind,
        decided_at=decided_at,
        bases=law.basis_hashes,
        officer_bits={number: officer_bits(processed, number) for number in processed.reason_sets},
        is_provisional=processed.is_provisional,
        supersedes=[format_id(row.previous.decision_id) if row.previous else None for row in rows],
    )
    return bytes_of(write_decisions(processed, law.book, kept))


def build_decisions(
    rows: Sequence[Row],
    processed: Processed,
    law: LawState,
    registration_numbers: Sequence[str],
    *,
    kind: str,
    decided_at: str,
) -> list[DecisionOut]:
    """Return the decision of each consignment of a batch, in order, to be looked into."""
    texts = encode_decisions(rows, processed, law, registration_numbers, kind=kind, decided_at=decided_at)
    return [_DECODER.decode(text) for text in texts]


def quality_out(quality: Quality | None, count: int) -> Sequence[QualityOut | None]:
    """Return the score of each document of a batch; None for each where nothing was scored."""
    if quality is None:
        return [None] * count
    return list(map(score_out, quality.score.tolist(), quality.bits.tolist()))


_CHECKS: Final = (1 << BITS_MAX) - 1


def score_out(score: int, bits: int) -> QualityOut:
    """Return a stored score in words."""
    return QualityOut(score, _codes_of(bits & _CHECKS), _parts_of(bits & ~_CHECKS))


@lru_cache(maxsize=4_096)
def _codes_of(bits: int) -> tuple[str, ...]:
    # Of many documents few fail in different ways, so they share one.
    return tuple(FORMULA.codes_of(bits))


@lru_cache(maxsize=4_096)
def _parts_of(bits: int) -> QualityParts:
    return QualityParts(*FORMULA.parts_of(bits))
