"""HTTP for buyers' programs and apps. A session stands in the body, never in an address or a cookie."""

import asyncio
import datetime as dt
from typing import Annotated, Any, Literal, cast

import msgspec
from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.foundation.http.guards import client_network
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, language_of
from serai.foundation.id_text import format_id, parse_id
from serai.journey.acts.appeals import lodge_appeal
from serai.journey.acts.awaited import find_awaited
from serai.journey.acts.case_acts import ActDone
from serai.journey.acts.human_review import request_review
from serai.journey.acts.tax_paid.proofs import Proof as PaidProof
from serai.journey.buyers.codes import confirm, send_code
from serai.journey.buyers.requests import (
    Answer,
    RequestKind,
    add_proof,
    answer_request,
    make_request,
    read_kept_proof,
    require_confirmed,
    sender_of_buyer,
)
from serai.journey.buyers.service import AtParcel, Buyers
from serai.journey.cases.service import CaseFiles
from serai.journey.documents.proofs import BODY_BYTES_MAX, decode_base64, read_proof
from serai.journey.documents.submission import sender_of
from serai.journey.mailing.service import Mailing, Means
from serai.journey.processing.transaction import Processor
from serai.journey.services import Services
from serai.model.acts import ACT_KINDS, FREE
from serai.portal.track.own_data import ErasureOut, OwnData, erase_own_data, read_own_data
from serai.portal.track.own_parcel import OwnParcel, OwnParcels
from serai.portal.track.proof import proof_of_buyer
from serai.portal.track.view import ParcelStatus, read_recalls_of, view_status

_AnyRequest = Request[Any, Any, Any]
_NO_STORE = {"cache-control": "no-store"}

Number = Annotated[str, Meta(min_length=3, max_length=70)]
Postcode = Annotated[str, Meta(min_length=1, max_length=60)]
SessionToken = Annotated[str, Meta(min_length=1, max_length=100)]


class TrackRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A parcel to be found. number: of the order or the parcel. postcode: of the address it goes to; the
    town where the address has none."""

    number: Number
    postcode: Postcode


class OfSession(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A session, as it was given."""

    session: SessionToken


class Tracked(msgspec.Struct, frozen=True):
    """A parcel that was found. session: for what is asked next; it is in this answer only."""

    session: str
    parcel: ParcelStatus


@post(
    "/v1/track",
    opt={"act": "parcels.track"},
    status_code=200,
    summary="Find a parcel by the number of its order or parcel and the postcode: where it stands.",
)
async def track_parcel(request: _AnyRequest, data: JSONBody[TrackRequest]) -> Response[Tracked]:
    """No key is asked for, and nothing personal is in the answer, no goods and no sums. A wrong postcode
    and a number that is not there have one answer. Tries are bounded."""
    buyers = provided(request, Buyers)
    opened = await buyers.find_parcel(data.number, data.postcode, client_network(request))
    return Response(Tracked(opened.token, await status_of(request, opened.token)), headers=_NO_STORE)


@post(
    "/v1/track/status",
    opt={"act": "parcels.track"},
    status_code=200,
    summary="Where the parcel of a session stands now.",
)
async def track_again(request: _AnyRequest, data: JSONBody[OfSession]) -> Response[ParcelStatus]:
    """Until the session ends."""
    return Response(await status_of(request, data.session), headers=_NO_STORE)


async def status_of(request: _AnyRequest, token: str) -> ParcelStatus:
    """Return where a session's parcel stands. Raises SeraiError `buyer-session-ended`."""
    at = await provided(request, Buyers).at_parcel(token)
    return view_status(
        at,
        await provided(request, CaseFiles).read_offices(),
        language_of(request),
        await read_recalls_of(provided(request, Services), at),
    )


# ---- the one-time code, and what it opens ----


