"""What becomes of every message of the customs scenarios: its verdict, and which of its elements are read.

`python -m tools.cds_messages ../shared/reference/cds > docs/reference/formats/cds.md`
"""

import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from lxml import etree
from serai.formats.cds.check import check_message
from serai.formats.placed import PlacedGroup
from serai.formats.wco_dec import DecMessage, decode_dec
from serai.formats.wco_dec_consignment import consignment_fields
from serai.formats.wco_res import FUNCTIONS, NOTIFICATIONS
from serai.formats.wco_res_read import decode_res
from serai.formats.xml_document import Reader, local_name, read_xml

H7_CODES = frozenset({"1H7", "C07", "C08"})
"""Additional procedures of the reduced data set: 1H7 itself, and the reliefs that come with it."""

KINDS = {
    "declaration": "declaration",
    "later act": "amendment, cancellation or presentation",
    "notification": "notification",
    "movement": "movement message",
    "query": "answer to a query",
    "text": "instructions, not a message",
}
_MOVEMENT_ROOTS = re.compile("inventoryLinking", re.IGNORECASE)

INTRODUCTION = """\
<!-- Written by `python -m tools.cds_messages ../shared/reference/cds`: change the code, then run it. -->
# Customs declaration service (WCO DEC and RES)

The UK's customs declaration service takes declarations as messages of the WCO Data Model (DEC) and
answers with notifications (RES). Serai checks both, reads declarations of import and the acts that follow
them into its own documents, and answers with notifications of the same shape.

```
serai check FILE --format cds --output json
```

- Order, occurrence, lengths, forms of numbers and dates, attributes and namespaces are those of the
  service's schemas: as facts in `src/serai/formats/cds/facts.yaml`, taken from them by
  `tools/cds_facts.py`. On thousands of altered samples our verdict is that of the schemas themselves
  (`tests/formats/cds/test_check.py`).
- Cancellations are checked by the schema of their own.
- Movement messages (arrival, departure, consolidation) are checked by facts of the schemas of inventory
  linking (`movements.yaml`). Answers to queries are known by their root; what they hold is not checked,
  and that is told.
- Published notifications stand in no namespace and some are indented. Such a copy is told as
  `cds-without-namespace` and judged without its white space; a missing `formatCode` is advice there. In
  their namespace both are faults.
- The service's own business rules (codes CDS10001 and so on) are not published as rules, and are **not**
  checked.
- What cannot be asked for here (exports, other procedures) is `procedure-not-here`, which is advice: the
  message is right, and is decided elsewhere.
- Elements that no field holds are kept with the message and reported as `unread-element`.

Many declarations go in one request: `POST /v1/declarations` with `multipart/mixed`, each part
`application/xml`; a line of NDJSON answers each part, in order, and a trailer ends them, as for NDJSON. An
amendment, cancellation or presentation is sent alone (`act-not-in-bulk`).

Speed, by `benchmarks/wco_xml.py` on a machine with other work (so by processor time, of web processes
and PostgreSQL together): reading one declaration of 2.8 kB takes 0.13 ms and one of 17 kB 0.27 ms (0.20
and 0.47 before the reader walked each message once); one that is sent in a multipart body costs 0.32 to
0.35 ms until it is decided and durable, which is 5,800 to 6,300 a second for two cores; the same as
NDJSON costs 0.14 ms.

Which scenarios are assessed, and to which amount: [customs scenarios](../cds-scenarios.md). How the
message exchange runs over HTTP: [message exchange](cds-message-exchange.md).

"""


def kind_of(path: Path) -> str:
    """Return which kind of message a file of the scenarios holds, by its root alone."""
    if path.suffix.lower() == ".txt":
        return "text"
    root = etree.parse(path).getroot()
    name = local_name(root)
    if _MOVEMENT_ROOTS.match(name):
        return "movement"
    if name.startswith("Declaration"):
        return "query"
    inner = {local_name(one) for one in root.iter() if isinstance(one.tag, str)}
    if "Response" in inner:
        return "notification"
    codes = [(one.text or "").strip() for one in root.iter("{*}FunctionCode")]
    return "declaration" if codes[:1] == ["9"] else "later act"


def files_of(folder: Path) -> list[Path]:
    """List the files of the scenarios."""
    return [one for one in sorted(folder.rglob("*")) if one.suffix.lower() in {".xml", ".txt"}]


def build_page(folder: Path) -> str:
    """Return the page. folder: of the reference."""
    files = files_of(folder)
    return "\n".join(
        [INTRODUCTION + _verdicts(folder, files), _coverage(files), _fields(files), _notifications()]
    )


def _verdicts(folder: Path, files: list[Path]) -> str:
    counts: Counter[tuple[str, str, bool]] = Counter()
    unexpected = []
    for path in files:
        kind = kind_of(path)
        is_valid = all(one.severity != "fault" for one in check_message(path.read_bytes()))
        counts[path.relative_to(folder).parts[0], kind, is_valid] += 1
        if is_valid == (kind == "text"):
            unexpected.append(str(path.relative_to(folder)))
    lines = [
        "## Samples: expected and got\n",
        "Every message of the scenarios is published as one that the service takes or sends, so no fault is"
        " expected; their instructions are text and no message.\n",
        "| set | kind | files | expected | valid | not valid |",
        "|---|---|---|---|---|---|",
    ]
    for name in ("plain", "oracle"):
        for kind, meaning in KINDS.items():
            valid, other = counts[name, kind, True], counts[name, kind, False]
            expected = "not valid" if kind == "text" else "valid"
            if valid + other:
                lines.append(f"| {name} | {meaning} | {valid + other} | {expected} | {valid} | {other} |")
    right = len(files) - len(unexpected)
    lines.append(f"\n**{right} of {len(files)} as expected.** {', '.join(unexpected)}\n")
    return "\n".join(lines)


