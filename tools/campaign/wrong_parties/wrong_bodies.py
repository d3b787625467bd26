"""What wrong parties send to each address: sound in form, about what is not theirs."""

import base64
import io
import re
from collections.abc import Callable, Mapping
from itertools import chain, count
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import msgspec
from PIL import Image
from serai.foundation.access.actor import Role

from tools.campaign.bodies import LIST_KIND
from tools.campaign.furnishing import sample_of
from tools.campaign.samples import ROOT, samples_of
from tools.campaign.sound_bodies import NOWHERE, QUOTE, sound_bodies
from tools.campaign.wrong_parties.honest import events_of

Note = Callable[..., str]
"""Gives a number of one of some kinds: what is another's, or what is not there."""


class Written(NamedTuple):
    """What goes out. path: by the parameters of the address. body: an object, the bytes of a message, or
    None."""

    path: Mapping[str, str] = MappingProxyType({})
    body: Any = None
    query: str = ""
    media_type: str = "application/json"


Make = Callable[[Note, str], Written]
"""Makes a request. The text is the sender's own, new each time: it goes into its references."""


def _small_picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    return out.getvalue()


_PICTURE: Final = _small_picture()
_PARCEL_FORM: Final = {
    "what_1": "men's t-shirt, cotton, knitted",
    "code_1": "610910",
    "made_1": "CN",
    "pieces_1": "2",
    "weight_1": "0.35",
    "price_1": "25",
    "currency": "EUR",
    "nature": "B2C",
    "sender_name": "Wrongful Shop",
    "sender_street": "Wrongway 1",
    "sender_city": "Shenzhen",
    "sender_country": "CN",
    "buyer_name": "Wrongful Buyer",
    "buyer_street": "Wrongway 2",
    "buyer_city": "Berlin",
    "buyer_postcode": "10115",
    "buyer_country": "DE",
    "way": "express",
}
"""The form of one parcel, without its numbers."""


def wrong_sample(kind: str, number: str, own: str) -> dict[str, Any]:
    """Return our sample of a document with another's numbers in it, and with words of its own."""
    text = msgspec.json.encode(sample_of(kind, number)).decode()
    for word, other in (("Invented ", "Wrongful "), ("Example ", "Wrongway "), ("Backpack", "Rucksack")):
        text = text.replace(word, other)
    document: dict[str, Any] = msgspec.json.decode(text)
    return document | {"reference": own}


def _document(kind: str, **changes: Any) -> Make:
    return lambda note, own: Written(body=wrong_sample(kind, note("reference", "released"), own) | changes)


def _as_amendment(kind: str, of: str) -> Make:
    """Write as if another's document were the sender's own."""

    def make(note: Note, _: str) -> Written:
        named = note(of)
        return Written(
            body=wrong_sample(kind, named, named) | {"amends_version": 1, "amendment_reason": "price"}
        )

    return make


_RULE: Final = "eu-swords"
"""Of the honest agency's remit; rules are law, which everybody knows."""


def _at(parameter: str, *kinds: str, **body: Any) -> Make:
    """Write to an address that names one thing of somebody's."""
    return lambda note, own: Written(
        {parameter: note(*kinds)}, {"reference": own, **body} if "kind" in body else body
    )


def _return(note: Note, own: str) -> Written:
    goods = {"sequence_number": 1, "commodity_code": "61091000", "description": "shirt", "quantity": "1"}
    body = {"reference": own, "mrn": note("mrn"), "reason": "unwanted", "goods_items": [goods]}
    return Written(body=body)


def _bulk(note: Note, own: str) -> Written:
    declared = wrong_sample("declaration", note("reference"), own)
    return Written(body={"reference": own, "declarations": [declared]})


def _message(standard: str, file: str, number: str, own_number: str) -> Make:
    """Send a message of a standard. number, own_number: patterns of what goes before another's number, and
    before the sender's own."""
    text = (ROOT / "examples" / "standards" / file).read_text("utf-8")
    assert all(re.search(f"{one}[^<]*", text) for one in (number, own_number)), f"{file} has no such number"

    def make(note: Note, own: str) -> Written:
        named = note("reference")
        said = re.sub(f"({own_number})[^<]*", lambda found: found[1] + own, text)
        # What else is in the message is the sender's own, and new.
        numbers = chain([named], (f"{own}-{place}" for place in count()))
        said = re.sub(f"({number})[^<]*", lambda found: found[1] + next(numbers), said)
        return Written({"standard": standard}, said.encode(), media_type="application/xml")

    return make


def _bytes(path: Mapping[str, str], content: bytes, media_type: str, query: str = "") -> Make:
    return lambda _, own: Written(path, content, query.replace("OWN", own), media_type)


def _form(parameter: str, **fields: str) -> Make:
    body = "&".join(f"{name}={value}" for name, value in fields.items()).encode()

    def make(note: Note, _: str) -> Written:
        path = {parameter: note("case_id", "released_case")} if parameter else {}
        return Written(path, body, media_type="application/x-www-form-urlencoded")

    return make


def _declare(note: Note, own: str) -> Written:
    """Send the form of a parcel with another's numbers in it, all of it filled in."""
    number = note("reference", "released")
    body = urlencode(_PARCEL_FORM | {"order": number, "number": number, "reference": own})
    return Written(body=body.encode(), media_type="application/x-www-form-urlencoded")


