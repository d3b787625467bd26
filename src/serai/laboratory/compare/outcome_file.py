"""What became of each parcel under each law, as rows of a Parquet file: exact minor units."""

import numpy as np
import pyarrow as pa

from serai.laboratory.compare.measuring import KINDS
from serai.laboratory.compare.running import Compared

SCHEMA = pa.schema(
    [
        ("law_code", pa.dictionary(pa.int32(), pa.string())),
        ("parcel", pa.int32()),
        ("currency", pa.dictionary(pa.int32(), pa.string())),
        ("value_minor", pa.int64()),
        *((f"{kind}_minor", pa.int64()) for kind in KINDS),
        ("is_decided", pa.bool_()),
        ("is_invented_rate", pa.bool_()),
        ("is_invented_tariff", pa.bool_()),
    ]
)
"""parcel: its place among those that could be read, from 0. Amounts are of the law's currency."""


def outcome_rows(compared: Compared) -> pa.Table:
    """Return a row for each of one law's parcels."""
    outcome, figures = compared.outcome, compared.figures
    assert outcome is not None
    count = len(outcome.value_minor)
    columns = {
        "law_code": _same(figures.code, count),
        "parcel": pa.array(np.arange(count, dtype=np.int32)),
        "currency": _same(figures.currency, count),
        "value_minor": pa.array(outcome.value_minor),
        **{f"{kind}_minor": pa.array(outcome.charged_minor[kind]) for kind in KINDS},
        "is_decided": pa.array(outcome.is_decided),
        "is_invented_rate": pa.array(outcome.is_invented_rate),
        "is_invented_tariff": pa.array(outcome.is_invented_tariff),
    }
    return pa.table(columns, schema=SCHEMA)


def _same(word: str, count: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, dtype=np.int32)), pa.array([word]))
