"""Coverage: what worked examples reach of a pack, and what they leave unreached."""

import msgspec
import pytest

from serai.foundation.shipped import find_shipped, read_law_files
from serai.laboratory.law_bench.coverage import CoveredRule, PackCoverage, cover_packs
from serai.laboratory.worked_examples.case_file import read_cases

_CODE = "IL-2012"
_COMMON = "IL-IMPORT"


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """The packs of Israel: one version of the limit, and what all versions share."""
    shipped = read_law_files(find_shipped("laws"))
    return {
        path: content
        for path, content in shipped.items()
        if path.partition("/")[0] in (_CODE, _COMMON, "tables")
    }


@pytest.fixture(scope="module")
def common(files: dict[str, bytes]) -> PackCoverage:
    return cover_packs(files, [_COMMON])[0]


def _rule(coverage: PackCoverage, kind: str, name: str) -> CoveredRule:
    return next(rule for rule in coverage.rules if (rule.kind, rule.name) == (kind, name))


def test_cases_of_a_version_cover_the_layer_it_is_composed_with(
    common: PackCoverage, files: dict[str, bytes]
) -> None:
    assert common.cases_count == len(read_cases(files[f"{_CODE}/cases.yaml"]))
    assert 0 < common.reached_count < len(common.rules)
    assert _rule(common, "charge", "il-vat").cases_count > 0
    assert _rule(common, "reason", "il-within-free-limit").cases_count > 0


def test_what_no_case_reached_is_listed_with_its_line(common: PackCoverage, files: dict[str, bytes]) -> None:
    lines = files[f"{_COMMON}/pack.yaml"].decode().splitlines()
    returned = _rule(common, "reason", "il-goods-that-return")

    assert returned in common.unreached
    assert returned.line is not None
    assert "rule_id: il-goods-that-return" in lines[returned.line - 1]


def test_the_value_of_days_without_a_case_is_not_reached(files: dict[str, bytes]) -> None:
    cases = [case for case in read_cases(files[f"{_CODE}/cases.yaml"]) if str(case["date"]) >= "2025-01-01"]
    content = msgspec.json.encode({"format": "serai-regime-cases/1", "cases": cases})

    (coverage,) = cover_packs(files, [_COMMON], [content])

    assert _rule(coverage, "parameter", "vat_rate from 2025-01-01").cases_count > 0
    assert _rule(coverage, "parameter", "vat_rate from 2015-10-01") in coverage.unreached


def test_a_failing_case_covers_nothing(files: dict[str, bytes]) -> None:
    content = files[f"{_CODE}/cases.yaml"].replace(b"tax_minor: ", b"tax_minor: 7")

    (coverage,) = cover_packs(files, [_CODE], [content])

    assert (coverage.cases_count, coverage.reached_count) == (0, 0)
    assert coverage.rules