def _begin_to_declare(note: Note, own: str) -> Written:
    """Send as much of the form as its first screen asks for, with another's numbers in it."""
    number = note("reference", "released")
    body = urlencode({"what_1": "shirt", "order": number, "number": number, "reference": own})
    return Written(body=body.encode(), media_type="application/x-www-form-urlencoded")


def _webhook_form(own: str) -> Written:
    body = f"reference={own}&url={NOWHERE}".encode()
    return Written(body=body, media_type="application/x-www-form-urlencoded")


def _form_about_an_act(note: Note, own: str) -> Written:
    body = f"what=view&about={note('act')}&reference={own}&reason=mine".encode()
    return Written({"case_id": note("case_id")}, body, media_type="application/x-www-form-urlencoded")


def _at_form(parameter: str, kind: str, **fields: str) -> Make:
    """Send a form to an address that names one thing of somebody's."""
    body = "&".join(f"{name}={value}" for name, value in fields.items()).encode()
    return lambda note, _: Written(
        {parameter: note(kind)}, body, media_type="application/x-www-form-urlencoded"
    )


def _bulk_act(note: Note, own: str) -> Written:
    named = [{"case_id": note("case_id"), "expected_decision_id": note("decision_id")} for _ in range(2)]
    body = {"reference": own, "kind": "hold", "reason_code": "control", "rule_id": "law-missing"}
    return Written(body={**body, "cases": named})


def _order_of_unit(note: Note, own: str) -> Written:
    body = {"reference": own, "kind": "hold", "reason_code": "control", "reason": "not theirs"}
    return Written({"unit_id": note("unit_id")}, body)


def _form_of_unit(note: Note, own: str) -> Written:
    body = f"reference={own}&what=hold%20control&reason=mine&confirm=yes".encode()
    return Written({"unit_id": note("unit_id")}, body, media_type="application/x-www-form-urlencoded")


def _form_of_many(note: Note, own: str) -> Written:
    """Confirm a bulk act on another's cases."""
    case = note("case_id")
    body = f"reference={own}&rule=screening-vague&what=hold%20control&cases={case}:{case}&bulk={case}"
    return Written(body=body.encode(), media_type="application/x-www-form-urlencoded")


def _two(first: str, second: str, kind: str, body: Any = None) -> Make:
    """Write to an address that names two things."""
    return lambda note, _: Written(
        {first: note("case_id") if first == "case_id" else note(first), second: note(kind)}, body
    )


_MORE_TIME: Final[dict[str, Any]] = {"days": 5, "reason_code": "mine"}
_REASON: Final = {"reason": "not theirs"}
_WITHDRAWN: Final = {"expected_version": 1, "reason": "not wanted"}
_MARK: Final = {"kind": "paid", "currency_code": "EUR", "amount": "100.00"}
_MANDATE: Final = {"document_kinds": ["order", "payment", "transport-document"], "acts": ["payment-record"]}
_SCREENED: Final = {"method_code": "XRY", "result": "clear", "screened_at": "2026-07-01T12:00:00Z"}
_GENERATION: Final = {"packs_of_generation": 1}
_UPLOAD: Final = (
    b'--W\r\ncontent-disposition: form-data; name="message"; filename="a.json"\r\n'
    b"content-type: application/json\r\n\r\n" + samples_of("order")[0] + b"\r\n--W--\r\n"
)


def _events(note: Note, _: str) -> Written:
    return Written(body=events_of(note("reference"), step="destroying"))


def _one_event(note: Note, _: str) -> Written:
    said = events_of(note("reference"), step="departing")
    return Written(body={"@context": said["@context"], **said["epcisBody"]["eventList"][0]})


def _marked(note: Note, own: str) -> Written:
    return Written(
        {"case_id": note("case_id", "released_case")},
        _MARK | {"reference": own, "expected_decision_id": note("decision_id")},
    )


def _reversal(note: Note, own: str) -> Written:
    body = {"reference": own, "kind": "reversal", "reverses": note("act_id"), "reason_code": "test-code"}
    return Written({"case_id": note("case_id")}, body)


def _measure(note: Note, own: str) -> Written:
    decision = note("decision_id")
    body = {"reference": own, "kind": "seizure", "reason_code": "offence", "expected_decision_id": decision}
    return Written({"case_id": note("case_id")}, body)


def _answer(note: Note, own: str) -> Written:
    body = {"reference": own, "kind": "information-given", "answers": note("act_id"), "reason": "here it is"}
    return Written({"case_id": note("case_id")}, body)


def _given_document(note: Note, own: str) -> Written:
    return Written(
        {"case_id": note("case_id")}, {"reference": own, "answers": note("act_id"), "content": "JVBERi0="}
    )


def _goods_picture(note: Note, own: str) -> Written:
    content = base64.b64encode(_PICTURE).decode()
    return Written({"case_id": note("case_id")}, {"reference": own, "content": content})


def _uploaded_picture(note: Note, own: str) -> Written:
    part = 'Content-Disposition: form-data; name="{}"{}\r\n\r\n'
    body = (
        f"--W\r\n{part.format('reference', '')}{own}\r\n".encode()
        + f"--W\r\n{part.format('file', '; filename=a.png')}".encode()
        + _PICTURE
        + b"\r\n--W--\r\n"
    )
    return Written({"case_id": note("case_id")}, body, media_type="multipart/form-data; boundary=W")


def _uploaded_document(note: Note, _: str) -> Written:
    return Written({"case_id": note("case_id")}, _UPLOAD, media_type="multipart/form-data; boundary=W")