# ---- which elements are read ----


def count_occurrences(content: bytes) -> tuple[str, Counter[str]]:
    """Return the group of a message and what becomes of its elements with text: mapped, kept, refused.

    Counted are those of the declaration or response itself, not those of the envelope around it.
    """
    root, _ = read_xml(content)
    top = next(one for one in root.iter() if local_name(one) in {"Declaration", "Response"})  # type: ignore[union-attr]
    there = sum(1 for one in top.iter() if not len(one) and (one.text or "").strip())
    if local_name(top) == "Response":
        response, _ = decode_res(content)
        kept = len(response.unread) if response else there
        return "notifications", Counter(mapped=there - kept, kept=kept)
    message, _ = decode_dec(content)
    if message is None:
        return "outside scope", Counter(refused=there)
    group = _group_of(message)
    return group, Counter(mapped=there - len(message.unread), kept=len(message.unread))


def _group_of(message: DecMessage) -> str:
    if message.consignment is None:
        return "later acts"
    codes = {code for item in message.consignment.goods_items for code in item.additional_procedure_codes}
    return "H7-type declarations" if H7_CODES & codes else "other imports"


def _coverage(files: list[Path]) -> str:
    totals: dict[str, Counter[str]] = {}
    counts: Counter[str] = Counter()
    would: Counter[str] = Counter()
    for path in files:
        if kind_of(path) not in {"declaration", "later act", "notification"}:
            continue
        group, found = count_occurrences(path.read_bytes())
        totals.setdefault(group, Counter()).update(found)
        counts[group] += 1
        if group == "outside scope":
            would.update(_would_be_read(path.read_bytes()))
    lines = [
        "## Elements of the samples\n",
        "Occurrences of elements with text in the declaration or response, without its envelope. Mapped: they"
        " fill a named field, alone or joined with their neighbour (category and type of a document), or say"
        " which field it is (list of a code), or repeat the order (numbers of packages). Kept: kept with the"
        " message, no field holds them. Refused: in a declaration of what is decided elsewhere.\n",
        "| messages | files | occurrences | mapped | kept | refused | share mapped |",
        "|---|---|---|---|---|---|---|",
    ]
    for group in ("H7-type declarations", "other imports", "later acts", "notifications", "outside scope"):
        found = totals.get(group, Counter())
        all_of = sum(found.values())
        share = f"{100 * found['mapped'] / all_of:.1f} %"
        numbers = f"{found['mapped']} | {found['kept']} | {found['refused']}"
        lines.append(f"| {group} | {counts[group]} | {all_of} | {numbers} | {share} |")
    mapped, rest = would["mapped"], would["kept"]
    lines.append(
        f"\nOf the declarations outside scope the same reader would map {mapped} of {mapped + rest}"
        f" occurrences ({100 * mapped / (mapped + rest):.1f} %); they are not read, because what they ask for"
        " is not decided here.\n"
    )
    return "\n".join(lines)


def _declaration(content: bytes) -> Reader | None:
    root, _ = read_xml(content)
    top = next((one for one in root.iter() if local_name(one) == "Declaration"), None)  # type: ignore[union-attr]
    return None if top is None else Reader(top, "")


def _would_be_read(content: bytes) -> Counter[str]:
    reader = _declaration(content)
    assert reader is not None
    for name in ("FunctionCode", "TypeCode"):
        reader.text(name)
    consignment_fields(reader)
    kept = len(reader.unread())
    there = sum(1 for leaf in reader.leaves() if leaf.text())
    return Counter(mapped=there - kept, kept=kept)


def _fields(files: list[Path]) -> str:
    rows: dict[str, Counter[str]] = {}
    for path in files:
        if kind_of(path) != "declaration":
            continue
        reader = _declaration(path.read_bytes())
        assert reader is not None
        _gather(consignment_fields(reader), "", rows)
    lines = [
        "## Which element fills which field\n",
        "As met in the declarations of the samples; `N` stands for the place in a list. One element may fill"
        " several fields. What is taken from elsewhere is told in the"
        " [reference of messages](../messages.md).\n",
        "| element | fields of the consignment |",
        "|---|---|",
    ]
    for element, fields in sorted(rows.items()):
        lines.append(f"| {element} | {', '.join(f'`{one}`' for one in sorted(fields))} |")
    return "\n".join([*lines, ""])


def _gather(node: Any, field: str, rows: dict[str, Counter[str]]) -> None:
    if isinstance(node, PlacedGroup):
        for name, value in node.items():
            _gather(value, f"{field}.{name}" if field else name, rows)
    elif isinstance(node, list):
        for value in node:
            _gather(value, f"{field}.N", rows)
    elif getattr(node, "place", None):
        element = re.sub(r"\[\d+\]", "", node.place).lstrip("/")
        rows.setdefault(element, Counter())[field] += 1


def _notifications() -> str:
    lines = [
        "## Notifications\n",
        "All are read; those that follow from an act here are written too.\n",
        "| code | name | says | written by us |",
        "|---|---|---|---|",
    ]
    written = {"accepted", "received", "rejected", "control", "amended", "cleared", "invalidated", "tax"}
    written |= {"request-decided", "documents-wanted"}
    for function, code in FUNCTIONS.items():
        ours = "yes" if function in written else "no"
        lines.append(f"| {code} | {NOTIFICATIONS.get(code, '')} | {function} | {ours} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.stdout.write(build_page(Path(sys.argv[1])))
