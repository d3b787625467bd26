"""A new pack to begin with: a folder that checks at once, with one worked example that passes."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from importlib.resources import files as package_files
from string import Template

from serai.journey.law_in_force.faults import find_law_faults
from serai.laboratory.worked_examples.case_file import read_cases
from serai.laboratory.worked_examples.running import run_case
from serai.law.book import BASE_LAYER
from serai.law.library import TERRITORIES, PackFiles, read_packs
from serai.law.load import decode_table
from serai.law.notation import write_value
from serai.law.pack import Pack
from serai.law.territory import Territory
from serai.model.errors import SeraiError
from serai.model.money import PLACES

_FILES = ("pack.yaml", "README.md", "cases.yaml", "tariff.csv")
_CODE = re.compile(r"[A-Z]{2}[A-Z0-9-]{1,30}")


def write_pack(
    files: PackFiles, code: str, jurisdiction: str, valid_from: dt.date, currency: str | None = None
) -> dict[str, bytes]:
    """Return the files of a new pack of a base law by path, `<code>/pack.yaml` and so on.

    files: of the folder it is put into; they must be sound. jurisdiction: a country or customs union of the
    table of territories. currency: without it that of the law the jurisdiction has. Raises SeraiError:
    `law-code`, `law-there-already`, `law-territory-unknown`, `law-currency-unknown`, `law-scaffold`.
    """
    if not _CODE.fullmatch(code):
        raise SeraiError(
            "law-code", f"`{code}` is no code of a pack.", "Two letters, then letters, digits or -: XX-2027."
        )
    if any(path.startswith(f"{code}/") for path in files):
        raise SeraiError(
            "law-there-already",
            f"There is a folder {code} already.",
            "Take another code; nothing was written.",
        )
    packs = [one.pack for one in read_packs(files)]
    destination = _destination(jurisdiction, files)
    home = currency or _currency_of(jurisdiction, packs)
    if home not in PLACES:
        raise SeraiError("law-currency-unknown", f"There is no currency {home}.", "Give its ISO 4217 code.")
    facts = {
        "code": code,
        "jurisdiction": jurisdiction,
        "destination": destination,
        "prefix": jurisdiction.lower(),
        "valid_from": valid_from.isoformat(),
        "currency": home,
        "limit": write_value(_LIMIT * 10 ** PLACES[home], "money", home),
        **{name: str(units * 10 ** PLACES[home]) for name, units in _AMOUNTS.items()},
    }
    template = package_files("serai.laboratory.law_bench") / "new_pack"
    written = {
        f"{code}/{name}": Template((template / name).read_text("utf-8")).substitute(facts).encode()
        for name in _FILES
    }
    _try_out(code, files, written, [pack for pack in packs if pack.jurisdiction == jurisdiction])
    return written


_LIMIT = 150
_AMOUNTS = {"one": 1, "price": 100, "value": 200, "duty": 24, "tax": 56, "due": 80}
"""Limit of the pack and amounts of its example, in whole units of the currency."""


def _currency_of(jurisdiction: str, packs: Iterable[Pack]) -> str:
    """Return the currency of the latest law of a jurisdiction."""
    own = [pack for pack in packs if pack.jurisdiction == jurisdiction and pack.currency]
    if not own:
        raise SeraiError(
            "law-currency-unknown",
            f"No pack of {jurisdiction} says its currency.",
            "Say `--currency`, an ISO 4217 code.",
        )
    return str(max(own, key=lambda pack: (pack.layer == BASE_LAYER, pack.valid_from)).currency)


def _destination(jurisdiction: str, files: PackFiles) -> str:
    """Return a country in which the law governs: itself, or the first of a union."""
    if TERRITORIES not in files:
        raise SeraiError(
            "law-territory-unknown", f"There is no {TERRITORIES}.", "Name a folder of packs with its tables."
        )
    rows = [
        row for row in decode_table(files[TERRITORIES], Territory, TERRITORIES) if not row.postcode_pattern
    ]
    found = [row.country_code for row in rows if row.country_code == jurisdiction] or [
        row.country_code for row in rows if row.customs_territory_code == jurisdiction
    ]
    if not found:
        raise SeraiError(
            "law-territory-unknown",
            f"{TERRITORIES} has no territory {jurisdiction}.",
            f"Add a line such as `{jurisdiction},,,{jurisdiction},{jurisdiction},Etc/UTC,2000-01-01,,"
            f'"{jurisdiction}","the act that bounds it"`.',
        )
    return found[0]


def _try_out(code: str, files: PackFiles, written: Mapping[str, bytes], packs: Iterable[Pack]) -> None:
    """Check the new pack among the others and run its example, so that nobody begins with a fault."""
    together = {**files, **written}
    faults = find_law_faults(together).faults
    if faults:
        before = {fault.message for fault in find_law_faults(files).faults}
        faults = [fault for fault in faults if fault.message not in before]
    result = None
    if not faults:
        (case,) = read_cases(written[f"{code}/cases.yaml"])
        result = run_case(case, together)
    if result is None or result.result != "passed":
        why = faults[0].message if faults else "; ".join(result.differences if result else ())
        closest = max(packs, key=lambda pack: (pack.layer == BASE_LAYER, pack.valid_from), default=None)
        raise SeraiError(
            "law-scaffold",
            f"A law of its own does not go with the packs there are: {why}",
            f"Copy the folder {closest.code} and change that." if closest else "Correct those packs first.",
        )