_DOT: Final = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4//8/AAX+Av4N70a4AAAAAElFTkSuQmCC"
"""A picture of one point, in base64."""


def _photo(parameter: str, kind: str) -> Make:
    def make(note: Note, own: str) -> Written:
        body = {"reference": own, "examination": note("act_id"), "content": _DOT}
        return Written({parameter: note(kind)}, body)

    return make


def _second_examination(note: Note, own: str) -> Written:
    body = {"reference": own, "examination": note("act_id"), "reason": "not theirs"}
    return Written({"case_id": note("case_id")}, body)


def _form_of_examination(note: Note, own: str) -> Written:
    fields = {
        "about": note("act_id"),
        "reference": own,
        "reason": "not theirs",
        "answer": "granted",
        "result_code": "empty",
        "counting": "second",
    }
    body = urlencode(fields).encode()
    return Written({"case_id": note("case_id")}, body, media_type="application/x-www-form-urlencoded")


def _appeal(note: Note, own: str) -> Written:
    body = {"reference": own, "decision_id": note("decision_id"), "reason": "It is mine"}
    return Written({"case_id": note("case_id")}, body)


def _review(note: Note, own: str) -> Written:
    body = {"reference": own, "decision_id": note("decision_id"), "reason": "It is mine"}
    return Written({"case_id": note("case_id")}, body)


def _of_buyer(**body: Any) -> Make:
    return lambda _, own: Written(body={"session": own, **body})


def _mandate_of_own(_: Note, own: str) -> Written:
    return Written(body=_MANDATE | {"reference": own, "grantee_identifier": "WRONG"})


def _guarantee(note: Note, own: str) -> Written:
    terms = {"kind": "comprehensive", "guarantor": "Wrong Bank", "currency_code": "EUR"}
    return Written(body={"number": own, "party": note("party"), "reference_amount": "9.00", **terms})


_PERMIT: Final = {
    "type_code": "C400",
    "holder": {"kind": "bearer"},
    "valid_from": "2026-01-01T00:00:00Z",
    "valid_to": "2027-01-01T00:00:00Z",
}


def _payment_account(note: Note, own: str) -> Written:
    terms = {"way": "deferred", "currency_code": "EUR", "limit_amount": "9.00"}
    return Written(body={"number": own, "party": note("party"), **terms})


_BEARING: Final = {
    "payment": "0713-P6XH-4000-1A",
    "bearer_name": "Wrong Bearer",
    "bearer_country_code": "DE",
    "currency_code": "EUR",
    "amount": "1.00",
}


def _issuer_key(_: Note, own: str) -> Written:
    return Written(body={"issuer": "wrong.example", "kid": own, "public_key": "A" * 43})


_NAME: Final = {
    "role": "consignee",
    "list_code": "invented",
    "entry_id": "X-1",
    "entry_version": "0" * 32,
    "verdict_code": "name-differs",
    "remark": "Qzv another.",
}
_SPLIT: Final = {"verdict": "separate-orders", "reason": "Qzv apart."}
_DISPUTE: Final = {"from_on": "2026-07-01", "to_on": "2026-07-02", "statement": "These words are not mine."}
_RECALL: Final = {"reason_code": "paint", "rule": {"words": ["Rucksack"]}}
_RECORDAL: Final = {
    "kind_code": "trade-mark",
    "right_number": "018000009",
    "marks": ["Rucksackia"],
    "hs_prefixes": ["4202"],
    "last_day": "2027-01-31",
    "contact_name": "Office",
    "contact_email": "office@holder.example",
}
_EMPTY: Final = b"PK\x05\x06" + bytes(18)

