"""What citations of scheme numbers and their tokens cost a declaration in bulk: processor time a row.

`python -m benchmarks.tax_paid_bulk`: batches of 10,000 declarations in which nobody cites a registered
number, all cite it, one brings a token, all bring one.
"""

import datetime as dt
import json
import time
from collections.abc import Iterator

import numpy as np
from serai.formats.json_columns import read_json_columns
from serai.journey.pipeline import check_fields
from serai.journey.processing.citations.finding import find_citations
from serai.journey.tax_paid.checking import TokenChecker
from serai.journey.tax_paid.goods import Tolerance
from serai.journey.tax_paid.trust.book import Trust
from serai.journey.tax_paid.trust.store import Scheme
from serai.journey.validation.fields import fields_of_columns
from serai.model.documents import Consignment
from tests.journey.batches import book
from tests.journey.processing.support import parcel
from tests.journey.tax_paid.tokens import AT, KEYS, LISTS, SCHEME_NUMBER, token

ROWS_COUNT = 10_000
TRIES_COUNT = 3


def declarations(tokens: frozenset[int], *, cites: bool) -> Iterator[bytes]:
    """Lines of a batch. tokens: which of them bring one."""
    one = token()
    for number in range(ROWS_COUNT):
        document = parcel(f"n{number}", order_references=["ORDER-1"])
        del document["detail"]
        if cites:
            document["scheme_kind_code"] = "IOSS"
            reference = {"role": "FR5", "identification_number": SCHEME_NUMBER}
            document["additional_fiscal_references"] = [reference]
        if number in tokens:
            document["tax_paid_token"] = one
        yield json.dumps(document).encode()


def measure(trust: Trust, tokens: frozenset[int], *, cites: bool, at: dt.datetime) -> float:
    """Return microseconds of processor time a row."""
    read = read_json_columns(list(declarations(tokens, cites=cites)), Consignment)
    assert read is not None, "such lines are read as columns"
    fields = fields_of_columns(read)
    checked = check_fields(fields, ["1"] * ROWS_COUNT, int(at.timestamp() * 1000), book())
    took = []
    for _ in range(TRIES_COUNT):
        begun = time.process_time()
        find_citations(fields, checked, range(ROWS_COUNT), trust, at)
        took.append(time.process_time() - begun)
    return min(took) / ROWS_COUNT * 1e6


def main() -> None:
    """Print a line for each kind of batch."""
    exact = Tolerance(value_ppm=0, mass_ppm=0)
    checker = TokenChecker(KEYS, LISTS, administration_code="DE")
    held = Scheme(
        scheme_id=1, party_id=2, scheme_kind_code="IOSS", number=SCHEME_NUMBER, tokens_from=None,
        registered_at=AT,
    )  # fmt: skip
    nobody, somebody = (Trust(1, checker, of, exact) for of in ({}, {("IOSS", SCHEME_NUMBER): held}))
    everyone = frozenset(np.arange(ROWS_COUNT).tolist())
    for name, trust, tokens, cites in (
        ("no number is registered", nobody, frozenset(), True),
        ("a number is registered, nobody cites it", somebody, frozenset(), False),
        ("all cite it, without tokens", somebody, frozenset(), True),
        ("all cite it, one brings a token", somebody, frozenset({777}), True),
        ("all cite it and bring a token", somebody, everyone, True),
    ):
        print(f"{name}: {measure(trust, tokens, cites=cites, at=AT):.2f} µs a row")


if __name__ == "__main__":
    main()