class CodeTyped(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A code as it was typed, in the session for which it was asked."""

    session: SessionToken
    code: Annotated[str, Meta(min_length=1, max_length=20)]


class CodeOut(msgspec.Struct, frozen=True):
    """A code is on its way. means: `email` or `phone`. number: of the message that holds it."""

    means: Means
    number: str
    expires_at: dt.datetime


class Confirmed(msgspec.Struct, frozen=True):
    """A code was right. session: takes the place of the one before."""

    session: str
    expires_at: dt.datetime


class BuyerRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a buyer states or asks for. reference: the sender's own: the same again is harmless. kind:
    `review` asks for a person's look at a refusal; `appeal` is against the decision that stands. email: the
    right address, of kind `contact`."""

    session: SessionToken
    reference: Annotated[str, Meta(min_length=1, max_length=40, pattern="^[A-Za-z0-9-]+$")]
    kind: RequestKind | Literal["review", "appeal"]
    words: Annotated[str, Meta(min_length=1, max_length=2_000)]
    email: Annotated[str, Meta(max_length=254)] | None = None


class BuyerProof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A proof: a picture (JPEG, PNG) or a plain PDF of at most five megabytes. content: base64."""

    session: SessionToken
    reference: Annotated[str, Meta(min_length=1, max_length=40, pattern="^[A-Za-z0-9-]+$")]
    content: Annotated[str, Meta(min_length=1, max_length=7_100_000)]


class BuyerAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An officer's answer to a buyer. reason: in words, which the buyer reads."""

    outcome: Answer
    reason: Annotated[str, Meta(min_length=1, max_length=2_000)]


class NumberTyped(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The number that stands in a message."""

    number: Annotated[str, Meta(min_length=1, max_length=100)]


class NoticeChecked(msgspec.Struct, frozen=True):
    """Whether a message with this number went out from here. address: the only one at which to go on."""

    is_ours: bool
    address: str


@post(
    "/v1/track/code",
    opt={"act": "parcels.track"},
    status_code=200,
    summary="Send a one-time code to the contact in the declaration of the parcel.",
)
async def send_buyer_code(request: _AnyRequest, data: JSONBody[OfSession]) -> Response[CodeOut]:
    """Eight digits, for a quarter of an hour, five tries and one use. The contact is not shown."""
    sent = await send_code(
        provided(request, Buyers), provided(request, Mailing), data.session, language_of(request)
    )
    return Response(CodeOut(sent.means, sent.notice, sent.expires_at), headers=_NO_STORE)


@post(
    "/v1/track/confirmation",
    opt={"act": "parcels.track"},
    status_code=200,
    summary="Type the one-time code: a session in the place of the one before.",
)
async def confirm_buyer(request: _AnyRequest, data: JSONBody[CodeTyped]) -> Response[Confirmed]:
    """A wrong code takes a try; the session before ends with the right one."""
    opened = await confirm(provided(request, Buyers), data.session, data.code)
    return Response(Confirmed(opened.token, opened.session.expires_at), headers=_NO_STORE)


@post(
    "/v1/track/parcel",
    opt={"act": "parcels.track"},
    status_code=200,
    summary="What the parcel costs and how that comes, the reasons, and what was asked for.",
)
async def read_own_parcel(request: _AnyRequest, data: JSONBody[OfSession]) -> Response[OwnParcel]:
    """After a one-time code."""
    at = await provided(request, Buyers).at_parcel(data.session)
    own = await provided(request, OwnParcels).read(at, language_of(request))
    return Response(own, headers=_NO_STORE)


@post(
    "/v1/track/requests",
    opt={"act": "parcels.track"},
    status_code=200,
    summary="State that it was paid or is not yours; appeal; ask for a review, a correction, a contact.",
)
async def ask_as_buyer(request: _AnyRequest, data: JSONBody[BuyerRequest]) -> Response[ActDone]:
    """An officer gets a task. Only another contact can be asked for without a code."""
    at = await provided(request, Buyers).at_parcel(data.session)
    return Response(
        await request_of_buyer(
            request, at, data.kind, reference=data.reference, words=data.words, email=data.email
        ),
        headers=_NO_STORE,
    )


@post(
    "/v1/track/proofs",
    opt={"act": "parcels.track"},
    status_code=200,
    summary="Send a proof: a picture or a plain PDF.",
    request_max_body_size=BODY_BYTES_MAX,
)
async def send_proof(request: _AnyRequest, data: JSONBody[BuyerProof]) -> Response[ActDone]:
    """Judged by its content. It is kept among the personal data, and an officer looks at it."""
    at = await provided(request, Buyers).at_parcel(data.session)
    require_confirmed(at)
    proof = await asyncio.to_thread(lambda: read_proof(decode_base64(data.content)))
    done = await add_proof(provided(request, Processor), at, proof, reference=data.reference)
    return Response(done, headers=_NO_STORE)


@post(
    "/v1/track/data",
    opt={"act": "parcels.track"},
    status_code=200,
    summary="Who read your data, in which role, for which purpose, by which rule; what they are kept for.",
)
async def read_data_of_buyer(request: _AnyRequest, data: JSONBody[OfSession]) -> Response[OwnData]:
    """After a one-time code. Readings for enforcement are shown once the parcel is through."""
    at = await provided(request, Buyers).at_parcel(data.session)
    own = await read_own_data(provided(request, Services), at, language_of(request))
    return Response(own, headers=_NO_STORE)


@post(
    "/v1/track/tax-paid-proof",
    opt={"act": "parcels.track"},
    status_code=200,
    summary="A signed proof that duty and tax of your parcel were paid.",
)
async def read_proof_of_buyer(request: _AnyRequest, data: JSONBody[OfSession]) -> Response[PaidProof]:
    """After a one-time code. The same proof each time; show it as a QR code."""
    at = await provided(request, Buyers).at_parcel(data.session)
    return Response(await proof_of_buyer(request, at), headers=_NO_STORE)


@post(
    "/v1/track/erasure",
    opt={"act": "parcels.track"},
    status_code=200,
    summary="Erase your data in the case of the parcel, or restrict them until the law lets it happen.",
)
async def erase_data_of_buyer(request: _AnyRequest, data: JSONBody[OfSession]) -> Response[ErasureOut]:
    """After a one-time code. It cannot be undone."""
    at = await provided(request, Buyers).at_parcel(data.session)
    return Response(await erase_own_data(provided(request, Services), at), headers=_NO_STORE)


@post(
    "/v1/notices/check",
    opt={"act": "parcels.track"},
    status_code=200,
    summary="Whether a message is ours, by the number in it.",
)
async def check_notice(request: _AnyRequest, data: JSONBody[NumberTyped]) -> NoticeChecked:
    """Nothing of what it says is told. Our messages never hold a link to pay."""
    mailing = provided(request, Mailing)
    return NoticeChecked(await mailing.is_ours(data.number), mailing.writer.address)


# ---- officers ----


@post(
    "/v1/cases/{case_id:str}/buyer-requests/{act:str}/answer",
    opt={"act": "buyers.answer"},
    status_code=200,
    summary="An officer's answer to what the buyer of a parcel stated, asked for or proved.",
)
async def answer_buyer(
    request: _AnyRequest, case_id: FromPath[str], act: FromPath[str], data: JSONBody[BuyerAnswer]
) -> ActDone:
    """Another contact that is accepted is where the next code goes. The same answer again changes nothing."""
    return await answer_request(
        provided(request, Processor),
        sender_of(actor_of(request)),
        parse_id(case_id),
        act_id=parse_id(act),
        answer=data.outcome,
        reason=data.reason,
    )


@get(
    "/v1/cases/{case_id:str}/proofs/{act:str}",
    opt={"act": "buyers.answer"},
    summary="A file that a buyer or a declarant has sent. Each reading is recorded.",
    responses={200: ResponseSpec(bytes, description="The file", generate_examples=False, media_type="*/*")},
)
async def read_buyers_proof(
    request: _AnyRequest, case_id: FromPath[str], act: FromPath[str]
) -> Response[bytes]:
    """As a file to be kept, never shown in the page: what a stranger has sent runs nowhere."""
    proof = await read_kept_proof(
        provided(request, Processor), sender_of(actor_of(request)), parse_id(case_id), parse_id(act)
    )
    ending = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}[proof.media_type]
    headers = {
        **_NO_STORE,
        "content-disposition": f'attachment; filename="proof-{act[:20]}.{ending}"',
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
    }
    return Response(proof.content, media_type=proof.media_type, headers=headers)


async def request_of_buyer(
    request: _AnyRequest,
    at: AtParcel,
    kind: RequestKind | Literal["review", "appeal"],
    *,
    reference: str,
    words: str,
    email: str | None,
) -> ActDone:
    """Record what a buyer states or asks for: API and pages alike."""
    processor = provided(request, Processor)
    if kind not in ("review", "appeal"):
        return await make_request(
            processor, at, cast("RequestKind", kind), reference=reference, words=words, email=email
        )
    require_confirmed(at)
    sender, row = sender_of_buyer(processor.services, at), at.consignment
    # A reference is unique for a party, and that of all buyers is one.
    own = f"{format_id(row.consignment_id)}-{reference}"
    if kind == "review":
        return await request_review(
            processor, sender, row.case_id, reference=own, decision_id=row.decision_id, reason=words
        )
    measure_id = await _find_measure(processor, at)
    return await lodge_appeal(
        processor,
        sender,
        row.case_id,
        reference=own,
        statement=words,
        against_id=measure_id,
        decision_id=row.decision_id if measure_id is None else None,
        concerned_id=row.consignment_id,
    )


async def _find_measure(processor: Processor, at: AtParcel) -> int | None:
    """Return the newest measure on the parcel that can be appealed against; None: no officer took one, and
    the decision is appealed against."""
    services = processor.services
    async with services.database.read(services.administration_id) as connection:
        awaited = await find_awaited(processor, connection, at.consignment.case_id)
    ids = [
        one.act_id
        for one in awaited.measures
        if one.subject_id == at.consignment.consignment_id and ACT_KINDS[one.kind].state != FREE
    ]
    return max(ids, default=None)


ROUTES = [
    track_parcel,
    track_again,
    send_buyer_code,
    confirm_buyer,
    read_own_parcel,
    ask_as_buyer,
    send_proof,
    read_data_of_buyer,
    read_proof_of_buyer,
    erase_data_of_buyer,
    check_notice,
    answer_buyer,
    read_buyers_proof,
]
