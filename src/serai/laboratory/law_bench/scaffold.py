"""A new pack to begin with: a folder that checks at once, with one worked example that passes.

Where the territory has a law whose layers speak its words, the folder is the next version of that law; else a
scaffold.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from importlib.resources import files as package_files
from string import Template
from typing import Any, Final, NamedTuple

import yaml

from serai.journey.law_in_force.faults import find_law_faults
from serai.laboratory.worked_examples.case_file import CASES, read_cases
from serai.laboratory.worked_examples.running import run_case
from serai.law.book import BASE_LAYER, country_of
from serai.law.library import TERRITORIES, PackFiles, read_packs
from serai.law.load import decode_table
from serai.law.pack import Pack
from serai.law.territory import Territory
from serai.law.written_values import write_value
from serai.model.errors import SeraiError
from serai.model.money import PLACES

_FILES = ("pack.yaml", "README.md", "cases.yaml", "tariff.csv")
_CODE = re.compile(r"[A-Z]{2}[A-Z0-9-]{1,30}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CASES_TRIED: Final = 40
_LIMIT = 150
_AMOUNTS = {"one": 1, "price": 100, "value": 200, "duty": 24, "tax": 56, "due": 80}
"""Limit of the pack and amounts of its example, in whole units of the currency."""


class NewPack(NamedTuple):
    """A new pack. files: by path, `<code>/pack.yaml` and so on. jurisdiction: that of the law. copied: the
    pack it is the next version of; None: it is a scaffold.
    """

    files: dict[str, bytes]
    jurisdiction: str
    copied: str | None


class _Place(NamedTuple):
    """Where a law is to govern. jurisdictions: that of the law, then those whose law is near: of what it is
    part of, of the others in its customs union.
    """

    jurisdictions: tuple[str, ...]
    country_code: str
    postcode: str | None


def write_pack(
    files: PackFiles, code: str, territory: str, valid_from: dt.date, currency: str | None = None
) -> NewPack:
    """Write a new pack of a base law.

    files: of the folder it is put into; they must be sound. territory: a country, customs or tax territory of
    the table of territories. currency: of a scaffold; without it that of the law the territory has. Raises
    SeraiError: `law-code`, `law-there-already`, `law-territory-unknown`, `law-currency-unknown`,
    `law-scaffold`.
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
    place = _find_place(territory, files)
    bases = [one.pack for one in read_packs(files) if one.pack.layer == BASE_LAYER]
    closest = _closest(bases, place, valid_from)
    why: str | None = ""
    if closest is None or closest.jurisdiction == place.jurisdictions[0]:
        written = _scaffold(code, place, valid_from, currency or _currency_of(territory, closest))
        why = _find_fault(files, written) or _find_difference(
            read_cases(written[f"{code}{CASES}"])[0], {**files, **written}
        )
        if why is None:
            return NewPack(written, place.jurisdictions[0], None)
    if closest is None:
        raise _unfit(
            f"A law of its own does not go with the packs there are: {why}", "Correct those packs first."
        )
    return NewPack(
        _next_version(files, closest, code, place, valid_from), place.jurisdictions[0], closest.code
    )


def _find_place(territory: str, files: PackFiles) -> _Place:
    """Return the law's jurisdiction and an address in it."""
    if TERRITORIES not in files:
        raise SeraiError(
            "law-territory-unknown", f"There is no {TERRITORIES}.", "Name a folder of packs with its tables."
        )
    rows = sorted(
        decode_table(files[TERRITORIES], Territory, TERRITORIES), key=lambda row: row.postcode_pattern != ""
    )
    named = [
        next((row for row in rows if getattr(row, kind) == territory), None)
        for kind in ("country_code", "customs_territory_code", "tax_territory_code")
    ]
    row = next((row for row in named if row is not None), None)
    if row is None:
        known = {code for row in rows for code in (row.country_code, row.customs_territory_code)}
        near = get_close_matches(territory.upper(), known, n=1)
        raise SeraiError(
            "law-territory-unknown",
            f"{TERRITORIES} has no territory {territory}.",
            f"{f'Did you mean {near[0]}? ' if near else ''}Add a line such as `{territory},,,{territory},"
            f'{territory},Etc/UTC,2000-01-01,,"{territory}","the act that bounds it"`.',
        )
    own = territory if row is named[1] and row is not named[0] else country_of(row.tax_territory_code)
    neighbours = [
        country_of(other.tax_territory_code)
        for other in rows
        if other.customs_territory_code == row.customs_territory_code
    ]
    jurisdictions = dict.fromkeys(
        (own, country_of(row.tax_territory_code), row.customs_territory_code, *neighbours)
    )
    return _Place(tuple(jurisdictions), row.country_code, _postcode_of(row))


