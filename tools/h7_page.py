"""The super-reduced data set as a page: its elements, conditions, and what could not be confirmed.

`python -m tools.h7_page > docs/reference/formats/h7.md`
"""

import sys

from serai.formats.h7.profile import conditions, data_elements

INTRODUCTION = """\
<!-- Written by `python -m tools.h7_page`: change the data in `src/serai/formats/h7/`, then run it. -->
# Super-reduced data set (H7)

Goods of low value may be declared in the European Union, and into Northern Ireland, with a small set of
data: column H7 of annex B to Delegated Regulation (EU) 2015/2446. Serai checks a WCO declaration by that
set:

```
serai check FILE --format h7 --output json
```

- What the set asks for and is missing is a fault; where presence could not be confirmed from a published
  text it is advice, so that nobody is refused for it.
- What the set does not know is kept and told as `h7-not-in-set`.
- Form: digits, lengths, decimals. Conditions: value limits, the number of the IOSS, procedures that
  exclude each other, goods under excise, quota and preference.
- A value in another currency than the limit is not compared, for a rate belongs to the law of a day: the
  law packs convert and decide when the declaration is lodged.
- `--edition eu` or `--edition uk`: whose set. Without it the code 1H7, which only the UK has, names the
  UK's.
- Whether the message is one of the schemas is told by `--format cds`.

Sample: `examples/standards/h7-ioss.xml`.
"""


def build_page() -> str:
    """Return the page."""
    return "\n".join([INTRODUCTION, _elements(), _conditions(), _unconfirmed()])


def _elements() -> str:
    lines = [
        "## Data elements\n",
        f"Edition: {conditions().edition}. Numbers since 2021 and before. The text of the annex itself could"
        " not be read when this was written; sources are the publications named below.\n",
        "| number | former | element | level | Union | UK | WCO element | confirmed by |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {one.number} | {one.former_number} | {one.name} | {one.level} | {one.eu} | {one.uk} | {one.path}"
        f" | {one.confirmed or '**not verified**'} |"
        for one in data_elements()
    ]
    return "\n".join([*lines, ""])


def _conditions() -> str:
    rules = conditions()
    lines = ["## Conditions\n", "| condition | where | source | verified |", "|---|---|---|---|"]

    def add(text: str, row: object) -> None:
        editions = ", ".join(getattr(row, "editions", []))
        verified = "yes" if getattr(row, "confirmed", False) else "**no**"
        lines.append(f"| {text} | {editions} | {getattr(row, 'source', '')} | {verified} |")

    for relief in rules.reliefs:
        add(f"{relief.additional_procedure_code}: one of these is asked for", relief)
    for marker in rules.markers:
        add(f"{marker.additional_procedure_code}: names the data set", marker)
    for limit in rules.limits:
        code, amount = limit.additional_procedure_code, f"{limit.limit} {limit.currency_code}"
        add(f"{code}: goods worth up to {amount}", limit)
    for scheme in rules.schemes:
        code, form = scheme.additional_procedure_code, scheme.form_in_words
        add(f"{code}: a number in role {scheme.role_code}, {form}, and none without {code}", scheme)
    for pair in rules.incompatible:
        add(f"{' and '.join(pair.codes)} exclude each other", pair)
    for goods in rules.excluded_goods:
        codes = ", ".join(goods.additional_procedure_codes)
        add(f"{goods.what} ({', '.join(goods.prefixes)}) not under {codes}", goods)
    for claim in rules.not_claimed:
        add(f"{claim.what} cannot be claimed", claim)
    licences = rules.limited_licences
    add(f"category {', '.join(licences.category_codes)}: {licences.what} is advice", licences)
    return "\n".join([*lines, ""])


def _unconfirmed() -> str:
    elements = [f"{one.rendered_number} {one.name}" for one in data_elements() if not one.confirmed]
    return (
        "## Not verified\n\n"
        f"Presence or number of: {'; '.join(elements)}. That the column has no element beyond this table."
        " Codes of member states of their own."
        " What the end of the relief from duty on 1 July 2026 changes in the"
        " column: the law packs know its effect, the set here does not.\n"
    )


if __name__ == "__main__":
    sys.stdout.write(build_page())
