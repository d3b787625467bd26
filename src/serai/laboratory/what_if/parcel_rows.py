"""What became of each parcel under both laws, as rows of a Parquet file: exact minor units, no person."""

import numpy as np
import pyarrow as pa

from serai.laboratory.compare.measuring import KINDS
from serai.laboratory.what_if.compared import Compared
from serai.laboratory.what_if.lines import lines_of
from serai.laboratory.what_if.outcome import Outcome
from serai.model.columns import Coded, Int64s
from serai.model.frames import LANES

_WORDS = pa.dictionary(pa.int32(), pa.string())
_SIDES = ("current", "draft")
SCHEMA = pa.schema(
    [
        ("parcel", pa.string()),
        ("case_id", pa.string()),
        ("origin_country_code", _WORDS),
        ("chapter", _WORDS),
        ("logistics_channel_code", _WORDS),
        ("value_minor", pa.int64()),
        ("currency", _WORDS),
        *((f"{kind}_{side}_minor", pa.int64()) for kind in KINDS for side in _SIDES),
        *((f"lane_{side}", _WORDS) for side in _SIDES),
        *((f"law_{side}", _WORDS) for side in _SIDES),
        *((f"is_decided_{side}", pa.bool_()) for side in _SIDES),
    ]
)
"""A row a parcel and currency: one that is charged in two has two rows. parcel: place in the file, from 1, or
registration number. Amounts are in minor units of `currency`; value_minor in that of the current law.
"""


def parcel_rows(found: Compared) -> pa.Table:
    """Return the rows of the parcels in question, undecided ones too."""
    # Sums are of compared parcels only; here the undecided have their rows as well, and say so.
    lines = lines_of(found.current, found.draft, found.touched)
    row = lines.parcel
    charged = dict(zip(_SIDES, (lines.current_minor, lines.draft_minor), strict=True))
    outcomes = dict(zip(_SIDES, (found.current, found.draft), strict=True))
    cases = found.batch.case_ids
    columns = {
        "parcel": pa.array([found.batch.names[place] for place in row.tolist()]),
        "case_id": pa.array([None if cases is None else cases[place] for place in row.tolist()], pa.string()),
        "origin_country_code": _words(found.features["origin"].take(row)),
        "chapter": _words(found.features["chapter"].take(row)),
        "logistics_channel_code": _words(found.features["channel"].take(row)),
        "value_minor": pa.array(found.values_minor[row]),
        "currency": _words(Coded(tuple(lines.currencies), lines.currency.astype(np.int32))),
        **{
            f"{kind}_{side}_minor": pa.array(amounts[kind])
            for kind in KINDS
            for side, amounts in charged.items()
        },
        **{f"lane_{side}": _words(_lanes(one, row)) for side, one in outcomes.items()},
        **{f"law_{side}": _words(_laws(one, row)) for side, one in outcomes.items()},
        **{f"is_decided_{side}": pa.array(one.is_decided[row]) for side, one in outcomes.items()},
    }
    return pa.table(columns, schema=SCHEMA)


def _words(coded: Coded) -> pa.DictionaryArray:
    codes = pa.array(coded.codes.astype(np.int32), mask=coded.codes < 0)
    return pa.DictionaryArray.from_arrays(codes, pa.array(coded.words, pa.string()))


def _lanes(outcome: Outcome, rows: Int64s) -> Coded:
    return Coded(LANES, outcome.consignments.numbers("lane_number")[rows].astype(np.int32))


def _laws(outcome: Outcome, rows: Int64s) -> Coded:
    words = tuple(program.code for program in outcome.book.programs)
    return Coded(words, outcome.law_numbers[rows].astype(np.int32))
