"""Bodies of routes that read or write bytes themselves: the framework cannot see their types, so they are
named here. The routes go on reading bytes."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import msgspec

from serai.formats.decoded import KINDS
from serai.formats.registry import FORMATS
from serai.foundation.http.document_problems import DocumentProblem
from serai.foundation.http.negotiation import JSON, XML_MEDIA_TYPES
from serai.foundation.shipped import find_shipped
from serai.journey.epcis.api_queries import QueryDefinition
from serai.journey.epcis.headers import MEDIA_TYPES as EPCIS_MEDIA_TYPES
from serai.journey.lodgement.api_bulk_declarations import BulkAnswerOut
from serai.journey.lodgement.bulk_declarations import BulkDeclaration
from serai.journey.lodgement.service import AnswerOut
from serai.journey.messaging.registry import MESSAGE_EXCHANGES
from serai.journey.quotes.basket import BasketRequest
from serai.journey.quotes.checking import CheckQuote
from serai.journey.quotes.request import QuoteRequest
from serai.laboratory.what_if_case import TryRequest
from serai.model.documents import Consignment
from serai.portal.message_check.api import MEDIA_TYPES as CHECKED_MEDIA_TYPES
from serai.web.law_generations_api import EarlierPacks
from serai.web.log_api import CheckRequest

NDJSON: Final = "application/x-ndjson"
_STANDARD_EXAMPLES: Final = {
    "application/xml": "messages/declaration-wco-dec.xml",
    "text/xml": "messages/declaration-wco-dec.xml",
    "application/edifact": "standards/cuscar.edi",
    "text/csv": "messages/declarations.csv",
    NDJSON: "messages/declarations.ndjson",
    JSON: "messages/declaration.json",
    "application/ld+json": "standards/epcis-events.json",
}


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """One media type of a body. kind: its struct; None: a text of a standard, whose reference says more.

    example: file below `examples/`, or None: made from the catalogue of fields.
    """

    meaning: str
    kind: Any = None
    example: str | None = None


class Lines(msgspec.Struct, frozen=True):
    """A body of one struct a line."""

    line: Any


PATHS: Final = {
    "declaration": "/v1/declarations",
    "order": "/v1/orders",
    "payment": "/v1/payments",
    "transport-document": "/v1/transport-documents",
    "arrival": "/v1/arrivals",
    "return": "/v1/returns",
}
"""Where documents of each kind are sent."""
_SAMPLES: Final = {kind: f"messages/{kind}.json" for kind in PATHS}


def request_forms(method: str, path: str) -> Mapping[str, Form]:
    """Return the forms of a body that the route reads itself, by media type; none where it reads none."""
    return _requests().get((method, path), {})


def answer_forms(method: str, path: str) -> Mapping[str, Form]:
    """Return the forms of the answer of a route that writes bytes itself."""
    return _answers().get((method, path), {})


def read_example(form: Form) -> Any:
    """Return the example of a form as it stands in a description: of a struct as data, all else as text."""
    assert form.example is not None
    encoding = "latin-1" if form.example.endswith(".edi") else "utf-8"  # as UNOC of EDIFACT has it
    content = find_shipped("examples").joinpath(form.example).read_text(encoding=encoding)
    return content if form.kind is None else msgspec.json.decode(content)


@cache
def _requests() -> dict[tuple[str, str], dict[str, Form]]:
    found = {("POST", path): _filing_forms(kind) for kind, path in PATHS.items()}
    found["POST", "/v1/bulk-declarations"] = {
        JSON: Form(meaning="The head with its declarations", kind=BulkDeclaration),
        NDJSON: Form(meaning="The head, then its declarations, one a line", kind=Lines(Consignment)),
    }
    found["POST", "/v1/messages/{standard}"] = {
        media_type: _standard(media_type)
        for media_type in dict.fromkeys(
            name for exchange in MESSAGE_EXCHANGES.values() for name in exchange.media_types
        )
    }
    found["POST", "/v1/check/{standard}"] = {name: _standard(name) for name in CHECKED_MEDIA_TYPES}
    found["POST", "/v1/quotes"] = _json(QuoteRequest, "What is asked")
    found["POST", "/v1/quotes/baskets"] = _json(BasketRequest, "Baskets and destinations")
    found["POST", "/v1/quotes/verify"] = _json(CheckQuote, "The signed quote")
    found["POST", "/v1/cases/{case_id}/try"] = _json(TryRequest, "What to change")
    found["POST", "/v1/receipts/verify"] = _json(CheckRequest, "The receipt, alone or with fields to open")
    found["POST", "/v1/law-generations"] = _json(EarlierPacks, "Packs that were in force before")
    found["POST", "/v1/law-generations"]["application/zip"] = Form(
        meaning="A folder of law packs: `<CODE>/pack.yaml` ... and `tables/`."
    )
    found["POST", "/v1/lists/{kind}"] = {
        "text/csv": Form(meaning="The list, in UTF-8", example="lists/invented-exchange-rates.csv"),
        "application/xml": Form(meaning="Of denied parties: the United Nations' consolidated list"),
    }
    statement = Form(meaning="camt.053 or camt.054", example="standards/iso20022-statement.xml")
    found["POST", "/v1/bank-statements"] = dict.fromkeys(XML_MEDIA_TYPES, statement)
    report = Form(meaning="pain.002", example="standards/iso20022-status.xml")
    found["POST", "/v1/refund-statuses"] = dict.fromkeys(XML_MEDIA_TYPES, report)
    found["POST", "/v1/epcis/queries"] = _json(QueryDefinition, "A query and its name")
    for path in ("/v1/epcis/capture", "/v1/epcis/events"):
        found["POST", path] = {name: _events(name) for name in EPCIS_MEDIA_TYPES}
    return found


def _filing_forms(kind: str) -> dict[str, Form]:
    struct = KINDS[kind]
    forms: dict[str, Form] = {}
    for form in FORMATS.values():
        if kind not in form.kinds:
            continue
        media_type = form.media_types[0]
        if form.name == "json":
            forms[media_type] = Form(meaning="One document", kind=struct, example=_SAMPLES.get(kind))
        elif form.name == "ndjson":
            forms[media_type] = Form(
                meaning="Many documents, one a line; each is answered by itself", kind=Lines(struct)
            )
        elif form.name == "csv":
            example = "messages/declarations.csv" if kind == "declaration" else None
            forms[media_type] = Form(meaning="Many documents as a table", example=example)
        else:
            forms[media_type] = Form(
                meaning=f"One message of {form.name}", example=_STANDARD_EXAMPLES[media_type]
            )
    if kind == "declaration":
        forms["multipart/mixed"] = Form(meaning="Many messages of wco-dec, one a part")
    return forms


def _standard(media_type: str) -> Form:
    return Form(meaning="A message of the standard, as it is", example=_STANDARD_EXAMPLES.get(media_type))


def _events(media_type: str) -> Form:
    is_json = "json" in media_type
    example = "standards/epcis-events.json" if is_json else "standards/epcis-events.xml"
    return Form(meaning="EPCIS 2.0", kind=dict[str, Any] if is_json else None, example=example)


def _json(kind: Any, meaning: str) -> dict[str, Form]:
    return {JSON: Form(meaning=meaning, kind=kind)}


@cache
def _answers() -> dict[tuple[str, str], dict[str, Form]]:
    one = _json(AnswerOut, "What became of the document")
    many = {NDJSON: Form(meaning="One answer a line, then a line with `complete`", kind=Lines(AnswerOut))}
    found: dict[tuple[str, str], dict[str, Form]] = {("POST", path): one | many for path in PATHS.values()}
    for kind, path in PATHS.items():
        act = "invalidation" if kind == "declaration" else "withdrawal"
        found["POST", f"{path}/{{reference}}/{act}"] = one
    found["POST", "/v1/declarations/{reference}/presentation"] = one
    found["POST", "/v1/bulk-declarations"] = _json(BulkAnswerOut, "The envelope and its declarations") | many
    found["POST", "/v1/messages/{standard}"] = one | {
        media_type: Form(meaning="The standard's own answer", example=_ANSWERED.get(media_type))
        for media_type in _requests()["POST", "/v1/messages/{standard}"]
    }
    return found


_ANSWERED: Final = {"application/xml": "standards/cusrsp.xml"}
NOT_TAKEN: Final = DocumentProblem
"""The problem of one document."""
