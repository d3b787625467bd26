"""What our checker says of the published ICS cases, beside what they expect.

`python -m tools.ics_report ../shared/reference/ics > docs/reference/formats/ics.md`
"""

import gzip
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from serai.formats.ics.check import check_message
from serai.formats.ics.read import mapped_to
from serai.formats.ics.rules import read_rules
from serai.formats.ics.schema import Edition, read_elements
from serai.formats.ics.tree import plant
from serai.formats.xml_document import read_xml

REFERENCE = Path(__file__).parents[2] / "shared" / "reference" / "ics"


class Case(msgspec.Struct, frozen=True):
    """One published message. expect: what it is to be answered with; without number: the schema refuses."""

    id: str
    message: str
    edition: Edition
    kind: str
    expect: list[dict[str, Any]]
    xml: str

    @property
    def expects(self) -> str:
        """Say in a word what is expected."""
        if not self.expect:
            return "no error"
        return "refused by the schema" if self.is_for_schema else "errors of rules"

    @property
    def is_for_schema(self) -> bool:
        """Say whether the schema has to refuse it; such cases state neither number nor place."""
        return any("number" not in one for one in self.expect)


def read_cases(folder: Path) -> Iterator[Case]:
    """Read the rule cases and the schema cases."""
    for name in ("rule", "schema"):
        with gzip.open(folder / f"{name}_cases.jsonl.gz") as lines:
            for line in lines:
                yield msgspec.json.decode(line, type=Case)


def is_as_expected(case: Case) -> bool:
    """Check the message: exactly the expected numbers at the expected places, or refused by the schema."""
    findings = check_message(case.xml.encode(), edition=case.edition)
    if case.is_for_schema:
        return bool(findings) and all("kind" in one.parameters for one in findings)
    expected = sorted((str(one["number"]), str(one["location"])) for one in case.expect)
    return sorted((one.code, one.pointer) for one in findings) == expected


def count_elements(cases: Sequence[Case]) -> tuple[int, int]:
    """Count the elements with text in the messages without error: all, and those read into a field."""
    every = read = 0
    for case in cases:
        if case.expect:
            continue
        waiting = [(plant(read_xml(case.xml.encode())[0]), "")]
        while waiting:
            place, path = waiting.pop()
            if not place.names and place.text.strip():
                every += 1
                read += mapped_to(path) is not None
            for name, children in place.children.items():
                waiting += [(child, f"{path}/{name}") for child in children]
    return every, read


def build_page(folder: Path) -> str:
    """Write the page."""
    cases = list(read_cases(folder))
    total: Counter[tuple[str, str, str, str]] = Counter()
    equal: Counter[tuple[str, str, str, str]] = Counter()
    for case in cases:
        key = (case.kind, case.message, case.edition, case.expects)
        total[key] += 1
        equal[key] += is_as_expected(case)
    every, read = count_elements(cases)
    numbers = {rule.number for rule in read_rules()}
    expected = {one["number"] for case in cases for one in case.expect if "number" in one}
    rows = "".join(
        f"| {kind} | {message} | {edition} | {expects} | {total[kind, message, edition, expects]:,} "
        f"| {equal[kind, message, edition, expects]:,} |\n"
        for kind, message, edition, expects in sorted(total)
    )
    return PAGE.format(
        rows=rows,
        total=f"{total.total():,}",
        equal=f"{equal.total():,}",
        rules=len(read_rules()),
        numbers=len(numbers),
        seen=len(numbers & expected),
        unseen=", ".join(sorted(numbers - expected)),
        elements=sum(row["message"] == "CC315A" and bool(row["type"]) for row in read_elements()),
        every=f"{every:,}",
        read=f"{read:,}",
        percent=f"{100 * read / every:.0f}",
    )


PAGE = """# ICS entry summary declarations

Made by `tools/ics_report.py` from the cases that HMRC publishes with its entry declaration store
(hmrc/import-control-entry-declaration-store 3592263; half of them, see `../shared/reference`).

```
serai check FILE --format ics --edition new --output json
```

says all that is wrong with one message, CC315A (declaration) or CC313A (amendment), at once: `code` is the
error number of the standard, `pointer` its location, beside them our sentence and what to do. Three steps:

1. Is it such a message? XML without DOCTYPE, root and namespace as they should be. Codes are ours.
2. Does the schema (v11.2) allow it? Every fault is told, with number 4065: the only number that the published
   material states for content the schema does not allow.
3. Only then the rules and conditions: {rules} rules with {numbers} numbers, listed in
   [rules of ICS](ics-rules.md). They are data: `src/serai/formats/ics/rules.yaml`. A rule can hold from and
   to a day, and a breach can be advice until a day (a time of grace); the published rules state no days, so
   ours have none.

There are two editions, and a message does not say which it follows: `--edition old` asks for total and
place, and for the sums and nationalities of 8108, 8109, 8116 and 8117; `--edition new`, the default, does
not.

## Expected and got

Equal means: exactly the expected error numbers, each at exactly the expected location, as often as expected,
and nothing else. Cases that the schema has to refuse state no number; equal means that only the schema
speaks.

| set | message | edition | expected | cases | equal |
|---|---|---|---|---:|---:|
{rows}| both | | | {total} | {equal} |

{seen} of the {numbers} numbers occur in these cases. The others have not been confirmed by a published
message: {unseen}.

## What is read

Each house consignment becomes one `transport document` ([messages](../messages.md)): goods items that name
the same house waybill belong together. An entry summary states no price, origin or sale, so it is no
declaration of ours. Of {elements} elements that can hold a value, the [table of elements](ics-elements.md)
says which are read into which field; the others are kept unread and named, none is refused. In the messages
above that raise no error, {read} of {every} elements with a value are read ({percent} %).
"""


def main() -> None:
    """Print the page."""
    sys.stdout.write(build_page(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