def _postcode_of(row: Territory) -> str | None:
    """Return the first postcode of a territory; None where every one of its country is in it."""
    if not row.postcode_pattern:
        return None
    pattern = re.compile(row.postcode_pattern)
    tried = ("BT11AA", *(f"{number:05}" for number in range(100_000)))
    return next((text for text in tried if pattern.match(text)), None)


def _closest(bases: Iterable[Pack], place: _Place, day: dt.date) -> Pack | None:
    """Return the law that governs a place on a day, or did last: its own, else that of what it is part of."""

    def rank(pack: Pack) -> tuple[int, bool, bool, bool, dt.date]:
        is_on_day = pack.valid_from <= day and (pack.valid_to is None or day < pack.valid_to)
        has_begun = pack.valid_from <= day
        nearness = -place.jurisdictions.index(pack.jurisdiction)
        return nearness, is_on_day, has_begun, not pack.channels, pack.valid_from

    return max((pack for pack in bases if pack.jurisdiction in place.jurisdictions), key=rank, default=None)


# ---- a scaffold ----


def _scaffold(code: str, place: _Place, valid_from: dt.date, home: str) -> dict[str, bytes]:
    if home not in PLACES:
        near = get_close_matches(home.upper(), PLACES, n=1)
        raise SeraiError(
            "law-currency-unknown",
            f"There is no currency {home}.",
            f"Did you mean {near[0]}?" if near else "Give its ISO 4217 code.",
        )
    jurisdiction = place.jurisdictions[0]
    facts = {
        "code": code,
        "jurisdiction": jurisdiction,
        "destination": place.country_code,
        "buyer": "{type: private}"
        if place.postcode is None
        else f"{{type: private, postcode: '{place.postcode}'}}",
        "prefix": jurisdiction.lower(),
        "name": jurisdiction.lower().replace("-", "_"),
        "valid_from": valid_from.isoformat(),
        "currency": home,
        "limit": write_value(_LIMIT * 10 ** PLACES[home], "money", home),
        **{name: str(units * 10 ** PLACES[home]) for name, units in _AMOUNTS.items()},
    }
    return {f"{code}/{name}": _fill(name, facts) for name in _FILES}


def _fill(name: str, facts: Mapping[str, str]) -> bytes:
    template = package_files("serai.laboratory.law_bench") / "new_pack" / name
    return Template(template.read_text("utf-8")).substitute(facts).encode()


def _currency_of(territory: str, closest: Pack | None) -> str:
    if closest is None or closest.currency is None:
        raise SeraiError(
            "law-currency-unknown",
            f"No pack of {territory} says its currency.",
            "Say `--currency`, an ISO 4217 code.",
        )
    return closest.currency


def _find_fault(files: PackFiles, written: Mapping[str, bytes]) -> str | None:
    """Check the new pack among the others: say what is wrong that was not before."""
    faults = find_law_faults({**files, **written}).faults
    if faults:
        before = {fault.message for fault in find_law_faults(files).faults}
        faults = [fault for fault in faults if fault.message not in before]
    return faults[0].message if faults else None


def _find_difference(case: Mapping[str, Any], files: PackFiles) -> str | None:
    result = run_case(case, files)
    return None if result.result == "passed" else "; ".join(result.differences) or result.result


