"""The quotes that declarations of a case cite: whether each binds, and quoted beside assessed charges."""

from collections.abc import Sequence

import msgspec

from serai.foundation.id_text import format_id
from serai.journey.cases.service import CaseFiles
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.decision import store as decision_store
from serai.journey.quotes.remarks import QuoteRemark, remark
from serai.journey.recording.cited_quotes import QUOTE_FINDINGS
from serai.journey.revenue import quote_store
from serai.journey.revenue.quote_store import Booking, Use
from serai.journey.visibility.table import Viewer
from serai.model.errors import SeraiError
from serai.model.money import format_minor
from serai.model.packed_detail import DUES, PackedFinding


class QuotedBeside(msgspec.Struct, frozen=True):
    """Quoted and assessed where something is due, by who owes it. Amounts: decimal in currency_code.
    difference_amount: assessed less quoted, booked to the account; covered_amount: what of it the account
    pays at the border, so that this debtor pays what was quoted.
    """

    due: str
    currency_code: str
    debtor: str
    quoted_amount: str
    assessed_amount: str
    difference_amount: str
    covered_amount: str
    account: str


class AccountStanding(msgspec.Struct, frozen=True):
    """What honouring quotes has come to in a currency; amounts as in QuotedBeside."""

    account: str
    currency_code: str
    quoted_amount: str
    assessed_amount: str
    difference_amount: str
    covered_amount: str


class AccountsOut(msgspec.Struct, frozen=True):
    """The accounts of differences, by name and currency."""

    accounts: list[AccountStanding]


class CitedQuote(msgspec.Struct, frozen=True, omit_defaults=True):
    """A quote that a declaration cites. remarks: that it is honoured, or every term that does not hold."""

    consignment: str
    binds: bool
    remarks: list[QuoteRemark]
    charges: list[QuotedBeside]
    quote_id: str | None = None


class CaseQuotes(msgspec.Struct, frozen=True):
    """The quotes of a case, by consignment; empty where none is cited."""

    quotes: list[CitedQuote]


async def read_case_quotes(case_files: CaseFiles, viewer: Viewer, case_id: int) -> CaseQuotes:
    """Read them for a viewer. Raises `not-found`, `role-not-allowed`: quotes show charges."""
    key = {"administration_id": case_files.administration_id}
    async with case_files.database.read(case_files.administration_id) as connection:
        case = await case_files.open_case(connection, viewer, case_id)
        if not case.may_see("case", "charges"):
            raise SeraiError(
                "role-not-allowed",
                "Quotes show charges, which your part in this case does not let you see.",
                "Ask the declarant.",
            )
        consignments = await case_files.consignments_of(connection, case)
        ids = [one.consignment_id for one in consignments]
        decisions = await decision_store.select_decisions(connection, ids, **key)
        uses = await quote_store.select_uses_of(connection, ids)
        bookings = await quote_store.select_bookings(connection, ids, **key)
    said = {
        one.decision_id: [finding for finding in one.detail.findings if finding.code in QUOTE_FINDINGS]
        for one in decisions
    }
    return CaseQuotes(
        [_cited(one, said[one.decision_id], uses, bookings) for one in consignments if said[one.decision_id]]
    )


async def read_accounts(case_files: CaseFiles) -> AccountsOut:
    """Read what honouring quotes has come to."""
    async with case_files.database.read(case_files.administration_id) as connection:
        sums = await quote_store.sum_accounts(connection, administration_id=case_files.administration_id)
    return AccountsOut(
        [
            AccountStanding(
                one.account,
                one.currency_code,
                format_minor(one.quoted_minor, one.currency_code),
                format_minor(one.assessed_minor, one.currency_code),
                format_minor(one.difference_minor, one.currency_code),
                format_minor(one.covered_minor, one.currency_code),
            )
            for one in sums
        ]
    )


def _cited(
    consignment: ConsignmentRow,
    findings: Sequence[PackedFinding],
    uses: Sequence[Use],
    bookings: Sequence[Booking],
) -> CitedQuote:
    own = {one.quote_id for one in uses if one.consignment_id == consignment.consignment_id}
    return CitedQuote(
        consignment.reference,
        bool(own),
        [remark(one.code, one.word) for one in findings],
        [_beside(one) for one in bookings if one.consignment_id == consignment.consignment_id],
        format_id(own.pop()) if own else None,
    )


def _beside(one: Booking) -> QuotedBeside:
    def render(amount_minor: int) -> str:
        return format_minor(amount_minor, one.currency_code)

    return QuotedBeside(
        DUES[one.due],
        one.currency_code,
        one.debtor_code,
        render(one.quoted_minor),
        render(one.assessed_minor),
        render(one.difference_minor),
        render(one.covered_minor),
        one.account,
    )
