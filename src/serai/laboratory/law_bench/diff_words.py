"""Differences of two packs in sentences that a lawyer reads, and the meanings of the names in them."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from serai.explanation.wording import render_day, render_money, render_rate
from serai.laboratory.law_bench.diff import Difference
from serai.law.expression import names_in
from serai.law.pack import Pack
from serai.law.shared_words import SHARED_WORDS
from serai.law.tariff import day_number
from serai.law.vocabulary import WORDS
from serai.model.money import MICRO

_FIELDS = {
    "when": "the condition",
    "base": "the base",
    "rate": "the rate",
    "amount": "the amount",
    "value": "the value",
    "due": "where it is due",
    "debtor": "who owes it",
    "is_waived_when": "when it is not collected",
    "is_in_tax_base": "whether it is in the base of the tax",
    "is_there": "what makes it complete",
    "law_ref": "the reference to the law",
    "tax_type_code": "the code of the tax type",
    "total": "the consignment's sum",
    "lane": "the lane",
    "valid_from": "the first day",
    "valid_to": "the first day out of force",
    "known_from": "the day it became known",
    "by": "what picks the value",
    "by_prefix": "what picks the value, by its beginning",
    "opened_by_document_codes": "the documents that open the way",
    "prefixes": "the goods",
    "sentence": "the sentence people read",
    "remedy": "what to do",
    "appeal": "how to appeal",
    "public_sentence": "the sentence others read",
    "unless": "the exception",
}
"""What a field is called in a sentence; others by their own name."""
_EXPRESSIONS = frozenset({"when", "base", "rate", "amount", "value", "is_waived_when", "is_there"})
FOLDED = _EXPRESSIONS | {"sentence", "remedy", "appeal", "public_sentence", "total", "unless"}
"""Fields too long for a sentence that tells what changed."""
_NOTHING = "nothing"


def render_difference(one: Difference) -> str:
    """Return a difference as a sentence. An expression is folded away: `render_sides` has both texts."""
    name = f"`{one.name}`" if one.name != "all" else "the rows"
    subject = f"{one.part.capitalize()} {name}" if one.part != "pack" else "The pack"
    # The sentence of a rule is long and told where it changes; a name for people is short.
    title = f" ({one.title.rstrip('.')})" if one.title else ""
    if one.part == "parameter" and one.field == "value":
        figure = f"{one.title.rstrip('.')} (`{one.name}`)" if one.title else f"`{one.name}`"
        return f"{figure}{_say_key(one.key)} {_say_value_by_day(one)}."
    if one.part == "tariff":
        return f"{subject}{title} {_say_tariff(one)}."
    if one.change == "added":
        return f"{subject}{title} is new{_say_gist(one.after)}."
    if one.change == "removed":
        return f"{subject}{title} is gone{_say_gist(one.before)}."
    field = _FIELDS.get(one.field or "", (one.field or "").replace("_", " "))
    if one.field in FOLDED:
        return f"{subject}{title}: {field} is another."
    before, after = _render(one.before), _render(one.after)
    if one.field == "valid_to":
        before, after = (text if text != _NOTHING else "open" for text in (before, after))
    return f"{subject}{title}: {field} was {before} and is {after}."


def render_sides(one: Difference) -> tuple[str, str]:
    """Return what each of the two packs says, to stand side by side; "" for the one that says nothing."""
    if one.part == "parameter" and one.field == "value":
        before = "" if one.before is None else render_amount(one.before, one.kind, one.currency_before)
        after = "" if one.after is None else render_amount(one.after, one.kind, one.currency_after)
        return before, after
    if one.part == "tariff":
        return "" if one.before is None else _say_terms(one.before), (
            "" if one.after is None else _say_terms(one.after)
        )
    if one.change != "changed":
        before, after = (_say_heart(side) or "there" for side in (one.before, one.after))
        return ("", after) if one.change == "added" else (before, "")
    is_formula = one.field in _EXPRESSIONS
    sides = (_render_whole(side, is_formula=is_formula) for side in (one.before, one.after))
    before, after = ("open" if one.field == "valid_to" and side == _NOTHING else side for side in sides)
    return before, after


def render_field(one: Difference) -> str:
    """Return what of a rule or a pack differs, in words; "" where the whole is new or gone."""
    if one.field is None or (one.part == "parameter" and one.field == "value"):
        return ""
    return _FIELDS.get(one.field, one.field.replace("_", " "))


def meanings_of(differences: Iterable[Difference], packs: Sequence[Pack]) -> dict[str, str]:
    """Return what the names mean that stand in the conditions and amounts of differences, in order.

    packs: the later one's words go before the earlier one's.
    """
    known = {word.name: word.meaning for word in WORDS.values()}
    known.update({word.name: word.meaning for word in SHARED_WORDS})
    for pack in packs:
        known.update({one.name: one.meaning for one in pack.parameters})
        known.update({one.name: one.meaning for one in pack.tariff_rates})
        known.update({one.name: one.meaning for one in pack.definitions})
    names = [name for one in differences for text in _texts(one) for name in names_in(text)]
    return {name: known[name] for name in dict.fromkeys(names) if name in known}


def _texts(one: Difference) -> Iterable[str]:
    if one.field is None:
        sides = [side for side in (one.before, one.after) if isinstance(side, Mapping)]
        yield from (
            str(side[key]) for side in sides for key in _EXPRESSIONS if isinstance(side.get(key), str)
        )
    elif one.field in _EXPRESSIONS and one.part != "parameter":
        yield from (text for text in (one.before, one.after) if isinstance(text, str))
    elif one.field in ("due", "debtor"):
        for rows in (one.before, one.after):
            yield from (row["when"] for row in rows if not isinstance(rows, str))


# ---- values ----


def _say_key(key: str | None) -> str:
    return f", for {key}" if key else ""


def _say_value_by_day(one: Difference) -> str:
    days = _say_days(one.valid_from, one.valid_to)
    when = f", {days}" if days else ""
    before = render_amount(one.before, one.kind, one.currency_before)
    after = render_amount(one.after, one.kind, one.currency_after)
    if one.change == "added":
        return f"is new: {after}{when}"
    if one.change == "removed":
        return f"is gone; it was {before}{when}"
    if isinstance(one.before, list) and isinstance(one.after, list):
        gone = [code for code in one.before if code not in one.after]
        come = [code for code in one.after if code not in one.before]
        parts = [f"loses {' '.join(gone)}"] if gone else []
        parts += [f"gains {' '.join(come)}"] if come else []
        return f"{' and '.join(parts) or 'stands in another order'}{when}"
    if _are_comparable(one):
        return f"{'falls' if one.after < one.before else 'rises'} from {before} to {after}{when}"
    return f"becomes {after} instead of {before}{when}"


def _are_comparable(one: Difference) -> bool:
    return (
        all(type(side) is int for side in (one.before, one.after))
        and one.currency_before == one.currency_after
    )


def _say_days(begin: dt.date | None, end: dt.date | None) -> str:
    text = f"from {_say_date(begin)}" if begin else ""
    return f"{text} to {_say_date(end - dt.timedelta(days=1))}" if end else text


def _say_date(day: dt.date) -> str:
    return render_day(day_number(day))


def render_amount(value: Any, kind: str | None, currency: str | None) -> str:
    """Return a value of a parameter with its unit or currency. value: as the pack says it; None: none is."""
    if value is None:
        return "no value"
    if kind == "money":
        return render_money(value, currency)
    if kind == "rate":
        return render_rate(value, MICRO)
    if kind == "mass":
        return f"{value} g"
    if kind == "date":
        return _say_date(dt.date.fromisoformat(value))
    return _render(value)


# ---- fields ----


def _render(value: Any) -> str:
    if value is None or value in ([], ""):
        return _NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.date):
        return _say_date(value)
    if isinstance(value, list):
        return _say_rows(value) if isinstance(value[0], Mapping) else ", ".join(map(str, value))
    if isinstance(value, Mapping):
        return _say_map(value)
    return f'"{value}"' if " " in str(value) else str(value)


def _render_whole(value: Any, *, is_formula: bool) -> str:
    """Return a side with its expressions, to stand beside the other."""
    if is_formula and isinstance(value, str) and value:
        return f"`{value}`"
    is_table = isinstance(value, list) and value and isinstance(value[0], Mapping) and "code" in value[0]
    return _say_table(value) if is_table else _render(value)


def _say_rows(rows: Sequence[Mapping[str, Any]]) -> str:
    if any("code" not in row for row in rows):
        return "; ".join(map(_say_map, rows))
    codes = list(dict.fromkeys(row["code"] for row in rows))
    return codes[0] if len(codes) == 1 else f"{', '.join(codes[:-1])} or {codes[-1]} by condition"


def _say_table(rows: Sequence[Mapping[str, Any]]) -> str:
    return ", else ".join(
        row["code"] if row["when"].upper() == "TRUE" else f"{row['code']} if `{row['when']}`" for row in rows
    )


def _say_map(value: Mapping[str, Any]) -> str:
    told = (f"{key.replace('_', ' ')} {_render(one)}" for key, one in value.items() if one is not None)
    return ", ".join(told)


def _say_gist(row: Any) -> str:
    """Return what a rule that only one of two packs has does to whom, without its expressions."""
    if not isinstance(row, Mapping):
        return ""
    parts = []
    if row.get("debtor"):
        parts.append(f"owed by {_say_rows(row['debtor'])}")
    if row.get("prefixes"):
        parts.append(f"goods {' '.join(row['prefixes'])}")
    if row.get("lane") not in (None, "proceed"):
        parts.append(f"lane {row['lane']}")
    return f": {'; '.join(parts)}" if parts else ""


def _say_heart(row: Any) -> str:
    """Return the condition of a rule that only one of two packs has, and what it makes owed."""
    if not isinstance(row, Mapping):
        return ""
    parts = []
    if row.get("when") not in (None, "TRUE"):
        parts.append(f"if `{row['when']}`")
    parts += [f"unless `{one['when']}`" for one in row.get("unless") or ()]
    if row.get("base"):
        parts.append(f"`{row['rate']}` of `{row['base']}`")
    if row.get("amount"):
        parts.append(f"`{row['amount']}`")
    if row.get("debtor"):
        parts.append(f"owed by {_say_table(row['debtor'])}")
    if isinstance(row.get("value"), str):
        parts.append(f"`{row['value']}`")
    if row.get("prefixes"):
        parts.append(f"goods {' '.join(row['prefixes'])}")
    if row.get("lane") not in (None, "proceed"):
        parts.append(f"lane {row['lane']}")
    return "; ".join(parts)


def _say_tariff(one: Difference) -> str:
    days = _say_days(one.valid_from, one.valid_to)
    when = f", {days}" if days else ""
    if one.change == "added":
        return f"is new, {_say_terms(one.after)}{when}"
    if one.change == "removed":
        return f"is gone; it was {_say_terms(one.before)}{when}"
    return f"becomes {_say_terms(one.after)} instead of {_say_terms(one.before)}{when}"


def _say_terms(terms: Mapping[str, Any]) -> str:
    parts = [render_rate(terms["ad_valorem_ppm"], MICRO)]
    for key, before in (
        ("specific_micro", "and"),
        ("minimum_micro", "at least"),
        ("maximum_micro", "at most"),
    ):
        if terms[key]:
            parts.append(f"{before} {terms[key]} millionths of a minor unit a {terms['specific_unit']}")
    if terms["valid_to"] is not None:
        parts.append(f"to {_say_date(terms['valid_to'] - dt.timedelta(days=1))}")
    return " ".join(parts)