def _unfit(message: str, next_step: str) -> SeraiError:
    return SeraiError("law-scaffold", message, next_step)


# ---- the next version of a law ----


def _next_version(
    files: PackFiles, closest: Pack, code: str, place: _Place, valid_from: dt.date
) -> dict[str, bytes]:
    """Return a copy of the closest law from a day on, with one of its examples on that day."""
    end = closest.valid_to if closest.valid_to is not None and closest.valid_to > valid_from else None
    facts = {"code": code, "before": closest.code, "valid_from": valid_from.isoformat()}
    head = {
        "code": code,
        "jurisdiction": f'"{place.jurisdictions[0]}"',
        "status": "draft",
        "valid_from": valid_from.isoformat(),
        "valid_to": str(end or "null"),
        "verified_until": None,
        "revision": None,
        "known_from": None,
    }
    text = files[f"{closest.code}/pack.yaml"].decode()
    for key, value in head.items():
        line = "" if value is None else f"{key}: {value}\n"
        text = re.sub(rf"^{key}:.*\n", lambda _, line=line: line, text, count=1, flags=re.MULTILINE)  # type: ignore[misc]
    written = {
        f"{code}/pack.yaml": text.encode(),
        f"{code}/README.md": _fill("README-of-a-version.md", facts),
    }
    tariff = f"{closest.code}/tariff.csv"
    if tariff in files:
        written[f"{code}/tariff.csv"] = files[tariff]
    why = _find_fault(files, written)
    for case in () if why else _cases_of(files, closest, code, place, valid_from):
        why = _find_difference(case, {**files, **written})
        if why is None:
            return {**written, f"{code}{CASES}": _write_case(case)}
    raise _unfit(
        f"The law {closest.code} cannot be continued from {valid_from}: {why or 'it has no example.'}",
        "Take a day on which its values are known with --from, or correct the packs there are.",
    )


def _write_case(case: Mapping[str, Any]) -> bytes:
    content = {"format": "serai-regime-cases/1", "conventions": {}, "cases": [case]}
    return yaml.safe_dump(content, sort_keys=False, width=110, allow_unicode=True).encode()


def _cases_of(
    files: PackFiles, closest: Pack, code: str, place: _Place, valid_from: dt.date
) -> Iterator[dict[str, Any]]:
    """Yield examples of a law that only it governs, as ones of its next version in a place."""
    path = f"{closest.code}{CASES}"
    own = read_cases(files[path]) if path in files else []
    for case in [one for one in own if one["regime"] == closest.code and not one.get("overlays")][
        :_CASES_TRIED
    ]:
        given = {**case["input"], "destination": place.country_code}
        if place.postcode is not None:
            given["buyer"] = {**(given.get("buyer") or {}), "postcode": place.postcode}
        expected = _without_rules(case["expect"])
        if place.jurisdictions[0] == closest.jurisdiction:
            given, expected = case["input"], case["expect"]
        day = valid_from.isoformat()
        yield {
            **case,
            "id": f"{code}-01",
            "regime": code,
            "date": day,
            "input": _on_day(given, day),
            "expect": expected,
        }


def _without_rules(expected: Any) -> Any:
    """Return what a case expects without rules it names: in another country its own layers speak."""
    if isinstance(expected, dict):
        return {key: _without_rules(value) for key, value in expected.items() if key != "rules"}
    return [_without_rules(one) for one in expected] if isinstance(expected, list) else expected


def _on_day(given: Any, day: str) -> Any:
    """Return what a case gives with each day in it, of the purchase say, moved to one day."""
    if isinstance(given, dict):
        return {key: _on_day(value, day) for key, value in given.items()}
    if isinstance(given, list):
        return [_on_day(value, day) for value in given]
    if isinstance(given, dt.date):
        return dt.date.fromisoformat(day)
    return day if isinstance(given, str) and _DAY.fullmatch(given) else given
