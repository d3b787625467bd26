"""What becomes of the CEB samples of the reference: verdicts, and which elements reach which fields.

`python -m tools.ceb_report ../shared/reference/ceb > docs/reference/formats/ceb.md`
"""

import sys
from collections import Counter
from pathlib import Path
from typing import Any

from lxml import etree
from serai.formats.ceb.check import check_message
from serai.formats.ceb.convert import EXPORT_MESSAGES, MESSAGES
from serai.formats.ceb.facts import NAMESPACE, editions_of, message_names
from serai.formats.ceb.mapping import Mapping, Tree, mappings
from serai.formats.ceb.message import KINDS
from serai.formats.ceb.read import TRANSFER_FIELDS, decode_ceb, decode_receipts

MEANINGS = {
    "order": "order",
    "payment": "payment",
    "transport-document": "transport document",
    "declaration": "declaration of a consignment",
    "withdrawal": "request to withdraw a declaration",
    "return": "notice of goods that come back",
}
INTRODUCTION = """\
<!-- Written by `python -m tools.ceb_report ../shared/reference/ceb`: change the code, then run it. -->
# China's cross-border e-commerce messages (CEB)

A platform, a payment provider, a carrier and a declarant each send their own XML message to China's unified
system; a message holds up to a hundred documents. Serai checks every message of both editions of the schemas
(2018 and 2022-05), reads those below into its own documents, and writes those of [the last table](#messages).

```
serai check FILE --format ceb --output json
```

How to send them and what is answered: [Exchange CEB messages](../../how-to/exchange-ceb-messages.md).

- A message is right if it fits one edition; where only the earlier one fits, advice says so.
- Element order, occurrence, lengths and number forms are the schemas'. On altered samples the verdict is
  compared with that of the schemas themselves (`tests/formats/ceb/test_check.py`).
- What the schemas say only in their notes (allowed values, sums, what a trade mode needs) lies in
  `src/serai/formats/ceb/rules.yaml`. Where the authors' own samples do otherwise it is advice, never a fault.
- A signature is kept as it came, told (`signature-not-verified`), and **not verified**: that takes the
  certificates that China E-port issues. What is inside it is not checked. It is not written back: it
  holds for the bytes that its sender signed.
- Unknown elements are kept with the document, reported as `unread-element`, written back; sent over HTTP they
  are stored in the vault, among the remarks of a person of the document. For the check they are faults, as
  they are for the schemas.
- A fault of one document leaves the others of the message as they are.
- Times without offset are those of Beijing. A code of China's customs that has an international counterpart
  in `codes.yaml` is read as that; any other is kept with `CEB:` before it, told as `ceb-unknown-code`. That
  table comes from general knowledge and is **not verified** against an official copy.
- A declaration states one gross mass and one net mass, of all its goods with their packing (notes to
  `grossWeight` and `netWeight`); a row has none, only the quantities that the tariff asks for. Both stay with
  the consignment (`detail`), and the gross mass is shared out over the goods items, exact in sum: in the
  ratio of their kilograms where the tariff's quantity of every row is kilograms, else evenly. It is told as
  `ceb-mass-of-the-whole`. No charge of the law pack rests on it.
- Free words (`note`) may tell of a person. They are kept with the buyer, payer, consignee or whoever else the
  message names (`remarks`), in the vault under that person's key, and go when the person is erased.
- What breaks a rule of the standard (a fault of `serai check`) keeps that one document from being submitted.
- Speed over HTTP (`benchmarks/ceb.py`, 4,000 purchases of four documents, processor time of web processes and
  PostgreSQL, shared machine): 359 us a document, 5,565 documents/s on two cores; an order 288 us, a payment
  212, a waybill 158, an inventory 780, which meets the other three and is decided. Reading is 66, 39, 39 and
  117 us of that.
- An inventory names no consignee but an address; the buyer's name stands for it. It is a sale to a consumer
  (B2C) by the nature of the message, and its trade mode is the procedure asked for.
- An order does not say when it was made: `purchased_at` is the time at which it was sent.

"""


def build_page(folder: Path) -> str:
    """Return the page. folder: with the samples of 2018."""
    samples = sorted((folder / "2018" / "samples").rglob("*.xml"), key=lambda one: one.stem)
    return "\n".join(
        [
            INTRODUCTION + _verdicts(samples),
            _coverage(samples),
            _fields(),
            _messages(),
        ]
    )


def _verdicts(samples: list[Path]) -> str:
    lines = [
        "## Samples: expected and got\n",
        "The samples are published as valid: no fault is expected in any.\n",
        "| sample | expected | got | faults | advice |",
        "|---|---|---|---|---|",
    ]
    right = 0
    for sample in samples:
        found = check_message(sample.read_bytes())
        faults = [one for one in found if one.severity == "fault"]
        advice = Counter(one.code for one in found if one.severity == "advice")
        right += not faults
        told = ", ".join(f"`{code}` {count}" for code, count in sorted(advice.items()))
        got = "valid" if not faults else "not valid"
        lines.append(f"| {sample.parent.name} {sample.stem} | valid | {got} | {len(faults)} | {told} |")
    return "\n".join([*lines, f"\n**{right} of {len(samples)} as expected.**\n"])


