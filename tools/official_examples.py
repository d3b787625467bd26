"""Worked examples that authorities print: each with its address, what it prints and what our law gives.

`python -m tools.official_examples > docs/reference/official-examples.md`. The examples are in
`laws/official-examples.yaml`: their figures, never their sentences.
"""

import sys
from collections.abc import Iterable, Iterator
from typing import Final

from serai.foundation.shipped import find_shipped, read_law_files
from serai.laboratory.worked_examples.case_file import Case, read_cases
from serai.laboratory.worked_examples.running import CaseResult, run_case

EXAMPLES: Final = "official-examples.yaml"


def main() -> None:
    """Print the page."""
    sys.stdout.write(build_page(run_examples()))


def run_examples() -> list[tuple[Case, CaseResult]]:
    """Run the shipped examples, in the order of their file."""
    files = read_law_files(find_shipped("laws"))
    return [(case, run_case(case, files)) for case in read_cases(files[EXAMPLES])]


def build_page(results: Iterable[tuple[Case, CaseResult]]) -> str:
    """Write the page."""
    found = list(results)
    agreed = sum(result.result == "passed" for _, result in found)
    return PAGE.format(
        count=len(found),
        agreed=agreed,
        differing=len(found) - agreed,
        rows="\n".join(_row(case, result) for case, result in found),
        differences="\n".join(_differences(found)) or "None does.",
    )


def _row(case: Case, result: CaseResult) -> str:
    said = case["official"]
    note = f" ({said['note']})" if "note" in said else ""
    told = "the same" if result.result == "passed" else "differs"
    link = f"[{said['authority']}]({said['address']}), read {said['read_on']}{note}"
    return f"| {case['id']} | {case['regime']}, {case['date']} | {case['title']} | {told} | {link} |"


def _differences(found: Iterable[tuple[Case, CaseResult]]) -> Iterator[str]:
    for case, result in found:
        if result.result != "passed":
            yield f"- {case['id']}: {case['official']['differs']}. {'; '.join(result.differences)}."


PAGE = """# Official worked examples

Written by `python -m tools.official_examples`. Authorities print examples for the public: goods, prices and
what is due. Here their figures are worked examples of our own form (`laws/official-examples.yaml`); the
sentences are theirs and stay there. To run them: `serai law test --cases laws/official-examples.yaml`.

{count} were read and are run: {agreed} come to the figures printed, {differing} differ, each with its reason.
48 more are the scenarios of the customs declaration service that HMRC publishes, with declaration and answer:
[Our tax lines next to those of the customs service](oracle.md).

| example | law and day | what is printed | here | where |
|---|---|---|---|---|
{rows}

## Where we differ, and why

{differences}

## What was read and is not run

- Federal Office for Customs (Switzerland), a vacuum cleaner for EUR 150 and EUR 12.50 of shipping at 1.22:
  CHF 198.25, with CHF 17.45 and 13.00 of the post the base is CHF 228.70, VAT of 8 %. The rate held until
  the end of 2017, and the packs begin in 2019
  ([page](http://www.ezv.admin.ch/zollinfo_privat/04363/05361/index.html?lang=de), read 2026-11-29).
- New Zealand Customs Service, two examples of 2012: goods NZD 1,000 and 100 of freight give GST 165; with a
  duty of 5 % duty 50 and GST 172.50. Up to NZD 1,000 customs charges nothing of that since December 2019
  ([paper given out under the Official Information Act](https://fyi.org.nz/request/657/response/3311/attach/html/3/Copy%20of%20Examples%20of%20how%20to%20calculate%20Customs%20Charges.pdf.html),
  read 2026-11-29).
- Danish tax agency, a watch for DKK 1,000 and a strap for DKK 500 in one parcel: duty is due on all. The page
  prints no rate and no sum ([page](https://skat.dk/data.aspx?oid=2236525), read 2026-11-29).
- Thai Customs, goods of CIF USD 200 with duty of 60 % and USD 10, a fee of 50, excise of 30 % and interior
  tax: 407 in all. The page rounds each sum to a whole dollar, and takes a fee into the base that `TH-IMPORT`
  does not know ([page](http://en.customs.go.th/content.php?ini_content=traders_and_business_151007_02&lang=en&left_menu=menu_sample_of_duty_assessment),
  read 2026-11-29).
- Norwegian Customs, one kilogram of chocolate for NOK 98 in January 2020: 61 in all. How much of it is duty,
  excise and VAT the page does not say ([page](https://toll.no/en/about-norwegian-customs/news/arkiv/2019/aim-to-limit-online-purchases-of-snacks-and-soft-drinks),
  read 2026-11-29).

## Where was looked and nothing with figures was found

What could be read was the beginning of stored pages, about 2,000 signs of each; an example further down
could not. Looked through in that way: HMRC and GOV.UK, IRAS (its examples of low-value goods stand further
down), the Australian rulings LCR 2017/D2 and 2018/1 (seventeen examples, all further down), Irish Revenue,
the German customs service, the Swedish customs service, Norway's customs and tax
services, Japan Customs, the Brazilian and Chilean services, the Commission's explanatory notes. What papers
and forwarders tell of an authority's example was not taken.
"""

if __name__ == "__main__":
    main()
