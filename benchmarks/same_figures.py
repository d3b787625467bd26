"""Is what the server stored what the law says? Held against pipeline and explanations, to the cent."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from serai.explanation.consignment import explain_consignment
from serai.formats.json_lines import decode_lines
from serai.foundation.clock import SystemClock
from serai.foundation.id_text import format_id
from serai.foundation.shipped import find_shipped, read_law_files
from serai.journey.assessment.store import make_component
from serai.journey.decision.rules import COMMON
from serai.journey.law_in_force.list_files import with_lists
from serai.journey.law_in_force.state import LawState, build_state
from serai.journey.pipeline import Context, Processed, run_pipeline
from serai.laboratory.decide_file import DECLARANT
from serai.laboratory.demo.lists import ListFile
from serai.model.documents import Consignment
from serai.model.frames import LANES
from serai.model.packed_columns import read_bits
from serai.model.packed_detail import CHARGE_KINDS, DUES, Detail, unpack_detail

from http_bulk import Address
from served import entered_law

Charge = tuple[int, str, str, bool, str, int]
"""sequence_number (0: of the consignment), kind, due, is_waived, currency, amount in minor units."""
Charges = tuple[Charge, ...]

_NO_LAW = ("no-law", "territory-unresolved")
_CHUNK = 5_000
_STORED = "SELECT reference, reasons, detail FROM consignment WHERE reference LIKE %(pattern)s"


def complete_share(dsn: str, suffix: str) -> dict[str, Any]:
    """Say which share of the stored goods items that a law governs has all its charges.

    Open is an item for which a rate, a tariff line or a datum was unknown; so are all items of a consignment
    where it was unknown for the whole.
    """
    lawless = _bits(_NO_LAW)
    open_bits = _bits(COMMON) & ~lawless
    stored = governed = complete = 0
    for _, bits, detail in _stored_details(dsn, suffix):
        stored += len(detail.items)
        if bits & lawless:
            continue
        governed += len(detail.items)
        closed_count = sum(not item.reason_bits & open_bits for item in detail.items)
        is_all_open = bits & open_bits and closed_count == len(detail.items)
        complete += 0 if is_all_open else closed_count
    return {
        "items_stored": stored,
        "items_with_law": governed,
        "complete_share": round(complete / governed, 4) if governed else None,
    }


def _stored_details(dsn: str, suffix: str) -> Iterator[tuple[str, int, Detail]]:
    """Give reference, reasons and detail of each stored consignment."""
    with psycopg.connect(dsn) as connection, connection.cursor("details") as cursor:
        cursor.execute(_STORED, {"pattern": f"%-{suffix}"})
        for reference, bits, detail in cursor:
            yield reference, read_bits(bits), unpack_detail(detail)


def lanes(dsn: str, suffix: str) -> dict[str, int]:
    """Count the stored consignments by lane."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "SELECT lane, count(*) FROM consignment WHERE reference LIKE %s GROUP BY lane ORDER BY lane",
            [f"%-{suffix}"],
        ).fetchall()
    return {LANES[lane]: count for lane, count in rows}


def compare_with_pure(dsn: str, wire: Path, suffix: str, lists: Sequence[ListFile]) -> dict[str, Any]:
    """Decide the file by the pure pipeline and hold every stored charge against it.

    A reference that stands for several lines may be decided as any of them: which came first is known to the
    server alone. Raises SystemExit where a consignment differs.
    """
    pure = _pure_charges(wire, lists)
    stored = stored_charges(dsn, suffix)
    differing = [reference for reference, charges in stored.items() if charges not in pure[reference]]
    if differing:
        first = differing[0]
        raise SystemExit(
            f"bench: {len(differing)} of {len(stored)} stored consignments differ from the pure pipeline; "
            f"first {first}: stored {stored[first]}, pure {pure[first]}"
        )
    totals: Counter[str] = Counter()
    for charges in stored.values():
        for _, kind, due, is_waived, currency, amount in charges:
            if not is_waived:
                totals[f"{currency} {kind} {due}"] += amount
    return {"consignments_equal": len(stored), "totals_minor": dict(sorted(totals.items()))}


def stored_charges(dsn: str, suffix: str) -> dict[str, Charges]:
    """Return the charges of each stored consignment by reference, sorted."""
    return {
        reference: tuple(
            sorted(
                (
                    one.sequence_number,
                    CHARGE_KINDS[one.kind],
                    DUES[one.due],
                    one.is_waived,
                    one.currency_code,
                    one.amount_minor,
                )
                for one in detail.charges
            )
        )
        for reference, _, detail in _stored_details(dsn, suffix)
    }


def explain_drawn(
    address: Address,
    dsn: str,
    wire: Path,
    suffix: str,
    lists: Sequence[ListFile],
    *,
    count: int = 500,
    seed: int = 1,
) -> dict[str, Any]:
    """Explain drawn goods items and compare each with what is stored. Raises SystemExit where one differs.

    Through the server's explanation where it has one: it works the stored case out again. Otherwise the
    explanation is read from a run of the pipeline on the sent document.
    """
    stored = stored_charges(dsn, suffix)
    drawn = set(random.Random(seed).sample(sorted(stored), min(count, len(stored))))
    through_server = any(
        path.startswith("/v1/cases/") and path.endswith("/explanation") for path in paths_of(address)
    )
    explained = (
        _explained_by_server(address, dsn, drawn)
        if through_server
        else _explained_from_file(wire, drawn, lists)
    )
    items = 0
    for reference, candidates in explained.items():
        if not any(same_amounts(charges, stored[reference]) for charges, _ in candidates):
            raise SystemExit(f"bench: {reference} is explained as {candidates}, stored {stored[reference]}")
        items += candidates[0][1]
    if explained.keys() != drawn:
        raise SystemExit(f"bench: no explanation of {sorted(drawn - explained.keys())[:5]}")
    return {"consignments": len(drawn), "items": items, "by": "server" if through_server else "pipeline"}


