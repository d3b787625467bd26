"""The page that lists every form and standard: what is read and written, checked, converted, spoken, unsure.

Names come from the registries of the code and shares from the pages of the standards; words are written here.
A standard without words gets a row of its own all the same.
"""

import re
from collections.abc import Iterable

import msgspec
from serai.formats.checkers import CHECKERS
from serai.formats.converters import CONVERTERS
from serai.formats.registry import FORMATS
from serai.journey.clearance.conversations.registry import CONVERSATIONS

from tools.reference.layout import DOCS, MARK, cell

FOLDER = "reference/formats"


class Standard(msgspec.Struct, frozen=True, kw_only=True):
    """One row. page: beside this one. names: of the registries. carries: messages, as its users call them.

    how: page that tells how it is spoken. elsewhere: how, where it is no conversation. shares: words, the
    page that gives their figure, and its pattern there.
    unsure: what no real message or official text has confirmed.
    """

    title: str
    page: str
    names: tuple[str, ...]
    carries: str
    how: str = ""
    elsewhere: str = ""
    shares: tuple[tuple[str, str, str], ...] = ()
    unsure: str = ""


STANDARDS = (
    Standard(
        title="WCO DEC and RES, as the UK's customs declaration service speaks them",
        page="cds.md",
        names=("cds", "wco-dec"),
        carries="declarations, amendments, cancellations, presentations, notifications; movements checked",
        how="cds-conversation.md",
        shares=(
            ("{} of H7-type declarations", "cds.md", r"\| H7-type declarations \|.*\| ([\d.]+ %) \|"),
            ("{} of other imports", "cds.md", r"\| other imports \|.*\| ([\d.]+ %) \|"),
            ("{} of later acts", "cds.md", r"\| later acts \|.*\| ([\d.]+ %) \|"),
        ),
        unsure="the service's own business rules (CDS10001 ...) are not published and not checked",
    ),
    Standard(
        title="Super-reduced data set (EU H7)",
        page="h7.md",
        names=("h7",),
        carries="WCO declarations of low value, by their data elements and conditions",
        shares=(("{}, counted with WCO DEC", "cds.md", r"\| H7-type declarations \|.*\| ([\d.]+ %) \|"),),
        unsure="six data elements and what the page lists; the text of the annex could not be read",
    ),
    Standard(
        title="CEB, China",
        page="ceb.md",
        names=("ceb",),
        carries="order, payment, waybill, inventory, withdrawal, return, their answers; others are checked",
        how="../../how-to/speak-ceb.md",
        shares=(("{} of documents and requests", "ceb.md", r"Mapped: \*\*([\d.]+ %)\*\*"),),
        unsure="signatures; codes that stand for international ones; which status is given when",
    ),
    Standard(
        title="ICS entry summaries",
        page="ics.md",
        names=("ics",),
        carries="CC315A, CC313A; answers of HMRC's entry declaration store and by the names of ICS2",
        how="../../how-to/file-before-loading.md",
        shares=(("{} of values; the rest is kept and named", "ics.md", r"are read \((\d+ %)\)"),),
        unsure="content of ICS2's messages; rules that no published case has",
    ),
    Standard(
        title="ITMATT, CUSITM, CUSRSP of posts",
        page="upu.md",
        names=("itmatt", "cusitm", "cusrsp"),
        carries="postal items (CN 22, CN 23) and what customs says of each",
        how="../../how-to/send-postal-items.md",
        unsure="root and header of ITMATT, code list 136, changes, cancellations: no real message at hand",
    ),
    Standard(
        title="CUSCAR and CARDIT of UN/EDIFACT",
        page="edifact.md",
        names=("cuscar", "cardit"),
        carries="cargo reports, mail consignments of posts, with their interchange; answered by CONTRL",
        how="../../how-to/send-a-cargo-report.md",
        unsure="groups below the references of a consignment, lengths of elements: told as advice",
    ),
    Standard(
        title="GS1 EPCIS",
        page="epcis.md",
        names=("epcis", "epcis-json", "epcis-xml"),
        carries="visibility events, queries and their results",
        how="../../how-to/send-visibility-events.md",
        elsewhere="capture and query of EPCIS 2.0 below `/v1/epcis`",
        shares=(("{} valid samples come back the same", "epcis.md", r"valid, (\d+) give the same events"),),
        unsure="half of the hashes, where a public program departs from the standard's text",
    ),
)


def build_pages() -> dict[str, str]:
    """Return the page."""
    return {f"{FOLDER}/index.md": _page()}


def _page() -> str:
    named = {name for one in STANDARDS for name in one.names} | set(FORMATS)
    every: list[str] = [*CHECKERS, *CONVERTERS, *CONVERSATIONS]
    others = [_unworded(name) for name in dict.fromkeys(every) if name not in named]
    forms = "".join(
        f"| {form.name} | `{form.content_types[0]}` | {_listed(form.kinds)} | "
        f"{'many' if form.is_many else 'one'} |\n"
        for form in FORMATS.values()
    )
    rows = "".join(_row(one) for one in (*STANDARDS, *others))
    return (
        f"{MARK}\n# Forms and standards\n\nHow a message becomes a document of ours and is answered: "
        "[Intake](../../explanation/intake.md). What a message has and no field holds is kept or refused, "
        "and told: nothing is dropped in silence.\n\n## Forms of our own\n\nSent to the routes of the "
        "documents; fields: [messages](../messages.md).\n\n| form | content type | documents | one message "
        f"holds |\n|---|---|---|---|\n{forms}\nWCO DEC comes many at a time, too: in "
        "`multipart/mixed`.\n\n## Standards\n\n| standard | messages | check | convert "
        "from | convert to | conversation | mapped | unverified |\n|---|---|---|---|---|---|---|---|\n"
        f"{rows}\n- **check**: `serai check FILE --format NAME`, or the page `/check` of a server.\n"
        "- **convert**: `serai convert FILE --from A --to B`: [how](../../how-to/convert-a-message.md).\n"
        "- **conversation**: `POST /v1/messages/{standard}`, `GET /v1/messages/{standard}/answers`.\n"
        "- **mapped**: the share of elements with a value, in published samples, that fill a named field. "
        "The page of the standard says how it is counted and lists what is kept.\n"
        "- **unverified**: what no real message or official text has confirmed yet.\n"
    )


def _unworded(name: str) -> Standard:
    page = f"{name}.md"
    return Standard(title=name.upper(), page=page, names=(name,), carries="")


def _row(one: Standard) -> str:
    has_page = (DOCS / FOLDER / one.page).exists()
    title = f"[{one.title}]({one.page})" if has_page else one.title
    spoken = _named(name for name in one.names if name in CONVERSATIONS) or one.elsewhere
    if spoken and one.how:
        spoken = f"{spoken}: [how]({one.how})"
    reads = _named(name for name in one.names if name in CONVERTERS)
    writes = _named(name for name in one.names if name in CONVERTERS and CONVERTERS[name].write is not None)
    checks = _named(name for name in one.names if name in CHECKERS)
    shares = "; ".join(words.format(_figure(page, pattern)) for words, page, pattern in one.shares)
    cells = (title, one.carries, checks, reads, writes, spoken, shares, one.unsure)
    return f"| {' | '.join(cell(text) or '-' for text in cells)} |\n"


def _named(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _listed(kinds: tuple[str, ...]) -> str:
    return ", ".join(kind.replace("-", " ") for kind in kinds)


def _figure(page: str, pattern: str) -> str:
    found = re.search(pattern, (DOCS / FOLDER / page).read_text(encoding="utf-8"))
    assert found is not None, f"{page} does not state {pattern}"
    return found[1]
