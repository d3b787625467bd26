"""`python -m tools.reference write` writes the pages, `check` says which ones differ and exits with 1.

A source gives its pages as {path below docs: text}. A source whose code does not exist yet gives none.
Every page begins with MARK; a page with MARK that no source gives any more is removed.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from tools.reference import (
    access,
    capacity,
    commands,
    conformance,
    decisions,
    endpoints,
    errors,
    fields,
    findings,
    formats,
    frames,
    ics,
    languages,
    law_faults,
    law_vocabulary,
    message_sets,
    openapi,
    settings,
    status_codes,
    timers,
    upu,
    upu_schemas,
    visibility,
)
from tools.reference.layout import DOCS, MARK

SOURCES: tuple[Callable[[], dict[str, str]], ...] = (
    commands.build_pages,
    settings.build_pages,
    endpoints.build_pages,
    openapi.build_pages,
    fields.build_pages,
    languages.build_pages,
    status_codes.build_pages,
    timers.build_pages,
    capacity.build_pages,
    errors.build_pages,
    findings.build_pages,
    decisions.build_pages,
    visibility.build_pages,
    law_vocabulary.build_pages,
    law_faults.build_pages,
    frames.build_pages,
    access.build_pages,
    conformance.build_pages,
    formats.build_pages,
    message_sets.build_pages,
    ics.build_pages,
    upu.build_pages,
    upu_schemas.build_pages,
)
# What the index of the reference links, in this order, where it is there; the others are written by hand.
INDEX = (
    ("glossary.md", "Glossary", "one word for each idea"),
    ("receipt.md", "Receipt", "byte by byte, for whoever writes a verifier"),
    ("tax-paid-token.md", "Tax-paid token", "byte by byte, for whoever writes a checker"),
    ("commands.md", "Commands", "`serai ...`"),
    ("settings.md", "Settings", "the file and the environment variables"),
    ("endpoints/index.md", "Endpoints", "HTTP for machines, with a request and an answer each"),
    ("api.md", "API reference", "every route with bodies and examples, from the server's own description"),
    ("fields/index.md", "Fields", "every field of every message: type, unit, list, meaning, example"),
    ("timers.md", "Timers", "what is done again and again beside requests, how often, where"),
    ("status-codes.md", "Status codes", "the one rule, and which problem has which"),
    ("findings/index.md", "Findings", "remarks on somebody's data: code, reason, remedy, appeal"),
    ("errors/index.md", "Errors", "what Serai says when it cannot do what was asked"),
    ("messages.md", "Messages", "what may be sent, in which form, what is said when it cannot be read"),
    ("message-sets.md", "Message sets", "by how many cases of our own and of others each format is judged"),
    ("halves.md", "Halves", "how well messages of others are judged, in two halves"),
    ("round-trip.md", "Round trips", "a thousand messages of each standard, read, written and read again"),
    (
        "conformance.md",
        "Conformance",
        "the rules of the public suite, the parties of a sandbox and their keys",
    ),
    ("frames.md", "Frames", "every column of a batch, its type, unit and meaning"),
    ("law-vocabulary.md", "Vocabulary of the law", "the form of a pack, the words of its conditions"),
    (
        "law-faults.md",
        "Faults of law",
        "what is said of a pack or tariff that cannot be used, and what to do",
    ),
    ("access.md", "Access", "which role may do what, which route asks for which scope"),
    ("visibility.md", "Visibility", "who sees what of a shared case"),
    ("performance.md", "Performance", "how fast, measured how"),
    ("capacity.md", "Capacity", "how large a node must be, by formula"),
    ("asvs.md", "OWASP ASVS", "each requirement of level 2: whether it holds, and what shows it"),
    (
        "intake-speed.md",
        "Speed of intake",
        "standards, an aircraft, matching and descriptions against the floor",
    ),
    (
        "money.md",
        "Money by figures",
        "payments, postings, tokens, orders to pay back, repayment of an annulled charge",
    ),
    (
        "accessibility.md",
        "Accessibility",
        "every page in every language against WCAG 2.2 AA, and what was found",
    ),
    ("page-speed.md", "Speed of pages", "the officers' pages with two million cases"),
    (
        "page-network.md",
        "Pages on a slow network",
        "first content on a phone, and a filing beside readers of pages",
    ),
    (
        "declaration-time.md",
        "Time of a filing",
        "a seller on a phone at 400 kbit/s: waits, bytes, and a person's pace",
    ),
    ("law-speed.md", "Speed of the law", "ten million goods items, fifteen regimes, other programs"),
    ("recalls.md", "Recalls", "how fast recalled goods are suspended, how much is found, how much wrongly"),
    ("matching.md", "Matching", "how documents of one sale find each other, how right and how fast"),
    (
        "name-screening.md",
        "Names against lists",
        "how right and how fast names are found on lists of denied parties",
    ),
    ("parcel-file.md", "Parcel file", "parcels as columns (Parquet), without people"),
    ("worked-example-form.md", "Form of a worked example", "what is in a pack's `cases.yaml`"),
    ("restricted-goods.md", "Restricted goods", "six goods in nine markets: what is asked for, and by whom"),
    (
        "destinations.md",
        "Destinations",
        "which destinations of the calculator are complete, what the others lack, and whose move it is",
    ),
    ("law-sources.md", "Sources of law", "until when each law is confirmed, and by what kind of source"),
    ("law-cases.md", "Worked examples", "which pass, by which ways they go, which we doubt and why"),
    (
        "safety-in-bulk.md",
        "Safety in bulk",
        "what names, rules, draws, recalls and the model add to a parcel's time",
    ),
    (
        "seeded-fraud.md",
        "Seeded fraud",
        "how much fraud that was sown rules and model find together, beside rules alone",
    ),
    ("risk-model.md", "Risk model", "how well a learned model tells examined goods apart, beside a baseline"),
    ("mutation-score.md", "Mutation score", "how small a mistake in a law its worked examples would notice"),
    (
        "cds-scenarios.md",
        "Customs scenarios",
        "published declarations that are read, and what became of them",
    ),
    ("descriptions.md", "Descriptions", "vague words and likely codes: how far they are right"),
    (
        "formats/index.md",
        "Forms and standards",
        "each in one table: check, convert, message exchange, mapped, unsure",
    ),
    ("formats/cds.md", "CDS", "WCO DEC and RES: samples expected and got, what is read"),
    ("formats/cds-message-exchange.md", "Conversation of CDS", "published notifications beside ours"),
    ("formats/h7.md", "H7", "the super-reduced data set: elements, conditions, what is not verified"),
    ("formats/ceb.md", "CEB", "China's cross-border e-commerce: samples expected and got, what is read"),
    ("formats/epcis.md", "EPCIS", "visibility events of GS1: what is checked, messages expected and got"),
    ("formats/ics.md", "ICS", "entry summary declarations: check, cases expected and got, what is read"),
    ("formats/ics-rules.md", "Rules of ICS", "each rule with its number, condition, sentence and remedy"),
    ("formats/ics-elements.md", "Elements of ICS", "each element, and the field it is read into"),
    (
        "formats/upu.md",
        "ITMATT, CUSITM, CUSRSP",
        "posts and customs: what is read, answered and not verified",
    ),
    (
        "formats/upu-elements.md",
        "Elements of ITMATT",
        "each element, where its name is from, what it is read into",
    ),
    ("formats/edifact.md", "CUSCAR, CARDIT", "UN/EDIFACT: envelope, what is read, answered and not sure"),
    (
        "official-examples.md",
        "Official worked examples",
        "what authorities print for the public, and what our law makes of it",
    ),
    ("oracle.md", "Oracle", "our tax lines next to those of published customs scenarios"),
    ("campaigns.md", "Campaigns", "spoilt input against every reader and endpoint: what was tried"),
    (
        "kill-storm.md",
        "Kill storm",
        "nodes under load, killed, stopped, their disk full, their clock stepped: what was lost",
    ),
    (
        "hearings.md",
        "Hearings",
        "a hundred thousand generated adverse decisions: none too soon, no clock before notification",
    ),
    (
        "attacks.md",
        "Attacks and faults",
        "strangers, rogue parties, bad days: before, now, held by which test",
    ),
    ("test-runs.md", "Test runs", "the quick tests in random order: how long, what failed"),
    ("world-of-law.md", "The world's laws", "the same parcels under every law, side by side"),
    ("layout.md", "Layout of the source", "files, lines, import chains by package, before and after"),
)


def main() -> int:
    """Write or check; return the exit code."""
    match sys.argv[1:]:
        case ["write"]:
            write(build_pages())
            return 0
        case ["check"]:
            return check(build_pages())
        case _:
            print("usage: python -m tools.reference write|check")
            return 2


def build_pages() -> dict[Path, str]:
    """Return every page: path and text."""
    pages = {DOCS / path: text for source in SOURCES for path, text in source().items()}
    folder = DOCS / "reference"
    there = [line for line in INDEX if (folder / line[0]).exists() or folder / line[0] in pages]
    rows = "".join(f"| [{title}]({path}) | {holds} |\n" for path, title, holds in there)
    pages[folder / "index.md"] = f"{MARK}\n# Reference\n\nTo look up.\n\n| page | holds |\n|---|---|\n{rows}"
    return pages


def written_pages() -> set[Path]:
    """Return the pages below docs that carry the mark, whoever wrote them when."""
    return {path for path in DOCS.rglob("*.md") if path.read_text(encoding="utf-8").startswith(MARK)}


def write(pages: dict[Path, str]) -> None:
    """Write what differs, remove what is gone."""
    for path in written_pages() - pages.keys():
        path.unlink()
    for path, text in pages.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def check(pages: dict[Path, str]) -> int:
    """Name the pages that differ from the code; return 1 if there are any."""
    gone = written_pages() - pages.keys()
    stale = {path for path, text in pages.items() if not path.exists() or path.read_text("utf-8") != text}
    for path in sorted(gone | stale):
        print(f"{path.relative_to(DOCS.parent)}: not as the code has it. Next: make reference")
    return 1 if gone or stale else 0


if __name__ == "__main__":
    sys.exit(main())