def paths_of(address: Address) -> frozenset[str]:
    """Return the paths that the server describes."""
    connection = HTTPConnection(address.host, address.port, timeout=60)
    connection.request("GET", "/v1/openapi/openapi.json")
    described = msgspec.json.decode(connection.getresponse().read())
    connection.close()
    return frozenset(described["paths"])


Explained = dict[str, list[tuple[list[tuple[int, str, str, int]], int]]]
"""By reference, for each line of it: charges as (sequence number, kind, currency, amount), goods items."""


def same_amounts(explained: list[tuple[int, str, str, int]], stored: Charges) -> bool:
    """Say whether explained and stored charges are the same, item by item, to the cent."""
    return sorted(explained) == sorted(
        (sequence, kind, currency, amount) for sequence, kind, _, _, currency, amount in stored
    )


def _explained_from_file(wire: Path, drawn: set[str], lists: Sequence[ListFile]) -> Explained:
    law = _law(lists)
    found: Explained = defaultdict(list)
    with wire.open("rb") as lines:
        wanted = [line for line in lines if msgspec.json.decode(line)["reference"] in drawn]
    decoded = decode_lines(wanted, Consignment)
    documents = [document for document in decoded.documents if document is not None]
    processed = _run(law, documents)
    for place, row in enumerate(processed.accepted_rows.tolist()):
        explanation = explain_consignment(processed, place)
        charges = [
            (item.sequence_number, charge.kind, charge.currency, charge.amount_minor)
            for item in explanation.items
            for charge in item.charges
        ]
        charges += [(0, charge.kind, charge.currency, charge.amount_minor) for charge in explanation.charges]
        found[documents[row].reference].append((charges, len(documents[row].goods_items)))
    return found


def _run(law: LawState, documents: list[Consignment]) -> Processed:
    count = len(documents)
    at_ms = int(SystemClock().now().timestamp() * 1000)
    return run_pipeline(
        documents, [DECLARANT] * count, at_ms, law.book, law.lists, context=Context.empty(count)
    )


def _explained_by_server(address: Address, dsn: str, drawn: set[str]) -> Explained:
    found: Explained = {}
    with psycopg.connect(dsn) as database:
        rows = database.execute(
            "SELECT reference, case_id FROM consignment WHERE reference = ANY(%s)", [sorted(drawn)]
        ).fetchall()
    with closing(HTTPConnection(address.host, address.port, timeout=60)) as connection:
        answers = [
            (reference, _explanation(connection, address, reference, case_id)) for reference, case_id in rows
        ]
    for reference, explanation in answers:
        items = explanation.get("items", [])
        charges = [_as_charge(item["sequence_number"], one) for item in items for one in item["charges"]]
        charges += [_as_charge(0, one) for one in explanation.get("charges", [])]
        found[reference] = [(charges, len(items))]
    return found


def _explanation(connection: HTTPConnection, address: Address, reference: str, case_id: int) -> Any:
    headers = {"authorization": f"Bearer {address.api_key}", "accept": "application/json"}
    connection.request("GET", f"/v1/cases/{format_id(case_id)}/explanation", headers=headers)
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise SystemExit(f"bench: no explanation of {reference}: {body[:300]!r}")
    answer = msgspec.json.decode(body)
    if not answer["agrees"]:
        raise SystemExit(f"bench: the replay of {reference} differs: {answer['differences']}")
    return answer["explanation"]


def _as_charge(sequence_number: int, charge: Mapping[str, Any]) -> tuple[int, str, str, int]:
    return sequence_number, charge["kind"], charge["currency"], charge["amount_minor"]


def _pure_charges(wire: Path, lists: Sequence[ListFile]) -> dict[str, list[Charges]]:
    law = _law(lists)
    found: dict[str, list[Charges]] = defaultdict(list)
    lines: list[bytes] = []
    with wire.open("rb") as source:
        for line in source:
            lines.append(line)
            if len(lines) == _CHUNK:
                _add_pure(law, lines, found)
                lines = []
    if lines:
        _add_pure(law, lines, found)
    return found


def _add_pure(law: LawState, lines: list[bytes], found: dict[str, list[Charges]]) -> None:
    documents = [document for document in decode_lines(lines, Consignment).documents if document is not None]
    processed = _run(law, documents)
    accepted = processed.accepted_rows.tolist()
    charges: list[list[Charge]] = [[] for _ in accepted]
    columns = processed.charges
    sequence = processed.items.numbers("sequence_number").tolist()
    for owner, item, kind, due, is_waived, currency, amount in zip(
        columns.numbers("consignment").tolist(),
        columns.numbers("item").tolist(),
        columns.words("kind_code").texts(),
        columns.words("due_code").texts(),
        columns.flags("is_waived").tolist(),
        columns.words("currency_code").texts(),
        columns.numbers("amount_minor").tolist(),
        strict=True,
    ):
        number = sequence[item] if item >= 0 else 0
        charges[owner].append((number, kind or "", due or "none", is_waived, currency or "", amount))
    for row, its in zip(accepted, charges, strict=True):
        found[documents[row].reference].append(tuple(sorted(its)))


def _law(lists: Sequence[ListFile]) -> LawState:
    files = read_law_files(find_shipped("laws"))
    packs = [make_component("law-file", name, content) for name, content in files.items()]
    return build_state(0, with_lists(packs, [make_component(*one) for one in (entered_law(), *lists)]))


def _bits(codes: Iterable[str]) -> int:
    return sum(1 << COMMON.index(code) for code in codes)