def _coverage(samples: list[Path]) -> str:
    lines = [
        "## Elements of the samples\n",
        "Occurrences of elements with text, but for those inside signatures. Mapped: they fill a named field."
        " Kept: kept with the document, nothing reads them. Refused: in a document with a fault. Not read: of"
        " a message that is checked only.\n",
        "| sample | read as | occurrences | mapped | kept | refused | not read |",
        "|---|---|---|---|---|---|---|",
    ]
    totals: Counter[str] = Counter()
    of_documents: Counter[str] = Counter()
    for sample in samples:
        counts = count_occurrences(sample.read_bytes())
        totals += counts
        mapping = mappings().get(sample.stem)
        if mapping is not None:
            of_documents += counts
        kind = MEANINGS[mapping.kind] if mapping else ("answers" if counts["mapped"] else "checked only")
        lines.append(f"| {sample.stem} | {kind} | {_row(counts)} |")
    lines += [
        f"| **documents and requests** | | {_row(of_documents)} |",
        f"| **all** | | {_row(totals)} |",
        f"\nMapped: **{_share(of_documents)}** of the occurrences in documents and requests,"
        f" {_share(totals)} of all.\n",
    ]
    return "\n".join(lines)


def _row(counts: Counter[str]) -> str:
    parts = ("mapped", "kept", "refused", "unread")
    return " | ".join(str(count) for count in (sum(counts.values()), *(counts[part] for part in parts)))


def _share(counts: Counter[str]) -> str:
    return f"{100 * counts['mapped'] / sum(counts.values()):.1f} %"


def count_occurrences(content: bytes) -> Counter[str]:
    """Count what becomes of the elements with text of a message: mapped, kept, refused, unread."""
    root = etree.fromstring(content)
    own = [one for one in root.iter(f"{{{NAMESPACE}}}*") if not len(one) and (one.text or "").strip()]
    message, _ = decode_ceb(content)
    if message is None:
        receipts, _ = decode_receipts(content) if b"returnStatus" in content else ([], [])
        # An answer's own four and what it answers: each has its field.
        mapped = sum(4 + len(one.subject) for one in receipts)
        return Counter(mapped=mapped, unread=len(own) - mapped)
    groups = [one for one in root if etree.QName(one).localname == mappings()[message.name].group]
    counts: Counter[str] = Counter()
    for group, document in zip(groups, message.documents, strict=True):
        there = sum(1 for one in group.iter() if not len(one) and (one.text or "").strip())
        if document.content is None:
            counts["refused"] += there
        else:
            counts["kept"] += len(document.kept)
            counts["mapped"] += there - len(document.kept)
    transfer = root.find(f"{{{NAMESPACE}}}BaseTransfer")
    counts["mapped"] += sum(
        1
        for one in (transfer if transfer is not None else ())
        if one.text and one.text.strip() and etree.QName(one).localname in TRANSFER_FIELDS
    )
    counts["kept"] += len(own) - sum(counts.values())
    return +counts


def _fields() -> str:
    parts = ["## Which element fills which field\n"]
    for name, mapping in sorted(mappings().items()):
        parts.append(f"### {name}: {MEANINGS[mapping.kind]}\n")
        parts.append(f"`{KINDS[mapping.kind].__name__}`; `filing` is how the submitter's system sent it.\n")
        parts.append("| element | field | read as |\n|---|---|---|")
        parts.extend(_field_rows(mapping))
        parts.append("")
    return "\n".join(parts)


def _field_rows(mapping: Mapping) -> list[str]:
    rows = _tree_rows(mapping.head_tree, mapping.head, "")
    if mapping.row_tree is not None:
        rows += _tree_rows(mapping.row_tree, str(mapping.rows), f"{mapping.rows_to}.N.")
    return rows


def _tree_rows(tree: Tree, record: str, prefix: str) -> list[str]:
    way = f"{record}/" if record else ""
    return [
        f"| {way}{etree.QName(tag).localname} | `{prefix}{place.path}` | {place.how or 'text'} |"
        for tag, place in tree.by_tag.items()
    ]


def _messages() -> str:
    lines = [
        "## Messages\n",
        "Written: by `serai convert --to ceb` (import) or `--to ceb-export`, as an answer to what was sent,"
        " or not at all: Serai tells of a withdrawal or a return in its own documents, and holds no inventory"
        " (CEB603), manifest or departure of export.\n",
        "| message | editions | read | written |",
        "|---|---|---|---|",
    ]
    for name in message_names():
        editions = ", ".join(sorted({one.edition for one in editions_of(name)}))
        is_answer = _is_answer(name)
        read = "yes" if name in mappings() or is_answer else "checked only"
        lines.append(f"| {name} | {editions} | {read} | {_written(name)} |")
    return "\n".join([*lines, ""])


def _written(name: str) -> str:
    if name in MESSAGES.values():
        return "`convert --to ceb`"
    if name in EXPORT_MESSAGES.values():
        return "`convert --to ceb-export`"
    return "as an answer" if _is_answer(name) else "no"


def _is_answer(name: str) -> bool:
    edition = editions_of(name)[0]
    steps: Any = edition.records[name].steps[:-1]
    return (
        len(steps) == 1
        and any(leaf.name == "returnStatus" for leaf in edition.records[str(steps[0].group)].steps)
        and name != "CEB900Message"
    )


if __name__ == "__main__":
    sys.stdout.write(build_page(Path(sys.argv[1])))
