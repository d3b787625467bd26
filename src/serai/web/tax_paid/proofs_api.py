"""HTTP for tokens and proofs of cases: show a token, read a proof, revoke it; status lists of proofs."""

import re
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.app import Node
from serai.foundation.http.problem_texts import text_in
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, language_of
from serai.foundation.id_text import parse_id
from serai.journey.acts.tax_paid.presenting import present_documents, present_token
from serai.journey.acts.tax_paid.proofs import (
    FETCH_AGAIN_S,
    Proof,
    ProofStatus,
    read_proof,
    read_status_list,
    set_proof_status,
)
from serai.journey.documents.submission import sender_of
from serai.journey.processing.citations.presenting import TokenAnswer
from serai.journey.refunds.ordering import order_due
from serai.model.errors import SeraiError
from serai.portal.track.proof import list_address
from serai.web.administering_api import AnyRequest, problem

_MEDIA_TYPE: Final = "application/statuslist+jwt"
_NUMBER: Final = re.compile(r"[0-9]{1,7}")


class ShownToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tax-paid token that came with the goods: scanned from its code, or brought by the buyer. null: the
    order and the payments of the case are looked at instead."""

    token: Annotated[str, Meta(min_length=1, max_length=16_384)] | None


class NewProofStatus(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a proof stands from now on: `revoked` for ever, `suspended` for now, `used`, or `valid` again."""

    status: ProofStatus


class ProofStatusOut(msgspec.Struct, frozen=True):
    """How a proof stands."""

    status: ProofStatus


@post(
    "/v1/cases/{case_id:str}/tax-paid-tokens",
    opt={"act": "tokens.present"},
    status_code=200,
    summary="Show a tax-paid token for the goods of a case.",
    responses={
        404: problem("You have no part in such a case"),
        409: problem("The documents of the case do not show that tax was charged twice"),
    },
)
async def post_shown_token(
    request: AnyRequest, case_id: FromPath[str], data: JSONBody[ShownToken]
) -> TokenAnswer:
    """It is used up by being taken as proof. What is refused is answered with every reason that holds, and
    told to the holder of the scheme number; 200 as well. Without a token, orders and payments show whether
    tax of released goods was paid at sale and charged at the border."""
    node = provided(request, Node)
    account = next(iter(node.settings.payment.accounts.split()), "")

    async def order_back(connection: Any, root: int) -> None:
        """Order at once what was paid at the border before the token was shown."""
        if account:
            at = node.clock.now()
            await order_due(
                node.services, connection, [root], account_number=account, at=at, ground="double-charge"
            )

    sender = sender_of(actor_of(request))
    if data.token is None:
        return await present_documents(node.processor, sender, parse_id(case_id))
    answer = await present_token(node.processor, sender, parse_id(case_id), data.token, then=order_back)
    return _in_words_of(language_of(request), answer)


@get(
    "/v1/cases/{case_id:str}/tax-paid-proof",
    opt={"act": "proofs.read"},
    summary="A signed proof that duty and tax of a consignment were paid.",
    responses={404: problem("You have no part in such a case"), 409: problem("It was not paid")},
)
async def read_case_proof(request: AnyRequest, case_id: FromPath[str]) -> Proof:
    """Whoever holds the public key under `/.well-known/jwks.json` checks it without asking here. The same
    proof each time."""
    return await proof_of(request, parse_id(case_id))


@post(
    "/v1/cases/{case_id:str}/tax-paid-proof/status",
    opt={"act": "proofs.manage"},
    status_code=200,
    summary="Revoke or suspend the proof of a case.",
    responses={404: problem("There is no such proof"), 409: problem("It was revoked, for ever")},
)
async def post_proof_status(
    request: AnyRequest, case_id: FromPath[str], data: JSONBody[NewProofStatus]
) -> ProofStatusOut:
    """The status list says so from its next reading on."""
    processor = provided(request, Node).processor
    sender = sender_of(actor_of(request))
    return ProofStatusOut(await set_proof_status(processor, sender, parse_id(case_id), data.status))


@get(
    "/v1/tax-paid/status-lists/{list_number:str}",
    opt={"act": "public.read"},
    summary="A status list of proofs that were given out here, signed.",
    responses={404: problem("There is no such list")},
    media_type=_MEDIA_TYPE,
)
async def read_proof_list(request: AnyRequest, list_number: FromPath[str]) -> Response[Any]:
    """A Token Status List of the IETF. Keep it for a quarter of an hour; ask again with `if-none-match`."""
    node = provided(request, Node)
    if not _NUMBER.fullmatch(list_number) or int(list_number) >= 1 << 20:
        raise SeraiError("not-found", "There is no such status list.", "Read the address that a token names.")
    signed, tag = await read_status_list(node.processor, int(list_number), list_address=_address(node))
    headers = {"etag": f'"{tag}"', "cache-control": f"public, max-age={FETCH_AGAIN_S}"}
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(b"", status_code=304, headers=headers, media_type=_MEDIA_TYPE)
    return Response(signed, headers=headers, media_type=_MEDIA_TYPE)


async def proof_of(request: AnyRequest, case_id: int) -> Proof:
    """Return the proof of a case for whoever asks. Errors as in `read_proof`."""
    node = provided(request, Node)
    return await read_proof(
        node.processor,
        sender_of(actor_of(request)),
        case_id,
        list_address=_address(node),
        administration_code=node.settings.administration.code,
    )


def _in_words_of(language: str, answer: TokenAnswer) -> TokenAnswer:
    """Return an answer whose sentences are in a language."""
    return msgspec.structs.replace(
        answer,
        reasons=[
            msgspec.structs.replace(
                one, sentence=text_in(one.sentence, language), next_step=text_in(one.next_step, language)
            )
            for one in answer.reasons
        ],
        differences=[
            msgspec.structs.replace(one, meaning=text_in(one.meaning, language)) for one in answer.differences
        ],
    )


ROUTES = [post_shown_token, read_case_proof, post_proof_status, read_proof_list]


def _address(node: Node) -> str:
    return list_address(node.settings.server)
