"""What a buyer sees of the proof that duty and tax of the parcel were paid."""

from html import escape
from typing import Any, Final

import msgspec
from litestar import Request

from serai.foundation.http.interface_words import translatable
from serai.foundation.http.problem_texts import text_in
from serai.foundation.http.provided import provided
from serai.foundation.settings import ServerSettings, Settings
from serai.journey.acts.tax_paid.proofs import Proof, read_proof
from serai.journey.buyers.requests import require_confirmed, sender_of_buyer
from serai.journey.buyers.service import AtParcel
from serai.journey.processing.transaction import Processor
from serai.journey.tax_paid.qr_code import render_token_svg
from serai.model.errors import SeraiError
from serai.model.money import format_minor
from serai.model.refunds import STATUS_SENTENCES
from serai.portal.track.charged_twice import read_orders_back, read_twice_charged

LISTS: Final = "/v1/tax-paid/status-lists/"
_CODE_SHOWS: Final = translatable("Proof of what was paid")
_NOT_YET: Final = "tax-not-paid"


class ProofShown(msgspec.Struct, frozen=True):
    """What the page shows. proof: None: there is none, and sentence and next_step say why. code: a picture
    (SVG); "": no code holds so much. refunds: what is under way, each in words."""

    proof: Proof | None
    code: str = ""
    sentence: str = ""
    next_step: str = ""
    refunds: list[str] = []


def list_address(server: ServerSettings) -> str:
    """Return where status lists of proofs are, to which the number of one is added."""
    return (server.public_url.rstrip("/") or f"http://{server.host}:{server.port}") + LISTS


async def proof_of_buyer(request: Request[Any, Any, Any], at_parcel: AtParcel) -> Proof:
    """Return the proof of a buyer's parcel. Raises SeraiError `code-needed`, `tax-not-paid`."""
    require_confirmed(at_parcel)
    processor, settings = provided(request, Processor), provided(request, Settings)
    return await read_proof(
        processor,
        sender_of_buyer(processor.services, at_parcel),
        at_parcel.consignment.case_id,
        list_address=list_address(settings.server),
        administration_code=settings.administration.code,
    )


async def show_proof(request: Request[Any, Any, Any], at_parcel: AtParcel, language: str) -> ProofShown:
    """Return what the page shows. Raises SeraiError `code-needed`."""
    require_confirmed(at_parcel)
    refunds = await _refunds_of(request, at_parcel, language)
    try:
        proof = await proof_of_buyer(request, at_parcel)
    except SeraiError as error:
        if error.code != _NOT_YET:
            raise
        sentence, next_step = (text_in(one, language) for one in error.texts)
        return ProofShown(None, "", sentence, next_step, refunds)
    try:
        label = escape(text_in(_CODE_SHOWS, language), quote=True)
        code = render_token_svg(proof.token).replace("<svg", f'<svg role="img" aria-label="{label}"', 1)
    except SeraiError:
        code = ""
    return ProofShown(proof, code, refunds=refunds)


async def _refunds_of(request: Request[Any, Any, Any], at_parcel: AtParcel, language: str) -> list[str]:
    """Return what goes back to whoever paid: orders to the bank, and tax that was charged twice."""
    services = provided(request, Processor).services
    async with services.database.read(services.administration_id) as connection:
        orders = await read_orders_back(services, connection, at_parcel)
        twice = await read_twice_charged(
            services,
            connection,
            at_parcel,
            orders,
            [],
            language=language,
            time_zone=provided(request, Settings).administration.time_zone,
        )
    said = [
        f"{one.currency_code} {format_minor(one.amount_minor, one.currency_code)}: "
        f"{text_in(STATUS_SENTENCES[one.status][0], language)}"
        for one in orders
    ]
    if twice is not None and not orders:
        parts = (text_in(_TWICE, language), twice.who, twice.by_when, twice.standing)
        said.append(f"{twice.amount}: {' '.join(filter(None, parts))}")
    return said


_TWICE: Final = translatable("You were charged twice.")
