"""Quotes that declarations cite: whether each binds, which units it is used for, and what honouring it costs.

Nothing here runs, and no statement is made, for a batch in which no quote is cited or was cited before.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, Final

from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.foundation.worker_threads import beside_the_loop
from serai.journey.consignments.act_records import insert_act
from serai.journey.consignments.rows import Row
from serai.journey.law_in_force.state import LawState
from serai.journey.matching import store as matching_store
from serai.journey.pipeline import Checked, Processed
from serai.journey.recording.controls.selecting import RiskInputs
from serai.journey.recording.quote_facts import (
    Citation,
    assessed_sums,
    quote_references,
    read_reference,
    surroundings_of,
)
from serai.journey.recording.run import append_findings, run_pipeline
from serai.journey.recording.standing_acts import read_acts
from serai.journey.revenue import quote_store
from serai.journey.revenue.quote_agreement import Failed, hold_against
from serai.journey.revenue.quote_difference import Sums, quoted_sums
from serai.journey.revenue.quote_store import Booking, QuoteRow, Use
from serai.journey.screening.rules import PartyHit
from serai.journey.services import Services
from serai.model.acts import Act
from serai.model.findings import Finding
from serai.model.money import MICRO, format_minor
from serai.model.packed_detail import DUES

Connection = AsyncConnection[Any]

QUOTE_FINDINGS: Final = frozenset(
    {
        "quote-malformed",
        "quote-several",
        "quote-unknown",
        "quote-forged",
        "quote-of-another-party",
        "quote-expired",
        "quote-used-up",
        "quote-not-binding",
        "quote-honoured",
    }
)
"""What is said of a quote that a declaration cites."""

ACT_KIND: Final = "quote-difference"


async def honour_quotes(
    services: Services,
    connection: Connection,
    rows: Sequence[Row],
    processed: Processed,
    *,
    checked: Checked | None,
    law: LawState,
    at: datetime,
    risk: RiskInputs | None = None,
    hits: Sequence[PartyHit] | None = None,
) -> Processed:
    """Hold rows against the quotes they cite and write what follows, in the caller's transaction.

    processed: of these rows. Returns it with what is to be said of the quotes; worked out once more where an
    account bears a part of what is due, so that nobody waits for money that nobody owes. risk: what they were
    selected by. hits: of names on lists.
    """
    citing = _citing_places(rows, processed, services.quote_rules.document_type_code)
    changed = [row.consignment_id for row in rows if row.previous is not None and _may_give_back(row)]
    if not citing and not changed:
        return processed
    service = _Service(services, connection, at)
    await service.open([rows[place] for place in citing], changed)
    findings: list[tuple[int, Finding]] = []
    for place in citing:
        findings += [(place, finding) for finding in service.settle(rows[place], place, processed)]
    for row in rows:
        service.give_back(row)
    if await service.write(rows):
        await read_acts(connection, rows, administration_id=services.administration_id)
        processed = await beside_the_loop(len(rows), run_pipeline, rows, checked, law, at, risk, hits=hits)
    for place, finding in findings:
        rows[place].advice = [*rows[place].advice, finding]
    return append_findings(findings, processed)


def _may_give_back(row: Row) -> bool:
    """An amendment may cite no longer what its previous version did, a withdrawal needs its units no more."""
    return row.is_withdrawn or row.cut is not None


def _citing_places(rows: Sequence[Row], processed: Processed, type_code: str) -> list[int]:
    # Document types of a batch are few words: looking at those costs nothing where no quote is cited.
    if not any(type_code in word.split() for word in processed.items.words("document_type_codes").words):
        return []
    return [place for place, row in enumerate(rows) if quote_references(row.document, type_code)]


class _Service:
    """Quotes, uses and bookings of one batch, as they stand and as they will."""

    def __init__(self, services: Services, connection: Connection, at: datetime) -> None:
        self._services, self._connection, self._at = services, connection, at
        self._administration_id = services.administration_id
        self.quotes: dict[int, QuoteRow] = {}
        self._parties: dict[str, int] = {}
        self._uses: dict[int, dict[int, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
        self._bookings: dict[int, list[Booking]] = defaultdict(list)
        self._standing: dict[int, dict[tuple[int, int], int]] = defaultdict(dict)
        self._wanted: dict[int, dict[tuple[int, int], int]] = {}
        self._booked: dict[int, list[Booking]] = {}

    async def open(self, citing: Sequence[Row], changed: Sequence[int]) -> None:
        """Hold the quotes that are cited or were used, and read what stands of them."""
        type_code = self._services.quote_rules.document_type_code
        found = [read_reference(one) for row in citing for one in quote_references(row.document, type_code)]
        wanted = {one.quote_id for one in found if one is not None}
        if changed:
            used = await quote_store.select_uses_of(self._connection, changed)
            wanted |= {one.quote_id for one in used}
        if not wanted:
            return
        self.quotes = await quote_store.lock_quotes(self._connection, sorted(wanted))
        # Read once the quotes are held: who drew before has committed by now.
        for use in await quote_store.select_uses(self._connection, sorted(self.quotes)):
            self._uses[use.quote_id][use.consignment_id][use.line] = use.quantity_micro
            self._standing[use.consignment_id][use.quote_id, use.line] = use.quantity_micro
        consignment_ids = sorted({*changed, *(row.consignment_id for row in citing)})
        for one in await quote_store.select_bookings(
            self._connection, consignment_ids, administration_id=self._administration_id
        ):
            self._bookings[one.consignment_id].append(one)
        names = {name for row in citing for name in _named(row) if name}
        if names:
            self._parties = await matching_store.select_identifiers(
                self._connection, sorted(names), administration_id=self._administration_id
            )

    # ---- what holds ----

    def settle(self, row: Row, place: int, processed: Processed) -> list[Finding]:
        """Say of a citing row whether its quote binds; note the units it uses and what is booked."""
        self._wanted[row.consignment_id], self._booked[row.consignment_id] = {}, []
        if row.is_withdrawn:
            return []
        found = self._find(row, place, processed)
        if isinstance(found, Finding):
            return [found]
        before = _add_up(self._uses[found.quote_id], but=row.consignment_id)
        left = {
            line.sequence_number: Fraction(line.quantity) - before.get(line.sequence_number, Fraction())
            for line in found.terms.lines
        }
        if not any(left.values()):
            return [_said("quote-used-up", format_id(found.quote_id))]
        agreement = hold_against(
            found.terms, left, row.document, surroundings_of(processed, place, row.document)
        )
        if not agreement.binds:
            return [_not_binding(one) for one in agreement.failed]
        drawn = {line: int(units * MICRO) for line, units in agreement.drawn.items()}
        # The next row of this batch finds these units gone.
        self._uses[found.quote_id][row.consignment_id] = Counter(drawn)
        self._wanted[row.consignment_id] = {(found.quote_id, line): units for line, units in drawn.items()}
        quoted = quoted_sums(found.terms, before, agreement.drawn)
        booked = self._book(row, found, quoted, assessed_sums(processed, place))
        self._booked[row.consignment_id] = booked
        return [_said("quote-honoured", _difference_in_words(booked))]

    def _find(self, row: Row, place: int, processed: Processed) -> QuoteRow | Finding:
        """Return the quote a row cites, or say why it has none that counts."""
        references = quote_references(row.document, self._services.quote_rules.document_type_code)
        if len(references) > 1:
            return _said("quote-several", str(len(references)))
        citation = read_reference(references[0])
        if citation is None:
            return _said("quote-malformed", references[0][:40])
        quote = self.quotes.get(citation.quote_id)
        if quote is None:
            return _said("quote-unknown", "")
        return self._refuse(quote, citation, row, place, processed) or quote

    def _refuse(
        self, quote: QuoteRow, citation: Citation, row: Row, place: int, processed: Processed
    ) -> Finding | None:
        """Say why a quote does not count at all, before its terms are looked at."""
        if quote.commitment != citation.commitment:
            return _said("quote-forged", "")
        parties = {row.sender.party_id, *(self._parties.get(name or "") for name in _named(row))}
        if quote.party_id not in parties:
            return _said("quote-of-another-party", "")
        moments = (processed.consignments.numbers(name)[place] for name in ("lodged_at", "accepted_at"))
        if max(moments) > quote.expires_at.timestamp() * 1000:
            ended = quote.expires_at.astimezone(UTC).isoformat(timespec="minutes").replace("+00:00", "Z")
            return _said("quote-expired", ended)
        return None

    def _book(self, row: Row, quote: QuoteRow, quoted: Sums, assessed: Sums) -> list[Booking]:
        booked = []
        for due, currency, debtor in sorted({*quoted, *assessed}):
            promised, found = quoted[due, currency, debtor], assessed[due, currency, debtor]
            # Each payer is relieved of what is above the promise, whatever others owe; below it, the law's
            # own amount is due.
            covered = max(found - promised, 0) if due == "border" else 0
            booked.append(
                Booking(
                    row.consignment_id,
                    quote.quote_id,
                    DUES.index(due),
                    currency,
                    debtor,
                    self._services.quote_rules.difference_account,
                    promised,
                    found,
                    found - promised,
                    covered,
                    row.decision_id,
                )
            )
        return booked

    def give_back(self, row: Row) -> None:
        """Note that a row which cites no more has no use for its units."""
        if row.previous is not None and _may_give_back(row) and row.consignment_id not in self._wanted:
            self._wanted[row.consignment_id], self._booked[row.consignment_id] = {}, []

    # ---- what is written ----

    async def write(self, rows: Sequence[Row]) -> bool:
        """Append what changes; says whether what is settled at the border has changed."""
        uses, bookings, has_marked = [], [], False
        for row in rows:
            if row.consignment_id not in self._wanted:
                continue
            uses += self._uses_to_write(row)
            before, after = self._bookings[row.consignment_id], self._booked[row.consignment_id]
            bookings += [one.reversed_by(row.decision_id) for one in before] + after
            has_marked |= await self._mark(row, before, after)
        key = {"administration_id": self._administration_id}
        await quote_store.insert_uses(self._connection, uses, at=self._at, **key)
        await quote_store.insert_bookings(self._connection, bookings, at=self._at, **key)
        return has_marked

    def _uses_to_write(self, row: Row) -> list[Use]:
        wanted, standing = self._wanted[row.consignment_id], self._standing[row.consignment_id]
        changes = {key: wanted.get(key, 0) - standing.get(key, 0) for key in {*wanted, *standing}}
        return [
            Use(quote_id, line, row.consignment_id, units, row.decision_id)
            for (quote_id, line), units in sorted(changes.items())
            if units
        ]

    async def _mark(self, row: Row, before: Sequence[Booking], after: Sequence[Booking]) -> bool:
        """Settle at the border what the account bears; a later decision settles the difference."""
        changes: Counter[tuple[str, str]] = Counter()
        for one in after:
            changes[one.currency_code, one.debtor_code] += one.covered_minor
        for one in before:
            changes[one.currency_code, one.debtor_code] -= one.covered_minor
        for (currency, debtor), amount_minor in changes.items():
            if not amount_minor:
                continue
            act_id = int(self._services.ids.take(1)[0])
            act = Act(
                act_id=act_id,
                case_id=row.case_id,
                kind=ACT_KIND,
                subject_id=row.case_id,
                party_id=row.sender.party_id,
                acting_user="",
                at=self._at,
                leaf_id=row.decision_id,
                parameters={
                    "currency_code": currency,
                    "amount_minor": amount_minor,
                    "debtor": debtor,
                },
            )
            await insert_act(self._connection, act, self._administration_id)
        return any(changes.values())


def _named(row: Row) -> tuple[str | None, str | None]:
    return row.document.platform_id, row.document.seller_id


def _said(code: str, value: str, pointer: str = "/additional_documents") -> Finding:
    return Finding(code, pointer, "advice", {"value": value} if value else {})


def _not_binding(failed: Failed) -> Finding:
    said = f"{failed.term}: quoted {failed.quoted}, declared {failed.declared}"
    return _said("quote-not-binding", said, failed.pointer or "/additional_documents")


def _add_up(uses: Mapping[int, Counter[int]], *, but: int) -> dict[int, Fraction]:
    """Return units by line that consignments other than one have used."""
    total: Counter[int] = Counter()
    for consignment_id, lines in uses.items():
        if consignment_id != but:
            total.update(lines)
    return {line: Fraction(units, MICRO) for line, units in total.items()}


def _difference_in_words(booked: Sequence[Booking]) -> str:
    parts = [
        f"{one.debtor_code}: due at {DUES[one.due]} quoted"
        f" {format_minor(one.quoted_minor, one.currency_code)}, assessed"
        f" {format_minor(one.assessed_minor, one.currency_code)} {one.currency_code}"
        for one in booked
    ]
    return "; ".join(parts) or "nothing is due"
