"""HTTP for statements and what is owed: as data, as a table, as a document to keep or to print."""

from typing import Annotated

from litestar import Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery
from msgspec import Meta

from serai.journey.statements.answers import AmountsPayableOut, MonthsOut, StatementOut
from serai.portal.statement.files import answer_debts_pdf, answer_statement_csv, answer_statement_pdf
from serai.portal.statement.pdf_form import PDF
from serai.portal.statement.reading import AnyRequest, list_own_months, read_own_debts, read_own_statement

OPT = {"act": "statements.read"}
_Party = Annotated[str, Meta(min_length=1, max_length=35)] | None
_Period = Annotated[str, Meta(pattern="^[0-9]{4}-[0-9]{2}$")]


@get("/v1/statements", opt=OPT, summary="Months there are statements of your accounts of.")
async def list_statements(request: AnyRequest, party: FromQuery[_Party] = None) -> MonthsOut:
    """The newest first, the running month too. party: for the administration's people, whose."""
    return await list_own_months(request, party)


@get("/v1/statements/{period:str}", opt=OPT, summary="The statement of your accounts of a month.")
async def read_one_statement(
    request: AnyRequest, period: FromPath[_Period], party: FromQuery[_Party] = None
) -> StatementOut:
    """Each account with what it began and ended with, and each charge and payment between. Its balances are
    those of the ledger. party: for the administration's people, whose."""
    return await read_own_statement(request, period, party)


@get(
    "/v1/statements/{period:str}/csv",
    opt=OPT,
    media_type="text/csv; charset=utf-8",
    summary="The statement of a month as CSV.",
)
async def read_statement_table(
    request: AnyRequest, period: FromPath[_Period], party: FromQuery[_Party] = None
) -> Response[str]:
    """A row a line, and one for what each account began and ended with."""
    return await answer_statement_csv(request, period, party)


@get(
    "/v1/statements/{period:str}/pdf",
    opt=OPT,
    media_type=PDF,
    summary="The statement of a month as PDF.",
    responses={200: ResponseSpec(bytes, media_type=PDF, description="The document", generate_examples=False)},
)
async def read_statement_document(
    request: AnyRequest, period: FromPath[_Period], party: FromQuery[_Party] = None
) -> Response[bytes]:
    """In the language that you accept, where the document can be written in it; else in English."""
    return await answer_statement_pdf(request, period, party)


@get("/v1/amounts-payable", opt=OPT, summary="What is to be paid on your declarations now, charge by charge.")
async def read_amounts_payable(request: AnyRequest, party: FromQuery[_Party] = None) -> AmountsPayableOut:
    """Each charge with when it was incurred, notified and entered, until when it is paid, interest on arrears
    and limitation. What the law was not read on is named, and is not nothing."""
    return await read_own_debts(request, party)


@get(
    "/v1/amounts-payable/pdf",
    opt=OPT,
    media_type=PDF,
    summary="The notification of debt as PDF.",
    responses={200: ResponseSpec(bytes, media_type=PDF, description="The document", generate_examples=False)},
)
async def read_debt_notification(request: AnyRequest, party: FromQuery[_Party] = None) -> Response[bytes]:
    """What may not be asked for any more is told apart."""
    return await answer_debts_pdf(request, party)


ROUTES = [
    list_statements,
    read_one_statement,
    read_statement_table,
    read_statement_document,
    read_amounts_payable,
    read_debt_notification,
]
