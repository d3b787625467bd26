"""Files of worked examples, and how a case states amounts of several currencies."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

import yaml

from serai.model.errors import SeraiError
from serai.model.money import PLACES

Case = Mapping[str, Any]
CASES: Final = "/cases.yaml"
"""End of the path of a pack's own cases."""


class CaseFileError(SeraiError):
    """A file of worked examples cannot be read."""


def read_cases(content: bytes) -> list[dict[str, Any]]:
    """Read a case file. Raises CaseFileError `case-file`."""
    try:
        data = yaml.load(content, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders
    except yaml.YAMLError as fault:
        raise CaseFileError(
            "case-file",
            f"The file is not YAML: {fault}.",
            "Take the cases.yaml of a shipped pack as a template.",
        ) from fault
    if not isinstance(data, dict) or data.get("format") != "serai-regime-cases/1":
        raise CaseFileError(
            "case-file", "The file does not say `format: serai-regime-cases/1`.", "Give a case file."
        )
    return list(data["cases"])


def own_cases(files: Mapping[str, bytes]) -> list[bytes]:
    """Return the case files that packs bring with them."""
    return [content for path, content in files.items() if path.endswith(CASES)]


def minor_per_minor(case: Case, currency: str) -> Fraction:
    """Return minor units of the case's currency for one minor unit of another, at the rate the case
    states."""
    if currency == case["currency"]:
        return Fraction(1)
    rate = next(Fraction(rate["rate"]) for rate in case["input"]["rates"] if rate["currency"] == currency)
    return rate * Fraction(10) ** (PLACES[case["currency"]] - PLACES[currency])
