"""Statements as files: the same from the API and from the page."""

from litestar import Response

from serai.foundation.http.csv_files import csv_file
from serai.foundation.http.respond import language_of
from serai.journey.statements.csv_form import write_statement
from serai.portal.statement.document import document_of_debts, document_of_statement
from serai.portal.statement.pdf_form import answer_pdf, make_pdf
from serai.portal.statement.reading import AnyRequest, read_own_debts, read_own_statement, reader_of


async def answer_statement_csv(request: AnyRequest, period: str, party: str | None = None) -> Response[str]:
    """Answer with a statement as a table."""
    found = await read_own_statement(request, period, party)
    return csv_file(f"statement-{found.period}.csv", write_statement(found))


async def answer_statement_pdf(request: AnyRequest, period: str, party: str | None = None) -> Response[bytes]:
    """Answer with a statement as a document. Raises SeraiError `pdf-not-installed`,
    `pdf-font-missing`."""
    found = await read_own_statement(request, period, party)
    reader = reader_of(request, language_of(request))
    return answer_pdf(f"statement-{found.period}.pdf", await make_pdf(document_of_statement(found, reader)))


async def answer_debts_pdf(request: AnyRequest, party: str | None = None) -> Response[bytes]:
    """Answer with a notification of debt as a document. Raises SeraiError `pdf-not-installed`,
    `pdf-font-missing`."""
    found = await read_own_debts(request, party)
    reader = reader_of(request, language_of(request))
    return answer_pdf("notification-of-debt.pdf", await make_pdf(document_of_debts(found, reader)))