WRITES: Final[dict[str, tuple[Make, ...]]] = {
    "POST /v1/orders": (_document("order"), _as_amendment("order", "reference")),
    "POST /v1/payments": (_document("payment", amount="1.00"), _as_amendment("payment", "reference")),
    "POST /v1/transport-documents": (
        _document("transport-document", gross_mass_kg="9.000"),
        _document("transport-document", detail={"filing_kind_code": "pre-loading"}),
        _as_amendment("transport-document", "reference"),
    ),
    "POST /v1/arrivals": (
        _document("arrival"),
        lambda note, own: Written(
            body={"reference": own, "arrived_at": "2026-07-02T04:41:00Z", "house_document": note("reference")}
        ),
    ),
    "POST /v1/declarations": (_document("declaration"), _as_amendment("declaration", "reference")),
    "POST /v1/bulk-declarations": (_bulk,),
    "POST /v1/returns": (_return,),
    "POST /v1/messages/{standard}": (
        _message("ceb", "ceb-order.xml", "<ceb:orderNo>", "<ceb:guid>0A1B2C3D-0000-4000-8000-"),
        _message("itmatt", "itmatt.xml", "<Id>(?=RR)", "<itm:MessageId>"),
        _message("ics", "ics-entry-summary.xml", "<DocRefDC23>", "<MesIdeMES19>"),
    ),
    "POST /v1/declarations/{reference}/invalidation": (_at("reference", "reference", **_WITHDRAWN),),
    "POST /v1/declarations/{reference}/presentation": (
        _at("reference", "reference", arrived_at="2026-07-02T08:00:00Z"),
    ),
    **{
        f"POST /v1/{kind}/{{reference}}/withdrawal": (_at("reference", kind, **_WITHDRAWN),)
        for kind in ("orders", "payments", "transport-documents", "returns")
    },
    "POST /v1/transport-documents/{reference}/screening": (_at("reference", "screened", **_SCREENED),),
    "POST /v1/pre-loading-assessments/{assessment}/decision": (
        _at("assessment", "assessment", outcome="assessment-complete", words="go"),
    ),
    "POST /v1/cases/{case_id}/payment-records": (
        _at("case_id", "case_id", "released_case", **_MARK),
        _marked,
    ),
    "POST /v1/cases/{case_id}/acts": (_reversal, _measure, _answer),
    "POST /v1/cases/{case_id}/possible-matches/{document}/joining": (
        _two("case_id", "document", "document_id", _REASON),
    ),
    "POST /v1/cases/{case_id}/possible-matches/{document}/parting": (
        _two("case_id", "document", "document_id", _REASON),
    ),
    "POST /v1/cases/{case_id}/custody/closure": (_at("case_id", "case_id", **_REASON),),
    "POST /v1/cases/{case_id}/appeals": (_appeal,),
    "POST /v1/cases/{case_id}/appeals/{act}/statements": (
        _two("case_id", "act", "act", {"reference": "VIEW-1", "reason": "not theirs"}),
    ),
    "POST /v1/cases/{case_id}/appeals/{act}/outcome": (
        _two(
            "case_id",
            "act",
            "act",
            {"reference": "OUT-1", "outcome": "appeal-allowed", "reason": "not theirs"},
        ),
    ),
    "POST /v1/cases/{case_id}/appeals/{act}/suspension": (
        _two(
            "case_id",
            "act",
            "act",
            {"reference": "SUS-1", "ground": "doubtful-legality", "reason": "not theirs"},
        ),
    ),
    "POST /v1/cases/{case_id}/review-requests": (_review,),
    "POST /v1/cases/{case_id}/review-requests/{act}/answer": (
        _two("case_id", "act", "act", {"outcome": "set-aside", "reason": "looked at"}),
    ),
    "POST /v1/cases/{case_id}/buyer-requests/{act}/answer": (
        _two("case_id", "act", "act", {"outcome": "accepted", "reason": "looked at"}),
    ),
    "POST /v1/cases/{case_id}/proofs": (_given_document,),
    "POST /v1/cases/{case_id}/photos": (_photo("case_id", "case_id"),),
    "POST /v1/transport-units/{unit_id}/photos": (_photo("unit_id", "unit_id"),),
    "POST /v1/cases/{case_id}/second-examinations": (_second_examination,),
    "POST /v1/cases/{case_id}/second-examinations/{act}/answer": (
        _two("case_id", "act", "act", {"reference": "SEC-1", "answer": "granted", "reason": "not theirs"}),
    ),
    "POST /parcels/{case_id}/examinations/photos": (_uploaded_document,),
    **{
        f"POST /parcels/{{case_id}}/examinations/{name}": (_form_of_examination,)
        for name in ("second", "answer", "result")
    },
    "POST /v1/cases/{case_id}/pictures": (_goods_picture,),
    "POST /parcels/{case_id}/pictures": (_uploaded_picture,),
    "POST /parcels/{case_id}/reply/document": (_uploaded_document,),
    "POST /v1/track": (lambda note, _: Written(body={"number": note("reference"), "postcode": "W1"}),),
    **{
        f"POST /v1/track/{path}": (_of_buyer(**body),)
        for path, body in {
            "status": {},
            "code": {},
            "confirmation": {"code": "00000000"},
            "parcel": {},
            "requests": {"reference": "W", "kind": "contact", "words": "mine", "email": "w@w.example"},
            "proofs": {"reference": "W", "content": "JVBERi0="},
            "data": {},
            "tax-paid-proof": {},
            "erasure": {},
        }.items()
    },
    "POST /v1/notices/check": (lambda note, _: Written(body={"number": f"{note('case_id')}-00000"}),),
    "POST /track": (_form("", number="LX000000000XX", postcode="W1"),),
    "POST /track/confirmation": (_form("", code="00000000"),),
    "POST /track/requests": (_form("", kind="contact", words="mine", email="w@w.example"),),
    "POST /track/erasure": (_form("", sure="yes"),),
    "POST /track/code": (_form(""),),
    "POST /track/leave": (_form(""),),
    "POST /track/proofs": (_bytes({}, _UPLOAD, "multipart/form-data; boundary=W"),),
    "POST /notices/check": (_form("", number="0000-0000-0000-00-00000"),),
    "POST /language": (_form("", language="fr", back="/track"),),
    "POST /queue/take": (_form("", task="0000-0000-0000-00"),),
    "POST /queue/assign": (_form("", task="0000-0000-0000-00", assigned_to="wrong"),),
    "POST /queue/give-back": (_form("", task="0000-0000-0000-00"),),
    "POST /queue/views": (_form("", name="mine", query="why=review"),),
    "POST /parcels/{case_id}/act": (
        _form("case_id", reference="X", kind="hold", reason_code="control", reason="mine", confirm="yes"),
    ),
    "POST /parcels/{case_id}/buyer": (
        _form("case_id", act="0000-0000-0000-00", outcome="accepted", reason="mine"),
    ),
    "POST /parcels/{case_id}/amendment": (_form("case_id", consignment=""),),
    "POST /parcels/{case_id}/postal-forms": (_form("case_id", consignment="", paper="cn23"),),
    "POST /parcels/{case_id}/invalidation": (_form("case_id", version="1", reason="mine", sure="yes"),),
    "POST /parcels/{case_id}/repayments": (
        _form("case_id", reference="X", ground="error", consignment="0000000000000"),
    ),
    "POST /parcels/{case_id}/repayments/decision": (
        _form("case_id", reference="X", request="0000000000000", outcome="grant"),
    ),
    "POST /parcels/{case_id}/reply": (_form("case_id", what="appeal", reference="X", reason="mine"),),
    "POST /parcels/{case_id}/appeals": (_form_about_an_act,),
    "POST /v1/transport-units/{unit_id}/acts": (_order_of_unit,),
    "POST /v1/bulk-acts": (_bulk_act,),
    "POST /v1/bulk-acts/{bulk}/sample/{case_id}": (_two("case_id", "bulk", "act"),),
    "POST /v1/bulk-acts/{bulk}/confirmation": (
        lambda note, own: Written({"bulk": note("act")}, _bulk_act(note, own).body),
    ),
    "POST /transport-units/{unit_id}/act": (_form_of_unit,),
    "POST /bulk-acts": (_form_of_many, _form("", task="0000-0000-0000-00", back="rule%3Dscreening-vague")),
    "POST /bulk-acts/{bulk}/sample/{case_id}": (_two("case_id", "bulk", "act"),),
    "POST /v1/cases/{case_id}/try": (
        _at("case_id", "case_id", "released_case", destination_country_code="FR"),
        _at("case_id", "case_id", law_date="2026-07-02"),
    ),
    "POST /parcels/{case_id}/try": (_form("case_id", destination_country_code="FR"),),
    "POST /parcels/{case_id}/people": (_form("case_id", purpose="examination"),),
    "POST /parcels/{case_id}/receipt": (_form("case_id"),),
    "POST /v1/epcis/capture": (_events,),
    "POST /v1/epcis/events": (_one_event,),
    "POST /v1/epcis/queries": (
        lambda note, _: Written(
            body={"name": note("query_name"), "query": {"MATCH_anyEPC": [note("value")]}}
        ),
    ),
    "DELETE /v1/epcis/queries/{query_name}": (_at("query_name", "query_name", "kept_query"),),
    "POST /v1/quotes": (lambda _, own: Written(body={**QUOTE, "reference": own}),),
    "POST /v1/quotes/baskets": (
        lambda _, __: Written(body=msgspec.Raw(sound_bodies()["/v1/quotes/baskets"][0])),
    ),
    "POST /v1/describe": (lambda _, __: Written(body={"descriptions": [{"text": "nice gift"}]}),),
    "POST /v1/quotes/verify": (lambda _, __: Written(body={"signed": "e30.e30.e30"}),),
    "POST /v1/webhooks": (lambda _, own: Written(body={"reference": own, "url": NOWHERE}),),
    "POST /v1/webhooks/{webhook}/replay": (_at("webhook", "webhook"),),
    "POST /v1/webhooks/{webhook}/secret": (_at("webhook", "webhook"),),
    "POST /v1/webhooks/{webhook}/test": (_at("webhook", "webhook"),),
    "POST /organisation/webhooks": (lambda _, own: _webhook_form(own),),
    **{
        f"POST /organisation/webhooks/{{webhook}}/{step}": (_at_form("webhook", "webhook"),)
        for step in ("test", "secret", "replay", "removal")
    },
    "DELETE /v1/webhooks/{webhook}": (_at("webhook", "webhook"),),
    "POST /v1/mandates": (_mandate_of_own,),
    "POST /v1/bank-statements": (
        _bytes(
            {}, (ROOT / "examples" / "standards" / "iso20022-statement.xml").read_bytes(), "application/xml"
        ),
    ),
    "POST /v1/cases/{case_id}/repayment-requests": (
        _at("case_id", "case_id", reference="WRONG-R", ground="error", consignment="0000000000000"),
    ),
    "POST /v1/cases/{case_id}/repayment-decisions": (
        _at("case_id", "case_id", reference="WRONG-D", request="0000000000000", is_granted=True),
    ),
    "POST /v1/refund-orders": (lambda note, _: Written(body={"cases": [note("case_id")]}),),
    "POST /v1/refund-orders/{order}/withdrawal": (_at("order", "case_id"),),
    "POST /v1/refund-batches": (lambda _, __: Written(body={"currency_code": "EUR"}),),
    "POST /v1/refund-statuses": (
        _bytes({}, (ROOT / "examples" / "standards" / "iso20022-status.xml").read_bytes(), "application/xml"),
    ),
    "PUT /v1/refund-account": (
        lambda _, __: Written(body={"name": "Wrong", "iban": "FR7630006000011234567890189"}),
    ),
    "POST /v1/guarantees": (_guarantee,),
    "POST /v1/agencies/remits": (
        lambda note, _: Written(body={"party": note("party"), "rule_id": "eu-cites"}),
    ),
    "POST /v1/agencies/remits/{rule_id}/end": (lambda _, __: Written(path={"rule_id": _RULE}),),
    "POST /v1/agencies/requirements": (
        lambda _, __: Written(body={"rule_id": _RULE, "valid_from": "2099-01-01", "is_asked": False}),
    ),
    "POST /v1/agencies/requirements/{rule_id}/end": (
        lambda _, __: Written(path={"rule_id": _RULE}, body={"valid_from": "2099-01-01"}),
    ),
    "POST /agency/requirements": (
        _form("", rule_id=_RULE, valid_from="2099-01-01", choice="nothing"),
        _form("", rule_id=_RULE, valid_from="2099-01-01", choice="law"),
    ),
    **{
        f"POST {room}/requirements/proposals/{{proposal}}/approval": (
            make("proposal", "proposal", content_sha256="0" * 64),
        )
        for room, make in (("/agency", _at_form), ("/v1/agencies", _at))
    },
    **{
        f"POST {room}/requirements/proposals/{{proposal}}/rejection": (
            make("proposal", "proposal", reason="W"),
        )
        for room, make in (("/agency", _at_form), ("/v1/agencies", _at))
    },
    "POST /v1/agencies/keys": (
        lambda note, own: Written(body={"party": note("party"), "kid": own, "public_key": "A" * 43}),
    ),
    "POST /v1/agencies/keys/{kid}/revocation": (_at("kid", "kid"),),
    "POST /v1/agency/parcels/{parcel}/decisions": (
        _at("parcel", "parcel", reference="WRONG-A", decision="cleared", reason_code="compliant"),
    ),
    "POST /agency/{parcel}/decisions": (
        _at_form("parcel", "parcel", reference="WRONG-A", choice="cleared:compliant"),
    ),
    "POST /v1/permits": (lambda _, own: Written(body=_PERMIT | {"number": own}),),
    "POST /v1/permits/signed": (lambda _, __: Written(body={"signed": "e30.e30." + "A" * 86}),),
    "POST /v1/permits/{number}/revocation": (_at("number", "number"),),
    "POST /permits": (
        _form("", number="X", type_code="C400", valid_from="2026-01-01", valid_to="2026-12-31"),
    ),
    "POST /permits/signed": (_form("", signed="e30.e30." + "A" * 86),),
    "POST /permits/{number}/revocation": (_at_form("number", "number"),),
    "POST /parcels/{case_id}/permits": (
        _at_form("case_id", "case_id", reference="X", goods_item="1", document_code="C400", number="X"),
    ),
    "POST /v1/cases/{case_id}/permits": (
        _at("case_id", "case_id", reference="WRONG-P", goods_item=1, document_code="C400", number="WRONG"),
    ),
    "POST /v1/token-issuers": (_issuer_key,),
    "POST /v1/token-issuers/{issuer_key}/revocation": (_at("issuer_key", "issuer_key"),),
    "POST /v1/status-lists": (lambda _, __: Written(body={"status_list": "e30.e30.e30"}),),
    "POST /v1/schemes": (
        lambda note, own: Written(
            body={"party": note("party"), "scheme_kind_code": "IOSS", "number": own.upper()}
        ),
    ),
    "POST /v1/schemes/{scheme}/tokens": (_at("scheme", "scheme", tokens_from=None),),
    "POST /schemes/{scheme}/tokens": (_at_form("scheme", "scheme", tokens_from=""),),
    "POST /v1/cases/{case_id}/tax-paid-tokens": (_at("case_id", "case_id", token="e30.e30.e30"),),  # noqa: S106 - of a parcel
    "POST /v1/cases/{case_id}/tax-paid-proof/status": (_at("case_id", "case_id", status="suspended"),),
    "POST /v1/bank-movements/{movement}/matching": (
        _at("movement", "case_id", case_id="0713-P6XH-4000-1A", reason="I know."),
    ),
    "POST /money/movements/{movement}": (_at_form("movement", "case_id", case_id="0713", reason="I know."),),
    "POST /v1/payment-accounts": (_payment_account,),
    "POST /v1/payment-accounts/{account_number}/closure": (_at("account_number", "account_number"),),
    "POST /v1/cases/{case_id}/bearing-declarations": (_at("case_id", "case_id", **_BEARING),),
    "POST /v1/guarantees/{number}/revocation": (_at("number", "number"),),
    "POST /v1/mandates/{mandate_id}/revocation": (_at("mandate_id", "mandate_id"),),
    "POST /v1/scorecards/{party}/disputes": (_at("party", "own_party", "party", **_DISPUTE),),
    "POST /v1/scorecards/{party}/disputes/{dispute}/answer": (
        _two("party", "dispute", "dispute", {"is_upheld": True, "statement": "Looked at."}),
    ),
    "POST /scorecards/{party}/disputes": (_at_form("party", "party", **_DISPUTE),),
    "POST /scorecards/{party}/disputes/{dispute}/answer": (
        _two("party", "dispute", "dispute", {"answer": "upheld", "statement": "Looked at."}),
    ),
    "POST /v1/list-sources": (
        lambda _, own: Written(
            body={
                "name": own,
                "address": "https://lists.invented.example/list.csv",
                "public_key": "A" * 43,
            }
        ),
    ),
    "POST /v1/list-sources/{list_source}/end": (_at("list_source", "case_id"),),
    "POST /v1/cases/{case_id}/listed-names/verdicts": (
        lambda note, _: Written(
            {"case_id": note("case_id")}, {"consignment_id": note("consignment_id"), **_NAME}
        ),
    ),
    "POST /parcels/{case_id}/listed-names": (
        _at_form("case_id", "case_id", consignment_id="0f3kq2m9x1a7d", **_NAME),
    ),
    "POST /v1/split-shipments/{group_id}/verdict": (_at("group_id", "group_id", **_SPLIT),),
    "POST /split-shipments/{group_id}/verdict": (_at_form("group_id", "group_id", **_SPLIT),),
    "POST /v1/recordals": (lambda _, own: Written(body=_RECORDAL | {"reference": own}),),
    "POST /v1/recordals/{recordal_id}/pictures": (
        _at("recordal_id", "recordal_id", content=base64.b64encode(_PICTURE).decode()),
    ),
    "POST /v1/recordals/{recordal_id}/decision": (_at("recordal_id", "recordal_id", decision="granted"),),
    "POST /v1/recordals/{recordal_id}/end": (_at("recordal_id", "recordal_id"),),
    "POST /recordals": (_form("", reference="X", right_number="1", marks="Rucksackia", hs_prefixes="4202"),),
    "POST /recordals/{recordal_id}/pictures": (_at_form("recordal_id", "recordal_id"),),
    "POST /recordals/{recordal_id}/decision": (_at_form("recordal_id", "recordal_id", decision="granted"),),
    "POST /recordals/{recordal_id}/end": (_at_form("recordal_id", "recordal_id"),),
    **{
        f"POST {door}/recordals/{{recordal_id}}/{rest}": (make("recordal_id", "recordal_id", **body),)
        for door, make in (("/v1", _at), ("", _at_form))
        for rest, body in {
            "extension": {"last_day": "2027-01-31"},
            "extension-decision": {"decision": "granted"},
        }.items()
    },
    "POST /v1/cases/{case_id}/rights-detentions": (
        lambda note, own: Written(
            {"case_id": note("case_id")},
            {
                "reference": own,
                "expected_decision_id": note("decision_id"),
                "recordal_id": note("recordal_id"),
            },
        ),
    ),
    **{
        f"POST {door}/rights-detentions/{{detention_id}}/{rest}": (
            make("detention_id", "detention_id", **body),
        )
        for door, make in (("/v1", _at), ("", _at_form))
        for rest, body in {
            "holder-answer": {"answer": "does-not-infringe"},
            "declarant-answer": {"answer": "agrees"},
            "disclosure": {"use": "begin-proceedings"},
            "dispute": {"reason_code": "mine"},
            "extension": _MORE_TIME,
            "extension-decision": {"decision": "granted"},
            "dispute-decision": {"decision": "upheld"},
        }.items()
    },
    "POST /parcels/{case_id}/rights": (_at_form("case_id", "case_id", reference="X"),),
    "POST /v1/recalls": (lambda _, own: Written(body=_RECALL | {"reference": own}),),
    "POST /v1/recalls/{recall_id}/confirmation": (_at("recall_id", "recall_id", expected_count=0),),
    "POST /v1/recalls/{recall_id}/end": (_at("recall_id", "recall_id"),),
    "POST /v1/recalls/{recall_id}/withdrawal": (_at("recall_id", "recall_id", reason_code="wrong"),),
    "POST /v1/recalls/{recall_id}/take-down-answer": (_at("recall_id", "recall_id", answer="removed"),),
    "POST /v1/recalls/picture-hash": (
        lambda _, __: Written(body={"content": base64.b64encode(_PICTURE).decode()}),
    ),
    "POST /v1/recalls/{recall_id}/hits/{consignment_id}/closure": (
        _two("recall_id", "consignment_id", "consignment_id", _REASON),
    ),
    **{
        f"POST /recalls{rest}": (make,)
        for rest, make in {
            "": _form("", reference="X", reason_code="paint", words="Rucksack"),
            "/{recall_id}/confirmation": _at("recall_id", "recall_id", expected_count=0),
            "/{recall_id}/end": _at("recall_id", "recall_id"),
            "/{recall_id}/withdrawal": _at("recall_id", "recall_id", reason_code="wrong"),
        }.items()
    },
    "POST /take-downs/{recall_id}": (_at("recall_id", "recall_id", answer="removed"),),
    "POST /v1/parties": (
        lambda _, own: Written(body={"reference": own, "name": "Wrongful", "roles": ["seller"]}),
    ),
    "POST /v1/parties/{party}/keys": (_at("party", "party", reference="X", scopes=["reading"]),),
    "DELETE /v1/parties/{party}/keys/{key}": (_two("party", "key", "key"),),
    "POST /v1/parties/{party}/identifiers": (_at("party", "party", identifier="WRONG-2"),),
    "DELETE /v1/parties/{party}/identifiers/{identifier}": (_two("party", "identifier", "identifier"),),
    "PUT /v1/parties/{party}/roles/{role}": (
        lambda note, _: Written({"party": note("party"), "role": Role.OFFICER.value}),
    ),
    "DELETE /v1/parties/{party}/roles/{role}": (
        lambda note, _: Written({"party": note("party"), "role": Role.DECLARANT.value}),
    ),
    "POST /v1/risk/trial": (
        lambda _, own: Written(
            body={"level": "item", "when": "origin_country_code = 'ZZ'", "lane": "review", "sentence": own}
        ),
    ),
    "POST /risk/rules": (
        _form(
            "", act="put", rule_id="wrong", sentence="mine", when="origin_country_code = 'ZZ'", level="item"
        ),
    ),
    "POST /risk/budget": (_form("", inspections="1", share="1"),),
    "POST /risk/rules/{rule}/withdrawal": (
        lambda _, __: Written({"rule": "wrong"}, b"", media_type="application/x-www-form-urlencoded"),
    ),
    "PUT /v1/risk/rules/{rule}": (
        lambda _, own: Written(
            {"rule": "wrongful-rule"},
            {"level": "item", "when": "origin_country_code = 'ZZ'", "lane": "review", "sentence": own},
        ),
    ),
    "DELETE /v1/risk/rules/{rule}": (lambda _, __: Written({"rule": "wrongful-rule"}),),
    "PUT /v1/risk/budget": (lambda _, __: Written(body={"inspections_per_day_count": 1}),),
    "PUT /v1/offices/{office}": (
        lambda _, own: Written(
            {"office": own},
            {"name": "Wrongful", "address": "Wrongway 1", "hours": "never", "contact": "w@wrong.example"},
        ),
    ),
    "DELETE /v1/offices/{office}": (lambda _, own: Written({"office": own}),),
    "POST /v1/registrations": (
        lambda _, own: Written(body={"name": own, "country_code": "DE", "email": "w@wrong.example"}),
    ),
    "POST /v1/parties/{party}/people": (
        _at("party", "party", email="w@wrong.example", member_role="manager"),
    ),
    "DELETE /v1/parties/{party}/people/{account}": (_two("party", "account", "act_id"),),
    "POST /register": (_form("", name="W", country="DE", email="w@wrong.example"),),
    "POST /password": (_form("", email="w@wrong.example"),),
    "POST /administration/parties": (_form("", reference="W", name="Wrongful", roles="officer"),),
    "POST /administration/parties/{party}/roles": (_at_form("party", "party", role="officer"),),
    "POST /administration/parties/{party}/identifiers": (_at_form("party", "party", identifier="W-3"),),
    "POST /administration/parties/{party}/keys": (
        _at_form("party", "party", reference="W", scopes="administering"),
    ),
    "POST /administration/parties/{party}/keys/{key}/revocation": (_two("party", "key", "key"),),
    "POST /administration/offices": (
        _form("", reference="W", name="Wrongful", address="W", hours="W", contact="W"),
    ),
    "POST /administration/offices/{office}/end": (
        lambda _, own: Written({"office": own}, b"end=1", media_type="application/x-www-form-urlencoded"),
    ),
    "POST /organisation/people": (_form("", email="w@wrong.example", member_role="manager"),),
    "POST /organisation/people/{account}": (_at_form("account", "act_id", end="1"),),
    "POST /organisation/invitations/{link}": (_at_form("link", "document_id"),),
    "POST /organisation/keys": (_form("", reference="W", scopes="reading"),),
    "POST /organisation/keys/{key}/revocation": (_at_form("key", "key"),),
    "POST /account/sessions": (_form(""),),
    "POST /kept-form": (_form(""),),
    "POST /v1/accounts": (lambda _, own: Written(body={"sign_in_name": own, "roles": ["admin"]}),),
    "PUT /v1/accounts/{account}/roles": (_at("account", "account", roles=["admin"]),),
    "POST /v1/accounts/{account}/password": (_at("account", "account"),),
    **{
        f"{method} /v1/accounts/{{account}}{rest}": (_at("account", "account"),)
        for method, rest in (
            ("PUT", "/lock"),
            ("DELETE", "/lock"),
            ("DELETE", "/second-factor"),
            ("DELETE", "/sessions"),
            ("DELETE", ""),
        )
    },
    "PUT /v1/accounts/{account}/identities/{provider}": (
        lambda note, _: Written({"account": note("account"), "provider": "nowhere"}, {"subject": "w"}),
    ),
    "DELETE /v1/accounts/{account}/identities/{provider}": (
        lambda note, _: Written({"account": note("account"), "provider": "nowhere"}),
    ),
    "POST /administration/accounts": (_form("", sign_in_name="w", roles="admin"),),
    "POST /administration/accounts/{account}/act": (_at_form("account", "account", what="unlock"),),
    "POST /administration/law/packs": (_form("", note="w"),),
    "POST /administration/law/earlier": (_form("", generation="1"),),
    "POST /administration/law/lists": (_form("", kind=LIST_KIND, name="w"),),
    "POST /session": (_form(""),),
    "POST /account/passkeys/options": (_form("", old="W"),),
    "POST /account/passkeys": (_form("", name="W", answer="{}"),),
    "POST /account/passkeys/{passkey}/removal": (_at_form("passkey", "act_id", old="W"),),
    "POST /v1/lists/{kind}": (
        _bytes({"kind": LIST_KIND}, samples_of(f"{LIST_KIND}.csv")[0], "text/csv", "name=OWN.csv"),
    ),
    "POST /v1/law-generations": (
        lambda _, __: Written(body=_GENERATION),
        _bytes({}, _EMPTY, "application/zip", "note=OWN"),
    ),
    **{
        f"POST {room}/proposals/{{proposal}}/approval": (
            _at("proposal", "proposal", content_sha256="0" * 64),
        )
        for room in ("", "/v1")
    },
    **{
        f"POST {room}/proposals/{{proposal}}/rejection": (_at("proposal", "proposal", **_REASON),)
        for room in ("", "/v1")
    },
    "POST /v1/check/{standard}": (_bytes({"standard": "ceb"}, samples_of("ceb")[0], "application/xml"),),
    "POST /v1/receipts/verify": (_bytes({}, samples_of("declaration")[0], "application/json"),),
    "POST /check": (_bytes({}, _UPLOAD, "multipart/form-data; boundary=W"),),
    "POST /receipts/check": (_form("", receipt="W"),),
    **{
        f"POST /upload{rest}": (_bytes({}, _UPLOAD, "multipart/form-data; boundary=W"),)
        for rest in ("", "/correction", "/corrected", "/faulty", "/filing")
    },
    **{
        f"POST /declare{rest}": (_declare, _begin_to_declare)
        for rest in ("", "/check", "/send", "/postal-forms")
    },
}
"""By method and address: what is sent there."""
